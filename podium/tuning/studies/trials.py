"""Trials of a study, exactly as many as requested, also with other workers on the same study.

A worker takes the study's lock, counts the trials that are taken and asks Optuna for one more where
fewer are taken than requested; the trial then runs beside those of others. So N workers never run
one too many. A trial ends by its scores (`TrialOutcome`), or is pruned, failed or interrupted.

Ctrl-C ends an objective, and waits while a study is read or written (`Interrupts`): a write to a
database that is broken off half-way would leave its trial running for ever, and other workers
before a lock.
"""

from __future__ import annotations

import errno
import math
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from podium.errors import PodiumError, UsageError, from_os_error, plural, some
from podium.tuning.space import SearchSpace, is_plain
from podium.tuning.studies.samplers import quiet_optuna
from podium.tuning.studies.storages import (
    OpenStudy,
    requeue_trial,
    retry_stale_trial,
    sending_heartbeats,
    trials_not_queued,
)
from podium.tuning.studies.trial_digests import DIGEST, trial_digest
from podium.workspace.processes import process_has_ended, process_identity

if TYPE_CHECKING:
    import optuna

__all__ = [
    "Interrupts",
    "RunningTrial",
    "TrialFailed",
    "TrialInterrupted",
    "TrialOutcome",
    "TrialPruned",
    "is_taken",
    "release",
    "run_trials",
]


@dataclass(frozen=True)
class TrialOutcome:
    """The result of a trial.

    Attributes:
        values: one score for each direction of the study.
        facts: JSON values that are kept with the trial, by name: the run, scores by fold.
    """

    values: tuple[float, ...]
    facts: dict[str, Any] = field(default_factory=dict)


class TrialPruned(Exception):  # noqa: N818 — no error: the trial is hopeless and stops
    """A trial stops, since others were better by as far as it came."""


class TrialFailed(Exception):  # noqa: N818 — kept with the trial; the study goes on
    """A trial that cannot be scored; the reason is kept with it, and the study goes on."""


class TrialInterrupted(Exception):  # noqa: N818 — no error: the trial is done again
    """A trial stops before its time, as at the end of --max-time, and is to be done again."""


class Interrupts:
    """A context in which Ctrl-C waits for the next body of `allowed`; a second one does not wait.

    In a thread other than the main one, and where interrupts are ignored, it does nothing.
    """

    def __init__(self) -> None:
        self._before: Any = None
        self._is_held = self._came = False

    def __enter__(self) -> Interrupts:
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(before):
            self._before, self._is_held = before, True
            signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if kind is None:
            self._raise_late()

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let Ctrl-C interrupt the body; one that came before interrupts it at its beginning."""
        self._is_held = False
        try:
            self._raise_late()
            yield
        finally:
            self._is_held = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside a body of `allowed`, let Ctrl-C wait for the end of this one."""
        was_held, self._is_held = self._is_held, True
        try:
            yield
        finally:
            self._is_held = was_held
        if not was_held:
            self._raise_late()

    def _raise_late(self) -> None:
        if self._came:
            self._came = False
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._is_held and not self._came:
            self._came = True
        else:
            self._came = False
            self._before(number, frame)


INTERRUPTED = "interrupted"
"""The reason of a trial that a person stopped: it does not count, and is done again."""

_PROCESS = "podium:process"
_OTHER_SPACE = "podium:other space"
_POLL_EVERY_S = 1.0
_OF_THE_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENOMEM)


@dataclass(frozen=True)
class RunningTrial:
    """A running trial: its values, and its reports to the study on the way.

    Attributes:
        number: of the trial.
        values: parameter → value, as the space drew them.
    """

    number: int
    values: dict[str, Any]
    _trial: optuna.Trial
    _interrupts: Interrupts

    def report(self, score: float, step: int) -> None:
        """Report the trial's score after `step`, counted from 0, to the study: a fold, or an epoch.

        With several directions there is nothing to prune by: the score is kept under "steps".

        Raises:
            Pruned: it is hopeless beside the others.
            Failed: the score is no number.
        """
        if math.isnan(score):
            raise TrialFailed(f"the score after step {step} is no number")
        if len(self._trial.study.directions) > 1:
            steps = self._trial.user_attrs.get("steps", {})
            self.note("steps", {**steps, str(step): score})
            return
        with self._interrupts.held():
            self._trial.report(score, step)
            is_hopeless = self._trial.should_prune()
        if is_hopeless:
            raise TrialPruned(f"hopeless after step {step}")

    def note(self, name: str, value: Any) -> None:
        """Keep a JSON value with the trial, at once."""
        with self._interrupts.held():
            self._trial.set_user_attr(name, value)


