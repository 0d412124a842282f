"""Predictions of pixels made elsewhere: a channel a class, background first where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.tasks.protocols.names import PIXELS

if TYPE_CHECKING:
    from podium.competition.spec import Competition


def channels(competition: Competition) -> tuple[str, ...]:
    """Return the names of the classes; "1" of foreground alone."""
    kind = competition.mask_kind
    if kind.is_single:
        return ("1",)
    return (*(["background"] if kind.has_background else []), *competition.classes_of(PIXELS))


def widths(n_channels: int) -> tuple[int, ...]:
    """Return how many columns a row may have: one an output."""
    return (n_channels,)


def outputs(values: NDArray[np.float64], *, logits: bool) -> NDArray[np.float64]:
    """Return values `(n, C)` as they are."""
    return values
