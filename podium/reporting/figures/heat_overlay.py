"""Images with Grad-CAM and attention maps in false colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import ArrayLike, NDArray

from podium.reporting.figures._panel import INK, MUTED, panels, plain

__all__ = ["HeatOver", "HeatRow", "example", "heat_overlay", "overlay"]

COLORS = colormaps["cividis"]  # Nuñez et al. 2018: reads the same with any colour vision
OPACITY = 0.6
_SIDE_PX, _NARROW_PX, _WORDS_PX, _BAR_PX = 118, 330, 44, 34
_SIGN_PX = 6.3


class HeatOver(NamedTuple):
    """A map over an image.

    Attributes:
        map: `(h, w)`, 0 or more; it is scaled from 0 to its highest number.
        above: its title, a line or two: "Grad-CAM: cat", "predicted, 98 %".
    """

    map: ArrayLike
    above: str


class HeatRow(NamedTuple):
    """An image and its maps.

    Attributes:
        image: `(H, W, 3)`.
        above: a line or two above it, such as its id.
        heats: from left to right.
    """

    image: NDArray[np.uint8]
    above: str
    heats: Sequence[HeatOver]


def heat_overlay(rows: Sequence[HeatRow], *, narrow: bool = False) -> Figure:
    """Return a row for each image: itself, then its maps over it in grey, and a bar of colours.

    Every map is scaled from 0 to its own highest number, so colours show where, and are not
    comparable between maps. A map that is 0 everywhere is labelled so.

    Args:
        rows: one or more; they may have different numbers of maps.
        narrow: for a phone: pictures after each other, three in a line.
    """
    lines: list[list[tuple[NDArray[np.uint8], str, bool]]] = []
    columns = 3 if narrow else 1 + max(len(row.heats) for row in rows)
    for row in rows:
        cells = [(row.image, row.above, False)]
        for heat in row.heats:
            found = np.asarray(heat.map, dtype=float)
            cells.append((overlay(row.image, found), heat.above, not found.max() > 0))
        lines += [cells[start : start + columns] for start in range(0, len(cells), columns)]
    side = (_NARROW_PX - 6) / columns if narrow else _SIDE_PX
    width = _NARROW_PX if narrow else max(columns, 2) * _SIDE_PX + 8
    figure, grid = panels(len(lines), columns, width, len(lines) * (side + _WORDS_PX) + _BAR_PX)
    longest = int(side / _SIGN_PX)
    for axes in grid.flat:
        axes.set_visible(False)
    for line, cells in zip(grid, lines, strict=True):
        for axes, (picture, above, is_empty) in zip(line, cells, strict=False):
            axes.set_visible(True)
            axes.imshow(picture, interpolation="none")
            text = "\n".join(plain(part, longest=longest) for part in above.split("\n")[:2])
            axes.set_title(text, fontsize=9.5, color=INK, linespacing=1.15, pad=3)
            if is_empty:
                axes.set_xlabel("no evidence", fontsize=9.5, color=MUTED, labelpad=2)
    _bar(figure, width, len(lines) * (side + _WORDS_PX) + _BAR_PX)
    return figure


def overlay(image: NDArray[np.uint8], heat: ArrayLike) -> NDArray[np.uint8]:
    """Return the image in grey under the colours of `heat`.

    Args:
        image: `(H, W, 3)`.
        heat: `(h, w)`, 0 or more; stretched to the image by bilinear interpolation. One that is 0
            everywhere has no colour.
    """
    luma = np.repeat((image @ np.array([0.299, 0.587, 0.114]))[..., None], 3, axis=-1)
    numbers = np.asarray(heat, dtype=np.float32)
    peak = float(numbers.max())
    if not peak > 0:
        return _as_bytes(luma)
    size = image.shape[1], image.shape[0]
    strength = cv2.resize(numbers / peak, size, interpolation=cv2.INTER_LINEAR)
    colors = 255 * COLORS(np.clip(strength, 0, 1))[..., :3]
    return _as_bytes(luma + OPACITY * (colors - luma))


def _as_bytes(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    rounded: NDArray[np.uint8] = np.rint(values).astype(np.uint8)
    return rounded


def _bar(figure: Figure, width_px: float, height_px: float) -> None:
    """Draw the colours from 0 to the highest number of a map, at the bottom."""
    layout = figure.get_layout_engine()
    assert isinstance(layout, ConstrainedLayoutEngine)  # as every panel has it
    layout.set(rect=(0, _BAR_PX / height_px, 1, 1 - _BAR_PX / height_px))
    bar_px = 96
    axes = figure.add_axes((12 / width_px, 19 / height_px, bar_px / width_px, 9 / height_px))
    axes.set_label("bar")
    axes.set_in_layout(False)
    ramp = np.rint(255 * COLORS(np.linspace(0, 1, bar_px))[None, :, :3]).astype(np.uint8)
    axes.imshow(ramp, interpolation="none", aspect="auto")
    axes.set(yticks=[], xticks=[0, bar_px - 1], xticklabels=["0", "highest of its map"])
    axes.tick_params(length=0, pad=2, labelsize=9.5, labelcolor=MUTED)
    axes.get_xticklabels()[0].set_horizontalalignment("left")
    axes.spines[:].set_visible(False)


def example() -> Figure:
    """Return the overlay of a made-up picture with two patches, one as evidence of each class."""
    rng = np.random.default_rng(0)
    row, column = np.mgrid[:64, :64]
    one, other = np.hypot(row - 20, column - 18) < 11, np.hypot(row - 42, column - 44) < 13
    image = rng.integers(70, 110, (64, 64, 3))
    image[one], image[other] = (210, 120, 60), (70, 130, 210)
    small_row, small_column = np.mgrid[:7, :7]
    near, far = (
        np.exp(-((small_row - y) ** 2 + (small_column - x) ** 2) / 3) for y, x in ((2, 2), (4, 4.5))
    )
    heats = [
        HeatOver(near, "Grad-CAM: sun\npredicted, 81 %"),
        HeatOver(far, "Grad-CAM: sea\ntrue, 14 %"),
        HeatOver(near + 0.6 * far, "attention\nlast block"),
    ]
    return heat_overlay([HeatRow(image.astype(np.uint8), "img_0042\nfold 1", heats)])
