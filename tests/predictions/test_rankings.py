"""Rankings against a plain sort, and the steps of `decide` that make them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.competition import metrics
from podium.errors import UsageError
from podium.predictions.decisions.labels import (
    check_steps,
    decide,
    default_steps,
    metric_input,
    steps_output,
)
from podium.predictions.top_k import likeliest, most_confident, rank

# Few values, so that many are equal.
tables = hnp.arrays(
    np.float32, st.tuples(st.integers(1, 9), st.integers(1, 7)), elements=st.sampled_from([0, 1, 2])
).map(lambda table: table / 2)


def sorted_by_hand(row, k, unknown=None):
    """Return the first k of classes by falling probability, then by number; -1 after the last."""
    entries = [(-p, c) for c, p in enumerate(row)]
    if unknown is not None:
        entries.append((-unknown, len(row)))
    classes = [c for _, c in sorted(entries)][:k]
    return classes + [-1] * (k - len(classes))


@given(tables, st.integers(1, 9))
def test_a_ranking_is_a_sort_in_which_equals_keep_the_order_of_the_classes(probs, k):
    found = rank(probs, k)
    assert found.dtype == np.int64
    assert found.tolist() == [sorted_by_hand(row, k) for row in probs.tolist()]


@given(tables, st.integers(1, 9), st.sampled_from([-1.0, 0.0, 0.3, 0.5, 1.0, 1.5]))
def test_none_of_the_classes_stands_behind_those_that_reach_its_threshold(probs, k, unknown):
    found = rank(probs, k, unknown=unknown)
    assert found.tolist() == [sorted_by_hand(row, k, unknown) for row in probs.tolist()]


@given(tables, st.integers(1, 9))
def test_the_likeliest_have_the_values_of_a_sort_whatever_the_blocks(probs, k):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("podium.predictions.top_k.PARTITION_CELLS", 5)
        classes, values = likeliest(probs, k)
    np.testing.assert_array_equal(values, -np.sort(-probs, axis=1)[:, :k])
    np.testing.assert_array_equal(np.take_along_axis(probs, classes, axis=1), values)


def test_a_typed_threshold_and_the_stored_value_of_the_same_text_are_equal():
    # 0.7 in float32 is below 0.7 in float64
    probs = np.array([[0.7, 0.3]], np.float32)
    assert rank(probs, 2, unknown=0.7).tolist() == [[0, 2]]
    assert most_confident(probs, unknown=0.7)[0, 0] == 0


def test_the_surest_class_comes_with_its_probability_or_not_at_all():
    probs = np.array([[0.2, 0.6, 0.2], [0.4, 0.2, 0.4]], np.float32)
    np.testing.assert_allclose(most_confident(probs), [[1, 0.6], [0, 0.4]], rtol=1e-6)
    np.testing.assert_allclose(most_confident(probs, unknown=0.5), [[1, 0.6], [-1, 0]], rtol=1e-6)


def test_steps_make_rankings_and_confident_classes():
    probs = np.array([[0.2, 0.5, 0.3], [0.9, 0.05, 0.05]])
    assert decide(probs, [{"topk": {"k": 2}}], "multiclass").tolist() == [[1, 2], [0, 1]]
    with_new = decide(probs, [{"topk": {"k": 2, "unknown": 0.6}}], "multiclass")
    assert with_new.tolist() == [[3, 1], [0, 3]]
    found = decide(probs, [{"confident": None}], "multiclass")
    np.testing.assert_allclose(found, [[1, 0.5], [0, 0.9]], rtol=1e-6)
    assert decide(probs, [{"confident": {"unknown": 0.6}}], "multiclass")[0].tolist() == [-1, 0]


@pytest.mark.parametrize("needs", ["decisions", "ranking", "confident"])
def test_the_plain_steps_make_what_is_needed(needs):
    steps = default_steps("multiclass", needs, k=3)
    check_steps(steps, "multiclass", n_outputs=4)
    assert steps_output(steps) == needs


def test_a_metric_gets_as_many_places_as_it_counts():
    probs = np.random.default_rng(0).random((5, 8))
    metric = metrics.get("map_at_k")
    assert metric_input(probs, None, "multiclass", metric, {}).shape == (5, 5)
    assert metric_input(probs, None, "multiclass", metric, {"k": 3}).shape == (5, 3)
    assert metric_input(probs, None, "multiclass", metrics.get("gap"), {}).shape == (5, 2)
    assert metric_input(probs, None, "multiclass", metrics.get("qwk"), {}).shape == (5,)
    assert metric_input(probs, None, "multiclass", metrics.get("log_loss"), {}) is probs


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ({"topk": None}, "multiclass"),
        ({"topk": 5}, "multiclass"),
        ({"topk": {"k": 0}}, "multiclass"),
        ({"topk": {"k": 2.5}}, "multiclass"),
        ({"topk": {"k": True}}, "multiclass"),
        ({"topk": {"k": 5, "unknown": "high"}}, "multiclass"),
        ({"topk": {"k": 5, "unknown": float("nan")}}, "multiclass"),
        ({"topk": {"k": 5, "unknown": None}}, "multiclass"),
        ({"topk": {"k": 5, "treshold": 0.5}}, "multiclass"),
        ({"confident": 0.5}, "multiclass"),
        ({"confident": {"k": 1}}, "multiclass"),
    ],
)
def test_a_ranking_step_with_wrong_parameters_is_refused(step, kind):
    with pytest.raises(UsageError, match="cannot take"):
        check_steps([step], kind, n_outputs=3)


def test_rankings_are_of_one_class_out_of_many():
    with pytest.raises(UsageError, match="'topk' is not a step for a multilabel task"):
        check_steps([{"topk": {"k": 2}}], "multilabel", n_outputs=3)
