"""Trial steps: a few steps of a phase from where a run would start it, for rates and batch sizes.

`losses_at` returns the losses of a learning-rate sweep; `measure` returns images a second
and memory, measured in a process of its own. Nothing is kept.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count, islice, pairwise
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from podium.competition.spec import load_competition
from podium.errors import RecipeError, is_out_of_memory
from podium.training.data.streams import Normaliser
from podium.training.device import (
    keep_freed_memory,
    make_fabric,
    own_random_state,
    use_all_cores,
)
from podium.training.fit.fold import memory_advice, start_of_phase
from podium.training.fit.phase_run import PhasePlan, PhaseRun
from podium.training.recipe import errors_with_lines
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Job
from podium.training.runs.train import plan_job
from podium.workspace.atomic import temporary_folder
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["losses_at"]


def losses_at(
    job: Job,
    rates: Sequence[float],
    *,
    phase: int = 0,
    is_over: Callable[[Sequence[float]], bool],
    progress: Progress,
) -> list[float]:
    """Return the loss of each step of a phase, the rate of step t being `rates[t]`.

    Every group of the optimiser keeps its share of the rate. The weights are thrown away.

    Args:
        job: with a folder that is not there.
        rates: `(T,)`.
        phase: 0-based, of the recipe's phases; it starts from the run's first weights.
        is_over: called with the losses so far after each step; returns whether to stop.
        progress: gets a bar.

    Raises:
        PodiumError: as training would.
    """
    losses: list[float] = []
    with own_random_state(), memory_advice(), progress.bar("steps", len(rates)) as advance:
        for step in trial_steps(job, phase, len(rates), rates=rates, progress=progress):
            losses.append(float(step["total"]) / job.recipe.accumulate)
            advance(1)
            if len(losses) == len(rates) or is_over(losses):
                break
    return losses


def trial_steps(
    job: Job,
    phase: int,
    n_steps: int,
    *,
    rates: Sequence[float] | None = None,
    progress: Progress,
) -> Iterator[dict[str, Tensor]]:
    """Do steps of a phase of fold 0, without end; give the losses of each, as `PhaseRun.steps`.

    Args:
        job: with a folder that is not there.
        phase: 0-based.
        n_steps: number of steps that will be taken: methods plan by the end of a phase.
        rates: of each step; default: the recipe's.
        progress: of reading the images.

    Raises:
        PodiumError: as training would.
    """
    use_all_cores()
    keep_freed_memory()
    fold: Fold = "full" if job.is_label_free else job.data.fold_numbers[0]
    network, plan = start_of_phase(job, fold, phase, progress=progress)
    fabric = make_fabric(job.recipe)
    network.to(fabric.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = PhaseRun(
        phase,
        _long_enough(plan, n_steps),
        job.recipe,
        network=network,
        average=None,
        normalise=Normaliser(network.mean, network.std, fabric.device),
        fabric=fabric,
        rate=None if rates is None else lambda index: float(rates[index]),
    )
    for epoch in count():
        for losses in run.steps(epoch, 0):
            if "total" not in losses:
                raise RecipeError(
                    f"phase {plan.spec.name} learns nothing in its first steps",
                    fix="try another phase: --phase NAME",
                )
            yield losses


def _long_enough(plan: PhasePlan, n_steps: int) -> PhasePlan:
    if plan.is_solved:
        raise RecipeError(
            f"phase {plan.spec.name} is solved, without steps to try",
            fix="name another phase: --phase NAME",
        )
    epochs = max(plan.spec.epochs, -(-n_steps // plan.per_epoch))
    return replace(plan, spec=plan.spec.model_copy(update={"epochs": epochs}), epochs=epochs)


STEPS = 3
_CHECK_EVERY_S = 0.02


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what some steps of a phase cost; called by `podium.workspace.processes.call`.

    The first step is not timed. On a CPU the process ends itself, leaving the file `flag`, when it
    has grown by more than `limit` since its libraries were loaded.

    Args:
        settings: "root" and "scratch" of the workspace, "recipe" (a file), "overrides", "phase"
            (its position), "flag" (a path), "limit" (bytes, or None).

    Returns:
        "fits", and of what fits "speed" (images a second) and "memory" (bytes; None where the
        system reports none).

    Raises:
        PodiumError: as training would.
    """
    scratch = settings["scratch"]
    workspace = Workspace(
        Path(settings["root"]), scratch=None if scratch is None else Path(scratch)
    )
    competition = load_competition(workspace.competition_file)
    file = Path(settings["recipe"])
    overrides = tuple(settings["overrides"])
    job = plan_job(workspace, competition, file, overrides, name=file.stem)
    on_gpu = torch.cuda.is_available()
    before = _resident() or 0
    if not on_gpu and settings["limit"] is not None:
        limit = before + int(settings["limit"])
        flag = Path(settings["flag"])
        threading.Thread(target=_end_when_above, args=(limit, flag), daemon=True).start()
    try:
        with temporary_folder("podium-trial") as folder, errors_with_lines(file, overrides):
            seconds = _timed(replace(job, run=folder / job.run.name), settings["phase"])
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return {"fits": False}
    peak = torch.cuda.max_memory_reserved() if on_gpu else _peak()
    if peak is not None and not on_gpu:
        peak = max(peak - before, 0)
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
    while (_resident() or 0) <= limit:
        time.sleep(_CHECK_EVERY_S)
    with suppress(OSError):
        flag.touch()
    os._exit(1)


def _resident() -> int | None:
    """Return the bytes of memory that this process has now; None: the system reports none."""
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return None


def _peak() -> int | None:
    """Return the most bytes of memory that this process has had; None: Windows reports none."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
