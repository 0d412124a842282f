"""Objects in the cells of a submission: as rows or as lists, and all that is wrong with them.

With `rows: instance` a row is an object. Else a row is an image, and its cell lists the objects:
each is `form.item`, words and fields with `form.sep` between them, as `{label} {conf} {mask}`.

The checker also notes where the rows of each image lie. One image is in memory at a time. Rows of
an image that are apart from one another are compared in a second pass over the file. pandas is not
imported.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs.rle import RleError
from podium.competition.truths.instances import Instances
from podium.errors import CodecError, SubmissionError, TextError, plural
from podium.submissions.format.cells import ExpectedRows, NamedRows
from podium.submissions.format.csv_text import CellError, CsvBlock, CsvLine, is_count, parse_number
from podium.submissions.format.file_formats import plain_text
from podium.submissions.format.mask_sizes import Size, warn_of_unknown_sizes
from podium.submissions.format.masks import (
    decode_cell,
    decode_mask,
    describe_fault,
    encode_mask,
    size_bound,
)
from podium.submissions.format.problems import Problems
from podium.submissions.format.reading import CellFaults, lines_of, own_lines, read_body
from podium.submissions.format.row_names import KeyCheck, owners_of
from podium.submissions.format.spec import CLASS_FIELDS, CONFIDENCE, SubmissionFormat

__all__ = [
    "ObjectCells",
    "ObjectChecker",
    "RowSpan",
    "is_object_format",
    "refuse_objects",
]


_USUAL_ITEM = "{label} {conf} {mask}"


def is_object_format(form: SubmissionFormat) -> bool:
    """Return whether a file of `form` holds objects, in rows or in lists."""
    return form.kind.finds_objects and (form.rows_are_objects or form.rows == "image")


@dataclass(frozen=True)
class ObjectEntry:
    """One object in a file: its mask as text, its class, its confidence.

    `column` is the character of the cell at which the mask begins, from 1.
    """

    mask: str
    label: int
    score: np.float32
    column: int = 1


@dataclass(frozen=True)
class ObjectCells:
    """Rows of objects in one format.

    Args:
        form: a format for which `is_object_format`.
    """

    form: SubmissionFormat
    _words: list[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        item = self.form.item or _USUAL_ITEM
        object.__setattr__(self, "_words", item.split(self.form.sep if self.form.item else " "))

    @property
    def in_lists(self) -> bool:
        """Whether a row is an image, and its cell a list."""
        return self.form.rows == "image"

    def rows(self, sample_id: str, objects: Instances) -> NamedRows:
        """Return the rows of one image; none of its name where `empty_row` drops them."""
        apart = objects.without_overlap() if self.form.overlap == "forbid" else objects
        return next(self.form.keys([sample_id])), self._rows(sample_id, apart)

    def _rows(self, sample_id: str, objects: Instances) -> list[list[str]]:
        form, size = self.form, objects.size
        sure = objects.scores
        entries = [
            ObjectEntry(encode_mask(plane, form), int(objects.classes[i]), sure[i])
            for i, plane in enumerate(objects.planes())
        ]
        if self.in_lists:
            cell = form.sep.join(map(self._item, entries)) or form.empty
            return [form.row_cells(sample_id, None, [cell], size=size)]
        if entries:
            return [
                form.row_cells(
                    sample_id,
                    one.label,
                    [one.mask],
                    size=size,
                    place=place,
                    conf=score_text(one.score),
                )
                for place, one in enumerate(entries)
            ]
        if form.empty_row == "drop":
            return []
        # The host reads a class in every row; in one without an object any will do.
        return [form.row_cells(sample_id, 0, [form.empty], size=size, place=0, conf="0")]

    def parsed(self, cells: Sequence[str]) -> list[ObjectEntry]:
        """Return the objects of a row, in order.

        Raises:
            CellError: the value cell is no list of items, or a class or a confidence cannot be
                read.
        """
        text = cells[self.form.value_column]
        if text == self.form.empty:
            return []
        if self.in_lists:
            return list(self._items(text))
        return [ObjectEntry(text, self.label(cells), self._score(cells))]

    def _score(self, cells: Sequence[str]) -> np.float32:
        """Return how sure the object of a row is: 1 where the format has no column for it."""
        for position, of in enumerate(self.form.columns.values()):
            if of == CONFIDENCE:
                return _confidence(cells[position], 1, position)
        return np.float32(1)

    def label(self, cells: Sequence[str]) -> int:
        """Return the class of a row of one object.

        Raises:
            CellError: the cell names none.
        """
        for position, of in enumerate(self.form.columns.values()):
            if of in CLASS_FIELDS:
                known = self._labels[of]
                if cells[position] not in known:
                    raise _unknown_label(cells[position], known, 1, position)
                return known[cells[position]]
        return 0

    def plane(self, one: ObjectEntry, size: Size) -> NDArray[np.bool_]:
        """Return the mask `(H, W)` of an object.

        Raises:
            CodecError: it cannot be decoded; `column` is one of the cell.
        """
        decode = decode_mask if self.in_lists else decode_cell
        try:
            return decode(one.mask, self.form, size)
        except CodecError as error:
            if error.column is None:
                raise
            raise RleError(error.message, column=error.column + one.column - 1) from error

    @cached_property
    def _labels(self) -> dict[str, dict[str, int]]:
        """The index of each class, by the field that names it and the text there."""
        n = max(1, len(self.form.classes))
        from_0 = {str(i): i for i in range(n)}
        from_1 = {str(i + 1): i for i in range(n)}
        names = {name: i for i, name in enumerate(self.form.classes)} or {"": 0}
        plain = names if self.form.classes else from_0
        return {
            "class": from_0,
            "class_number": from_1,
            "class_name": names,
            "{label}": plain,
            "{index}": from_0,
            "{number}": from_1,
        }

    def _item(self, one: ObjectEntry) -> str:
        texts = {
            "{label}": self.form.classes[one.label] if self.form.classes else "0",
            "{index}": str(one.label),
            "{number}": str(one.label + 1),
            "{conf}": score_text(one.score),
            "{mask}": one.mask,
        }
        return self.form.sep.join(texts.get(word, word) for word in self._words)

    def _items(self, text: str) -> Iterator[ObjectEntry]:
        sep, n = self.form.sep, len(self._words)
        parts = text.split(sep)
        if "" in parts:
            at = 1 + sum(len(part) + len(sep) for part in parts[: parts.index("")])
            fix = f"write {sep!r} once between two words, and none at the ends"
            raise CellError("lists with a word missing", fix, detail=repr(text[:20]), column=at)
        if len(parts) % n:
            raise CellError(
                f"lists that are not of {plural(n, 'word')} an object",
                f"write {' '.join(self._words)} for each object",
                detail=f"{plural(len(parts), 'word')}",
                column=1,
            )
        at = 1
        for first in range(0, len(parts), n):
            yield self._one(parts[first : first + n], at)
            at += sum(map(len, parts[first : first + n])) + n * len(sep)

    def _one(self, parts: Sequence[str], at: int) -> ObjectEntry:
        mask, label, score, mask_at = "", 0, np.float32(1), at
        for word, part in zip(self._words, parts, strict=True):
            if word == "{mask}":
                mask, mask_at = part, at
            elif word == "{conf}":
                score = _confidence(part, at)
            elif word in self._labels:
                known = self._labels[word]
                if part not in known:
                    raise _unknown_label(part, known, at)
                label = known[part]
            elif part != word:
                raise CellError(
                    f"words that are not {word!r}",
                    f"write {word}",
                    detail=repr(part[:20]),
                    column=at,
                )
            at += len(part) + len(self.form.sep)
        return ObjectEntry(mask, label, score, mask_at)


def score_text(score: Any) -> str:
    """Return a score as the shortest plain decimal number that reads back as the same float32."""
    return np.format_float_positional(np.float32(score), trim="-")


def _confidence(text: str, column: int, position: int | None = None) -> np.float32:
    try:
        found = parse_number(text)
    except CellError as error:
        raise CellError(
            error.title, error.remedy, detail=repr(text[:20]), column=column, position=position
        ) from None
    if not 0 <= found <= 1 or math.isnan(found):
        raise CellError(
            "confidences outside [0, 1]",
            "write a score of 0 to 1",
            detail=repr(text[:20]),
            column=column,
            position=position,
        )
    return np.float32(found)


def _unknown_label(
    text: str, known: dict[str, int], column: int, position: int | None = None
) -> CellError:
    fix = f"known are {', '.join(list(known)[:10])}"
    return CellError(
        "unknown classes", fix, detail=repr(text[:40]), column=column, position=position
    )


def refuse_objects(
    sample_id: str, objects: Instances, form: SubmissionFormat, size: Size | None
) -> None:
    """Refuse objects that a file of `form` cannot hold, or of another size than the image.

    Raises:
        SubmissionError: what is wrong.
    """
    if size is not None and objects.size != tuple(size):
        raise SubmissionError(
            f"the objects of {sample_id!r} are of {objects.size} pixels, its image {tuple(size)}",
            fix="bring masks to the competition's frame, (height, width), before they are decided",
        )
    n = max(1, len(form.classes))
    if len(objects) and not (objects.classes.min() >= 0 and objects.classes.max() < n):
        raise SubmissionError(
            f"the classes of the objects of {sample_id!r} must be 0 to {n - 1}, "
            f"got {sorted(set(objects.classes.tolist()))}"
        )
    sure = objects.scores
    if len(sure) and not (np.isfinite(sure) & (sure >= 0) & (sure <= 1)).all():
        raise SubmissionError(f"the scores of the objects of {sample_id!r} must be in [0, 1]")
    if len(objects) and not objects.areas.all():
        raise SubmissionError(f"an object of {sample_id!r} has no pixel", fix="leave it out")


_HELD_AT_MOST = 256 << 20


@dataclass(frozen=True, slots=True)
class RowSpan:
    """Rows of an image that follow one another: the byte of the first one, and how many."""

    offset: int
    n_rows: int


class ObjectChecker:
    """Checks the objects of a file, image by image.

    Args:
        expected: what the file must hold; masks of an image of unknown size may have any.
        problems: where the faults go.
        path: of the file, for a second pass where rows of an image are apart.
        places: gets where the rows of each image lie; None: not needed.
    """

    in_blocks = False

    def __init__(
        self,
        expected: ExpectedRows,
        problems: Problems,
        *,
        path: Path,
        places: dict[str, list[RowSpan]] | None = None,
    ) -> None:
        self._expected, self._problems, self._path = expected, problems, path
        self._form, self._places = expected.form, places
        self._cells = _ImageChecker(expected, problems)
        self._apart: set[str] = set()
        self._n_numbered: dict[str, int] = {}

    @property
    def longest(self) -> int:
        """How many bytes a line may have."""
        return self._expected.sizes.longest()

    def see(self, parts: Iterator[CsvLine | CsvBlock], keys: KeyCheck) -> None:
        """Take note of all rows: of objects, or of lists of them."""
        for key, lines in groupby(lines_of(parts), key=lambda line: self._form.key(line.cells)):
            image, n_rows, offset = self._cells.image(key), 0, 0
            for line in lines:
                if n_rows == 0:
                    offset = line.offset
                if n_rows == 0 or not self._form.rows_are_objects:
                    is_first = keys.see(key, line.number)
                    image.is_expected = image.size is not None or keys.expects(key)
                    if self._form.rows_are_objects and not is_first:
                        self._apart.add(key)
                n_rows += 1
                self._cells.see(image, line)
                self._check_number(key, line)
            if self._places is not None:
                self._places.setdefault(key, []).append(RowSpan(offset, n_rows))

    def _check_number(self, key: str, line: CsvLine) -> None:
        """Refuse a row whose id does not number its object as the next one of its image."""
        form = self._form
        if not form.numbers_objects:
            return
        expected = self._n_numbered.get(key, 0) + form.index_base
        self._n_numbered[key] = expected + 1 - form.index_base
        cell = line.cells[form.key_columns[0]]
        if form.object_number(cell) not in (None, expected):
            self._problems.add(
                "objects that are not numbered one after the other",
                f"{cell!r}, not number {expected}",
                line=line.number,
                fix=f"number the rows of each image from {form.index_base}, as {form.id} has it",
            )

    def finish(self) -> None:
        """Report what concerns all rows, and compare those of an image that are apart."""
        self._cells.finish()
        if self._apart:
            _compare_apart(self._path, self._expected, self._problems, self._apart)


class _ImagePixels:
    """The rows of one image so far: the pixels of its objects, and which object had them first.

    Args:
        key: the image's name in the file.
        size: (height, width), or None where it is unknown.
    """

    def __init__(self, key: str, size: Size | None) -> None:
        self.key, self.size = key, size
        self.is_expected = True
        self.n_rows = self.n_empty = 0
        self._owners: NDArray[np.int32] | None = None
        self._names: list[str] = []

    @property
    def n_objects(self) -> int:
        """Number of objects so far."""
        return len(self._names)

    @property
    def nbytes(self) -> int:
        return 0 if self._owners is None else self._owners.nbytes

    def clash(self, plane: NDArray[np.bool_], name: str, before: int | None = None) -> str | None:
        """Take the pixels of an object; return the name of one that has one of them already.

        With `before` only the first so many objects count.
        """
        if self._owners is None:
            self._owners = np.zeros(plane.shape, dtype=np.int32)
        rows = np.flatnonzero(plane.any(axis=1))
        part = np.s_[rows[0] : rows[-1] + 1]  # most objects are small
        owners, pixels = self._owners[part], plane[part]
        others = owners[pixels]
        if before is not None:
            others = others[others <= before]
        first = int(others.max(initial=0))
        self._names.append(name)
        owners[pixels] = len(self._names)
        return self._names[first - 1] if first else None


class _ImageChecker:
    """Checks the objects of a file one by one, then reports what concerns all of them."""

    def __init__(self, expected: ExpectedRows, problems: Problems) -> None:
        form = expected.form
        self._form, self._sizes, self._problems = form, expected.sizes, problems
        self._faults = CellFaults(form, problems)
        self._objects = ObjectCells(form)
        self._owners = owners_of(form)
        fields = list(form.columns.values())
        self._size_columns: dict[str, int] = {
            name: fields.index(name) for name in ("height", "width") if name in fields
        }
        self._n_objects = self._n_sizeless = 0

    def image(self, key: str) -> _ImagePixels:
        """Return an image without rows yet."""
        return _ImagePixels(key, self._sizes.of(self._sizes.owner(self._owners(key))))

    def see(self, image: _ImagePixels, line: CsvLine) -> None:
        """Take note of one row of `image`."""
        self.see_emptiness(image, line)
        for name, plane in self.planes(image, line):
            other = image.clash(plane, name) if self._form.overlap == "forbid" else None
            if other is not None:
                self.report_clash(image, line, name, other)

    def see_emptiness(self, image: _ImagePixels, line: CsvLine) -> None:
        """Refuse a row without an object beside other rows of its image."""
        is_empty = line.cells[self._form.value_column] == self._form.empty
        image.n_rows += 1
        image.n_empty += is_empty
        if image.n_rows > 1 and image.n_empty and not self._objects.in_lists:
            self._problems.add(
                "images with an empty row beside others",
                repr(image.key),
                line=line.number,
                fix="an image without objects has one row; one with objects has none that is empty",
            )

    def planes(self, image: _ImagePixels, line: CsvLine) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Yield the objects of a row that can be read, by the place where they stand."""
        form, size = self._form, image.size or self._declared(line)
        self._check_declared(image, line)
        if line.cells[form.value_column] == form.empty:
            self._check_class_of_nothing(image, line)
            return
        try:
            parsed = self._objects.parsed(line.cells)
        except CellError as error:
            self._faults.add(error, line.number, row_name=image.key)
            return
        self._n_objects += len(parsed)
        self._n_sizeless += len(parsed) if image.is_expected and not size else 0
        for number, one in enumerate(parsed, start=1):
            try:
                plane = self._objects.plane(one, size or size_bound(one.mask, form))
            except TextError as error:
                fault = describe_fault(one.mask, form, size, error)
                self._faults.add(fault, line.number, row_name=image.key)
                continue
            if not plane.any():
                fix = f"leave it out; write {form.empty!r} for an image without objects"
                self._add(image, line, "objects without a pixel", f"character {one.column}", fix)
            elif size:
                lists = self._objects.in_lists
                yield f"object {number}" if lists else f"line {line.number}", plane

    def report_clash(self, image: _ImagePixels, line: CsvLine, name: str, other: str) -> None:
        """Report two objects that share pixels."""
        fix = "assign each pixel to one object: Instances.without_overlap()"
        self._add(image, line, "objects that share pixels", f"{name} and {other}", fix)

    def _add(
        self,
        image: _ImagePixels,
        line: CsvLine,
        title: str,
        detail: str,
        fix: str,
        position: int | None = None,
    ) -> None:
        error = CellError(title, fix, detail=detail, position=position)
        self._faults.add(error, line.number, row_name=image.key)

    def _check_class_of_nothing(self, image: _ImagePixels, line: CsvLine) -> None:
        """Check the class cell of a row without an object: a class, or blank."""
        try:
            self._objects.label(line.cells)
        except CellError as error:
            if error.position is not None and line.cells[error.position]:
                self._faults.add(error, line.number, row_name=image.key)

    def _declared(self, line: CsvLine) -> Size | None:
        """Return the size in the row, or None where it has none."""
        if len(self._size_columns) < 2:
            return None
        texts = [line.cells[self._size_columns[name]] for name in ("height", "width")]
        if not all(is_count(text) for text in texts):
            return None
        height, width = map(int, texts)
        return (height, width) if height * width < 2**31 else None

    def _check_declared(self, image: _ImagePixels, line: CsvLine) -> None:
        for axis, name in enumerate(("height", "width")):
            at = self._size_columns.get(name)
            if at is None:
                continue
            text = line.cells[at]
            if not is_count(text):
                fix = "write whole numbers of pixels"
                self._add(image, line, "no number of pixels", repr(text[:20]), fix, at)
            elif image.size is not None and int(text) != image.size[axis]:
                swapped = int(text) == image.size[1 - axis]
                self._add(
                    image,
                    line,
                    f"another {name} than the image's",
                    f"{text}, not {image.size[axis]}",
                    "swap height and width" if swapped else "write the image's own size",
                    at,
                )

    def finish(self) -> None:
        """Report the problems that show only at the end."""
        if self._n_objects == 0:
            fix = "check the thresholds, unless it is meant so"
            self._problems.add("no image has an object", fix=fix, level="warning")
        warn_of_unknown_sizes(self._problems, self._sizes, self._n_sizeless)


