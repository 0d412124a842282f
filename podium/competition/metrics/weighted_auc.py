"""Area under the ROC curve, weighted by bands of the true positive rate (ALASKA2 steganalysis).

    wAUC = Σ_b w_b ∫_{band b} (1 - FPR) dTPR / Σ_b w_b · (height of band b)

Options: `edges` of the bands, from 0 to 1, and the `weights` of the bands: [0, 0.4, 1] and [2, 1],
so that finding few positives without a false alarm counts twice. A constant scores 0.5857 with
these, not one half. Rows of equal score are a slope of the curve, as ties count half in `auc`. The
area is exact; a grader that cuts the curve at its own points differs by about 1/N. A truth of one
class has none. It is no function of sums of rows: folds are pooled by rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.errors import DataError

__all__ = ["METRIC"]


def _score(
    truth: NDArray[Any],
    probs: NDArray[Any],
    *,
    edges: Sequence[float],
    weights: Sequence[float],
) -> float:
    every = np.ones((1, len(truth)))
    found = float(_score_draws(truth, probs, every, edges=edges, weights=weights)[0])
    if np.isnan(found):
        raise DataError(
            "weighted_auc is undefined: one class only in the truth of column 0",
            fix="score the pooled rows of all folds",
        )
    return found


def _score_draws(
    truth: NDArray[Any],
    probs: NDArray[Any],
    counts: NDArray[Any],
    *,
    edges: Sequence[float],
    weights: Sequence[float],
) -> NDArray[np.float64]:
    """Return the scores of B resamples `(B,)`: the rows are sorted once, not B times."""
    bands, weight = _bands(edges, weights)
    if probs.ndim != 1 or not np.isin(truth, (0, 1)).all():
        raise DataError("weighted_auc: it takes one score a row, and a truth of 0 and 1")
    order = np.argsort(-probs.astype(np.float64), kind="stable")
    in_order = probs[order]
    is_last = np.append(in_order[1:] != in_order[:-1], True)  # of its value
    drawn = counts[:, order].astype(np.float64)
    positives = np.cumsum(drawn * truth[order], axis=1)[:, is_last]  # (B, distinct values)
    negatives = np.cumsum(drawn * (1 - truth[order]), axis=1)[:, is_last]
    n_positive, n_negative = positives[:, -1:], negatives[:, -1:]
    is_defined = (n_positive > 0) & (n_negative > 0)
    tpr = positives / np.where(is_defined, n_positive, 1)
    fpr = negatives / np.where(is_defined, n_negative, 1)
    area = sum(
        one * _area_of_band(fpr, tpr, low, high)
        for one, (low, high) in zip(weight, bands, strict=True)
    )
    return np.where(is_defined[:, 0], area / (weight @ np.diff(bands, axis=1)[:, 0]), np.nan)


def _area_of_band(
    fpr: NDArray[np.float64], tpr: NDArray[np.float64], low: float, high: float
) -> NDArray[np.float64]:
    """Return `(B,)`: the area right of the curve, between two heights.

    Each piece of the curve is straight: the mean of 1 - FPR over a part of it is in its middle.
    """
    from_y, from_x = (np.pad(one, ((0, 0), (1, 0)))[:, :-1] for one in (tpr, fpr))
    bottom, top = np.clip(from_y, low, high), np.clip(tpr, low, high)
    height = tpr - from_y
    middle = ((bottom + top) / 2 - from_y) / np.where(height > 0, height, 1)
    beside = 1 - (from_x + middle * (fpr - from_x))
    return np.asarray(((top - bottom) * beside).sum(axis=1))


def _bands(
    edges: Sequence[float], weights: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lower and upper ends `(bands, 2)` and the weights `(bands,)`."""
    try:
        ends, weight = np.asarray(edges, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError):
        ends = weight = np.array(np.nan)
    is_fine = (
        ends.ndim == 1
        and len(ends) >= 2
        and weight.shape == (len(ends) - 1,)
        and (ends[0], ends[-1]) == (0, 1)
        and bool((np.diff(ends) > 0).all())
        and bool((weight >= 0).all())
        and 0 < weight.sum() < np.inf
    )
    if not is_fine:
        raise DataError(
            f"weighted_auc: edges are {edges!r}, weights are {weights!r}",
            fix="edges ascend from 0 to 1, as [0, 0.4, 1]; weights has one number >= 0 a band",
        )
    return np.column_stack([ends[:-1], ends[1:]]), weight


METRIC = Metric(
    "weighted_auc",
    needs="probs",
    greater_is_better=True,
    perfect=1.0,
    worst=0.0,
    kinds=frozenset({"binary"}),
    score=_score,
    options=MappingProxyType({"edges": [0.0, 0.4, 1.0], "weights": [2.0, 1.0]}),
    score_draws=_score_draws,
)
