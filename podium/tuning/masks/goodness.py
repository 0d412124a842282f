"""Scores of all decisions of a table at once: many look-ups, one sum and one score for all.

A metric of masks is a function of the sums of its images. So of many decisions the counts are
looked up a block at a time, their sums added over the images, and all scores computed together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from podium.competition.metrics import Metric

__all__ = ["Scores", "goodness_of_all", "goodness_of_totals", "unit_sums"]

VALUES_AT_ONCE = 1 << 20  # of a block of look-ups

Floats = NDArray[np.float64]


class Scores(Protocol):
    """Who scores what a table looks up: `MaskScorer` and `SumScorer`."""

    @property
    def metric(self) -> Metric: ...

    @property
    def options(self) -> Mapping[str, Any]: ...

    def sums(self, table: Any) -> NDArray[Any]:
        """Return the sums `(n, S)` of what was looked up, `(n, …)`."""
        ...


def goodness_of_all(
    scorer: Scores, look_up: Callable[[Sequence[int]], NDArray[Any]], n: int
) -> Floats:
    """Return the scores `(n,)` of decisions by number, greater for better; -inf where undefined.

    Args:
        scorer: the metric.
        look_up: from numbers to what a table has of these decisions, `(a, images, …)`.
        n: decisions, at least one.
    """
    totals: list[NDArray[Any]] = []
    size = look_up([0]).size
    step = max(1, VALUES_AT_ONCE // max(1, size))
    for start in range(0, n, step):
        found = look_up(range(start, min(n, start + step)))
        totals.append(unit_sums(scorer, found).sum(axis=1, dtype=np.float64))
    return goodness_of_totals(scorer, np.concatenate(totals))


def goodness_of_totals(scorer: Scores, totals: NDArray[Any]) -> Floats:
    """Return the scores of sums over all images, `(n, S)`, as `goodness_of_all` does."""
    scores = metrics.values(scorer.metric, totals, **scorer.options)
    signed = scores if scorer.metric.greater_is_better else -scores
    return np.where(np.isnan(signed), -np.inf, signed)


def unit_sums(scorer: Scores, found: NDArray[Any]) -> NDArray[Any]:
    """Return the sums `(a, images, S)` of decisions that were looked up, `(a, images, …)`."""
    sums = scorer.sums(found.reshape(-1, *found.shape[2:]))
    return sums.reshape(*found.shape[:2], -1)
