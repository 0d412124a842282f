"""Cut points of ratings: as good as brute force, never worse than rounding, and honest."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from tuning.decided import fit_decision

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.ensembling import blend
from podium.errors import UsageError
from podium.predictions.decisions.labels import decide
from podium.tuning import cross_fit, fit_cuts
from podium.tuning.labels.cuts import _downwards, matching_cuts, shrunk_cuts

N = 5
DISTANCE = np.subtract.outer(np.arange(N), np.arange(N)) ** 2


def _pairs(truth, decisions):
    return np.eye(N * N)[N * truth + decisions]


def _of_pairs(sums):
    """1 - sum(W O) / sum(W E), of the counts of (truth, decision)."""
    counts = sums.sum(axis=0).reshape(N, N)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return 1 - float((DISTANCE * counts).sum()) / max(float((DISTANCE * expected).sum()), 1e-12)


def _kappa(truth, decisions):
    return _of_pairs(_pairs(truth, decisions))


KAPPA = Metric.from_sums(
    "kappa",
    needs="decisions",
    greater_is_better=True,
    kinds=frozenset({"ordinal"}),
    sums=_pairs,
    value=_of_pairs,
)
SLOW_KAPPA = Metric(  # a metric that is no function of sums
    "slow",
    "decisions",
    True,
    frozenset({"ordinal"}),
    lambda truth, predicted: float(cohen_kappa_score(truth, predicted, weights="quadratic")),
)


def skewed(n, seed, n_classes=5):
    """Truth as of retinopathy, half of it healthy; ratings shrunk to the mean, as a loss wants."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(n_classes, n, p=[0.5, 0.1, 0.27, 0.05, 0.08])
    ratings = 0.55 * truth + 0.5 + 0.35 * rng.standard_normal(n)
    return ratings.clip(0, n_classes - 1).astype(np.float32), truth


def score_of(metric, ratings, truth, steps=None):
    return metric(truth, decide(ratings, steps, "ordinal"))


@pytest.mark.parametrize("seed", range(8))
def test_the_cut_points_of_few_rows_are_as_good_as_the_best_of_all_there_are(seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, 24)
    ratings = (0.5 * truth + 0.4 + 0.4 * rng.standard_normal(24)).clip(0, 2).astype(np.float32)
    values = np.unique(ratings)
    between = [-1.0, *((values[1:] + values[:-1]) / 2), 3.0]
    brute = max(
        score_of(_kappa, ratings, truth, [{"cuts": list(cuts)}])
        for cuts in itertools.combinations_with_replacement(between, 2)
    )
    found = fit_cuts(ratings, truth, KAPPA, n_classes=3, raw=True)
    assert score_of(_kappa, ratings, truth, [{"cuts": found.tolist()}]) == pytest.approx(brute)


@pytest.mark.parametrize("metric", [KAPPA, SLOW_KAPPA, "accuracy", "macro_f1"])
def test_cut_points_ascend_and_are_never_worse_than_rounding(metric):
    for seed in range(1 if metric is SLOW_KAPPA else 5):
        ratings, truth = skewed(60 if metric is SLOW_KAPPA else 300, seed)
        found = fit_cuts(ratings, truth, metric, n_classes=5, raw=True)
        assert found.shape == (4,)
        assert (np.diff(found) >= 0).all()
        of = [
            metrics.score(metric, truth, decide(ratings, steps, "ordinal"))
            for steps in (None, [{"cuts": found.tolist()}])
        ]
        assert of[1] >= of[0]


def test_many_ratings_are_looked_at_one_by_one_near_the_best_cut_point():
    rng = np.random.default_rng(0)
    ratings = np.sort(rng.random(5000)).astype(np.float32)
    # A few wrong labels far below: quantile matching is off, and the best cut point is not.
    truth = (ratings >= 0.7531) | (rng.random(5000) < 0.1 * (ratings < 0.3))
    (cut,) = fit_cuts(ratings, truth.astype(np.int64), "accuracy", n_classes=2, raw=True)
    assert (decide(ratings, [{"cuts": [cut]}], "ordinal") == (ratings >= 0.7531)).all()


