"""The place of "none of the classes": against brute force, and kept only where it gains."""

import dataclasses

import numpy as np
import pytest
from tuning.decided import fit_decision

from podium.competition import metrics
from podium.predictions.top_k import rank
from podium.tuning.labels.decision import unknown_curve
from podium.tuning.scoring import LabelScorer


def open_set(n, rng, *, share=0.3, n_classes=6):
    """Return probabilities that are flat where no class is right (-1), and peaked elsewhere."""
    truth = rng.integers(0, n_classes, n)
    is_new = rng.random(n) < share
    logits = rng.normal(size=(n, n_classes))
    logits[np.arange(n), truth] += np.where(is_new, 0, 3)
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return np.round(probs, 2).astype(np.float32), np.where(is_new, -1, truth)


def scorer_of(name, truth, n_classes=6, **options):
    return LabelScorer.of(name, truth, n_outputs=n_classes, kind="multiclass", options=options)


@pytest.mark.parametrize(("name", "k"), [("map_at_k", 3), ("map_at_k", 9), ("top_k_error", 1)])
@pytest.mark.parametrize("has_sums", [True, False])
def test_the_curve_is_the_score_of_every_threshold_tried_in_turn(name, k, has_sums):
    probs, truth = open_set(80, np.random.default_rng(k))
    scorer = scorer_of(name, truth, k=k)
    if not has_sums:
        metric = dataclasses.replace(scorer.metric, sums=None, value=None)
        scorer = dataclasses.replace(scorer, metric=metric)
    curve = unknown_curve(probs, scorer)
    tried = np.array([0.0, *np.unique(probs), 2.0])
    for threshold in [*tried, *(tried[1:] + tried[:-1]) / 2]:
        predicted = rank(probs, k, unknown=float(threshold))
        expected = metrics.score(name, truth, predicted, k=k, n_classes=6)
        assert curve.score_at(float(threshold)) == pytest.approx(expected), threshold
    best = metrics.score(name, truth, rank(probs, k, unknown=curve.best()), k=k, n_classes=6)
    signed = curve.scores if curve.greater_is_better else -curve.scores
    assert best == pytest.approx(signed.max() if curve.greater_is_better else -signed.max())


def test_new_ones_are_placed_where_they_gain():
    probs, truth = open_set(400, np.random.default_rng(0))
    (step,) = fit_decision(probs, truth, "map_at_k", "multiclass", options={"k": 5})
    assert step["topk"]["k"] == 5
    assert 0.3 < step["topk"]["unknown"] < 0.8
    scorer = scorer_of("map_at_k", truth)
    assert scorer.of_probs(probs, [step]) > scorer.of_probs(probs) + 0.1


def test_one_new_row_of_many_is_no_reason_for_a_note():
    probs, truth = open_set(200, np.random.default_rng(1), share=0)
    truth[0] = -1
    options = {"k": 1}
    steps = fit_decision(probs, truth, "map_at_k", "multiclass", options=options)
    assert steps == [{"topk": {"k": 1}}]


def test_without_new_rows_nothing_is_tuned_and_the_step_is_returned_all_the_same():
    probs, truth = open_set(50, np.random.default_rng(2), share=0)
    assert fit_decision(probs, truth, "top_k_error", "multiclass") == [{"topk": {"k": 1}}]
    assert fit_decision(probs, truth, "gap", "multiclass") == [{"confident": None}]
    assert not scorer_of("map_at_k", truth).is_tunable
    assert not scorer_of("gap", truth).is_tunable
