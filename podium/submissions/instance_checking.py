"""All that is wrong with a file of objects, and where the rows of each image lie.

One image is in memory at a time. Rows of an image that are apart from one another are compared in a
second pass over the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.codecs.rle import RleError
from podium.submissions.format import Format
from podium.submissions.instance_cells import ItemError, ObjectCells
from podium.submissions.keys import KeyCheck
from podium.submissions.lines import Line
from podium.submissions.mask_cells import fault_of, room_for
from podium.submissions.mask_sizes import MaskSizes, Size, warn_of_unknown_sizes
from podium.submissions.owners import owners_of
from podium.submissions.problems import Problem, Problems
from podium.submissions.read import read_body

__all__ = ["Place", "check_instances", "inspect_instances"]

_HELD_AT_MOST = 256 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Rows of an image that follow one another: the byte of the first one, and how many."""

    offset: int
    n_rows: int


def check_instances(
    path: Path, form: Format, expected: Iterable[str] | None, sizes: MaskSizes, *, said_by: str
) -> list[Problem]:
    """Return every problem of the file at `path`, errors first.

    Args:
        path: the submission file.
        form: its format, with `rows: instance` or a list of objects in a cell.
        expected: the names of the images that must be there, gone through more than once; None
            when nobody says which. With `empty_row: drop` they may be missing.
        sizes: of the images; masks of one whose size is not known may have any.
        said_by: who says what is expected.
    """
    problems = Problems()
    _inspect(path, form, expected, sizes, problems, None, said_by=said_by)
    return problems.listed()


def inspect_instances(
    path: Path, form: Format, expected: Iterable[str] | None, sizes: MaskSizes, *, said_by: str
) -> tuple[list[Problem], dict[str, list[Place]]]:
    """Return every problem of the file, and where the rows of each image lie, by its name."""
    problems, places = Problems(), dict[str, list[Place]]()
    _inspect(path, form, expected, sizes, problems, places, said_by=said_by)
    return problems.listed(), places


def _inspect(
    path: Path,
    form: Format,
    expected: Iterable[str] | None,
    sizes: MaskSizes,
    problems: Problems,
    places: dict[str, list[Place]] | None,
    *,
    said_by: str,
) -> None:
    is_list = form.rows == "image"
    keys = KeyCheck(
        expected,
        said_by,
        problems,
        may_repeat=not is_list,
        may_be_missing=not is_list and form.empty_row == "drop",
    )
    cells = _Cells(form, sizes, problems)
    apart: set[str] = set()
    for block in _images(read_body(path, form, problems, longest=sizes.longest()), form):
        image, n_rows = cells.image(block.key), 0
        if not keys.see(block.key, block.first.number) and not is_list:
            apart.add(block.key)
        for line in block.lines:
            if is_list and n_rows:
                keys.see(block.key, line.number)
            n_rows += 1
            cells.see(image, line)
        if places is not None:
            places.setdefault(block.key, []).append(Place(block.first.offset, n_rows))
    if problems.unread:
        return
    keys.finish()
    cells.finish()
    if apart:
        _compare_apart(path, form, sizes, problems, apart)


@dataclass(frozen=True)
class _Block:
    """Rows of one image that follow one another; to be gone through before the next block."""

    key: str
    first: Line
    lines: Iterator[Line]


def _images(lines: Iterator[Line], form: Format) -> Iterator[_Block]:
    """Yield the rows image by image."""
    waiting: Line | None = next(lines, None)

    def of(key: str) -> Iterator[Line]:
        nonlocal waiting
        while waiting is not None and form.key(waiting.cells) == key:
            line, waiting = waiting, None
            yield line
            waiting = next(lines, None)

    while waiting is not None:
        key = form.key(waiting.cells)
        yield _Block(key, waiting, of(key))


