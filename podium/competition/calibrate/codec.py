"""Inference of the codec of masks from their texts.

Three kinds of evidence, the strongest first: mask files that a codec must reproduce pixel by pixel;
runs that would leave the image or go backwards; and objects that one codec keeps whole and another
breaks into pieces (or, in square images, whose outlines lie on edges of the picture). Each
parameter has an estimate of its own: the order of pixels may be clear where nothing determines the
number of the first.

Objects are connected: the wrong order breaks them into pieces. In a square image it does not, it
transposes them; but then their outlines no longer lie on the edges of the picture. And an object
that is cut off by the border ends with the line, and not a pixel after it. Shapes are measured on
the runs: the cost of a mask depends on its number of runs, not on its size.

Exchanged height and width are no convention of their own: pixels of `(W, H)` down the columns are
those of `(H, W)` along the rows, transposed, and are in as many pieces.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podium.codecs import coco, coco64
from podium.errors import CodecError, either, plural

__all__ = [
    "Certainty",
    "CodecEstimate",
    "Estimate",
    "ImageTexts",
    "RunConvention",
    "RunPairs",
    "fault_of",
    "infer_codec",
    "n_pieces",
    "n_stubs",
    "painted",
    "runs_of",
    "unknown_codec",
]


_TEXT = re.compile(r"[0-9]{1,10}(?:[ \t\r\n]+[0-9]{1,10})*")  # sums of these are exact
RunFault = Literal["", "starts below", "ends beyond", "descends"]


@dataclass(frozen=True)
class RunPairs:
    """The pairs of a text as they are written.

    Attributes:
        starts, lengths: `(R,)` int64, R at least 1; lengths are at least 1.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]


class RunConvention(NamedTuple):
    """The convention that maps runs to pixels, without the order."""

    base: int
    relative: bool

    def first_pixels(self, runs: RunPairs) -> NDArray[np.int64]:
        """Return the place of each run's first pixel, `(R,)`, from 0."""
        if not self.relative:
            return runs.starts - self.base
        steps = runs.starts.copy()
        steps[1:] += runs.lengths[:-1]
        steps[0] -= self.base
        return np.cumsum(steps)


RUN_CONVENTIONS = tuple(
    RunConvention(base, relative) for relative in (False, True) for base in (1, 0)
)


def runs_of(text: str) -> RunPairs | None:
    """Return the runs that a text is of under any codec, or None where it is none of pairs."""
    if not _TEXT.fullmatch(text.strip()):
        return None
    numbers = np.array(text.split(), dtype=np.int64)
    if numbers.size % 2 or not (numbers[1::2] > 0).all():
        return None
    return RunPairs(numbers[::2], numbers[1::2])


def fault_of(runs: RunPairs, reading: RunConvention, n_pixels: int) -> RunFault:
    """Return why the runs cannot be meant so in a mask of `n_pixels`; "" where they can be."""
    first = reading.first_pixels(runs)
    ends = first + runs.lengths
    if int(first[0]) < 0:
        return "starts below"
    if (first[1:] < ends[:-1]).any():
        return "descends"
    return "ends beyond" if int(ends[-1]) > n_pixels else ""


def n_pieces(runs: RunPairs, reading: RunConvention, line: int) -> int:
    """Return the number of 4-connected pieces of the mask.

    Args:
        runs: that ascend under `reading`.
        reading: base and relative.
        line: pixels of a line: the height where runs go down the columns, the width along the rows.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    first, last = _segments(runs, reading, line)
    n = len(first)
    # Segments stand apart and in order, so those that touch one from the next line are neighbours.
    low = np.searchsorted(last, first + line, side="right")
    high = np.searchsorted(first, last + line, side="left")
    counts = np.maximum(high - low, 0)
    above = np.repeat(np.arange(n), counts)
    below = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + low[above]
    beside = np.flatnonzero((last[:-1] == first[1:]) & (first[:-1] // line == first[1:] // line))
    rows, columns = np.concatenate([above, beside]), np.concatenate([below, beside + 1])
    graph = coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(n, n))
    return int(connected_components(graph, directed=False, return_labels=False))


def n_stubs(runs: RunPairs, reading: RunConvention, line: int) -> int:
    """Return how many runs leave a line by a single pixel, at its end or at its beginning.

    An object that is cut off by the border ends with the line. Counted from the wrong first pixel,
    it reaches over by one.
    """
    first = reading.first_pixels(runs)
    last = first + runs.lengths - 1
    crosses = (first // line != last // line) & (runs.lengths > 2)
    return int((crosses & ((first % line == line - 1) | (last % line == 0))).sum())


def painted(
    texts: list[RunPairs], reading: RunConvention, size: tuple[int, int], order: str
) -> NDArray[np.bool_] | None:
    """Return the pixels `(H, W)` that any of the texts sets, or None where one does not fit."""
    height, width = size
    flips = np.zeros(height * width + 1, dtype=np.int32)
    for runs in texts:
        if fault_of(runs, reading, height * width):
            return None
        first = reading.first_pixels(runs)
        np.add.at(flips, first, 1)
        np.add.at(flips, first + runs.lengths, -1)
    flat = np.cumsum(flips[:-1]) > 0
    return flat.reshape(width, height).T if order == "F" else flat.reshape(height, width)


def _segments(
    runs: RunPairs, reading: RunConvention, line: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the runs cut at the ends of lines: first pixels and ends."""
    first = reading.first_pixels(runs)
    ends = first + runs.lengths
    lines = first // line
    counts = (ends - 1) // line - lines + 1
    which = np.repeat(np.arange(len(first)), counts)
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    start = (lines[which] + nth) * line
    return np.maximum(first[which], start), np.minimum(ends[which], start + line)


