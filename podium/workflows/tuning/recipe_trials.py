"""A search of recipes: trials one after the other, each trained as any run is.

A trial is the recipe with drawn values, trained fold by fold and reported to the study after each,
so it is resumable, on the board, and ready to blend. Values that were trained before are not
trained again: a new study starts with the existing runs, and with the unchanged recipe.

In the end the runs of the best trials stay, and every run that is referenced: by blends,
pseudo-labels and other artefacts, by recipes, and by other studies, of the same storage and of the
workspace's own.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC
from functools import partial
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from podium.competition import metrics
from podium.competition.spec import load_competition
from podium.errors import PodiumError, RunError, UsageError, plural
from podium.models.weights.reach import require_weights
from podium.training.inference.prediction_sets import load_job
from podium.training.recipe import errors_with_lines, load_recipe
from podium.training.runs import record as run_record
from podium.training.runs.fold_files import Fold, FoldFiles
from podium.training.runs.history import EpochListener, HistoryRow, read_metrics
from podium.training.runs.job import Deadline
from podium.training.runs.train import Trained, train
from podium.tuning.recipe_space import values_of
from podium.tuning.studies import (
    OpenStudy,
    RunningTrial,
    TrialFailed,
    TrialInterrupted,
    TrialOutcome,
    TrialPruned,
    run_trials,
    storage_url,
)
from podium.tuning.studies.storages import absolute_url, open_storage
from podium.tuning.studies.trial_digests import add_digest
from podium.tuning.studies.trials import is_taken
from podium.workflows.engines import Engine, Needs, run_workers, task_workspace, workspace_arguments
from podium.workflows.tuning.recipe_plan import RecipeStudy, plan_recipe_study
from podium.workspace.layout import Workspace
from podium.workspace.locks import wait_and_hold
from podium.workspace.machine import now
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import RECORD_FILE, Record, read_record, scan, scan_all

if TYPE_CHECKING:
    import optuna

__all__ = ["plan_recipe_study", "run_recipe_trials", "run_recipe_workers"]


def run_recipe_workers(
    study: RecipeStudy,
    engine: Engine,
    space: Path,
    *,
    trials: int,
    workers: int | None = None,
    max_time_s: float | None = None,
    progress: Progress = SILENT,
) -> None:
    """Have workers of an engine train trials until the study has `trials`, or the time is up.

    What a worker that died leaves is for `run_recipe_trials` afterwards.

    Args:
        study: the plan.
        engine: that runs the workers.
        space: the file that the plan was made from.
        trials: total number.
        workers: how many; None: as many as the engine has room for.
        max_time_s: stop, resumably, before so many seconds have passed.
        progress: gets a line for each trial, and those of its folds.

    Raises:
        RunError: no worker could work.
    """
    with study.opened() as opened:  # made once, so that no worker waits for another
        seed_study(study, opened, progress)
    workspace = study.workspace
    plan = {
        "recipe": str(study.recipe_file.resolve()),
        "space": str(space.resolve()),
        "overrides": study.overrides,
        "folds": study.folds,
        "outer_fold": study.outer_fold,
        "sampler": study.sampler,
        "pruner": study.pruner,
        "keep": study.keep,
        "seed": study.seed,
        "storage": absolute_url(study.url),
        "heartbeat_s": study.heartbeat_s,
    }
    run_workers(
        engine,
        study.name,
        work_on_trials,
        {
            **workspace_arguments(workspace),
            "plan": plan,
            "trials": trials,
            "ends_at": None if max_time_s is None else time() + max_time_s,
        },
        folder=workspace.jobs,
        workers=workers,
        most=trials,
        needs=Needs.of_training(study.recipe),
        progress=progress,
    )


def work_on_trials(
    *,
    root: str,
    scratch: str | None,
    plan: dict[str, Any],
    trials: int,
    ends_at: float | None,
    progress: Progress,
) -> None:
    """Train trials of a study in the process of a task, until the study has `trials`.

    Args:
        root, scratch: of the workspace.
        plan: arguments of `plan_recipe_study`.
        trials: total number.
        ends_at: seconds since 1970 at which it stops, resumably; None: never.
        progress: of the task.
    """
    workspace = task_workspace(root, scratch)
    study = plan_recipe_study(
        workspace,
        load_competition(workspace.competition_file),
        **{**plan, "space": Path(plan["space"])},
        progress=progress,
    )
    left = None if ends_at is None else max(0.0, ends_at - time())
    run_recipe_trials(study, trials=trials, max_time_s=left, progress=progress)


FAILURES = 3
"""A study stops where so many trials failed and none did anything else."""


def run_recipe_trials(
    study: RecipeStudy,
    *,
    trials: int,
    max_time_s: float | None = None,
    progress: Progress = SILENT,
) -> str | None:
    """Train trials until the study has `trials`; return what is left if time is up, else None.

    The first trial is the unchanged recipe, if the space contains it. Runs of the workspace in the
    space are trials of the study from its beginning on, in addition to `trials`.

    Args:
        study: the plan.
        trials: total number, with those of other processes and earlier calls.
        max_time_s: stop, resumably, before so many seconds have passed.
        progress: shows bars, and one sentence a fold.

    Returns:
        None; or, out of time, what is left.

    Raises:
        UsageError: `trials` is less than 1, or the storage is invalid.
        RecipeError: the start weights of every trial are out of reach.
        RunError: the first trials all failed, the recipe or the data changed meanwhile, or the
            storage cannot be reached.
    """
    if trials < 1:
        raise UsageError(f"at least one trial is needed, got {trials}", fix="write --trials 1")
    deadline = Deadline(max_time_s)
    with study.opened() as opened:
        seed_study(study, opened, progress)

        def ended(trial: optuna.trial.FrozenTrial) -> None:
            every = opened.study.get_trials(deepcopy=False)
            done = sum(one.state.is_finished() and is_taken(one) for one in every) - added
            progress.say(f"{format_ended(study, trial)} · {done} of {trials} done")
            remove_runs(study, opened)
            _refuse_failures(study, every)
            require_time()

        def require_time() -> None:
            every = opened.study.get_trials(deepcopy=False)
            if sum(map(is_taken, every)) < trials + added:
                deadline_or_stop(deadline)

        added = sum("warm" in one.user_attrs for one in opened.study.get_trials(deepcopy=False))
        _require_weights(study, opened)
        try:
            require_time()
            run_trials(
                opened,
                study.space,
                partial(run_trial, study, opened, deadline=deadline, progress=progress),
                trials=trials + added,
                on_trial_end=ended,
                waiting=progress.say,
                still=lambda: deadline_or_stop(deadline),
            )
        except StudyChanged as reason:
            raise reason.error from reason
        except OutOfTrialTime as reason:
            return f"out of time: {reason}; the same command continues"
        finally:
            for note in opened.notes:
                progress.say(note)
    return None


_OF_START = frozenset(
    {"model", "model.backbone", "model.pretrained", "model.weights", "model.from"}
)


def _require_weights(study: RecipeStudy, opened: OpenStudy) -> None:
    """Raise where every trial would lack its start weights, before the first of them trains."""
    has_begun = any(is_taken(one) for one in opened.study.get_trials(deepcopy=False))
    if has_begun or _OF_START & {one.name for one in study.space.parameters}:
        return
    with errors_with_lines(study.recipe_file, study.overrides):
        require_weights(study.recipe.model, study.workspace.root)


def _refuse_failures(study: RecipeStudy, trials: Sequence[optuna.trial.FrozenTrial]) -> None:
    """Raise if the first trials all failed, instead of training a hundred more."""
    reasons = [
        str(one.user_attrs["reason"])
        for one in trials
        if one.state.name == "FAIL" and one.user_attrs.get("reason") not in (None, "interrupted")
    ]
    others = [one for one in trials if one.state.name in ("COMPLETE", "PRUNED")]
    if len(reasons) >= FAILURES and not others:
        raise RunError(
            f"the first {plural(len(reasons), 'trial')} all failed, the last of them so: "
            f"{reasons[-1]}",
            where=study.name,
            fix="mend the recipe or the space; the same command goes on",
        )


LONGEST_WAIT_S = 7 * 86400.0


class OutOfTrialTime(KeyboardInterrupt):
    """There is no time for the rest of a trial, which is done again as an interrupted one is."""


class StudyChanged(TrialInterrupted):
    """The recipe or the data are no longer those of the study; the trial is done again."""

    def __init__(self, study: RecipeStudy, what: str) -> None:
        super().__init__(what)
        self.error = RunError(
            f"{what} since this command began, so its trials could not be compared",
            where=study.name,
            fix="repeat the command: what has changed is another study",
        )


def run_trial(
    study: RecipeStudy,
    opened: OpenStudy,
    running: RunningTrial,
    *,
    deadline: Deadline,
    progress: Progress,
) -> TrialOutcome:
    """Train the recipe with the trial's values on the study's folds; return the pooled OOF score.

    Kept with the trial are "run", "folds" (fold → score), and "made" where the run was not there
    before the study.

    Raises:
        Pruned: the study's pruner stops it; its run stays, unfinished.
        Failed: it cannot be trained, or scored.
        StudyChanged: the recipe's file or the data changed since the study was planned.
        OutOfTrialTime: the deadline came first.
    """
    _require_same_recipe(study)
    longest = LONGEST_WAIT_S if (left := deadline.left()) is None else left
    try:
        recipe = load_recipe(study.recipe_file, study.overrides_with(running.values))
        identity = study.run_id(recipe)
        with run_lock(study, identity, wait_s=longest, progress=progress):
            known = _equal_trial(opened, identity)
            if known is not None:
                return _reuse_trial(running, known)
            _record_run(study, opened, running, identity)
            return _train(study, running, identity, deadline, progress)
    except PodiumError as error:
        deadline_or_stop(deadline)  # another trial of the same run was waited for in vain
        raise TrialFailed(str(error)) from error


def deadline_or_stop(deadline: Deadline) -> None:
    """Raise OutOfTrialTime where the deadline is over."""
    if not deadline.allows(0):
        raise OutOfTrialTime("no time for a fold more")


def run_lock(study: RecipeStudy, identity: str, *, wait_s: float, progress: Progress) -> Any:
    """Return the turn at a run: two trials that drew the same values must not train it at once."""
    path = study.workspace.private / "turns" / f"{identity}.lock"
    return wait_and_hold(path, what=f"run {identity}", wait_s=wait_s, waiting=progress.say)


def _equal_trial(opened: OpenStudy, identity: str) -> optuna.trial.FrozenTrial | None:
    """Return a trial of the study that trained the same; earlier runs may have had another name."""
    import optuna

    states = (optuna.trial.TrialState.COMPLETE,)
    same = identity.rpartition("-")[2]
    for one in opened.study.get_trials(deepcopy=False, states=states):
        if str(one.user_attrs.get("run", "")).rpartition("-")[2] == same:
            return one
    return None


def _reuse_trial(running: RunningTrial, known: optuna.trial.FrozenTrial) -> TrialOutcome:
    for step, score in known.intermediate_values.items():
        with suppress(TrialPruned):
            running.report(score, step)
    facts = {
        name: known.user_attrs[name]
        for name in ("run", "folds", "made")
        if name in known.user_attrs
    }
    assert known.value is not None
    return TrialOutcome((known.value,), {**facts, "same_as": known.number})


def _record_run(
    study: RecipeStudy, opened: OpenStudy, running: RunningTrial, identity: str
) -> None:
    """Record the run before it starts, so that a killed study has a list of its runs."""
    is_there = (study.workspace.runs / identity / RECORD_FILE).is_file()
    trials = opened.study.get_trials(deepcopy=False)
    ours = any(one.user_attrs.get("made") == identity for one in trials)
    running.note("run", identity)
    if ours or not is_there:
        running.note("made", identity)


def _require_same_recipe(study: RecipeStudy) -> None:
    """Raise where the recipe's file was changed: searches last for hours, and people edit."""
    try:
        is_same = load_recipe(study.recipe_file, study.overrides) == study.recipe
    except PodiumError:
        is_same = False
    if not is_same:
        raise StudyChanged(study, f"{study.recipe_file.name} has changed")


