"""Log loss of calibrated means of classes, where class weights are fitted to the mean afterwards.

A mean of members that are alike is hardly surer than each of them, and log loss then sees no gain;
and one that is too sure is punished though it ranks well. So each mean is first made as sure as the
truth bears out: p ∝ exp(s · log p̄) (temperature scaling, Guo et al. 2017, arXiv:1706.04599), by its
own s with the least loss. In s the loss is convex: its slope is that of the mean of log p̄ over the
classes, less the true one's, and its curvature the variance of log p̄ within a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.ensembling.hill_climbing import Bounds, Picks, RunningSum, known_dtype
from podium.predictions.top_k import TopKMembers
from podium.tuning.labels.class_weights import LEAST_PROB, SCALES

if TYPE_CHECKING:
    from podium.ensembling.method import BlendObjective
    from podium.tasks.protocols.kind import Kind

__all__ = ["CalibratedLoss", "before_class_weights"]

BY_CLASS = ("balanced_accuracy", "macro_f1")
"""Metrics that count each class alike, however rare; of others it is not measured."""

NEAR = 0.05  # of s: one step of Newton's from there, the loss is a parabola
MOST_STEPS = 30
LEAST_CURVE = 1e-9


def before_class_weights(members: Any, objective: BlendObjective) -> BlendObjective:
    """Return what members are picked by, where class weights are fitted to their mean afterwards.

    It is `CalibratedLoss` where one of several classes is predicted and each counts alike; other
    objectives stay as they are, and so does one whose members or truth log loss cannot take.
    """
    metric, truth = objective.metric, objective.truth
    if metric.name not in BY_CLASS or metric != metrics.get(metric.name):
        return objective
    kind, labels = objective.kind, metric.complete(objective.options).get("labels")
    is_by_class = kind.is_exclusive and not kind.is_of_pixels and isinstance(labels, str | None)
    if isinstance(members, TopKMembers) or not is_by_class or members.min() < 0:
        return objective
    if not np.isin(truth, np.arange(members.shape[2])).all():
        return objective
    return CalibratedLoss(truth.astype(np.int64), kind)


@dataclass(frozen=True)
class CalibratedLoss:
    """The log loss of probabilities of classes, calibrated by the scale that makes it least.

    Attributes:
        truth: `(N,)`, the class of each row.
        kind: of the task, whose classes exclude each other.
        metric: log loss, of which less is better.
        options: none.
    """

    truth: NDArray[Any]
    kind: Kind
    metric: Metric = field(default_factory=lambda: metrics.get("log_loss"))
    options: Mapping[str, Any] = field(default_factory=dict)

    def of_probs(self, probs: Any) -> float:
        """Return the loss of probabilities `(N, C)`."""
        return _least(np.array(probs, np.float32), self.right(probs), 1)[0]

    def take(self, rows: NDArray[np.int64]) -> CalibratedLoss:
        """Return the objective of these rows."""
        return replace(self, truth=self.truth[rows])

    def additions(self, members: NDArray[Any]) -> _Calibrated:
        """Return the additions for `climb`."""
        return _Calibrated(members, self)

    def right(self, probs: NDArray[Any]) -> NDArray[np.int64]:
        """Return where the true cells of probabilities `(N, C)` are, counted row by row."""
        return np.ravel_multi_index((np.arange(len(probs)), self.truth), probs.shape)


def _least(
    sums: NDArray[np.float32],
    right: NDArray[np.int64],
    n: int,
    scale: float = 1.0,
    curve: float | None = None,
) -> tuple[float, float, float]:
    """Return the least loss of the mean sums / n, its scale, and the curvature there.

    It is sought by Newton's steps from `scale` on; with `curve`, the curvature of a mean that is
    much like this one, a short step takes that. `sums` are overwritten; `right` are the cells that
    are true.
    """
    # Of float32 several logarithms are computed at once.
    logs = np.log(np.maximum(sums, np.float32(LEAST_PROB * n), out=sums), out=sums)
    of_true = float(logs.reshape(-1)[right].mean(dtype=np.float64))
    ones, powers = np.ones(logs.shape[1], np.float32), np.empty_like(logs)
    left = MOST_STEPS
    while True:
        np.exp(np.multiply(logs, np.float32(scale), out=powers), out=powers)
        totals = powers @ ones
        means = (np.multiply(powers, logs, out=powers) @ ones) / totals
        slope = float(means.mean(dtype=np.float64)) - of_true
        if curve is None or abs(slope) >= NEAR * scale * curve:
            squares = (np.multiply(powers, logs, out=powers) @ ones) / totals
            curve = max(float((squares - means * means).mean(dtype=np.float64)), LEAST_CURVE)
        lowest, highest = max(SCALES[0], scale / 2), min(SCALES[1], scale * 2)
        step = min(max(scale - slope / curve, lowest), highest) - scale
        left -= 1
        if abs(step) < NEAR * scale or not left:
            break
        scale, curve = scale + step, None
    loss = float(np.log(totals).mean(dtype=np.float64)) - scale * of_true
    return loss + step * (slope + curve * step / 2), scale + step, curve


class _Calibrated:
    """The loss of one pick more, sought from the scale of the picks before it."""

    def __init__(self, members: NDArray[Any], goal: CalibratedLoss) -> None:
        self._members, self._right = known_dtype(members), goal.right(members[0])
        self._sum = RunningSum(self._members, np.float32)
        self._near: tuple[float, ...] = ()  # of the picks that were asked for last

    def bounds(self, picks: Picks, allowed: NDArray[np.int64]) -> Bounds:
        n, total = len(picks), self._sum.of(picks)
        self._near = _least(total.copy(), self._right, n, *self._near)[1:] if n else ()
        losses, both = np.empty(len(allowed)), np.empty_like(total)
        for k, m in enumerate(allowed):
            np.add(total, self._members[m], out=both, casting="same_kind")
            losses[k] = _least(both, self._right, n + 1, *self._near)[0]
        return losses, losses

    def score(self, picks: Picks) -> float:
        return float(self.bounds(picks[:-1], np.array(picks[-1:]))[0][0])
