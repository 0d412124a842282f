"""The standard error of a threshold's loss against the best one, and the robust choice by it."""

import time
from dataclasses import replace

import numpy as np
import pytest

from podium.competition import metrics
from podium.errors import DataError
from podium.tuning import Curve, fit_thresholds, threshold_curve
from podium.tuning.curves import error_of_draws, plateau_error
from podium.tuning.labels import thresholds
from podium.tuning.labels.thresholds import FEW_UNITS, BootstrapDraws, ThresholdSweep
from podium.tuning.scoring import LabelScorer


def rows(n, seed=0, share=0.3):
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < share).astype(np.int64)
    odds = 2 * (2 * truth - 1 + rng.standard_normal(n)) - 1
    return (1 / (1 + np.exp(-odds))).astype(np.float32), truth


def sweep_of(probs, truth, name, **options):
    scorer = LabelScorer.of(name, truth, n_outputs=1, kind="binary", options=options)
    ones = np.ones(len(truth), np.int64)
    return ThresholdSweep.of(probs, scorer, ones, np.zeros_like(ones))


def score_by_hand(name, truth, predicted):
    hit, wrong = (truth * predicted).sum(), (truth != predicted).sum()
    if name == "accuracy":
        return 1 - wrong / len(truth)
    if name == "f1":
        return 2 * hit / max(2 * hit + wrong, 1)
    spread = truth.std() * predicted.std()
    return (
        ((truth * predicted).mean() - truth.mean() * predicted.mean()) / spread
        if spread > 0
        else 0.0
    )


def drawn_one_by_one(probs, truth, name, thresholds, best, *, groups=None, n=4000, seed=1):
    """The same standard errors from whole rows that are drawn and decided, draw by draw."""
    rng = np.random.default_rng(seed)
    groups = np.arange(len(truth)) if groups is None else groups
    members = [np.flatnonzero(groups == one) for one in np.unique(groups)]
    losses = []
    for _ in range(n):
        at = np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        of = [score_by_hand(name, truth[at], (probs[at] >= t).astype(int)) for t in thresholds]
        losses.append(of[best] - np.array(of))
    return np.std(losses, axis=0, ddof=1)


@pytest.mark.other_cases("slow", every=3)
@pytest.mark.parametrize("name", ["accuracy", "f1", "mcc"])
@pytest.mark.parametrize("is_grouped", [False, True])
def test_errors_are_those_of_rows_drawn_and_scored_one_by_one(name, is_grouped):
    probs, truth = rows(80, share=0.5)
    probs = (5 * probs).round() / np.float32(5)  # few thresholds
    groups = np.arange(80) // 2 if is_grouped else None
    if is_grouped:  # rows of a group are alike, so that drawing them together matters
        probs, truth = np.repeat(probs[:40], 2), np.repeat(truth[:40], 2)
    sweep = sweep_of(probs, truth, name)
    scores = sweep.scores()
    draws = BootstrapDraws(80, groups, n=4000)
    found = sweep.errors(scores, draws)
    best = int(np.flatnonzero(found == 0)[0])
    assert scores[best] == scores.max()
    expected = drawn_one_by_one(probs, truth, name, sweep.thresholds, best, groups=groups, n=2000)
    # 2,000 and 4,000 draws know a standard error to 2 % together (1 / sqrt(2 n)).
    np.testing.assert_allclose(found, expected, rtol=0.09, atol=1e-12)


@pytest.mark.parametrize("n", [400, FEW_UNITS + 1])
def test_an_accuracy_loses_by_the_rows_between_two_thresholds(n):
    """In closed form: the rows between two thresholds each bring +1/n, -1/n."""
    probs, truth = rows(n)
    sweep = sweep_of(probs, truth, "accuracy")
    scores = sweep.scores()
    found = sweep.errors(scores, BootstrapDraws(n, n=4000))
    best = int(np.flatnonzero(found == 0)[0])
    for at in (best - 9, best + 7, best + 20):
        low, high = sorted((sweep.thresholds[best], sweep.thresholds[at]))
        is_between = (probs >= low) & (probs < high)
        each = np.where(is_between, np.where(truth == 1, 1.0, -1.0), 0.0)
        assert found[at] == pytest.approx(each.std() / np.sqrt(n), rel=0.06)


