"""Files of pixels: written in the order of the sample, and read as arrays, image by image.

Some thousand rows are in memory at a time; the values of all images wait in a `PixelStore` on the
disk, which can be written and read in any order.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError, SubmissionError, some
from podium.submissions.format.cells import AnswersOfFile, ExpectedRows
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.file_formats import csv_line, in_form
from podium.submissions.format.mask_sizes import Size
from podium.submissions.format.pixels import (
    ImagePixels,
    PixelCells,
    PixelChecker,
    pixels_by_image,
)
from podium.submissions.format.reading import inspect_rows, refuse
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.format.writing import refuse_other_rows, refuse_read_back
from podium.workspace.atomic import replacing

__all__ = ["read_pixels", "write_pixels", "write_planes"]


_SHOWN = 1000


def write_pixels(
    path: Path,
    competition: Competition,
    values: Iterable[tuple[str, NDArray[Any]]],
    sizes: Mapping[str, Size] | None = None,
) -> Path:
    """Write the pixels of the test set in the competition's format and return `path`.

    `values` is iterated once; its arrays wait on the disk, four bytes a pixel, until its rows are
    due. They stand in the order of the sample submission, whatever that is; without a sample image
    by image, and down the columns with `rle.order: F`. The finished file is read back and compared
    with `values` before it replaces anything at `path`.

    Args:
        path: the CSV to write.
        competition: its `submission` is the format, its `frame` the size of an image.
        values: (id, values) of each image, each once, in any order: `(H, W)`, float in [0, 1] where
            cells hold probabilities or grey values, compared as float32; else the decided mask,
            uint8 with 0 for background.
        sizes: (height, width) of the images in the frame, by id; default: the frame, or with
            `frame: native` the sizes in the headers of the test images.

    Raises:
        SubmissionError: the sample names other pixels than those of the images, values have another
            shape or range than the format and the frame require, or the file read back differs from
            the values.
        DataError: the competition's sample or spec cannot be used.
    """
    return write_planes(path, expected_of_test(competition, sizes), values)


def write_planes(
    path: Path, expected: ExpectedRows, values: Iterable[tuple[str, NDArray[Any]]]
) -> Path:
    """Write `values` as the rows of `expected` and return `path`; see `write_pixels`."""
    form = expected.form
    if form.rows != "pixel" or not form.kind.is_one_class:
        raise SubmissionError(
            f"the format has rows of {form.rows} and {form.kind.named} task, not one value a pixel",
            fix="write masks with write_masks",
        )
    cells = PixelCells(form)
    with replacing(path) as temporary, PixelStore(temporary.parent) as store:
        for sample_id, array in values:
            plane = cells.checked(sample_id, array)
            size = expected.sizes.of(sample_id)
            if size is not None and plane.shape != tuple(size):
                raise SubmissionError(
                    f"the values of {sample_id!r} must have the shape {tuple(size)}, "
                    f"got {plane.shape}",
                    fix="bring them to the competition's frame, (height, width)",
                )
            if sample_id in store:
                raise SubmissionError(
                    f"ids stand more than once in the predictions: {some([sample_id])}"
                )
            store.add(sample_id, plane)
        with temporary.open("wb") as file:
            _write(file, expected, store)
        in_form(temporary, form)
        _compare(temporary, path, expected, store)
    return path


def _write(file: BinaryIO, expected: ExpectedRows, store: PixelStore) -> None:
    form, named, missing, n_missing = expected.form, dict[str, None](), list[str](), 0
    file.write(csv_line(form.header))
    for part in pixels_by_image(form, expected.rows or ()):
        named[part.sample_id] = None
        is_there = store.has(part)
        if is_there.all():
            file.write(b"".join(_lines(part, form, store.plane(part.sample_id))))
        else:
            absent = np.flatnonzero(~is_there)
            n_missing += len(absent)
            missing += [part.names[i] for i in absent[: _SHOWN - len(missing)].tolist()]
    extra = [one for one in store.ids if one not in named]
    refuse_other_rows(missing, extra, expected.rows_source, n=(n_missing, len(extra)))


def _lines(
    part: ImagePixels, form: SubmissionFormat, plane: NDArray[np.float32]
) -> Iterator[bytes]:
    texts = PixelCells(form).texts(plane[part.rows, part.columns])
    # The other columns are the same in all rows of an image.
    size = plane.shape[0], plane.shape[1]
    row = form.row_cells(part.sample_id, None, [""], size=size, row=0, column=0)
    (name_at,) = form.key_columns
    for name, text in zip(part.names, texts, strict=True):
        row[name_at], row[form.value_column] = name, text
        yield csv_line(row)


def _compare(temporary: Path, path: Path, expected: ExpectedRows, store: PixelStore) -> None:
    """Read the written file back; anything but what was meant is an error."""
    wrong: list[str] = []
    n_read = 0

    def visit(part: ImagePixels, values: NDArray[np.float32]) -> None:
        nonlocal n_read
        n_read += len(values)
        if not store.has(part).all():
            return  # names that nobody expects are refused by themselves
        meant = store.plane(part.sample_id)[part.rows, part.columns]
        differ = np.flatnonzero(meant != values)
        wrong.extend(part.names[i] for i in differ[: _SHOWN - len(wrong)].tolist())

    meant_rows = replace(expected, rows_source="the predictions")
    problems = inspect_rows(temporary, meant_rows, partial(PixelChecker, visit=visit))
    errors = [one for one in problems if one.level == "error"]
    if errors or wrong or not n_read:
        refuse_read_back(path, errors, wrong)


Values = NDArray[np.float32] | NDArray[np.uint8]


def read_pixels(path: Path, expected: ExpectedRows) -> AnswersOfFile[str, Values]:
    """Return the values of `expected.ids`, in their order; the whole file is checked first.

    The values wait on the disk, four bytes a pixel. Reading is fast where the rows of the file are
    in the order of the expected ones.

    Returns:
        Values float32 `(H, W)`, nan for a pixel without a row; of a format that holds classes a
        mask, uint8, `IGNORE` for such a pixel.

    Raises:
        SubmissionError: as the checker finds them, all errors in one.
        DataError: the size of an image is unknown, or rows are of pixels outside of it.
    """
    # Not beside the file, whose folder may be read-only.
    store = PixelStore(Path(tempfile.gettempdir()))
    try:
        _fill(store, path, expected)
    except BaseException:
        store.close()
        raise
    are_numbers = PixelCells(expected.form).are_numbers

    def read(sample_id: str) -> Values:
        values = np.array(store.plane(sample_id))
        return (
            values if are_numbers else np.where(np.isnan(values), IGNORE, values).astype(np.uint8)
        )

    return AnswersOfFile(expected.ids, read)


def _fill(store: PixelStore, path: Path, expected: ExpectedRows) -> None:
    """Put the values of a file into an empty store."""
    for sample_id in expected.ids:
        size = expected.sizes.of(sample_id)
        if size is None:
            raise DataError(f"the size of the image {sample_id!r} is not known")
        store.add(sample_id, np.full(size, np.nan, dtype=np.float32))
    outside: list[str] = []

    def visit(part: ImagePixels, values: NDArray[np.float32]) -> None:
        is_there = store.has(part)
        if is_there.all():
            store.plane(part.sample_id)[part.rows, part.columns] = values
        else:
            outside.append(part.names[int(np.argmin(is_there))])

    refuse(path, inspect_rows(path, expected, partial(PixelChecker, visit=visit)))
    if outside:
        raise SubmissionError(f"rows of pixels outside of their images: {some(outside)}")


_BYTES = 4


class PixelStore:
    """A float32 for each pixel, in a file without a name that goes with the process.

    Args:
        folder: on whose disk the file lies.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 — `close` closes it
        weakref.finalize(self, self._file.close)
        self._places: dict[str, tuple[int, tuple[int, int]]] = {}
        self._end = 0
        self._open: tuple[str, NDArray[np.float32]] | None = None

    def __enter__(self) -> PixelStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __contains__(self, sample_id: str) -> bool:
        return sample_id in self._places

    @property
    def ids(self) -> list[str]:
        """The images that there are."""
        return list(self._places)

    def add(self, sample_id: str, values: NDArray[np.float32]) -> None:
        """Keep the values `(H, W)` of an image that is not there yet."""
        self._file.seek(self._end)
        self._file.write(np.ascontiguousarray(values, dtype=np.float32).tobytes())
        self._file.flush()
        self._places[sample_id] = self._end, (values.shape[0], values.shape[1])
        self._end += values.size * _BYTES

    def has(self, part: ImagePixels) -> NDArray[np.bool_]:
        """Return which of the pixels of `part` are there, `(n,)`."""
        shape = self._places[part.sample_id][1] if part.sample_id in self else (0, 0)
        return np.asarray((part.rows < shape[0]) & (part.columns < shape[1]))

    def plane(self, sample_id: str) -> NDArray[np.float32]:
        """Return the values `(H, W)` of an image; a change of the array is one of the store."""
        if self._open is not None and self._open[0] == sample_id:
            return self._open[1]
        offset, shape = self._places[sample_id]
        if shape[0] * shape[1] == 0:
            return np.zeros(shape, dtype=np.float32)
        found = np.memmap(self._file, np.float32, "r+", offset=offset, shape=shape)
        self._open = sample_id, found
        return found

    def close(self) -> None:
        """Forget everything."""
        self._open = None
        self._file.close()
