"""Directions as vectors: degrees count from the positive x axis towards the positive y axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["apart", "direction_of", "vector_of"]


def vector_of(degrees: NDArray[Any]) -> NDArray[np.float64]:
    """Return cosine and sine `(N, 2)` of degrees `(N,)`; nan stays nan.

    Example:
        >>> vector_of(np.array([0.0, 90.0])).round(3).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    radians = np.radians(np.asarray(degrees, dtype=np.float64))
    return np.stack([np.cos(radians), np.sin(radians)], axis=-1)


def direction_of(vectors: NDArray[Any]) -> NDArray[np.float64]:
    """Return the directions `(N,)` of vectors `(N, 2)` in degrees, from 0 and below 360.

    A vector of length 0, the mean of opposite directions, has the direction 0.

    Example:
        >>> direction_of(np.array([[0.0, -2.0], [1.0, 1.0]])).round(3).tolist()
        [270.0, 45.0]
    """
    cosine, sine = np.moveaxis(np.asarray(vectors, dtype=np.float64), -1, 0)
    degrees = np.degrees(np.arctan2(sine, cosine)) % 360
    # A hair below 0 is 360 after the division; and there is no direction without a length.
    return np.where((degrees == 360) | ((cosine == 0) & (sine == 0)), 0.0, degrees)


def apart(degrees: NDArray[Any], truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return the signed smaller arc from `truth` to `degrees`, above -180 and up to 180."""
    turn = np.asarray(degrees, dtype=np.float64) - np.asarray(truth, dtype=np.float64)
    return 180 - (180 - turn) % 360
