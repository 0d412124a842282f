"""A weighted sum of metrics of one task is a metric: against scikit-learn, scipy and by hand."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_squared_error, roc_auc_score

import podium
from podium.competition import metrics
from podium.competition.scores import bootstrap
from podium.competition.sections.sums import sum_labels, sum_name, sum_terms
from podium.errors import DataError, PodiumError, UsageError
from podium.predictions.decisions.labels import metric_input
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.tuning.labels.decision import choose_decision
from podium.tuning.labels.search import Search
from podium.tuning.scoring import LabelScorer

RNG = np.random.default_rng(3)
N = 300
CLASS, DECIDED = RNG.integers(0, 3, N), RNG.integers(0, 3, N)
DECIDED[:150] = CLASS[:150]
YES = RNG.integers(0, 2, N)
P_YES = np.clip(0.2 * YES + RNG.uniform(0, 0.6, N), 0, 1).astype(np.float32)
NUMBERS = RNG.normal(size=N)
PREDICTED = NUMBERS + RNG.normal(size=N)


def reaches(threshold: float) -> np.ndarray:
    """Return which probabilities reach a threshold, compared as they are stored."""
    return np.asarray(np.greater_equal(P_YES, np.float32(threshold)))


weights = st.floats(0.001, 1000).map(lambda one: round(one, 4))


@given(st.lists(st.tuples(weights, st.sampled_from(["auc", "my_code.x:F2", "f1"])), min_size=2))
def test_name_of_a_sum_is_read_back(terms):
    turned = [(-weight, name) for weight, name in terms]
    assert sum_terms(sum_name(terms)) == terms
    assert sum_terms(sum_name(turned)) == turned


def test_weights_of_thirds_are_fractions_in_the_name():
    assert sum_name([(1 / 3, "auc"), (2 / 3, "f1")]) == "1/3 auc + 2/3 f1"
    assert sum_terms("1/3 auc + 2/3 f1") == [(1 / 3, "auc"), (2 / 3, "f1")]


@pytest.mark.parametrize(
    "name", ["f1", "my_code:F1", "0.5 f1", "f1 +", "+ f1", "f1 f1", "0 f1 + auc", ""]
)
def test_other_names_are_no_sum(name):
    assert sum_terms(name) is None


def test_a_metric_that_stands_twice_has_a_second_label():
    assert sum_labels(["f1", "auc", "f1", "f1"]) == ["f1", "auc", "f1_2", "f1_3"]
    found = metrics.score(
        "0.5 f1 + 0.5 f1", CLASS, DECIDED, f1={"average": "macro"}, f1_2={"average": "micro"}
    )
    each = [f1_score(CLASS, DECIDED, average=one) for one in ("macro", "micro")]
    assert found == pytest.approx(np.mean(each))


def test_score_of_decisions_is_that_of_sklearn_and_pools():
    name, half = "0.7 macro_f1 + 0.3 accuracy", N // 2
    expected = 0.7 * f1_score(CLASS, DECIDED, average="macro")
    expected += 0.3 * accuracy_score(CLASS, DECIDED)
    assert metrics.score(name, CLASS, DECIDED) == pytest.approx(expected)
    given = metrics.with_classes(name, {}, image_kind("multiclass"), 3)
    sums = [
        metrics.sums(name, CLASS[rows], DECIDED[rows], **given)
        for rows in (slice(half), slice(half, None))
    ]
    joined = np.concatenate([one for one in sums if one is not None])
    assert metrics.value(name, joined, **given) == pytest.approx(expected)
    totals = joined.sum(axis=0, keepdims=True)
    assert metrics.values(name, np.vstack([totals, 0 * totals]), **given) == pytest.approx(
        [expected, np.nan], nan_ok=True
    )


def test_correlations_are_those_of_scipy_also_in_draws():
    name = "0.5 spearman + 0.5 pearson"
    expected = 0.5 * spearmanr(NUMBERS, PREDICTED)[0] + 0.5 * pearsonr(NUMBERS, PREDICTED)[0]
    assert metrics.score(name, NUMBERS, PREDICTED) == pytest.approx(expected)
    drawn = bootstrap.scores(name, NUMBERS, PREDICTED, n=3, seed=1)
    each = [
        bootstrap.scores(one, NUMBERS, PREDICTED, n=3, seed=1) for one in ("spearman", "pearson")
    ]
    assert drawn == pytest.approx(np.mean(each, axis=0))


def test_losses_add_to_a_loss_and_gains_need_a_negative_one():
    loss, mixed = metrics.get("rmse + mae"), metrics.get("r2 - 0.1 rmse")
    assert (loss.greater_is_better, mixed.greater_is_better) == (False, True)
    rmse = np.sqrt(mean_squared_error(NUMBERS, PREDICTED))
    expected = metrics.score("r2", NUMBERS, PREDICTED) - 0.1 * rmse
    assert metrics.score(mixed, NUMBERS, PREDICTED) == pytest.approx(expected)
    with pytest.raises(DataError, match="negative weight"):
        metrics.get("r2 + rmse")


def test_probabilities_and_decisions_are_scored_side_by_side():
    metric = metrics.get("0.5 auc + 0.5 f1")
    assert (metric.needs, metric.forms) == ("several", ("probs", "decisions"))
    assert metric.scores_decisions
    assert not metric.scores_probs
    given = metric_input(P_YES, [{"threshold": 0.4}], "binary", metric, {})
    expected = 0.5 * roc_auc_score(YES, P_YES)
    expected += 0.5 * f1_score(YES, reaches(0.4))
    assert metrics.score(metric, YES, given) == pytest.approx(expected)
    both = {"probs": P_YES, "decisions": (reaches(0.4)).astype(int)}
    assert podium.score("0.5 auc + 0.5 f1", YES, both) == pytest.approx(expected)
    with pytest.raises(UsageError, match="pass both"):
        podium.score("0.5 auc + 0.5 f1", YES, P_YES)


def test_a_ranking_stands_beside_probabilities():
    probs = RNG.dirichlet(np.ones(4), 50)
    truth = RNG.integers(0, 4, 50)
    scorer = LabelScorer.of(
        "0.5 top_k_accuracy - 0.5 log_loss",
        truth,
        n_outputs=4,
        options={"top_k_accuracy": {"k": 2}},
    )
    ranked = np.argsort(-probs.astype(np.float32), axis=1, kind="stable")[:, :2]
    hits = (ranked == truth[:, None]).any(axis=1).mean()
    expected = 0.5 * hits - 0.5 * log_loss(truth, probs, labels=range(4))
    assert scorer.of_probs(probs) == pytest.approx(expected, abs=1e-6)


def test_thresholds_are_tuned_for_the_terms_that_score_decisions():
    whole = LabelScorer.of("0.25 auc + 0.75 f1", YES, n_outputs=1)
    alone = LabelScorer.of("f1", YES, n_outputs=1)
    kept, expected = (choose_decision(P_YES, one, Search(10, 0)) for one in (whole, alone))
    assert kept.decision == expected.decision
    assert kept.is_tuned
    assert kept.evidence.gain == pytest.approx(0.75 * expected.evidence.gain)
    curve = podium.threshold_curve(YES, P_YES, "0.25 auc + 0.75 f1")
    of_f1 = podium.threshold_curve(YES, P_YES, "f1")
    assert curve.scores == pytest.approx(0.25 * roc_auc_score(YES, P_YES) + 0.75 * of_f1.scores)


def test_threshold_of_two_decided_terms_is_best_for_their_sum():
    found = podium.fit_thresholds(YES, P_YES, "0.5 accuracy + 0.5 f1", raw=True)[0]
    grid = np.unique(P_YES)

    def score(threshold: float) -> float:
        decided = reaches(threshold)
        return float(0.5 * accuracy_score(YES, decided) + 0.5 * f1_score(YES, decided))

    assert score(found) == pytest.approx(max(map(score, grid.tolist())))


def test_masks_are_added_from_one_count():
    truth = RNG.integers(0, 2, (6, 8, 8)).astype(np.uint8)
    sent = np.where(RNG.random((6, 8, 8)) < 0.7, truth, 1 - truth).astype(np.uint8)
    dice, iou = (podium.score(one, truth, sent) for one in ("mean_dice", "mean_iou"))
    name = "0.5 mean_dice + 0.5 mean_iou"
    assert podium.score(name, truth, sent) == pytest.approx((dice + iou) / 2)
    kind = pixel_kind("binary")
    counts = np.stack(
        [
            metrics.mask_counts(a, b, kind=kind, n_outputs=1)
            for a, b in zip(truth, sent, strict=True)
        ]
    )
    sums = metrics.of_counts(name, counts, kind=kind)
    assert metrics.value(name, sums) == pytest.approx((dice + iou) / 2)


@pytest.mark.parametrize(("name", "why"), [
    ("auc + mean_dice", "two tasks"),
    ("mean_dice + surface_dice", "do not"),
    ("auc + nothing", "no 'nothing'"),
])  # fmt: skip
def test_what_cannot_be_added_is_refused(name, why):
    with pytest.raises(PodiumError, match=why):
        metrics.get(name)


def test_a_task_that_one_term_cannot_score_is_refused():
    with pytest.raises(DataError, match="metric pearson cannot score"):
        metrics.fitting("0.5 pearson + 0.5 auc", image_kind("binary"))
    with pytest.raises(DataError, match="no option 'k'"):
        metrics.fitting("0.5 f1 + 0.5 auc", image_kind("binary"), {"f1": {"k": 2}})


def test_a_sum_is_one_object_also_from_another_process():
    metric = metrics.get("0.5 auc + 0.5 f1")
    assert metrics.get("0.5 auc+.5*f1") is metric
    assert pickle.loads(pickle.dumps(metric)) is metric
