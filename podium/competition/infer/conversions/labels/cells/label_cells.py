"""Cells of labels that are numbers, bits or shares, and are not written as such.

weight              weight     Edema  Pneumonia     Edema  Pneumonia
12.5 kg         →   12.5       1.0    -1.0      →   1.0
1,204 kg            1204       NaN    0.0                  0.0
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import match_if_of_train
from podium.competition.infer.labels.cells import MANY_OF_A_ROW, numbers_of
from podium.competition.infer.labels.column_names import is_label_name, named_columns
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.truths.labels import some_counts
from podium.competition.truths.targets import MISSING_NUMBERS
from podium.errors import plural, some

__all__ = [
    "adds_up",
    "sample_of_plain_numbers",
    "with_findings_as_bits",
    "with_plain_bits",
    "with_plain_numbers",
    "with_shares",
]

_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<before>[$€£¥]?)\s*"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d*)(?P<fraction>[.,]\d+)?\s*"
    r"(?P<unit>%|°?[^\W\d_]{0,10}[²³]?(?:/[^\W\d_]{1,5}[²³]?)?)"
)
_SIGNS_OF_UNITS = frozenset("%$€£¥")
_ROUNDED = 0.01  # what a cell of a sample may be off
_BITS = frozenset({"0", "1", "0.0", "1.0"})
_UNSURE = frozenset({"-1", "-1.0"})

_ZEROS = frozenset({"0", "0.0"})
_LEFT_OUT = (
    "losses and scores leave them out, each for its class; write 0 there if it means not there"
)
"""What becomes of cells of 0 and 1 that are blank or -1."""


def with_plain_numbers(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    sample: SampleSubmission | None,
    *,
    label: str | None = None,
) -> MadeTable | None:
    """Return a table of train whose labels are plain numbers, or None where they are already.

    They are written with one unit (`12.5 kg`, `45%`, `$12`), with commas between thousands, or with
    a decimal comma. The sample submission has plain numbers, or there is none.

    Args:
        label: the column to predict, where a person names it.
    """
    match = _of_train(folder, path, table)
    is_sent = sample is not None and (label is None or bool(named_columns(label, sample.values)))
    if match is None or (sample is not None and is_sent and not sample.has_numbers):
        return None
    rest = [str(one) for one in table.columns if str(one) != match]
    asked = [one for one in rest if sample is not None and is_sent and one in sample.values]
    asked = asked if label is None else named_columns(label, rest)
    columns = asked or rest
    found: dict[str, pd.Series[str]] = {}
    named: list[str] = []
    for column in columns:
        plain = _plain(table[column])
        if plain is None:
            continue
        cells, unit = plain
        if not asked and len(columns) > 1 and not _SIGNS_OF_UNITS & set(unit):
            continue  # of several one may be a key, as `12a`
        numbers = numbers_of(cells)
        enough = 2 if asked else _enough(len(table))
        if numbers is not None and numbers.nunique() > enough:
            found[column] = cells
            named += [f"{column} in {unit}" if unit else column]
    if not found:
        return None
    reader = f"{path} with plain numbers: {', '.join(named)}"
    return MadeTable((path,), reader, table.assign(**found))


def sample_of_plain_numbers(data: CompetitionData) -> tuple[MadeTable, dict[str, str]] | None:
    """Return the sample submission with plain numbers, and the form of a file to send; or None.

    Its cells have a unit behind them.

    A table of train has the columns that are asked for, with many numbers of the same unit.
    """
    folder, sample = data.folder, data.sample
    if sample is None or sample.file.get("kind") == "json":
        return None
    shown = [_plain(sample.table[column]) for column in sample.values]
    plain = [one for one in shown if one is not None and (one[0] != "").all()]
    units = {unit for _, unit in plain}
    if not shown or len(plain) < len(shown) or len(units) != 1 or "" in units:
        return None
    (unit,) = units
    cells = [cell for one in sample.values for cell in sample.table[one]]
    written = {cell[len(cell.removesuffix(unit).rstrip()) :] for cell in cells}
    behind = written.pop()
    if written or not behind.endswith(unit):
        return None
    for path, table in data.tables.items():
        if not set(sample.values) <= set(table.columns) or _of_train(folder, path, table) is None:
            continue
        of_train = [_plain(table[column]) for column in sample.values]
        if any(one is None or one[1] != unit for one in of_train):
            continue
        # As few as classes have, they may be names of these.
        if any(one is not None and one[0].nunique() <= _enough(len(table)) for one in of_train):
            continue
        numbers = {name: one[0] for name, one in zip(sample.values, plain, strict=True)}
        reader = f"{sample.path} with plain numbers: {some(sample.values)} in {unit}"
        return MadeTable((sample.path,), reader, sample.table.assign(**numbers)), {"unit": behind}
    return None


def _enough(n: int) -> float:
    """Return how many different cells of `n` must be exceeded by numbers that nobody asked for."""
    return max(6, MANY_OF_A_ROW * n)


def with_plain_bits(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with blank cells where a class is unknown, or None.

    The columns that the sample submission asks for hold 0 and 1, and are blank or -1 where a label
    is unknown, as those of CheXpert (U-Ignore, Irvin et al. 2019). In a column without any 0 a
    blank cell is one, in rows that have another cell: who marks alone what is there writes no 0.
    """
    if sample is None or not sample.has_numbers:
        return None
    columns = _columns_of_sample(folder, path, table, sample, at_least=2)
    if not columns:
        return None
    bits = table[columns].isin(list(_BITS))
    missing = table[columns].isin(list(MISSING_NUMBERS))
    # Of -1, 0 and 1 alone each may be an answer.
    may_be_marked = sample.has_fractions or missing.any(axis=None)
    unknown = missing | (table[columns].isin(list(_UNSURE)) & may_be_marked)
    if not (bits | unknown).all(axis=None) or not bits.any().all():
        return None
    is_blank = missing.all(axis=1)
    if not unknown[~is_blank].any(axis=None):
        return None  # rows have all cells or none: blank ones have no label
    return _with_unknown_cells(path, table, columns, missing & ~is_blank.to_numpy()[:, None])