def run_trials(
    opened: OpenStudy,
    space: SearchSpace,
    objective: Callable[[RunningTrial], TrialOutcome],
    *,
    trials: int,
    on_trial_end: Callable[[optuna.trial.FrozenTrial], None] | None = None,
    waiting: Callable[[str], None] | None = None,
    still: Callable[[], None] | None = None,
) -> int:
    """Run trials until the study has `trials` that ended, by this worker and others; return ours.

    A trial counts when it is complete, was pruned or failed with a reason. One whose worker was
    killed, or that was interrupted, does not count: it is marked as failed and tried again with the
    same values. So where there is a heartbeat, a worker with nothing left to do waits for the
    trials of the others; a journal file keeps none, which `opened.notes` then states.

    Kept with a trial are "worker" (host:pid; not in memory), the facts of its outcome, "reason"
    where it was pruned or failed, and "values" (parameter → value) where Optuna keeps a list or
    mapping as text.

    Args:
        opened: the study.
        space: what is drawn.
        objective: of one trial; Pruned, Failed and any PodiumError end it, and the study goes on.
        trials: how many in all.
        on_trial_end: called with each trial of this worker as it ended.
        waiting: called once when the trials of other workers are waited for.
        still: called again and again while they are; what it raises ends the wait.

    Raises:
        UsageError: the study holds trials of another space.
        PodiumError: the machine failed, as by a full disk; no other trial would do better, and the
            trial is put in the queue again.
        Interrupted, KeyboardInterrupt: as the objective raised it; the trial is put in the queue
            again, with the same values. Whatever else it raises is a mistake in it: the trial has
            failed, and the error goes on.
    """
    ours, interrupts = 0, Interrupts()
    with quiet_optuna(), interrupts:
        while (trial := _next(opened, trials, waiting, still, interrupts)) is not None:
            with sending_heartbeats(opened.database, trial):
                ended = _run(opened, space, objective, trial, interrupts)
            if ended is None:
                continue
            ours += 1
            if on_trial_end is not None:
                on_trial_end(ended)
    return ours


def release(opened: OpenStudy, numbers: Sequence[int]) -> None:
    """Give up trials that seem to run, and put them in the queue with the same values.

    For a study without heartbeat, whose worker was killed.

    Raises:
        UsageError: one of them does not run.
    """
    import optuna

    states = optuna.trial.TrialState
    with quiet_optuna(), opened.study_lock():
        running = [one.number for one in _running(opened.study.get_trials(deepcopy=False))]
        others = [one for one in numbers if one not in running]
        if others:
            raise UsageError(
                f"of the study {opened.study.study_name!r} these trials do not run: {some(others)}",
                fix=f"those that run are {some(running)}" if running else "none runs",
            )
        for number in numbers:
            requeue_trial(opened.study, opened.study.tell(number, state=states.FAIL))


def is_taken(trial: optuna.trial.FrozenTrial) -> bool:
    """Return whether a trial counts, or will when it ends."""
    return _n_taken((trial,)) == 1


def _n_taken(trials: Sequence[optuna.trial.FrozenTrial]) -> int:
    import optuna

    # Enumerations looked up once: this is done at every trial, for all trials.
    failed, waiting = optuna.trial.TrialState.FAIL, optuna.trial.TrialState.WAITING
    n = 0
    for one in trials:
        if one.state is failed:
            n += one.user_attrs.get("reason", INTERRUPTED) != INTERRUPTED
        else:
            n += one.state is not waiting
    return n


