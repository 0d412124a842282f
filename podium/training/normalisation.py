"""What the channels of an image are normalised with: x ← (x − mean) / std, of pixels in [0, 1].

The backbone's own numbers by default, those of red, green and blue round again for more channels
(as timm repeats the weights); or the recipe's `input.mean` and `input.std`, given or measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from math import ceil, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podium.competition.pixels import Pixels
from podium.errors import RecipeError
from podium.models.network import Network
from podium.training.recipe import Input
from podium.training.rows import Rows
from podium.workspace.progress import Progress

__all__ = ["Normalisation", "asks_for_data", "measured", "set_normalisation"]

MOST_IMAGES = 1_000
MOST_PIXELS = 2**16  # of an image, from a grid over all of it
PATCHES = 4  # a side of the grid of patches, of an image that is read by window


class Normalisation(NamedTuple):
    """One number a channel each."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, network: Network) -> Normalisation:
        """Return what the images of `network` are normalised with."""
        return cls(network.mean, network.std)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Normalisation:
        """Return what `state` made of another one, as it lies in a checkpoint."""
        return cls(tuple(state["mean"]), tuple(state["std"]))

    @property
    def state(self) -> dict[str, list[float]]:
        return {"mean": list(self.mean), "std": list(self.std)}


def asks_for_data(spec: Input) -> bool:
    """Return whether `input:` has something measured on the training images."""
    return "data" in (spec.mean, spec.std)


def set_normalisation(network: Network, spec: Input, measure: Callable[[], Normalisation]) -> None:
    """Give `network` the mean and the standard deviation of `input:`, where it names any.

    Args:
        network: changed in place.
        spec: the recipe's `input:`; of images that are stacks of slices, it names numbers of the
            channels of one slice.
        measure: called where one of them is `data`.

    Raises:
        RecipeError: there are more or fewer numbers than channels.
    """
    n, of = network.in_chans // network.n_slices, "slices" if network.n_slices > 1 else "images"
    found = _of_slices(measure(), n) if asks_for_data(spec) else Normalisation.of(network)
    if spec.mean is not None:
        mean = found.mean if spec.mean == "data" else _numbers(spec.mean, n, "mean", of)
        network.mean = mean * network.n_slices
    if spec.std is not None:
        std = found.std if spec.std == "data" else _numbers(spec.std, n, "std", of)
        network.std = std * network.n_slices


def _of_slices(found: Normalisation, n: int) -> Normalisation:
    """Return mean and deviation of the `n` channels of a slice, over all slices of the images.

    A slice must look the same at whatever place of the stack it is.
    """
    if len(found.mean) == n:
        return found
    means = np.array(found.mean).reshape(-1, n)
    squares = np.array(found.std).reshape(-1, n) ** 2 + means**2
    mean = means.mean(axis=0)
    std = np.sqrt(np.maximum(squares.mean(axis=0) - mean**2, 0))
    return Normalisation(tuple(mean.tolist()), tuple(std.tolist()))


def _numbers(given: Any, n: int, key: str, of: str) -> tuple[float, ...]:
    if isinstance(given, int | float):
        return (float(given),) * n
    if len(given) != n:
        raise RecipeError(
            f"{len(given)} numbers for {of} of {n} {'channel' if n == 1 else 'channels'}",
            where=f"input.{key}",
            fix="write one number a channel, one for all of them, or data",
        )
    return tuple(map(float, given))


def measured(rows: Rows, pixels: Pixels, progress: Progress) -> Normalisation:
    """Return mean and standard deviation of the channels of `rows`, of their pixels in [0, 1].

    Of at most 1,000 images, evenly from first to last, and of a large image a grid of pixels: the
    same for the same rows. A channel that is the same everywhere gets a deviation of 1.

    Args:
        rows: a fold's training samples.
        pixels: of their images.
        progress: gets a bar.
    """
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_IMAGES)).astype(int))
    n, total, squares = 0, np.zeros(pixels.channels), np.zeros(pixels.channels)
    with progress.bar("measuring the images", len(chosen)) as advance:
        for row in chosen.tolist():
            wide = pixels.unit(_some_pixels(rows, row)).astype(np.float64)
            n, total, squares = n + len(wide), total + wide.sum(0), squares + (wide**2).sum(0)
            advance(1)
    mean = total / n
    std = np.sqrt(np.maximum(squares / n - mean**2, 0))
    is_flat = std < np.finfo(np.float32).eps
    return Normalisation(tuple(mean.tolist()), tuple(np.where(is_flat, 1.0, std).tolist()))


def _some_pixels(rows: Rows, row: int) -> NDArray[Any]:
    """Return some pixels of the image of a row, `(n, C)`, as they are kept."""
    if rows.tiles is None:
        image = rows.pixels(row)
        step = ceil(sqrt(max(1, image.shape[0] * image.shape[1] / MOST_PIXELS)))
        return image[::step, ::step].reshape(-1, image.shape[2])
    # Every n-th row of a large file would read all of it.
    image = rows.window(row)
    side = max(1, int(sqrt(MOST_PIXELS)) // PATCHES)
    tops, lefts = (
        np.unique(np.linspace(0, max(0, length - side), PATCHES).astype(int)).tolist()
        for length in image.shape[:2]
    )
    patches = [image[top : top + side, left : left + side] for top, left in product(tops, lefts)]
    return np.concatenate([one.reshape(-1, image.shape[2]) for one in patches])
