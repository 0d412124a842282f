"""Private scores given what was seen: against plain simulation and closed forms."""

from dataclasses import replace

import numpy as np
import pytest

from podium.competition import metrics
from podium.ensembling.honest import OofUnits
from podium.errors import DataError, UsageError
from podium.submissions.board.private_scores import (
    evidence_of,
    evidence_of_draws,
    sample_private,
    shake_up,
    split_sizes,
)


def units_of(hits, ids=None):
    truth = np.zeros(len(hits), np.int64)
    sums = metrics.sums("accuracy", truth, np.where(hits, 0, 1))
    names = np.arange(len(hits)).astype(str) if ids is None else np.array(ids)
    return OofUnits(names, None, metrics.get("accuracy"), sums=sums)


def hits(seed, p=0.8, n=400):
    return np.random.default_rng(seed).random(n) < p


def known_of(units, public, **options):
    given = {"n_test": 1000, "public_share": 0.3, "n": 800, **options}
    return evidence_of([f"s{k}" for k in range(len(units))], units, public, **given)


def test_covariances_are_those_of_means_of_units():
    a = hits(1)
    b = np.where(hits(2, 0.9), a, ~a)  # agrees with a in nine of ten
    known = known_of([units_of(a), units_of(b)], [None, None])
    by_unit = np.cov(np.stack([a, b]).astype(float))
    assert (known.n_units, known.n_public, known.n_private) == (400, 300, 700)
    assert known.cov_honest == pytest.approx(by_unit / 400, rel=0.15)
    assert known.cov_private == pytest.approx(by_unit / 700, rel=0.15)
    assert known.correlation[0, 1] == pytest.approx(np.corrcoef(a, b)[0, 1], abs=0.07)
    assert known.moved.std(0) == pytest.approx(
        np.sqrt(np.diag(by_unit) * (1 / 300 + 1 / 700)), rel=0.1
    )


def test_without_public_scores_the_honest_ones_are_expected_in_their_order():
    known = known_of([units_of(hits(1, p)) for p in (0.7, 0.8, 0.9)], [None] * 3)
    mean = sample_private(known, n=20_000).mean(0)
    assert np.argsort(mean).tolist() == [0, 1, 2]
    assert mean == pytest.approx(known.honest, abs=0.02)


def test_the_same_file_twice_has_one_private_score():
    same = units_of(hits(1))
    drawn = sample_private(known_of([same, same], [0.8, 0.8]))
    assert np.abs(drawn[:, 0] - drawn[:, 1]).max() < 0.002


def test_a_common_shift_of_the_test_set_moves_all_and_no_order():
    units = [units_of(hits(k, 0.7 + 0.05 * k)) for k in range(4)]
    public = np.full(4, 0.775)  # so that the order is that of the honest scores
    level = sample_private(known_of(units, public)).mean(0)
    harder = sample_private(known_of(units, public - 0.2)).mean(0)
    assert level - harder == pytest.approx([0.2] * 4, abs=0.02)


def test_one_whose_public_score_falls_far_short_is_expected_to_be_worse():
    units = [units_of(hits(k, 0.8)) for k in range(6)]
    honest = np.array([one.score() for one in units])
    fallen = honest - np.array([0.2, 0, 0, 0, 0, 0])
    mean = sample_private(known_of(units, fallen)).mean(0)
    assert mean[0] < mean[1:].min() - 0.05


def test_lower_scores_may_be_better():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=300)
    units = []
    for width in (0.2, 0.4):
        predicted = truth + rng.normal(0, width, 300)
        sums = metrics.sums("rmse", truth, predicted)
        units.append(OofUnits(np.arange(300).astype(str), None, metrics.get("rmse"), sums=sums))
    known = known_of(units, [None, None])
    drawn = sample_private(known)
    assert not known.greater_is_better
    assert drawn.mean(0) == pytest.approx([0.2, 0.4], abs=0.04)


