"""Outputs of yes or no for each class: a probability each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from podium.tasks.kinds.classify._rows.outputs_of_numbers import stored
from podium.tasks.kinds.classify._rows.outputs_of_probs import activate, without_missing
from podium.training.outputs import ExplainedOutput, explained_classes, logit_of

__all__ = ["activate", "explained", "stored", "target", "without_missing"]


def target(truth: NDArray[Any]) -> NDArray[Any]:
    """Return the truth in float32; nan where it is unknown, so that a mixture of it is, too."""
    return np.where(truth < 0, np.nan, truth).astype(np.float32)


def explained(
    values: Tensor, names: Sequence[str], truth: Any
) -> tuple[str, list[ExplainedOutput]]:
    """Return the classes above a half; the likeliest is explained, and the least likely true."""
    each = [float(one) for one in values]
    likely, right = int(np.argmax(each)), _least_likely(truth, each)
    text = ", ".join(name for name, p in zip(names, each, strict=True) if p >= 0.5) or "none"
    return text, explained_classes(each, names, likely, right, logit_of)


def _least_likely(truth: Any, each: Sequence[float]) -> int | None:
    """Return the true class of the lowest probability; None where there is none."""
    if truth is None:
        return None
    there = np.flatnonzero(np.asarray(truth) == 1).tolist()
    return min(there, key=lambda one: each[one]) if there else None