def test_rows_of_one_group_are_drawn_together_however_many_there_are():
    """Of pairs of equal rows there are half as many, and errors are greater by the root of two."""
    n = FEW_UNITS // 2 + 1
    probs, truth = rows(n)
    sweep = sweep_of(np.tile(probs, 2), np.tile(truth, 2), "accuracy")
    groups = np.tile(np.arange(n), 2)
    found = sweep.errors(sweep.scores(), BootstrapDraws(2 * n, groups, n=2000))
    best = int(np.flatnonzero(found == 0)[0])
    for at in (best - 30, best + 30):
        low, high = sorted((sweep.thresholds[best], sweep.thresholds[at]))
        is_between = (probs >= low) & (probs < high)
        each = np.where(is_between, np.where(truth == 1, 1.0, -1.0), 0.0)
        assert found[at] == pytest.approx(each.std() / np.sqrt(n), rel=0.08)


def test_errors_belong_to_the_best_score_in_the_middle_and_are_zero_where_none_is_known():
    assert thresholds._middle_of_best(np.array([0.0, 1, 1, 1, np.nan])) == 2
    assert thresholds._middle_of_best(np.array([1.0, 1, 0, 1, 1, 1, 1, 0])) == 4
    probs, truth = rows(80)
    sweep, draws = sweep_of(probs, truth, "f1"), BootstrapDraws(80, n=50)
    scores = sweep.scores()
    assert not sweep.errors(np.full(len(scores), np.nan), draws).any()
    accuracy = metrics.get("accuracy")
    error = replace(
        accuracy,
        name="error",
        greater_is_better=False,
        value=lambda sums, **options: 1 - accuracy.value(sums, **options),
        values=None,
    )
    coarse = probs.round(1)
    rising, falling = (sweep_of(coarse, truth, one) for one in ("accuracy", error))
    expected = rising.errors(rising.scores(), draws)
    np.testing.assert_allclose(falling.errors(falling.scores(), draws), expected, atol=1e-12)
    holed = np.where(np.arange(len(scores)) == scores.argmax(), np.nan, scores)
    assert sweep.errors(holed, draws)[scores.argmax()] > 0


@pytest.mark.parametrize("name", ["accuracy", "f1", "mcc"])
def test_rows_of_many_kinds_have_the_scores_and_errors_of_a_few(name, monkeypatch):
    """Of many kinds rows are drawn one by one, and only sums that a decision changes are added."""
    probs, truth = rows(80)
    sweep, draws = sweep_of(probs, truth, name), BootstrapDraws(80, n=50)
    scores = sweep.scores()
    errors = sweep.errors(scores, draws)
    monkeypatch.setattr(thresholds, "FEW_KINDS", 0)
    np.testing.assert_allclose(sweep.scores(), scores)
    np.testing.assert_allclose(sweep.errors(scores, draws), errors)