@pytest.mark.slow
def test_intervals_hold_the_private_score_as_often_as_they_state():
    """Simulated competitions: 90 % intervals of the difference of two submissions."""
    rng = np.random.default_rng(3)
    inside = []
    for _ in range(150):
        p = rng.normal(0.8, 0.02, 3)
        oof, public, private = ([rng.random(n) < one for one in p] for n in (300, 200, 400))
        known = known_of(
            [units_of(one) for one in oof],
            [one.mean() for one in public],
            n_test=600,
            public_share=1 / 3,
            n=120,
        )
        drawn = sample_private(known, n=2000)
        low, high = np.quantile(drawn[:, 0] - drawn[:, 1], [0.05, 0.95])
        inside.append(low <= private[0].mean() - private[1].mean() <= high)
    assert 0.84 <= np.mean(inside) <= 1.0


@pytest.mark.parametrize("name", ["accuracy", "rmse"])
def test_expected_score_does_not_exceed_the_perfect_score(name):
    rng = np.random.default_rng(0)
    # In eight private units a score moves by far more than is left to the right answer.
    truth, predicted = rng.normal(size=60), rng.normal(size=60)
    sums = metrics.sums("accuracy", np.ones(60), (truth > -1.6).astype(int))
    if name == "rmse":
        sums = metrics.sums("rmse", truth, np.where(truth > -1.6, truth, predicted))
    units = OofUnits(np.arange(60).astype(str), None, metrics.get(name), sums=sums)
    known = known_of([units, units], [None, None], n_test=12)
    drawn, free = sample_private(known), sample_private(replace(known, perfect=None))
    perfect, sign = metrics.get(name).perfect, known.sign
    assert (sign * (free - perfect) > 0).mean() > 0.05, "or the test shows nothing"
    np.testing.assert_array_equal(drawn, sign * np.minimum(sign * free, sign * perfect))
    assert (shake_up(known, drawn).submissions[0].private_interval[int(sign > 0)]) == perfect


def test_expected_score_does_not_fall_below_the_worst_score():
    sums = metrics.sums("accuracy", np.ones(60), (np.arange(60) < 8).astype(int))
    units = OofUnits(np.arange(60).astype(str), None, metrics.get("accuracy"), sums=sums)
    known = known_of([units, units], [None, None], n_test=12)
    drawn, free = sample_private(known), sample_private(replace(known, worst=None))
    assert (free < 0).mean() > 0.05, "or the test shows nothing"
    np.testing.assert_array_equal(drawn, np.maximum(free, 0))


def test_a_board_of_another_scale_has_no_such_end():
    known = known_of([units_of(hits(1, 0.9)), units_of(hits(2, 0.8))], [91.0, 82.0])
    assert sample_private(known).mean() > 50


def test_equal_seeds_give_equal_samples():
    known = known_of([units_of(hits(1)), units_of(hits(2))], [0.8, 0.7])
    assert np.array_equal(sample_private(known, seed=4), sample_private(known, seed=4))


def test_a_share_must_split_the_test_set():
    assert split_sizes(1000, 0.3) == (300, 700)
    for share in (0.0, 1.0, 30):
        with pytest.raises(UsageError, match="between 0 and 1"):
            split_sizes(1000, share)
    with pytest.raises(UsageError, match="cannot be split"):
        split_sizes(1, 0.3)


def test_draws_without_a_score_are_counted():
    draws = np.full((10, 3, 2), np.nan)
    with pytest.raises(DataError, match="undefined in most"):
        evidence_of_draws(
            ["a", "b"], [0.5, 0.5], [None, None], draws, greater_is_better=True, sizes=(9, 3, 6)
        )


def test_submissions_by_other_metrics_are_not_compared():
    other = OofUnits(np.array(["0"]), None, metrics.get("rmse"), sums=np.ones((1, 2)))
    with pytest.raises(DataError, match="different metrics"):
        known_of([units_of(hits(1)), other], [None, None])


@pytest.mark.parametrize("public", [None, 1.0, 0.9])
def test_perfect_files_have_no_width_and_are_no_fault(public):
    perfect = np.ones(50, dtype=bool)
    known = known_of([units_of(perfect), units_of(perfect)], [public, public])
    assert sample_private(known).mean(0) == pytest.approx([public or 1.0] * 2, abs=0.06)


def test_one_submission_has_a_private_score():
    known = known_of([units_of(hits(1))], [0.8])
    assert sample_private(known).mean() == pytest.approx(0.8, abs=0.02)
