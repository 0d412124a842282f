"""Weights class by class against the optimum of each column by itself, and sums by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.competition import metrics
from podium.ensembling import blend, simplex_weights
from podium.ensembling.method import Fitted, load_method
from podium.errors import UsageError
from podium.tuning.scoring import LabelScorer

METHOD = load_method("per_class")


def several(kind, rng, m=4, n=60, c=3):
    """Members `(M, N, C)` of which each predicts another class well, and the truth."""
    truth = rng.integers(0, c, n) if kind == "multiclass" else rng.integers(0, 2, (n, c))
    right = np.eye(c)[truth] if kind == "multiclass" else truth
    skill = 1 + 3 * (np.arange(m)[:, None] % c == np.arange(c))  # (M, C)
    logits = skill[:, None] * (right - 0.5) + rng.normal(0, 1.5, (m, n, c))
    probs = np.exp(logits)
    probs /= probs.sum(axis=2, keepdims=True) if kind == "multiclass" else 1 + probs
    return probs.astype(np.float32), truth


def fitted(members, truth, metric, kind, **options):
    scorer = LabelScorer.of(metric, truth, n_outputs=members.shape[2], kind=kind, options=options)
    return METHOD.fitted(members, scorer, seed=0)


@pytest.mark.parametrize("kind", ["multiclass", "multilabel"])
@pytest.mark.parametrize(("metric", "by_itself"), [("log_loss", "log_loss"), ("brier", "brier")])
def test_each_class_has_the_optimum_of_its_column(kind, metric, by_itself):
    members, truth = several(kind, np.random.default_rng(0))
    found = fitted(members, truth, metric, kind)
    right = np.eye(3)[truth] if kind == "multiclass" else truth
    for c in range(3):
        alone = simplex_weights(members[:, :, c], right[:, c], by_itself, kind="binary")
        np.testing.assert_allclose(np.array(found.params["by_class"])[:, c], alone.weights)
    np.testing.assert_allclose(found.weights, np.mean(found.params["by_class"], axis=1))
    assert "no others of these members have a lower " in found.notes[0]


@pytest.mark.parametrize("metric", ["log_loss", "brier", "weighted_log_loss"])
def test_columns_of_a_multilabel_task_make_up_the_optimum_of_the_metric(metric):
    members, truth = several("multilabel", np.random.default_rng(1))
    options = {"weights": [1, 2, 4]} if metric == "weighted_log_loss" else {}
    found = fitted(members, truth, metric, "multilabel", **options)
    by_class = np.array(found.params["by_class"])

    def loss(weights):  # (M, C)
        mean = (weights[:, None] * members.astype(np.float64)).sum(axis=0)
        return metrics.score(metric, truth, mean, **options)

    least = loss(by_class)
    for c in range(3):  # towards each member, in each column, it rises
        for m in range(4):
            other = by_class.copy()
            other[:, c] = 0.98 * other[:, c] + 0.02 * np.eye(4)[m]
            assert loss(other) >= least - 1e-9
    one_for_all = simplex_weights(members, truth, metric, options=options)
    assert least < one_for_all.loss


def test_a_column_that_the_metric_does_not_count_is_fitted_all_the_same():
    members, truth = several("multilabel", np.random.default_rng(2))
    options = {"weights": [1, 0, 1], "positive": 1.0}
    found = fitted(members, truth, "weighted_log_loss", "multilabel", **options)
    alone = simplex_weights(members[:, :, 1], truth[:, 1], "log_loss", kind="binary")
    np.testing.assert_allclose(np.array(found.params["by_class"])[:, 1], alone.weights)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_what_is_combined_equals_sums_by_hand(seed, sum_to_one):
    rng = np.random.default_rng(seed)
    members = (rng.integers(0, 3, (3, 5, 2)) / 4).astype(np.float32)
    weights = rng.dirichlet(np.ones(3), 2).T * (rng.random((3, 2)) < 0.6)
    weights[0] += weights.sum(axis=0) == 0
    weights /= weights.sum(axis=0)
    one = Fitted.of(weights.mean(axis=1), {"by_class": weights.tolist(), "sum_to_one": sum_to_one})
    got = METHOD.combined(members, one)
    for row in range(5):
        predicted = [
            sum(weights[m, c] * float(members[m, row, c]) for m in range(3)) for c in (0, 1)
        ]
        if sum_to_one and sum(predicted) > 0:
            predicted = [value / sum(predicted) for value in predicted]
        elif sum_to_one:
            shares = weights.mean(axis=1)
            predicted = [
                sum(shares[m] * float(members[m, row, c]) for m in range(3)) for c in (0, 1)
            ]
        np.testing.assert_allclose(got[row], predicted, rtol=1e-6)
    assert got.dtype == np.float32


def test_a_row_of_zeros_alone_takes_the_mean_by_share():
    members = np.array([[[1.0, 0.0]], [[0.0, 1.0]]], dtype=np.float32)
    swapped = Fitted.of([0.5, 0.5], {"by_class": [[0.0, 1.0], [1.0, 0.0]], "sum_to_one": True})
    np.testing.assert_array_equal(METHOD.combined(members, swapped), [[0.5, 0.5]])


def test_rows_of_classes_that_exclude_each_other_sum_to_one():
    members, truth = several("multiclass", np.random.default_rng(3))
    probs = METHOD.combined(members, fitted(members, truth, "accuracy", "multiclass"))
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-6)
    assert probs.shape == (60, 3)


def test_where_members_know_different_classes_it_is_honestly_better_than_one_weight_each():
    members, truth = several("multilabel", np.random.default_rng(4), n=600)
    folds = np.arange(600) % 4
    by_class, one = (
        blend(members, truth, "log_loss", folds, method=method, n_resamples=10)
        for method in ("per_class", "simplex")
    )
    assert by_class.honest < one.honest


@pytest.mark.parametrize(
    ("kind", "metric"), [("binary", "auc"), ("regression", "rmse"), ("ordinal", "qwk")]
)
def test_one_column_is_refused_with_what_to_take(kind, metric):
    members = np.random.default_rng(0).random((2, 6, 1))
    scorer = LabelScorer.of(metric, np.arange(6) % 2, n_outputs=1, kind=kind)
    with pytest.raises(UsageError, match=f"an? {kind} task has one column: take simplex"):
        METHOD.check("per_class", members, scorer)