def _with_unknown_cells(
    path: str, table: pd.DataFrame, columns: list[str], missing: pd.DataFrame, rest: str = ""
) -> MadeTable:
    """Return the table with blank cells for -1 and what is missing; `rest` ends its note.

    Args:
        columns: of 0, 1, -1 and cells that are missing.
        missing: which cells are, in rows that have others.
        rest: a further part of the note.
    """
    unsure = table[columns].isin(list(_UNSURE))
    has_zeros = table[columns].isin(list(_ZEROS)).any()
    zeros = missing & ~has_zeros
    unknown = (unsure | missing) & ~zeros
    blank = unknown | table[columns].isin(list(MISSING_NUMBERS))
    filled = table[columns].mask(blank, "").mask(zeros, "0")
    notes = []
    if n := int(unknown.to_numpy().sum()):
        each = some_counts(dict(zip(columns, unknown.sum(), strict=True)))
        cells = "cell that is" if n == 1 else "cells that are"
        notes.append(f"{n:,} {cells} blank or -1, and unknown ({each}): {_LEFT_OUT}")
    if n := int(zeros.to_numpy().sum()):
        marked = some(name for name in columns if zeros[name].any())
        notes.append(f"0 in {plural(n, 'blank cell')} of {marked}, where no cell is 0")
    reader = f"{path} with {'; with '.join(notes)}{rest}"
    made = table.assign(**{one: filled[one] for one in columns})
    return MadeTable((path,), reader, made, blanks_are_unknown=True)


_FEWEST_FINDINGS = 3