class _Image:
    """The rows of one image so far: which pixels its objects have, and who had them first.

    Args:
        key: the image's name in the file.
        size: (height, width), or None where nobody knows it.
    """

    def __init__(self, key: str, size: Size | None) -> None:
        self.key, self.size = key, size
        self.n_rows = self.n_empty = 0
        self._whose: NDArray[np.int32] | None = None
        self._names: list[str] = []

    @property
    def n_objects(self) -> int:
        """How many objects were taken."""
        return len(self._names)

    @property
    def nbytes(self) -> int:
        return 0 if self._whose is None else self._whose.nbytes

    def clash(self, plane: NDArray[np.bool_], name: str, before: int | None = None) -> str | None:
        """Take the pixels of an object; return the name of one that has one of them already.

        With `before` only the first so many objects count.
        """
        if self._whose is None:
            self._whose = np.zeros(plane.shape, dtype=np.int32)
        rows = np.flatnonzero(plane.any(axis=1))
        part = np.s_[rows[0] : rows[-1] + 1]  # most objects are small
        whose, pixels = self._whose[part], plane[part]
        others = whose[pixels]
        if before is not None:
            others = others[others <= before]
        first = int(others.max(initial=0))
        self._names.append(name)
        whose[pixels] = len(self._names)
        return self._names[first - 1] if first else None


