"""Tables with a row for each quantity of what a table of images names: a column for each quantity.

photos:  photo,survey      readings_2021:  survey,code,value        survey  H     TU
         7,R21-4                           R21-4,H,21.9        →    R21-4   21.9  99.6
         8,R21-4                           R21-4,TU,99.6            R22-9   44
                           readings_2022:  survey,code,value
                                           R22-9,H,44
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import may_be_train_table
from podium.competition.infer.image_tables import is_of_images
from podium.competition.infer.labels.cells import has_fractions, numbers_of
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import some

__all__ = ["quantities_by_key"]

_MOST_CODES = 100


def quantities_by_key(data: CompetitionData) -> MadeTable | None:
    """Return a table with the quantities that the sample submission asks for, a row a key, or None.

    Tables of the same columns are one. A column has the names of the sample's columns, another one
    keys that a table of images has, too, and a single one numbers that differ among the rows of a
    key. No key has two rows of one quantity, nor a quantity two units. Whole numbers without a row
    for each quantity of a key may count what is there, and where nothing is, no row.

    Args:
        data: whose sample asks for several numbers that no table has as columns.
    """
    sample, tables = data.sample, data.tables
    if sample is None or len(sample.values) < 2 or not sample.has_numbers:
        return None
    wanted = {*sample.values}
    if any(wanted & {*map(str, table)} for table in tables.values()):
        return None
    alike = defaultdict[tuple[str, ...], list[str]](list)
    for path, table in tables.items():
        if may_be_train_table(path):
            alike[tuple(map(str, table))].append(path)
    for paths in alike.values():
        rows = pd.concat([tables[one] for one in paths], ignore_index=True)
        codes = [one for one in map(str, rows) if wanted <= {*rows[one].unique()[:_MOST_CODES]}]
        if len(codes) != 1 or any(is_of_images(data.folder, path, tables[path]) for path in paths):
            continue
        [code] = codes
        own = rows[rows[code].isin(list(wanted))]
        others = [table for path, table in tables.items() if path not in paths]
        for key in _keys(own, code, others):
            value = _value_column(own, key, code)
            if value is not None:
                wide = own.set_index([key, code])[value].unstack(code)[list(sample.values)]
                if wide.isna().any(axis=None) and not has_fractions(own[value]):
                    continue
                told = f"{value} of {some(paths)}, with a column for each {code} that is asked for"
                table = wide.fillna("").rename_axis(columns=None).reset_index()
                return MadeTable(tuple(paths), told, table.astype(object))
    return None


def _keys(own: pd.DataFrame, code: str, others: list[pd.DataFrame]) -> Iterator[str]:
    """Yield the columns by which another table names the rows, one of each code at most."""
    for key in map(str, own):
        if key == code or own.duplicated([key, code]).any():
            continue
        known = {*own[key]}
        if any(
            key in one and len(known & {*one[key]}) >= NEARLY_ALL * len(known) for one in others
        ):
            yield key


def _value_column(own: pd.DataFrame, key: str, code: str) -> str | None:
    """Return the one column of numbers that differ among rows; others have one text a code."""
    found = []
    for name in map(str, own):
        if name in (key, code) or own.groupby(code)[name].nunique().le(1).all():
            continue
        found.append(name)
    return found[0] if len(found) == 1 and numbers_of(own[found[0]]) is not None else None
