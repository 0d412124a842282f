"""`podium tune lr`: a range test of a recipe's learning rate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.training.job import Job
from podium.training.recipe import Recipe
from podium.tuning.rate_range import HIGH, LOW, RateRange, has_diverged, rising_rates
from podium.workflows.training import find_recipe
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["phase_index", "planned", "range_test"]


def range_test(
    workspace: Workspace,
    competition: Competition,
    recipe: Path | str,
    *,
    overrides: tuple[str, ...] = (),
    phase: str | None = None,
    steps: int = 100,
    low: float = LOW,
    high: float = HIGH,
    progress: Progress = SILENT,
) -> tuple[RateRange, float]:
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
    from podium.training.phase_trial import losses_at  # loads torch

    if steps < 2 or not 0 < low < high:
        raise UsageError(
            f"{steps} steps from {low:g} to {high:g} are no rise",
            fix="give --steps 100, and a --low below --high",
        )
    rates = rising_rates(steps, low, high)
    with TemporaryDirectory(prefix="podium-trial-") as folder:
        job = planned(workspace, competition, recipe, overrides, Path(folder), progress)
        at = phase_index(job.recipe, phase)
        losses = losses_at(job, list(rates), phase=at, is_over=has_diverged, progress=progress)
    optimizer = job.recipe.phases[at].optimizer or job.recipe.optimizer
    return RateRange(rates[: len(losses)], np.array(losses)), optimizer.lr


def planned(
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
    from podium.training.run import plan_job

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
