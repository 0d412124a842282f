"""Masks that come as spans of rows or columns of pixels, written as mask files.

A table with a row a span, and a class beside it where there are several:

    image,class,row,first,last
    7,roof,12,3,15
    7,roof,13,3,16

Nothing shows whether pixels are counted from 0 or from 1, and whether a span reaches up to its end
or ends before it: each way is tested against all spans and the sizes of their images. The masks of
all ways that fit are written, each into a folder of its own, for a person to choose.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.infer.annotations.shapes import AnnotatedImage, Annotations, Shape
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.outlines import (
    MOST_CLASSES,
    Outlined,
    Outlines,
    draw,
)
from podium.competition.infer.evidence import Reading, choose
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.labels.cells import sort_classes
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words
from podium.errors import DataError, plural, some

__all__ = ["write_spans"]

_MOST_READ = 200
"""Images in whose spans gaps are looked for."""


class _SpanColumns(NamedTuple):
    """The columns of a table of spans.

    Attributes:
        image: names the image.
        line: the row of pixels that a span lies in, or the column.
        start, end: of the span.
        label: its class; None without.
        is_row: whether a span lies in a row.
    """

    image: str
    line: str
    start: str
    end: str
    label: str | None
    is_row: bool


@dataclass(frozen=True)
class _Spans:
    """The spans of a table that are not blank, of images of train.

    Attributes:
        columns: of the table.
        path: of the table.
        images: all images that it names, by their path, with their height and width.
        of: the image of each span.
        labels: the class of each.
        numbers: line, start and end of each, (n, 3).
    """

    columns: _SpanColumns
    path: str
    images: Mapping[str, tuple[ImageFile, tuple[int, int]]]
    of: Sequence[str]
    labels: Sequence[str]
    numbers: NDArray[np.int64]


class _SpanConvention(NamedTuple):
    """How spans are counted: the number of the first pixel, and whether the end is inside."""

    base: int
    is_inside: bool

    def places(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return line, start and end as numpy slices them."""
        places: NDArray[np.int64] = numbers - self.base + np.array([0, 0, int(self.is_inside)])
        return places

    @property
    def description(self) -> str:
        """How spans are counted."""
        end = "the end is the last pixel" if self.is_inside else "the end is behind the last pixel"
        return f"pixels are counted from {self.base}, and {end}"


_CONVENTIONS = (
    _SpanConvention(0, True),
    _SpanConvention(0, False),
    _SpanConvention(1, True),
    _SpanConvention(1, False),
)


def write_spans(data: CompetitionData, target: Path) -> Outlines | None:
    """Return the masks of a table of spans, written to `target`; None without such a table.

    Args:
        target: the folder for the masks; those of other readings that fit are written beside it.

    Raises:
        DataError: the spans fit into their images in no way, or spans are to be sent.
    """
    spans = next(filter(None, (_read(data.folder, *one) for one in data.tables.items())), None)
    if spans is None:
        return None
    _refuse_sent_spans(spans, data.sample)
    choice = choose(_readings(spans), len(spans.numbers))
    if choice.chosen.n_against:
        raise DataError(
            f"{spans.columns.line}, {spans.columns.start} and {spans.columns.end} look like spans "
            f"of pixels, and are none: where {choice.chosen.value.description}, "
            f"{choice.chosen.against}",
            where=data.folder.path / spans.path,
            fix="mend the table, or remove it",
        )
    written = []
    for number, one in enumerate((choice.chosen, *choice.others)):
        name = target.name if not number else f"{target.name}_{number + 1}"
        written.append((name, draw(_outlined(spans, one), target.parent / name), one.why))
    first = written[0][1]
    others = tuple((name, why) for name, _, why in written[1:])
    notes = (*first.notes, *_notes(spans, data.tables[spans.path]))
    return replace(first, others=others, notes=notes)


def _refuse_sent_spans(spans: _Spans, sample: SampleSubmission | None) -> None:
    """Raise where the sample submission has the columns of spans.

    Raises:
        DataError: podium writes runs and numbers, and no spans.
    """
    asked = {spans.columns.line, spans.columns.start, spans.columns.end}
    if sample is not None and asked <= {str(one) for one in sample.table}:
        raise DataError(
            f"the sample submission asks for spans ({some(sorted(asked))}), and podium writes "
            "masks as runs alone",
            where=sample.path,
            fix="give a sample submission with a column of runs, and turn what is written into "
            "spans",
        )


def _notes(spans: _Spans, table: pd.DataFrame) -> Iterator[str]:
    """Yield what tells spans of an image apart, and is not used."""
    columns, used = spans.columns, set(spans.columns)
    for name in (str(one) for one in table if one not in used):
        if (table.groupby(columns.image)[name].nunique() > 1).any():
            yield (
                f"{spans.path}: {name} differs among the spans of an image and is not used: where "
                "it tells classes apart, call it class; where it numbers objects, write one mask "
                "file an object and tasks: {segment: instance}"
            )


def _read(folder: DataFolder, path: str, table: pd.DataFrame) -> _Spans | None:
    """Return the spans of a table; None where it has none."""
    columns = _columns_of(folder, table)
    if columns is None:
        return None
    images = {cell: folder.named(cell)[0] for cell in table[columns.image].unique()}
    images = {cell: one for cell, one in images.items() if one.part not in ("test", "mask")}
    sizes = {cell: picture_size(folder.path / one.path) for cell, one in images.items()}
    known = {cell: (images[cell], size) for cell, size in sizes.items() if size is not None}
    if not known or len(known) < len(images):
        return None
    numbers = table[[columns.line, columns.start, columns.end]]
    is_span = (numbers != "").all(axis=1) & table[columns.image].isin(list(known))
    rows = table[is_span]
    labels = ["object"] * len(rows) if columns.label is None else list(rows[columns.label])
    each = numbers[is_span].astype(np.int64).to_numpy()
    return _Spans(columns, path, known, list(rows[columns.image]), labels, each)


