"""Curves against brute force over all distinct thresholds."""

import dataclasses
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition import metrics
from podium.errors import DataError, UsageError
from podium.predictions import decide
from podium.tuning import Curve, fit_thresholds, threshold_curve
from podium.tuning.labels import thresholds
from podium.tuning.labels.thresholds import BESIDE, BootstrapDraws, _kinds, _points, curve_between
from podium.tuning.scoring import LabelScorer

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


def falling(name):
    """One less the metric, which falls when better."""
    given = metrics.get(name)
    return dataclasses.replace(
        given,
        name="error",
        greater_is_better=False,
        value=lambda sums, **options: 1 - given.value(sums, **options),
        score=lambda *args, **options: 1 - given.score(*args, **options),
        values=None,
    )


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("over", ["", "row"])
def test_a_metric_that_falls_when_better_is_minimised(raw, over):
    rng = np.random.default_rng(0)
    probs, options = rng.random((50, 3 if over else 1)), {"over": over} if over else {}
    truth, kind = rng.integers(0, 2, probs.shape), "multilabel" if over else "binary"
    truth = truth if over else truth[:, 0]
    one, other = (
        fit_thresholds(probs, truth, metric, kind, raw=raw, options=options)
        for metric in (falling("accuracy"), dataclasses.replace(metrics.get("accuracy"), name="m"))
    )
    np.testing.assert_allclose(one, other)


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


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.integers(0, 2)), min_size=1))
def test_rows_of_one_kind_have_one_truth_and_the_same_two_decisions(rows):
    truth, yes, no = np.array(rows).T
    firsts, kinds = _kinds(truth, yes, no)
    numbers = dict(zip(rows, kinds.tolist(), strict=True))
    assert [numbers[row] for row in rows] == kinds.tolist()
    assert sorted(numbers.values()) == list(range(len(firsts)))
    assert [rows.index(row) for row in sorted(numbers, key=numbers.get)] == firsts.tolist()


def test_many_kinds_of_rows_have_one_score_where_it_is_the_same_fraction():
    """Thirds end differently by the order in which they are added, but make one plateau."""
    rng = np.random.default_rng(0)
    n = thresholds.FEW_KINDS + 44
    values, truth = rng.random(n).astype(np.float32), rng.integers(0, 2, (n, 3))
    yes = rng.integers(0, 2, (n, 3))
    no = yes.copy()
    yes[:, 0], no[:, 0] = 1, 0
    scorer = LabelScorer.of("accuracy", truth, n_outputs=3, options={"over": "cell"})
    curve, sweep = curve_between(values, scorer, yes, no)
    decided = [np.where((values >= t)[:, None], yes, no) for t in curve.thresholds]
    exact = [Fraction(int((one == truth).sum()), truth.size) for one in decided]
    np.testing.assert_allclose(curve.scores, np.array(exact, dtype=float), rtol=1e-12)
    assert len(set(curve.scores.tolist())) == len(set(exact)) < n / 3
    assert sweep is not None


@pytest.mark.parametrize("has_sums", [True, False])
@pytest.mark.parametrize("is_row", [True, False])
def test_some_thresholds_are_scored_where_each_is_scored_by_itself(has_sums, is_row):
    rng = np.random.default_rng(0)
    values, truth = rng.random(60).astype(np.float32), rng.integers(0, 2, (60, 2))
    yes = np.stack([np.ones(60, int), rng.integers(0, 2, 60)], axis=1)
    no = np.stack([np.zeros(60, int), yes[:, 1]], axis=1)
    if not is_row:
        truth, yes, no = truth[:, 0], yes[:, 0], no[:, 0]
    quick = dataclasses.replace(metrics.get("accuracy"), name="mine")
    changed = {"values": None} if has_sums else {"values": None, "value": None, "sums": None}
    kind = "multilabel" if is_row else "binary"
    options = {"over": "row"} if is_row else {}

    def curve_of(metric, n_points):
        scorer = LabelScorer.of(
            metric, truth, n_outputs=2 if is_row else 1, kind=kind, options=options
        )
        return curve_between(values, scorer, yes, no, n_points=n_points)[0]

    slow = dataclasses.replace(quick, **changed)
    every = curve_of(quick, None)
    assert len(every.thresholds) == 61
    for n_points in (None, 61, 100):
        np.testing.assert_array_equal(curve_of(slow, n_points).scores, every.scores)
    np.testing.assert_array_equal(curve_of(quick, 6).scores, every.scores)
    some = curve_of(slow, 6)
    at = [0, 12, 24, 36, 48, 60]
    np.testing.assert_array_equal(some.thresholds, every.thresholds[at])
    np.testing.assert_array_equal(some.scores, every.scores[at])


