"""Images beside those that a network finds nearest to them: which are of the same class?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from podium.reporting.figures._panel import INK, MUTED, SERIES, panels, plain

__all__ = ["example", "neighbours"]

RIGHT, WRONG = SERIES[2], SERIES[1]
_SIDE_PX, _NARROW_PX, _WORDS_PX = 98, 330, 27
_NARROW_COLUMNS = 4  # the image and its three nearest
_ORDER = ("nearest", "2nd", "3rd", "4th", "5th")


def neighbours(
    pictures: Sequence[Sequence[NDArray[np.uint8]]],
    names: Sequence[Sequence[str]],
    similarity: ArrayLike,
    same: ArrayLike | None = None,
    *,
    narrow: bool = False,
) -> Figure:
    """Return a row for each image: the image, then the nearest ones with their cosine.

    A neighbour of the same class has a tick and a green frame, another a cross and an orange one.

    Args:
        pictures: `(Q,)` of `(1 + K,)` of `(H, W, 3)`; a row may have fewer neighbours.
        names: the same of texts, such as classes.
        similarity: `(Q, K)`, cosines.
        same: `(Q, K)`: 1 where a neighbour is of its image's class, 0 where it is not, -1 where
            that is unknown; None: unknown for all.
        narrow: for a phone: the nearest three.
    """
    cosines = np.asarray(similarity, dtype=float)
    of_class = np.full(cosines.shape, -1) if same is None else np.asarray(same, dtype=int)
    n_columns = max(len(row) for row in pictures)
    n_columns = min(n_columns, _NARROW_COLUMNS) if narrow else n_columns
    width = _NARROW_PX if narrow else n_columns * _SIDE_PX
    side = width / n_columns
    height = len(pictures) * (side + _WORDS_PX) + _WORDS_PX
    figure, grid = panels(len(pictures), n_columns, width, height)
    longest = int(side / 6.4)
    for axes in grid.flat:
        axes.set_visible(False)
    for i, row in enumerate(pictures):
        for column, picture in enumerate(row[:n_columns]):
            axes, name = grid[i, column], plain(names[i][column], longest=longest)
            axes.set_visible(True)
            axes.imshow(picture, interpolation="none")
            if not column:
                axes.set_xlabel(name, fontsize=9.5, color=INK)
                continue
            sign, color = _sign(int(of_class[i, column - 1]))
            text = f"{sign}{name}\n{cosines[i, column - 1]:.2f}"
            axes.set_xlabel(text, fontsize=9.5, color=INK, linespacing=1.1)
            _frame(axes, color)
    for axes, title in zip(grid[0], ("image", *_ORDER), strict=False):
        axes.set_title(title, fontsize=10.5, color=MUTED)
    return figure


def example() -> Figure:
    """Return two images of colours among others."""
    rng = np.random.default_rng(0)
    colors = {"red": (200, 60, 60), "blue": (60, 90, 200)}
    names = [["red", "red", "red", "blue"], ["blue", "blue", "blue", "blue"]]
    pictures = [
        [(rng.normal(colors[name], 25, (24, 24, 3)).clip(0, 255)).astype(np.uint8) for name in row]
        for row in names
    ]
    same = [[name == row[0] for name in row[1:]] for row in names]
    return neighbours(pictures, names, [[0.97, 0.93, 0.58], [0.98, 0.96, 0.91]], same)


def _sign(same: int) -> tuple[str, str | None]:
    return {1: ("✓ ", RIGHT), 0: ("✗ ", WRONG)}.get(same, ("", None))


def _frame(axes: Axes, color: str | None) -> None:
    if color is not None:
        axes.spines[:].set(visible=True, edgecolor=color, linewidth=2.5)
