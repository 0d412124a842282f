"""Files of pixels: written in the order of the sample, and read as arrays, image by image.

Some thousand rows are in memory at a time; the values of all images wait in a `PixelStore` on the
disk, which can be written and read in any order.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, overload

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import IGNORE
from podium.competition.spec import Competition
from podium.errors import DataError, SubmissionError, some
from podium.submissions.format.mask_sizes import MaskSizes, Size, sizes_of_test
from podium.submissions.format.pixels import (
    AllPixels,
    ImagePixels,
    PixelCells,
    expected_pixels,
    inspect_pixels,
    pixels_by_image,
)
from podium.submissions.format.reading import refuse
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.format.writing import csv_line, refuse_other_rows, refuse_read_back
from podium.workspace.atomic import replacing

__all__ = ["open_pixels", "read_pixels", "write_pixel_rows", "write_pixels"]


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
    form = format_of(competition)
    known = sizes_of_test(competition, sizes)
    expected, rows_source = expected_pixels(competition, form, known)
    write_pixel_rows(path, form, expected, values, known, rows_source=rows_source)
    return path


def write_pixel_rows(
    path: Path,
    form: SubmissionFormat,
    expected: Iterable[str],
    values: Iterable[tuple[str, NDArray[Any]]],
    sizes: MaskSizes,
    *,
    rows_source: str = "the test set",
) -> None:
    """Write `values` as the rows named `expected`, in that order; see `write_pixels`.

    `expected` is gone through more than once.
    """
    if form.rows != "pixel" or not form.kind.is_one_class:
        raise SubmissionError(
            f"the format has rows of {form.rows} and {form.kind.named} task, not one value a pixel",
            fix="write masks with write_masks",
        )
    cells = PixelCells(form)
    with replacing(path) as temporary, PixelStore(temporary.parent) as store:
        for sample_id, array in values:
            plane = cells.checked(sample_id, array)
            size = sizes.of(sample_id)
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
            _write(file, form, expected, store, rows_source)
        _compare(temporary, path, form, expected, store)


def _write(
    file: BinaryIO,
    form: SubmissionFormat,
    expected: Iterable[str],
    store: PixelStore,
    rows_source: str,
) -> None:
    wanted, missing, n_missing = dict[str, None](), list[str](), 0
    file.write(csv_line(form.header))
    for part in pixels_by_image(form, expected):
        wanted[part.sample_id] = None
        is_there = store.has(part)
        if is_there.all():
            file.write(b"".join(_lines(part, form, store.plane(part.sample_id))))
        else:
            absent = np.flatnonzero(~is_there)
            n_missing += len(absent)
            missing += [part.names[i] for i in absent[: _SHOWN - len(missing)].tolist()]
    extra = [one for one in store.ids if one not in wanted]
    refuse_other_rows(missing, extra, rows_source, n=(n_missing, len(extra)))


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


def _compare(
    temporary: Path, path: Path, form: SubmissionFormat, expected: Iterable[str], store: PixelStore
) -> None:
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

    problems = inspect_pixels(temporary, form, expected, visit, rows_source="the predictions")
    errors = [one for one in problems if one.level == "error"]
    if errors or wrong or not n_read:
        refuse_read_back(path, errors, wrong)


Values = NDArray[np.float32] | NDArray[np.uint8]


def read_pixels(
    path: Path,
    form: SubmissionFormat,
    ids: Sequence[str],
    sizes: MaskSizes,
    *,
    expected: Iterable[str] | None = None,
    rows_source: str = "the test set",
) -> Iterator[tuple[str, Values]]:
    """Return (id, values) of the images `ids`, in their order; the whole file is checked first.

    The values wait on the disk, four bytes a pixel.

    Args:
        path: the submission file.
        form: its format, with `rows: pixel`.
        ids: of the images.
        sizes: of them; every one is needed.
        expected: the names of the rows that must be there, if possible in the order of the file:
            then reading is fast. Default: every pixel of the images.
        rows_source: the source of the expected rows, for messages.

    Returns:
        Values float32 `(H, W)`, nan for a pixel that `expected` does not name; of a format that
        holds classes a mask, uint8, `IGNORE` for such a pixel.

    Raises:
        SubmissionError: pixels are missing, extra or repeated, or anything about the file's shape,
            encoding or values; all problems in one.
        DataError: the size of an image is unknown, or `expected` names pixels outside of it.
    """
    found = open_pixels(path, form, ids, sizes, expected=expected, rows_source=rows_source)
    return zip(ids, found, strict=True)


def open_pixels(
    path: Path,
    form: SubmissionFormat,
    ids: Sequence[str],
    sizes: MaskSizes,
    *,
    expected: Iterable[str] | None = None,
    rows_source: str = "the test set",
) -> PixelsOfFile:
    """Return the values of the images `ids`, in their order; arguments as `read_pixels`."""
    keys = AllPixels(form, ids, sizes) if expected is None else expected
    # Not beside the file, whose folder may be read-only.
    store = PixelStore(Path(tempfile.gettempdir()))
    try:
        for sample_id in ids:
            size = sizes.of(sample_id)
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

        refuse(path, inspect_pixels(path, form, keys, visit, rows_source=rows_source))
        if outside:
            raise SubmissionError(f"rows of pixels outside of their images: {some(outside)}")
    except BaseException:
        store.close()
        raise
    return PixelsOfFile(form, ids, store)


@dataclass(frozen=True)
class PixelsOfFile(Sequence[Values]):
    """The values of the images `ids` of a file that was read; they wait on the disk."""

    form: SubmissionFormat
    ids: Sequence[str]
    store: PixelStore

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Values: ...
    @overload
    def __getitem__(self, index: slice) -> list[Values]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        values = np.array(self.store.plane(self.ids[index]))
        if PixelCells(self.form).are_numbers:
            return values
        return np.where(np.isnan(values), IGNORE, values).astype(np.uint8)


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