def _train(
    study: RecipeStudy, running: RunningTrial, identity: str, deadline: Deadline, progress: Progress
) -> TrialOutcome:
    scores: dict[str, float] = {}
    trained = None
    for step, fold in enumerate(study.folds):
        deadline_or_stop(deadline)
        _require_same_recipe(study)
        trained = _fold(study, running, fold, deadline, progress)
        if trained.run.name != identity:
            raise StudyChanged(study, "the data, their folds or the recipe have changed")
        score = trained.scores["folds"].get(str(fold))
        if score is None or math.isnan(score):
            raise TrialFailed(f"{study.metric.name} is undefined on fold {fold}")
        scores[str(fold)] = score
        running.note("folds", scores)
        if not study.is_by_epochs:
            # After the last fold there is nothing left to save by stopping.
            with suppress(*([TrialPruned] if step == len(study.folds) - 1 else [])):
                _report_to_study(running, score, step, f"fold {fold}")
    assert trained is not None
    return TrialOutcome((pooled_score(study, trained.run, trained.finished, trained.scores),))


def _fold(
    study: RecipeStudy, running: RunningTrial, fold: int, deadline: Deadline, progress: Progress
) -> Trained:
    trained = train(
        study.workspace,
        study.competition,
        study.recipe_file,
        overrides=study.overrides_with(running.values),
        folds=[fold],
        max_time_s=deadline.left(),
        name=study.run_name,
        outer_fold=study.outer_fold,
        watch=_report_epochs(study, running)
        if study.is_by_epochs and fold == study.folds[0]
        else None,
        progress=progress,
    )
    if trained.stopped is not None:
        raise OutOfTrialTime(f"fold {fold} of {trained.run.name} is not done")
    return trained