def test_fits_of_one_size_share_their_draws_and_no_other_fit_does():
    one, again = BootstrapDraws(50), BootstrapDraws(50)
    assert one.by_unit is again.by_unit
    assert (one.by_unit.sum(axis=0) == 50).all()
    for other in (
        BootstrapDraws(51),
        BootstrapDraws(50, seed=1),
        BootstrapDraws(50, n=7),
        BootstrapDraws(50, np.arange(50) // 2),
    ):
        assert other.by_unit.shape != one.by_unit.shape or (other.by_unit != one.by_unit).any()
    with pytest.raises(ValueError, match="read-only"):
        one.by_unit[0] = 0


def test_sums_of_units_at_each_threshold_give_the_same():
    probs, truth = rows(80)
    probs = probs.round(1)
    sweep = sweep_of(probs, truth, "f1")
    predicted = [(probs >= t).astype(int) for t in sweep.thresholds]
    sums = np.stack([metrics.sums("f1", truth, one, n_classes=2) for one in predicted])
    for groups in (None, np.arange(80) // 2):
        found = plateau_error(
            metrics.get("f1"), sums, options={"n_classes": 2}, groups=groups, n=4000
        )
        expected = sweep.errors(sweep.scores(), BootstrapDraws(80, groups, n=4000))
        np.testing.assert_allclose(found, expected, rtol=0.1, atol=1e-12)


@pytest.mark.slow
def test_between_the_thresholds_that_are_drawn_errors_are_interpolated():
    probs, truth = rows(3000, share=0.5)
    sweep = sweep_of(probs, truth, "f1")
    scores = sweep.scores()
    draws = BootstrapDraws(3000, n=1000)
    from podium.tuning.labels import thresholds as module

    thinned = sweep.errors(scores, draws)
    points = np.arange(len(scores))
    assert len(points) > 10 * module.MAX_DRAWN
    best = int(np.flatnonzero(thinned == 0)[0])
    every = error_of_draws(sweep._drawn(points, draws), best)
    far = np.abs(points - best) > 40
    np.testing.assert_allclose(thinned[far], every[far], rtol=0.15)


def test_squares_of_errors_are_interpolated_by_the_rows_below(monkeypatch):
    monkeypatch.setattr(thresholds, "MAX_DRAWN", 3)
    probs, truth = rows(90, share=0.5)
    probs = (40 * probs).round() / np.float32(40)
    sweep, draws = sweep_of(probs, truth, "f1"), BootstrapDraws(90, n=60)
    found = sweep.errors(sweep.scores(), draws)
    n_below = (probs[:, None] < sweep.thresholds).sum(axis=0)
    best = int(np.flatnonzero(found == 0)[0])
    points = thresholds._points(n_below, best, 3)
    every = error_of_draws(sweep._drawn(np.arange(len(n_below)), draws), best)
    squares = np.interp(n_below, n_below[points], every[points] ** 2)
    np.testing.assert_allclose(found, np.sqrt(squares), rtol=1e-9, atol=1e-12)
    assert len(points) < len(n_below) - 10
    assert 1 not in points


def test_a_draw_without_a_score_is_left_out_for_its_threshold_only():
    drawn = np.array([[1.0, 0.5], [0.8, np.nan], [0.9, 0.7], [0.7, 0.4]])
    losses = np.array([0.5, 0.2, 0.3])
    assert error_of_draws(drawn, 0) == pytest.approx([0, losses.std(ddof=1)])


def curve(thresholds, scores, greater_is_better=True):
    return Curve(np.array(thresholds, np.float32), np.array(scores), greater_is_better)


def test_the_centre_is_that_of_all_thresholds_within_their_error_by_log_odds():
    found = curve([0.01, 0.1, 0.2, 0.5, 0.9, 1.0], [0.5, 0.80, 0.78, 0.83, 0.79, 0.2])
    errors = np.array([0.1, 0.05, 0.01, 0.0, 0.05, 0.1])
    # From 0.1's plateau (0.01, 0.1] to 0.9's: the dip at 0.2 lies between. Odds 1/99 to 9.
    odds = np.sqrt(1 / 99 * 9)
    assert found.robust(errors) == pytest.approx(odds / (1 + odds), rel=1e-6)
    assert found.robust(errors, by_odds=False) == pytest.approx((0.01 + 0.9) / 2)
    falling = curve(found.thresholds, -found.scores, greater_is_better=False)
    assert falling.robust(errors) == found.robust(errors)


def test_without_errors_the_best_thresholds_are_left():
    found = curve([0.2, 0.4, 0.6, 0.8], [0.1, 0.9, 0.9, 0.2])
    odds = np.sqrt(0.2 / 0.8 * 0.6 / 0.4)
    assert found.robust(np.zeros(4)) == pytest.approx(odds / (1 + odds), rel=1e-6)


def test_of_two_summits_the_higher_is_taken_not_the_valley_between():
    found = curve([0.1, 0.2, 0.4, 0.6, 0.8, 0.9], [0.1, 0.8, 0.1, 0.1, 0.79, 0.1])
    errors = np.array([0.05, 0.0, 0.05, 0.05, 0.05, 0.05])
    assert found.robust(errors) == found.best() == pytest.approx(0.15)


def test_ends_that_are_0_and_1_have_a_centre_and_undefined_scores_are_never_chosen():
    assert curve([0.0, 1.0, 1.0000001], [0.5, 0.9, 0.5]).robust(np.zeros(3)) == 0.5
    always = curve([0.2, 0.6], [0.9, 0.1]).robust(np.zeros(2))
    assert always == pytest.approx(1 / 7)  # of odds 1/9, halfway to 0, and 1/4
    never = curve([0.2, 0.6, 0.6000001], [0.1, 0.2, 0.9]).robust(np.zeros(3))
    assert never == pytest.approx(np.sqrt(6) / (1 + np.sqrt(6)))  # of odds 3/2, and 4 of 0.8
    holed = curve([0.2, 0.4, 0.6], [np.nan, 0.3, np.nan])
    assert 0.2 < holed.best() <= 0.4
    assert 0.2 < holed.robust(np.zeros(3)) <= 0.4
    with pytest.raises(DataError, match="undefined at every threshold"):
        curve([0.2, 0.4], [np.nan, np.nan]).robust(np.zeros(2))


def test_a_threshold_decides_the_same_rows_when_log_odds_double():
    """Log odds twice as large: the same rows are decided yes."""
    probs, truth = rows(300, seed=3)
    probs = probs.clip(0.01, 0.99)
    odds = np.log(probs / (1 - probs), dtype=np.float64)
    surer = 1 / (1 + np.exp(-2 * odds))
    (one,), (other,) = (fit_thresholds(p, truth, "f1", "binary") for p in (probs, surer))
    assert np.log(other / (1 - other)) == pytest.approx(2 * np.log(one / (1 - one)), abs=1e-3)


@pytest.mark.slow
def test_the_robust_threshold_wins_on_fresh_rows_and_varies_less():
    fresh, answers = rows(40_000, seed=999)
    on_fresh, found = threshold_curve(fresh, answers, "mcc"), {}
    for raw in (True, False):
        of = [fit_thresholds(*rows(300, seed), "mcc", "binary", raw=raw)[0] for seed in range(250)]
        found[raw] = np.array([on_fresh.score_at(one) for one in of])
    gain = found[False] - found[True]
    assert gain.mean() > 3 * gain.std(ddof=1) / np.sqrt(len(gain))
    assert found[False].std() < 0.8 * found[True].std()


def test_a_hundred_thousand_rows_take_less_than_a_second():
    rng = np.random.default_rng(0)
    probs = rng.random(100_000).astype(np.float32)
    truth = (rng.random(100_000) < probs).astype(int)
    sweep = sweep_of(probs, truth, "f1")
    scores = sweep.scores()
    for groups in (None, np.arange(100_000) // 3):
        start = time.process_time()
        sweep.errors(scores, BootstrapDraws(100_000, groups))
        assert time.process_time() - start < 1


def test_of_a_class_with_fewer_than_five_rows_the_raw_threshold_is_taken():
    rng = np.random.default_rng(0)
    for n_positive, is_raw in ((4, True), (30, False)):
        truth = np.arange(200) < n_positive
        probs = 1 / (1 + np.exp(2 - 1.5 * truth - rng.standard_normal(200)))
        raw, robust = (fit_thresholds(probs, truth, "f1", "binary", raw=one) for one in (1, 0))
        assert (raw == robust).all() == is_raw
