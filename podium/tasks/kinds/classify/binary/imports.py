"""Probabilities made elsewhere: one of the class, or two that are no and yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from podium.competition.spec import Competition


def channels(competition: Competition) -> tuple[str, ...]:
    """Return the name of the class whose probability it is."""
    return (competition.label_names[-1],)


def widths(n_channels: int) -> tuple[int, ...]:
    """Return 1, and 2 for the other class before it."""
    return n_channels, 2


def outputs(values: NDArray[np.float64], *, logits: bool) -> NDArray[np.float64]:
    """Return the column of the class `(n, 1)`, the last one.

    Two logits are those of a softmax, which is the sigmoid of their difference.
    """
    if logits and values.shape[-1] > 1:
        return values[..., -1:] - values[..., :1]
    return values[..., -1:]