def _report_epochs(study: RecipeStudy, running: RunningTrial) -> EpochListener:
    """Report each epoch's score to the study; an epoch of an unscored phase has none."""
    step = -1

    def watch(_: Fold, row: HistoryRow) -> None:
        nonlocal step
        step += 1
        score = row.get(study.metric.name)
        if isinstance(score, float) and not math.isnan(score):
            _report_to_study(running, score, step, f"epoch {step + 1} of fold {study.folds[0]}")

    return watch


def _report_to_study(running: RunningTrial, score: float, step: int, where: str) -> None:
    try:
        running.report(score, step)
    except TrialPruned as reason:
        raise TrialPruned(f"hopeless after {where}") from reason


def pooled_score(
    study: RecipeStudy, run: Path, finished: tuple[int, ...], scores: dict[str, Any]
) -> float:
    """Return the score of a run's OOF rows of the study's folds, pooled.

    Args:
        study: whose folds.
        run: the run's folder.
        finished: the folds that it has.
        scores: as in its record.

    Raises:
        Failed: it is undefined.
        PodiumError: the run has other folds, too, and its predictions cannot be read.
    """
    score = scores["oof"]
    if set(finished) != set(study.folds):
        job = load_job(study.workspace, study.competition, run)
        predictions = str(read_record(run).details["predictions"])
        score = run_record.scores_of(job, predictions, study.folds)["oof"]
    if score is None or math.isnan(score):
        raise TrialFailed(f"{study.metric.name} is undefined on the folds together")
    return float(score)


