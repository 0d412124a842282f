"""Ask a network about an image that is larger than its input: window by window, band by band."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.predictions.tiles import Window, merge_windows, windows
from podium.training.recipe import Recipe

__all__ = ["plan_windows", "window_bands"]

Floats = NDArray[np.float32]
Say = Callable[[Tensor], Floats]


def plan_windows(recipe: Recipe, image: tuple[int, int], stride: int) -> list[Window]:
    """Return the windows of an image of (height, width) `image` as the recipe's `predict:` has it.

    Raises:
        RecipeError: `input.size` is no multiple of the network's stride, or all margin.
    """
    height, width = image
    spec = recipe.predict
    return windows(
        height,
        width,
        recipe.input.height_width,
        overlap=spec.overlap,
        stride=stride,
        margin=spec.margin,
    )


def window_bands(
    image: NDArray[np.uint8], stride: int, recipe: Recipe, say: Say, *, batch_size: int
) -> Iterator[Floats]:
    """Give the probabilities of `image` `(H, W, 3)` as rows, `(rows, W, C)` float32.

    Only the windows of one batch are read from the image, and only the rows of one window are kept
    of what was said.

    Args:
        image: may be read-only and on disk.
        stride: of the network.
        recipe: its `input.size` is the window, its `predict:` says how windows overlap.
        say: from images `(n, h, w, 3)` uint8 to probabilities `(n, h, w, C)`.
        batch_size: windows at a time.
    """
    height, width = image.shape[:2]
    planned = plan_windows(recipe, (height, width), stride)
    spec = recipe.predict
    yield from merge_windows(
        _answers(image, planned, say, batch_size),
        height,
        width,
        weights=spec.weights,
        margin=spec.margin,
    )


def _answers(
    image: NDArray[np.uint8], planned: list[Window], say: Say, batch_size: int
) -> Iterator[tuple[Window, Floats]]:
    # The windows at the image's end may be smaller: a batch has one shape.
    for _, same in groupby(planned, key=lambda one: (one.height, one.width)):
        alike = list(same)
        for start in range(0, len(alike), batch_size):
            batch = alike[start : start + batch_size]
            pixels = np.stack([window.of(image) for window in batch])
            yield from zip(batch, say(torch.from_numpy(pixels)), strict=True)
