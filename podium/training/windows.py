"""Ask a network about an image that is larger than its input: window by window, band by band."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.competition.pixels import RGB8, Pixels
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
    image: NDArray[Any],
    stride: int,
    recipe: Recipe,
    say: Say,
    *,
    batch_size: int,
    pixels: Pixels = RGB8,
) -> Iterator[Floats]:
    """Give the probabilities of `image` `(H, W, C)` as rows, `(rows, W, K)` float32.

    Only the windows of one batch are read from the image, and only the rows of one window are kept
    of what was said.

    Args:
        image: may be read-only and on disk.
        stride: of the network.
        recipe: its `input.size` is the window, its `predict:` says how windows overlap.
        say: from images `(n, h, w, C)`, uint8 or float32 in [0, 1], to probabilities
            `(n, h, w, K)`.
        batch_size: windows at a time.
        pixels: of the image.
    """
    height, width = image.shape[:2]
    planned = plan_windows(recipe, (height, width), stride)
    spec = recipe.predict
    yield from merge_windows(
        _answers(image, planned, say, batch_size, pixels),
        height,
        width,
        weights=spec.weights,
        margin=spec.margin,
    )


def _answers(
    image: NDArray[Any], planned: list[Window], say: Say, batch_size: int, pixels: Pixels
) -> Iterator[tuple[Window, Floats]]:
    # The windows at the image's end may be smaller: a batch has one shape.
    for _, same in groupby(planned, key=lambda one: (one.height, one.width)):
        alike = list(same)
        for start in range(0, len(alike), batch_size):
            batch = alike[start : start + batch_size]
            seen = pixels.as_seen(np.stack([window.of(image) for window in batch]))
            yield from zip(batch, say(torch.from_numpy(seen)), strict=True)
