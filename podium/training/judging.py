"""How many of the answers that a method gives itself are right, where the truth is known.

A method says what it takes unlabelled images for, and gets two sums back; it never sees a truth.
Their quotient over an epoch is "classify/precision".
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

__all__ = ["Judge", "with_precision"]

_RIGHT, _JUDGED, _PRECISION = "classify/right", "classify/judged", "classify/precision"


class Judge:
    """Knows the labels of unlabelled images, to measure by and never to learn from.

    Args:
        truth: `(N,)` int64: classes of the rows of the unlabelled pool, -1 where nobody knows, or
            where it is learnt.
    """

    def __init__(self, truth: Tensor) -> None:
        self._truth = truth

    def __call__(self, index: Tensor, answer: Tensor, weight: Tensor) -> dict[str, Tensor]:
        """Return the mean weight of right answers and of all that can be judged, as scalars.

        Args:
            index: `(n,)` int64: rows of the unlabelled pool.
            answer: `(n,)` classes, or `(n, 1)` of 0 and 1.
            weight: in the shape of `answer`, bool or float: how much each counts.
        """
        self._truth = self._truth.to(index.device)  # moved once
        truth = self._truth[index]
        said, weight = answer.reshape(-1).long(), weight.reshape(-1).float()
        judged = weight * (truth >= 0)
        return {_RIGHT: (judged * (said == truth)).mean(), _JUDGED: judged.mean()}


def with_precision(means: Mapping[str, float]) -> dict[str, float]:
    """Return an epoch's means with the precision in place of its two sums, if any was judged."""
    row = dict(means)
    right, judged = row.pop(_RIGHT, 0.0), row.pop(_JUDGED, 0.0)
    return {**row, _PRECISION: right / judged} if judged > 0 else row
