"""What masks look like under a codec, where no file says what they should be.

Objects hold together: the wrong order shreds them. In a square image it does not, it turns them
over; but then their outlines no longer lie on the edges of the picture. And an object that is cut
off by the border ends with the line, and not a pixel after it.

Height and width in place of each other are no reading of their own: pixels of `(W, H)` down the
columns are those of `(H, W)` along the rows, turned over, and are in as many pieces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.calibrate.codec_answers import LOOK, Answer, Cell, ImageTexts, Size
from podium.competition.calibrate.codec_shapes import (
    Reading,
    Runs,
    fault_of,
    n_pieces,
    n_stubs,
    painted,
)

__all__ = ["ORDERS", "SCALES", "by_edges", "by_pictures", "by_pieces", "smaller", "telling"]

ORDERS = ("F", "C")
_SHAPES = 160  # texts whose pieces are counted
_MOST_RUNS = 400_000  # of these together
_PICTURES = 32
_CLEAR = 1.5  # times as many pieces
_EXCESS = 5  # pieces more
_STUBS = 5
SCALES = (1, 2, 4)
"""The side of the image over the side of the mask."""
_WORDS = {"F": "down the columns (F)", "C": "along the rows (C)"}


def telling(cells: Sequence[Cell], possible: Sequence[Reading]) -> list[Cell]:
    """Return the cells with the most runs that every possible reading can read, up to a bound."""
    ranked = sorted(cells, key=lambda cell: -len(cell.runs.starts))
    chosen: list[Cell] = []
    n_runs = 0
    for cell in ranked:
        if len(cell.runs.starts) < 2 or len(chosen) == _SHAPES:
            break
        if n_runs and n_runs + len(cell.runs.starts) > _MOST_RUNS:
            continue
        if not any(cell.fault(one) for one in possible):
            chosen.append(cell)
            n_runs += len(cell.runs.starts)
    return chosen


def smaller(size: Size, scale: int) -> Size:
    """Return the (height, width) of a mask whose image has `scale` times its side."""
    return size[0] // scale, size[1] // scale


def by_pieces(
    cells: Sequence[Cell], possible: Sequence[Reading], scales: Sequence[int] = SCALES
) -> tuple[Answer, Answer, Answer]:
    """Return scale, relative and order: those under which the objects are in the fewest pieces."""
    why = "no mask has two runs"
    if not cells:
        relative = Answer(False, "not sure", f"{why}: absolute is usual", LOOK)
        return (
            Answer(1, "likely", why),
            relative,
            Answer("F", "not sure", f"{why}: F is usual", LOOK),
        )
    counts: dict[tuple[int, bool, str], int] = {}
    for scale in scales:
        sizes = [smaller(cell.size, scale) for cell in cells]
        for reading in {one.relative: one for one in possible}.values():
            pixels = (height * width for height, width in sizes)
            pairs = zip(cells, pixels, strict=True)
            if any(fault_of(cell.runs, reading, n) for cell, n in pairs):
                continue
            for order in ORDERS:
                lines = [height if order == "F" else width for height, width in sizes]
                counts[scale, reading.relative, order] = sum(
                    n_pieces(cell.runs, reading, line)
                    for cell, line in zip(cells, lines, strict=True)
                )
    best = min(counts, key=lambda one: (counts[one], one[0], one[1], one[2] == "C"))
    native = min((one for one in counts if one[0] == 1), key=lambda one: counts[one])
    if best[0] != 1 and not _is_clear(counts[best], counts[native], len(cells)):
        best = native
    fewest = counts[best]

    def answer(place: int, name: str, usual: Any) -> Answer:
        key = list(best)
        rest = [counts[one] for one in counts if one[0] == best[0] and one[place] != best[place]]
        if not rest:
            return Answer(key[place], "certain", "the other leaves the image")
        other = min(rest)
        say = f"{len(cells)} masks are in {fewest:,} pieces, under the other {name} in {other:,}"
        if _is_clear(fewest, other, len(cells)):
            return Answer(key[place], "likely", say)
        return Answer(
            usual, "not sure", f"{say}: {usual if place == 2 else 'absolute'} is usual", LOOK
        )

    return (
        _scale(best, native, counts, cells),
        answer(1, "way to count", False),
        answer(2, "order", "F"),
    )


def _is_clear(fewest: int, other: int, n: int) -> bool:
    return other >= _CLEAR * fewest and other - fewest >= _EXCESS


def _scale(
    best: tuple[int, bool, str],
    native: tuple[int, bool, str],
    counts: dict[tuple[int, bool, str], int],
    cells: Sequence[Cell],
) -> Answer:
    if best[0] == 1:
        return Answer(1, "likely", "masks are as large as their images")
    height, width = smaller(cells[0].size, best[0])
    why = (
        f"at {height} × {width}, a {best[0]}th of the image a side, {len(cells)} masks are in "
        f"{counts[best]:,} pieces, at the image's size in {counts[native]:,}"
    )
    return Answer(best[0], "likely", why)


def by_edges(cells: Sequence[Cell], possible: Sequence[Reading], order: Answer) -> Answer:
    """Return the base under which fewer runs reach over the end of a line by one pixel."""
    fix = "compare a mask with its image at the border, or ask in the forum; 1 is usual"
    square = all(height == width for height, width in (cell.size for cell in cells))
    if order.sure == "not sure" and not square:
        why = "the order is not known, and with it where lines end: 1 is usual"
        return Answer(1, "not sure", why, fix)
    stubs = {}
    relative = possible[0].relative
    for base in (0, 1):
        stubs[base] = sum(
            n_stubs(cell.runs, Reading(base, relative), cell.size[order.value == "C"])
            for cell in cells
        )
    base = min(stubs, key=lambda one: (stubs[one], -one))
    few, many = stubs[base], stubs[1 - base]
    said = f"{few:,} runs reach over the end of a line by one pixel, with base {1 - base} {many:,}"
    if many >= max(_STUBS, 10 * few):
        return Answer(base, "likely", said)
    return Answer(1, "not sure", f"{said}; nothing else tells: 1 is usual", fix)


def by_pictures(whole: Sequence[tuple[ImageTexts, list[Runs]]], reading: Reading) -> Answer | None:
    """Return the order under which the outlines of objects lie on edges of the pictures."""
    wins: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for image, runs in whole:
        if image.picture is None or wins.total() == _PICTURES:
            continue
        masks = [painted(runs, reading, image.size, order) for order in ORDERS]
        picture = image.picture()
        if any(mask is None or mask.shape != picture.shape for mask in masks):
            continue
        steps = [_step(mask, picture) for mask in masks if mask is not None]
        if steps[0] != steps[1]:
            wins[ORDERS[steps[1] > steps[0]]] += 1
        sums.update(dict(zip(ORDERS, steps, strict=True)))
    n = wins.total()
    if n < 8:
        return None
    order, won = wins.most_common(1)[0]
    other = ORDERS[order == "F"]
    # A fair coin shows 0.85 n of n with p < 0.04 at n = 8, and far less beyond.
    if won < 0.85 * n or sums[order] < 1.2 * sums[other]:
        return None
    ratio = sums[order] / max(sums[other], 1e-9)
    why = (
        f"{_WORDS[order]} the outlines of {won} of {n} masks lie on stronger edges of their "
        f"pictures, {ratio:.1f} times as strong on average"
    )
    return Answer(order, "likely", why)


def _step(mask: NDArray[np.bool_], picture: NDArray[np.float32]) -> float:
    """Return by how much grey values differ across the outline of a mask, on average."""
    down, along = mask[1:] != mask[:-1], mask[:, 1:] != mask[:, :-1]
    n = int(down.sum() + along.sum())
    if not n:
        return 0.0
    rises = np.abs(np.diff(picture, axis=0))[down].sum() + np.abs(np.diff(picture))[along].sum()
    return float(rises) / n