def _columns_of(folder: DataFolder, table: pd.DataFrame) -> _SpanColumns | None:
    """Return the columns of a table of spans; None where it is another table."""
    names = [str(one) for one in table]

    def called(words: Collection[str], besides: Collection[str | None] = ()) -> list[str]:
        return [one for one in names if one not in besides and {*words} & set(name_words(one))]

    ends = (called(meaning_words("span start")), called(meaning_words("span end")))
    if any(len(one) != 1 for one in ends):
        return None
    (start,), (end,) = ends
    axes = ((meaning_words("row") | {"y"}, True), (meaning_words("column") | {"x"}, False))
    lines = [(one, is_row) for words, is_row in axes for one in called(words, (start, end))]
    if len(lines) != 1 or not _are_spans(table[[lines[0][0], start, end]]):
        return None
    line, is_row = lines[0]
    rest = [one for one in names if one not in (line, start, end)]
    images = [one for one in rest if all(len(folder.named(cell)) == 1 for cell in table[one])]
    if not images or table[images[0]].is_unique:
        return None
    labels = [
        one
        for one in called(meaning_words("object class"), (line, start, end, images[0]))
        if 1 < table[one].nunique() <= MOST_CLASSES and not _numbers_objects(table, one)
    ]
    return _SpanColumns(images[0], line, start, end, labels[0] if labels else None, is_row)


def _numbers_objects(table: pd.DataFrame, column: str) -> bool:
    """Return whether a column has numbers, and is called after objects."""
    is_called = "object" in name_words(column)
    return is_called and bool(table[column].str.fullmatch(r"\d*").all())


def _are_spans(cells: pd.DataFrame) -> bool:
    """Return whether all rows are blank or three whole numbers, of which the last is no less."""
    is_blank = (cells == "").all(axis=1)
    known = cells[~is_blank]
    are_whole = known.apply(lambda column: column.str.fullmatch(r"\d{1,9}").all()).all()
    if known.empty or not are_whole:
        return False
    _, start, end = (known[one].astype(int) for one in known)
    return bool((start <= end).all())


def _readings(spans: _Spans) -> list[Reading[_SpanConvention]]:
    """Return the ways to count, those first that leave gaps between the spans of a class."""
    found = [_tested(spans, one) for one in _CONVENTIONS]
    return sorted(found, key=lambda one: _n_touching(spans, one.value))


def _tested(spans: _Spans, way: _SpanConvention) -> Reading[_SpanConvention]:
    """Return a way to count with the spans that lie not in their image, or have no pixel."""
    sizes = np.array([spans.images[one][1] for one in spans.of])
    n_lines, n_places = (sizes if spans.columns.is_row else sizes[:, ::-1]).T
    line, start, end = way.places(spans.numbers).T
    is_out = (line < 0) | (line >= n_lines) | (start < 0) | (end > n_places) | (start >= end)
    why = f"where {way.description}"
    if not is_out.any():
        return Reading(way, why)
    row = int(np.argmax(is_out))
    numbers = ", ".join(map(str, spans.numbers[row]))
    height, width = sizes[row]
    against = (
        f"{is_out.sum():,} of {plural(len(is_out), 'span')} "
        f"{'has' if is_out.sum() == 1 else 'have'} no pixel or lie "
        "outside, such as "
    )
    against += f"{numbers} of {spans.of[row]!r}, which is {height:,} × {width:,} (height × width)"
    return Reading(way, why, against, int(is_out.sum()))


def _n_touching(spans: _Spans, way: _SpanConvention) -> int:
    """Return how many spans of a few images and their classes touch the next: one would do."""
    some_images = set(list(spans.images)[:_MOST_READ])
    lines: dict[tuple[str, str, int], list[tuple[int, int]]] = {}
    for image, label, place in zip(spans.of, spans.labels, way.places(spans.numbers), strict=True):
        if image in some_images:
            line, start, end = map(int, place)
            lines.setdefault((image, label, line), []).append((start, end))
    pairs = (pair for one in lines.values() for pair in pairwise(sorted(one)))
    return sum(after[0] <= before[1] for before, after in pairs)


def _outlined(spans: _Spans, reading: Reading[_SpanConvention]) -> Outlined:
    """Return the spans as rectangles one pixel wide, by the stem of the image."""
    shapes: dict[str, list[Shape]] = {cell: [] for cell in spans.images}
    places = reading.value.places(spans.numbers).tolist()
    for image, label, (line, start, end) in zip(spans.of, spans.labels, places, strict=True):
        corners = [(start, line), (end, line + 1)]
        turned = corners if spans.columns.is_row else [(y, x) for x, y in corners]
        shapes[image].append((label, "rectangle", [(float(x), float(y)) for x, y in turned]))
    found = {
        image.stem: AnnotatedImage(spans.path, image, size, shapes[cell])
        for cell, (image, size) in spans.images.items()
    }
    reader = f"spans ({reading.value.description})"
    annotations = Annotations(reader, len(found), list(found.values()))
    return Outlined(annotations, found, sort_classes(spans.labels))
