"""A search of recipes: trials one after the other, each trained as any run is.

A trial is the recipe with drawn values, trained fold by fold, so it is resumable, on the board, and
ready to blend. Values that were trained before are not trained again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from podium.errors import RunError, UsageError
from podium.training.deadline import Deadline
from podium.tuning.studies import run_trials
from podium.tuning.studies.trials import is_taken
from podium.workflows.recipe_search_keep import remove_runs
from podium.workflows.recipe_search_plan import RecipeStudy, plan_recipe_study
from podium.workflows.recipe_search_start import begin
from podium.workflows.recipe_search_trial import (
    OtherQuestion,
    OutOfTrialTime,
    deadline_or_stop,
    ended_line,
    run_trial,
)
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    import optuna

__all__ = ["begin_recipe_study", "plan_recipe_study", "run_recipe_trials"]

FAILURES = 3
"""A study stops where so many trials failed and none did anything else."""


def begin_recipe_study(study: RecipeStudy, *, progress: Progress = SILENT) -> None:
    """Make the Optuna study, with earlier runs among its trials; one that is there stays.

    `run_recipe_trials` does it, too; before workers start, it keeps them from waiting for another.

    Raises:
        UsageError: the storage cannot be meant.
        RunError: the storage cannot be reached.
    """
    with study.opened() as opened:
        begin(study, opened, progress)


def run_recipe_trials(
    study: RecipeStudy,
    *,
    trials: int,
    max_time_s: float | None = None,
    told: Callable[[str], None] | None = None,
    progress: Progress = SILENT,
) -> str | None:
    """Train trials until the study has `trials`, by this process and others; return why not.

    The first trial is the recipe as it stands, if the space has it. Runs of the workspace that the
    space has are trials of the study from its beginning on, and come on top of `trials`.

    Args:
        study: as planned.
        trials: how many in all, with those of other processes and earlier calls.
        max_time_s: stop, resumably, before so many seconds are over.
        told: gets one line for each trial of this process as it ends; None: `progress` gets it.
        progress: gets bars, and one sentence a fold.

    Returns:
        None; or, out of time, what is left.

    Raises:
        UsageError: no trial is asked for, or the storage cannot be meant.
        RunError: the first trials all failed, the recipe or the data changed meanwhile, or the
            storage cannot be reached.
    """
    if trials < 1:
        raise UsageError(f"at least one trial is needed, got {trials}", fix="write --trials 1")
    deadline = Deadline(max_time_s)
    with study.opened() as opened:
        begin(study, opened, progress)

        def ended(trial: optuna.trial.FrozenTrial) -> None:
            every = opened.study.get_trials(deepcopy=False)
            done = sum(one.state.is_finished() and is_taken(one) for one in every) - added
            (told or progress.say)(f"{ended_line(study, trial)} · {done} of {trials} done")
            remove_runs(study, opened)
            _refuse_failures(study, every)
            require_time()

        def require_time() -> None:
            every = opened.study.get_trials(deepcopy=False)
            if sum(map(is_taken, every)) < trials + added:
                deadline_or_stop(deadline)

        added = sum("warm" in one.user_attrs for one in opened.study.get_trials(deepcopy=False))
        try:
            require_time()
            run_trials(
                opened,
                study.space,
                partial(run_trial, study, opened, deadline=deadline, progress=progress),
                trials=trials + added,
                told=ended,
                waiting=progress.say,
                still=lambda: deadline_or_stop(deadline),
            )
        except OtherQuestion as reason:
            raise reason.error from reason
        except OutOfTrialTime as reason:
            return f"out of time: {reason}; the same command continues"
        finally:
            for note in opened.notes:
                progress.say(note)
    return None


def _refuse_failures(study: RecipeStudy, trials: Sequence[optuna.trial.FrozenTrial]) -> None:
    """Raise where trials fail and none does anything else: nobody wants a hundred of them."""
    reasons = [
        str(one.user_attrs["reason"])
        for one in trials
        if one.state.name == "FAIL" and one.user_attrs.get("reason") not in (None, "interrupted")
    ]
    others = [one for one in trials if one.state.name in ("COMPLETE", "PRUNED")]
    if len(reasons) >= FAILURES and not others:
        raise RunError(
            f"the first {len(reasons)} trials all failed, the last of them so: {reasons[-1]}",
            where=study.name,
            fix="mend the recipe or the space; the same command goes on",
        )
