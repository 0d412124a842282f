"""Any metric that is the mean of squared distances from the truth, or its root.

The error of a mean is the mean of the members' errors e_m, so that Σ (Σ_m w_m e_m)² = wᵀ G w with
G_mn = Σ e_m · e_n. G is made once, and a candidate needs no pass over the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.ensembling.hill_climbing import EPS, Bounds, Picks, PlainAdditions
from podium.tuning.scoring import LabelScorer

__all__ = ["additions"]

CELLS_AT_ONCE = 4_000_000  # of errors of all members, float64: 32 MB


def additions(members: NDArray[Any], scorer: LabelScorer) -> _Squared | None:
    """Return the additions for `climb`; None where the truth, or a value, would be refused."""
    truth, prediction = metrics.arguments(scorer.metric, scorer.truth, members[0])
    values = members.reshape(len(members), len(truth), -1)
    is_brier = scorer.metric.name == "brier"
    if is_brier and (values.min() < 0 or values.max() > 1):
        return None
    n_columns = values.shape[2]
    classes = np.arange(n_columns if truth.ndim == 1 and prediction.ndim == 2 else 2)
    if is_brier and not np.isin(truth, classes if truth.ndim == 1 else (-1, 0, 1)).all():
        return None
    is_of_classes = truth.ndim == 1 and prediction.ndim == 2
    if is_of_classes and not is_brier:
        return None
    gram, largest, n_known = np.zeros((len(members), len(members))), 0.0, 0
    step = max(1, CELLS_AT_ONCE // (len(members) * n_columns))
    for start in range(0, len(truth), step):
        right = truth[start : start + step]
        target = right[:, None] == classes if is_of_classes else right.reshape(len(right), -1)
        is_known = np.isfinite(target) & ((target >= 0) | (not is_brier))
        target = np.where(is_known, target, 0.0)
        errors = (values[:, start : start + step] - target) * is_known  # (M, rows, C)
        n_known += int(is_known.sum())
        flat = errors.reshape(len(members), -1)
        gram += flat @ flat.T
        largest = max(largest, float(np.abs(flat).max()), float(np.abs(target).max()))
    n = len(truth) if is_of_classes else n_known
    if not np.isfinite(gram).all():
        return None
    return _Squared(
        gram / n,
        n_columns * len(truth),
        largest,
        n_columns,
        not is_brier,
        PlainAdditions(members, scorer),
    )


@dataclass(frozen=True)
class _Squared:
    """Scores that follow from the products of errors.

    Attributes:
        gram: `(M, M)`, mean products of errors.
        n_cells: how many are in such a mean.
        largest: no error and no true value is larger by size.
        n_columns: cells of a row.
        is_root: whether the root is scored.
        plain: the plain way.
    """

    gram: NDArray[np.float64]
    n_cells: int
    largest: float
    n_columns: int
    is_root: bool
    plain: PlainAdditions

    def bounds(self, picks: Picks, allowed: NDArray[np.int64]) -> Bounds:
        n = len(picks) + 1
        counts = np.bincount(picks, minlength=len(self.gram)).astype(np.float64)
        of_picks = self.gram @ counts
        own = self.gram.diagonal()
        found = (counts @ of_picks + 2 * of_picks[allowed] + own[allowed]) / n**2
        # No sum of products exceeds that of the largest member, by size (Cauchy-Schwarz).
        largest = float(own.max())
        margin = largest * (self.n_cells + 4 * len(self.gram) + 64) * EPS
        # And the mean that the plain way subtracts the truth from is rounded.
        off = 2 * self.largest * (n + 8) * EPS
        margin += 2 * off * np.sqrt(largest * self.n_columns) + self.n_columns * off**2
        low, high = np.maximum(found - margin, 0), np.maximum(found + margin, 0)
        if self.is_root:
            return np.sqrt(low), np.sqrt(high)  # the margin is far above what a root is rounded by
        return low, high

    def score(self, picks: Picks) -> float:
        return self.plain.score(picks)
