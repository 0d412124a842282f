"""Network inputs: a row for each sample and a column for each view, or the reverse."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from podium.reporting.figures._panel import INK, panels, plain

__all__ = ["example", "views"]

_SIDE_PX = 96
_LINE_PX = 15
_LONGEST, _SIGN_PX, _GAP_PX = 17, 6.5, 16  # signs of a name beside a row, and what they take


def views(
    pictures: Sequence[Sequence[NDArray[np.uint8]]],
    *,
    columns: Sequence[str],
    rows: Sequence[str] = (),
    side_px: float = _SIDE_PX,
) -> Figure:
    """Return a grid of pictures with the names of its columns above and of its rows beside.

    Args:
        pictures: `(N, V)` of `(h, w, 3)`: of each sample its views; or of each view its samples.
        columns: `(V,)`; a name may have two lines.
        rows: `(N,)`; a name may have two lines. None of them: no room is left for names.
        side_px: of a picture.
    """
    lines = [part for name in rows for part in name.split("\n")]
    longest = min(_LONGEST, max(map(len, lines), default=0))
    names_px = _SIGN_PX * longest + _GAP_PX if lines else 0
    width = names_px + side_px * len(columns)
    above_px = _LINE_PX * (1 + max(name.count("\n") for name in columns)) + 11
    figure, grid = panels(len(pictures), len(columns), width, above_px + side_px * len(pictures))
    for axes, name in zip(grid[0], columns, strict=True):
        axes.set_title(_lines(name, round(side_px / 6)), fontsize=11 if "\n" not in name else 10)
    for line, shown in zip(grid, pictures, strict=True):
        for axes, picture in zip(line, shown, strict=True):
            axes.imshow(picture, interpolation="none")
            axes.set_anchor("W")  # centred in wider space, names would be outside
    for line, name in zip(grid, rows, strict=bool(rows)):
        line[0].set_ylabel(
            _lines(name, _LONGEST),
            rotation=0,
            ha="right",
            va="center",
            color=INK,
            fontsize=10,
            labelpad=6,
        )
    figure.set_layout_engine("constrained", w_pad=0.03, h_pad=0.03, wspace=0.02, hspace=0.02)
    return figure


def _lines(name: str, longest: int) -> str:
    return "\n".join(plain(part, longest=longest) for part in name.split("\n")[:2])


def example() -> Figure:
    """Return it of two made-up pictures, whole, mirrored, and with a hole and other colours."""
    rng = np.random.default_rng(0)
    lines = np.linspace(0, 1, 48)
    shown = []
    for phase in (0.0, 0.4):
        waves = 0.5 + 0.5 * np.sin(9 * (lines[:, None] ** 2 + lines + phase))
        whole = np.stack([waves, waves[::-1], np.full_like(waves, 0.5)], axis=-1)
        strong = np.clip(0.7 * whole[..., ::-1] + 0.15 * rng.random(whole.shape), 0, 1)
        strong[10:26, 20:38] = 0
        views_of = (whole, whole[:, ::-1], strong)
        shown.append([np.round(255 * one).astype(np.uint8) for one in views_of])
    columns = ("image", "weak", "strong")
    return views(shown, columns=columns, rows=("0001\nwaves", "0002\nwaves"))
