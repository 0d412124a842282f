"""The hidden solution: the right answer of each sample, and whether it counts as public."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, some
from podium.hosting.scoring.masks import MaskSolution, read_mask_solution
from podium.hosting.scoring.objects import (
    UnitSolution,
    format_few,
    read_object_solution,
    read_pixel_solution,
)
from podium.submissions.format.csv_text import read_table
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.values import label_value
from podium.tasks.protocols.needs import are_confident

__all__ = ["Solution", "read_solution"]

_USAGES = ("public", "private", "ignored")


@dataclass(frozen=True)
class Solution:
    """The right answers.

    `truth` is `(N,)` int64 for classes (-1: none of them, where a file has confidences), `(N, C)`
    uint8 for sets of labels, `(N,)` float64 for values; `public` and `private` are bool `(N,)`; a
    row in neither is not scored. Where cells hold ids of other images, `gallery` has those that are
    right somewhere, and `truth` is int64 `(N, M)`, their numbers in it, filled up with -1.
    """

    ids: tuple[str, ...]
    truth: NDArray[Any]
    public: NDArray[np.bool_]
    private: NDArray[np.bool_]
    gallery: tuple[str, ...] = ()

    def numbered(self, ids: NDArray[Any]) -> NDArray[np.int64]:
        """Return the ids `(N, k)` of a submission as numbers: those of `gallery` first.

        An id that is right nowhere has a number of its own, and a blank -1.
        """
        numbers = {"": -1} | {one: number for number, one in enumerate(self.gallery)}
        flat = [numbers.setdefault(str(one), len(numbers) - 1) for one in ids.reshape(-1)]
        return np.array(flat, dtype=np.int64).reshape(ids.shape)


def read_solution(path: Path, form: SubmissionFormat) -> Solution | MaskSolution | UnitSolution:
    """Return the solution in the CSV at `path`.

    That of masks is described in `mask_solution`, that of objects and pixels in `object_solution`.

    Its first column is the sample's id. A column `Usage` holds Public, Private or Ignored; without
    one every row is public. The rest is the answer: one column with the class (name or index), the
    labels or the value; or one 0/1 column for each class, named as it. Of an ignored row nothing is
    read, so that rows which only keep people from labelling the test set need no answer.

    Raises:
        DataError: ids are repeated, or an answer or a usage cannot be read; all rows are named.
    """
    if form.rows == "pixel":
        return read_pixel_solution(path, form)
    if form.kind.finds_objects:
        return read_object_solution(path, form)
    if form.kind.is_of_pixels:
        return read_mask_solution(path, form)
    header, rows = read_table(path)
    if not rows:
        raise DataError("holds no rows", where=path, fix="write one row for each sample")
    ids = [row[0] for row in rows]
    repeated = [one for one, count in Counter(ids).items() if count > 1]
    if repeated:
        raise DataError(f"ids stand more than once: {some(repeated)}", where=path)
    usage_at = next((i for i, name in enumerate(header) if name.lower() == "usage"), None)
    answers = [i for i in range(1, len(header)) if i != usage_at]
    usages = ["public"] * len(rows) if usage_at is None else [row[usage_at].lower() for row in rows]
    strange = [
        f"{one!r} (line {line})" for line, one in enumerate(usages, start=2) if one not in _USAGES
    ]
    if strange:
        raise DataError(f"Usage must be Public, Private or Ignored: {some(strange)}", where=path)
    usage = np.array(usages)
    scored = np.flatnonzero(usage != "ignored")
    cells = {i + 2: [rows[i][at] for at in answers] for i in scored.tolist()}
    gallery = _gallery(cells, form)
    known = _truth(path, [header[i] for i in answers], cells, form, gallery)
    truth = np.zeros((len(rows), *known.shape[1:]), dtype=known.dtype)
    truth[scored] = known
    return Solution(tuple(ids), truth, usage == "public", usage == "private", gallery)


def _gallery(cells: dict[int, list[str]], form: SubmissionFormat) -> tuple[str, ...]:
    """Return the ids in the cells, each once; () where cells do not hold ids of other images."""
    if form.value != "topk" or form.item != "{id}":
        return ()
    return tuple(dict.fromkeys(one for row in cells.values() for one in _parts(row[0], form)))


def _parts(text: str, form: SubmissionFormat) -> list[str]:
    return [] if text == form.empty else text.split(form.sep)


def _truth(
    path: Path,
    names: list[str],
    cells: dict[int, list[str]],
    form: SubmissionFormat,
    gallery: tuple[str, ...],
) -> NDArray[Any]:
    """Return the answers in the `cells` of the columns `names`, by their lines."""
    if len(names) > 1 and set(names) == set(form.classes):
        order = [names.index(one) for one in form.classes]
        flags = np.array([[row[i] for i in order] for row in cells.values()]).reshape(
            -1, len(order)
        )
        if not np.isin(flags, ["0", "1", "0.0", "1.0"]).all():
            raise DataError("columns of classes must hold 0 or 1", where=path)
        sets = flags.astype(np.float64).astype(np.uint8)
        return sets if form.kind.is_by_class else sets.argmax(axis=1).astype(np.int64)
    if len(names) != 1:
        raise DataError(
            f"needs one column with the answer, or one for each class; got {some(names)}",
            where=f"{path}:1",
            fix="write id, answer, Usage",
        )
    column = {line: row[0] for line, row in cells.items()}
    if form.kind.is_continuous:
        numbers = [_number(path, line, text) for line, text in column.items()]
        return np.array(numbers, dtype=np.float64)
    if form.kind.is_by_class:
        return _sets(path, column, form)
    if gallery:
        number = {one: i for i, one in enumerate(gallery)}
        right = [[number[one] for one in _parts(text, form)] for text in column.values()]
        most = max(map(len, right))
        return np.array([one + [-1] * (most - len(one)) for one in right], dtype=np.int64)
    return np.array(_indices(path, column, form), dtype=np.int64)


def _number(path: Path, line: int, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise DataError(f"the answer must be a finite number, got {text!r}", where=f"{path}:{line}")
    return number


def _sets(path: Path, column: dict[int, str], form: SubmissionFormat) -> NDArray[np.uint8]:
    sets = np.zeros((len(column), len(form.classes)), dtype=np.uint8)
    for row, (line, text) in enumerate(column.items()):
        parts = _parts(text, form)
        unknown = [part for part in parts if part not in form.classes]
        if unknown:
            raise DataError(f"unknown classes: {some(unknown)}", where=f"{path}:{line}")
        sets[row, [form.classes.index(part) for part in parts]] = 1
    return sets


def _indices(path: Path, column: dict[int, str], form: SubmissionFormat) -> list[int]:
    n = len(form.classes) or 2
    known = {str(index): index for index in range(n)}
    known |= {name: index for index, name in enumerate(form.classes)}
    if are_confident(label_value(form).source(form)):
        known[form.empty] = -1  # a row that shows none of the classes
    if form.unknown is not None:
        known[form.unknown] = -1
    unknown = [f"{one!r} (line {i})" for i, one in column.items() if one not in known]
    if unknown:
        raise DataError(
            f"answers that are no class: {format_few(unknown)}",
            where=path,
            fix=f"the classes are {some(form.classes)}" if form.classes else None,
        )
    return [known[one] for one in column.values()]
