"""Writes and reads the predictions of a file, whatever its cells hold; `checking` checks them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.mask_files import mask_rows, read_masks
from podium.submissions.format.object_files import object_rows, read_objects
from podium.submissions.format.pixel_files import read_pixels, write_planes
from podium.submissions.format.reading import read_labels
from podium.submissions.format.writing import label_rows, write_rows

__all__ = ["read_answers", "write_answers"]


def write_answers(path: Path, wanted: ExpectedRows, answers: Iterable[Any]) -> Path:
    """Write predictions, which come in any order, as the rows that are `wanted`, and return `path`.

    `answers` is gone through once, and one of them is in memory at a time. Every cell is read
    again as it is written, and the finished file before it takes its name.

    Args:
        path: the CSV to write.
        wanted: what the file must hold.
        answers: what a format without masks holds as `PredictionBatch`; else (id, answer) of each
            image, each once: `Instances` of a format of objects, the values `(H, W)` of one of
            pixels, else a `Mask`.

    Raises:
        SubmissionError: ids are missing, extra or repeated, the format cannot hold an answer, or
            the file read back differs from the answers.
    """
    form = wanted.form
    if form.rows == "pixel":
        return write_planes(path, wanted, answers)
    if not form.kind.is_of_pixels:
        return write_rows(path, wanted, label_rows(path, wanted, answers))
    rows_of = object_rows if form.kind.finds_objects else mask_rows
    return write_rows(path, wanted, rows_of(wanted, answers))


def read_answers(path: Path, wanted: ExpectedRows) -> Any:
    """Return the predictions of `wanted.ids`, in their order; the whole file is checked first.

    Args:
        path: the submission file.
        wanted: what it must hold, with `ids`; of masks the size of every image.

    Returns:
        Of a format without masks an array, as `read_labels` has it; else a sequence of what
        `write_answers` takes, read on demand.

    Raises:
        SubmissionError: rows are missing, extra or repeated, or anything about the file's shape,
            encoding or values; all problems in one.
    """
    form = wanted.form
    if form.rows == "pixel":
        return read_pixels(path, wanted)
    if not form.kind.is_of_pixels:
        return read_labels(path, wanted)
    return (read_objects if form.kind.finds_objects else read_masks)(path, wanted)
