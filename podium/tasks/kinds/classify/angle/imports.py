"""Directions predicted elsewhere: a column of cosines and one of sines, or one of degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.tasks.kinds.classify.angle.vectors import vector_of

if TYPE_CHECKING:
    from podium.competition.spec import Competition


def channels(competition: Competition) -> tuple[str, ...]:
    """Return the names of the two columns."""
    return "cos", "sin"


def widths(n_channels: int) -> tuple[int, ...]:
    """Return 2, and 1 for degrees."""
    return n_channels, 1


def outputs(values: NDArray[np.float64], *, logits: bool) -> NDArray[np.float64]:
    """Return vectors `(n, 2)`; of degrees `(n, 1)` those that point there."""
    return vector_of(values[..., 0]) if values.shape[-1] == 1 else values
