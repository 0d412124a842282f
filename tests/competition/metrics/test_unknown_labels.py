"""Labels that are unknown for some classes: each class is scored where it is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as sklearn_metrics

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores import bootstrap
from podium.errors import DataError

N, C = 60, 4


@pytest.fixture
def truth() -> NDArray[np.int64]:
    rng = np.random.default_rng(3)
    found = rng.integers(0, 2, (N, C))
    found[rng.random((N, C)) < 0.3] = -1
    found[:, 3] = np.where(np.arange(N) < 8, np.arange(N) % 2, -1)  # hardly ever known
    found[(found < 0).all(axis=1), 0] = 1
    return found


@pytest.fixture
def probs() -> NDArray[np.float64]:
    return np.random.default_rng(4).random((N, C)).round(2)


def by_class(
    score: Any, truth: NDArray[Any], prediction: NDArray[Any], **options: Any
) -> NDArray[np.float64]:
    """Return the score of each class over the rows in which it is known."""
    known = truth >= 0
    return np.array(
        [
            score(truth[known[:, c], c], prediction[known[:, c], c], **options)
            for c in range(truth.shape[1])
        ]
    )


def test_auc_is_that_of_the_known_rows_of_each_class(
    truth: NDArray[np.int64], probs: NDArray[np.float64]
) -> None:
    each = by_class(sklearn_metrics.roc_auc_score, truth, probs)
    assert metrics.score("auc", truth, probs) == pytest.approx(each.mean(), abs=1e-12)
    positives = (truth == 1).sum(axis=0)
    weighted = metrics.score("auc", truth, probs, average="weighted")
    assert weighted == pytest.approx(np.average(each, weights=positives), abs=1e-12)
    known = truth >= 0
    micro = sklearn_metrics.roc_auc_score(truth[known], probs[known])
    assert metrics.score("auc", truth, probs, average="micro") == pytest.approx(micro, abs=1e-12)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_draws_of_auc_are_scores_of_repeated_rows(
    average: str, truth: NDArray[np.int64], probs: NDArray[np.float64]
) -> None:
    draws = metrics.get("auc").score_draws
    assert draws is not None
    counts = np.random.default_rng(0).integers(0, 4, (5, N))
    options = {"average": average, "undefined": "skip"}
    found = draws(truth, probs, counts, **options)
    for one, drawn in zip(found, counts, strict=True):
        rows = np.repeat(np.arange(N), drawn)
        again = metrics.score("auc", truth[rows], probs[rows], **options)
        assert one == pytest.approx(again, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("macro_f1", sklearn_metrics.f1_score),
        ("jaccard", sklearn_metrics.jaccard_score),
    ],
)
def test_metrics_of_classes_are_means_over_the_known_rows_of_each(
    name: str, score: Any, truth: NDArray[np.int64], probs: NDArray[np.float64]
) -> None:
    decided = (probs >= 0.5).astype(np.int64)
    expected = by_class(score, truth, decided, zero_division=0.0).mean()
    options = {} if name == "macro_f1" else {"average": "macro"}
    assert metrics.score(name, truth, decided, **options) == pytest.approx(expected, abs=1e-12)


def test_micro_and_weighted_f1_count_known_cells(
    truth: NDArray[np.int64], probs: NDArray[np.float64]
) -> None:
    decided, known = (probs >= 0.5).astype(np.int64), truth >= 0
    micro = sklearn_metrics.f1_score(truth[known], decided[known])
    assert metrics.score("f1", truth, decided, average="micro") == pytest.approx(micro)
    each = by_class(sklearn_metrics.f1_score, truth, decided)
    weighted = np.average(each, weights=(truth == 1).sum(axis=0))
    assert metrics.score("f1", truth, decided, average="weighted") == pytest.approx(weighted)
    rows = [
        sklearn_metrics.f1_score(right[there], one[there], zero_division=0.0)
        for right, one, there in zip(truth, decided, known, strict=True)
    ]
    samples = metrics.score("f1", truth, decided, average="samples")
    assert samples == pytest.approx(np.mean(rows))


def test_metrics_of_cells_are_means_over_all_known_cells(
    truth: NDArray[np.int64], probs: NDArray[np.float64]
) -> None:
    known, decided = truth >= 0, (probs >= 0.5).astype(np.int64)
    right, p = truth[known], probs[known]
    loss = sklearn_metrics.log_loss(right, np.clip(p, 1e-15, 1 - 1e-15))
    assert metrics.score("log_loss", truth, probs) == pytest.approx(loss, abs=1e-9)
    brier = sklearn_metrics.brier_score_loss(right, p)
    assert metrics.score("brier", truth, probs) == pytest.approx(brier, abs=1e-12)
    cells = sklearn_metrics.accuracy_score(right, decided[known])
    assert metrics.score("accuracy", truth, decided, over="cell") == pytest.approx(cells)
    rows = [
        (one == own)[there].all() for one, own, there in zip(truth, decided, known, strict=True)
    ]
    assert metrics.score("accuracy", truth, decided) == pytest.approx(np.mean(rows))
    weights = np.where(right == 1, 2.0, 1.0)
    clipped = np.clip(p, 1e-15, 1 - 1e-15)
    weighted = sklearn_metrics.log_loss(right, clipped, sample_weight=weights)
    found = metrics.score("weighted_log_loss", truth, probs, over="row")
    assert found == pytest.approx(weighted, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("auc", {"undefined": "skip"}),
        ("log_loss", {}),
        ("brier", {}),
        ("weighted_log_loss", {}),
        ("weighted_log_loss", {"over": "row"}),
        ("accuracy", {}),
        ("accuracy", {"over": "cell"}),
        ("macro_f1", {}),
        ("f1", {"average": "micro"}),
        ("f1", {"average": "samples"}),
        ("fbeta", {"average": "macro"}),
        ("jaccard", {"average": "macro"}),
    ],
)
def test_what_is_predicted_of_an_unknown_class_changes_no_score(
    name: str, options: dict[str, Any], truth: NDArray[np.int64], probs: NDArray[np.float64]
) -> None:
    metric = metrics.get(name)
    given = (probs >= 0.5).astype(np.int64) if metric.scores_decisions else probs
    other = np.where(truth >= 0, given, 1 - given)
    assert (other != given).any()
    score = metrics.score(name, truth, given, **options)
    assert metrics.score(name, truth, other, **options) == score
    bounds = [
        bootstrap.interval(name, truth, one, n=40, seed=0, **options) for one in (given, other)
    ]
    assert bounds[0] == bounds[1]


def test_a_metric_that_cannot_leave_cells_out_refuses_them(
    truth: NDArray[np.int64], probs: NDArray[np.float64]
) -> None:
    own = Metric(
        "mine", "probs", True, frozenset({"multilabel"}), lambda t, p: float((t * p).sum())
    )
    with pytest.raises(DataError, match=r"mine: the truth has labels that are unknown \(-1\)"):
        metrics.score(own, truth, probs)
    assert metrics.score(own, np.maximum(truth, 0), probs) > 0
