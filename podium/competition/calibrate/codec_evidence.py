"""Which codec masks are written in, from their texts: what is impossible, what equals, what holds.

Three kinds of evidence, the strongest first: mask files that a codec must reproduce pixel by pixel;
runs that would leave the image or go backwards; and objects that one codec keeps whole and another
shreds (or, in square images, whose outlines lie on edges of the picture). Each parameter has an
answer of its own: the order of pixels may be plain while nothing tells the number of the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from podium.codecs import coco, coco64
from podium.competition.calibrate.codec_answers import (
    Answer,
    Cell,
    CodecAnswer,
    ImageTexts,
    nothing,
)
from podium.competition.calibrate.codec_shapes import READINGS, Reading, Runs, painted, runs_of
from podium.competition.calibrate.codec_signs import (
    ORDERS,
    SCALES,
    by_edges,
    by_pictures,
    by_pieces,
    smaller,
    telling,
)
from podium.errors import CodecError

__all__ = ["judge"]

Codec = tuple[Reading, str]
"""Base, relative, and the order."""

_TRUTHS = 24
_FEW_BAD = 0.01


def judge(images: Sequence[ImageTexts]) -> CodecAnswer:
    """Return how the masks in `images` are written, and how sure each part of the answer is.

    "certain": it equals the mask files, and the other values do not; or the other values are
    impossible. "likely": a clear ratio, which `why` gives. "not sure": the usual value stands.
    """
    texts = [text for image in images for text in image.texts]
    if not texts:
        return nothing("no mask has a pixel, so that every codec reads it")
    other = _of_counts(images)
    if other is not None:
        return other
    parsed = [(image, [runs_of(text) for text in image.texts]) for image in images]
    cells = [Cell(runs, image.size) for image, found in parsed for runs in found if runs]
    readable = [cell for cell in cells if not all(cell.fault(one) for one in READINGS)]
    n_bad = len(texts) - len(readable)
    if len(readable) <= 0.5 * len(texts):
        return replace(nothing(_unreadable(texts, cells)), n_texts=len(texts), n_left_out=n_bad)
    whole = [(image, runs) for image, found in parsed if (runs := _all_of(found))]
    truth, told = _from_truth(whole)
    found = replace(_joined(truth, _from_runs(readable, whole)), told=told)
    doubtful = n_bad > _FEW_BAD * len(texts)
    found = _capped(found) if doubtful else found
    return replace(found, n_texts=len(texts), n_left_out=n_bad)


def _unreadable(texts: Sequence[str], cells: Sequence[Cell]) -> str:
    if len(cells) <= 0.5 * len(texts):
        return f"the cells are no pairs of start and length: {texts[0][:30]!r}"
    faults = Counter(cell.fault(one) for cell in cells for one in READINGS)
    if faults.most_common(1)[0][0] == "ends beyond":
        end = max(int((cell.runs.starts + cell.runs.lengths).max()) for cell in cells)
        size = cells[0].size
        return (
            f"runs go up to pixel {end:,}, beyond their images ({size[0]} × {size[1]}, say): the "
            "masks are of images of another size"
        )
    return "under every codec most runs leave their images, or go backwards"


def _of_counts(images: Sequence[ImageTexts]) -> CodecAnswer | None:
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
        kind = Answer(name, "certain", why)
        order, base, relative = (Answer(one, "certain", name) for one in ("F", 0, False))
        return CodecAnswer(kind, order, base, relative, Answer(1, "certain", why), len(cells))
    return None


def _all_of(found: Sequence[Runs | None]) -> list[Runs]:
    known = [runs for runs in found if runs is not None]
    return known if len(known) == len(found) else []


def _joined(truth: CodecAnswer | None, found: CodecAnswer) -> CodecAnswer:
    """Return what the mask files say; where they do not tell two values apart, what runs say."""
    if truth is None:
        return found
    open_ones = [name for name, one in truth.answers.items() if one.sure == "not sure"]
    return replace(truth, **{name: getattr(found, name) for name in open_ones})


def _capped(answer: CodecAnswer) -> CodecAnswer:
    """Return the answer with nothing certain: cells that nobody can read speak against it."""
    parts = {
        name: replace(part, sure="likely")
        for name in ("order", "base", "relative")
        if (part := getattr(answer, name)).sure == "certain"
    }
    return replace(answer, **parts)


# Mask files.


def _from_truth(
    whole: Sequence[tuple[ImageTexts, list[Runs]]],
) -> tuple[CodecAnswer | None, str]:
    """Return the answer of the mask files, and what speaks against them.

    The answer is None where there are none, or no codec equals most of them.
    """
    codecs: list[Codec] = [(reading, order) for reading in READINGS for order in ORDERS]
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
    told = "" if best == n else f"at best {best} of {n} masks are what their files show"
    if 2 * best <= n:
        return None, told

    def answer(name: str, value_of: Callable[[Codec], Any], usual: Any) -> Answer:
        top = Counter[Any]()
        for codec, count in equal.items():
            top[value_of(codec)] = max(top[value_of(codec)], count)
        (value, count), *others = top.most_common()
        rest = others[0][1] if others else 0
        if rest == count:
            why = f"the masks of {n} files are the same under each {name}"
            return Answer(usual, "not sure", why, "any will do for these; see the page for others")
        why = f"equals {count} of {n} mask files pixel by pixel, the next best {rest}"
        sure = count == n
        return Answer(
            value, "certain" if sure else "likely" if 2 * rest <= count else "not sure", why
        )

    kind = Answer("rle", "certain", "pairs of start and length that equal the mask files")
    found = CodecAnswer(
        kind,
        answer("order", lambda codec: codec[1], "F"),
        answer("base", lambda codec: codec[0].base, 1),
        answer("relative", lambda codec: codec[0].relative, False),
        Answer(1, "certain", "the mask files are of the same size"),
        0,
    )
    return found, told


# What is impossible, and what holds together.


def _from_runs(
    cells: Sequence[Cell],
    whole: Sequence[tuple[ImageTexts, list[Runs]]],
    scales: Sequence[int] = SCALES,
) -> CodecAnswer:
    faults = {one: Counter(cell.fault(one) for cell in cells) for one in READINGS}
    bad = {one: sum(count for fault, count in faults[one].items() if fault) for one in READINGS}
    fewest = min(bad.values())
    if fewest > _FEW_BAD * len(cells):
        return nothing("each way to count leaves an image, or goes backwards, in some rows")
    possible = [one for one in READINGS if bad[one] == fewest]
    shown = telling(cells, possible)
    scale, reading, order = by_pieces(shown, possible, scales)
    if order.sure == "not sure":
        order = by_pictures(whole, possible[0]) or order
    if scale.value != 1:
        small = [replace(cell, size=smaller(cell.size, scale.value)) for cell in cells]
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
    kind = Answer("rle", "certain", "pairs of start and length")
    found = CodecAnswer(kind, order, base, relative, scale, 0)
    return _capped(found) if fewest or scale.value != 1 else found


def _settled(
    possible: Sequence[Reading], faults: dict[Reading, Counter[str]], name: str
) -> Answer | None:
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
    what = ", ".join(f"{_FAULTS[fault]} in {n:,} rows" for fault, n in against.most_common(2))
    return Answer(value, "certain", f"otherwise {what}")


_FAULTS = {
    "starts below": "a start lies before the first pixel",
    "ends beyond": "a run ends beyond the image",
    "descends": "a run begins before the end of the last",
}
