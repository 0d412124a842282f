"""Rows that are single pixels: their names, their cells, and all that is wrong with a file of them.

`1_2_3` is the pixel in the second row and the third column of the image `1`, with the template
`{id}_{row}_{column}` and `index_base: 1`. With `index_step: 16` the numbers are those of the first
pixels of patches, each of which is one pixel of the mask (`frame: {patch: 16}`). There are millions
of rows, so they are handled some thousands at a time. A cell holds a grey value, a probability or a
class. pandas is not imported.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs.rle import AxisOrder
from podium.errors import DataError, SubmissionError
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.csv_text import MISSING, CellError, CsvBlock, CsvLine, parse_number
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.problems import Problems
from podium.submissions.format.reading import CellFaults
from podium.submissions.format.row_names import KeyCheck
from podium.submissions.format.spec import SubmissionFormat

__all__ = [
    "AllPixels",
    "ImagePixels",
    "PixelCells",
    "PixelChecker",
    "images_of_pixels",
    "locate_pixels",
    "pixels_by_image",
]


PART_ROWS = 1 << 16
_FIELD = re.compile(r"\{(id|row|column)\}")
_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_PATTERNS = {"id": "(?P<id>.*)", "row": f"(?P<row>{_NUMBER})", "column": f"(?P<column>{_NUMBER})"}


@dataclass(frozen=True)
class ImagePixels:
    """Pixels of one image: `rows` and `columns` are int64 `(n,)`, from 0.

    Attributes:
        names: of the rows of the file, `(n,)`.
        at: where the part begins among all the names that it was made of.
    """

    sample_id: str
    names: Sequence[str]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    at: int


@dataclass(frozen=True)
class AllPixels:
    """The names of all pixels of the images `ids`; may be iterated many times.

    Args:
        form: of rows of pixels; `rle.order` is what runs fastest: "F" rows, "C" columns.
        ids: of the images.
        sizes: of them; every one is needed.
    """

    form: SubmissionFormat
    ids: Sequence[str]
    sizes: MaskSizes

    def __iter__(self) -> Iterator[str]:
        for sample_id in self.ids:
            size = self.sizes.of(sample_id)
            if size is None:
                why = f": {self.sizes.problem}" if self.sizes.problem else ""
                raise DataError(
                    f"the size of the image {sample_id!r} is not known{why}",
                    fix="put the test images in their place, or set frame: [height, width]",
                )
            yield from _names(self.form, sample_id, size, self.form.rle.order)


def _names(
    form: SubmissionFormat, sample_id: str, size: tuple[int, int], order: AxisOrder
) -> Iterator[str]:
    downs, alongs = (
        [str(form.index_base + at * form.index_step) for at in range(side)] for side in size
    )
    # One pixel's name with marks in the places of its numbers: a template without the id's braces.
    row, column = "\0", "\1"
    text = form.id.replace("{row}", row).replace("{column}", column).replace("{id}", sample_id)
    if order == "F":
        for c in alongs:
            of_column = text.replace(column, c)
            yield from (of_column.replace(row, r) for r in downs)
    else:
        for r in downs:
            of_row = text.replace(row, r)
            yield from (of_row.replace(column, c) for c in alongs)


def images_of_pixels(form: SubmissionFormat, names: Iterable[str]) -> list[str]:
    """Return the ids of the images that `names` are pixels of, each once, in order.

    Raises:
        DataError: a name is no pixel's.
    """
    found: dict[str, None] = {}
    for part in pixels_by_image(form, names):
        found[part.sample_id] = None
    return list(found)


def pixels_by_image(form: SubmissionFormat, names: Iterable[str]) -> Iterator[ImagePixels]:
    """Yield `names` image by image, some at a time.

    Raises:
        DataError: a name is no pixel's.
    """
    rest = iter(names)
    while some := list(islice(rest, PART_ROWS)):
        parts, wrong = locate_pixels(form, some)
        if wrong:
            raise DataError(
                f"{some[wrong[0]]!r} is the name of no pixel: submission.id is {form.id!r}, which "
                f"counts {_counted(form)}",
                fix="mend submission.id, index_base or index_step in competition.yaml",
            )
        yield from parts


def locate_pixels(
    form: SubmissionFormat, names: Sequence[str]
) -> tuple[list[ImagePixels], list[int]]:
    """Return the pixels that `names` are, image by image, and which names are those of none."""
    match = _pattern(form.id).fullmatch
    matches = [match(name) for name in names]
    wrong: list[int] = []
    parts: list[ImagePixels] = []
    base, step = form.index_base, form.index_step
    at = 0
    for sample_id, found in groupby(matches, key=_image):
        each = list(found)
        if sample_id is None:
            wrong += range(at, at + len(each))
        else:
            places = np.array([(one["row"], one["column"]) for one in each if one], dtype=np.int64)
            places, rest = np.divmod(places - base, step)
            is_none = ((places < 0) | (rest != 0)).any(axis=1)
            wrong += (at + np.flatnonzero(is_none)).tolist()
            named = names[at : at + len(each)]
            parts.append(ImagePixels(sample_id, named, places[:, 0], places[:, 1], at))
        at += len(each)
    return parts, wrong


def _counted(form: SubmissionFormat) -> str:
    by = f" by {form.index_step}" if form.index_step > 1 else ""
    return f"from {form.index_base}{by}"


def _image(found: re.Match[str] | None) -> str | None:
    return None if found is None else found["id"]


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    pieces, at = [], 0
    for field in _FIELD.finditer(template):
        pieces += [re.escape(template[at : field.start()]), _PATTERNS[field[1]]]
        at = field.end()
    return re.compile("".join([*pieces, re.escape(template[at:])]), re.DOTALL)


_NUMBERS = frozenset({"prob", "scalar", "score"})
_CHARACTERS = frozenset("0123456789.+-eE")


@dataclass(frozen=True)
class PixelCells:
    """Cells of pixels in one format, of which the task is binary or multiclass.

    Numbers are float32: those of `value: prob` and `scalar` in [0, 1], of `score` finite. Classes
    are as in masks: 0 is background, `label` writes that number and `name` the class's name.
    """

    form: SubmissionFormat

    @property
    def are_numbers(self) -> bool:
        """Whether a cell holds a number, not a class."""
        return self.form.value in _NUMBERS

    def checked(self, sample_id: str, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the values `(H, W)` of an image as float32, if cells can hold them.

        Raises:
            SubmissionError: they have another type or shape, or are out of range.
        """
        got = np.asarray(values)
        if got.ndim == 3 and got.shape[2] == 1:
            got = got[..., 0]
        if got.ndim != 2:
            raise SubmissionError(
                f"the values of {sample_id!r} must have the shape (H, W), got {got.shape}"
            )
        if self.are_numbers:
            found = got.astype(np.float32)
            is_right = np.isfinite(found)
            if self.form.value != "score":
                is_right &= (found >= 0) & (found <= 1)
            rule = "finite numbers" if self.form.value == "score" else "numbers in [0, 1]"
        else:
            found = got.astype(np.float32)
            is_right = (got >= 0) & (got <= self._top) & (got == np.floor(got))
            rule = f"classes from 0, background, to {self._top}"
        if not is_right.all():
            raise SubmissionError(
                f"the values of {sample_id!r} must be {rule}, got {got[~is_right][0]}",
                fix="pass probabilities, or decisions as `decide_masks` returns them",
            )
        return found

    def texts(self, values: NDArray[np.float32]) -> list[str]:
        """Return the texts of values `(n,)`, each of which reads back as the same float32."""
        known, at = np.unique(values, return_inverse=True)
        if self.are_numbers:
            texts = [np.format_float_positional(one, trim="-") for one in known]
        else:
            texts = [self._names[int(one)] for one in known]
        return [texts[i] for i in at.tolist()]

    def numbers(
        self, cells: Sequence[str]
    ) -> tuple[NDArray[np.float32], list[tuple[int, CellError]]]:
        """Return the values of cells, `(n,)`, nan where unreadable; which these are, and why."""
        if not self.are_numbers:
            return self._classes(cells)
        found = self._plain(cells)
        if found is None:
            return self._each(cells)
        faults: list[tuple[int, CellError]] = []
        if self.form.value != "score":
            for i in np.flatnonzero((found < 0) | (found > 1)).tolist():
                found[i] = np.nan
                faults.append((i, _outside()))
        return found.astype(np.float32), faults

    @property
    def _top(self) -> int:
        return 1 if self.form.kind.is_yes_no else len(self.form.classes)

    @cached_property
    def _names(self) -> list[str]:
        if self.form.value == "label" or self.form.kind.is_yes_no:
            return [str(i) for i in range(self._top + 1)]
        return ["background", *self.form.classes]

    def _plain(self, cells: Sequence[str]) -> NDArray[np.float64] | None:
        """Return the numbers in cells of which none is odd; else None."""
        if not _CHARACTERS.issuperset("".join(cells)):
            return None
        try:
            found = np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
        except ValueError:
            return None
        return found if np.isfinite(found.astype(np.float32)).all() else None

    def _each(
        self, cells: Sequence[str]
    ) -> tuple[NDArray[np.float32], list[tuple[int, CellError]]]:
        found = np.full(len(cells), np.nan, dtype=np.float32)
        faults: list[tuple[int, CellError]] = []
        for i, text in enumerate(cells):
            try:
                value = parse_number(text)
            except CellError as error:
                faults.append((i, error))
                continue
            if self.form.value != "score" and not 0 <= value <= 1:
                faults.append((i, _outside()))
            elif abs(value) > np.finfo(np.float32).max:
                faults.append((i, CellError("values that are not finite", "write finite numbers")))
            else:
                found[i] = value
        return found, faults

    def _classes(
        self, cells: Sequence[str]
    ) -> tuple[NDArray[np.float32], list[tuple[int, CellError]]]:
        known = {text: i for i, text in enumerate(self._names)}
        found = np.array([known.get(text, np.nan) for text in cells], dtype=np.float32)
        faults = [(i, self._no_class(cells[i])) for i in np.flatnonzero(np.isnan(found)).tolist()]
        return found, faults

    def _no_class(self, text: str) -> CellError:
        if text.strip().lower() in MISSING:
            return CellError("missing values", "write a class in every row")
        return CellError("unknown classes", f"known are {', '.join(self._names[:10])}")


