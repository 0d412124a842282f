"""Images with their true mask, and the masks that a network predicted during training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import ArrayLike, NDArray

from podium.reporting.figures._panel import LEGEND, MUTED, panels, plain
from podium.reporting.mask_painting import class_colors, layers_of, paint_classes, painted

if TYPE_CHECKING:
    from podium.competition.masks import Mask

__all__ = ["example", "mask_epochs"]

_SIDE_PX, _NARROW_PX, _WORDS_PX = 130, 330, 20


def mask_epochs(
    images: Sequence[NDArray[np.uint8]],
    truths: Sequence[Mask | None],
    masks: Sequence[Sequence[Mask]],
    *,
    kind: str,
    classes: Sequence[str],
    epochs: Sequence[int],
    scores: ArrayLike | None = None,
    label: str = "",
    titles: Sequence[str] = (),
    narrow: bool = False,
) -> Figure:
    """Return image | truth | prediction of each epoch, a row for each image.

    Args:
        images: `(N,)` of `(H, W, 3)`; sizes may differ.
        truths: `(N,)` of masks, each of its image's height and width; None: unknown.
        masks: `(E,)` of `(N,)` decisions of the same sizes, the earliest epoch first.
        kind: of the task.
        classes: names of the mask classes; one for a binary mask.
        epochs: `(E,)`.
        scores: `(N, E)`, written below the predictions; nan where there is none.
        label: what the scores are.
        titles: `(N,)`, written beside the rows.
        narrow: for a phone: a column for each image.
    """
    n, n_columns = len(images), 2 + len(epochs)
    worth = np.full((n, len(epochs)), np.nan) if scores is None else np.asarray(scores, float)
    by_image = [[truth, *each] for truth, *each in zip(truths, *masks, strict=True)]
    shown = _shown(by_image, kind, len(classes))
    colors = _colors(len(classes), shown)
    size = (n_columns, n) if narrow else (n, n_columns)
    side = min(_SIDE_PX, (_NARROW_PX - 24) / n) if narrow else _SIDE_PX
    width = _NARROW_PX if narrow else n_columns * side + 30
    legend_rows = -(-len(shown) // (3 if narrow else 6)) if shown else 0
    height = size[0] * (side + _WORDS_PX) + _WORDS_PX * (1 + legend_rows)
    figure, drawn = panels(*size, width, height)
    grid = drawn.T if narrow else drawn
    for i, image in enumerate(images):
        _show(grid[i, 0], image)
        for column, mask in enumerate(by_image[i], start=1):
            if mask is None:
                _write_text(grid[i, column], "unknown")
            else:
                _show(grid[i, column], paint_classes(image, mask, colors, kind, len(classes)))
        for axes, score in zip(grid[i, 2:], worth[i], strict=True):
            if np.isfinite(score):
                axes.set_xlabel(plain(f"{label} {score:.2f}".strip()), color=MUTED, fontsize=10)
    for axes, name in zip(
        grid[0], ("image", "truth", *(f"epoch {e}" for e in epochs)), strict=True
    ):
        _name(axes, name, beside=narrow)
    for axes, title in zip(grid[:, 0], titles, strict=False):
        _name(axes, plain(title, longest=max(8, int(side / 6))), beside=not narrow)
    handles = [Patch(color=painted(colors[one]), label=plain(classes[one])) for one in shown]
    if handles:
        columns = 3 if narrow else 6
        figure.legend(handles=handles, loc="outside lower left", ncols=columns, **LEGEND)
    return figure


def example() -> Figure:
    """Return one image whose mask is found better and better."""
    rng = np.random.default_rng(0)
    row, column = np.mgrid[:64, :64]
    away = np.hypot(row - 30, column - 34)
    truth = (away < 16).astype(np.uint8)
    image = (80 + 90 * truth[..., None] + rng.integers(0, 40, (64, 64, 3))).astype(np.uint8)
    noise = rng.normal(size=(64, 64))
    predicted = [(away + step * noise < 16).astype(np.uint8) for step in (12, 5, 1)]
    both = [float((one & truth).sum() / (one | truth).sum()) for one in predicted]
    return mask_epochs(
        [image], [truth], [[one] for one in predicted], kind="binary", classes=["leaf"],
        epochs=[1, 10, 20], scores=[both], label="IoU", titles=["img_0007"],
    )  # fmt: skip


def _shown(by_image: Sequence[Sequence[Mask | None]], kind: str, n: int) -> list[int]:
    """Return the classes that are in any of the masks."""
    there = np.zeros(n, dtype=bool)
    for mask in (mask for masks in by_image for mask in masks if mask is not None):
        there |= layers_of(mask, kind, n).any(axis=(0, 1))
    return [int(one) for one in np.flatnonzero(there)]


def _colors(n: int, shown: Sequence[int]) -> list[str]:
    """Return a colour for each class; of more than there are colours, the shown ones differ."""
    palette = class_colors(n)
    if len(set(palette)) < n:
        for number, one in enumerate(shown):
            palette[one] = class_colors(len(shown))[number]
    return palette


def _show(axes: Axes, picture: NDArray[np.uint8]) -> None:
    axes.imshow(picture, interpolation="none")


def _write_text(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", color=MUTED, transform=axes.transAxes)


def _name(axes: Axes, text: str, *, beside: bool) -> None:
    if beside:
        axes.set_ylabel(text, fontsize=10.5, color=MUTED)
    else:
        axes.set_title(text, fontsize=10.5, color=MUTED)
