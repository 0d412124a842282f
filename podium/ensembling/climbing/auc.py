"""Area under the ROC curve of one more member, sorted only where a histogram does not decide.

Rows are put into 32,768 bins, or 65,536, by the mean that they would have. A pair of rows in two
bins is in the right order or is not; one in the same bin may be either. That bounds the area by a
ten-thousandth and less, so that nearly all members need no sorting. Bins are fine where the mean of
the picks has many rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import known_cells
from podium.ensembling.climbing._kernels import CELLS, count_pairs, divide_cells, half_pairs
from podium.ensembling.hill_climbing import EPS, Bounds, Picks, RunningSum, known_dtype
from podium.tuning.scoring import LabelScorer

__all__ = ["additions"]


def additions(members: NDArray[Any], scorer: LabelScorer) -> _Auc | None:
    """Return the additions for `climb`; None where the area is undefined, or an option is."""
    options = scorer.metric.complete(scorer.options)
    average, skips = options["average"], options["undefined"] == "skip"
    if average not in ("macro", "micro", "weighted") or options["undefined"] not in (
        "error",
        "skip",
    ):
        return None
    truth, prediction = metrics.arguments(scorer.metric, scorer.truth, members[0])
    n_columns = prediction.shape[1] if prediction.ndim == 2 else 1
    if truth.ndim == 1 and n_columns > 1:
        if not np.isin(truth, np.arange(n_columns)).all():
            return None
        positive = truth[:, None] == np.arange(n_columns)
    elif np.isin(truth, (-1, 0, 1)).all():
        positive = truth.reshape(len(truth), -1) == 1
    else:
        return None
    is_known = known_cells(truth)
    is_known = np.ones_like(positive) if is_known is None else is_known
    values = known_dtype(members)
    if average == "micro":
        positive, values = positive.reshape(-1, 1), values.reshape(len(values), -1, 1)
        is_known = is_known.reshape(-1, 1)
    n_positive = positive.sum(axis=0)
    is_defined = (n_positive > 0) & (n_positive < is_known.sum(axis=0))
    if not is_defined.any() or not (skips or is_defined.all()):
        return None
    columns = []
    for c in np.flatnonzero(is_defined).tolist():
        rows = slice(None) if is_known[:, c].all() else is_known[:, c]
        columns.append(_Column.of(values[:, rows, c], positive[rows, c]))
    return _Auc(columns, n_positive[is_defined] if average == "weighted" else None)


@dataclass(frozen=True)
class _Auc:
    """The mean of the columns' areas, by `weights` where there are some."""

    columns: list[_Column]
    weights: NDArray[np.int64] | None

    def bounds(self, picks: Picks, allowed: NDArray[np.int64]) -> Bounds:
        low, high = np.zeros((2, len(allowed), len(self.columns)))
        for c, column in enumerate(self.columns):
            low[:, c], high[:, c] = column.bounds(picks, allowed)
        margin = 8 * len(self.columns) * EPS  # of an average
        return (
            np.average(low, axis=1, weights=self.weights) - margin,
            np.average(high, axis=1, weights=self.weights) + margin,
        )

    def score(self, picks: Picks) -> float:
        each = np.array([column.area(picks) for column in self.columns])
        return float(np.average(each, weights=self.weights))


@dataclass(frozen=True)
class _Column:
    """The area of one column.

    Attributes:
        values: `(M, N)`, the positive rows first.
        total: the sum over picks.
        n_positive: how many rows are.
        least, most: of the values.
        bins: `(2, CELLS)`, each cell's first bin and its number of them; `bounds` writes it.
    """

    values: NDArray[Any]
    total: RunningSum
    n_positive: int
    least: float
    most: float
    bins: NDArray[np.int32] = field(repr=False)

    @classmethod
    def of(cls, values: NDArray[Any], positive: NDArray[np.bool_]) -> _Column:
        order = np.argsort(~positive, kind="stable")
        ordered = np.empty(values.shape, values.dtype)  # rows of members lie side by side
        for one, member in zip(ordered, values, strict=True):
            np.take(member, order, out=one)
        return cls(
            ordered,
            RunningSum(ordered),
            int(positive.sum()),
            float(values.min()),
            float(values.max()),
            np.zeros((2, CELLS), dtype=np.int32),
        )

    def bounds(
        self, picks: Picks, allowed: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return bounds of the area `(K,)`."""
        total, n = self.total.of(picks), len(picks) + 1
        top = 2 * (self.most - self.least)
        mean = total / len(picks) if picks else self.values[0].astype(np.float64)
        divide_cells(mean, self.least, top, self.bins)
        found = np.empty((len(allowed), 2), dtype=np.int64)
        count_pairs(
            self.values, total, float(n), self.n_positive, self.least, top, self.bins, allowed,
            found,
        )  # fmt: skip
        pairs = self.n_positive * (len(total) - self.n_positive)
        return found[:, 0] / pairs, found[:, 1] / pairs

    def area(self, picks: Picks) -> float:
        """Return the exact area."""
        mean = (self.total.of(picks[:-1]) + self.values[picks[-1]]) / len(picks)
        positive, negative = np.sort(mean[: self.n_positive]), np.sort(mean[self.n_positive :])
        pairs = self.n_positive * len(negative)
        return float(half_pairs(positive, negative)) / 2 / pairs