Certainty = Literal["certain", "likely", "not sure"]
Size = tuple[int, int]
VIEW_MASKS = "view a few masks over their images, under each value"


@dataclass(frozen=True)
class ImageTexts:
    """The cells of one image that are not empty, and what they can be compared with.

    Attributes:
        image: its id.
        size: (height, width), from the file's header.
        texts: one a row of the table.
        truth: gives the union of its masks as files have it, bool `(H, W)`; None without files.
        picture: gives the image as grey values `(H, W)`; None where it cannot be had.
    """

    image: str
    size: Size
    texts: tuple[str, ...]
    truth: Callable[[], NDArray[np.bool_] | None] | None = None
    picture: Callable[[], NDArray[np.float32]] | None = None


@dataclass(frozen=True)
class Estimate:
    """The value of a parameter, its certainty and reason; `fix` is what else to do."""

    value: Any
    sure: Certainty
    why: str
    fix: str = ""


@dataclass(frozen=True)
class CodecEstimate:
    """The inferred codec of masks. Of `coco` and `coco64` only the kind counts.

    Attributes:
        kind, order, base, relative: as in `MaskCodec`.
        scale: side of the image over side of the mask: 1, or 2 and 4 of masks of smaller images.
        n_texts: number of cells read.
        n_left_out: cells that no codec can read.
        contradiction: a contradiction between mask files and texts; "" where there is none.
    """

    kind: Estimate
    order: Estimate
    base: Estimate
    relative: Estimate
    scale: Estimate
    n_texts: int
    n_left_out: int = 0
    contradiction: str = ""

    @property
    def estimates(self) -> dict[str, Estimate]:
        """The parameters of `MaskCodec` that count, by name."""
        of_runs = {"order": self.order, "base": self.base, "relative": self.relative}
        return {"kind": self.kind, **(of_runs if self.kind.value == "rle" else {})}

    @property
    def is_relative(self) -> bool | None:
        """True or False where it is certain that runs are relative or absolute, else None."""
        if self.kind.value != "rle" or self.relative.sure != "certain":
            return None
        return bool(self.relative.value)

    @property
    def sure(self) -> Certainty:
        """The certainty of the least certain parameter."""
        found = {estimate.sure for estimate in self.estimates.values()}
        return next(one for one in ("not sure", "likely", "certain") if one in found)


@dataclass(frozen=True, eq=False)
class MaskRunsCell:
    """The runs of a text, in the mask of its image."""

    runs: RunPairs
    size: Size

    def fault(self, reading: RunConvention) -> str:
        return fault_of(self.runs, reading, self.size[0] * self.size[1])


def unknown_codec(why: str) -> CodecEstimate:
    """Return the usual codec, with nothing sure."""
    order, base, relative = (
        Estimate(value, "not sure", why, VIEW_MASKS) for value in ("F", 1, False)
    )
    kind = Estimate("rle", "not sure", why)
    return CodecEstimate(kind, order, base, relative, Estimate(1, "not sure", why), 0)


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


def informative_cells(
    cells: Sequence[MaskRunsCell], possible: Sequence[RunConvention]
) -> list[MaskRunsCell]:
    """Return the cells with the most runs that every possible reading can read, up to a bound."""
    ranked = sorted(cells, key=lambda cell: -len(cell.runs.starts))
    chosen: list[MaskRunsCell] = []
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


def scaled_size(size: Size, scale: int) -> Size:
    """Return the (height, width) of a mask whose image has `scale` times its side."""
    return size[0] // scale, size[1] // scale