def format_ended(study: RecipeStudy, trial: optuna.trial.FrozenTrial) -> str:
    """Return a sentence on a trial that ended."""
    run = trial.user_attrs.get("run", "no run")
    match trial.state.name:
        case "COMPLETE":
            folds = ", ".join(f"{one:.4f}" for one in trial.user_attrs.get("folds", {}).values())
            outcome = f"{study.metric.name} {trial.value:.4f} (folds {folds})"
        case "PRUNED":
            outcome = f"pruned: {trial.user_attrs.get('reason', '')}"
        case _:
            # The first line: the fix, below it, is in `podium tune show`.
            outcome = f"failed: {str(trial.user_attrs.get('reason', '')).partition(chr(10))[0]}"
    return f"trial {trial.number}: {outcome} · {run}"


_BEGUN = "begun"


def seed_study(study: RecipeStudy, opened: OpenStudy, progress: Progress) -> None:
    """Give a study that is new the runs that its space has, and its first trial; do so once."""
    with opened.study_lock():
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
        for trial in found:  # less those added by a process that was killed here
            if trial.user_attrs["run"] not in known:
                opened.study.add_trial(trial)
        if found:
            progress.say(
                f"{plural(len(found), 'run')} of the workspace "
                f"{'is' if len(found) == 1 else 'are'} trials of {study.name}"
            )
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
        if record.kind != "run" or same in found or not _may_match(study, record):
            continue
        try:
            trial = _as_trial(study, folder, record)
        except (PodiumError, TrialFailed, OSError):  # whatever ails it, it is not ours to mend
            continue
        if trial is not None:
            found[same] = trial
    return list(found.values())