def _next(
    opened: OpenStudy,
    trials: int,
    waiting: Callable[[str], None] | None,
    still: Callable[[], None] | None,
    interrupts: Interrupts,
) -> optuna.Trial | None:
    """Return the next trial of this worker, or None where all are taken and none can come back."""
    import optuna

    first_seen: dict[int, float] = {}
    while True:
        with opened.study_lock():
            every = opened.study.get_trials(deepcopy=False)
            if opened.database is not None and (running := _running(every)):
                _end_abandoned(opened, running)
                optuna.storages.fail_stale_trials(opened.study)
                every = opened.study.get_trials(deepcopy=False)
            if opened.url is not None and _queue_forgotten(opened, every):
                every = opened.study.get_trials(deepcopy=False)
            if _n_taken(every) < trials:
                trial = opened.study.ask()
                if opened.database is not None:
                    opened.database.record_heartbeat(trial._trial_id)
                    identity = process_identity()
                    opened.database.set_trial_system_attr(trial._trial_id, _PROCESS, identity)
                return trial
        running = _running(every)
        if not running or opened.url is None:
            return None
        if opened.database is None:
            opened.notes.append(_no_heartbeat(opened, running))
            return None
        if waiting is not None:
            waiting(
                f"waiting for trials of other workers: {some(one.number for one in running)}; one "
                f"whose worker was killed is found after {opened.database.grace_period} s"
            )
            waiting = None
        _touch(opened.database, running, first_seen)
        with interrupts.allowed():
            if still is not None:
                still()
            time.sleep(min(_POLL_EVERY_S, opened.database.heartbeat_interval / 3))


def _running(trials: Sequence[optuna.trial.FrozenTrial]) -> list[optuna.trial.FrozenTrial]:
    import optuna

    running = optuna.trial.TrialState.RUNNING
    return [one for one in trials if one.state is running]


def _end_abandoned(opened: OpenStudy, running: Sequence[optuna.trial.FrozenTrial]) -> None:
    """End trials whose worker was killed on this machine, without waiting for its heartbeat."""
    import optuna

    for one in running:
        if process_has_ended(one.system_attrs.get(_PROCESS)):
            opened.study.tell(one.number, state=optuna.trial.TrialState.FAIL)


def _queue_forgotten(opened: OpenStudy, trials: Sequence[optuna.trial.FrozenTrial]) -> bool:
    """Put trials in the queue that were ended for it, and then it was killed, or the disk full.

    Only those of podium, and not those that it gave up for good; return whether there were some.
    """
    forgotten = [
        one
        for one in trials_not_queued(trials)
        if not is_taken(one)
        and (_PROCESS in one.system_attrs or "worker" in one.user_attrs)
        and _OTHER_SPACE not in one.user_attrs
    ]
    for one in forgotten:
        if one.user_attrs.get("reason") == INTERRUPTED:
            requeue_trial(opened.study, one)
        else:
            retry_stale_trial(opened.study, one)
    return bool(forgotten)


def _touch(
    database: optuna.storages.RDBStorage,
    running: Sequence[optuna.trial.FrozenTrial],
    first_seen: dict[int, float],
) -> None:
    """Write one heartbeat for each trial after a while, as a dead worker may have written none.

    Optuna never finds a running trial stale that gave no sign at all.
    """
    for one in running:
        since = first_seen.setdefault(one.number, time.monotonic())
        if math.isfinite(since) and time.monotonic() - since > database.grace_period:
            database.record_heartbeat(one._trial_id)
            first_seen[one.number] = math.inf


def _no_heartbeat(opened: OpenStudy, running: Sequence[optuna.trial.FrozenTrial]) -> str:
    numbers, name = some(one.number for one in running), opened.study.study_name
    return (
        f"Trials {numbers} of {name!r} are taken by other workers. A journal file keeps no "
        "heartbeat: a trial whose worker was killed stays so, until you give it up with "
        f"`podium tune show {name} --free {running[0].number}`. A database finds it by itself."
    )


def _run(
    opened: OpenStudy,
    space: SearchSpace,
    objective: Callable[[RunningTrial], TrialOutcome],
    trial: optuna.Trial,
    interrupts: Interrupts,
) -> optuna.trial.FrozenTrial | None:
    """Run one trial and return it as it ended; None where others gave it up meanwhile."""
    import optuna

    states = optuna.trial.TrialState
    try:
        try:
            found = _outcome(opened, space, objective, trial, interrupts)
        except (TrialPruned, optuna.TrialPruned) as reason:
            return _end_trial(opened, trial, states.PRUNED, reason=str(reason))
        except _OtherSpace as error:
            trial.set_user_attr(_OTHER_SPACE, True)  # not to be done again
            opened.study.tell(trial, state=states.FAIL)
            raise UsageError(str(error), fix="give the study another name") from error
        except (TrialFailed, PodiumError) as reason:
            if _of_machine(reason) is not None:
                raise
            return _end_trial(opened, trial, states.FAIL, reason=str(reason))
        for name, value in found.facts.items():
            trial.set_user_attr(name, value)
        return _end_trial(opened, trial, states.COMPLETE, found.values)
    except (TrialInterrupted, KeyboardInterrupt, SystemExit):
        _put_back(opened, trial)
        raise
    except optuna.exceptions.StorageInternalError:  # as of a full disk: no other would do better
        _put_back(opened, trial)
        raise
    except Exception as error:
        if (broken := _of_machine(error)) is not None:
            _put_back(opened, trial)
            if broken is error:
                raise
            raise broken from error
        if _is_of_ended(error, opened, trial):
            _warn_trial_lost(opened, trial)
            return None
        _end_trial(opened, trial, states.FAIL, reason=f"{type(error).__name__}: {error}")
        raise


