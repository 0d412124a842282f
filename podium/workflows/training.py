"""Train several recipes, each over one or more seeds, within one time limit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.training.run import Trained

__all__ = ["train_recipes"]


def train_recipes(
    workspace: Workspace,
    competition: Competition,
    recipes: Sequence[Path],
    *,
    overrides: tuple[str, ...] = (),
    folds: Sequence[int] | None = None,
    full: bool = False,
    seeds: Sequence[int] | None = None,
    max_time_s: float | None = None,
    again: int = 0,
    progress: Progress = SILENT,
) -> list[Trained]:
    """Return one result a recipe and seed, in that order; finished work is kept.

    Args:
        max_time_s: for all of them together; what does not fit is left, resumable.

    Raises:
        PodiumError: as `podium.training.run.train`; every recipe is read before the first trains.
    """
    from podium.training.recipe import load_recipe
    from podium.training.run import train

    started = monotonic()
    for recipe in recipes:
        load_recipe(recipe, overrides)
    trained: list[Trained] = []
    for recipe in recipes:
        for seed in seeds or (None,):
            left = None if max_time_s is None else max(0.0, max_time_s - (monotonic() - started))
            trained.append(
                train(
                    workspace,
                    competition,
                    recipe,
                    overrides=overrides if seed is None else (*overrides, f"seed={seed}"),
                    folds=folds,
                    full=full,
                    max_time_s=left,
                    again=again,
                    progress=progress,
                )
            )
    return trained
