"""Rows that name other rows of their table, as what each was cut from: what hangs together is one.

box  card  copied_from        copied_from group
4    1                   →    4/1
7    3     4/1                4/1
9    2     7/3                4/1
9    5                        9/5

So are pairs that name each other, as the two eyes of a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.rows import columns_of_key, ids_of_rows
from podium.competition.infer.conversions.ids.spelt_ids import key_of_signs
from podium.competition.infer.files import DataFolder
from podium.competition.infer.groups.columns import GroupColumn
from podium.competition.infer.groups.repeats import FEWEST_GROUPS
from podium.competition.infer.labels.cells import has_fractions
from podium.competition.infer.readme.things_apart import readme_linked_rows
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.errors import plural

__all__ = ["LinkedRows", "find_linked_rows"]

_FEWEST_LINKS = 4  # fewer are met by chance, and part nothing
_CHANCE = 1e-3
_MOST_COLUMNS, _MOST_KEYS, _PROBED = 40, 4, 100
_BETWEEN = re.compile(r"\s*[;,|]\s*")  # of several rows that a cell names

_Key = tuple[str, ...]


class LinkedRows(NamedTuple):
    """The group of rows that hang together through a column, and the table of train with it.

    Attributes:
        group: the made column.
        table: with it.
        link: the column whose cells name other rows.
        told: which text states that linked rows belong together; "" for none.
    """

    group: GroupColumn
    table: pd.DataFrame
    link: str
    told: str

    @property
    def cells(self) -> pd.Series[str]:
        """The group of each row."""
        return self.table[self.group.column]


def find_linked_rows(
    folder: DataFolder,
    table: pd.DataFrame,
    id_key: str,
    labels: Sequence[str],
    test: pd.DataFrame | None,
) -> LinkedRows | None:
    """Return the group of rows that name each other, or None.

    Nearly all cells of a column that are not blank name another row, of train or of test, by what
    images are called by or by a column that no two rows share: several with commas or semicolons
    between them. Where rows are numbered, any column of numbers does so: then a text must state
    that linked rows belong together, or nearly all of these must have one label. Of links that put
    most rows into one group no folds could be made.

    Args:
        folder: with the texts.
        table: of train, a row an image.
        id_key: the column that names the images, or a template of several.
        labels: the columns of labels.
        test: rows of the images to predict, where they are known.
    """
    of_ids = columns_of_key(id_key)
    if id_key not in table and not {*of_ids} <= {*table}:
        return None
    columns = [str(one) for one in table if "{" not in str(one) and one not in labels]
    columns = [one for one in columns if one not in (id_key, *of_ids)]
    # A measure is neither the name of a row nor that of another one.
    columns = [one for one in columns[:_MOST_COLUMNS] if not has_fractions(table[one])]
    ways = (_row_names(table, one, test) for one in (id_key, *columns) if _is_key(table, one))
    each = list(islice((one for one in ways if one is not None), _MOST_KEYS))
    for link in columns:
        for called in each if f"{link} group" not in table else ():
            if called.key == link or (found := _linked(table, called, link, test)) is None:
                continue
            told = readme_linked_rows(folder, link)
            if told or not _are_by_chance(table, found, labels):
                return _grouped(table, found, link, told)
    return None


class _RowNames(NamedTuple):
    """What the rows of train, and of test where it has the columns, are called by.

    Attributes:
        key: the column, or the template of several.
        names: of the rows of train.
        of_rows: the keys of the names of train, and of test.
        known: all of these.
    """

    key: str
    names: list[str]
    of_rows: list[list[_Key]]
    known: frozenset[_Key]


class _Links(NamedTuple):
    """Rows that are linked: what each is called by, its name, and the pairs of a column."""

    of_rows: list[_Key]
    names: list[str]
    pairs: list[tuple[_Key, _Key]]

    def groups(self) -> list[str]:
        """Return the name of the first row that hangs together with each row."""
        above: dict[_Key, _Key] = {}

        def top(key: _Key) -> _Key:
            while (one := above.get(key, key)) != key:
                above[key] = above.get(one, one)
                key = one
            return key

        for one, other in self.pairs:
            above[top(one)] = top(other)
        first: dict[_Key, str] = {}
        return [
            first.setdefault(top(key), name)
            for key, name in zip(self.of_rows, self.names, strict=True)
        ]


def _is_key(table: pd.DataFrame, key: str) -> bool:
    """Return whether a column, or several by a template, name each row alone."""
    if key in table:
        return bool(table[key].is_unique and (table[key] != "").all())
    return not table.duplicated(columns_of_key(key)).any()


def _row_names(table: pd.DataFrame, key: str, test: pd.DataFrame | None) -> _RowNames | None:
    """Return what rows are called by in a column, or several; None where signs alone part two."""
    has_test = test is not None and {*columns_of_key(key)} <= {*test}
    names = [_ids(one, key) for one in (table, *([test] if has_test else [])) if one is not None]
    of_rows = [[key_of_signs(name) for name in each] for each in names]
    if len({*of_rows[0]}) < len(of_rows[0]):
        return None
    return _RowNames(key, names[0], of_rows, frozenset(one for each in of_rows for one in each))


def _linked(
    table: pd.DataFrame, called: _RowNames, link: str, test: pd.DataFrame | None
) -> _Links | None:
    """Return the links of a column to rows by what they are called; None where it is none."""
    cells = [one for one in table[link].iloc[:: max(1, len(table) // _PROBED)] if one]
    named = [all(one in called.known for one in _rows_in(cell)) for cell in cells]
    if sum(named) < HALF * len(cells):
        return None
    pairs: list[tuple[_Key, _Key]] = []
    n_named = n_cells = 0
    for rows, keys in zip((table, test), called.of_rows, strict=False):
        if rows is None or link not in rows:
            continue
        for own, cell in zip(keys, rows[link], strict=True):
            others = _rows_in(cell)
            n_cells += bool(others)
            n_named += bool(others) and all(other in called.known for other in others)
            pairs += [(own, other) for other in others if other and other != own]
    if n_named < NEARLY_ALL * n_cells or len(pairs) < _FEWEST_LINKS:
        return None
    found = _Links(called.of_rows[0], called.names, pairs)
    sizes = pd.Series(found.groups(), dtype=object).value_counts()
    if len(sizes) < FEWEST_GROUPS or not 1 < sizes.max() <= HALF * len(table):
        return None
    return found


def _rows_in(cell: str) -> list[_Key]:
    """Return the keys of the rows that a cell names."""
    return [key_of_signs(part) for part in _BETWEEN.split(cell) if part]


def _ids(table: pd.DataFrame, key: str) -> list[str]:
    return list(table[key]) if key in table else ids_of_rows(table, key)


def _are_by_chance(table: pd.DataFrame, links: _Links, labels: Sequence[str]) -> bool:
    """Return whether links may be numbers of something else, as counts, which rows have as ids.

    Numbers of rows far apart are hardly met by chance; labels that linked rows share tell, too.
    """
    numbers = {int(one[0]) for one in links.of_rows if len(one) == 1 and one[0].isdecimal()}
    if len(numbers) < len(links.of_rows):
        return False
    share = len(numbers) / (max(numbers) - min(numbers) + 1)
    if share ** len({other for _, other in links.pairs}) < _CHANCE:
        return False
    row: Mapping[_Key, int] = {key: n for n, key in enumerate(links.of_rows)}
    pairs = [(row[a], row[b]) for a, b in links.pairs if a in row and b in row]
    if not labels or len(pairs) < _FEWEST_LINKS:
        return True
    each = list(table[list(labels)].itertuples(index=False, name=None))
    n_alike = sum(each[a] == each[b] for a, b in pairs)
    shares = pd.Series(each, dtype=object).value_counts(normalize=True)
    of_chance = float((shares**2).sum())
    return n_alike < NEARLY_ALL * len(pairs) or of_chance ** len(pairs) > _CHANCE


def _grouped(table: pd.DataFrame, links: _Links, link: str, told: str) -> LinkedRows:
    name = f"{link} group"
    wide = table.assign(**{name: pd.Series(links.groups(), table.index, dtype=object)})
    sizes = wide[name].value_counts()
    why = (
        f"{plural(len(sizes), 'value')} over {plural(len(table), 'row')}: rows that name each "
        f"other in {link}, through other rows, too, must not cross folds"
    )
    why += f", as {told}" if told else ""
    return LinkedRows(GroupColumn(name, why, len(sizes)), wide, link, told)
