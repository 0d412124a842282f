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
from podium.tuning.labels import cuts as module
from podium.tuning.labels.cuts import (
    CutTable,
    _curve_of_cut,
    _downwards,
    _n_sets,
    _sets,
    matching_cuts,
    shrunk_cuts,
)
from podium.tuning.scoring import LabelScorer

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


def table_of(ratings, truth, n_classes, metric="accuracy"):
    values = np.asarray(ratings, np.float32)
    scorer = LabelScorer.of(metric, truth, n_outputs=1, kind="ordinal", n_classes=n_classes)
    return CutTable.of(values, scorer, n_classes)


def slow(name):
    """The metric without a formula for many sets at once."""
    return replace(metrics.get(name), values=None)


def test_a_table_scores_each_set_of_places_as_its_rows_are_decided():
    rng = np.random.default_rng(0)
    ratings, truth = rng.integers(0, 9, 40) / 4, rng.integers(0, 4, 40)
    table = table_of(ratings, truth, 4)
    sets, are_all = table.sets()
    n_places = len(np.unique(ratings)) + 1
    assert are_all
    expected = list(itertools.combinations_with_replacement(range(n_places), 3))
    assert sorted(map(tuple, sets.tolist())) == expected
    edges = [*np.unique(ratings), 9.0]  # a cut at place p has p ratings below it
    by_hand = [(np.searchsorted([edges[p] for p in one], ratings, side="right") == truth).mean()
               for one in sets.tolist()]  # fmt: skip
    np.testing.assert_allclose(table.scores(sets), by_hand)
    places = np.array([2, 2, 7])
    assert table.places_of(np.array([edges[p] for p in places])).tolist() == places.tolist()
    for k, between in enumerate(([0, 1, 2], [2, 3, 4, 5, 6, 7], range(2, n_places))):
        moves = table.moves(places, k)
        assert moves[:, k].tolist() == list(between)
        assert (np.delete(moves, k, axis=1) == np.delete(places, k)).all()


@pytest.mark.parametrize("metric", ["accuracy", slow("accuracy")])
def test_of_many_places_some_are_tried_that_lie_evenly_by_rows(metric, monkeypatch):
    monkeypatch.setattr(module, "MAX_SETS", 60 if metric == "accuracy" else 10**9)
    monkeypatch.setattr(module, "MAX_SETS_SLOWLY", 10**9 if metric == "accuracy" else 60)
    ratings = np.repeat(np.arange(40) / 20, np.arange(40) % 7 + 1)
    truth = np.arange(len(ratings)) % 3
    sets, are_all = table_of(ratings, truth, 3, metric).sets()
    assert not are_all
    few = max(n for n in range(1, 41) if n * (n + 1) // 2 <= 60)  # pairs, with repeats
    below = np.array([0, *np.cumsum(np.arange(40) % 7 + 1)])
    levels = np.linspace(0, below[-1], few)
    places = sorted({int(np.flatnonzero(below >= one)[0]) for one in levels})
    expected = list(itertools.combinations_with_replacement(places, 2))
    assert sorted(map(tuple, sets.tolist())) == expected
    assert {places[0], places[-1]} == {0, 40}


def test_sets_are_as_many_as_are_counted():
    for n_places, n_cuts in itertools.product((1, 2, 5), (1, 2, 4)):
        assert len(_sets(n_places, n_cuts)) == _n_sets(n_places, n_cuts)


def test_the_best_move_is_found_wherever_it_is(monkeypatch):
    """Accuracy falls by each row that the cut point lies off: the search by steps ends at it."""
    monkeypatch.setattr(module, "MAX_MOVES_SLOWLY", 5)
    ratings = np.arange(60) / 60
    for best in range(61):
        truth = (np.arange(60) >= best).astype(int)
        for metric in ("accuracy", slow("accuracy")):
            table = table_of(ratings, truth, 2, metric)
            assert table.best_move(np.array([30]), 0) == (np.array([best]), 1.0)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_the_curve_of_a_cut_point_is_that_of_deciding_with_it(k):
    rng = np.random.default_rng(k)
    ratings, truth = rng.integers(-1, 14, 60).astype(np.float32) / 4, rng.integers(0, 4, 60)
    scorer = LabelScorer.of("accuracy", truth, n_outputs=1, kind="ordinal", n_classes=4)
    cuts = np.array([0.5, 1.25, 2.5])
    low, high = [-np.inf, *cuts, np.inf][k], [-np.inf, *cuts, np.inf][k + 2]
    curve, _ = _curve_of_cut(ratings, scorer, cuts, k, None)
    inside = np.unique(ratings[(ratings >= low) & (ratings < high)])
    np.testing.assert_array_equal(curve.thresholds[:-1], inside)
    for t, score in zip(curve.thresholds, curve.scores, strict=True):
        moved = cuts.copy()
        moved[k] = t
        assert score == pytest.approx(
            (np.searchsorted(moved, ratings, side="right") == truth).mean()
        )
    narrow = np.array([0.51, 0.6, 0.7])
    assert _curve_of_cut(ratings, scorer, narrow, 1, None) is None


@pytest.mark.parametrize("is_greater", [True, False])
def test_where_each_set_is_scored_by_itself_no_move_of_one_cut_point_gains(is_greater):
    def score(truth, predicted):
        right = float((truth == predicted).mean())
        return right if is_greater else 1.5 - right

    own = Metric("mine", "decisions", is_greater, frozenset({"ordinal"}), score)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, 3, 40)
        ratings = (0.5 * truth + 0.4 + 0.3 * rng.standard_normal(40)).clip(0, 2)
        found = fit_cuts(ratings, truth, own, n_classes=3)
        values = np.float32(ratings)

        def right(cuts, values=values, truth=truth):
            return (np.searchsorted(np.float32(cuts), values, side="right") == truth).mean()

        assert right(found) >= right([0.5, 1.5])
        for t in np.unique(values):
            assert right([min(t, found[1]), found[1]]) <= right(found)
            assert right([found[0], max(t, found[0])]) <= right(found)


