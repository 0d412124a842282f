"""Train several recipes, each over one or more seeds, within one time limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from time import monotonic
from typing import TYPE_CHECKING

from podium.competition.spec import Competition
from podium.errors import RunError, UsageError
from podium.workflows.logged_figures import log_figures
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.training.run import Trained

__all__ = ["Attempt", "OverSeeds", "find_recipe", "over_seeds", "raise_failed", "train_recipes"]


@dataclass(frozen=True)
class Attempt:
    """What became of a recipe with one seed.

    Attributes:
        recipe: as it was asked for.
        seed: None for the recipe's own.
        trained: what is there of its run; None where training failed.
        error: why it failed.
    """

    recipe: str
    seed: int | None
    trained: Trained | None
    error: RunError | None = None

    @property
    def name(self) -> str:
        """The recipe and seed for messages: "tiny, seed 3"."""
        return self.recipe if self.seed is None else f"{self.recipe}, seed {self.seed}"

    def result(self) -> Trained:
        """Return what was trained.

        Raises:
            RunError: training failed.
        """
        if self.trained is None:
            raise self.error or RunError(f"{self.name} is not trained")
        return self.trained


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
) -> list[Attempt]:
    """Return what became of each recipe and seed, in that order; finished work is kept.

    Where one training fails, as by a collapse, the others go on.

    Args:
        recipes: files, from here or from the workspace, or names of the workspace's recipes.
        max_time_s: for all of them together; what does not fit is left, resumable.

    Raises:
        PodiumError: as `podium.training.run.train`, but for RunError; every recipe is read before
            the first trains.
    """
    from podium.training.recipe import load_recipe
    from podium.training.run import train

    started = monotonic()
    files = [find_recipe(workspace, recipe) for recipe in recipes]
    loggers = [load_recipe(file, overrides).loggers for file in files]
    asked = [(number, seed) for number in range(len(files)) for seed in seeds or (None,)]
    attempts: list[Attempt] = []
    for number, seed in asked:
        left = None if max_time_s is None else max(0.0, max_time_s - (monotonic() - started))
        trained = error = None
        try:
            trained = train(
                workspace,
                competition,
                files[number],
                overrides=overrides if seed is None else (*overrides, f"seed={seed}"),
                folds=folds,
                full=full,
                max_time_s=left,
                again=again,
                progress=progress,
            )
        except RunError as failed:
            error = failed
        if trained is not None and not trained.missing and trained.stopped is None:
            log_figures(workspace, competition, trained.run, loggers[number], progress=progress)
        attempts.append(Attempt(str(recipes[number]), seed, trained, error))
        if error is not None and len(attempts) < len(asked):
            progress.say(f"{attempts[-1].name} failed, the rest goes on: {error}")
    return attempts


def raise_failed(attempts: Sequence[Attempt]) -> None:
    """Raise what the trainings that failed ended with, all in one where they are several.

    Raises:
        RunError: a training failed.
    """
    errors = [one.error for one in attempts if one.error is not None]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        each = "\n".join(map(str, errors))
        raise RunError(f"{len(errors)} of {len(attempts)} trainings failed\n{each}") from errors[-1]


def over_seeds(attempts: Sequence[Attempt]) -> list[OverSeeds]:
    """Return the scores of each recipe, task by task, over its seeds.

    Args:
        attempts: as `train_recipes` returned them for seeds.
    """
    found: list[OverSeeds] = []
    for recipe in dict.fromkeys(one.recipe for one in attempts):
        runs = {
            one.seed: one.trained
            for one in attempts
            if one.recipe == recipe and one.trained is not None and one.seed is not None
        }
        of_runs = {seed: run.scores.get("tasks", {}) for seed, run in runs.items()}
        tasks = {task: one for tasks in of_runs.values() for task, one in tasks.items()}
        for task, facts in tasks.items():
            oof = {
                seed: float(score)
                for seed, run in runs.items()
                if not run.missing and (score := of_runs[seed].get(task, {}).get("oof")) is not None
            }
            scores = list(oof.values())
            mean = fmean(scores) if scores else None
            std = stdev(scores) if len(scores) > 1 else None
            found.append(OverSeeds(recipe, task, facts["metric"], oof, mean, std))
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
        else "podium recipes print baseline > recipes/baseline.yaml",
    )
