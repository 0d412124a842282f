"""Result of a search of recipes: the honest score first, and the best recipe in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from podium.errors import RecipeError, RunError, plural
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.train import train
from podium.tuning.cross_fit import honest_choice
from podium.tuning.recipe_space import overrides_of, values_of
from podium.tuning.studies.storages import parse_storage_url, storage_name
from podium.workflows.tuning.recipe_plan import RecipeStudy
from podium.workflows.tuning.written_recipe import UNKNOWN_START_NOTE, write_recipe
from podium.workspace.documents import dumps
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import UNKNOWN_START, read_record

if TYPE_CHECKING:
    import optuna

__all__ = ["FoundRecipe", "SearchTrial", "conclude_recipe_study"]


@dataclass(frozen=True)
class SearchTrial:
    """A trial of a search.

    Attributes:
        number: of the trial.
        state: "complete", "pruned" or "failed".
        values: key of the recipe → value.
        score: of the OOF rows of all folds together; None if not all folds were trained.
        folds: fold → score, of the trained folds.
        run: its id; None if none was started.
        reason: why it was pruned, or failed.
        is_warm: whether it is a run from before the study.
    """

    number: int
    state: str
    values: dict[str, Any]
    score: float | None
    folds: dict[int, float]
    run: str | None
    reason: str | None
    is_warm: bool


@dataclass(frozen=True)
class HonestScore:
    """Cross-validated score of the choice of a recipe: each fold by a choice made without it.

    Attributes:
        score: mean over the folds.
        own: mean over the folds of the unchanged recipe; None if it was not scored.
        picks: fold → number of the trial that the other folds choose.
    """

    score: float
    own: float | None
    picks: dict[int, int]


@dataclass(frozen=True)
class OuterFoldScore:
    """The best recipe on a fold that no trial used.

    Attributes:
        fold: the outer fold.
        score: on it, of the recipe trained on all other folds.
        optimism: the study's score of the same recipe minus this one, in the better direction.
        run: the run that was scored.
    """

    fold: int
    score: float
    optimism: float
    run: str


@dataclass(frozen=True)
class FoundRecipe:
    """Result of a search.

    Attributes:
        study: name of the Optuna study.
        storage: its URL, without a password.
        metric: of the trials.
        trials: that ended, in order.
        best: of them.
        own: the unchanged recipe; None if the space does not contain it, or it did not end.
        honest: None with one fold, or before a trial has all folds.
        outer: None without an outer fold, or before it is scored.
        recipe: the file of the best recipe.
        notes: on the result.
    """

    study: str
    storage: str
    metric: str
    trials: tuple[SearchTrial, ...]
    best: SearchTrial
    own: SearchTrial | None
    honest: HonestScore | None
    outer: OuterFoldScore | None
    recipe: Path
    notes: tuple[str, ...]

    def count(self, state: str) -> int:
        """Return how many trials are "complete", "pruned" or "failed"."""
        return sum(one.state == state for one in self.trials)


def conclude_recipe_study(
    study: RecipeStudy,
    *,
    score_outer: bool = True,
    max_time_s: float | None = None,
    progress: Progress = SILENT,
) -> FoundRecipe:
    """Return what the trials found so far, and write the best recipe: `recipes/<name>-tuned.yaml`.

    Overrides of the study, which are there to make trials short, are not in it, unless the best
    values have no place without them.

    Args:
        study: as planned.
        score_outer: with an outer fold, train the best recipe on all others and score it there.
        max_time_s: for that.
        progress: gets the bars of that training.

    Raises:
        RunError: no trial is complete.
        PodiumError: as training does, with an outer fold.
    """
    with study.opened() as opened:
        every = opened.study.get_trials(deepcopy=False)
        trials = tuple(_trial(one) for one in every if _has_ended(one))
    complete = [one for one in trials if one.score is not None]
    if not complete:
        reasons = [one.reason for one in trials if one.state == "failed" and one.reason]
        if reasons and len(reasons) == len(trials):
            raise RunError(
                f"all of {plural(len(trials), 'trial')} failed, the last of them so: {reasons[-1]}",
                where=study.name,
                fix="mend the recipe or the space; the same command goes on",
            )
        raise RunError(
            f"none of {plural(len(trials), 'trial')} came to its end",
            where=study.name,
            fix="give it more trials, or more time; the same command goes on",
        )
    sign = 1 if study.metric.greater_is_better else -1
    best = max(complete, key=lambda one: (sign * _score(one), -one.number))
    own_values = values_of(study.recipe, study.space)
    own = next((one for one in complete if one.values == own_values), None)
    honest = _honest(study, complete, own)
    outer = None
    if study.outer_fold is not None and score_outer:
        outer = _outer(study, best, study.outer_fold, max_time_s, progress)
    storage = parse_storage_url(study.url).shown
    notes: list[str] = []
    recipe = _write(study, best, honest, outer, trials, notes)
    return FoundRecipe(
        study.name,
        storage,
        study.metric.name,
        trials,
        best,
        own,
        honest,
        outer,
        recipe,
        (*_notes(study, best), *_start_notes(study, complete, best, honest), *notes),
    )


def _has_ended(one: optuna.trial.FrozenTrial) -> bool:
    is_again = one.state.name == "FAIL" and one.user_attrs.get("reason") in (None, "interrupted")
    return bool(one.state.is_finished() and not is_again)


def _trial(one: optuna.trial.FrozenTrial) -> SearchTrial:
    facts = one.user_attrs
    state = {"COMPLETE": "complete", "PRUNED": "pruned"}.get(one.state.name, "failed")
    return SearchTrial(
        one.number,
        state,
        dict(facts.get("values", one.params)),
        one.value if state == "complete" else None,
        {int(fold): float(score) for fold, score in facts.get("folds", {}).items()},
        facts.get("run"),
        facts.get("reason"),
        "warm" in facts,
    )


def _score(one: SearchTrial) -> float:
    assert one.score is not None
    return one.score


def _honest(
    study: RecipeStudy, complete: Sequence[SearchTrial], own: SearchTrial | None
) -> HonestScore | None:
    if len(study.folds) < 2:
        return None
    table = np.array([[one.folds.get(k, np.nan) for k in study.folds] for one in complete])
    score, picks = honest_choice(table, greater_is_better=study.metric.greater_is_better)
    return HonestScore(
        score,
        None if own is None else float(np.mean([own.folds[k] for k in study.folds])),
        {k: complete[pick].number for k, pick in zip(study.folds, picks, strict=True)},
    )


def _outer(
    study: RecipeStudy,
    best: SearchTrial,
    fold: int,
    max_time_s: float | None,
    progress: Progress,
) -> OuterFoldScore | None:
    """Train the best recipe on all folds but the outer one, and score it there."""
    trained = train(
        study.workspace,
        study.competition,
        study.recipe_file,
        overrides=study.overrides_with(best.values),
        folds=[fold],
        max_time_s=max_time_s,
        name=f"{study.recipe_file.stem}-tuned",
        progress=progress,
    )
    score = trained.scores.get("folds", {}).get(str(fold))
    if score is None:
        return None
    sign = 1 if study.metric.greater_is_better else -1
    return OuterFoldScore(
        fold, float(score), sign * (_score(best) - float(score)), trained.run.name
    )


def _write(
    study: RecipeStudy,
    best: SearchTrial,
    honest: HonestScore | None,
    outer: OuterFoldScore | None,
    trials: Sequence[SearchTrial],
    notes: list[str],
) -> Path:
    recipe, is_short = _recipe(study, best)
    metric, n = study.metric.name, len(trials)
    comments = [
        f"{study.recipe_file.name} with the values that a search found best.",
        f"study: {study.name} in {storage_name(study.workspace, study.url)}",
        f"trial: {best.number} of {n}, run {best.run}",
        f"values: {', '.join(overrides_of(best.values))}",
        f"{metric} {_score(best):.4f} on folds {', '.join(map(str, study.folds))}, on which it was "
        "chosen",
    ]
    if honest is not None:
        comments.append(
            f"honest {metric} {honest.score:.4f}: each fold scored by the trial that the others "
            "would have chosen; the sampler saw all folds"
        )
    if outer is not None:
        comments.append(f"{metric} {outer.score:.4f} on fold {outer.fold}, which no trial used")
    if study.overrides:
        overrides = " ".join(f"-o {one}" for one in study.overrides)
        where = "in this file, too" if is_short else "not in this file"
        comments.append(f"the trials had {overrides}, which is {where}")
        notes.append(f"the trials had {overrides}, which is {where.replace('this', 'the written')}")
    return write_recipe(
        study.workspace.recipes,
        f"{study.recipe_file.stem}-tuned",
        study.name,
        "".join(f"# {line}\n" for line in comments),
        dumps(recipe),
    )


def _recipe(study: RecipeStudy, best: SearchTrial) -> tuple[Recipe, bool]:
    """Return the best recipe, and whether the study's overrides are in it."""
    values = overrides_of(best.values)
    if study.overrides:
        try:
            return load_recipe(study.recipe_file, values), False
        except RecipeError:  # a value is at a place that an override made
            return load_recipe(study.recipe_file, (*study.overrides, *values)), True
    return load_recipe(study.recipe_file, values), False


def _notes(study: RecipeStudy, best: SearchTrial) -> list[str]:
    notes = []
    if study.recipe.is_selected_on_fold:
        notes.append("each fold's labels chose its epoch: all scores are flattered by that, too")
    if len(study.folds) < 2:
        notes.append("with one fold the choice has no honest score: use two folds or more")
    if best.run is not None and not (study.workspace.runs / best.run).is_dir():
        notes.append(f"the run {best.run} was removed since")
    return notes


def _start_notes(
    study: RecipeStudy,
    complete: Sequence[SearchTrial],
    best: SearchTrial,
    honest: HonestScore | None,
) -> list[str]:
    """Return notes on the weights that the chosen trials started from."""
    chosen = {best.number, *(() if honest is None else honest.picks.values())}
    runs = (
        study.workspace.runs / one.run
        for one in complete
        if one.run is not None and one.number in chosen
    )
    is_unknown = any(one.is_dir() and UNKNOWN_START in read_record(one).scores for one in runs)
    return [UNKNOWN_START_NOTE] if is_unknown else []
