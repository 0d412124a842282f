"""What a training step costs: images a second and memory, measured in a process of its own."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch

from podium.competition.spec import load_competition
from podium.training.device import own_random_state
from podium.training.job import Job
from podium.training.phase_trial import trial_steps
from podium.training.run import plan_job
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT

__all__ = ["measure"]

STEPS = 3
_LOOK_EVERY_S = 0.02
_PAGE = os.sysconf("SC_PAGE_SIZE")
_NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory")


def measure(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what some steps of a phase cost; called by `podium.workspace.tasks.call`.

    The first step is not timed. On a CPU the process ends itself, leaving the file `flag`, when it
    has grown by more than `limit` since its libraries were loaded.

    Args:
        asked: "root" and "scratch" of the workspace, "recipe" (a file), "overrides", "phase" (its
            position), "flag" (a path), "limit" (bytes, or None).

    Returns:
        "fits", and of what fits "speed" (images a second) and "memory" (bytes).

    Raises:
        PodiumError: as training would.
    """
    scratch = asked["scratch"]
    workspace = Workspace(Path(asked["root"]), scratch=None if scratch is None else Path(scratch))
    competition = load_competition(workspace.competition_file)
    file = Path(asked["recipe"])
    job = plan_job(workspace, competition, file, tuple(asked["overrides"]), name=file.stem)
    on_gpu = torch.cuda.is_available()
    before = _resident()
    if not on_gpu and asked["limit"] is not None:
        limit = before + int(asked["limit"])
        flag = Path(asked["flag"])
        threading.Thread(target=_end_when_above, args=(limit, flag), daemon=True).start()
    try:
        with TemporaryDirectory(prefix="podium-trial-") as folder:
            seconds = _timed(replace(job, run=Path(folder) / job.run.name), asked["phase"])
    except (torch.OutOfMemoryError, MemoryError):
        return {"fits": False}
    except RuntimeError as error:  # torch's allocator on a CPU has no class of its own
        if not any(words in str(error).lower() for words in _NO_MEMORY):
            raise
        return {"fits": False}
    peak = torch.cuda.max_memory_reserved() if on_gpu else max(_peak() - before, 0)
    images = job.recipe.batch_size * job.recipe.accumulate
    return {"fits": True, "speed": images / seconds, "memory": peak}


def _timed(job: Job, phase: int) -> float:
    """Return the median seconds of a step, with making its batch."""
    seconds = []
    with own_random_state():
        steps = trial_steps(job, phase, STEPS + 1, progress=SILENT)
        for losses in islice(steps, STEPS + 1):
            float(losses["total"])  # waits for the device
            seconds.append(time.perf_counter())
    return median(late - early for early, late in pairwise(seconds))


def _end_when_above(limit: int, flag: Path) -> None:
    while _resident() <= limit:
        time.sleep(_LOOK_EVERY_S)
    with suppress(OSError):
        flag.touch()
    os._exit(1)


def _resident() -> int:
    """Return the bytes of memory that this process has now; 0 where the system does not say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    return 0


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
