"""One trial of a search of recipes: trained fold by fold as a run, told to the study on the way."""

from __future__ import annotations

import math
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.errors import PodiumError, RunError
from podium.training import run_record
from podium.training.deadline import Deadline
from podium.training.fold_files import Fold
from podium.training.predicting import job_of
from podium.training.recipe import load_recipe
from podium.training.run import Trained, train
from podium.training.standing import HistoryRow, Watch
from podium.tuning.studies import Failed, Interrupted, OpenStudy, Outcome, Pruned, Running
from podium.workflows.recipe_search_plan import RecipeStudy
from podium.workspace.locks import take_turn
from podium.workspace.progress import Progress
from podium.workspace.records import RECORD_FILE, read_record

if TYPE_CHECKING:
    import optuna

__all__ = [
    "OtherQuestion",
    "OutOfTrialTime",
    "deadline_or_stop",
    "ended_line",
    "pooled_score",
    "run_trial",
    "run_turn",
]

LONGEST_WAIT_S = 7 * 86400.0


class OutOfTrialTime(KeyboardInterrupt):
    """There is no time for the rest of a trial, which is done again as an interrupted one is."""


class OtherQuestion(Interrupted):
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
    running: Running,
    *,
    deadline: Deadline,
    progress: Progress,
) -> Outcome:
    """Train the recipe with the trial's values on the study's folds; return the pooled OOF score.

    Kept with the trial are "run", "folds" (fold → score), and "made" where the run was not there
    before the study.

    Raises:
        Pruned: the study's pruner stops it; its run stays, unfinished.
        Failed: it cannot be trained, or scored.
        OtherQuestion: the recipe's file or the data are others than when the study was planned.
        OutOfTrialTime: the deadline came first.
    """
    _require_same_recipe(study)
    longest = LONGEST_WAIT_S if (left := deadline.left()) is None else left
    try:
        recipe = load_recipe(study.recipe_file, study.overrides_with(running.values))
        identity = study.run_id(recipe)
        with run_turn(study, identity, wait_s=longest, progress=progress):
            known = _known(opened, identity)
            if known is not None:
                return _again(study, running, known)
            _note_run(study, opened, running, identity)
            return _train(study, running, identity, deadline, progress)
    except PodiumError as error:
        deadline_or_stop(deadline)  # another trial of the same run was waited for in vain
        raise Failed(str(error)) from error


def deadline_or_stop(deadline: Deadline) -> None:
    """Raise OutOfTrialTime where the deadline is over."""
    if not deadline.allows(0):
        raise OutOfTrialTime("no time for a fold more")


def run_turn(study: RecipeStudy, identity: str, *, wait_s: float, progress: Progress) -> Any:
    """Return the turn at a run: two trials that drew the same values must not train it at once."""
    path = study.workspace.private / "turns" / f"{identity}.lock"
    return take_turn(path, what=f"run {identity}", wait_s=wait_s, waiting=progress.say)


def _known(opened: OpenStudy, identity: str) -> optuna.trial.FrozenTrial | None:
    """Return a trial of the study that trained the same; earlier runs may have had another name."""
    import optuna

    states = (optuna.trial.TrialState.COMPLETE,)
    same = identity.rpartition("-")[2]
    for one in opened.study.get_trials(deepcopy=False, states=states):
        if str(one.user_attrs.get("run", "")).rpartition("-")[2] == same:
            return one
    return None


def _again(study: RecipeStudy, running: Running, known: optuna.trial.FrozenTrial) -> Outcome:
    for step, score in known.intermediate_values.items():
        with suppress(Pruned):
            running.tell(score, step)
    facts = {
        name: known.user_attrs[name]
        for name in ("run", "folds", "made")
        if name in known.user_attrs
    }
    assert known.value is not None
    return Outcome((known.value,), {**facts, "same_as": known.number})


def _note_run(study: RecipeStudy, opened: OpenStudy, running: Running, identity: str) -> None:
    """Note the run before it is begun, so that a study that was killed knows what it made."""
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
        raise OtherQuestion(study, f"{study.recipe_file.name} has changed")


def _train(
    study: RecipeStudy, running: Running, identity: str, deadline: Deadline, progress: Progress
) -> Outcome:
    scores: dict[str, float] = {}
    trained = None
    for step, fold in enumerate(study.folds):
        deadline_or_stop(deadline)
        _require_same_recipe(study)
        trained = _fold(study, running, fold, deadline, progress)
        if trained.run.name != identity:
            raise OtherQuestion(study, "the data, their folds or the recipe have changed")
        score = trained.scores["folds"].get(str(fold))
        if score is None or math.isnan(score):
            raise Failed(f"{study.metric.name} is undefined on fold {fold}")
        scores[str(fold)] = score
        running.note("folds", scores)
        if not study.is_by_epochs:
            # After the last fold there is nothing left to save by stopping.
            with suppress(*([Pruned] if step == len(study.folds) - 1 else [])):
                _tell(running, score, step, f"fold {fold}")
    assert trained is not None
    return Outcome((pooled_score(study, trained.run, trained.finished, trained.scores),))


def _fold(
    study: RecipeStudy, running: Running, fold: int, deadline: Deadline, progress: Progress
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
        watch=_watch(study, running) if study.is_by_epochs and fold == study.folds[0] else None,
        progress=progress,
    )
    if trained.stopped is not None:
        raise OutOfTrialTime(f"fold {fold} of {trained.run.name} is not done")
    return trained


def _watch(study: RecipeStudy, running: Running) -> Watch:
    """Tell the study each epoch's score; an epoch of a phase that is not scored has none."""
    step = -1

    def watch(_: Fold, row: HistoryRow) -> None:
        nonlocal step
        step += 1
        score = row.get(study.metric.name)
        if isinstance(score, float) and not math.isnan(score):
            _tell(running, score, step, f"epoch {step + 1} of fold {study.folds[0]}")

    return watch


def _tell(running: Running, score: float, step: int, where: str) -> None:
    try:
        running.tell(score, step)
    except Pruned as reason:
        raise Pruned(f"hopeless after {where}") from reason


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
        job = job_of(study.workspace, study.competition, run)
        predictions = str(read_record(run).details["predictions"])
        score = run_record.scores_of(job, predictions, study.folds)["oof"]
    if score is None or math.isnan(score):
        raise Failed(f"{study.metric.name} is undefined on the folds together")
    return float(score)


def ended_line(study: RecipeStudy, trial: optuna.trial.FrozenTrial) -> str:
    """Return a sentence on a trial that ended."""
    run = trial.user_attrs.get("run", "no run")
    match trial.state.name:
        case "COMPLETE":
            folds = ", ".join(f"{one:.4f}" for one in trial.user_attrs.get("folds", {}).values())
            said = f"{study.metric.name} {trial.value:.4f} (folds {folds})"
        case "PRUNED":
            said = f"pruned: {trial.user_attrs.get('reason', '')}"
        case _:
            # The first line: the fix, below it, is in `podium tune show`.
            said = f"failed: {str(trial.user_attrs.get('reason', '')).partition(chr(10))[0]}"
    return f"trial {trial.number}: {said} · {run}"
