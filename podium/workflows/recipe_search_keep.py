"""Which runs of a search of recipes stay: those of its best trials, and all that others name.

Others are blends, pseudo-labels and whatever else was made from a run, recipes, and other studies,
of the same storage and of the workspace's own.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.errors import RunError
from podium.tuning.studies import OpenStudy, storage_url
from podium.tuning.studies.storages import open_storage
from podium.workflows.recipe_search_plan import RecipeStudy
from podium.workflows.recipe_search_trial import run_turn
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT
from podium.workspace.records import Record, scan_all

if TYPE_CHECKING:
    import optuna

__all__ = ["remove_runs"]


def remove_runs(study: RecipeStudy, opened: OpenStudy) -> list[str]:
    """Remove the runs of trials that are not among the best, and return their ids.

    Only runs that this study made are removed, and none that another artefact or another study
    names, or that a trial works on. While there is a record that cannot be read, which may name any
    of them, none is removed.
    """
    if study.keep is None:
        return []
    trials = opened.study.get_trials(deepcopy=False)
    kept = _kept(trials, study.keep, study.metric.greater_is_better)
    made = {str(one.user_attrs["made"]) for one in trials if "made" in one.user_attrs}
    there = sorted(one for one in made - kept if (study.workspace.runs / one).is_dir())
    if not there:
        return []
    parents = _parents(study.workspace)
    if parents is None:
        return []
    named = parents | _in_recipes(study.workspace, there) | _of_other_studies(study, opened)
    return [one for one in there if one not in named and _removed(study, one)]


def _kept(trials: list[optuna.trial.FrozenTrial], n: int, greater_is_better: bool) -> set[str]:
    """Return the runs of the best trials, and of those that have not ended."""
    complete = [one for one in trials if one.state.name == "COMPLETE"]
    sign = -1 if greater_is_better else 1
    complete.sort(key=lambda one: (sign * float(one.value or 0.0), one.number))
    best = list(dict.fromkeys(_run_of(one) for one in complete))[:n]
    open_yet = [_run_of(one) for one in trials if one.state.name in ("RUNNING", "WAITING")]
    return {*best, *open_yet}


def _run_of(trial: optuna.trial.FrozenTrial) -> str:
    return str(trial.user_attrs.get("run", ""))


def _parents(workspace: Workspace) -> set[str] | None:
    """Return the runs that blends, pseudo-labels, soups or other runs were made from.

    None where a record cannot be read.
    """
    found: set[str] = set()
    for _, record in scan_all(workspace):
        if not isinstance(record, Record):
            return None
        found.update(record.parents)
    return found


def _in_recipes(workspace: Workspace, runs: list[str]) -> set[str]:
    """Return those of `runs` that a recipe names, as the teachers of one that is not trained yet.

    So does what a search writes; the winner is among the best anyhow.
    """
    texts = [one.read_bytes() for one in workspace.recipes.glob("**/*.y*ml")]
    return {one for one in runs if any(one.encode() in text for text in texts)}


def _of_other_studies(study: RecipeStudy, opened: OpenStudy) -> set[str]:
    storage = opened.study._storage  # a study does not tell its storage otherwise
    found = _runs_of(storage, without=opened.study._study_id)
    url = storage_url(study.workspace)
    if study.url != url and study.workspace.studies_db.is_file():
        with open_storage(url) as own:
            found |= _runs_of(own)
    return found


def _runs_of(storage: Any, *, without: int | None = None) -> set[str]:
    return {
        _run_of(trial)
        for one in storage.get_all_studies()
        if one._study_id != without
        for trial in storage.get_all_trials(one._study_id, deepcopy=False)
    }


def _removed(study: RecipeStudy, identity: str) -> bool:
    """Remove a run, whole or not at all; False where a trial is at it."""
    folder = study.workspace.runs / identity
    away = folder.with_name(f".{identity}.removed")
    try:
        with run_turn(study, identity, wait_s=0.0, progress=SILENT):
            _forget(away)
            folder.rename(away)
            _forget(away)
    except (RunError, FileNotFoundError):  # at work, or removed by another worker
        return False
    return True


def _forget(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