def by_pieces(
    cells: Sequence[MaskRunsCell], possible: Sequence[RunConvention], scales: Sequence[int] = SCALES
) -> tuple[Estimate, Estimate, Estimate]:
    """Return scale, relative and order: those under which the objects are in the fewest pieces."""
    why = "no mask has two runs"
    if not cells:
        relative = Estimate(False, "not sure", f"{why}: absolute is usual", VIEW_MASKS)
        return (
            Estimate(1, "likely", why),
            relative,
            Estimate("F", "not sure", f"{why}: F is usual", VIEW_MASKS),
        )
    counts: dict[tuple[int, bool, str], int] = {}
    for scale in scales:
        sizes = [scaled_size(cell.size, scale) for cell in cells]
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
    if best[0] != 1 and not _is_clear(counts[best], counts[native]):
        best = native
    fewest = counts[best]

    def estimate(place: int, name: str, usual: Any) -> Estimate:
        key = list(best)
        rest = [counts[one] for one in counts if one[0] == best[0] and one[place] != best[place]]
        if not rest:
            return Estimate(key[place], "certain", "the other leaves the image")
        other = min(rest)
        counted = (
            f"{either(len(cells), 'mask is', 'masks are')} in {plural(fewest, 'piece')}, under "
            f"the other {name} in {other:,}"
        )
        if _is_clear(fewest, other):
            return Estimate(key[place], "likely", counted)
        return Estimate(
            usual,
            "not sure",
            f"{counted}: {usual if place == 2 else 'absolute'} is usual",
            VIEW_MASKS,
        )

    return (
        _scale(best, native, counts, cells),
        estimate(1, "way to count", False),
        estimate(2, "order", "F"),
    )


def _is_clear(fewest: int, other: int) -> bool:
    return other >= _CLEAR * fewest and other - fewest >= _EXCESS


def _scale(
    best: tuple[int, bool, str],
    native: tuple[int, bool, str],
    counts: dict[tuple[int, bool, str], int],
    cells: Sequence[MaskRunsCell],
) -> Estimate:
    if best[0] == 1:
        return Estimate(1, "likely", "masks are as large as their images")
    height, width = scaled_size(cells[0].size, best[0])
    why = (
        f"at {height} × {width}, a {best[0]}th of the image a side, "
        f"{either(len(cells), 'mask is', 'masks are')} in "
        f"{plural(counts[best], 'piece')}, at the image's size in {counts[native]:,}"
    )
    return Estimate(best[0], "likely", why)


def by_edges(
    cells: Sequence[MaskRunsCell], possible: Sequence[RunConvention], order: Estimate
) -> Estimate:
    """Return the base under which fewer runs reach over the end of a line by one pixel."""
    fix = "compare a mask with its image at the border, or ask in the forum"
    square = all(height == width for height, width in (cell.size for cell in cells))
    if order.sure == "not sure" and not square:
        why = "the order is not known, and with it where lines end: 1 is usual"
        return Estimate(1, "not sure", why, fix)
    stubs = {}
    relative = possible[0].relative
    for base in (0, 1):
        stubs[base] = sum(
            n_stubs(cell.runs, RunConvention(base, relative), cell.size[order.value == "C"])
            for cell in cells
        )
    base = min(stubs, key=lambda one: (stubs[one], -one))
    few, many = stubs[base], stubs[1 - base]
    counted = (
        f"{either(few, 'run reaches', 'runs reach')} over the end of a line by one pixel, with "
        f"base {1 - base} {many:,}"
    )
    if many >= max(_STUBS, 10 * few):
        return Estimate(base, "likely", counted)
    return Estimate(1, "not sure", f"{counted}; nothing else shows it: 1 is usual", fix)


def by_pictures(
    whole: Sequence[tuple[ImageTexts, list[RunPairs]]], reading: RunConvention
) -> Estimate | None:
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
        f"{_WORDS[order]} the outlines of {won} of {plural(n, 'mask')} "
        f"{'lies' if won == 1 else 'lie'} on "
        "stronger edges of their pictures, "
        f"{ratio:.1f} times as strong on average"
    )
    return Estimate(order, "likely", why)


def _step(mask: NDArray[np.bool_], picture: NDArray[np.float32]) -> float:
    """Return by how much grey values differ across the outline of a mask, on average."""
    down, along = mask[1:] != mask[:-1], mask[:, 1:] != mask[:, :-1]
    n = int(down.sum() + along.sum())
    if not n:
        return 0.0
    rises = np.abs(np.diff(picture, axis=0))[down].sum() + np.abs(np.diff(picture))[along].sum()
    return float(rises) / n