@pytest.mark.parametrize("rarer", [0, 1])
@pytest.mark.parametrize("n", [4, 5])
def test_of_fewer_than_five_rows_of_either_answer_no_errors_are_known(rarer, n):
    truth = np.where(np.arange(60) < n, rarer, 1 - rarer)
    found = threshold_curve(np.random.default_rng(0).random(60), truth, "accuracy")
    assert (found.errors is None) == (n < 5)


@pytest.mark.parametrize(
    ("name", "options", "alone", "own"),
    [
        ("accuracy", {"over": "cell"}, "accuracy", {}),
        ("macro_f1", {}, "f1", {}),
        ("f1", {"average": "macro"}, "f1", {}),
        ("fbeta", {"average": "macro", "beta": 2.0}, "fbeta", {"beta": 2.0}),
        ("macro_f1", {"labels": [0, 2]}, "f1", {}),
    ],
)
def test_classes_of_a_mean_have_the_robust_thresholds_of_their_own_tasks(name, options, alone, own):
    rng = np.random.default_rng(4)
    truth = (rng.random((80, 3)) < 0.4).astype(int)
    truth[:9, 1] = -1
    probs = np.clip(0.3 * (truth == 1) + 0.5 * rng.random((80, 3)), 0, 1)
    groups = np.arange(80) // 2
    made = {"groups": groups, "seed": 3}
    found = fit_thresholds(probs, truth, name, "multilabel", options=options, **made)
    for c in range(3):
        if c not in options.get("labels", [0, 1, 2]):
            assert found[c] == 0.5
            continue
        known = truth[:, c] >= 0
        made["groups"] = groups[known]
        expected = fit_thresholds(
            probs[known, c], truth[known, c], alone, "binary", options=own, **made
        )
        assert found[c] == expected[0]


@pytest.mark.parametrize("seed", range(4))
def test_classes_in_turn_end_where_no_class_alone_gains_and_then_at_centres(seed):
    rng = np.random.default_rng(seed)
    truth = (rng.random((40, 3)) < 0.4).astype(int)
    probs = np.clip(0.3 * truth + 0.6 * rng.random((40, 3)), 0, 1).astype(np.float32)
    scorer = LabelScorer.of(
        "accuracy", truth, n_outputs=3, kind="multilabel", options={"over": "row"}
    )
    rows = {"options": {"over": "row"}}
    found = fit_thresholds(probs, truth, "accuracy", "multilabel", raw=True, **rows)
    decided = (probs >= found.astype(np.float32)).astype(int)
    reached = (decided == truth).all(axis=1).mean()
    assert reached > ((probs >= 0.5) == truth).all(axis=1).mean()
    for c in range(3):
        for t in [*probs[:, c], 2]:
            other = decided.copy()
            other[:, c] = probs[:, c] >= t
            assert (other == truth).all(axis=1).mean() <= reached
    # The last class is decided beside the robust thresholds of those before it.
    robust = fit_thresholds(probs, truth, "accuracy", "multilabel", **rows)
    yes, no = ((probs >= robust.astype(np.float32)).astype(np.uint8) for _ in range(2))
    yes[:, 2], no[:, 2] = 1, 0
    curve, sweep = curve_between(probs[:, 2], scorer, yes, no)
    assert robust[2] == curve.robust(sweep.errors(curve.scores, BootstrapDraws(40)))
