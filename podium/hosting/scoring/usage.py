"""The column Usage of a solution: which rows are Public, Private or Ignored."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from podium.hosting.scoring.score import HiddenAnswers
from podium.submissions.format.csv_text import of_competition, read_lines
from podium.submissions.format.pixels import images_of_pixels
from podium.submissions.format.row_names import owners_of
from podium.submissions.format.spec import SubmissionFormat

__all__ = ["has_usage", "owner_of_row", "table_text", "usage_by_id", "with_known_usage"]

_COLUMN = "Usage"
_FEWEST = 2  # columns of a solution


def has_usage(header: Iterable[str]) -> bool:
    """Return whether the columns of a solution mark which rows are public."""
    return _COLUMN.lower() in {name.strip().lower() for name in header}


def usage_by_id(answers: HiddenAnswers) -> dict[str, str]:
    """Return Public, Private or Ignored of each sample."""
    parts = zip(answers.ids, answers.public.tolist(), answers.private.tolist(), strict=True)
    return {
        one: "Public" if public else "Private" if private else "Ignored"
        for one, public, private in parts
    }


def with_known_usage(path: Path, form: SubmissionFormat, usage: Mapping[str, str]) -> bytes | None:
    """Return the solution in the CSV at `path` with a column Usage.

    None where it has one, or is no such table: its reader reports what is wrong with it.

    Args:
        path: the solution.
        form: of submissions.
        usage: by id; a sample that is not in it is Public.

    Raises:
        DataError: a line cannot be read.
    """
    with of_competition(path):
        lines = [one.cells for one in read_lines(path, longest=path.stat().st_size) if one.cells]
    header = [name.strip() for name in lines[0]] if lines else []
    is_ragged = len(header) < _FEWEST or any(len(cells) != len(header) for cells in lines)
    if is_ragged or has_usage(header) or not _keys(form) <= set(header):
        return None
    owner = owner_of_row(form, header)
    rows = [[*cells, usage.get(owner(cells), "Public")] for cells in lines[1:]]
    return table_text([[*header, _COLUMN], *rows])


def _keys(form: SubmissionFormat) -> set[str]:
    """Return the columns that `owner_of_row` looks for by their names."""
    if form.rows != "pixel" and not form.kind.finds_objects:
        return set()
    return {form.header[i] for i in form.key_columns}


def owner_of_row(form: SubmissionFormat, header: list[str]) -> Callable[[Sequence[str]], str]:
    """Return the function from the cells of a row of the solution to its sample."""
    if form.rows != "pixel" and not form.kind.finds_objects:
        return lambda cells: cells[0].strip()
    at = [header.index(form.header[i]) for i in form.key_columns]

    def key(cells: Sequence[str]) -> str:
        return " / ".join(cells[i] for i in at)

    if form.rows == "pixel":
        return lambda cells: images_of_pixels(form, [key(cells)])[0]
    names = owners_of(form)
    return lambda cells: names(key(cells))[0]


def table_text(rows: Iterable[Sequence[str]]) -> bytes:
    """Return header and rows as the bytes of a CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")
