"""The columns of a table that group its rows: by their names, and by how their cells repeat."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from podium.competition.infer.groups.repeats import (
    FEWEST_GROUPS,
    are_shared_ids,
    is_group_name,
    repeats,
)
from podium.competition.infer.ids.keys import common_start
from podium.competition.infer.labels.column_names import is_known_fact
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.readme.things_apart import ThingApart, column_apart
from podium.competition.infer.shares import ALL_BUT_FEW, NEARLY_ALL
from podium.competition.languages import is_called, meaning_words
from podium.competition.spelling import name_words
from podium.errors import plural

__all__ = ["GroupColumn", "find_fold_column", "find_group", "find_named_group"]

_LARGEST_UNNAMED_GROUP = 20
_FEWEST_TOLD = 3
"""Groups of which a text says that test has others; fewer make no folds."""


@dataclass(frozen=True)
class GroupColumn:
    """A column, or a part of the ids, whose values must not cross folds: a key of `folds.group`."""

    column: str
    why: str
    n: int
    """groups"""
    others: tuple[str | None, ...] = ()
    """Columns that may be the group instead, or None for no group, where a person must choose."""


def find_group(
    table: pd.DataFrame,
    used: Sequence[str],
    labels: InferredLabels,
    test: pd.DataFrame | None,
    *,
    named: Collection[str] = (),
    apart: Sequence[ThingApart] = (),
) -> tuple[GroupColumn | None, list[str]]:
    """Return the column that groups rows, and notes on columns that look like one but are not.

    A column is taken where its name stands for something that cannot be in train and test at once
    (a patient, a scene), where test has several of its values and none of train's, or where it has
    many small groups of one label each; and where most of its values are repeated, and the test
    table does not repeat them. Where each group lies in one of another such column, as a session in
    a patient, that one is taken.

    Args:
        table: of train.
        used: columns, or templates of them, that name the images.
        labels: of train.
        test: rows of the images to predict, where they are known.
        named: columns that group rows although their names are no words for it.
        apart: things of which test has others than train, as texts state: a column of these is
            taken before others.
    """
    notes = []
    found = [one for column in used for one in _groups_in_paths(table, column)]
    fields = re.findall(r"\{(\w+)", used[0]) if used else []
    of_image = fields[-1] if len(fields) > 1 else None  # a frame of a video groups nothing
    for column in table.columns:
        if column in (*used, of_image) or column in labels.column or column == labels.column:
            continue
        sizes = table[column].value_counts()
        is_apart = _is_apart(table, column, test)
        said = column_apart(column, apart)
        told = said if repeats(sizes, fewest=_FEWEST_TOLD) else ""
        if said and len(sizes) == 2:
            notes.append(
                f"{said}, and {column} has 2 values alone and was not taken as the group: to keep "
                "the images of each in one fold, write folds: {scheme: stratified_group, n: 2, "
                f"group: {column}}}"
            )
        is_named = column in named or is_group_name(column)
        is_named = is_named or (is_apart and repeats(sizes))
        # Two images of one patient are a leak, also where most patients have one.
        if is_named and not (told or repeats(sizes, at_least=0)):
            if 1 < len(sizes) < FEWEST_GROUPS and is_called(column, "person"):
                notes.append(
                    f"{column} has {plural(len(sizes), 'value')} alone and was not taken as the "
                    "group: to keep the images of each in one fold, write folds: "
                    "{scheme: stratified_group, n: "
                    f"{len(sizes)}, group: {column}}}"
                )
            continue
        is_named = is_named or told != ""
        if not is_named and not (repeats(sizes) and _is_like_a_group(table, column, sizes, labels)):
            continue
        shared = _shared_with_test(table, column, test)
        if shared > 0.5:
            notes.append(
                f"{column} looks like a group, but {shared:.0%} of its values in the test table "
                "are in train, too: folds may split it as train and test do"
            )
            continue
        found.append(_Grouping(column, table[column], is_named, is_apart, told))
    others = [one for one in map(str, table.columns) if one not in (*used, of_image)]
    others = [one for one in others if one != labels.column and one not in labels.column]
    found += _coarser_ids(table, found, others, test)
    group, further = _choose_group(found, len(table))
    return group, [*notes, *further]


@dataclass(frozen=True, eq=False)
class _Grouping:
    """A column, or a part of the ids, that may group rows."""

    key: str
    """As `GroupColumn.column`."""
    values: pd.Series[str]
    """Of each row."""
    named: bool = True
    """Whether its name, or test, speaks for it; else its labels alone."""
    apart: bool = False
    """Whether test has several of its values, and none of train's."""
    told: str = ""
    """Which text states that test has others."""

    @property
    def n(self) -> int:
        """The number of groups."""
        return int(self.values.nunique())

    @property
    def words(self) -> set[str]:
        return set() if "=" in self.key else set(name_words(self.key))

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, int, str]:
        """The first of several that do not lie in each other is taken."""
        is_fact = is_known_fact(self.key, self.values)
        is_person = bool(self.words & meaning_words("person"))
        return not self.told, not self.named, is_fact, not is_person, -self.n, self.key

    def lies_in(self, other: _Grouping) -> float:
        """Return the part of the groups whose rows are all of one group of another."""
        return _share_of_one(other.values, self.values)

    def may_hold(self, other: _Grouping) -> bool:
        """Return whether this one is coarser, and groups of `other` lie in it, but for a few."""
        if not self.named or self.n >= other.n or is_known_fact(self.key, self.values):
            return False
        return other.lies_in(self) >= NEARLY_ALL


