"""Where a training is, and the time that is left: by hand, and as a training tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from recorded_progress import RecordedProgress

from podium.training.runs.status import FoldWork, RunOutlook, StepTimes, TrainingStatus
from podium.training.runs.train import train

TWO_PHASES = "phases=[{name: first, epochs: 2}, {name: second, epochs: 3}]"


def timed(**seconds: float) -> StepTimes:
    """Return times of steps: p0 is that of phase 0; of three steps the first is slow."""
    times = StepTimes()
    for name, each in seconds.items():
        for spent in (100.0, each, each):
            times.note(int(name[1:]), spent, 8)
    return times


def test_the_first_step_of_a_phase_is_not_counted() -> None:
    times = timed(p0=0.5)
    assert times.step_s(0) == pytest.approx(0.5)
    assert times.images_per_s(0) == pytest.approx(16.0)
    assert times.step_s(1) is None
    assert times.images_per_s(1) is None


def test_the_time_left_is_that_of_steps_evaluations_predictions_and_later_folds() -> None:
    # 10 steps of 0.5 s in the phase under way, 20 of a phase whose speed is not known yet, 3
    # evaluations of 2 s; all of the fold is 60 steps and 5 evaluations.
    left, whole = FoldWork([10, 20], 3), FoldWork([40, 20], 5)
    outlook = RunOutlook(n_folds=5, folds_after=2, runs_after=1, times=timed(p0=0.5))
    of_fold, of_all = outlook.seconds_left(left, whole, 0, 2.0)
    assert of_fold == pytest.approx(10 * 0.5 + 20 * 0.5 + 3 * 2)
    assert of_all == pytest.approx(of_fold + 7 * (60 * 0.5 + 5 * 2))
    # An earlier fold has shown the speed of the second phase, of predicting, and of a whole fold.
    outlook = RunOutlook(n_folds=5, folds_after=2, times=timed(p0=0.5, p1=0.1))
    outlook.predict_s, outlook.fold_s = [3.0, 5.0], [30.0, 34.0]
    of_fold, of_all = outlook.seconds_left(left, whole, 0, 2.0)
    assert of_fold == pytest.approx(10 * 0.5 + 20 * 0.1 + 3 * 2 + 4)
    assert of_all == pytest.approx(of_fold + 2 * 32)


def test_no_remaining_time_is_shown_before_a_step_was_timed() -> None:
    work = FoldWork([10])
    assert RunOutlook().seconds_left(work, work, 0, 1.0) == (None, None)
    status = TrainingStatus("r", "full", 1, 1, "only", 1, 1, 1, 2, 0, 10)
    assert status.line() == "r: all rows, only, epoch 1 of 2"


def test_the_time_left_names_the_runs_that_it_is_of() -> None:
    status = TrainingStatus(
        "r", 4, 5, 5, "only", 1, 1, 1, 2, 0, 10, fold_left_s=7.0, all_left_s=168.0
    )
    assert status.line().endswith(", 7 s left of the fold, 2 min 48 s left of all folds")
    # Of the last fold, all that is left beside it is another recipe's.
    others = {1: "this run and the next", 2: "this run and the 2 after it"}
    for n, of in others.items():
        assert replace(status, runs_after=n).line().endswith(f" 2 min 48 s left of {of}")


class StatusLog(RecordedProgress):
    """Keeps every status of a training."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[TrainingStatus] = []

    @contextmanager
    def status_bar(
        self, label: str, total: int, status: Callable[[], TrainingStatus]
    ) -> Iterator[Callable[[int], None]]:
        self.total = total
        yield lambda _: self.seen.append(status())


def test_a_training_reports_fold_phase_epoch_loss_and_score(make: Callable) -> None:
    workspace, competition = make()
    log, rows = StatusLog(), {}
    train(
        workspace,
        competition,
        workspace.recipes / "tiny.yaml",
        overrides=[TWO_PHASES],
        folds=[0, 2],
        watch=lambda fold, row: rows.__setitem__((fold, row["phase"], row["epoch"]), row),
        runs_after=1,
        progress=log,
    )
    of_fold = [one for one in log.seen if one.fold == 2]
    assert (of_fold[0].position, of_fold[0].n_folds) == (2, 2)
    assert [one.step for one in of_fold] == list(range(log.total + 1))
    assert {one.steps for one in of_fold} == {log.total}
    per_epoch = log.total // 5
    for number, phase, epochs in ((1, "first", 2), (2, "second", 3)):
        of_phase = [one for one in of_fold[1:] if one.phase == phase]
        assert {(one.phase_position, one.n_phases, one.epochs) for one in of_phase} == {
            (number, 2, epochs)
        }
        for epoch in range(1, epochs + 1):
            # The loss after an epoch's last step is that of its line; the score is the last one's.
            ends = of_phase[epoch * per_epoch - 1]
            assert ends.epoch == epoch
            assert ends.loss == pytest.approx(rows[2, phase, epoch]["train_loss"])
            if epoch > 1:
                assert ends.score == rows[2, phase, epoch - 1]["accuracy"]
    assert of_fold[0].score is None
    # At the end nothing is left but predicting, and the folds of the other run.
    last = of_fold[-1]
    assert last.metric == "accuracy"
    assert last.fold_left_s is not None
    assert last.all_left_s is not None
    assert last.all_left_s > last.fold_left_s
    assert last.images_per_s is not None
    assert all(one.all_left_s == one.fold_left_s for one in of_fold if one.fold_left_s is None)