class _Cells:
    """Watches the objects of a file go by, then says what holds for all of them."""

    def __init__(self, form: Format, sizes: MaskSizes, problems: Problems) -> None:
        self._form, self._sizes, self._problems = form, sizes, problems
        self._objects = ObjectCells(form)
        self._owners = owners_of(form)
        fields = list(form.columns.values())
        self._size_columns: dict[str, int] = {
            name: fields.index(name) for name in ("height", "width") if name in fields
        }
        self._n_objects = self._n_sizeless = 0

    def image(self, key: str) -> _Image:
        """Return an image without rows yet."""
        found = [self._sizes.of(one) for one in self._owners(key)]
        known = [size for size in found if size is not None]
        return _Image(key, self._sizes.frame or (known[0] if known else None))

    def see(self, image: _Image, line: Line) -> None:
        """Take note of one row of `image`."""
        self.see_emptiness(image, line)
        for name, plane in self.planes(image, line):
            other = image.clash(plane, name) if self._form.overlap == "forbid" else None
            if other is not None:
                self.report_clash(image, line, name, other)

    def see_emptiness(self, image: _Image, line: Line) -> None:
        """Refuse a row that says nothing beside others of its image."""
        is_empty = line.cells[self._form.value_column] == self._form.empty
        image.n_rows += 1
        image.n_empty += is_empty
        if image.n_rows > 1 and image.n_empty and not self._objects.in_lists:
            self._problems.add(
                "images with a row that says nothing beside others",
                repr(image.key),
                line=line.number,
                fix="an image without objects has one row; one with objects has none that is empty",
            )

    def planes(self, image: _Image, line: Line) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Yield the objects of a row that can be read, by the place where they stand."""
        form, size = self._form, image.size or self._declared(line)
        self._check_declared(image, line)
        if line.cells[form.value_column] == form.empty:
            self._check_class_of_nothing(image, line)
            return
        try:
            said = self._objects.said(line.cells)
        except ItemError as error:
            self._fault(image, line, error)
            return
        self._n_objects += len(said)
        self._n_sizeless += 0 if size else len(said)
        for number, one in enumerate(said, start=1):
            try:
                plane = self._objects.plane(one, size or room_for(one.mask, form))
            except RleError as error:
                fault = fault_of(one.mask, form, size, error)
                self._add(fault.title, f"{image.key!r} {fault.detail}", line, fault.fix)
                continue
            if not plane.any():
                offender = f"{image.key!r} character {one.column}"
                fix = f"leave it out; write {form.empty!r} for an image without objects"
                self._add("objects without a pixel", offender, line, fix)
            elif size:
                lists = self._objects.in_lists
                yield f"object {number}" if lists else f"line {line.number}", plane

    def report_clash(self, image: _Image, line: Line, name: str, other: str) -> None:
        """Report two objects that share pixels."""
        offender = f"{image.key!r} {name} and {other}"
        fix = "give each pixel to one object: Instances.without_overlap()"
        self._add("objects that share pixels", offender, line, fix)

    def _fault(self, image: _Image, line: Line, error: ItemError) -> None:
        offender = f"{image.key!r} character {error.column}: {error.message}"
        self._add(error.title, offender, line, error.remedy, error.position)

    def _add(
        self, title: str, offender: str, line: Line, fix: str, position: int | None = None
    ) -> None:
        at = self._form.value_column if position is None else position
        name = self._form.header[at]
        self._problems.add(f"column {name!r}: {title}", offender, line=line.number, fix=fix)

    def _check_class_of_nothing(self, image: _Image, line: Line) -> None:
        """A row that says nothing has a class all the same, or a blank."""
        try:
            self._objects.label(line.cells)
        except ItemError as error:
            if error.position is not None and line.cells[error.position]:
                self._fault(image, line, error)

    def _declared(self, line: Line) -> Size | None:
        """Return the size that the row says, or None where it says none."""
        if len(self._size_columns) < 2:
            return None
        texts = [line.cells[self._size_columns[name]] for name in ("height", "width")]
        if not all(_is_count(text) for text in texts):
            return None
        height, width = map(int, texts)
        return (height, width) if height * width < 2**31 else None

    def _check_declared(self, image: _Image, line: Line) -> None:
        for axis, name in enumerate(("height", "width")):
            at = self._size_columns.get(name)
            if at is None:
                continue
            text = line.cells[at]
            if not _is_count(text):
                fix = "write whole numbers of pixels"
                self._add("no number of pixels", f"{image.key!r} {text[:20]!r}", line, fix, at)
            elif image.size is not None and int(text) != image.size[axis]:
                swapped = int(text) == image.size[1 - axis]
                self._add(
                    f"another {name} than the image's",
                    f"{image.key!r} {text}, not {image.size[axis]}",
                    line,
                    "swap height and width" if swapped else "write the image's own size",
                    at,
                )

    def finish(self) -> None:
        """Report what can be said at the end."""
        if self._n_objects == 0:
            fix = "check the thresholds, unless it is meant so"
            self._problems.add("no image has an object", fix=fix, level="warning")
        warn_of_unknown_sizes(self._problems, self._sizes, self._n_sizeless)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0


def _compare_apart(
    path: Path, form: Format, sizes: MaskSizes, problems: Problems, apart: set[str]
) -> None:
    """Compare the rows of images that do not follow one another with those before them."""
    known = Problems()  # what is wrong with a single row was told in the first pass
    cells, told = _Cells(form, sizes, known), _Cells(form, sizes, problems)
    images: dict[str, _Image] = {}
    n_dropped = 0
    for block in _images(read_body(path, form, known, longest=sizes.longest()), form):
        if block.key not in apart:
            for _ in block.lines:
                pass
            continue
        image = images.pop(block.key, None) or cells.image(block.key)
        before = image.n_objects
        # Of rows that follow one another the first pass has told what holds among them.
        is_new = image.n_rows == 0
        for line in block.lines:
            (cells if is_new else told).see_emptiness(image, line)
            for name, plane in cells.planes(image, line):
                if form.overlap == "forbid":
                    other = image.clash(plane, name, before)
                    if other is not None:
                        told.report_clash(image, line, name, other)
        images[block.key] = image
        while sum(one.nbytes for one in images.values()) > _HELD_AT_MOST and len(images) > 1:
            del images[next(iter(images))]
            n_dropped += 1
    if n_dropped:
        problems.add(
            f"whether objects share pixels was not checked in {n_dropped:,} images: their rows lie "
            "too far apart",
            fix="write the rows of an image one after the other",
            level="warning",
        )
