"""Outputs of yes or no: one probability, of yes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from podium.tasks.kinds.classify._rows.outputs_of_numbers import stored, target
from podium.tasks.kinds.classify._rows.outputs_of_probs import activate, without_missing
from podium.tasks.protocols.names import IMAGES
from podium.training.outputs import ExplainedOutput, explained_classes

__all__ = ["activate", "explained", "stored", "target", "without_missing"]


def explained(
    values: Tensor, names: Sequence[str], truth: Any
) -> tuple[str, list[ExplainedOutput]]:
    """Return the likelier answer; it and the true one are explained."""
    p = float(values[0])
    likely, right = int(p >= 0.5), None if truth is None or truth < 0 else int(truth)
    return names[likely], explained_classes([1 - p, p], names, likely, right, _logit)


def _logit(i: int) -> Callable[[dict[str, Tensor]], Tensor]:
    # One logit for both: that of class 0 is its negative.
    return lambda outputs: outputs[IMAGES][0, 0] * (1 if i else -1)
