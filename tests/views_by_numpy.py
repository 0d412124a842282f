"""Test-time views in plain numpy: the truth that tests of views compare with."""

from __future__ import annotations

import numpy as np

TURNS = {
    "identity": lambda x: x,
    "hflip": lambda x: x[..., ::-1],
    "vflip": lambda x: x[..., ::-1, :],
    "rot90": lambda x: np.rot90(x, 1, (-2, -1)),
    "rot180": lambda x: np.rot90(x, 2, (-2, -1)),
    "rot270": lambda x: np.rot90(x, 3, (-2, -1)),
    "transpose": lambda x: np.swapaxes(x, -2, -1),
    "antitranspose": lambda x: np.swapaxes(x[..., ::-1, ::-1], -2, -1),
}
UNDONE_BY = {"rot90": "rot270", "rot270": "rot90"}


def turned_back(name, probs):
    return TURNS[UNDONE_BY.get(name, name)](probs)


def shifted(images, down, right):
    """Return images moved by whole pixels, what is missing reflected about the border's pixels."""
    high, wide = images.shape[-2:]
    pad = [(0, 0)] * (images.ndim - 2) + [(abs(down), abs(down)), (abs(right), abs(right))]
    padded = np.pad(images, pad, mode="reflect")
    top, left = abs(down) - down, abs(right) - right
    return padded[..., top : top + high, left : left + wide]


def shifted_back(probs, down, right):
    """Return probabilities pixel by pixel where they were; nan where a shift left nothing."""
    found = np.full(probs.shape, np.nan, probs.dtype)
    high, wide = probs.shape[-2:]
    for row in range(high):
        for column in range(wide):
            if 0 <= row + down < high and 0 <= column + right < wide:
                found[..., row, column] = probs[..., row + down, column + right]
    return found


def mean_over(every, mean, *, multiclass):
    """Return the mean of `(V, N, C, …)` over views in float64; nan are views that do not cover.

    For "logits" these are logits, else probabilities.
    """
    every = np.asarray(every, dtype=np.float64)
    if mean == "mean":
        return np.nanmean(every, axis=0)
    if mean == "max":
        found = np.nanmax(every, axis=0)
    elif mean == "geometric":
        n_views = (~np.isnan(every)).sum(axis=0)
        found = np.nanprod(np.maximum(every, 1e-7) ** (1 / n_views), axis=0)
    else:
        logits = np.nanmean(every, axis=0)
        if not multiclass:
            return 1 / (1 + np.exp(-logits))
        found = np.exp(logits - logits.max(axis=1, keepdims=True))
    return found / found.sum(axis=1, keepdims=True) if multiclass else found
