"""Numbers of a file that lie far beyond all of train, as 148 where train has 11 to 19.3.

A comma that was lost, or another unit, makes a number that any host takes and that ruins a score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition
from podium.errors import SHOWN_AT_MOST, PodiumError, TextError, plural
from podium.submissions.format.csv_text import CsvLine
from podium.submissions.format.mask_sizes import sizes_of_test
from podium.submissions.format.problems import Problem, Problems
from podium.submissions.format.reading import lines_of, read_body
from podium.submissions.format.row_names import owners_of
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.values import label_value
from podium.workspace.layout import Workspace

__all__ = ["numbers_beyond_train"]

LEAST_ROWS = 10
"""Numbers of train in a column; fewer tell no range."""
_LONGEST = 1_000_000  # bytes, and for each cell of a number those below
_LONGEST_NUMBER = 64


@dataclass(frozen=True)
class _Range:
    """The least and the greatest number of a column in train."""

    low: float
    high: float

    def holds(self, number: float) -> bool:
        """Return whether a number lies in the range, or beyond it by no more than its width.

        So generous a limit lets through what a network may well predict beyond train.
        """
        width = self.high - self.low
        return self.low - width <= number <= self.high + width


def numbers_beyond_train(
    workspace: Workspace, competition: Competition, file: Path
) -> list[Problem]:
    """Return a warning for each column of numbers in `file` that has some far beyond train's.

    Args:
        workspace: its cache keeps what is read of train.
        competition: has train and the format.
        file: a submission in that format.
    """
    try:
        form = format_of(competition)
        answers = [one for one in form.answers if one.kind.is_continuous and _has_numbers(one)]
        if not answers:
            return []
        ranges = _ranges(
            truth(load_samples(competition, "train", workspace=workspace), competition)
        )
        has_masks = any(one.kind.is_of_pixels for one in form.answers)
        longest = _LONGEST + _LONGEST_NUMBER * len(form.header)
        longest += sizes_of_test(competition).longest() if has_masks else 0
        lines = lines_of(read_body(file, form, Problems(), longest=longest))
        found: dict[str, list[tuple[float, str, int, _Range]]] = {}
        readers = [_reader(form, one) for one in answers]
        for line in lines:
            for read in readers:
                for column, index, number in read(line):
                    known = ranges.get(index)
                    if known is not None and not known.holds(number):
                        row = (number, form.key(line.cells), line.number, known)
                        found.setdefault(column, []).append(row)
    except PodiumError:
        return []  # of train or of the format; `podium check` reports it
    return [_problem(column, rows) for column, rows in found.items()]


def _has_numbers(form: SubmissionFormat) -> bool:
    return not form.kind.is_of_pixels and label_value(form).rounded is not None


def _ranges(labels: NDArray[Any]) -> dict[int, _Range]:
    """Return the range of each column that has one: numbers that differ, and enough of them."""
    columns = labels.astype(np.float64).reshape(len(labels), -1).T
    known = {index: column[np.isfinite(column)] for index, column in enumerate(columns)}
    return {
        index: _Range(float(column.min()), float(column.max()))
        for index, column in known.items()
        if len(column) >= LEAST_ROWS and column.min() < column.max()
    }


Numbers = list[tuple[str, int, float]]
"""Of a line: the name of each column, the index of the number in train, and the number."""


def _reader(form: SubmissionFormat, answer: SubmissionFormat) -> Callable[[CsvLine], Numbers]:
    """Return the function from a line of `form` to the numbers of one of its answers."""
    of_class = {answer.header[at]: index for at, index in answer.prob_columns.items()}
    columns = of_class or {answer.answer_names[0]: 0}
    value = label_value(answer)
    places = [
        (form.header.index(name), name, index, value.parser(answer.of_cells[index]))
        for name, index in columns.items()
    ]
    class_of = _classes_of_rows(answer) if answer.rows == "image_class" else None

    def read(line: CsvLine) -> Numbers:
        found = []
        for place, name, index, parse in places:
            try:
                number = float(parse(line.cells[place]))
            except (TextError, ValueError):
                continue  # no number, which is an error of its own
            of_row = index if class_of is None else class_of(form.key(line.cells))
            found.append(
                (
                    name if class_of is None else f"{name} of {answer.classes[of_row]}",
                    of_row,
                    number,
                )
            )
        return found

    return read


def _classes_of_rows(form: SubmissionFormat) -> Callable[[str], int]:
    """Return the function from the name of a row to the index of its class; of others -1."""
    owners, blank = owners_of(form), [""] * max(1, len(form.classes))

    def class_of(key: str) -> int:
        for owner in owners(key):
            for index in range(len(form.classes)):
                if form.key(form.row_cells(owner, index, blank)) == key:
                    return index
        return -1

    return class_of


def _problem(column: str, rows: list[tuple[float, str, int, _Range]]) -> Problem:
    _, _, first, known = rows[0]
    named = [f"{number:.6g} in {key!r} (line {line})" for number, key, line, _ in rows]
    shown = ", ".join(named[:SHOWN_AT_MOST])
    more = f" and {len(named) - SHOWN_AT_MOST:,} more" if len(named) > SHOWN_AT_MOST else ""
    return Problem(
        first,
        f"column {column!r}: {plural(len(rows), 'number')} far beyond those of train, "
        f"{known.low:.6g} to {known.high:.6g}: {shown}{more}",
        "look for a lost decimal sign or another unit; leave it if the host's images may be so "
        "unlike train's",
        "warning",
        len(rows),
    )
