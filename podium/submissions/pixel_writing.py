"""Writing a file of pixels: in the order of the sample, some thousand rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.errors import SubmissionError, some
from podium.submissions.format import Format, format_of
from podium.submissions.mask_sizes import MaskSizes, Size, sizes_of_test
from podium.submissions.ordered_rows import csv_line, refuse_other_rows, refuse_read_back
from podium.submissions.pixel_cells import PixelCells
from podium.submissions.pixel_checking import inspect_pixels
from podium.submissions.pixel_keys import Part, expected_pixels, parts_of
from podium.submissions.pixel_store import PixelStore
from podium.workspace.atomic import replacing

__all__ = ["write_pixel_rows", "write_pixels"]

_SHOWN = 1000


def write_pixels(
    path: Path,
    competition: Competition,
    values: Iterable[tuple[str, NDArray[Any]]],
    sizes: Mapping[str, Size] | None = None,
) -> Path:
    """Write the pixels of the test set in the competition's format and return `path`.

    `values` is gone through once; what it gives waits on the disk, four bytes a pixel, until its
    rows are due. They stand in the order of the sample submission, whatever that is; without a
    sample image by image, and down the columns with `rle.order: F`. The finished file is read back
    and compared with what was given before it replaces anything at `path`.

    Args:
        path: the CSV to write.
        competition: its `submission` says the format, its `frame` how large an image is.
        values: (id, values) of each image, each once, in any order: `(H, W)`, float in [0, 1] where
            cells hold probabilities or grey values, compared as float32; else the decided mask,
            uint8 with 0 for background.
        sizes: (height, width) of the images in the frame, by id; default: the frame, or with
            `frame: native` what the headers of the test images say.

    Raises:
        SubmissionError: the sample names other pixels than those of the images, values have another
            shape or range than the format and the frame ask for, or what was read back is not what
            was meant.
        DataError: the competition's sample or spec cannot be used.
    """
    form = format_of(competition)
    known = sizes_of_test(competition, sizes)
    expected, said_by = expected_pixels(competition, form, known)
    write_pixel_rows(path, form, expected, values, known, said_by=said_by)
    return path


def write_pixel_rows(
    path: Path,
    form: Format,
    expected: Iterable[str],
    values: Iterable[tuple[str, NDArray[Any]]],
    sizes: MaskSizes,
    *,
    said_by: str = "the test set",
) -> None:
    """Write `values` as the rows named `expected`, in that order; see `write_pixels`.

    `expected` is gone through more than once.
    """
    if form.rows != "pixel" or form.kind not in ("binary", "multiclass"):
        raise SubmissionError(
            f"the format has rows of {form.rows} and a {form.kind} task, not one value a pixel",
            fix="write masks with write_masks",
        )
    cells = PixelCells(form)
    with replacing(path) as temporary, PixelStore(temporary.parent) as store:
        for sample_id, given in values:
            plane = cells.checked(sample_id, given)
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
            _write(file, form, expected, store, said_by)
        _compare(temporary, path, form, expected, store)


def _write(
    file: BinaryIO, form: Format, expected: Iterable[str], store: PixelStore, said_by: str
) -> None:
    wanted, missing, n_missing = dict[str, None](), list[str](), 0
    file.write(csv_line(form.header))
    for part in parts_of(form, expected):
        wanted[part.sample_id] = None
        is_there = store.has(part)
        if is_there.all():
            file.write(b"".join(_lines(part, form, store.plane(part.sample_id))))
        else:
            absent = np.flatnonzero(~is_there)
            n_missing += len(absent)
            missing += [part.names[i] for i in absent[: _SHOWN - len(missing)].tolist()]
    extra = [one for one in store.ids if one not in wanted]
    refuse_other_rows(missing, extra, said_by, n=(n_missing, len(extra)))


def _lines(part: Part, form: Format, plane: NDArray[np.float32]) -> Iterator[bytes]:
    texts = PixelCells(form).texts(plane[part.rows, part.columns])
    # The other columns are the same in all rows of an image.
    size = plane.shape[0], plane.shape[1]
    row = form.row_cells(part.sample_id, None, [""], size=size, row=0, column=0)
    (name_at,) = form.key_columns
    for name, text in zip(part.names, texts, strict=True):
        row[name_at], row[form.value_column] = name, text
        yield csv_line(row)


def _compare(
    temporary: Path, path: Path, form: Format, expected: Iterable[str], store: PixelStore
) -> None:
    """Read the written file back; anything but what was meant is an error."""
    wrong: list[str] = []
    n_read = 0

    def visit(part: Part, values: NDArray[np.float32]) -> None:
        nonlocal n_read
        n_read += len(values)
        if not store.has(part).all():
            return  # names that nobody expects are refused by themselves
        meant = store.plane(part.sample_id)[part.rows, part.columns]
        differ = np.flatnonzero(meant != values)
        wrong.extend(part.names[i] for i in differ[: _SHOWN - len(wrong)].tolist())

    problems = inspect_pixels(temporary, form, expected, visit, said_by="the predictions")
    errors = [one for one in problems if one.level == "error"]
    if errors or wrong or not n_read:
        refuse_read_back(path, errors, wrong)
