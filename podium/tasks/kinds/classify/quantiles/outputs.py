"""Outputs of quantiles: a number a level, stored in ascending order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from podium.tasks.kinds.classify._rows.outputs_of_numbers import activate, target
from podium.tasks.protocols.names import IMAGES
from podium.training.outputs import ExplainedOutput

__all__ = ["activate", "explained", "stored", "target", "without_missing"]


def without_missing(target: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the number at each level, 0 where it is missing (nan), and where it is there."""
    target = target.float().reshape(len(logits), -1).expand_as(logits)
    there = target.isfinite()
    return target.where(there, target.new_zeros(())), there


def stored(values: Tensor) -> Tensor:
    """Return the quantiles in ascending order."""
    return values.sort(dim=1).values


def explained(
    values: Tensor, names: Sequence[str], truth: Any
) -> tuple[str, list[ExplainedOutput]]:
    """Return the quantiles; the one of the middle level is explained."""
    each = sorted(float(one) for one in values)
    text = ", ".join(f"{name}: {one:.4g}" for name, one in zip(names, each, strict=True))
    middle = len(each) // 2
    shown = ExplainedOutput(
        IMAGES,
        "predicted",
        names[middle],
        each[middle],
        lambda outputs: outputs[IMAGES][0, middle],
    )
    return text, [shown]
