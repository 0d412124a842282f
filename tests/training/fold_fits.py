"""Fold 0 fitted for a test: whole, or stopped again and again; and what a fit leaves behind."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from podium.competition.spec import Competition
from podium.models import checkpoints
from podium.training.fit.fold import fit_fold
from podium.training.recipe import Recipe
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Deadline, Job, OutOfTime, TrainingData
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT

__all__ = [
    "OneStep",
    "StepClock",
    "fit",
    "fit_in_pieces",
    "fit_in_steps",
    "history",
    "job_on",
    "left_behind",
    "lines",
    "selected",
    "tensors",
]

MOST_STOPS = 100


def job_on(workspace: Workspace, competition: Competition, recipe: Recipe) -> Job:
    """Return a job of `recipe` in an empty folder, made here, of a run."""
    run = workspace.runs / "tiny-00000000"
    run.mkdir(parents=True)
    return Job(workspace, competition, recipe, TrainingData.load(workspace, competition), run, {})


class StepClock:
    """Progress that is also a clock: each optimiser step takes a second, all else takes none.

    Attributes:
        time: seconds since it was made, which is how many steps it was told of.
    """

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time

    def say(self, message: str) -> None:
        pass

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        is_first = True

        def tick(n: int) -> None:
            nonlocal is_first
            # The first call reports the steps that were done before.
            if not is_first and label.startswith("fold"):
                self.time += n
            is_first = False

        yield tick


class OneStep(Deadline):
    """Deadline with time for one optimiser step; it is also the progress that counts steps."""

    def __init__(self) -> None:
        super().__init__(None)
        self._steps = StepClock()

    def allows(self, seconds: float) -> bool:
        return self._steps.time == 0

    def say(self, message: str) -> None:
        pass

    def bar(self, label: str, total: int) -> Any:
        return self._steps.bar(label, total)


def fit(job: Job, fold: Fold = 0) -> dict[str, Any]:
    """Fit a fold to its end without a stop, and return the facts of its `done.json`."""
    fit_fold(job, fold, deadline=Deadline(None), progress=SILENT)
    return _facts(job, fold)


def fit_in_steps(job: Job, most: int = MOST_STOPS) -> int:
    """Fit fold 0 with a stop after every step; return how often it stopped, `most` at most."""

    def one_step() -> None:
        moment = OneStep()
        fit_fold(job, 0, deadline=moment, progress=moment)

    return _stops(job, one_step, most)


def fit_in_pieces(job: Job, seconds: float, most: int = MOST_STOPS) -> int:
    """Fit fold 0 with so many seconds of a `StepClock` at a time; return how often it stopped."""

    def one_piece() -> None:
        clock = StepClock()
        fit_fold(job, 0, deadline=Deadline(seconds, clock=clock), progress=clock)

    return _stops(job, one_piece, most)


def _stops(job: Job, piece: Callable[[], None], most: int) -> int:
    stops = 0
    while not job.files(0).is_done and stops < most:
        try:
            piece()
        except OutOfTime:
            stops += 1
    return stops


def left_behind(job: Job) -> dict[str, Any]:
    """Return everything of a finished fold 0 that must not depend on interruptions."""
    files, facts = job.files(0), _facts(job, 0)
    last = files.checkpoint("last")
    return {
        "weights": tensors(last),
        "normalisation": checkpoints.load(last)["normalisation"],
        "epochs": facts["epochs"],
        "stages": facts["stages"],
        "metrics": files.metrics.read_text(),
        "selected": selected(job),
    }


def tensors(checkpoint: Path) -> dict[str, str]:
    """Return the digest of the bytes of each tensor of a checkpoint's network, all finite."""
    state = torch.load(checkpoint, weights_only=True)["network"]
    assert all(torch.isfinite(one).all() for one in state.values())
    return {
        name: hashlib.sha256(one.contiguous().numpy().tobytes()).hexdigest()
        for name, one in state.items()
    }


def history(job: Job) -> list[dict[str, str]]:
    """Return the lines of fold 0's `metrics.csv`, an epoch each."""
    return lines(job.files(0).metrics)


def selected(job: Job) -> list[dict[str, str]]:
    """Return the lines of fold 0's `selected.csv`; none where no method selected anything."""
    table = job.files(0).selected_table
    return lines(table) if table.is_file() else []


def lines(table: Path) -> list[dict[str, str]]:
    """Return the lines of a CSV file by the names in its header."""
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def _facts(job: Job, fold: Fold) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(job.files(fold).done.read_text())
    return facts
