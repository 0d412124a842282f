"""Cells that are the sum of a code for each label, of train and of the sample submission.

tray,food          tray,rice,soup,kimchi          README.md: "1 rice", "2 soup", "4 kimchi"
7,5           →    7,1,0,1
8,0                8,0,0,0
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.columns.label_column import (
    first_of_train,
    label_column,
)
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.lists import unused_sign
from podium.competition.infer.readme.texts import rows_of_tables, texts_as_written
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import plural

__all__ = ["sample_of_sums", "with_sums_apart"]

_FEWEST_CODES = 3
_FEWEST_SUMS = 2  # of two labels or more
_MOST_LETTERS = 60
_ITEM = re.compile(r"\W*?(?P<code>\d{1,10})[\s.):=|,;–—-]+(?P<name>[^\W\d_].*?)[\s|.,;]*")


def with_sums_apart(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    sample: SampleSubmission | None,
    *,
    tables: Mapping[str, pd.DataFrame],
) -> MadeTable | None:
    """Return a table of train with a column of 0 and 1 for each label of its sums, or None.

    The sample submission has such cells in the same column, or it is the only one beside that of
    the images.

    Args:
        sample: the sample submission, as it was or as `sample_of_sums` made it.
        tables: all.
    """
    if sample is not None and "codes" not in sample.file:
        return None
    column = label_column(folder, path, table, sample)
    data = CompetitionData(folder, tables, sample)
    codes = None if column is None else _codes(data, table[column])
    rest = table.drop(columns=column or [])
    if codes is None or set(codes.values()) & set(map(str, rest.columns)):
        return None
    sums = table[column].map(int)
    bits = {name: (sums & code > 0).astype(int).astype(str) for code, name in codes.items()}
    reader = (
        f"{path} with a column of 0 and 1 for each of the {plural(len(codes), 'code')} that "
        f"{column} has the sums of"
    )
    return MadeTable((path,), reader, rest.assign(**bits))


def sample_of_sums(data: CompetitionData) -> tuple[MadeTable, dict[str, object]] | None:
    """Return the sample submission with plain lists, and the form of a file to send; or None.

    A table of train has sums of the same codes in the one column that is asked for.
    """
    sample = data.sample
    column = None if sample is None else sample.plain_value
    if sample is None or column is None:
        return None
    codes = first_of_train(data.tables, column, lambda cells: _codes(data, cells))
    cells = sample.table[column]
    if codes is None or not _are_sums(cells, codes):
        return None
    sign = unused_sign(list(codes.values()))
    if sign is None:
        return None
    each = [[name for code, name in codes.items() if int(cell) & code] for cell in cells]
    plain = sample.table.assign(**{column: [sign.join(one) for one in each]})
    reader = f"{sample.path} with plain lists of {column}"
    return MadeTable((sample.path,), reader, plain), {"codes": [*codes]}


def _codes(data: CompetitionData, cells: pd.Series[str]) -> dict[int, str] | None:
    """Return the name of each code that cells are sums of; None where they are no such sums.

    A text or a table lists the codes, 1, 2, 4 and so on, with a name each. No cell is beyond their
    sum, and cells are several different sums of two or more.
    """
    if not cells.str.fullmatch(r"\d{1,10}").all():
        return None
    for codes in _listed(data):
        sums = {int(cell) for cell in cells} - {0, *codes}
        if _are_sums(cells, codes) and len(sums) >= _FEWEST_SUMS:
            return codes
    return None


def _are_sums(cells: pd.Series[str], codes: Mapping[int, str]) -> bool:
    return all(re.fullmatch(r"\d{1,10}", cell) and int(cell) <= sum(codes) for cell in cells)


def _listed(data: CompetitionData) -> Iterator[dict[int, str]]:
    """Yield lists of names with the codes 1, 2, 4 and so on, of texts, their tables and others."""
    for _, text in texts_as_written(data.folder):
        items = [_ITEM.fullmatch(line.strip()) for line in text.splitlines() if line.strip()]
        yield from _runs([(int(one["code"]), one["name"]) if one else None for one in items])
    rows = [_of_cells(cells) for _, cells in rows_of_tables(data.folder)]
    yield from _runs(rows)
    named = find_class_names(data)
    if named is not None:
        numbered = [(one, name) for one, name in named.named.items() if isinstance(one, int)]
        yield from _runs([*numbered])


def _of_cells(cells: list[str]) -> tuple[int, str] | None:
    """Return the number and the name of a row with two cells, in any order."""
    filled = [cell.strip(" `*") for cell in cells if cell.strip(" `*")]
    numbers = [int(one) for one in filled if one.isdecimal()]
    names = [one for one in filled if not one.isdecimal()]
    return (numbers[0], names[0]) if len(numbers) == 1 and names else None


def _runs(items: list[tuple[int, str] | None]) -> Iterator[dict[int, str]]:
    """Yield lists of items that follow one another, each with twice the number before it.

    Where a further number follows, as 5 behind 4, the list is of numbers.
    """
    run: list[tuple[int, str]] = []
    for item in [*items, None]:
        if item is not None and item[0] == (2 * run[-1][0] if run else 1):
            run.append(item)
            continue
        names = {name for _, name in run}
        is_whole = item is None and len(names) == len(run) >= _FEWEST_CODES
        if is_whole and max(map(len, names)) <= _MOST_LETTERS:
            yield dict(run)
        run = [item] if item is not None and item[0] == 1 else []
