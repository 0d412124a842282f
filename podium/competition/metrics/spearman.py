"""Spearman's correlation: Pearson's of the ranks, from -1 to 1 (of image quality: SRCC, SROCC).

Equal numbers share the mean of their ranks (Google QUEST, scipy). Only the order of the values
counts; equal values score 0, and of a constant truth it is undefined. It is no function of sums of
rows: folds are pooled by rows, never by their scores.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.competition.metrics.pearson import correlations, moments, of_one_column
from podium.errors import DataError

__all__ = ["METRIC"]


def _score(truth: NDArray[Any], values: NDArray[Any]) -> float:
    found = float(_score_draws(truth, values, np.ones((1, len(truth)), np.int64))[0])
    if np.isnan(found):
        raise DataError(
            "spearman is undefined: the truth is constant", fix="score the pooled rows of all folds"
        )
    return found


def _score_draws(
    truth: NDArray[Any], values: NDArray[Any], counts: NDArray[Any]
) -> NDArray[np.float64]:
    """Return the scores of B resamples `(B,)`: the rows are sorted once, not B times."""
    right, predicted = of_one_column("spearman", truth, values)
    drawn = counts.astype(np.float64)
    every = moments(_ranks(right, drawn), _ranks(predicted, drawn))
    return correlations((drawn[..., None] * every).sum(axis=1))


def _ranks(numbers: NDArray[np.float64], drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each row's rank in each resample `(B, N)`, from the middle: so sums stay small."""
    _, which = np.unique(numbers, return_inverse=True)
    order = np.argsort(which, kind="stable")
    first = np.flatnonzero(np.diff(which[order], prepend=-1))
    alike = np.add.reduceat(drawn[:, order], first, axis=1)
    ranks = np.cumsum(alike, axis=1) - alike / 2
    found: NDArray[np.float64] = (ranks - drawn.sum(axis=1, keepdims=True) / 2)[:, which]
    return found


METRIC = Metric(
    "spearman",
    needs="probs",
    greater_is_better=True,
    perfect=1.0,
    worst=-1.0,
    kinds=frozenset({"regression"}),
    score=_score,
    score_draws=_score_draws,
)

CALLED = (
    "spearman correlation", "spearman's correlation", "spearman rank correlation", "spearman's rho",
    "spearman's rank correlation", "rank correlation coefficient", "srcc", "srocc",
    "rank order correlation coefficient", "corrélation de spearman", "rangkorrelation",
    "correlación de spearman", "correlação de spearman", "correlazione di spearman",
    "korelacja spearmana", "корреляция спирмена", "斯皮尔曼相关系数", "スピアマンの順位相関係数",
    "スピアマン順位相関", "스피어만 상관계수", "spearman korelasyonu",
)  # fmt: skip
