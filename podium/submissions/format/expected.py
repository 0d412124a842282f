"""What a submission must hold: the rows of the sample or of the test set, or of some samples."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from podium.competition.spec import Competition
from podium.errors import DataError, some
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.csv_text import read_table
from podium.submissions.format.mask_sizes import MaskSizes, Size, scored_of_test, sizes_of_test
from podium.submissions.format.pixels import AllPixels
from podium.submissions.format.row_names import rows_of_sample
from podium.submissions.format.spec import (
    KEY_SEPARATOR,
    SubmissionFormat,
    format_of,
    sample_with_rows,
    taken_from,
)
from podium.workspace.layout import COMPETITION_FILE

__all__ = ["cells_by_key", "expected_of_ids", "expected_of_samples", "expected_of_test"]


def expected_of_test(
    competition: Competition, sizes: Mapping[str, Size] | None = None
) -> ExpectedRows:
    """Return what a submission must hold: the sample's rows, else those of the test set.

    The sample's ids win over the test folder's: they are the list that the host scores by.

    Args:
        competition: its `submission` is the format, its `frame` the size of masks.
        sizes: (height, width) of the masks in the frame, by id; default: the frame, or with `frame:
            native` the sizes in the headers of the test images.

    Raises:
        DataError: the competition's sample or spec cannot be used.
    """
    form, known = format_of(competition), sizes_of_test(competition, sizes)
    sample, taken = sample_with_rows(competition), _taken(competition, form)
    if sample is not None:
        return ExpectedRows(form, rows_of_sample(sample, form), known, sample.name, taken=taken)
    if form.rows == "pixel":
        return expected_of_ids(form, known.ids, known)
    # Masks are written an image at a time, also where their metric needs whole volumes.
    return replace(expected_of_ids(form, scored_of_test(competition), known), taken=taken)


def _taken(competition: Competition, form: SubmissionFormat) -> dict[int, dict[str, str]]:
    """Return the cells of the columns of other files, by their position and the name of the row.

    Raises:
        DataError: a file is missing, lacks a column, or has an id more than once.
    """
    found = {}
    for at, (name, field) in enumerate(form.columns.items()):
        source = taken_from(field)
        if source is None:
            continue
        path = competition.root / source
        if not path.is_file():
            raise DataError(
                f"submission.columns takes {name!r} from {source}, and there is no such file",
                where=competition.root / COMPETITION_FILE,
                fix="write it first, in its workspace: podium auto writes submissions/auto.csv, "
                "podium submit BLEND --dry-run writes submissions/BLEND.csv; the path is relative "
                "to competition.yaml",
            )
        named = [form.header[key] for key in form.key_columns]
        header, rows = _table_of_host(path, form, [*named, name])
        lacking = [one for one in (*named, name) if one not in header]
        if lacking:
            raise DataError(
                f"has no column {some(lacking)}, which submission.columns takes from it",
                where=f"{path}:1",
                fix=f"its columns are {some(header)}",
            )
        found[at] = cells_by_key(header, rows, named, name)
        if len(found[at]) < len(rows):
            raise DataError(
                "the same id stands more than once", where=path, fix="leave one row for each"
            )
    return found


def _table_of_host(
    path: Path, form: SubmissionFormat, wanted: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a file in a host's form, as with semicolons, or of a plain one.

    Decimal commas become points where the form has such: cells are those of plain text.

    Args:
        path: of the file, which another workspace wrote.
        form: of the file to send, whose signs and letters the other one may have, too.
        wanted: columns that it must have.

    Raises:
        DataError: it is no such table.
    """
    content = path.read_bytes()
    for encoding in ("utf-8-sig", form.file.encoding):
        with suppress(UnicodeDecodeError):
            lines = content.decode(encoding).splitlines()
            break
    else:
        return read_table(path)
    for sign in dict.fromkeys((",", form.file.sep, ";", "\t")):
        table = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=sign) if row]
        fits = table and {*wanted} <= {*table[0]} and len({*map(len, table)}) == 1
        if fits:
            if form.file.decimal == ",":
                table[1:] = [[_with_point(cell) for cell in row] for row in table[1:]]
            return table[0], table[1:]
    return read_table(path)


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if re.fullmatch(r"[-+]?\d+,\d+", cell) else cell


def cells_by_key(
    header: Sequence[str], rows: Sequence[Sequence[str]], named: Sequence[str], column: str
) -> dict[str, str]:
    """Return the cells of a column of a table by the names of its rows, which columns give."""
    places, at = [header.index(one) for one in named], header.index(column)
    return {KEY_SEPARATOR.join(row[place] for place in places): row[at] for row in rows}


def expected_of_samples(
    competition: Competition,
    ids: Sequence[str],
    images: Callable[[], Mapping[str, Path]],
    *,
    rows_source: str,
) -> ExpectedRows:
    """Return the expected rows of a file with the samples (or units) `ids`, as in a submission.

    Args:
        competition: its `submission` is the format, its `frame` the size of masks.
        ids: in the order of the rows.
        images: returns the image file of each id; called where masks have the images' own sizes.
        rows_source: the source of the ids, for messages.
    """
    sizes = MaskSizes(frame=competition.frame, images=images, reader=competition.reader)
    return expected_of_ids(format_of(competition), ids, sizes, rows_source=rows_source)


def expected_of_ids(
    form: SubmissionFormat,
    ids: Sequence[str],
    sizes: MaskSizes | None = None,
    *,
    rows_source: str = "the test set",
) -> ExpectedRows:
    """Return the expected rows of a file with the samples `ids`; `sizes` are those of masks."""
    known = MaskSizes() if sizes is None else sizes
    rows = AllPixels(form, ids, known) if form.rows == "pixel" else list(form.keys(ids))
    return ExpectedRows(form, rows, known, rows_source, ids)
