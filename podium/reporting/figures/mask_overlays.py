"""Images with their true and decided masks: one row an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from podium.reporting.figures._panel import LEGEND, MUTED, panels, plain
from podium.reporting.masks.painting import (
    OUTCOMES,
    class_colors,
    layers_of,
    outcomes,
    paint_classes,
    paint_outcomes,
    painted,
)

if TYPE_CHECKING:
    from podium.competition.truths.masks import Mask

__all__ = ["example", "mask_overlays"]

COLUMNS = ("image", "actual", "predicted", "errors")
_SIDE_PX = 150


def mask_overlays(
    images: Sequence[NDArray[np.uint8]],
    truths: Sequence[Mask],
    predictions: Sequence[Mask],
    *,
    kind: str,
    classes: Sequence[str],
    titles: Sequence[str] = (),
) -> Figure:
    """Return image | truth | prediction | errors of each image, with legends of what is there.

    Args:
        images: `(N,)` of `(H, W, 3)`; sizes may differ.
        truths: `(N,)` of masks, each of its image's height and width.
        predictions: `(N,)` of decisions.
        kind: of the task.
        classes: names of the mask classes; one for a binary mask.
        titles: `(N,)`, written beside the rows.
    """
    n, colors = len(classes), class_colors(len(classes))
    figure, grid = panels(len(images), 4, 4.4 * _SIDE_PX, (len(images) + 0.35) * _SIDE_PX)
    found: dict[str, str] = {}
    became: dict[str, str] = {}
    for row, (image, truth, predicted) in enumerate(zip(images, truths, predictions, strict=True)):
        codes = outcomes(truth, predicted, kind, n)
        masks = [paint_classes(image, one, colors, kind, n) for one in (truth, predicted)]
        pictures = (image, *masks, paint_outcomes(image, codes))
        for axes, pixels in zip(grid[row], pictures, strict=True):
            axes.imshow(pixels, interpolation="nearest")
        if titles:
            grid[row, 0].set_ylabel(plain(titles[row], longest=28), color=MUTED)
        there = layers_of(truth, kind, n) | layers_of(predicted, kind, n)
        for number in np.flatnonzero(there.any(axis=(0, 1))).tolist():
            found[classes[number]] = colors[number]
        became |= {one.name: one.color for code, one in OUTCOMES.items() if (codes == code).any()}
    for axes, name in zip(grid[0], COLUMNS, strict=True):
        axes.set_title(name, fontsize=11)
    # Apart: a class and an outcome may have one colour.
    for shown, place, columns in ((became, "upper right", 5), (found, "lower left", 6)):
        handles = [Patch(color=painted(color), label=plain(name)) for name, color in shown.items()]
        if handles:
            figure.legend(handles=handles, loc=f"outside {place}", ncols=columns, **LEGEND)
    return figure


def example() -> Figure:
    """Return two made-up images with two classes."""
    rng = np.random.default_rng(4)
    rows, columns = np.mgrid[:96, :96]
    images, truths, predicted = [], [], []
    for x, y, moved in ((40, 50, 5), (60, 40, 16)):
        ball = (rows - y) ** 2 + (columns - x) ** 2 < 24**2
        seen = (rows - y) ** 2 + (columns - x - moved) ** 2 < 24**2
        bar = rows > 80
        picture = 90 + 110 * ball[..., None] * (1, 0.6, 0.3) + 60 * bar[..., None] * (0.2, 0.7, 1)
        noisy = picture + rng.normal(0, 12, picture.shape)
        images.append(noisy.clip(0, 255).astype(np.uint8))
        truths.append((ball + 2 * bar).clip(max=2).astype(np.uint8))
        predicted.append((seen + 2 * (rows > 76 + moved)).clip(max=2).astype(np.uint8))
    return mask_overlays(
        images,
        truths,
        predicted,
        kind="multiclass",
        classes=["ball", "ground"],
        titles=["good", "poor"],
    )
