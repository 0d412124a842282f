"""Trials: what counts, how each ends, what is kept with it, and what is done again."""

import errno
import math
import os
import socket
import subprocess
import sys
import time

import optuna
import pytest
from tuning.studies.signs_of_life import LONG_AGO, date_back, last_sign

from podium.errors import DataError, RunError, UsageError, from_os_error
from podium.tuning.space import CategoricalValues, NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import (
    TrialFailed,
    TrialInterrupted,
    TrialOutcome,
    TrialPruned,
    open_study,
    release,
    run_trials,
    sampler,
)
from podium.tuning.studies import trials as trials_module
from podium.tuning.studies.storages import MAX_RETRIES, retry_stale_trial

SPACE = SearchSpace(
    (SearchParameter("x", NumberRange(0.0, 1.0)), SearchParameter("n", NumberRange(1, 9)))
)


def score(running):
    return TrialOutcome((running.values["x"],), {"folds": {"0": running.values["x"]}})


def study(url=None, **options):
    return open_study(url, "s", sampler=sampler("random", seed=0), **options)


def states(opened):
    return [one.state.name for one in opened.study.trials]


@pytest.fixture(params=["memory", "sqlite", "journal"])
def url(request, tmp_path):
    return {
        "memory": None,
        "sqlite": f"sqlite:///{tmp_path}/studies.db",
        "journal": f"journal:{tmp_path}/studies.log",
    }[request.param]


def test_trials_are_run_until_there_are_as_many(url):
    reported = []
    with study(url) as opened:
        assert run_trials(opened, SPACE, score, trials=3, on_trial_end=reported.append) == 3
        assert run_trials(opened, SPACE, score, trials=3) == 0
        assert run_trials(opened, SPACE, score, trials=5, on_trial_end=reported.append) == 2
        assert [one.number for one in reported] == [0, 1, 2, 3, 4]
        first = opened.study.trials[0]
    assert reported[0].value == first.value == first.params["x"]
    assert first.user_attrs["folds"] == {"0": first.value}
    worker = None if url is None else f"{socket.gethostname()}:{os.getpid()}"
    assert first.user_attrs.get("worker") == worker
    assert opened.notes == []


def test_a_trial_that_fails_or_is_pruned_counts_and_its_reason_is_kept(url):
    def objective(running):
        if running.number == 0:
            raise TrialFailed("no fold could be trained")
        if running.number == 1:
            raise TrialPruned("hopeless")
        if running.number == 2:
            raise DataError("a file is missing", where="data/a.png", fix="download it")
        if running.number == 3:
            return TrialOutcome((math.nan,))
        if running.number == 4:
            running.report(math.nan, 0)
        return score(running)

    with study(url) as opened:
        assert run_trials(opened, SPACE, objective, trials=6) == 6
        assert states(opened) == ["FAIL", "PRUNED", "FAIL", "FAIL", "FAIL", "COMPLETE"]
        reasons = [one.user_attrs.get("reason") for one in opened.study.trials]
    assert reasons == [
        "no fold could be trained",
        "hopeless",
        "data/a.png: a file is missing\n  fix: download it",
        "its score is no number",
        "the score after step 0 is no number",
        None,
    ]


def test_a_mistake_in_the_objective_ends_the_study_and_is_kept(url):
    with study(url) as opened:
        with pytest.raises(ZeroDivisionError):
            run_trials(opened, SPACE, lambda running: TrialOutcome((1 / 0,)), trials=3)
        assert states(opened) == ["FAIL"]
        assert opened.study.trials[0].user_attrs["reason"].startswith("ZeroDivisionError: ")
        with pytest.raises(ValueError, match="2 scores for 1 direction"):
            run_trials(opened, SPACE, lambda running: TrialOutcome((1.0, 2.0)), trials=3)


