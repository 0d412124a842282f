"""Outputs of a direction: cosine and sine, a vector of length 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from podium.tasks.kinds.classify._rows.outputs_of_numbers import stored, without_missing
from podium.tasks.kinds.classify.angle.vectors import direction_of, vector_of
from podium.tasks.protocols.names import IMAGES
from podium.training.outputs import ExplainedOutput

__all__ = ["activate", "explained", "stored", "target", "without_missing"]


def activate(logits: Tensor) -> Tensor:
    """Return the vectors `(N, 2)`, divided by their lengths."""
    return F.normalize(logits, dim=1, eps=1e-6)


def target(truth: NDArray[Any]) -> NDArray[np.float32]:
    """Return cosine and sine `(N, 2)` of degrees `(N,)`; nan where these are missing."""
    return vector_of(truth).astype(np.float32)


def explained(
    values: Tensor, names: Sequence[str], truth: Any
) -> tuple[str, list[ExplainedOutput]]:
    """Return the direction; what is explained is how far the vector points there."""
    towards = values.detach()
    degrees = float(direction_of(towards.cpu().numpy()[None])[0])
    along = ExplainedOutput(
        IMAGES, "predicted", "", degrees, lambda outputs: (outputs[IMAGES][0] * towards).sum()
    )
    return f"{degrees:.1f}°", [along]