@pytest.mark.parametrize("seed", range(3))
def test_cut_points_are_the_same_where_each_set_of_them_is_scored_by_itself(seed):
    ratings, truth = skewed(50, seed)
    accuracy = metrics.get("accuracy")
    found = [
        fit_cuts(ratings, truth, metric, n_classes=5, raw=True)
        for metric in (accuracy, replace(accuracy, values=None))
    ]
    np.testing.assert_array_equal(*found)


def most_right(ratings, truth):
    """The best accuracy of any cut points, by going through the sorted rows (no two are equal)."""
    right = np.zeros(N)  # with the last row seen in each class
    for label in truth[np.argsort(ratings)]:
        right = np.maximum.accumulate(right) + (np.arange(N) == label)
    return right.max() / len(truth)


def test_ratings_that_are_drawn_to_the_middle_are_cut_about_as_well_as_can_be():
    missed = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth = rng.choice(N, 80, p=[0.5, 0.1, 0.27, 0.05, 0.08])
        ratings = (0.25 * truth + 1.7 + 0.25 * rng.standard_normal(80)).astype(np.float32)
        cuts = fit_cuts(ratings, truth, "accuracy", n_classes=N, raw=True)
        found = (decide(ratings, [{"cuts": cuts.tolist()}], "ordinal") == truth).mean()
        missed.append(most_right(ratings, truth) - found)
    assert min(missed) >= 0
    assert np.mean(missed) < 0.025


def test_quantile_matching_gives_each_class_its_share():
    ratings, truth = skewed(1000, 3)
    cuts = matching_cuts(ratings, truth, n_classes=5)
    predicted = decide(ratings, [{"cuts": cuts.tolist()}], "ordinal")
    # Ratings that were clipped to 0 are equal, and cannot be cut apart.
    assert np.abs(np.bincount(predicted, minlength=5) - np.bincount(truth, minlength=5)).max() <= 2


@pytest.mark.parametrize(
    ("ratings", "truth", "expected"),
    [
        ([1, 2, 2.5, 3.5], [1, 1, 1, 2], [0.0, 3.0]),  # no row is of class 0
        ([-1, 2, 2.5, 3.5], [1, 1, 1, 2], [-1.0, 3.0]),
        ([1, 2, 2.5, 3.5], [0, 1, 1, 1], [1.5, 4.5]),  # and none of class 2
        ([0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0], [2.0, 2.0]),
    ],
)
def test_quantile_matching_leaves_classes_that_are_nowhere_without_rows(ratings, truth, expected):
    assert matching_cuts(np.array(ratings), np.array(truth), n_classes=3).tolist() == expected


@pytest.mark.slow
@pytest.mark.long
def test_kappa_of_skewed_ratings_gains_on_rows_that_no_cut_point_saw():
    ratings, truth = skewed(600, 11)
    folds = np.arange(600) % 5
    made = blend(
        ratings[None, :, None], truth, KAPPA, folds, kind="ordinal", n_classes=5, n_resamples=20
    )
    plain = score_of(_kappa, ratings, truth)
    assert [list(step) for step in made.decision] == [["cuts"]]
    assert made.untuned == pytest.approx(plain)
    assert made.honest > plain + 0.05
    # The honest score by hand: each fold by the cut points of the four others.
    by_hand = np.empty(600, dtype=np.int64)
    for k in range(5):
        others = folds != k
        cuts = fit_cuts(ratings[others], truth[others], KAPPA, n_classes=5)
        cuts = shrunk_cuts(cuts, truth[others])
        by_hand[folds == k] = decide(ratings[folds == k], [{"cuts": cuts.tolist()}], "ordinal")
    assert made.honest == pytest.approx(_kappa(truth, by_hand))


@pytest.mark.slow
def test_a_fold_has_no_part_in_its_own_cut_points():
    ratings, truth = skewed(400, 5)
    folds = np.arange(400) % 3

    def cuts_of_fold_2(labels):
        return cross_fit(
            lambda rows: fit_cuts(ratings[rows], labels[rows], KAPPA, n_classes=5),
            lambda cuts, rows: decide(ratings[rows], [{"cuts": cuts.tolist()}], "ordinal"),
            folds=folds,
        ).by_fold[2]

    found = cuts_of_fold_2(truth)
    assert (found == cuts_of_fold_2(np.where(folds == 2, 4 - truth, truth))).all()
    assert (found != cuts_of_fold_2(np.where(folds == 1, 4 - truth, truth))).any()


