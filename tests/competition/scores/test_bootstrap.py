"""Bootstrap intervals: equal to brute force, to closed forms, and wider where groups are drawn."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import binom

from podium.competition import metrics
from podium.competition.scores.bootstrap import interval, unit_codes
from podium.errors import DataError

rng = np.random.default_rng(11)
N = 240
BINARY = rng.integers(0, 2, N)
CLASSES = rng.integers(0, 3, N)
TABLE = (rng.random((N, 3)) < 0.4).astype(np.uint8)
PROBS = rng.dirichlet(np.ones(3), N)
P = np.round(rng.random(N), 1)  # ties
GROUPS = rng.integers(0, 40, N).astype(str)

CASES = {
    "accuracy": ("accuracy", CLASSES, rng.integers(0, 3, N), {}),
    "macro_f1": ("macro_f1", CLASSES, rng.integers(0, 3, N), {}),
    "f1 samples": ("f1", TABLE, (rng.random((N, 3)) < 0.4).astype(int), {"average": "samples"}),
    "log_loss": ("log_loss", CLASSES, PROBS, {}),
    "rmse": ("rmse", rng.random(N), P, {}),
    "auc": ("auc", BINARY, P, {}),
    "auc multiclass": ("auc", CLASSES, PROBS, {}),
    "auc multilabel": ("auc", TABLE, PROBS, {"average": "weighted"}),
    "auc micro": ("auc", TABLE, PROBS, {"average": "micro"}),
}


def by_hand(name, truth, prediction, options, groups, n, seed):
    """Draw rows (or groups) one draw after the other and score each copy of the data."""
    draw = np.random.default_rng(seed)
    names = np.arange(len(truth)) if groups is None else groups
    units = [np.flatnonzero(names == name) for name in np.unique(names)]
    scores = []
    for _ in range(n):
        rows = np.concatenate([units[u] for u in draw.integers(len(units), size=len(units))])
        scores.append(metrics.score(name, truth[rows], prediction[rows], **options))
    return np.quantile(scores, [0.025, 0.975])


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_the_interval_equals_scoring_every_copy_of_the_data(case, grouped):
    name, truth, prediction, options = CASES[case]
    groups = GROUPS if grouped else None
    got = interval(name, truth, prediction, groups=groups, n=60, seed=3, **options)
    expected = by_hand(name, truth, prediction, options, groups, 60, 3)
    np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_a_metric_without_sums_and_without_draws_is_scored_copy_by_copy():
    plain = dataclasses.replace(metrics.get("auc"), score_draws=None)
    fast = interval("auc", BINARY, P, n=50)
    np.testing.assert_allclose(interval(plain, BINARY, P, n=50), fast, rtol=1e-12)


MASKS = [(rng.random(size) < 0.3).astype(np.uint8) for size in [(4, 5), (3, 3), (6, 2)] * 10]
PREDICTED = [np.where(rng.random(mask.shape) < 0.2, 1, mask).astype(np.uint8) for mask in MASKS]


@pytest.mark.parametrize("name", ["mean_dice", "global_dice", "mean_iou", "pixel_accuracy"])
def test_images_are_drawn_with_their_masks_or_with_sums_in_their_place(name):
    groups = np.arange(30) // 3
    got = interval(name, MASKS, PREDICTED, groups=groups, n=40, seed=2)
    assert (
        interval(name, sums=metrics.sums(name, MASKS, PREDICTED), groups=groups, n=40, seed=2)
        == got
    )
    draw, expected = np.random.default_rng(2), []
    for _ in range(40):
        rows = [3 * g + k for g in draw.integers(10, size=10) for k in range(3)]
        expected.append(metrics.score(name, [MASKS[r] for r in rows], [PREDICTED[r] for r in rows]))
    np.testing.assert_allclose(got, np.quantile(expected, [0.025, 0.975]), rtol=1e-9)


def test_sums_of_other_metrics_serve_as_well_and_need_a_value():
    sums = metrics.sums("accuracy", BINARY, P > 0.5)
    assert interval("accuracy", sums=sums, n=50) == interval("accuracy", BINARY, P > 0.5, n=50)
    with pytest.raises(DataError, match="auc is no function of sums"):
        interval("auc", sums=sums)


def test_the_interval_of_a_share_is_the_binomial_one():
    truth, predicted = np.zeros(400, int), np.r_[np.zeros(300, int), np.ones(100, int)]
    low, high = interval("accuracy", truth, predicted, n=8000)
    # 8000 draws know a 2.5 % quantile to about one row in 400.
    np.testing.assert_allclose([low, high], binom.ppf([0.025, 0.975], 400, 0.75) / 400, atol=0.004)


def test_groups_widen_the_interval_of_dependent_rows():
    truth = np.zeros(500, int)
    predicted = np.repeat(rng.integers(0, 2, 50), 10)  # ten equal rows a group
    rows = np.ptp(interval("accuracy", truth, predicted))
    groups = np.ptp(interval("accuracy", truth, predicted, groups=np.repeat(np.arange(50), 10)))
    assert groups == pytest.approx(rows * np.sqrt(10), rel=0.15)


def test_equal_seeds_give_equal_bounds_and_others_do_not():
    assert interval("auc", BINARY, P, n=50) == interval("auc", BINARY, P, n=50)
    assert interval("auc", BINARY, P, n=50) != interval("auc", BINARY, P, n=50, seed=1)


def test_a_lower_level_is_narrower():
    low, high = interval("auc", BINARY, P, level=0.5)
    wide_low, wide_high = interval("auc", BINARY, P, level=0.99)
    assert wide_low < low < high < wide_high


def test_many_draws_at_once_and_few_agree(monkeypatch):
    whole = interval("accuracy", BINARY, P > 0.5, n=100)
    monkeypatch.setattr("podium.competition.scores.bootstrap.CELLS_AT_ONCE", 7 * N)
    assert interval("accuracy", BINARY, P > 0.5, n=100) == whole


def test_data_without_an_interval_are_refused():
    with pytest.raises(DataError, match="one class only"):
        interval("auc", np.zeros(5, int), np.arange(5.0))
    # A single positive row is in 63 % of the draws, two of them in 40 %.
    truth = np.zeros((60, 2), int)
    truth[0, 0] = truth[1, 1] = 1
    with pytest.raises(DataError, match=r"undefined in \d+ of 200 draws"):
        interval("auc", truth, rng.random((60, 2)), n=200)
    with pytest.raises(DataError, match="level"):
        interval("accuracy", [0], [0], level=1)
    with pytest.raises(DataError, match="3 groups for 2 rows"):
        interval("accuracy", [0, 1], [0, 1], groups=list("abc"))


@pytest.mark.parametrize(
    "groups",
    [["a", None, "b", None, "a"], [1.0, np.nan, 2.0, np.nan, 1.0], np.array([3, 9, 4, 8, 3])],
)
def test_rows_of_no_group_are_units_by_themselves(groups):
    codes = unit_codes(groups, 5)
    assert codes[0] == codes[4]
    assert sorted(set(codes.tolist())) == [0, 1, 2, 3]
    with pytest.raises(DataError, match="5 groups for 4 rows"):
        unit_codes(groups, 4)
