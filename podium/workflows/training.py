"""Train several recipes, each over one or more seeds, within one time limit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.training.run import Trained

__all__ = ["find_recipe", "train_recipes"]


def train_recipes(
    workspace: Workspace,
    competition: Competition,
    recipes: Sequence[Path | str],
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
        recipes: files, from here or from the workspace, or names of the workspace's recipes.
        max_time_s: for all of them together; what does not fit is left, resumable.

    Raises:
        PodiumError: as `podium.training.run.train`; every recipe is read before the first trains.
    """
    from podium.training.recipe import load_recipe
    from podium.training.run import train

    started = monotonic()
    files = [find_recipe(workspace, recipe) for recipe in recipes]
    for file in files:
        load_recipe(file, overrides)
    trained: list[Trained] = []
    for file in files:
        for seed in seeds or (None,):
            left = None if max_time_s is None else max(0.0, max_time_s - (monotonic() - started))
            trained.append(
                train(
                    workspace,
                    competition,
                    file,
                    overrides=overrides if seed is None else (*overrides, f"seed={seed}"),
                    folds=folds,
                    full=full,
                    max_time_s=left,
                    again=again,
                    progress=progress,
                )
            )
    return trained


def find_recipe(workspace: Workspace, recipe: Path | str) -> Path:
    """Return the file of a recipe: a path from here or from the workspace, or a name in `recipes/`.

    Raises:
        UsageError: there is no such file; the workspace's recipes are named.
    """
    own = workspace.recipes / f"{recipe}.yaml"
    for candidate in (Path(recipe), workspace.root / recipe, own):
        if candidate.is_file():
            return candidate
    known = [path.stem for path in sorted(workspace.recipes.glob("*.yaml"))]
    raise UsageError(
        f"there is no recipe {str(recipe)!r}",
        where=workspace.recipes,
        fix=f"choose one of {', '.join(known)}"
        if known
        else "podium recipes baseline > recipes/baseline.yaml",
    )
