"""Outputs of one class of several: softmax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from podium.tasks.kinds.classify._rows.outputs_of_numbers import stored
from podium.training.outputs import ExplainedOutput, explained_classes, logit_of

__all__ = ["activate", "explained", "stored", "target", "without_missing"]


def activate(logits: Tensor) -> Tensor:
    """Return the probabilities of the classes, which sum to 1."""
    return logits.softmax(dim=1)


def target(truth: NDArray[Any]) -> NDArray[Any]:
    """Return the classes as they are, -1 where missing."""
    return truth


def without_missing(target: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return classes, or soft labels in the shape of the logits, and where they are there.

    A class is missing where it is -1, a soft label where any of its numbers is nan.
    """
    if target.ndim < logits.ndim:
        there = (target >= 0).unsqueeze(1)
        return target.long().clamp(min=0), there  # (N, …)
    there = target.isfinite().all(dim=1, keepdim=True)
    # Any row would do; one that sums to 1 keeps the norm of class weights positive.
    clean = target.float().where(there, target.new_full((), 1 / target.shape[1]).float())
    return clean, there


def explained(
    values: Tensor, names: Sequence[str], truth: Any
) -> tuple[str, list[ExplainedOutput]]:
    """Return the likeliest class; it and the true one are explained."""
    each = [float(one) for one in values]
    likely = int(np.argmax(each))
    right = int(truth) if truth is not None and int(truth) >= 0 else None
    return names[likely], explained_classes(each, names, likely, right, logit_of)
