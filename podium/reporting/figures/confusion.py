"""Confusion matrix: rows are the truth, columns what was said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from podium.reporting.figures._panel import ACCENT, GRID, INK, ON_ACCENT, panel, plain, tint

__all__ = ["confusion"]

WRITTEN_UP_TO = 16  # classes; beyond that the numbers would not be legible
NAMED_UP_TO = 45


def confusion(counts: ArrayLike, names: Sequence[str], *, normalise: bool = False) -> Figure:
    """Return the matrix as tiles whose strength is the share of their row.

    Args:
        counts: `(C, C)`, how many rows of each true class were said to be each class.
        names: `(C,)`.
        normalise: write the shares of the rows, in per cent, instead of the counts.
    """
    table = np.asarray(counts)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    n = len(table)
    side = 400 if n <= WRITTEN_UP_TO else 560
    figure, axes = panel(side, side * 0.94)
    if n <= NAMED_UP_TO:
        axes.add_collection(_tiles(shares))
        axes.set_xticks(np.arange(n), [plain(one, longest=14) for one in names])
        axes.set_yticks(np.arange(n), [plain(one, longest=14) for one in names])
        axes.tick_params(axis="x", labelrotation=45 if n > 4 else 0)
        for text in axes.get_xticklabels() if n > 4 else ():
            text.set(ha="right", rotation_mode="anchor")
    else:
        image = np.asarray(tint(ACCENT, np.sqrt(shares).ravel())).reshape(n, n, 4)
        axes.imshow(image, interpolation="nearest")
    if n <= WRITTEN_UP_TO:
        _write(axes, table, shares, normalise=normalise)
    axes.set(xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5), xlabel="said", ylabel="truth")
    axes.set_aspect("equal")
    axes.spines[:].set_visible(False)
    return figure


def _tiles(shares: NDArray[np.floating]) -> PolyCollection:
    n = len(shares)
    row, column = (one.ravel() for one in np.mgrid[:n, :n])
    half = 0.46
    corners = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    at = np.stack([column, row], axis=1)[:, None] + corners  # (n², 4, 2)
    return PolyCollection(at, facecolors=tint(ACCENT, shares.ravel()), edgecolors=GRID, lw=0.6)


def _write(
    axes: Axes, counts: NDArray[np.integer], shares: NDArray[np.floating], *, normalise: bool
) -> None:
    size = 10.5 if len(counts) <= 10 else 8
    for (row, column), count in np.ndenumerate(counts):
        if count:
            share = shares[row, column]
            axes.text(
                column,
                row,
                f"{100 * share:.0f}" if normalise else f"{count}",
                ha="center",
                va="center",
                fontsize=size,
                color=ON_ACCENT if share > 0.55 else INK,
            )