def _choose_group(found: Sequence[_Grouping], n_rows: int) -> tuple[GroupColumn | None, list[str]]:
    """Return the group of several that may be it, and notes on the others."""
    if not found:
        return None, []
    first = min(found, key=lambda one: one.rank)
    coarser = [one for one in found if one.may_hold(first) and (one.told or not first.told)]
    # Many patients are of one site: that must not cross folds only where new sites are predicted.
    optional = [one for one in coarser if first.words & meaning_words("person") and not one.apart]
    taken = min([first, *(one for one in coarser if one not in optional)], key=lambda one: one.n)
    notes = []
    for one in found:
        if one is taken:
            continue
        if one in optional:
            fix = f"if images of another {one.key} are to be predicted, write it as folds.group"
            notes.append(f"every {taken.key} lies in one {one.key}: {fix}")
        elif taken.may_hold(one):
            torn = round((1 - one.lies_in(taken)) * one.n)
            every = f"every {one.key} lies" if not torn else f"all {one.key} but {torn:,} lie"
            notes.append(f"{every} in one {taken.key}, so {taken.key} was taken as the group")
        else:
            notes.append(f"{one.key} could be the group as well; {taken.key} was taken")
    sizes = taken.values.value_counts()
    why = _why_group(taken.key, sizes, n_rows, by_name=taken.named)
    why += f", as {taken.told}" if taken.told else ""
    return GroupColumn(taken.key, why, len(sizes)), notes


def _coarser_ids(
    table: pd.DataFrame,
    found: Sequence[_Grouping],
    columns: Sequence[str],
    test: pd.DataFrame | None,
) -> list[_Grouping]:
    """Return the columns of ids that several groups share each, by whatever name.

    Args:
        table: of train.
        found: what may group its rows.
        columns: that may have such ids.
        test: rows of the images to predict, where they are known.
    """
    first = min(found, key=lambda one: one.rank, default=None)
    if first is None or not first.named:
        return []
    is_first = ~first.values.duplicated()
    known = {one.key for one in found}
    ids = [one for one in columns if one not in known and are_shared_ids(table[one][is_first])]
    each = [_Grouping(one, table[one]) for one in ids if _shared_with_test(table, one, test) <= 0.5]
    return [one for one in each if one.may_hold(first)]


def _groups_in_paths(table: pd.DataFrame, column: str) -> Iterator[_Grouping]:
    """Yield the folders in the cells of a column that are called as groups are, as `patient_7/…`.

    Each has a key of `folds.group`.
    """
    levels = [cell.split("/")[:-1] for cell in table[column]] if column in table.columns else []
    if not levels or len({len(one) for one in levels}) > 1:
        return
    for level in range(len(levels[0])):
        folders = pd.Series([one[level] for one in levels], table.index, dtype=object)
        words = set(name_words(common_start(list(folders))))
        if meaning_words("group") & words and repeats(folders.value_counts()):
            key = f"{column}={'*/' * level}{{group}}/{'*/' * (len(levels[0]) - level - 1)}*"
            yield _Grouping(key, folders)


