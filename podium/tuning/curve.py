"""The score at every threshold, and which threshold to take: the highest, or a robust one.

The robust one (decision 0022) is the centre of all thresholds that cannot be told from the best:
those whose loss against it is not larger than its own standard error (`plateau.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError

__all__ = ["Curve"]

EQUAL = 1e-12  # losses that are no larger come from rounding
FAR = 2.0  # standard errors: a centre that loses more lies in a valley

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A metric at every threshold that makes a difference.

    Attributes:
        thresholds: `(T,)`, float32, ascending: the distinct values, and one above all of them.
        scores: `(T,)`: the score of `p >= threshold`, nan where it is undefined.
        greater_is_better: the metric's direction.
    """

    thresholds: NDArray[np.float32]
    scores: Floats
    greater_is_better: bool = True

    def best(self, *, within: float = 0.0, low: float = 0.0, high: float = 1.0) -> float:
        """Return the centre of the widest plateau of best scores: the raw maximum.

        A threshold at the edge of the plateau would turn with the next row; its centre is as far
        from both edges as can be. The first plateau begins at `low` and the last one ends at
        `high`: where "never" is best, the threshold does not lie a hair above the largest value
        that was seen.

        Args:
            within: scores at most this much worse than the best count as equal to it.
            low, high: between which values may lie.

        Raises:
            DataError: the score is undefined at every threshold.
        """
        is_good = self._losses() <= within
        lows = self._lows(low)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], is_good.astype(np.int8), [0]])))
        firsts, lasts = edges[::2], edges[1::2] - 1
        highs = self.thresholds[lasts].astype(np.float64)
        highs[lasts == len(self.thresholds) - 1] = max(high, float(self.thresholds[-1]))
        widest = int(np.argmax(highs - lows[firsts]))
        return _between(lows[firsts[widest]], highs[widest])

    def robust(
        self, errors: Floats, *, low: float = 0.0, high: float = 1.0, by_odds: bool = True
    ) -> float:
        """Return the centre of the thresholds that are as good as the best for all one can say.

        These are the ones from the lowest to the highest whose loss is at most its own standard
        error. The centre is that of the log odds: of a rare class, 0.01 and 0.1 are as far apart
        as 0.9 and 0.99. Where the centre itself is far from good, the curve has two summits, and
        the raw maximum is taken.

        Args:
            errors: `(T,)`: standard errors of (best - score), see `plateau.py`; 0 everywhere gives
                the centre of all best thresholds.
            low, high: between which values may lie.
            by_odds: whether values are probabilities; else, as for those outside [0, 1], the
                centre is the plain one.

        Raises:
            DataError: the score is undefined at every threshold.
        """
        losses = self._losses()
        good = np.flatnonzero(losses <= errors + EQUAL)
        left, right = self._lows(low)[good[0]], float(self.thresholds[good[-1]])
        if good[-1] == len(self.thresholds) - 1:
            right = max(high, right)
        centre = self._centre_of_odds(left, right) if by_odds else _between(left, right)
        at = self._at(centre)
        if losses[at] > FAR * errors[at] + EQUAL:
            return self.best(low=low, high=high)
        return centre

    def score_at(self, threshold: float) -> float:
        """Return the score of `p >= threshold`."""
        return float(self.scores[self._at(threshold)])

    def _at(self, threshold: float) -> int:
        at = int(np.searchsorted(self.thresholds, np.float32(threshold), side="left"))
        return min(at, len(self.scores) - 1)

    def _losses(self) -> Floats:
        """Return what each threshold loses against the best, infinity where undefined."""
        signed = self.scores if self.greater_is_better else -self.scores
        signed = np.where(np.isnan(signed), -np.inf, signed)
        best = signed.max()
        if best == -np.inf:
            raise DataError(
                "the score is undefined at every threshold",
                fix="tune on rows of both classes, such as the pooled ones of all folds",
            )
        return np.asarray(best - signed)

    def _lows(self, low: float) -> Floats:
        """Every real threshold in (lows[i], thresholds[i]] decides as thresholds[i] does."""
        first = min(low, float(self.thresholds[0]))
        return np.concatenate([[first], self.thresholds[:-1].astype(np.float64)])

    def _centre_of_odds(self, left: float, right: float) -> float:
        """Return the middle of two thresholds by their log odds."""
        values = self.thresholds[:-1].astype(np.float64)
        if not len(values) or values[0] < 0 or values[-1] > 1 or right > 1.0001:
            return _between(left, right)
        # Neither 0 nor 1 has finite odds: halfway to the outermost value that was seen, instead.
        if right >= 1:
            right = (1 + values[values < 1].max(initial=0.0)) / 2
        if left <= 0:
            left = min(values[values > 0].min(initial=1.0) / 2, right)
        odds = np.sqrt(left / (1 - left) * right / (1 - right)) if left < 1 else np.inf
        centre = float(np.float32(odds / (1 + odds))) if np.isfinite(odds) else float(right)
        return centre if left < centre <= right else _between(left, right)


def _between(left: float, right: float) -> float:
    centre = float(np.float32((left + right) / 2))
    return centre if centre > left else float(right)
