"""Labels in cells that are lists of Python, JSON or numpy, of train and of the sample submission.

photo,labels                 photo,labels
7,"['red', 'blue']"    →     7,red;blue
8,[]                         (with such a cell: a column of 0 and 1 for each name)
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.lists import unused_sign
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = ["sample_of_lists", "with_plain_lists"]

_MOST_LABELS = 500
_ROWS_A_NAME = 2
_OF_NUMPY = re.compile(r"\[\s*(?:'[^']*'|\"[^\"]*\"|\d+)(?:\s+(?:'[^']*'|\"[^\"]*\"|\d+))*\s*\]")
_ITEM = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")

Lists = Sequence[Sequence[str]]


def with_plain_lists(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with plain lists of labels, or None where it has no such lists.

    Names are in two lists each on average, and in none twice. Numbers are in lists of several
    lengths, or the sample submission asks for them: four each are a box.
    """
    if not may_be_train_table(path):
        return None
    found = {name: one for name in map(str, table.columns) if (one := _lists(table[name]))}
    match = match_of_train(folder, path, table) if found else None
    asked = [] if sample is None else sample.values
    for column, lists in found.items():
        if match is None or column == match.id:
            continue
        if not _are_labels(lists, is_asked=column in asked):
            continue
        names = list(dict.fromkeys(name for one in lists for name in one))
        sign = unused_sign(names)
        reader = f"{path} with plain lists of {column}"
        if all(lists):
            if sign is None:
                return None
            joined = [sign.join(one) for one in lists]
            return MadeTable((path,), reader, table.assign(**{column: joined}))
        rest = table.drop(columns=column)
        if set(names) & set(rest.columns):
            return None
        bits = {name: [str(int(name in one)) for one in lists] for name in sorted(names)}
        reader = f"{path} with a column of 0 and 1 for each name in {column}, as some are empty"
        return MadeTable((path,), reader, rest.assign(**bits))
    return None


def sample_of_lists(
    tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> tuple[MadeTable, dict[str, str]] | None:
    """Return the sample submission with plain lists, and the form of a file to send; or None.

    A table of train has lists in the one column that is asked for.
    """
    column = None if sample is None else sample.plain_value
    if sample is None or column is None:
        return None
    lists = _lists(sample.table[column])
    of_train = [table[column] for table in tables.values() if column in table]
    known = [one for cells in of_train if (one := _lists(cells)) is not None]
    known = [one for one in known if _are_labels(one, is_asked=True)]
    if lists is None or not known:
        return None
    sign = unused_sign([name for one in known[0] for name in one])
    form = _form([cell for cells in (sample.table[column], *of_train) for cell in cells])
    if sign is None or form is None:
        return None
    plain = sample.table.assign(**{column: [sign.join(one) for one in lists]})
    reader = f"{sample.path} with plain lists of {column}"
    return MadeTable((sample.path,), reader, plain), {"lists": form}


def _lists(cells: pd.Series[str]) -> Lists | None:
    """Return the items of each cell, or None where a cell is no list of names or whole numbers."""
    found = []
    for cell in cells:
        items = _items(cell.strip())
        if items is None:
            return None
        found.append(items)
    return found


def _items(cell: str) -> list[str] | None:
    if not (cell.startswith("[") and cell.endswith("]")):
        return None
    if _OF_NUMPY.fullmatch(cell):
        return [one.strip("'\"") for one in _ITEM.findall(cell)]
    try:
        items = ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not all(type(one) in (str, int) and str(one).strip() for one in items):
        return None
    return [str(one).strip() for one in items]


def _are_labels(lists: Lists, *, is_asked: bool) -> bool:
    counts = Counter(name for one in lists for name in one)
    if not counts or len(counts) > _MOST_LABELS or any(len(set(one)) < len(one) for one in lists):
        return False
    if counts.total() < _ROWS_A_NAME * len(counts):
        return False
    are_numbers = all(name.lstrip("-").isdecimal() for name in counts)
    return is_asked or not are_numbers or len({len(one) for one in lists}) > 1


def _form(cells: Sequence[str]) -> str | None:
    """Return how lists are written; None for those of numpy."""
    texts = [cell.strip() for cell in cells]
    if any(_OF_NUMPY.fullmatch(one) and len(_ITEM.findall(one)) > 1 for one in texts):
        return None
    try:
        items = [item for one in texts for item in json.loads(one)]
    except ValueError:
        return "python"
    return "json" if any(isinstance(one, str) for one in items) else "numbers"
