"""What every loss of a classification head promises, and the mean that all of them take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from podium.competition.spec import TaskKind

__all__ = ["Loss", "weighted_mean"]


@dataclass(frozen=True)
class Loss:
    """A loss and the kinds of task that it fits.

    Args:
        compute: called as `compute(logits, target, *, kind, weight, class_weights,
            label_smoothing, **options)` and returns a scalar with gradient. `logits` are float32
            `(N, C)`; `target` is `(N,)` int64 classes or soft `(N, C)` for a multiclass task, else
            float `(N, C)`, without missing values. `weight` is `(N, 1)` or `(N, C)`, 0 where the
            answer is missing, or None. Its further keyword arguments are the options of a recipe.
        kinds: the kinds of task.
    """

    compute: Callable[..., Tensor]
    kinds: frozenset[TaskKind]

    def __call__(
        self,
        logits: Tensor,
        target: Tensor,
        *,
        kind: TaskKind,
        weight: Tensor | None = None,
        class_weights: Tensor | None = None,
        label_smoothing: float = 0.0,
        **options: Any,
    ) -> Tensor:
        """Return the scalar loss, computed in float32."""
        return self.compute(
            logits.float(),
            target,
            kind=kind,
            weight=weight,
            class_weights=class_weights,
            label_smoothing=label_smoothing,
            **options,
        )


def weighted_mean(each: Tensor, weight: Tensor | None) -> Tensor:
    """Return the mean of `each` `(N, C)` under `weight` `(N, 1)` or `(N, C)`; 0 if all are 0."""
    if weight is None:
        return each.mean()
    weight = weight.expand_as(each)
    total = weight.sum()
    # A batch without a single answer gives 0 and a zero gradient, and no division by zero.
    return (each * weight).sum() / total.where(total > 0, total.new_ones(()))