def _may_match(study: RecipeStudy, record: Record) -> bool:
    """Return whether it has the study's folds with today's metric; a cheap check."""
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
    warm = optuna.trial.create_trial(
        value=pooled_score(study, folder, finished, record.scores),
        params=fixed.params,
        distributions=fixed.distributions,
        intermediate_values=_reported_scores(study, folder, folds),
        user_attrs={
            "run": record.id,
            "folds": folds,
            "values": values,
            "seconds": round(sum(float(one.get("seconds", 0)) for one in trained), 1),
            "warm": True,
        },
    )
    add_digest(warm)
    return warm


def _reported_scores(study: RecipeStudy, folder: Path, folds: dict[str, float]) -> dict[int, float]:
    """Return the values that a trial would have reported to the study after each step."""
    if not study.is_by_epochs:
        return dict(enumerate(folds.values()))
    rows: list[dict[str, Any]] = list(read_metrics(FoldFiles(folder, study.folds[0]).metrics))
    scores = {step: row.get(study.metric.name) for step, row in enumerate(rows)}
    return {
        step: score
        for step, score in scores.items()
        if isinstance(score, float) and not math.isnan(score)
    }


def remove_runs(study: RecipeStudy, opened: OpenStudy) -> list[str]:
    """Remove the runs of trials that are not among the best, and return their ids.

    Only runs that this study made are removed, and none that another artefact or another study
    names, or that a trial works on. While there is a record that cannot be read, which may name any
    of them, none is removed.
    """
    if study.keep is None:
        return []
    trials = opened.study.get_trials(deepcopy=False)
    kept = _runs_to_keep(trials, study.keep, study.metric.greater_is_better)
    made = {str(one.user_attrs["made"]) for one in trials if "made" in one.user_attrs}
    there = sorted(one for one in made - kept if (study.workspace.runs / one).is_dir())
    if not there:
        return []
    parents = _parents(study.workspace)
    if parents is None:
        return []
    named = parents | _in_recipes(study.workspace, there) | _runs_of_other_studies(study, opened)
    return [one for one in there if one not in named and _remove_run(study, one)]


def _runs_to_keep(
    trials: list[optuna.trial.FrozenTrial], n: int, greater_is_better: bool
) -> set[str]:
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


def _runs_of_other_studies(study: RecipeStudy, opened: OpenStudy) -> set[str]:
    storage = opened.study._storage  # a study has no public access to its storage
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


def _remove_run(study: RecipeStudy, identity: str) -> bool:
    """Remove a run, whole or not at all; False where a trial is at it."""
    folder = study.workspace.runs / identity
    away = folder.with_name(f".{identity}.removed")
    try:
        with run_lock(study, identity, wait_s=0.0, progress=SILENT):
            _forget_run(away)
            folder.rename(away)
            _forget_run(away)
    except (RunError, FileNotFoundError):  # at work, or removed by another worker
        return False
    return True


def _forget_run(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
