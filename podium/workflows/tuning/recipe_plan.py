"""Plan of a search of recipes: settings shared by its trials, checked before any training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import RecipeError, UsageError
from podium.training.data.extra import check_extra_leaks
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.ids import run_id
from podium.training.runs.job import Job, TrainingData, predicted_tasks, require_folds
from podium.training.runs.pretraining import require_scores
from podium.tuning.recipe_space import overrides_of, read_space
from podium.tuning.space import SearchSpace
from podium.tuning.studies import OpenStudy, open_study, pruner, sampler, storage_url
from podium.tuning.studies.storages import HEARTBEAT_S
from podium.workflows.training import find_recipe
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["RecipeStudy", "plan_recipe_study"]

BY_EPOCHS = ("asha", "hyperband")
"""Pruners that compare trials by the epochs of the first fold; the others compare them by folds."""


@dataclass(frozen=True)
class RecipeStudy:
    """Settings shared by all trials of a search.

    Attributes:
        workspace, competition: as for training.
        recipe_file: of the recipe that is searched around.
        overrides: changes to it in every trial, as "phases[0].epochs=1".
        recipe: resolved with them.
        space: keys of the recipe, and the values to try.
        data: the training samples; with an outer fold without its rows.
        folds: that a trial is trained and scored on, in this order.
        outer_fold: that no trial trains or is scored on; None: there is none.
        name: of the Optuna study.
        url: of its storage.
        sampler, pruner: by name.
        keep: number of best trials whose runs are kept; None: all.
        seed: of the sampler.
        heartbeat_s: seconds between two heartbeats of a trial.
    """

    workspace: Workspace
    competition: Competition
    recipe_file: Path
    overrides: tuple[str, ...]
    recipe: Recipe
    space: SearchSpace
    data: TrainingData
    folds: tuple[int, ...]
    outer_fold: int | None
    name: str
    url: str
    sampler: str
    pruner: str
    keep: int | None
    seed: int
    heartbeat_s: int = HEARTBEAT_S

    @property
    def run_name(self) -> str:
        """The name of the trials' runs."""
        return f"{self.recipe_file.stem}-t"

    @property
    def is_by_epochs(self) -> bool:
        """Whether the pruner compares trials by epochs."""
        return self.pruner in BY_EPOCHS

    @cached_property
    def metric(self) -> metrics.Metric:
        return metrics.of(self.competition)

    def overrides_with(self, values: dict[str, Any]) -> tuple[str, ...]:
        """Return the overrides of a trial with `values`."""
        return (*self.overrides, *overrides_of(values))

    def run_id(self, recipe: Recipe, name: str | None = None) -> str:
        """Return the id of the run that trains `recipe` here, by default as a trial."""
        return run_id(
            self.workspace,
            self.competition,
            recipe,
            name=name or self.run_name,
            samples=self.data.samples,
            folds=self.data.folds,
            outer_fold=self.outer_fold,
        )[0]

    @contextmanager
    def opened(self) -> Iterator[OpenStudy]:
        """Open the Optuna study, made where it is not there."""
        epochs = sum(phase.epochs for phase in self.recipe.phases)
        n_steps = epochs if self.is_by_epochs else len(self.folds)
        self.workspace.studies_db.parent.mkdir(parents=True, exist_ok=True)
        with open_study(
            self.url,
            self.name,
            directions=("maximize" if self.metric.greater_is_better else "minimize",),
            sampler=sampler(self.sampler, seed=self.seed),
            pruner=pruner(self.pruner, n_steps=n_steps),
            heartbeat_s=self.heartbeat_s,
        ) as opened:
            yield opened