def find_named_group(
    table: pd.DataFrame,
    used: Sequence[str],
    test: pd.DataFrame | None = None,
    *,
    named: Collection[str] = (),
    apart: Sequence[ThingApart] = (),
) -> GroupColumn | None:
    """Return the column that groups rows by its name, or as test has none of its values.

    Args:
        table: of train.
        used: columns, or templates of them, that name the images.
        test: rows of the images to predict, where they are known.
        named: columns that group rows although their names are no words for it.
        apart: as of `find_group`.
    """
    found = [group for one in used for group in _groups_in_paths(table, one)]
    for column in map(str, table.columns):
        if column in used or _shared_with_test(table, column, test) > 0.5:
            continue
        sizes = table[column].value_counts()
        is_named = (column in named or is_group_name(column)) and repeats(sizes, at_least=0)
        is_apart = _is_apart(table, column, test)
        told = column_apart(column, apart)
        told = told if repeats(sizes, fewest=_FEWEST_TOLD) else ""
        if told or is_named or (is_apart and repeats(sizes)):
            found.append(_Grouping(column, table[column], apart=is_apart, told=told))
    return _choose_group(found, len(table))[0]


def find_fold_column(table: pd.DataFrame, used: Sequence[str]) -> str | None:
    """Return the column that already holds fold numbers, or None."""
    for column in table.columns:
        if column not in used and name_words(column)[:1] in (["fold"], ["kfold"]):
            values = set(table[column])
            if 2 <= len(values) <= 20 and values == {str(k) for k in range(len(values))}:
                return str(column)
    return None


def _is_like_a_group(
    table: pd.DataFrame, column: str, sizes: pd.Series[int], labels: InferredLabels
) -> bool:
    """Return True where a column looks like a group: many small groups, one label in each."""
    numbers = pd.to_numeric(table[column], errors="coerce")
    called_id = "id" in name_words(column)
    if not numbers.isna().any() and not called_id:
        return False
    at_least = max(4 if called_id else 10, len(labels.classes)) + 1
    if len(sizes) < at_least or sizes.median() > _LARGEST_UNNAMED_GROUP:
        return False
    label = (
        table[labels.column] if isinstance(labels.column, str) else table[labels.column].sum(axis=1)
    )
    if labels.kind.is_by_output and not called_id and _names_each(table[column], label):
        return False
    return _share_of_one(label, table[column]) >= ALL_BUT_FEW


def _names_each(cells: pd.Series[str], labels: pd.Series[str]) -> bool:
    """Return whether rows of the same labels have the same cell, as `ka` is a base and its mark."""
    of_several = labels.duplicated(keep=False)
    return _share_of_one(cells[of_several], labels[of_several]) >= NEARLY_ALL


def _share_of_one(cells: pd.Series[str], groups: pd.Series[str]) -> float:
    """Return the part of the groups whose rows have one same cell; NaN where there is no group."""
    return float((cells.groupby(groups).nunique() == 1).mean())


def _shared_with_test(table: pd.DataFrame, column: str, test: pd.DataFrame | None) -> float:
    if test is None or column not in test.columns or test.empty:
        return 0.0
    return float(np.mean(test[column].isin(set(table[column]))))


def _is_apart(table: pd.DataFrame, column: str, test: pd.DataFrame | None) -> bool:
    """Return whether the test table has several values of a column, and none of train's."""
    if test is None or column not in test.columns or test[column].nunique() < 2:
        return False
    return not test[column].isin(set(table[column])).any()


def _why_group(column: str, sizes: pd.Series[int], n_rows: int, *, by_name: bool) -> str:
    count = f"{plural(len(sizes), 'value')} over {plural(n_rows, 'row')}"
    low, high = int(sizes.min()), int(sizes.max())
    times = f"each {low:,} times" if low == high else f"each {low:,} to {high:,} times"
    what = (
        f"rows of one {column} must not cross folds"
        if by_name
        else (
            f"rows of one {column} have one label and are likely alike: they must not cross folds"
        )
    )
    return f"{count}, {times}: {what}"
