"""Two columns that a text names together, as what groups the rows: a tree, and the grove it is in.

README.md: "Folds are split by grove and by tree."    A, 1; A, 2; B, 1    →    A_1, A_2, B_1
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.groups.columns import GroupColumn
from podium.competition.infer.groups.repeats import repeats
from podium.competition.infer.readme.things_apart import ThingApart, place_named
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import plural

__all__ = ["PairedColumns", "find_paired_columns"]

_FEWEST = 3  # groups; fewer make no folds
_SHARED = 0.5
"""The share of rows to predict from which on a column that train has, too, is no group."""


class PairedColumns(NamedTuple):
    """The group of two columns, and the table of train, with a column of both where it has to."""

    group: GroupColumn
    table: pd.DataFrame
    joined: str
    """The column of both; "" where ids of the inner one are of one outer one each."""


def find_paired_columns(
    table: pd.DataFrame,
    used: Collection[str],
    test: pd.DataFrame | None,
    apart: Sequence[ThingApart],
) -> PairedColumns | None:
    """Return the group where a sentence names two columns that may be it; None where none does.

    Where ids of the inner one begin anew in each outer one, both together name an inner one: that
    is the first proposal, and the outer one the other. Where they do not, the outer one, which
    keeps both apart, is the first where data are parted by both; where images of one inner one of
    an outer one belong together, the inner one is. What test shares with train is no group.

    Args:
        table: of train.
        used: columns that name images or labels.
        test: rows of the images to predict, where they are known.
        apart: what texts tell of things that keep images together.
    """
    for thing in apart:
        places = {one: place_named(one, thing.pair) for one in map(str, table) if one not in used}
        named = {one: place for one, place in places.items() if place is not None}
        if len(named) != 2 or any(not _may_group(table[one]) for one in named):
            continue
        first, second = sorted(named, key=lambda one: named[one])
        found = _nested(table, first, second, test, thing)
        found = found or _begun_anew(table, first, second, test, thing)
        if found is not None:
            return found
    return None


def _may_group(cells: pd.Series[str]) -> bool:
    return repeats(cells.value_counts(), at_least=0, fewest=_FEWEST)


def _nested(
    table: pd.DataFrame, first: str, second: str, test: pd.DataFrame | None, thing: ThingApart
) -> PairedColumns | None:
    """Return the group where each inner id is of one outer one; None where ids repeat."""
    by_size = sorted((first, second), key=lambda one: len({*table[one]}))
    outer, inner = by_size
    if float((table[outer].groupby(table[inner]).nunique() == 1).mean()) < NEARLY_ALL:
        return None
    is_inner_first = thing.are_together and first == inner
    order = [inner, outer] if is_inner_first else [outer, inner]
    kept = [one for one in order if not _is_shared(table[one], test, [one])]
    if not kept:
        return None
    group = _group_of(table, kept, thing, f"every {inner} is in one {outer}")
    return PairedColumns(group, table, "")


def _begun_anew(
    table: pd.DataFrame, first: str, second: str, test: pd.DataFrame | None, thing: ThingApart
) -> PairedColumns | None:
    """Return the group where ids of the inner column repeat in outer ones; None where few do.

    The inner one ends with numbers; where both do, it is the one that a text names last of what
    data are parted by, and first of what belongs together.
    """
    outer, inner = (second, first) if thing.are_together else (first, second)
    if not _is_numbered(table[inner]) and _is_numbered(table[outer]):
        outer, inner = inner, outer
    joined = f"{outer}_{inner}"
    both = table[outer] + "_" + table[inner]
    n_repeated = int((table[outer].groupby(table[inner]).nunique() > 1).sum())
    if 2 * n_repeated < table[inner].nunique() or joined in table or not _may_group(both):
        return None
    if both.nunique() <= max(table[outer].nunique(), table[inner].nunique()):
        return None
    wide = table.assign(**{joined: both})
    kept = [] if _is_shared(both, test, [outer, inner]) else [joined]
    kept += [] if _is_shared(table[outer], test, [outer]) else [outer]
    if not kept:
        return None
    why = f"the same {inner} is in several {outer}, so that both name one"
    return PairedColumns(_group_of(wide, kept, thing, why), wide, joined)


def _group_of(
    table: pd.DataFrame, columns: Sequence[str], thing: ThingApart, why: str
) -> GroupColumn:
    """Return the first of several columns as the group, with the others to choose."""
    first, n = columns[0], int(table[columns[0]].nunique())
    reason = f"{plural(n, 'value')} over {plural(len(table), 'row')}: {why}, as {thing.told}"
    return GroupColumn(first, reason, n, tuple(columns[1:]))


def _is_numbered(cells: pd.Series[str]) -> bool:
    return bool(cells.map(lambda one: re.search(r"\d\W*$", one) is not None).all())


def _is_shared(cells: pd.Series[str], test: pd.DataFrame | None, columns: Sequence[str]) -> bool:
    """Return whether most rows to predict have a value of train in these columns."""
    if test is None or test.empty or not {*columns} <= {*test}:
        return False
    of_test = test[columns[0]]
    for one in columns[1:]:
        of_test = of_test + "_" + test[one]
    return float(of_test.isin({*cells}).mean()) > _SHARED
