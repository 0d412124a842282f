"""Curves against brute force over all distinct thresholds."""

import dataclasses
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition import metrics
from podium.errors import DataError, UsageError
from podium.predictions import decide
from podium.tuning import Curve, fit_thresholds, threshold_curve
from podium.tuning.labels.thresholds import BESIDE, _points

SCORED = [
    ("accuracy", {}),
    ("f1", {}),
    ("f1", {"zero_division": 1.0}),
    ("f1", {"average": "macro"}),
    ("f1", {"average": "micro"}),
    ("fbeta", {"beta": 2.0}),
    ("fbeta", {"beta": 0.5, "average": "macro"}),
    ("macro_f1", {}),
    ("macro_f1", {"labels": [0, 1]}),
    ("mcc", {}),
    ("mcc", {"undefined": "zero"}),
    ("balanced_accuracy", {}),
    ("balanced_accuracy", {"undefined": "error"}),
    ("youden", {}),
]

# Few distinct values, so that ties are the rule; and any float32.
values = st.one_of(
    st.sampled_from([0.0, 0.125, 0.5, 0.75, 1.0]), st.floats(0, 1, width=32, allow_subnormal=False)
)
cases = st.lists(st.tuples(values, st.integers(0, 1)), min_size=1, max_size=25)


def by_brute_force(probs, truth, name, options):
    given = {"n_classes": 2, **options} if "n_classes" in metrics.get(name).options else options
    above_all = np.nextafter(probs.max(), np.float32(2))
    thresholds = [*sorted(set(probs.tolist())), float(above_all)]
    decided = [(probs >= np.float32(t)).astype(int) for t in thresholds]
    return thresholds, [score_or_nan(name, truth, predicted, **given) for predicted in decided]


def score_or_nan(name, truth, predicted, **options):
    try:
        return metrics.score(name, truth, predicted, **options)
    except DataError:
        return np.nan


@pytest.mark.parametrize(("name", "options"), SCORED)
@settings(max_examples=30)
@given(cases)
def test_a_curve_and_the_raw_threshold_are_brute_force_over_all_distinct_thresholds(
    name, options, case
):
    probs, truth = np.array([p for p, _ in case], np.float32), np.array([t for _, t in case])
    curve = threshold_curve(probs, truth, name, **options)
    thresholds, scores = by_brute_force(probs, truth, name, options)
    np.testing.assert_array_equal(curve.thresholds, np.array(thresholds, np.float32))
    np.testing.assert_allclose(curve.scores, scores, rtol=1e-12, atol=1e-15)  # order of sums
    if np.isnan(scores).all():
        with pytest.raises(DataError, match="undefined at every threshold"):
            fit_thresholds(probs, truth, name, "binary", raw=True, options=options)
        return
    (threshold,) = fit_thresholds(probs, truth, name, "binary", raw=True, options=options)
    predicted = decide(probs, [{"threshold": float(threshold)}], "binary")
    reached = metrics.score(
        name, truth, predicted, **metrics.with_classes(name, options, "binary", 2)
    )
    assert reached == pytest.approx(np.nanmax(scores), rel=1e-12, abs=1e-15)


@settings(max_examples=20)
@given(cases, st.floats(-0.5, 1.5, width=32))
def test_score_at_is_the_score_of_any_threshold(case, threshold):
    probs, truth = np.array([p for p, _ in case], np.float32), np.array([t for _, t in case])
    predicted = (probs >= np.float32(threshold)).astype(int)
    got = threshold_curve(probs, truth, "accuracy").score_at(threshold)
    assert got == metrics.score("accuracy", truth, predicted)


def test_counts_sums_and_single_scores_give_the_same_curve():
    rng = np.random.default_rng(0)
    # More than 255 rows: sums are counted in larger integers than they come in.
    probs, truth = rng.random(700).round(1), rng.integers(0, 2, 700)
    summed = dataclasses.replace(metrics.get("f1"), name="mine")
    plain = dataclasses.replace(metrics.get("f1"), sums=None, value=None, name="mine")
    counted = threshold_curve(probs, truth, "f1").scores
    np.testing.assert_array_equal(threshold_curve(probs, truth, plain).scores, counted)
    np.testing.assert_array_equal(threshold_curve(probs, truth, summed).scores, counted)


