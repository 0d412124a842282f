"""Blends that are scored by rankings: from handmade out-of-fold predictions to an honest score."""

import numpy as np
import pytest

from podium.competition import metrics
from podium.ensembling import blend, read_blend
from podium.ensembling.predicting import blend_probs
from podium.ensembling.record import write_blend
from podium.predictions import PredictionSet, decide, write_fold
from podium.predictions.top_k import rank
from podium.tuning.labels.decision import fit_unknown_threshold
from podium.tuning.scoring import LabelScorer
from podium.workspace.layout import Workspace

N, C, K = 240, 5, 3
FOLDS = np.arange(N) % 4
OPTIONS = {"k": K}


def member(seed, truth, strength):
    """Return probabilities that are flat where no class is right."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(len(truth), C))
    known = truth >= 0
    logits[known, truth[known]] += strength
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return probs.astype(np.float32)


@pytest.fixture
def truth():
    rng = np.random.default_rng(0)
    return np.where(rng.random(N) < 0.3, -1, rng.integers(0, C, N))


def test_where_new_ones_stand_in_a_fold_is_fitted_without_it(truth):
    probs = member(1, truth, 3)
    found = blend([probs], truth, "map_at_k", FOLDS, metric_options=OPTIONS, n_resamples=100)
    predicted = np.empty((N, K), dtype=np.int64)
    for fold in range(4):
        inside, others = fold == FOLDS, fold != FOLDS
        scorer = LabelScorer.of("map_at_k", truth[others], n_outputs=C, options=OPTIONS)
        (step,) = fit_unknown_threshold(probs[others], scorer)
        threshold = step["topk"]["unknown"]
        predicted[inside] = rank(probs[inside], K, unknown=threshold)
    by_hand = []
    for right, row in zip(np.where(truth < 0, C, truth).tolist(), predicted.tolist(), strict=True):
        by_hand.append(1 / (row.index(right) + 1) if right in row else 0)
    assert found.honest == pytest.approx(np.mean(by_hand))
    plain = [
        1 / (row.index(t) + 1) if t in row else 0
        for t, row in zip(truth, rank(probs, K).tolist(), strict=True)
    ]
    assert found.untuned == pytest.approx(np.mean(plain))
    assert found.untuned < found.honest
    low, high = found.honest_interval
    assert low < found.honest < high
    for fold in range(4):
        mean = np.mean(np.array(by_hand)[fold == FOLDS])
        assert found.by_fold[fold] == pytest.approx(mean)


@pytest.mark.slow
def test_weights_are_found_by_the_ranking_of_the_mean(truth):
    strong, noise = member(1, truth, 3), member(2, truth, 0)
    found = blend(
        [noise, strong], truth, "map_at_k", FOLDS, method="hill_climb", metric_options=OPTIONS,
        n_resamples=20,
    )  # fmt: skip
    assert found.weights[1] > 0.6
    (step,) = found.decision
    assert step["topk"]["k"] == K
    assert step["topk"]["unknown"] > 0


def test_without_new_rows_the_score_is_that_of_the_plain_ranking(truth):
    known = np.abs(truth)
    probs = member(1, known, 1)
    found = blend([probs], known, "top_k_error", FOLDS, metric_options=OPTIONS, n_resamples=20)
    missed = [t not in row for t, row in zip(known, rank(probs, K).tolist(), strict=True)]
    assert found.honest == found.optimistic == pytest.approx(np.mean(missed))
    assert found.decision == ({"topk": {"k": K}},)
    assert found.untuned is None  # nothing is tuned
    assert not found.greater_is_better


def test_confident_classes_are_scored_in_one_list_over_all_folds(truth):
    probs = member(1, truth, 3)
    found = blend([probs, probs], truth, "gap", FOLDS, method="hill_climb", n_resamples=50)
    predicted = np.column_stack([probs.argmax(axis=1), probs.max(axis=1)])
    assert found.honest == pytest.approx(metrics.score("gap", truth, predicted))
    assert found.decision == ({"confident": None},)
    assert len(found.by_fold) == 4
    assert found.honest_interval is not None


def test_a_blend_on_disk_ranks_the_test_set_as_it_was_tuned(truth, tmp_path):
    workspace = Workspace(tmp_path)
    ids, test_ids = [f"i{n}" for n in range(N)], [f"t{n}" for n in range(30)]
    probs = member(1, truth, 3)
    of_test = member(9, np.arange(30) % C, 1)
    root = workspace.runs / "r-00000001" / "predictions" / "aabbccdd"
    for fold in range(4):
        inside = np.flatnonzero(fold == FOLDS)
        made = {"task": "classify", "fold": fold, "model": f"m/{fold}"}
        write_fold(root, "oof", **made, ids=[ids[i] for i in inside], probs=probs[inside])
        write_fold(root, "test", **made, ids=test_ids, probs=of_test)
    found = blend(
        [PredictionSet(root)], truth, "map_at_k", FOLDS, ids=ids, metric_options=OPTIONS,
        n_resamples=20,
    )  # fmt: skip
    back, sets = read_blend(write_blend(workspace, found, [root]))
    assert back == found
    predicted_ids, predicted = blend_probs(back, sets, "test")
    ranking = decide(predicted, list(back.decision), "multiclass")
    threshold = back.decision[0]["topk"]["unknown"]
    order = [test_ids.index(one) for one in predicted_ids]
    np.testing.assert_array_equal(ranking, rank(of_test[order], K, unknown=threshold))
    assert (ranking == C).any()