def test_cut_points_are_drawn_to_halves_by_the_rarer_of_their_two_classes():
    cuts = np.array([0.8, 1.1, 2.9, 3.0])
    truth = np.repeat([0, 1, 2, 3, 4], [10, 20, 2, 2, 3])
    # 10 of 15, 2 of 7, too few of both together, and 2 of 7.
    expected = [0.5 + 0.3 * 10 / 15, 1.5 - 0.4 * 2 / 7, 2.5, 3.5 - 0.5 * 2 / 7]
    np.testing.assert_allclose(shrunk_cuts(cuts, truth), expected)
    np.testing.assert_allclose(shrunk_cuts(cuts, truth[:, None]), expected)
    np.testing.assert_array_equal(shrunk_cuts(cuts, np.zeros(50, int)), [0.5, 1.5, 2.5, 3.5])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_last_robust_cut_point_is_the_centre_of_its_curve_beside_the_others(n_classes):
    rng = np.random.default_rng(5)
    truth = rng.integers(0, n_classes, 90)
    ratings = np.float32((truth + 0.6 * rng.standard_normal(90)).clip(0, n_classes - 1))
    found = fit_cuts(ratings, truth, "accuracy", n_classes=n_classes, seed=2)
    scorer = LabelScorer.of("accuracy", truth, n_outputs=1, kind="ordinal", n_classes=n_classes)
    curve, sweep = _curve_of_cut(ratings, scorer, found, n_classes - 2, module.MAX_POINTS)
    errors = sweep.errors(curve.scores, module.BootstrapDraws(90, seed=2))
    low = found[-2] if n_classes > 2 else 0.0
    high = max(n_classes - 1.0, float(np.nextafter(ratings.max(), np.float32(9))))
    assert found[-1] == np.clip(curve.robust(errors, low=low, high=high, by_odds=False), low, high)
    raw = fit_cuts(ratings, truth, "accuracy", n_classes=n_classes, raw=True)
    assert not np.array_equal(raw, found)
