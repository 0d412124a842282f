"""Predictions made elsewhere: a column a class, or one of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.tasks.protocols.names import IMAGES

if TYPE_CHECKING:
    from podium.competition.spec import Competition


def channels(competition: Competition) -> tuple[str, ...]:
    """Return the names of the classes; "1" of one number."""
    return ("1",) if competition.kind.is_single else tuple(competition.classes_of(IMAGES))


def widths(n_channels: int) -> tuple[int, ...]:
    """Return how many columns a row may have: one an output."""
    return (n_channels,)


def outputs(values: NDArray[np.float64], *, logits: bool) -> NDArray[np.float64]:
    """Return values `(n, C)` as they are."""
    return values