def plan_recipe_study(
    workspace: Workspace,
    competition: Competition,
    recipe: Path | str,
    space: Path,
    *,
    overrides: Sequence[str] = (),
    folds: Sequence[int] | None = None,
    outer_fold: int | None = None,
    sampler: str = "tpe",
    pruner: str = "median",
    keep: int | None = None,
    seed: int = 0,
    storage: str | None = None,
    heartbeat_s: int = HEARTBEAT_S,
    progress: Progress = SILENT,
) -> RecipeStudy:
    """Return the plan of a search; nothing is trained.

    The same recipe, space, data, folds, metric and seed are the same study, which is resumed.

    Args:
        workspace: of the runs and, by default, the study.
        competition: to train for.
        recipe: a file, or a name in `recipes/`.
        space: a file with keys of the recipe and the values to try.
        overrides: changes to the recipe in every trial.
        folds: that trials are scored on, in the order in which they are trained; None: all.
        outer_fold: left out of every trial, to score the winner of the study on.
        sampler: one of `podium.tuning.studies.SAMPLERS`.
        pruner: stops hopeless trials, one of `podium.tuning.studies.PRUNERS`: after a fold, or
            those of BY_EPOCHS after an epoch of the first fold.
        keep: number of best trials whose runs are kept; None: all.
        seed: of the sampler.
        storage: URL of the study's storage; None: SQLite in the workspace.
        heartbeat_s: seconds between two heartbeats of a trial.
        progress: shows a bar while images are read for the first time.

    Raises:
        RecipeError: the recipe or the space is invalid.
        UsageError: there is no such fold, sampler, pruner or recipe; or no fold is left.
        DataError: the data or the folds are invalid.
    """
    file, chosen = find_recipe(workspace, recipe), tuple(overrides)
    resolved = load_recipe(file, chosen)
    searched = read_space(space, file, chosen, root=workspace.root)
    require_scores(resolved, workspace.root)
    scored = competition.scored_task
    if scored not in predicted_tasks(resolved, competition):
        raise RecipeError(
            f"trials are scored by {competition.metric.name}, and the network has no head for "
            f"{scored}",
            where="model.heads",
            fix=f"add {scored} to the heads, or leave heads out",
        )
    if keep is not None and keep < 1:
        raise UsageError(f"at least one run is kept, got best:{keep}", fix="write best:1, or all")
    if outer_fold is not None:
        _refuse_other_teachers(resolved, searched)
        _refuse_extra_leaks(
            workspace, competition, resolved, searched, outer_fold, file.stem, progress
        )
    data = TrainingData.load(workspace, competition, outer_fold=outer_fold)
    fold_numbers = tuple(dict.fromkeys(data.fold_numbers if folds is None else folds))
    require_folds(fold_numbers, data.fold_numbers)
    base, _ = run_id(
        workspace,
        competition,
        resolved,
        name=file.stem,
        samples=data.samples,
        folds=data.folds,
        outer_fold=outer_fold,
        progress=progress,
    )
    question = {
        "base": base,  # other data or folds are another question, too
        "predict": resolved.predict.model_dump(mode="json"),
        "space": [asdict(one) for one in searched.parameters],
        "metric": metrics.facts_of(competition),
        "folds": list(fold_numbers),
        "steps": "epochs" if pruner in BY_EPOCHS else "folds",
        "seed": seed,
    }
    study = RecipeStudy(
        workspace,
        competition,
        file,
        chosen,
        resolved,
        searched,
        data,
        fold_numbers,
        outer_fold,
        f"recipe-{file.stem}-{short_digest(question)}",
        storage_url(workspace, storage),
        sampler,
        pruner,
        keep,
        seed,
        heartbeat_s,
    )
    _check_names(study)
    return study


def _check_names(study: RecipeStudy) -> None:
    sampler(study.sampler, seed=study.seed)
    pruner(study.pruner, n_steps=1)


def _refuse_other_teachers(recipe: Recipe, space: SearchSpace) -> None:
    """Raise if a trial would use models that were trained on rows of the outer fold."""
    searched = {one.name for one in space.parameters}
    if recipe.pseudo or "pseudo" in searched:
        raise RecipeError(
            "with an outer fold no model may train on its rows, but teachers of pseudo-labels do",
            where="pseudo",
            fix="leave pseudo out, or search without --outer-fold",
        )
    if recipe.model.from_run is not None or {"model", "model.from"} & searched:
        raise RecipeError(
            "with an outer fold no model may train on its rows, but the run to start from did",
            where="model.from",
            fix="leave it out, or search without --outer-fold",
        )


def _refuse_extra_leaks(
    workspace: Workspace,
    competition: Competition,
    recipe: Recipe,
    space: SearchSpace,
    outer_fold: int,
    name: str,
    progress: Progress,
) -> None:
    """Raise if an extra image duplicates a row of the outer fold, which trials do not compare."""
    places = [one.name for one in space.parameters]
    used = {
        name: 1.0
        for name in competition.data.extra
        if name in recipe.extra or "extra" in places or f"extra.{name}" in places
    }
    if used:
        whole = TrainingData.load(workspace, competition)
        recipe = recipe.model_copy(update={"extra": used})
        job = Job(workspace, competition, recipe, whole, workspace.runs / name, {})
        check_extra_leaks(job, outer_fold, progress)