def _outside() -> CellError:
    return CellError("values outside [0, 1]", "write grey values or probabilities of 0 to 1")


Visitor = Callable[[ImagePixels, NDArray[np.float32]], None]
"""Called with pixels of one image and the values of their cells, `(n,)`."""

_LONGEST_ROW = 1 << 16
_LINES_AT_ONCE = 4096


class PixelChecker:
    """Checks the pixels of a file, some thousand rows at a time.

    Args:
        expected: what the file must hold; where its rows are unknown, each must be a pixel's.
        problems: where the faults go.
        visit: gets the rows that have none, as they come.
    """

    in_blocks = True
    longest = _LONGEST_ROW

    def __init__(
        self,
        expected: ExpectedRows,
        problems: Problems,
        visit: Visitor | None = None,
    ) -> None:
        form = expected.form
        self._form, self._problems, self._visit = form, problems, visit
        self._is_expected = expected.rows is not None
        self._cells, self._faults = PixelCells(form), CellFaults(form, problems)

    def see(self, parts: Iterator[CsvLine | CsvBlock], keys: KeyCheck) -> None:
        """Take note of all rows; the cell of a repeated one is read, too."""
        (id_column,) = self._form.key_columns
        for rows in _batches(parts, id_column, self._form.value_column):
            firsts = _note_names(rows, keys)
            values, faults = self._cells.numbers(rows.cells)
            for i, fault in faults:
                self._faults.add(fault, rows.line(i), row_name=rows.names[i], cell=rows.cells[i])
            self._see_names(rows, values, are_firsts=firsts is None)

    def finish(self) -> None:
        """Report nothing: a row is judged by itself."""

    def _see_names(
        self, rows: _PixelRows, values: NDArray[np.float32], *, are_firsts: bool
    ) -> None:
        if self._is_expected and self._visit is None:
            return
        found, wrong = locate_pixels(self._form, rows.names)
        for i in () if self._is_expected else wrong:
            self._problems.add(
                "ids that are no pixel's",
                repr(rows.names[i]),
                line=rows.line(i),
                fix=f"write {self._form.id}, counted {_counted(self._form)}",
            )
        if self._visit is not None and are_firsts and not wrong:
            for part in found:
                self._visit(part, values[part.at : part.at + len(part.names)])


