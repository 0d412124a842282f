"""Outputs of several numbers: the numbers themselves, in the columns' own units.

A head multiplies by the columns' deviations and adds their means (`ColumnUnits`), so that logits
are numbers in these units already.
"""

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
from podium.tasks.protocols.names import IMAGES
from podium.training.outputs import ExplainedOutput

__all__ = ["activate", "explained", "stored", "target", "without_missing"]


def explained(
    values: Tensor, names: Sequence[str], truth: Any
) -> tuple[str, list[ExplainedOutput]]:
    """Return the numbers; the first column is explained."""
    each = [float(one) for one in values]
    text = ", ".join(f"{name} {one:.4g}" for name, one in zip(names, each, strict=True))
    first = ExplainedOutput(
        IMAGES, "predicted", names[0], each[0], lambda outputs: outputs[IMAGES][0, 0]
    )
    return text, [first]