def _put_back(opened: OpenStudy, trial: optuna.Trial) -> None:
    """End a trial that is not to blame, and put it in the queue with the same values.

    Where the storage has no room for it, the next command does so: what stopped the trial is what
    the user must know.
    """
    import optuna

    with suppress(optuna.exceptions.StorageInternalError):
        _end_trial(opened, trial, optuna.trial.TrialState.FAIL, reason=INTERRUPTED)


def _of_machine(error: BaseException) -> PodiumError | None:
    """Return the error to report where the machine failed, as by a full disk; else None."""
    reported: PodiumError | None = None
    cause: BaseException | None = error
    while cause is not None:
        if reported is None and isinstance(cause, PodiumError):
            reported = cause
        if isinstance(cause, OSError) and cause.errno in _OF_THE_MACHINE:
            return reported or from_os_error(cause)
        cause = cause.__cause__
    return None


class _OtherSpace(Exception):  # noqa: N818 — becomes a UsageError
    """Error: a study's value under a name cannot be drawn from the space."""


def _outcome(
    opened: OpenStudy,
    space: SearchSpace,
    objective: Callable[[RunningTrial], TrialOutcome],
    trial: optuna.Trial,
    interrupts: Interrupts,
) -> TrialOutcome:
    """Draw values and return what the objective finds, one score for each direction."""
    if opened.url is not None:
        trial.set_user_attr("worker", f"{_host()}:{os.getpid()}")
    try:
        values = space.drawn(trial)
    except ValueError as error:
        raise _OtherSpace(
            f"the study {opened.study.study_name!r} was made for another space: {error}"
        ) from error
    if any(not is_plain(one) for one in values.values()):  # each fact is a write to the database
        trial.set_user_attr("values", values)
    with interrupts.allowed():
        found = objective(RunningTrial(trial.number, values, trial, interrupts))
    n_directions = len(opened.study.directions)
    if len(found.values) != n_directions:
        raise ValueError(
            f"{plural(len(found.values), 'score')} for {plural(n_directions, 'direction')}"
        )
    if any(math.isnan(one) for one in found.values):
        raise TrialFailed("its score is no number")
    return found


@cache
def _host() -> str:
    return socket.gethostname()


def _end_trial(
    opened: OpenStudy,
    trial: optuna.Trial,
    state: optuna.trial.TrialState,
    values: Sequence[float] | None = None,
    *,
    reason: str | None = None,
) -> optuna.trial.FrozenTrial | None:
    try:
        if reason is not None:
            trial.set_user_attr("reason", reason)
        if opened.url is not None:
            stored = opened.study._storage.get_trial(trial._trial_id)
            trial.set_user_attr(DIGEST, trial_digest(stored, state.name, values))
        # In a turn, so that no other worker gives it up between the look and the write.
        with opened.study_lock():
            ended = opened.study.tell(trial, values, state, skip_if_finished=True)
            if reason == INTERRUPTED and ended.state == state:
                requeue_trial(opened.study, ended)
    except RuntimeError as error:
        if not _is_of_ended(error, opened, trial):
            raise
        ended = None
    if ended is not None and ended.state == state:
        return ended
    _warn_trial_lost(opened, trial)
    return None


def _is_of_ended(error: Exception, opened: OpenStudy, trial: optuna.Trial) -> bool:
    """Return whether Optuna raised `error` since other workers had ended the trial."""
    import optuna

    refused = getattr(optuna.exceptions, "UpdateFinishedTrialError", RuntimeError)  # 4.0 has none
    return isinstance(error, refused) and any(
        one.number == trial.number and one.state.is_finished()
        for one in opened.study.get_trials(deepcopy=False)
    )


def _warn_trial_lost(opened: OpenStudy, trial: optuna.Trial) -> None:
    """Warn that other workers gave a trial up, as that of a machine that was asleep."""
    opened.notes.append(
        f"Trial {trial.number} gave no sign of life for a while, so it was given to another worker."
    )
