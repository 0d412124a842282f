"""`podium tune lr` and `podium tune batch`: a range test of the learning rate, and batch sizes.

The batch search finds the largest batch of a recipe that fits, and the smallest at full speed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import RunError, TaskTimeoutError, UsageError
from podium.models.weights.reach import require_weights
from podium.training.recipe import Recipe, errors_with_lines, load_recipe
from podium.training.runs.job import Job, TrainingData
from podium.training.runs.pretraining import is_label_free
from podium.training.runs.train import plan_job
from podium.tuning.batch_size import BatchTrial, search_batches
from podium.tuning.learning_rate import (
    HIGH,
    LOW,
    STEPS,
    LearningRateTest,
    has_diverged,
    rising_rates,
)
from podium.workflows.training import find_recipe
from podium.workspace import processes
from podium.workspace.atomic import temporary_folder
from podium.workspace.layout import Workspace
from podium.workspace.machine import free_memory
from podium.workspace.progress import SILENT, Progress

__all__ = ["RecipeRate", "batch_trials", "range_test"]


@dataclass(frozen=True)
class RecipeRate:
    """The learning rate of a phase, and the place in the recipe that sets it.

    Args:
        key: as `-o` takes it, such as "optimizer.lr".
        value: the rate.
    """

    key: str
    value: float


def range_test(
    workspace: Workspace,
    competition: Competition,
    recipe: Path | str,
    *,
    overrides: tuple[str, ...] = (),
    phase: str | None = None,
    steps: int = STEPS,
    low: float = LOW,
    high: float = HIGH,
    progress: Progress = SILENT,
) -> tuple[LearningRateTest, RecipeRate]:
    """Return losses while the rate rises from `low` to `high`, and the recipe's own rate.

    A phase is trained from the recipe's first weights until it diverges; nothing of it is kept.

    Args:
        recipe: a file, or a name of the workspace's recipes.
        overrides: changes to the recipe, as "batch_size=64".
        phase: its name; default: the first.
        steps: optimiser steps at most.

    Raises:
        UsageError: there is no such recipe or phase, or no rise.
        PodiumError: as training would.
    """
    if steps < 2 or not 0 < low < high:
        raise UsageError(
            f"{steps} steps from {low:g} to {high:g} are no rise",
            fix=f"give --steps {STEPS}, and a --low below --high",
        )
    rates, file = rising_rates(steps, low, high), find_recipe(workspace, recipe)
    require_weights(load_recipe(file, overrides).model, workspace.root)
    from podium.training.fit.trial_steps import losses_at  # loads torch

    with temporary_folder("podium-trial") as folder, errors_with_lines(file, overrides):
        job = plan_job_apart(workspace, competition, recipe, overrides, folder, progress)
        at = phase_index(job.recipe, phase)
        losses = losses_at(job, list(rates), phase=at, is_over=has_diverged, progress=progress)
    own = job.recipe.phases[at].optimizer
    rate = (
        RecipeRate("optimizer.lr", job.recipe.optimizer.lr)
        if own is None
        else RecipeRate(f"phases[{at}].optimizer.lr", own.lr)
    )
    return LearningRateTest(rates[: len(losses)], np.array(losses)), rate


def plan_job_apart(
    workspace: Workspace,
    competition: Competition,
    recipe: Path | str,
    overrides: tuple[str, ...],
    folder: Path,
    progress: Progress,
) -> Job:
    """Return the job of a recipe as a training begins it, its run in `folder` and so without past.

    Raises:
        PodiumError: as training would.
    """
    file = find_recipe(workspace, recipe)
    job = plan_job(workspace, competition, file, overrides, name=file.stem, progress=progress)
    return replace(job, run=folder / job.run.name)


def phase_index(recipe: Recipe, name: str | None) -> int:
    """Return the position of a phase; of None: 0.

    Raises:
        UsageError: there is none of this name.
    """
    names = [phase.name for phase in recipe.phases]
    if name is not None and name not in names:
        raise UsageError(f"there is no phase {name!r}", fix=f"choose one of {', '.join(names)}")
    return 0 if name is None else names.index(name)


SHARE_OF_FREE = 0.8
TIMEOUT_S = 600.0
MEASURE = "podium.training.fit.trial_steps:measure"


def batch_trials(
    workspace: Workspace,
    competition: Competition,
    recipe: Path | str,
    *,
    overrides: tuple[str, ...] = (),
    phase: str | None = None,
    start: int = 8,
    most: int = 1024,
    memory: int | None = None,
    progress: Progress = SILENT,
) -> list[BatchTrial]:
    """Return how batch sizes of a phase did, by size, each tried in a process of its own.

    Args:
        recipe: a file, or a name of the workspace's recipes.
        overrides: changes to the recipe, as "input.size=160".
        phase: its name; default: the first.
        start: the first size.
        most: none larger is tried, nor more images than there are.
        memory: bytes that a step may take on a CPU; default: 80 % of what is free.

    Raises:
        UsageError: there is no such recipe or phase.
        PodiumError: as training would.
    """
    file = find_recipe(workspace, recipe).resolve()
    resolved = load_recipe(file, overrides)
    at = phase_index(resolved, phase)
    require_weights(resolved.model, workspace.root)
    n_images = _n_images(workspace, competition, resolved)
    free = free_memory()
    limit = memory or (None if free is None else int(SHARE_OF_FREE * free))

    def attempt(size: int) -> BatchTrial:
        settings = {
            "root": str(workspace.root),
            "scratch": None if workspace.scratch is None else str(workspace.scratch),
            "recipe": str(file),
            "overrides": [*overrides, f"batch_size={size}"],
            "phase": at,
            "limit": limit,
        }
        trial = _try_batch(settings, size)
        progress.say(f"batch_size {size}: {trial.why or f'{trial.speed:.1f} images/s'}")
        return trial

    if start < 1 or most < 1:
        raise UsageError("a batch has an image or more", fix="give --start 8 --most 1024")
    return search_batches(attempt, start=start, most=min(most, max(n_images, 1)))


def _n_images(workspace: Workspace, competition: Competition, recipe: Recipe) -> int:
    """Return how many images there are to fill a batch with: one has no image twice."""
    data = TrainingData.load(workspace, competition)
    if is_label_free(recipe, workspace.root):
        return len(data.samples) + len(load_samples(competition, "unlabelled"))
    return len(data.rows(data.fold_numbers[0])[0])


def _try_batch(settings: Mapping[str, Any], size: int) -> BatchTrial:
    with temporary_folder("podium-batch") as folder:
        flag = folder / "too-large"
        try:
            measured = processes.call(MEASURE, {**settings, "flag": str(flag)}, timeout_s=TIMEOUT_S)
        except TaskTimeoutError:
            return BatchTrial(size, None, why=f"takes more than {TIMEOUT_S / 60:.0f} minutes")
        except RunError as error:
            was_killed = "SIGKILL" in str(error)  # by the system, whose memory was at its end
            if not (was_killed or flag.exists()):
                raise
            return BatchTrial(size, None, why="does not fit")
    if not measured["fits"]:
        return BatchTrial(size, None, why="does not fit")
    return BatchTrial(size, measured["speed"], measured["memory"])
