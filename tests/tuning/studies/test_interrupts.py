"""Ctrl-C while a trial is taken: the trial is done again, and none is left running."""

import os
import signal

import optuna
import pytest

from podium.tuning.space import NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import TrialOutcome, open_study, run_trials
from podium.tuning.studies.trial_digests import DIGEST
from podium.tuning.studies.trials import Interrupts

SPACE = SearchSpace((SearchParameter("x", NumberRange(0.0, 1.0)),))


@pytest.fixture(autouse=True)
def _interrupts_interrupt():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def interrupts_in(body):
    """Run a body in a new `Interrupts`, which an interrupt must end; return what it had seen."""
    seen = []

    def run():
        with Interrupts() as interrupts:
            body(interrupts, seen.append)

    with pytest.raises(KeyboardInterrupt):
        run()
    return seen


def test_an_interrupt_waits_for_the_next_place_where_it_may_come():
    def body(interrupts, see):
        interrupt()
        see("held")
        with interrupts.allowed():
            see("allowed")

    assert interrupts_in(body) == ["held"]
    with pytest.raises(KeyboardInterrupt):
        interrupt()  # as before


def test_an_interrupt_ends_what_it_may_end_at_once():
    def body(interrupts, see):
        with interrupts.allowed():
            with interrupts.held():
                see("held")
            interrupt()
            see("after")

    assert interrupts_in(body) == ["held"]


def test_inside_it_waits_for_the_end_of_what_is_held():
    def body(interrupts, see):
        with interrupts.allowed():
            with interrupts.held():
                interrupt()
                see("held")
            see("after")

    assert interrupts_in(body) == ["held"]


def test_an_interrupt_that_found_no_place_comes_at_the_end():
    def body(interrupts, see):
        interrupt()
        see("held")

    assert interrupts_in(body) == ["held"]


def test_a_second_interrupt_does_not_wait():
    def body(interrupts, see):
        interrupt()
        see("first")
        interrupt()
        see("second")

    assert interrupts_in(body) == ["first"]


def test_another_error_comes_before_an_interrupt_that_waits():
    def run():
        with Interrupts():
            interrupt()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()


def test_where_interrupts_are_ignored_they_stay_so():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupts = Interrupts()
    with interrupts, interrupts.allowed():
        interrupt()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.parametrize("method", ["report", "set_user_attr"])
def test_a_report_of_an_objective_is_written_whole(tmp_path, monkeypatch, method):
    plain = getattr(optuna.Trial, method)

    def interrupted(trial, *given):
        if given[0] not in ("worker", DIGEST):
            interrupt()
        plain(trial, *given)

    def objective(running):
        if method == "report":
            running.report(0.25, 0)
        else:
            running.note("told", 0.25)
        raise AssertionError  # not reached

    monkeypatch.setattr(optuna.Trial, method, interrupted)
    with open_study(f"sqlite:///{tmp_path / 'studies.db'}", "one") as opened:
        with pytest.raises(KeyboardInterrupt):
            run_trials(opened, SPACE, objective, trials=1)
        (first, again) = opened.study.trials
    assert (first.state.name, again.state.name) == ("FAIL", "WAITING")
    told = first.intermediate_values if method == "report" else first.user_attrs
    assert told[0 if method == "report" else "told"] == 0.25


def test_interrupted_new_trial_is_enqueued_again(tmp_path, monkeypatch):
    began = []

    def objective(running):
        began.append(running.values["x"])
        return TrialOutcome((running.values["x"],))

    with open_study(f"sqlite:///{tmp_path / 'studies.db'}", "one") as opened:
        ask = opened.study.ask

        def taken_and_interrupted():
            trial = ask()
            interrupt()
            return trial

        monkeypatch.setattr(opened.study, "ask", taken_and_interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_trials(opened, SPACE, objective, trials=2)
        assert not began
        states = [one.state.name for one in opened.study.trials]
        assert states == ["FAIL", "WAITING"]
        drawn = opened.study.trials[0].params["x"]
        monkeypatch.undo()
        assert run_trials(opened, SPACE, objective, trials=2) == 2
    assert began[0] == drawn