Codec = tuple[RunConvention, str]
"""Base, relative, and the order."""

_TRUTHS = 24
_FEW_BAD = 0.01


def infer_codec(images: Sequence[ImageTexts]) -> CodecEstimate:
    """Return how the masks in `images` are written, and how sure each part of the answer is.

    "certain": it equals the mask files, and the other values do not; or the other values are
    impossible. "likely": a clear ratio, which `why` gives. "not sure": the usual value stands.
    """
    texts = [text for image in images for text in image.texts]
    if not texts:
        return unknown_codec("no mask has a pixel, so that every codec reads it")
    other = _of_counts(images)
    if other is not None:
        return other
    parsed = [(image, [runs_of(text) for text in image.texts]) for image in images]
    cells = [MaskRunsCell(runs, image.size) for image, found in parsed for runs in found if runs]
    readable = [cell for cell in cells if not all(cell.fault(one) for one in RUN_CONVENTIONS)]
    n_bad = len(texts) - len(readable)
    if len(readable) <= 0.5 * len(texts):
        return replace(
            unknown_codec(_unreadable(texts, cells)), n_texts=len(texts), n_left_out=n_bad
        )
    whole = [(image, runs) for image, found in parsed if (runs := _all_of(found))]
    truth, contradiction = _from_truth(whole)
    found = replace(_joined(truth, _from_runs(readable, whole)), contradiction=contradiction)
    doubtful = n_bad > _FEW_BAD * len(texts)
    found = _capped(found) if doubtful else found
    return replace(found, n_texts=len(texts), n_left_out=n_bad)


def _unreadable(texts: Sequence[str], cells: Sequence[MaskRunsCell]) -> str:
    if len(cells) <= 0.5 * len(texts):
        return f"the cells are no pairs of start and length: {texts[0][:30]!r}"
    faults = Counter(cell.fault(one) for cell in cells for one in RUN_CONVENTIONS)
    if faults.most_common(1)[0][0] == "ends beyond":
        end = max(int((cell.runs.starts + cell.runs.lengths).max()) for cell in cells)
        size = cells[0].size
        return (
            f"runs go up to pixel {end:,}, beyond their images ({size[0]} × {size[1]}, say): the "
            "masks are of images of another size"
        )
    return "under every codec most runs leave their images, or go backwards"


def _of_counts(images: Sequence[ImageTexts]) -> CodecEstimate | None:
    """Return the answer where the texts are COCO's counts, plain or packed, of these sizes."""
    cells = [(text, image.size) for image in images for text in image.texts]
    if any(" " in text for text, _ in cells):
        return None
    for name, codec in (("coco64", coco64), ("coco", coco)):
        try:
            for text, size in cells[:20]:
                codec.decode(text, size)
        except CodecError:
            continue
        why = f"{min(len(cells), 20)} cells are COCO's counts of exactly the pixels of their images"
        kind = Estimate(name, "certain", why)
        order, base, relative = (Estimate(one, "certain", name) for one in ("F", 0, False))
        return CodecEstimate(kind, order, base, relative, Estimate(1, "certain", why), len(cells))
    return None


def _all_of(found: Sequence[RunPairs | None]) -> list[RunPairs]:
    known = [runs for runs in found if runs is not None]
    return known if len(known) == len(found) else []


def _joined(truth: CodecEstimate | None, found: CodecEstimate) -> CodecEstimate:
    """Return the estimate from mask files; where two values fit them alike, that from runs."""
    if truth is None:
        return found
    open_ones = [name for name, one in truth.estimates.items() if one.sure == "not sure"]
    return replace(truth, **{name: getattr(found, name) for name in open_ones})


def _capped(estimate: CodecEstimate) -> CodecEstimate:
    """Return the estimate with nothing certain: cells that no codec can read contradict it."""
    parts = {
        name: replace(part, sure="likely")
        for name in ("order", "base", "relative")
        if (part := getattr(estimate, name)).sure == "certain"
    }
    return replace(estimate, **parts)


# Mask files.