def test_a_metric_that_falls_when_better_is_minimised():
    accuracy = metrics.get("accuracy")
    error = dataclasses.replace(
        accuracy,
        name="error",
        greater_is_better=False,
        value=lambda sums, **options: 1 - accuracy.value(sums, **options),
        score=lambda *args, **options: 1 - accuracy.score(*args, **options),
        values=None,
    )
    rng = np.random.default_rng(0)
    probs, truth = rng.random(50), rng.integers(0, 2, 50)
    assert (
        threshold_curve(probs, truth, error).best()
        == threshold_curve(probs, truth, "accuracy").best()
    )


def curve(thresholds, scores):
    return Curve(np.array(thresholds, np.float32), np.array(scores, np.float64))


def test_the_centre_of_the_widest_plateau_is_chosen():
    # 1.0 is reached on (0.125, 0.25] and on (0.25 … 0.5, 0.875]
    got = curve([0.125, 0.25, 0.5, 0.75, 0.875, 1.0], [0.5, 1.0, 0.9, 1.0, 1.0, 0.2]).best()
    assert got == (0.5 + 0.875) / 2


def test_a_plateau_within_a_tolerance_is_wider():
    found = curve([0.25, 0.5, 0.75, 1.0], [0.90, 0.92, 0.91, 0.2])
    assert found.best() == (0.25 + 0.5) / 2
    assert found.best(within=0.011) == (0.25 + 0.75) / 2


def test_a_lowest_plateau_begins_at_zero_and_neighbouring_floats_have_no_centre():
    assert curve([0.5, 1.0], [1.0, 0.0]).best() == 0.25
    low = np.float32(0.5)
    high = np.nextafter(low, np.float32(1))
    assert curve([low, high, 1.0], [0.0, 1.0, 0.0]).best() == float(high)
    assert curve([0.0, 0.5], [1.0, 0.0]).best() == 0.0


def test_a_highest_plateau_ends_at_one():
    # 0.5 is the largest value seen: from just above it up to 1 every threshold says "never".
    above = float(np.nextafter(np.float32(0.5), np.float32(1)))
    assert curve([0.25, 0.5, above], [0.5, 0.75, 1.0]).best() == 0.75
    assert curve([1.0, 1.0000001], [0.0, 1.0]).best() > 1


def test_a_class_without_rows_is_not_predicted_for_the_fitted_rows():
    probs = np.array([[0.1, 0.9], [0.3, 0.7], [0.2, 0.1]])
    truth = np.array([[0, 1], [0, 1], [0, 0]])
    # F1 of the first class is 0 at every threshold; its accuracy is best at any above 0.3.
    by_f1 = fit_thresholds(probs, truth, "macro_f1", "multilabel", raw=True)
    over = {"over": "cell"}
    by_cell = fit_thresholds(probs, truth, "accuracy", "multilabel", raw=True, options=over)
    assert (by_f1[0], by_cell[0]) == (0.5, pytest.approx(0.65))


@pytest.mark.parametrize(
    ("name", "options"), [("macro_f1", {}), ("fbeta", {"average": "macro", "beta": 0.5})]
)
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_multilabel_macro_mean_reaches_the_joint_optimum_by_brute_force(name, options, seed):
    rng = np.random.default_rng(seed)
    probs = rng.random((7, 2), dtype=np.float32).round(1)
    truth = rng.integers(0, 2, (7, 2)).astype(np.uint8)
    tried = [
        (probs >= np.array([a, b], np.float32)).astype(np.uint8)
        for a in [*np.unique(probs[:, 0]), 2]
        for b in [*np.unique(probs[:, 1]), 2]
    ]
    best = max(metrics.score(name, truth, one, **options) for one in tried)
    thresholds = fit_thresholds(probs, truth, name, "multilabel", raw=True, options=options)
    predicted = decide(probs, [{"threshold": thresholds.tolist()}], "multilabel")
    assert metrics.score(name, truth, predicted, **options) == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "options"),
    [("accuracy", {"over": "row"}), ("accuracy", {"over": "cell"}), ("f1", {"average": "samples"})],
)
def test_multilabel_thresholds_of_any_metric_are_no_worse_than_one_half(name, options):
    rng = np.random.default_rng(1)
    truth = (rng.random((200, 4)) < 0.25).astype(np.uint8)
    probs = np.clip(0.3 * truth + 0.4 * rng.random((200, 4)), 0, 1)
    thresholds = fit_thresholds(probs, truth, name, "multilabel", options=options)
    tuned = decide(probs, [{"threshold": thresholds.tolist()}], "multilabel")
    plain = decide(probs, None, "multilabel")
    gain = metrics.score(name, truth, tuned, **options) - metrics.score(
        name, truth, plain, **options
    )
    assert gain > 0.05


