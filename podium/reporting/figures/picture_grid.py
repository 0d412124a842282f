"""Pictures with a few words above and below each, row after row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from podium.reporting.figures._panel import INK, LEGEND, MUTED, panels, plain
from podium.reporting.masks.painting import painted

__all__ = ["example", "picture_grid"]

_LINE_PX, _SIGN_PX = 15, 6.2
_LEGEND_PX = 22


def picture_grid(
    pictures: Sequence[NDArray[np.uint8]],
    *,
    below: Sequence[str],
    above: Sequence[str] = (),
    columns: int = 6,
    side_px: float = 128,
    colors: Mapping[str, str] | None = None,
) -> Figure:
    """Return `pictures` from left to right and from top to bottom.

    Args:
        pictures: `(N,)` of `(h, w, 3)`; sizes may differ.
        below: `(N,)`: text below each, lines separated by a newline.
        above: `(N,)`, a line each; empty: no space is left for it.
        columns: at most this many pictures a row.
        side_px: of the cell of a picture.
        colors: name → colour of the classes drawn over the pictures, for a legend.
    """
    columns = min(columns, len(pictures))
    n_rows = -(-len(pictures) // columns)
    n_lines = max(text.count("\n") + 1 for text in below) + bool(any(above))
    n_signs = int(side_px / _SIGN_PX)
    height = n_rows * (side_px + _LINE_PX * n_lines + 6)
    legend_px = _LEGEND_PX * -(-len(colors) // columns) if colors else 0
    figure, grid = panels(n_rows, columns, columns * side_px, height + legend_px)
    for axes in grid.flat[len(pictures) :]:
        axes.set_visible(False)
    for number, (axes, picture) in enumerate(zip(grid.flat, pictures, strict=False)):
        axes.imshow(picture, interpolation="none")
        lines = [plain(line, longest=n_signs) for line in below[number].split("\n")]
        axes.set_xlabel("\n".join(lines), color=MUTED, fontsize=10, labelpad=3)
        if any(above):
            axes.set_title(plain(above[number], longest=n_signs), fontsize=10.5, color=INK, pad=3)
    if colors:
        handles = [Patch(color=painted(color), label=plain(name)) for name, color in colors.items()]
        figure.legend(handles=handles, loc="outside lower left", ncols=columns, **LEGEND)
    return figure


def example() -> Figure:
    """Return it of four made-up pictures."""
    rng = np.random.default_rng(0)
    lines = np.linspace(0, 1, 40)
    shown = []
    for number in range(4):
        blue = 0.5 + 0.4 * np.sin(3 * number + 6 * lines[:, None] + 4 * lines)
        noise = 0.1 * rng.random((40, 40))
        picture = np.stack([lines[:, None] + 0 * blue, 0.6 * blue + noise, blue], axis=-1)
        shown.append((255 * np.clip(picture, 0, 1)).astype(np.uint8))
    below = [f"train {number:04d}\nfold {number % 3}" for number in range(4)]
    return picture_grid(shown, below=below, above=["dawn", "noon", "dusk", "night"], columns=4)
