"""Outputs of a number: the number itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from podium.tasks.kinds.classify._rows.outputs_of_numbers import (
    activate,
    stored,
    target,
    without_missing,
)
from podium.training.outputs import ExplainedOutput, explained_number

__all__ = ["activate", "explained", "stored", "target", "without_missing"]


def explained(
    values: Tensor, names: Sequence[str], truth: Any
) -> tuple[str, list[ExplainedOutput]]:
    """Return the number, which is explained."""
    return explained_number(float(values[0]))