@pytest.mark.slow
@pytest.mark.other_cases("long", every=3)
@pytest.mark.parametrize("stop", [KeyboardInterrupt, TrialInterrupted, SystemExit])
def test_an_interrupted_trial_does_not_count_and_is_done_again_with_its_values(url, stop):
    seen = []

    def objective(running):
        seen.append(running.values)
        if len(seen) == 2:
            running.note("run", "base-3fa1c2d4")
            raise stop
        return score(running)

    with study(url) as opened, pytest.raises(stop):
        run_trials(opened, SPACE, objective, trials=4)
    if url is not None:  # the next command
        with study(url) as opened:
            assert states(opened) == ["COMPLETE", "FAIL", "WAITING"]
            assert run_trials(opened, SPACE, objective, trials=4) == 3
            assert states(opened) == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE", "COMPLETE"]
            stopped, again = opened.study.trials[1:3]
        assert stopped.user_attrs["reason"] == "interrupted"
        assert again.params == stopped.params
        assert seen[2] == seen[1]
        assert again.user_attrs["run"] == "base-3fa1c2d4"
        assert "reason" not in again.user_attrs


def _full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "runs/a/fold0/last.pt")


def _as_failed() -> TrialFailed:
    error = TrialFailed("no room")
    error.__cause__ = from_os_error(_full())
    error.__cause__.__cause__ = _full()
    return error


@pytest.mark.parametrize("make", [_full, _as_failed])
def test_a_full_disk_ends_the_command_and_costs_no_trial(tmp_path, make):
    """Else each trial of the rest would fail by it, and none of them be done again."""
    seen = []

    def objective(running):
        seen.append(running.values)
        if len(seen) == 2:
            raise make()
        return score(running)

    url = f"sqlite:///{tmp_path / 'studies.db'}"
    with study(url) as opened:
        with pytest.raises(RunError, match=r"last\.pt: No space left on device"):
            run_trials(opened, SPACE, objective, trials=3)
        assert states(opened) == ["COMPLETE", "FAIL", "WAITING"]
    with study(url) as opened:
        assert run_trials(opened, SPACE, objective, trials=3) == 2
        assert states(opened) == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    assert seen[2] == seen[1]


def _storage_is_full(*_args, **_kwargs):
    raise optuna.exceptions.StorageInternalError("database or disk is full")


def test_a_trial_that_found_no_room_in_the_queue_is_done_again_by_the_next_command(
    tmp_path, monkeypatch
):
    """Its end may still fit on the disk, and the trial that does it again not."""
    seen = []

    def objective(running):
        seen.append(running.values)
        if len(seen) == 2:
            monkeypatch.setattr(running._trial.study, "add_trial", _storage_is_full)
            raise _full()
        return score(running)

    url = f"sqlite:///{tmp_path / 'studies.db'}"
    with study(url) as opened:
        with pytest.raises(RunError, match=r"last\.pt: No space left on device"):
            run_trials(opened, SPACE, objective, trials=3)
        assert states(opened) == ["COMPLETE", "FAIL"]
    with study(url) as opened:
        assert run_trials(opened, SPACE, objective, trials=3) == 2
        assert states(opened) == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    assert seen[2] == seen[1]


def test_a_full_storage_costs_no_trial(tmp_path):
    """Room may be there again for the reason: the trial would count as a failed one."""
    seen = []

    def objective(running):
        seen.append(running.values)
        if len(seen) == 2:
            _storage_is_full()
        return score(running)

    url = f"sqlite:///{tmp_path / 'studies.db'}"
    with pytest.raises(RunError, match="disk is full"), study(url) as opened:
        run_trials(opened, SPACE, objective, trials=3)
    with study(url) as opened:
        assert run_trials(opened, SPACE, objective, trials=3) == 2
        assert states(opened) == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    assert seen[2] == seen[1]


class Killed(BaseException):
    """Stands for SIGKILL: nothing that podium does on its way out is done."""


@pytest.mark.parametrize("reason", [TrialInterrupted(), TrialFailed("it cannot be scored")])
def test_a_trial_whose_worker_died_between_its_reason_and_its_end_counts_once(
    tmp_path, monkeypatch, reason
):
    url = f"sqlite:///{tmp_path / 'studies.db'}"

    def killed(*_args, **_kwargs):
        raise Killed

    def objective(running):
        if running.number == 1:
            monkeypatch.setattr(running._trial.study, "tell", killed)
            raise reason
        return score(running)

    with pytest.raises(Killed), study(url) as opened:
        run_trials(opened, SPACE, objective, trials=3)
    monkeypatch.setattr(trials_module, "process_has_ended", lambda identity: bool(identity))
    with study(url) as opened:
        run_trials(opened, SPACE, score, trials=3)
        complete = [one for one in opened.study.trials if one.state.name == "COMPLETE"]
        assert states(opened)[1] == "FAIL"
        assert len(complete) == (3 if isinstance(reason, TrialInterrupted) else 2)
        assert not any("reason" in one.user_attrs for one in complete)


