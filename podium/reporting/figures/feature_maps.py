"""Feature maps: what the channels of a network's layers make of one image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from podium.reporting.figures._panel import INK, MUTED, panels, plain

__all__ = ["LayerMaps", "example", "feature_maps", "in_colors"]

COLORS = colormaps["cividis"]
_SIDE_PX, _NARROW_PX, _WORDS_PX, _NAMES_PX = 74, 330, 17, 88
_NARROW_COLUMNS = 4


class LayerMaps(NamedTuple):
    """Some channels of a layer.

    Attributes:
        name: of the layer; a line or two.
        maps: `(k, h, w)`.
        channels: `(k,)`: which channels of the layer they are.
    """

    name: str
    maps: ArrayLike
    channels: Sequence[int]


def feature_maps(
    image: NDArray[np.uint8], layers: Sequence[LayerMaps], *, narrow: bool = False
) -> Figure:
    """Return a row of maps for each layer, under the image that they are of.

    Every map is scaled from its lowest to its highest number; pixels are not interpolated.

    Args:
        image: `(H, W, 3)`.
        layers: in the order in which an image goes through them.
        narrow: for a phone: the first four channels of each.
    """
    most = max(len(layer.channels) for layer in layers)
    columns = min(most, _NARROW_COLUMNS) if narrow else most
    names = 0 if narrow else _NAMES_PX
    side = _NARROW_PX / columns if narrow else _SIDE_PX
    above = 2 * _WORDS_PX if narrow else _WORDS_PX
    height = (1 + len(layers)) * (side + above)
    figure, grid = panels(1 + len(layers), columns, names + columns * side, height)
    for axes in grid.flat:
        axes.set_visible(False)
    grid[0, 0].set_visible(True)
    grid[0, 0].imshow(image, interpolation="none")
    grid[0, 0].set_title("image", fontsize=9.5, color=MUTED, pad=3)
    for line, layer in zip(grid[1:], layers, strict=True):
        lines = [plain(part, longest=18) for part in layer.name.split("\n")[:2]]
        for axes, one, channel in zip(line, np.asarray(layer.maps), layer.channels, strict=False):
            axes.set_visible(True)
            axes.imshow(in_colors(one), interpolation="none")
            axes.set_title(f"{channel}", fontsize=9.5, color=MUTED, pad=2)
        if narrow:
            line[0].set_title(
                f"{', '.join(lines)}\n{layer.channels[0]}",
                fontsize=9.5, color=INK, loc="left", pad=2,
            )  # fmt: skip
            line[0].set_title("", loc="center")
        else:
            line[0].set_ylabel(
                "\n".join(lines), rotation=0, ha="right", va="center", color=INK, fontsize=10,
                labelpad=6,
            )  # fmt: skip
    return figure


def in_colors(one: ArrayLike) -> NDArray[np.uint8]:
    """Return a map `(h, w)` as colours `(h, w, 3)`, from its lowest to its highest number.

    One of equal numbers has the lowest colour.
    """
    numbers = np.asarray(one, dtype=float)
    low, high = numbers.min(), numbers.max()
    shares = (numbers - low) / (high - low) if high > low else np.zeros_like(numbers)
    return np.asarray(np.rint(255 * COLORS(shares)[..., :3]), dtype=np.uint8)


def example() -> Figure:
    """Return the edges and blobs of a made-up picture, ever coarser."""
    row, column = np.mgrid[:48, :48] / 48.0
    waves = 0.5 + 0.5 * np.sin(9 * (row**2 + column))
    image = np.stack([waves, row, 1 - column], axis=-1)
    layers = []
    for number, step in enumerate((1, 2, 4, 8), 1):
        coarse = waves[::step, ::step]
        maps = [np.abs(np.gradient(coarse, axis=axis)) for axis in (0, 1)]
        maps += [coarse, coarse**3, (1 - coarse) ** 2, np.roll(coarse, 1, axis=0) * coarse]
        layers.append(LayerMaps(f"stage {number}\n16 channels", np.stack(maps), range(6)))
    return feature_maps(np.rint(255 * image).astype(np.uint8), layers)