def _from_truth(
    whole: Sequence[tuple[ImageTexts, list[RunPairs]]],
) -> tuple[CodecEstimate | None, str]:
    """Return the estimate from the mask files, and the contradiction between them and the texts.

    The estimate is None where there are none, or no codec reproduces most of them.
    """
    codecs: list[Codec] = [(reading, order) for reading in RUN_CONVENTIONS for order in ORDERS]
    equal: Counter[Codec] = Counter()
    n = 0
    for image, runs in whole:
        truth = image.truth() if image.truth is not None and n < _TRUTHS else None
        if truth is None or not truth.any():
            continue
        n += 1
        for reading, order in codecs:
            mask = painted(runs, reading, (truth.shape[0], truth.shape[1]), order)
            equal[reading, order] += mask is not None and bool((mask == truth).all())
    best = max(equal.values(), default=0)
    if not n:
        return None, ""
    contradiction = (
        ""
        if best == n
        else (
            f"at best {best} of {plural(n, 'mask')} {'is' if best == 1 else 'are'} what their "
            "files show"
        )
    )
    if 2 * best <= n:
        return None, contradiction

    def estimate(name: str, value_of: Callable[[Codec], Any], usual: Any) -> Estimate:
        top = Counter[Any]()
        for codec, count in equal.items():
            top[value_of(codec)] = max(top[value_of(codec)], count)
        (value, count), *others = top.most_common()
        rest = others[0][1] if others else 0
        if rest == count:
            why = f"the masks of {plural(n, 'file')} are the same under each {name}"
            return Estimate(
                usual, "not sure", why, "any will do for these; see the page for others"
            )
        why = f"equals {count} of {plural(n, 'mask file')} pixel by pixel, the next best {rest}"
        sure = count == n
        return Estimate(
            value, "certain" if sure else "likely" if 2 * rest <= count else "not sure", why
        )

    kind = Estimate("rle", "certain", "pairs of start and length that equal the mask files")
    found = CodecEstimate(
        kind,
        estimate("order", lambda codec: codec[1], "F"),
        estimate("base", lambda codec: codec[0].base, 1),
        estimate("relative", lambda codec: codec[0].relative, False),
        Estimate(1, "certain", "the mask files are of the same size"),
        0,
    )
    return found, contradiction


# What is impossible, and what holds together.


def _from_runs(
    cells: Sequence[MaskRunsCell],
    whole: Sequence[tuple[ImageTexts, list[RunPairs]]],
    scales: Sequence[int] = SCALES,
) -> CodecEstimate:
    faults = {one: Counter(cell.fault(one) for cell in cells) for one in RUN_CONVENTIONS}
    bad = {
        one: sum(count for fault, count in faults[one].items() if fault) for one in RUN_CONVENTIONS
    }
    fewest = min(bad.values())
    if fewest > _FEW_BAD * len(cells):
        return unknown_codec("each way to count leaves an image, or goes backwards, in some rows")
    possible = [one for one in RUN_CONVENTIONS if bad[one] == fewest]
    shown = informative_cells(cells, possible)
    scale, reading, order = by_pieces(shown, possible, scales)
    if order.sure == "not sure":
        order = by_pictures(whole, possible[0]) or order
    if scale.value != 1:
        small = [replace(cell, size=scaled_size(cell.size, scale.value)) for cell in cells]
        fitting = [one for one in possible if not any(cell.fault(one) for cell in small)]
        if not fitting:
            return _from_runs(cells, whole, scales=(1,))
        possible, cells = fitting, small
    relative = _settled(possible, faults, "relative") or reading
    kept = [one for one in possible if one.relative == relative.value] or possible
    base = _settled(kept, faults, "base") if relative.sure != "not sure" else None
    base = _settled(possible, faults, "base") or base or by_edges(cells, kept, order)
    if base.sure == "certain" and relative.sure != "certain" and len({b for b, _ in possible}) > 1:
        base = replace(base, sure="likely")
    kind = Estimate("rle", "certain", "pairs of start and length")
    found = CodecEstimate(kind, order, base, relative, scale, 0)
    return _capped(found) if fewest or scale.value != 1 else found


def _settled(
    possible: Sequence[RunConvention], faults: dict[RunConvention, Counter[str]], name: str
) -> Estimate | None:
    """Return the only value that a parameter can have; None where it can have both."""
    values = {getattr(one, name) for one in possible}
    if len(values) > 1:
        return None
    value = values.pop()
    # The nearest of those that it cannot be: the others are the same but for this.
    others = [one for one in faults if getattr(one, name) != value]
    near = {one.relative if name == "base" else one.base for one in possible}
    others.sort(key=lambda one: (one.relative if name == "base" else one.base) not in near)
    against = Counter(faults[others[0]])
    del against[""]
    what = ", ".join(
        f"{_FAULTS[fault]} in {plural(n, 'row')}" for fault, n in against.most_common(2)
    )
    return Estimate(value, "certain", f"otherwise {what}")


_FAULTS = {
    "starts below": "a start lies before the first pixel",
    "ends beyond": "a run ends beyond the image",
    "descends": "a run begins before the end of the last",
}
