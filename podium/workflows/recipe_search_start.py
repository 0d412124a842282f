"""How a search of recipes begins: with the runs that are there, and the recipe as it stands."""

from __future__ import annotations

import math
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.competition import metrics
from podium.errors import PodiumError
from podium.training.fold_files import FoldFiles
from podium.training.recipe import load_recipe
from podium.training.standing import read_metrics
from podium.tuning.placed_values import values_of
from podium.tuning.studies import Failed, OpenStudy
from podium.workflows.recipe_search_plan import RecipeStudy
from podium.workflows.recipe_search_trial import pooled_score
from podium.workspace.clock import now
from podium.workspace.progress import Progress
from podium.workspace.records import Record, scan

if TYPE_CHECKING:
    import optuna

__all__ = ["begin"]

_BEGUN = "begun"


def begin(study: RecipeStudy, opened: OpenStudy, progress: Progress) -> None:
    """Give a study that is new the runs that its space has, and its first trial; do so once."""
    with opened.turn():
        if _BEGUN in opened.study.user_attrs:
            return
        facts = {
            "kind": "recipe",
            "metric": [study.metric.name],
            "recipe": str(study.recipe_file),
            "created": now().astimezone(UTC).isoformat(timespec="seconds"),
            "outer_fold": study.outer_fold,
            "folds": list(study.folds),
        }
        for name, value in facts.items():
            opened.study.set_user_attr(name, value)
        opened.study.set_metric_names([study.metric.name])
        found = _earlier_runs(study)
        known = {one.user_attrs.get("run") for one in opened.study.get_trials(deepcopy=False)}
        for trial in found:  # less those added by who was killed here
            if trial.user_attrs["run"] not in known:
                opened.study.add_trial(trial)
        if found:
            progress.say(f"{len(found)} runs of the workspace are trials of {study.name}")
        _enqueue_own(study, opened)
        opened.study.set_user_attr(_BEGUN, True)


def _enqueue_own(study: RecipeStudy, opened: OpenStudy) -> None:
    own = values_of(study.recipe, study.space)
    if own is not None:
        opened.study.enqueue_trial(study.space.as_params(own), skip_if_exists=True)


def _earlier_runs(study: RecipeStudy) -> list[optuna.trial.FrozenTrial]:
    """Return the runs that trials of the study would be, as trials that are complete.

    A run is such a one if the recipe with its values has the run's own id: then nothing that makes
    the result differs, not the data, not the folds, not podium's way of training.
    """
    found: dict[str, optuna.trial.FrozenTrial] = {}
    for folder, record in sorted(scan(study.workspace), key=lambda one: one[1].created):
        same = record.id.rpartition("-")[2]
        if record.kind != "run" or same in found or not _may_be_one(study, record):
            continue
        try:
            trial = _as_trial(study, folder, record)
        except (PodiumError, Failed, OSError):  # whatever ails it, it is not ours to mend
            continue
        if trial is not None:
            found[same] = trial
    return list(found.values())


def _may_be_one(study: RecipeStudy, record: Record) -> bool:
    """Return whether it has the study's folds, scored as today; what is cheap to see."""
    folds = record.scores.get("folds", {})
    return (
        record.inputs.get("outer_fold") == study.outer_fold
        and record.inputs.get("again") == 0
        and record.details.get("metric") == metrics.facts_of(study.competition)
        and all(isinstance(folds.get(str(fold)), float) for fold in study.folds)
    )


def _as_trial(study: RecipeStudy, folder: Path, record: Record) -> optuna.trial.FrozenTrial | None:
    import optuna

    recipe = load_recipe(folder / "recipe.yaml")
    values = values_of(recipe, study.space)
    if values is None or recipe.predict != study.recipe.predict:
        return None
    ours = load_recipe(study.recipe_file, study.overrides_with(values))
    if study.run_id(ours, record.name) != record.id:
        return None
    finished = tuple(int(fold) for fold in record.details["finished"] if fold != "full")
    fixed = optuna.trial.FixedTrial(study.space.as_params(values))
    study.space.drawn(fixed)
    folds = {str(fold): float(record.scores["folds"][str(fold)]) for fold in study.folds}
    trained = [record.details["folds"][fold] for fold in folds]
    return optuna.trial.create_trial(
        value=pooled_score(study, folder, finished, record.scores),
        params=fixed.params,
        distributions=fixed.distributions,
        intermediate_values=_steps(study, folder, folds),
        user_attrs={
            "run": record.id,
            "folds": folds,
            "values": values,
            "seconds": round(sum(float(one.get("seconds", 0)) for one in trained), 1),
            "warm": True,
        },
    )


def _steps(study: RecipeStudy, folder: Path, folds: dict[str, float]) -> dict[int, float]:
    """Return what a trial would have told the study after each step."""
    if not study.is_by_epochs:
        return dict(enumerate(folds.values()))
    rows: list[dict[str, Any]] = list(read_metrics(FoldFiles(folder, study.folds[0]).metrics))
    scores = {step: row.get(study.metric.name) for step, row in enumerate(rows)}
    return {
        step: score
        for step, score in scores.items()
        if isinstance(score, float) and not math.isnan(score)
    }