def with_findings_as_bits(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with blank cells for all findings that nobody is sure of, or None.

    Without a sample submission columns are findings where three of them or more hold 1, 0, -1 and
    blank cells: 0 and -1 are both in some of them, and 1 in each. A -1 and a blank cell are
    unknown, as `with_plain_bits` has it. Rows without a cell of any finding are left out. A column
    that is called as labels are is the label, whatever stands beside it.

    Args:
        sample: the sample submission; with one, None.
    """
    id_column = _of_train(folder, path, table) if sample is None else None
    if id_column is None or any(map(is_label_name, map(str, table))):
        return None
    columns = []
    for name in map(str, table):
        cells = set(table[name]) - set(MISSING_NUMBERS)
        if name != id_column and cells & {"1", "1.0"} and cells <= _UNSURE | _BITS:
            columns.append(name)
    missing = table[columns].isin(list(MISSING_NUMBERS))
    unsure = table[columns].isin(list(_UNSURE))
    of_three_kinds = unsure.any() & table[columns].isin(["0", "0.0"]).any()
    if len(columns) < _FEWEST_FINDINGS or not of_three_kinds.any() or not missing.any(axis=None):
        return None
    # A row of -1 alone has no known cell, either.
    kept = table[columns].isin(list(_BITS)).any(axis=1)
    rest = ""
    if not kept.all():
        rest = f"; left out: {plural(int((~kept).sum()), 'row')} without a known cell of these"
    rows = table[kept].reset_index(drop=True)
    missing = missing[kept].reset_index(drop=True)
    return _with_unknown_cells(path, rows, columns, missing, rest)


def with_shares(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    sample: SampleSubmission | None,
    *,
    tables: Mapping[str, pd.DataFrame],
) -> MadeTable | None:
    """Return a table of train with shares in place of votes, or None where it has none.

    The columns that the sample submission asks for are counts, and its rows are fractions that sum
    to 1. Each row of counts is divided by its sum. Where a table has the shares, they are those of
    the host, who may have left out some counts.
    """
    if sample is None or not sample.has_fractions:
        return None
    # Of two columns 0.5 is a placeholder for anything.
    columns = _columns_of_sample(folder, path, table, sample, at_least=3)
    if not columns:
        return None
    if not adds_up(sample.table, columns):
        return None
    if any(path != one and adds_up(each, columns) for one, each in tables.items()):
        return None
    if not bool(table[columns].apply(lambda cells: cells.str.fullmatch(r"\d+")).all(axis=None)):
        return None
    counts = table[columns].astype(int)
    of_rows = counts.sum(axis=1)
    if counts.le(1).all(axis=None) or of_rows.eq(0).any():
        return None  # bits of several labels, or an image without a vote
    shares = counts.div(of_rows, axis=0).map(lambda share: f"{share:.6g}")
    reader = f"{path} with the share of each column in its row: rows of the sample sum to 1"
    return MadeTable((path,), reader, table.assign(**{one: shares[one] for one in columns}))


def adds_up(table: pd.DataFrame, columns: Sequence[str]) -> bool:
    """Return whether a table has these columns, whose numbers add up to 1 in each row, if rounded.

    Of some rows all may be 0: those of images that are not scored.
    """
    numbers = [numbers_of(table[one]) for one in columns if one in table]
    if len(numbers) < len(columns) or any(one is None or one.min() < 0 for one in numbers):
        return False
    sums = pd.concat([one for one in numbers if one is not None], axis=1).sum(axis=1)
    known = sums[sums != 0]
    return len(known) > 0 and bool(known.sub(1).abs().lt(_ROUNDED * len(columns)).all())


def _columns_of_sample(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission, *, at_least: int
) -> list[str]:
    """Return the columns that the sample asks for, where a table of train has them all, or []."""
    columns = sample.values
    is_asked = len(columns) >= at_least and set(columns) <= set(table.columns)
    return columns if is_asked and _of_train(folder, path, table) is not None else []


def _of_train(folder: DataFolder, path: str, table: pd.DataFrame) -> str | None:
    """Return the column with the images of train, or None."""
    match = match_if_of_train(folder, path, table)
    return None if match is None else match.id


def _plain(cells: pd.Series[str]) -> tuple[pd.Series[str], str] | None:
    """Return the cells as plain numbers, and their unit; None: they are plain, or no numbers."""
    known = cells[~cells.isin(MISSING_NUMBERS)].str.strip()
    found = [_NUMBER.fullmatch(cell) for cell in known]
    parts = [one for one in found if one is not None and (one["whole"] or one["fraction"])]
    units = {(one["before"], one["unit"]) for one in parts}
    if not parts or len(parts) < len(found) or len(units) > 1:
        return None
    wholes, fractions = ([one[name] or "" for one in parts] for name in ("whole", "fraction"))
    if not _are_one_way(wholes, fractions):
        return None
    plain = [
        f"{one['sign']}{whole.replace(',', '')}{fraction.replace(',', '.')}"
        for one, whole, fraction in zip(parts, wholes, fractions, strict=True)
    ]
    if plain == list(known):
        return None
    changed = pd.Series(plain, index=known.index, dtype=object)
    (unit,) = units
    return changed.reindex(cells.index, fill_value=""), "".join(unit)


def _are_one_way(wholes: Sequence[str], fractions: Sequence[str]) -> bool:
    """Return whether commas stand between thousands, or before fractions, and no cell is a list.

    `3,7` may be two numbers as well: of fractions, some has to begin with a zero, as `3,07` does.
    """
    by_comma = [one for one in fractions if one.startswith(",")]
    if not by_comma:
        return not any(one.startswith("0") and "," in one for one in wholes)
    has_thousands = any("," in one for one in wholes)
    has_points = any(one.startswith(".") for one in fractions)
    return not (has_thousands or has_points) and any(
        len(one) > 2 and one[1] == "0" for one in by_comma
    )