def test_in_turn_equals_each_alone_where_classes_do_not_depend_on_each_other():
    rng = np.random.default_rng(2)
    truth = (rng.random((100, 3)) < 0.4).astype(np.uint8)
    probs = np.clip(0.3 * truth + 0.5 * rng.random((100, 3)), 0, 1)
    alone = fit_thresholds(probs, truth, "macro_f1", "multilabel", raw=True)
    mine = dataclasses.replace(metrics.get("macro_f1"), name="mine")
    together = fit_thresholds(probs, truth, mine, "multilabel", raw=True)
    np.testing.assert_allclose(together, alone)


def test_a_curve_of_many_rows_needs_one_sorting_not_one_pass_a_threshold():
    rng = np.random.default_rng(0)
    probs, truth = rng.random(200_000), rng.integers(0, 2, 200_000)
    start = time.process_time()
    found = threshold_curve(probs, truth, "f1")
    one_sort = time.process_time() - start
    start = time.process_time()
    metrics.score("f1", truth, (probs >= 0.5).astype(int))
    one_pass = time.process_time() - start
    assert one_sort / one_pass < len(found.thresholds) / 1000


@pytest.mark.parametrize(
    ("probs", "truth", "metric", "message"),
    [
        ([0.1, np.nan], [0, 1], "f1", "row 1 is not a finite number"),
        ([0.1, 0.2], [0, 1], "auc", "scores probabilities"),
        ([[0.1, 0.2], [0.1, 0.2]], [0, 1], "f1", "of one column"),
    ],
)
def test_what_has_no_curve_is_refused(probs, truth, metric, message):
    with pytest.raises(UsageError, match=message):
        threshold_curve(np.array(probs), np.array(truth), metric)


def test_thresholds_are_fitted_to_finite_numbers_for_a_metric_of_decisions():
    truth = np.array([[0, 1], [1, 0]])
    with pytest.raises(UsageError, match="row 1 is not a finite number"):
        fit_thresholds(np.array([[0.1, 0.2], [0.3, np.inf]]), truth, "macro_f1", "multilabel")
    with pytest.raises(UsageError, match="there is no threshold to tune"):
        fit_thresholds(np.array([[0.1, 0.2], [0.3, 0.4]]), truth, "auc", "multilabel")


def test_multiclass_tasks_have_no_thresholds():
    with pytest.raises(UsageError, match="multiclass task has no thresholds"):
        fit_thresholds(np.zeros((2, 2)), np.array([0, 1]), "macro_f1", "multiclass")


def test_errors_are_drawn_at_thresholds_with_as_many_rows_between_them() -> None:
    """The first threshold that so many rows lie below; of equal values many lie at the top."""
    n_below = np.array([0, 1, 2, 4, 5, 7, 8, 9, 30, 100])
    for best in (0, 4, 9):
        found = _points(n_below, best, 6)
        expected = {0, 9, *range(max(0, best - BESIDE), min(10, best + BESIDE + 1))}
        for rows in (0, 20, 40, 60, 80, 100):
            expected.add(next(at for at, n in enumerate(n_below) if n >= rows))
        assert found.tolist() == sorted(expected)
    assert _points(n_below, 3, 10).tolist() == list(range(10))
