"""Masks over images as pixels: classes in their colours, and what a decision got right and wrong.

Everything here is small: bring images and masks to a few hundred pixels a side first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from podium.competition.truths.masks import IGNORE, Mask
from podium.tasks.protocols.find import pixel_kind

__all__ = [
    "FALSE_ALARM",
    "MISSED",
    "OUTCOMES",
    "RIGHT",
    "UNKNOWN",
    "WRONG_CLASS",
    "PixelOutcome",
    "class_colors",
    "class_colors_of",
    "layers_of",
    "outcomes",
    "paint_classes",
    "paint_outcomes",
    "painted",
]

Pixels = NDArray[np.uint8]
Bools = NDArray[np.bool_]

RIGHT, MISSED, FALSE_ALARM, WRONG_CLASS, UNKNOWN = 1, 2, 3, 4, 5


class PixelOutcome(NamedTuple):
    """Outcome of a pixel: its name, and its colour."""

    name: str
    color: str


# Okabe & Ito 2008: distinct for any colour vision, and by lightness where they are adjacent.
OUTCOMES = {
    RIGHT: PixelOutcome("right", "#0072b2"),
    MISSED: PixelOutcome("missed", "#f0e442"),
    FALSE_ALARM: PixelOutcome("false alarm", "#d55e00"),
    WRONG_CLASS: PixelOutcome("wrong class", "#e3a3cb"),
    UNKNOWN: PixelOutcome("not scored", "#8a9099"),
}
# Of middle lightness, for light and dark pages; no figure uses one of them for anything else.
_CLASSES = ("#3fa796", "#aa4499", "#999933", "#cc6677", "#6f86d6", "#a0613c", "#d9c46a")
_LIGHTER = 0.5  # of the second round of class colours
_FILL, _OUTCOME_FILL = 0.45, 0.88  # opacity
_OUTLINE_PX = 2
_DIMMED, _BLACK = 0.45, 40  # what is left of the image's contrast below outcomes, and its black


def class_colors(n: int) -> list[str]:
    """Return a colour for each of `n` classes; they repeat after fourteen."""
    light = [_hex(1 - _LIGHTER * (1 - np.array(to_rgb(color)))) for color in _CLASSES]
    both = [*_CLASSES, *light]
    return [both[number % len(both)] for number in range(n)]


def class_colors_of(shown: Sequence[str], names: Sequence[str]) -> list[str] | None:
    """Return the colours of the classes `shown`, of `names`; None if one is no class."""
    place = {name: number for number, name in enumerate(names)}
    if not shown or any(one not in place for one in shown):
        return None
    palette = class_colors(len(names))
    return [palette[place[one]] for one in shown]


def painted(color: str) -> tuple[float, float, float]:
    """Return `color` for a legend of pictures: the next shade, which no dark page replaces."""
    red, green, blue = to_rgb(color)
    return red, green, blue - 1 / 255 if blue > 0.5 else blue + 1 / 255


def layers_of(mask: Mask, kind: str, n_classes: int) -> Bools:
    """Return `(H, W, n_classes)`: whether a pixel is of each class; background has no layer."""
    if pixel_kind(kind).is_by_class:
        return np.asarray(mask == 1)
    return np.asarray(mask[..., None] == np.arange(1, n_classes + 1))


def outcomes(truth: Mask, predicted: Mask, kind: str, n_classes: int) -> Pixels:
    """Return the outcome of each pixel, uint8 `(H, W)`: 0 for correctly predicted background.

    A pixel with a missed class and another predicted one is of the wrong class. With several
    classes a pixel (multilabel), a pixel of which only some classes are found is missed.

    Args:
        truth: as `podium.competition.truths.masks.Mask`; `IGNORE` is not scored.
        predicted: a decision of the same shape.
        kind: of the task.
        n_classes: mask classes; 1 for a binary mask.
    """
    right, found = (layers_of(one, kind, n_classes) for one in (truth, predicted))
    known = np.asarray(truth != IGNORE)
    known = known if pixel_kind(kind).is_by_class else known[..., None]
    is_missed = (right & ~found & known).any(axis=-1)
    is_false = (~right & found & known).any(axis=-1)
    codes = np.zeros(truth.shape[:2], np.uint8)
    codes[(right & found & known).any(axis=-1)] = RIGHT
    codes[is_missed] = MISSED
    codes[is_false] = FALSE_ALARM
    codes[is_missed & is_false] = WRONG_CLASS
    codes[~known.any(axis=-1)] = UNKNOWN
    return codes


def paint_classes(
    image: Pixels, mask: Mask, colors: Sequence[str], kind: str, n_classes: int
) -> Pixels:
    """Return the image in grey with every class of `mask` filled and outlined in its colour.

    Args:
        image: `(H, W, 3)`.
        mask: of the same height and width.
        colors: `(n_classes,)`; where classes overlap, their colours are mixed.
        kind: of the task.
        n_classes: mask classes.
    """
    layers = layers_of(mask, kind, n_classes)
    unknown = mask == IGNORE
    unknown = unknown.all(axis=-1) if pixel_kind(kind).is_by_class else unknown
    layers = np.concatenate([layers, unknown[..., None]], axis=-1)
    table = _table([*colors, OUTCOMES[UNKNOWN].color])
    picture = _grey(image)
    where = layers.any(axis=-1)
    mixed = layers[where] @ table / layers[where].sum(axis=-1, keepdims=True)
    picture[where] += _FILL * (mixed - picture[where])
    for number in np.flatnonzero(layers.any(axis=(0, 1))):
        picture[_outline(layers[..., number])] = table[number]
    return _as_pixels(picture)


def paint_outcomes(image: Pixels, codes: Pixels) -> Pixels:
    """Return the dimmed image with each of `codes` `(H, W)`, of `outcomes`, in its colour."""
    picture = _BLACK + _DIMMED * _grey(image)
    table = _table(["#000000", *(one.color for one in OUTCOMES.values())])
    where = codes > 0
    picture[where] += _OUTCOME_FILL * (table[codes[where]] - picture[where])
    return _as_pixels(picture)


def _outline(layer: Bools) -> Bools:
    """Return the pixels of `layer` `(H, W)` that lie within two pixels of its border."""
    inside = layer
    for _ in range(_OUTLINE_PX):
        padded = np.pad(inside, 1)
        is_column = padded[:-2, 1:-1] & padded[2:, 1:-1]
        inside = inside & is_column & padded[1:-1, :-2] & padded[1:-1, 2:]
    return layer & ~inside


def _grey(image: Pixels) -> NDArray[np.float64]:
    """Return the luma of an image (ITU-R BT.601), `(H, W, 3)`."""
    luma = image @ np.array([0.299, 0.587, 0.114])
    return np.repeat(luma[..., None], 3, axis=-1)


def _table(colors: Sequence[str]) -> NDArray[np.float64]:
    return 255 * np.array([to_rgb(color) for color in colors])


def _as_pixels(picture: NDArray[np.float64]) -> Pixels:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _hex(rgb: NDArray[np.float64]) -> str:
    return "#" + "".join(f"{round(255 * float(value)):02x}" for value in rgb)