def test_a_trial_that_was_given_up_and_not_queued_is_done_again(tmp_path, monkeypatch):
    """A command may be killed, or the disk be full, between the two."""
    url = f"sqlite:///{tmp_path / 'studies.db'}"
    with study(url) as opened:
        trial = opened.study.ask()
        drawn = SPACE.drawn(trial)
        opened.database.set_trial_system_attr(trial._trial_id, "podium:process", ["gone"])
    monkeypatch.setattr(trials_module, "process_has_ended", lambda identity: bool(identity))
    with study(url) as opened, monkeypatch.context() as patch:
        patch.setattr(trials_module, "retry_stale_trial", _storage_is_full)
        with pytest.raises(optuna.exceptions.StorageInternalError):
            run_trials(opened, SPACE, score, trials=2)
        assert states(opened) == ["FAIL"]
    with study(url) as opened:
        assert run_trials(opened, SPACE, score, trials=2) == 2
        assert states(opened) == ["FAIL", "COMPLETE", "COMPLETE"]
        assert opened.study.trials[1].params == drawn
        assert run_trials(opened, SPACE, score, trials=2) == 0


def test_trials_in_the_queue_come_first_and_count_when_they_are_taken():
    with study() as opened:
        opened.study.enqueue_trial(SPACE.as_params({"x": 0.25}))
        run_trials(opened, SPACE, score, trials=2)
        assert opened.study.trials[0].params["x"] == 0.25
        opened.study.enqueue_trial(SPACE.as_params({"x": 0.75}))
        assert run_trials(opened, SPACE, score, trials=2) == 0
        assert run_trials(opened, SPACE, score, trials=3) == 1


def test_scores_on_the_way_prune_and_with_several_directions_are_only_kept():
    def objective(running):
        for step in range(3):
            running.report(-running.number, step)
        return TrialOutcome((-running.number,) * n_directions)

    n_directions = 1
    with study(pruner=optuna.pruners.MedianPruner(n_startup_trials=2)) as opened:
        run_trials(opened, SPACE, objective, trials=4)
        assert states(opened) == ["COMPLETE", "COMPLETE", "PRUNED", "PRUNED"]
        assert opened.study.trials[3].intermediate_values == {0: -3}
        assert opened.study.trials[3].user_attrs["reason"] == "hopeless after step 0"
    n_directions = 2
    with study(directions=["maximize", "minimize"]) as opened:
        run_trials(opened, SPACE, objective, trials=2)
        assert opened.study.trials[1].user_attrs["steps"] == {"0": -1, "1": -1, "2": -1}
        assert opened.study.trials[1].values == [-1, -1]


def test_values_that_optuna_keeps_as_text_are_facts():
    space = SearchSpace((SearchParameter("mix", CategoricalValues((["a", 1], None))),))
    with study() as opened:
        opened.study.enqueue_trial(space.as_params({"mix": ["a", 1]}))
        run_trials(opened, space, lambda running: TrialOutcome((1.0,)), trials=1)
        assert opened.study.trials[0].user_attrs["values"] == {"mix": ["a", 1]}


@pytest.mark.parametrize("url", ["memory", "sqlite"], indirect=True)
def test_a_study_of_another_space_is_refused_and_nothing_is_counted(url):
    other = SearchSpace((SearchParameter("n", CategoricalValues(("a", "b"))),))
    with study(url) as opened:
        run_trials(opened, SPACE, score, trials=2)
        with pytest.raises(UsageError, match="made for another space"):
            run_trials(opened, other, score, trials=3)
        assert run_trials(opened, SPACE, score, trials=3) == 1
        assert states(opened) == ["COMPLETE", "COMPLETE", "FAIL", "COMPLETE"]


