"""Writes and reads the predictions of a file, whatever its cells hold; `checking` checks them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from podium.errors import SubmissionError, plural, some
from podium.submissions.format.cells import ExpectedRows, NamedRows
from podium.submissions.format.mask_files import mask_rows, read_masks
from podium.submissions.format.object_files import object_rows, read_objects
from podium.submissions.format.pixel_files import read_pixels, write_planes
from podium.submissions.format.reading import read_labels
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.format.writing import label_rows, write_rows

__all__ = ["read_answers", "write_answers"]


def write_answers(path: Path, expected: ExpectedRows, answers: Iterable[Any]) -> Path:
    """Write predictions, which come in any order, as the rows of `expected`, and return `path`.

    `answers` is gone through once, and one of them is in memory at a time. Every cell is read
    again as it is written, and the finished file before it takes its name.

    Args:
        path: the CSV to write.
        expected: what the file must hold.
        answers: what a format without masks holds as `PredictionBatch`; else (id, answer) of each
            image, each once: `Instances` of a format of objects, the values `(H, W)` of one of
            pixels, else a `Mask`. Of a row with several answers such an iterable for each part of
            the format.

    Raises:
        SubmissionError: ids are missing, extra or repeated, the format cannot hold an answer, or
            the file read back differs from the answers.
    """
    form = expected.form
    if form.rows == "pixel":
        return write_planes(path, expected, answers)
    if form.parts:
        of_answers = expected.of_answers
        streams = [_rows_of(path, one, own) for one, own in zip(of_answers, answers, strict=True)]
        return write_rows(path, expected, _joined(form, streams))
    return write_rows(path, expected, _rows_of(path, expected, answers))


def _rows_of(path: Path, expected: ExpectedRows, answers: Iterable[Any]) -> Iterator[NamedRows]:
    """Yield the rows of one answer, each with the cells of its columns."""
    if not expected.form.kind.is_of_pixels:
        return label_rows(path, expected, answers)
    rows_of = object_rows if expected.form.kind.finds_objects else mask_rows
    return rows_of(expected, answers)


def _joined(form: SubmissionFormat, streams: Sequence[Iterator[NamedRows]]) -> Iterator[NamedRows]:
    """Yield the rows of a file of several answers once all of them are there.

    Answers that are short texts are gathered first; masks then go by one image after the other, and
    wait only where those of two columns come in another order.
    """
    waiting: list[dict[str, Sequence[Sequence[str]]]] = [{} for _ in streams]
    drawn = [at for at, one in enumerate(form.parts) if one.kind.is_of_pixels]
    for at, stream in enumerate(streams):
        if at not in drawn:
            waiting[at] = _by_name(stream)
    places = [[form.header.index(name) for name in one.header] for one in form.parts]
    if not drawn:
        for key in list(waiting[0]):
            yield from _complete(form, waiting, places, key)
    for rows in zip_longest(*(streams[at] for at in drawn)):
        for at, row in zip(drawn, rows, strict=True):
            if row is not None:
                key, cells = row
                if key in waiting[at]:
                    raise SubmissionError(
                        f"ids stand more than once in the predictions: {some([key])}"
                    )
                waiting[at][key] = cells
                yield from _complete(form, waiting, places, key)
    for one, left in zip(form.parts, waiting, strict=True):
        if left:
            raise SubmissionError(
                f"column {some(one.answer_names)} has {plural(len(left), 'row')} more than another "
                f"column: {some(list(left))}",
                fix="predict the same images for all columns",
            )


def _by_name(stream: Iterator[NamedRows]) -> dict[str, Sequence[Sequence[str]]]:
    found: dict[str, Sequence[Sequence[str]]] = {}
    for key, cells in stream:
        if key in found:
            raise SubmissionError(f"ids stand more than once in the predictions: {some([key])}")
        found[key] = cells
    return found


def _complete(
    form: SubmissionFormat,
    waiting: Sequence[dict[str, Sequence[Sequence[str]]]],
    places: Sequence[Sequence[int]],
    key: str,
) -> Iterator[NamedRows]:
    """Yield the rows named `key` if every answer of them is there, and forget them."""
    if not all(key in one for one in waiting):
        return
    found = [one.pop(key) for one in waiting]
    n_rows = max(map(len, found))
    rows = []
    for number in range(n_rows):
        cells = [""] * len(form.header)
        for own, at in zip(found, places, strict=True):
            # Of an image with several objects there is one label, which each of their rows has.
            for place, text in zip(at, own[min(number, len(own) - 1)], strict=True):
                cells[place] = text
        rows.append(cells)
    yield key, rows


def read_answers(path: Path, expected: ExpectedRows) -> Any:
    """Return the predictions of `expected.ids`, in their order; the whole file is checked first.

    Args:
        path: the submission file.
        expected: what it must hold, with `ids`; of masks the size of every image.

    Returns:
        Of a format without masks an array, as `read_labels` has it; else a sequence of what
        `write_answers` takes, read on demand. Of a row with several answers a tuple of these, one
        for each part of the format.

    Raises:
        SubmissionError: rows are missing, extra or repeated, or anything about the file's shape,
            encoding or values; all problems in one.
    """
    form = expected.form
    if form.rows == "pixel":
        return read_pixels(path, expected)
    if form.parts:
        return tuple(read_answers(path, one) for one in expected.of_answers)
    if not form.kind.is_of_pixels:
        return read_labels(path, expected)
    return (read_objects if form.kind.finds_objects else read_masks)(path, expected)