@dataclass(frozen=True)
class _PixelRows:
    """Rows of the file that follow one another: their names and value cells, and their lines."""

    names: Sequence[str]
    cells: Sequence[str]
    lines: range | list[int]

    def line(self, i: int) -> int:
        return self.lines[i]


def _note_names(rows: _PixelRows, keys: KeyCheck) -> list[int] | None:
    """Note the names of rows; return which are the first of their name, or None for all."""
    n = len(rows.names)
    follow = rows.lines[-1] - rows.lines[0] == n - 1
    if follow and list(rows.names) == list(keys.peek(n)):
        keys.advance(n, rows.lines[0])
        return None
    firsts = [i for i, name in enumerate(rows.names) if keys.see(name, rows.line(i))]
    return None if len(firsts) == n else firsts


def _batches(
    parts: Iterable[CsvBlock | CsvLine], id_column: int, value_column: int
) -> Iterator[_PixelRows]:
    alone: list[CsvLine] = []

    def gathered() -> _PixelRows:
        rows = _PixelRows(
            [line.cells[id_column] for line in alone],
            [line.cells[value_column] for line in alone],
            [line.number for line in alone],
        )
        alone.clear()
        return rows

    for part in parts:
        if isinstance(part, CsvLine):
            alone.append(part)
            if len(alone) == _LINES_AT_ONCE:
                yield gathered()
            continue
        if alone:
            yield gathered()
        lines = range(part.number, part.number + len(part))
        yield _PixelRows(part.column(id_column), part.column(value_column), lines)
    if alone:
        yield gathered()
