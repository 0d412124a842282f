"""The contract of a loss, its context, and the mean that most losses take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field
from torch import Tensor

from podium.tasks.protocols.kind import Kind

__all__ = [
    "Loss",
    "LossContext",
    "NonNegative",
    "along_classes",
    "safely",
    "weighted_mean",
]

NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""An option that is a number of at least 0."""


@dataclass(frozen=True)
class LossContext:
    """Arguments of a loss from the objective, beside logits and target.

    Args:
        kind: kind of task.
        weight: `(N, 1)` or `(N, C)` for labels, `(N, 1, H, W)` or `(N, C, H, W)` for masks: the
            weight of the sample, 0 where the target is missing. None for 1 everywhere.
        class_weights: `(C,)`, or `(2,)` of absent and present for a binary task; None for none.
        label_smoothing: share of a target that is spread over all classes.
        scale: the factor of the logits, where they are cosines; None: they are none.
        units: `(C,)`, by which the logits and targets of numbers were divided; None: by nothing.
    """

    kind: Kind
    weight: Tensor | None = None
    class_weights: Tensor | None = None
    label_smoothing: float = 0.0
    scale: float | None = None
    units: Tensor | None = None


@dataclass(frozen=True)
class Loss:
    """A loss, and the tasks that it fits.

    Args:
        compute: called as `compute(logits, target, given, **options)` and returns a scalar with
            gradient. `logits` are float32 `(N, C)` of labels or `(N, C, H, W)` of masks. `target`
            has no missing values: for a multiclass task int64 classes without the axis C, or soft
            in the shape of the logits, else float in the shape of the logits. Its keyword-only
            arguments are the options of a recipe, checked against their annotations.
        kinds: names of the kinds of task; None for all, as of a function of the user's own.
        form: "pixelwise" is a mean over targets, each taken alone: one a sample for labels, one a
            pixel for masks. "region" takes the pixels of an image or a batch together, and so masks
            only.
        of_cosines: it takes only the logits of a head that outputs cosines, with `given.scale`, and
            classes as targets, none between them.
    """

    compute: Callable[..., Tensor]
    kinds: frozenset[str] | None
    form: Literal["pixelwise", "region"] = field(default="pixelwise", kw_only=True)
    of_cosines: bool = field(default=False, kw_only=True)

    def fits(self, kind: Kind) -> bool:
        """Return whether it is a loss for outputs of `kind`."""
        return self.kinds is None or kind.plain_name in self.kinds

    def __call__(
        self, logits: Tensor, target: Tensor, given: LossContext, **options: Any
    ) -> Tensor:
        """Return the scalar loss, computed in float32."""
        return self.compute(logits.float(), target, given, **options)


def weighted_mean(each: Tensor, weight: Tensor | None) -> Tensor:
    """Return the mean of `each` `(N, C, …)` under `weight` of 1 or C columns; 0 if all are 0."""
    if weight is None:
        return each.mean()
    weight = weight.expand_as(each)
    return (each * weight).sum() / safely(weight.sum())


def safely(total: Tensor) -> Tensor:
    """Return `total` with 1 for 0, to divide by.

    A batch without a single target gives 0 and a zero gradient so, and no division by zero.
    """
    return total.where(total > 0, total.new_ones(()))


def along_classes(values: Tensor, like: Tensor) -> Tensor:
    """Return `values` `(C,)` in a shape that broadcasts along the classes of `like` `(N, C, …)`."""
    return values.reshape(-1, *[1] * (like.ndim - 2))