def test_a_worker_that_was_asleep_loses_its_trial_and_reports_it(tmp_path):
    with study(f"sqlite:///{tmp_path}/studies.db") as opened:

        def objective(running):
            if running.number == 1:  # others found it stale
                opened.study.tell(running.number, state=optuna.trial.TrialState.FAIL)
            if running.number == 2:
                opened.study.tell(running.number, state=optuna.trial.TrialState.FAIL)
                running.note("run", "x")
            return TrialOutcome((running.values["x"],))

        assert run_trials(opened, SPACE, objective, trials=3) == 3
        assert states(opened) == ["COMPLETE", "FAIL", "FAIL", "COMPLETE", "COMPLETE"]
        assert [one.split()[1] for one in opened.notes] == ["1", "2"]


@pytest.mark.slow
def test_a_worker_waits_for_the_trials_of_others_and_runs_none_too_many(tmp_path):
    url = f"sqlite:///{tmp_path}/studies.db"
    predicted = []
    with study(url, heartbeat_s=60) as other, study(url, heartbeat_s=60) as opened:
        trial = other.study.ask()
        SPACE.drawn(trial)
        other.database.record_heartbeat(trial._trial_id)

        def end(text):
            predicted.append(text)
            other.study.tell(trial, 0.5)

        assert run_trials(opened, SPACE, score, trials=3, waiting=end) == 2
        assert states(opened) == ["COMPLETE"] * 3
    assert predicted == [
        "waiting for trials of other workers: 0; one whose worker was killed is found after 180 s"
    ]


@pytest.mark.slow
def test_a_trial_whose_worker_died_before_its_first_sign_of_life_is_found(tmp_path):
    url = f"sqlite:///{tmp_path}/studies.db"
    with study(url, heartbeat_s=1) as opened:
        opened.study.ask()
        began = time.monotonic()
        assert run_trials(opened, SPACE, score, trials=1) == 1
        assert states(opened) == ["FAIL", "COMPLETE"]
    assert time.monotonic() - began > 3


@pytest.mark.slow
def test_a_long_trial_gives_signs_of_life(tmp_path):
    def long(running):
        for _ in range(2):
            date_back(url, running.number)
            until = time.monotonic() + 60
            while last_sign(url, running.number) == LONG_AGO:
                assert time.monotonic() < until
                time.sleep(0.05)
        with study(url, heartbeat_s=60) as other:
            optuna.storages.fail_stale_trials(other.study)
        return score(running)

    url = f"sqlite:///{tmp_path}/studies.db"
    with study(url, heartbeat_s=1) as opened:
        assert run_trials(opened, SPACE, long, trials=1) == 1
        assert states(opened) == ["COMPLETE"]


def test_a_trial_that_kills_its_workers_is_tried_again_so_often_and_no_more():
    with study() as opened:
        SPACE.drawn(opened.study.ask())
        for n in range(MAX_RETRIES + 2):
            failed = opened.study.tell(n, state=optuna.trial.TrialState.FAIL)
            retry_stale_trial(opened.study, failed)
            if n < MAX_RETRIES:
                assert SPACE.drawn(opened.study.ask()) == failed.params
            else:
                assert len(opened.study.trials) == MAX_RETRIES + 1
                break


def test_a_journal_notes_that_it_has_no_heartbeat_and_lets_a_trial_go(tmp_path):
    url = f"journal:{tmp_path}/studies.log"
    with study(url) as opened:
        values = SPACE.drawn(opened.study.ask())
        run_trials(opened, SPACE, score, trials=3)
        assert states(opened) == ["RUNNING", "COMPLETE", "COMPLETE"]
        (note,) = opened.notes
        assert note.startswith("Trials 0 of 's'")
        with pytest.raises(UsageError, match="these trials do not run: 1, 7"):
            release(opened, [0, 1, 7])
        release(opened, [0])
        assert run_trials(opened, SPACE, score, trials=3) == 1
        assert states(opened) == ["FAIL", "COMPLETE", "COMPLETE", "COMPLETE"]
        assert opened.study.trials[3].params == values


@pytest.mark.slow
def test_tuning_is_imported_without_optuna():
    code = "import sys, podium.tuning.studies; sys.exit('optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
