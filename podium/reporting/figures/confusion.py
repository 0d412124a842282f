"""Confusion matrix: rows are the true classes, columns the predicted ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from podium.errors import plural
from podium.reporting.figures._panel import (
    ACCENT,
    GRID,
    INK,
    ON_ACCENT,
    legend_above,
    panel,
    plain,
    tint,
)
from podium.reporting.labels.statistics import normalise_rows, order_by_confusion
from podium.reporting.pages.hover import name_points

__all__ = ["NAMED_UP_TO", "WRITTEN_UP_TO", "confusion", "example"]

WRITTEN_UP_TO = 16  # classes; beyond that the numbers would not be legible
NAMED_UP_TO = 60
_PX_A_PIXEL = 1.6  # of the figure, at least: a page may draw it smaller
_LEAST_PX = 8  # of a block that is outlined
_FAINTEST = 0.25  # every value above zero is visible
_ON_BOTH = "#2b8cd1"  # a picture keeps its colour in the dark: contrast 3.6 on light, 4.7 on dark

Floats = NDArray[np.float64]


def confusion(
    counts: ArrayLike,
    names: Sequence[str],
    *,
    normalise: bool = False,
    order: ArrayLike | None = None,
    blocks: Sequence[tuple[int, int]] = (),
    width_px: float | None = None,
) -> Figure:
    """Return the matrix, in tiles up to 60 classes, as a picture beyond.

    Up to 16 classes, the opacity of a tile is its share of its row, and the numbers are written
    into it. With more, it grows with the logarithm of the rows, or the square root of the share.
    If a class would be smaller than a pixel, several share one, with their sum.

    Args:
        counts: `(C, C)`, number of rows by true and by predicted class.
        names: `(C,)`.
        normalise: show the shares of the rows, in per cent, instead of the counts.
        order: `(C,)`, the classes in the order of the axes; None: as they are.
        blocks: (start, stop) in that order, outlined if they are 8 pixels wide or more.
        width_px: of the figure; narrower than the names need, it has none.
    """
    at = np.arange(len(names)) if order is None else np.asarray(order)
    table, n = np.asarray(counts)[np.ix_(at, at)], len(at)
    natural = _natural_width(n)
    width = natural if width_px is None else width_px
    is_named = n <= NAMED_UP_TO and width >= natural
    figure, axes = panel(width, width * 0.94 + (0 if n <= WRITTEN_UP_TO else 24))
    if n <= WRITTEN_UP_TO:
        shares = normalise_rows(table)
        axes.add_collection(_tiles(shares, np.ones_like(shares, dtype=bool), edge=GRID))
        _write(axes, table, shares, normalise=normalise)
    elif n <= NAMED_UP_TO:
        strength, key = _strength(table, normalise=normalise)
        axes.add_collection(_tiles(strength, table > 0, edge="none"))
        _explain(figure, axes, key, ACCENT)
    else:
        strength, key = _strength(_together(table, width), normalise=normalise)
        picture = np.asarray(tint(_ON_BOTH, strength.ravel())).reshape(*strength.shape, 4)
        edges = (-0.5, n - 0.5, n - 0.5, -0.5)
        axes.imshow(picture, interpolation="none", extent=edges)
        _explain(figure, axes, key, _ON_BOTH)
    for start, stop in blocks:
        corner, side = (start - 0.5, start - 0.5), stop - start
        if side / n * width < _LEAST_PX:  # the outline would hide what is in it
            continue
        axes.add_patch(Rectangle(corner, side, side, fill=False, ec=INK, lw=0.9))
    if is_named:
        _name(axes, [names[int(i)] for i in at])
    else:
        axes.set(xticks=[], yticks=[])
    axes.set(xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5), xlabel="predicted", ylabel="actual")
    axes.set_aspect("equal")
    axes.spines[:].set_visible(False)
    _name_tiles(axes, table, [names[int(i)] for i in at])
    return figure


MOST_NAMED = 1200  # tiles that show their counts, the fullest first


def _name_tiles(axes: Axes, table: NDArray[np.integer], names: Sequence[str]) -> None:
    rows, columns = np.nonzero(table)
    fullest = np.argsort(-table[rows, columns], kind="stable")[:MOST_NAMED]
    rows, columns = rows[fullest], columns[fullest]
    totals = table.sum(axis=1)
    texts = [
        f"actual {names[row]}, predicted {names[column]}: {plural(table[row, column], 'row')}, "
        f"{100 * table[row, column] / totals[row]:.1f} % of {names[row]}"
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    name_points(axes, np.stack([columns, rows], axis=1), texts)


def _natural_width(n: int) -> float:
    if n <= WRITTEN_UP_TO:
        return 400
    return max(460, 130 + 11.5 * n) if n <= NAMED_UP_TO else 520


def _strength(
    table: NDArray[np.integer], *, normalise: bool
) -> tuple[Floats, list[tuple[str, float]]]:
    """Return the strength of each cell, and what some strengths mean."""
    if normalise:
        each = [(f"{100 * one:.0f} %", one**0.5) for one in (0.01, 0.1, 0.5)]
        each.append(("100 % of the class", 1.0))
        strength = np.sqrt(normalise_rows(table))
    else:
        top = max(int(table.max()), 1)
        scale = float(np.log1p(top))
        steps = [10**power for power in range(6) if 10**power < 0.6 * top]
        each = [(f"{one:,}", float(np.log1p(one)) / scale) for one in steps]
        each.append((f"{plural(top, 'row')}", 1.0))
        strength = np.log1p(table) / scale
    lifted = np.where(table > 0, _FAINTEST + (1 - _FAINTEST) * strength, 0.0)
    return lifted, [(label, _FAINTEST + (1 - _FAINTEST) * one) for label, one in each]


def _together(table: NDArray[np.integer], width: float) -> NDArray[np.integer]:
    """Return the counts of as many classes together as a pixel needs to be drawn."""
    each = int(np.ceil(len(table) * _PX_A_PIXEL / width))
    if each == 1:
        return table
    starts = np.arange(0, len(table), each)
    return np.add.reduceat(np.add.reduceat(table, starts, axis=0), starts, axis=1)


def _tiles(strength: Floats, shown: NDArray[np.bool_], *, edge: str) -> PolyCollection:
    row, column = np.nonzero(shown)
    half = 0.46
    corners = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    at = np.stack([column, row], axis=1)[:, None] + corners  # (n², 4, 2)
    return PolyCollection(at, facecolors=tint(ACCENT, strength[shown]), edgecolors=edge, lw=0.6)


def _explain(figure: Figure, axes: Axes, key: list[tuple[str, float]], color: str) -> None:
    for label, strength in key:
        axes.plot([], [], "s", ms=8, mew=0, color=tint(color, [strength])[0], label=label)
    legend_above(figure, axes)


def _name(axes: Axes, names: Sequence[str]) -> None:
    n = len(names)
    short = [plain(one, longest=14) for one in names]
    axes.set_xticks(np.arange(n), short)
    axes.set_yticks(np.arange(n), short)
    if n > WRITTEN_UP_TO:
        axes.tick_params(labelsize=9)
        axes.tick_params(axis="x", labelrotation=90)
        return
    axes.tick_params(axis="x", labelrotation=45 if n > 4 else 0)
    for text in axes.get_xticklabels() if n > 4 else ():
        text.set(ha="right", rotation_mode="anchor")


def _write(axes: Axes, counts: NDArray[np.integer], shares: Floats, *, normalise: bool) -> None:
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


def example() -> Figure:
    """Return the matrix of 40 made-up classes in groups of five that are confused."""
    rng, n = np.random.default_rng(0), 40
    group = rng.permutation(n) // 5
    rate = np.where(group[:, None] == group, 1.2, 0.08) + 20 * np.eye(n)
    counts = rng.poisson(rate)
    found = order_by_confusion(counts)
    names = [f"species {i + 1}" for i in range(n)]
    return confusion(counts, names, order=found.order, blocks=found.blocks)
