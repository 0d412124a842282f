"""Train several recipes, each over one or more seeds, within one time limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from time import monotonic
from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.training.run import Trained

__all__ = ["OverSeeds", "find_recipe", "over_seeds", "train_recipes"]


@dataclass(frozen=True)
class OverSeeds:
    """The out-of-fold scores of a recipe's runs that differ by their seed alone.

    Attributes:
        recipe: as it was asked for.
        task: whose scores these are.
        metric: its name.
        oof: seed → score, of the runs whose folds are all finished.
        mean: of the scores; None without any.
        std: their standard deviation with n - 1 below, what another seed is to be expected to
            differ by; None for fewer than two.
    """

    recipe: str
    task: str
    metric: str
    oof: dict[int, float]
    mean: float | None
    std: float | None


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


def over_seeds(
    recipes: Sequence[Path | str], seeds: Sequence[int], trained: Sequence[Trained]
) -> list[OverSeeds]:
    """Return the scores of each recipe, task by task, over its seeds.

    Args:
        recipes, seeds: as `train_recipes` was given them.
        trained: what it returned.
    """
    found: list[OverSeeds] = []
    for number, recipe in enumerate(recipes):
        runs = trained[number * len(seeds) : (number + 1) * len(seeds)]
        tasks = {task: one for run in runs for task, one in run.scores.get("tasks", {}).items()}
        for task, facts in tasks.items():
            oof = {
                seed: float(score)
                for seed, run in zip(seeds, runs, strict=True)
                if not run.missing
                and (score := run.scores.get("tasks", {}).get(task, {}).get("oof")) is not None
            }
            scores = list(oof.values())
            mean = fmean(scores) if scores else None
            std = stdev(scores) if len(scores) > 1 else None
            found.append(OverSeeds(str(recipe), task, facts["metric"], oof, mean, std))
    return found


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
