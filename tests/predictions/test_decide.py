"""Decisions by hand and against plain numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.errors import UsageError
from podium.predictions import decide
from podium.predictions.decisions.labels import check_steps, default_steps

tables = hnp.arrays(
    np.float32, st.tuples(st.integers(1, 20), st.integers(2, 5)), elements=st.floats(0, 1, width=32)
)


@given(tables)
def test_multiclass_takes_the_most_probable_class_and_the_first_of_equal_ones(probs):
    decisions = decide(probs, None, "multiclass")
    assert decisions.dtype == np.int64
    for row, decision in zip(probs.tolist(), decisions, strict=True):
        assert decision == row.index(max(row))
    np.testing.assert_array_equal(decide(probs, [{"argmax": None}], "multiclass"), decisions)
    np.testing.assert_array_equal(decide(probs, [], "multiclass"), decisions)


@given(tables, st.lists(st.floats(0.01, 100), min_size=5, max_size=5))
def test_class_weights_multiply_before_the_argmax(probs, weights):
    weights = weights[: probs.shape[1]]
    decisions = decide(probs, [{"class_weights": weights}], "multiclass")
    for row, decision in zip(probs.tolist(), decisions, strict=True):
        weighted = [p * w for p, w in zip(row, weights, strict=True)]
        assert decision == weighted.index(max(weighted))


@given(tables, st.integers(0, 19))
def test_a_threshold_that_is_a_stored_value_includes_it(probs, at):
    t = float(probs[at % len(probs), 0])
    got = decide(probs, [{"threshold": t}], "multilabel")
    assert got.dtype == np.uint8
    np.testing.assert_array_equal(got, (probs >= np.float32(t)).astype(np.uint8))
    np.testing.assert_array_equal(decide(probs[:, :1], [{"threshold": t}], "binary"), got[:, 0])
    np.testing.assert_array_equal(decide(probs[:, 0], [{"threshold": t}], "binary"), got[:, 0])


def test_a_typed_threshold_and_the_stored_value_of_the_same_text_are_equal():
    # 0.7 in float32 is below 0.7 in float64
    assert decide(np.array([0.7], np.float32), [{"threshold": 0.7}], "binary").tolist() == [1]


def test_each_class_has_its_own_threshold():
    probs = np.array([[0.2, 0.2], [0.6, 0.6]])
    got = decide(probs, [{"threshold": [0.1, 0.7]}], "multilabel")
    assert got.tolist() == [[1, 0], [1, 0]]


def test_regression_keeps_its_values():
    np.testing.assert_array_equal(decide(np.array([[1.5], [-2.0]]), None, "regression"), [1.5, -2])


@pytest.mark.parametrize("kind", ["multiclass", "multilabel", "binary", "regression"])
def test_the_default_steps_of_a_kind_are_steps_of_it(kind):
    check_steps(default_steps(kind), kind, n_outputs=1 if kind in ("binary", "regression") else 3)


@pytest.mark.parametrize(
    ("steps", "kind", "message"),
    [
        ([{"median": 5}], "multiclass", "'median' is not a step for a multiclass task"),
        ([{"threshold": 0.5}], "multiclass", "'threshold' is not a step"),
        ([{"argmax": None}], "regression", "leave decide empty"),
        ([{"threshold": 0.5}, {"threshold": 0.6}], "multilabel", "takes 1 of these steps, got 2"),
        ([{"threshold": [0.5, 0.5]}], "multilabel", "threshold needs 3 finite numbers"),
        ([{"threshold": "high"}], "multilabel", "threshold needs 3 finite numbers"),
        ([{"threshold": float("nan")}], "multilabel", "threshold needs 3 finite numbers"),
        ([{"at_least": 1}], "multilabel", "takes 1 of these steps, got 0"),
        ([{"at_least": 1}, {"threshold": 0.5}], "multilabel", "stands after it"),
        ([{"threshold": 0.5}, {"at_least": 4}], "multilabel", "needs a whole number of classes"),
        ([{"threshold": 0.5}, {"at_least": True}], "multilabel", "needs a whole number"),
        ([{"threshold": 0.5}, {"at_least": [1, 1, 1]}], "multilabel", "needs a whole number"),
        ([{"threshold": 0.5}, {"at_most": 0}], "multilabel", "got 0"),
        ([{"threshold": 0.5}, {"at_most": 2.0}], "multilabel", "got 2.0"),
        ([{"threshold": 0.5}, {"at_most": 2}, {"at_most": 3}], "multilabel", "stands twice"),
        ([{"threshold": 0.5}, {"at_most": 1}, {"at_least": 2}], "multilabel", "at least 2 classes"),
        ([{"threshold": 0.5}, {"at_most": 1}], "binary", "'at_most' is not a step for a binary"),
        ([{"argmax": None}, {"at_most": 1}], "multiclass", "'at_most' is not a step for a multi"),
        ([{"class_weights": 2}], "multiclass", "class_weights needs 3 finite numbers"),
        ([{"class_weights": [1, -1, 1]}], "multiclass", "must be >= 0"),
        ([{"class_weights": [0, 0, 0]}], "multiclass", "not all 0"),
        ([{"argmax": None, "threshold": 1}], "multiclass", "one name with its parameter"),
    ],
)
def test_steps_that_cannot_be_meant_are_refused(steps, kind, message):
    probs = np.full((2, 1 if kind in ("regression", "binary") else 3), 0.5)
    with pytest.raises(UsageError, match=message):
        decide(probs, steps, kind)


def test_probs_of_another_shape_are_refused():
    with pytest.raises(UsageError, match=r"binary task has probs \(N,\) or \(N, 1\)"):
        decide(np.zeros((4, 2)), None, "binary")


def test_a_rating_becomes_the_nearest_class_and_a_half_the_one_above():
    below = np.nextafter(np.float32(0.5), np.float32(0))
    ratings = np.array([0.0, below, 0.5, 1.49, 2.5, 4.0], dtype=np.float32)
    assert decide(ratings, None, "ordinal").tolist() == [0, 0, 1, 1, 3, 4]


def test_a_rating_is_of_the_class_whose_cut_point_it_reaches():
    ratings = np.array([[0.3], [0.7], [0.70001], [3.0]], dtype=np.float32)
    steps = [{"cuts": [0.7, 0.7, 2.9]}]
    assert decide(ratings, steps, "ordinal").tolist() == [0, 2, 2, 3]


@pytest.mark.parametrize("cuts", [[], [1.0, 0.5], [0.5, float("nan")], 0.5, "0.5", None])
def test_cut_points_that_do_not_ascend_are_refused(cuts):
    with pytest.raises(UsageError, match="ascending"):
        decide(np.zeros((2, 1)), [{"cuts": cuts}], "ordinal")


# Few different values, so that there are ties.
coarse = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(2, 5)),
    elements=st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
)


def by_rules(row: list[float], thresholds: list[float], n: int, k: int) -> list[int]:
    """Return the classes of a row, one by one in the order of their probabilities."""
    ranked = sorted(range(len(row)), key=lambda c: (-row[c], c))
    predicted = [c for c in ranked if row[c] >= thresholds[c]]
    for c in ranked:
        if len(predicted) < n and c not in predicted:
            predicted.append(c)
    while len(predicted) > k:
        predicted.pop()
    return [int(c in predicted) for c in range(len(row))]


@given(coarse, st.lists(st.sampled_from([0.2, 0.5, 0.8]), min_size=5, max_size=5), st.data())
def test_rules_of_rows_add_the_likeliest_and_keep_the_likeliest_in_either_order(
    probs, thresholds, data
):
    c = probs.shape[1]
    thresholds = thresholds[:c]
    n = data.draw(st.integers(0, c))
    k = data.draw(st.integers(max(1, n), c + 1))
    first = {"threshold": thresholds}
    rules = [{"at_least": n}, {"at_most": k}]
    expected = [by_rules(row, thresholds, n, k) for row in probs.tolist()]
    for each in (rules, rules[::-1]):
        got = decide(probs, [first, *each], "multilabel")
        assert got.dtype == np.uint8
        assert got.tolist() == expected
    only_least = [by_rules(row, thresholds, n, c) for row in probs.tolist()]
    assert decide(probs, [first, rules[0]], "multilabel").tolist() == only_least
    only_most = [by_rules(row, thresholds, 0, k) for row in probs.tolist()]
    assert decide(probs, [first, rules[1]], "multilabel").tolist() == only_most


def test_never_empty_touches_empty_rows_only_and_the_two_likeliest_are_always_two():
    probs = np.array([[0.1, 0.3, 0.3], [0.6, 0.2, 0.4], [0.9, 0.8, 0.7]])
    never_empty = [{"threshold": [0.5, 0.1, 0.5]}, {"at_least": 1}]
    assert decide(probs, never_empty, "multilabel").tolist() == [[0, 1, 0], [1, 1, 0], [1, 1, 1]]
    never_empty = [{"threshold": 0.5}, {"at_least": 1}]
    assert decide(probs, never_empty, "multilabel").tolist() == [[0, 1, 0], [1, 0, 0], [1, 1, 1]]
    two = [{"threshold": 0}, {"at_most": 2}]
    assert decide(probs, two, "multilabel").tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