def test_a_gain_within_its_standard_error_keeps_rounding():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 40)
    ratings = (truth + 0.35 * rng.standard_normal(40)).clip(0, 2).astype(np.float32)
    tuned = fit_cuts(ratings, truth, KAPPA, n_classes=3, raw=True)
    gain = score_of(_kappa, ratings, truth, [{"cuts": tuned.tolist()}]) - score_of(
        _kappa, ratings, truth
    )
    assert 0 < gain < 0.03
    assert fit_decision(ratings, truth, KAPPA, "ordinal", n_classes=3) == []


def test_a_class_that_is_nowhere_in_the_truth_needs_no_row():
    ratings, truth = skewed(200, 1)
    truth = np.where(truth == 3, 2, truth)
    assert fit_cuts(ratings, truth, KAPPA, n_classes=5).shape == (4,)


def test_a_metric_that_is_undefined_for_one_class_keeps_rounding():
    ratings, truth = np.random.default_rng(0).random(40), np.ones(40, int)
    assert fit_cuts(ratings, truth, "mcc", n_classes=3).tolist() == [0.5, 1.5]
    assert fit_decision(ratings, truth, "mcc", "ordinal", n_classes=3) == []


def test_a_metric_of_ratings_has_no_cut_points():
    ratings, truth = skewed(50, 0)
    assert fit_decision(ratings, truth, "rmse", "ordinal", n_classes=5) == []
    with pytest.raises(UsageError, match="no cut point"):
        fit_cuts(ratings, truth, "rmse", n_classes=5)


def test_ratings_may_be_trained_as_a_multiclass_task_and_scored_by_kappa():
    ratings, truth = skewed(600, 4)
    probs = np.exp(-2 * np.abs(ratings[:, None] - np.arange(5)))
    probs = (probs / probs.sum(axis=1, keepdims=True)).astype(np.float32)
    made = blend(
        probs[None], truth, "qwk", np.arange(600) % 5, kind="multiclass", trials=30, n_resamples=20
    )
    assert [list(step) for step in made.decision] == [["class_weights"]]
    assert made.honest > made.untuned
    decided = decide(probs, list(made.decision), "multiclass")
    assert made.optimistic == pytest.approx(cohen_kappa_score(truth, decided, weights="quadratic"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=2, max_size=12),
    st.integers(2, 4),
)
def test_kappa_of_few_rows_reaches_the_best_of_all_combinations_of_places(rows, n_classes):
    ratings = np.array([one for one, _ in rows], np.float32) / 4
    truth = np.array([min(one, n_classes - 1) for _, one in rows])
    if len(np.unique(truth)) < 2:
        return
    values = np.unique(ratings)
    places = [values[0] - 1, *((values[1:] + values[:-1]) / 2), values[-1] + 1]
    brute = max(
        metrics.score("qwk", truth, np.searchsorted(cuts, ratings), n_classes=n_classes)
        for cuts in itertools.combinations_with_replacement(places, n_classes - 1)
    )
    found = fit_cuts(ratings, truth, "qwk", n_classes=n_classes, raw=True)
    predicted = decide(ratings, [{"cuts": found.tolist()}], "ordinal")
    assert (np.diff(found) >= 0).all()
    assert metrics.score("qwk", truth, predicted, n_classes=n_classes) == pytest.approx(
        brute, abs=1e-12
    )


@pytest.mark.slow
def test_robust_cut_points_win_kappa_on_fresh_rows():
    ratings, truth = skewed(20_000, 10**6)
    gains = []
    for seed in range(60):
        of = [fit_cuts(*skewed(150, seed), "qwk", n_classes=5, raw=raw) for raw in (True, False)]
        scores = [metrics.score("qwk", truth, np.searchsorted(one, ratings)) for one in of]
        gains.append(scores[1] - scores[0])
    assert np.mean(gains) > 3 * np.std(gains, ddof=1) / np.sqrt(len(gains))


def test_numbers_of_places_become_smaller_by_one_percent_at_least_by_one() -> None:
    assert list(itertools.islice(_downwards(10_000), 3)) == [10_000, 9_900, 9_801]
    assert list(_downwards(4)) == [4, 3, 2, 1]