def _compare_apart(path: Path, expected: ExpectedRows, problems: Problems, apart: set[str]) -> None:
    """Compare the rows of images that do not follow one another with those before them."""
    known, form = Problems(), expected.form  # the first pass reported faults of single rows
    cells, across = _ImageChecker(expected, known), _ImageChecker(expected, problems)
    images: dict[str, _ImagePixels] = {}
    n_dropped = 0
    longest = expected.sizes.longest()
    if expected.within is not None:
        longest = plain_text(path, expected.of_file).stat().st_size + 1
    body = own_lines(read_body(path, expected.of_file, known, longest=longest), expected)
    for key, lines in groupby(body, key=lambda line: form.key(line.cells)):
        if key not in apart:
            continue
        image = images.pop(key, None) or cells.image(key)
        before = image.n_objects
        # The first pass compared rows that follow one another.
        is_new = image.n_rows == 0
        for line in lines:
            (cells if is_new else across).see_emptiness(image, line)
            for name, plane in cells.planes(image, line):
                if form.overlap == "forbid":
                    other = image.clash(plane, name, before)
                    if other is not None:
                        across.report_clash(image, line, name, other)
        images[key] = image
        while sum(one.nbytes for one in images.values()) > _HELD_AT_MOST and len(images) > 1:
            del images[next(iter(images))]
            n_dropped += 1
    if n_dropped:
        problems.add(
            f"whether objects share pixels was not checked in {plural(n_dropped, 'image')}: "
            "their rows lie too far apart",
            fix="write the rows of an image one after the other",
            level="warning",
        )
