"""Columns of a train table that may group its rows, although no word tells it.

As a `farm` of eight photographs each. What is known of an image, as the weather, stands anywhere in
a table and as often as it comes. The rows of a group stand together, or each group has as many.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.groups.columns import GroupColumn, find_fold_column
from podium.competition.infer.groups.repeats import are_shared_ids, is_group_name
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.labels.column_names import is_known_fact
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.spelling import numbers_and_words
from podium.errors import plural

__all__ = ["coarser_columns", "find_unnamed_group"]

_FEWEST_GROUPS = 4
_REPEATED = 0.5
_CHANCE = 1e-3
_SHARED = 0.5


class _Candidate(NamedTuple):
    """A column that may group rows, how often its values stand there, and whether together."""

    column: str
    n: int
    why: str
    together: bool


def find_unnamed_group(
    table: pd.DataFrame,
    id_column: str,
    labels: InferredLabels | None,
    test: pd.DataFrame | None,
    *,
    folders: Sequence[str] = (),
    scheme: str = "stratified_group",
) -> tuple[GroupColumn | None, list[str]]:
    """Return a column, to ask for, in which rows of a value follow each other, and notes on others.

    Of several the one with the most values is taken: sites hold farms, and those hold images. A
    column is looked at where most of its values come several times, and it is neither known of an
    image by its name nor told by the label, nor shared with test.

    Args:
        table: of train, a row an image.
        id_column: that names the images, which may be a template of columns.
        labels: of train; None where there are masks alone.
        test: rows of the images to predict, where they are known.
        folders: that the images of the rows lie in, "" of a row without.
        scheme: of folds, that keeps groups together.
    """
    if id_column not in table or not table[id_column].is_unique:
        return None, []
    if find_fold_column(table, [id_column]) is not None:
        return None, []  # the host split it
    of_labels = [] if labels is None else labels.column_names
    rivals = [] if labels is None else labels.rival_names
    used = (id_column, *of_labels, *rivals)
    columns = [one for one in map(str, table) if one not in used]
    ordered = table.sort_values(id_column, key=lambda cells: cells.map(numbers_and_words))
    found = []
    for column in columns:
        if _may_group(table, column, _classes(labels), test):
            is_folder = any(folders) and all(map(_is_called, folders, table[column]))
            one = _candidate(column, [table[column], ordered[column]], is_folder=is_folder)
            found += [] if one is None else [one]
    notes = [
        f"{one.column} may group rows ({one.why}): if images of one are alike, write "
        f"folds: {{scheme: {scheme}, group: {one.column}}}"
        for one in found
        if not one.together
    ]
    asked = sorted((one for one in found if one.together), key=lambda one: -one.n)
    if not asked:
        return None, notes
    others = (*(one.column for one in asked[1:]), None)
    return GroupColumn(asked[0].column, asked[0].why, asked[0].n, others), notes


def coarser_columns(
    table: pd.DataFrame,
    group: GroupColumn,
    labels: InferredLabels | None,
    test: pd.DataFrame | None,
    *,
    told: Sequence[str] = (),
    asked: Sequence[str] = (),
) -> list[str]:
    """Return a note on columns of words of which each value holds several whole groups; [] without.

    As the dairy of each cheese. Nothing shows whether images of other dairies are to be predicted,
    where the rows of these do not name it.

    Args:
        table: of train, a row an image.
        group: of its folds.
        labels: of train; None where there are masks alone.
        test: rows of the images to predict, where they are known.
        told: notes that name columns already.
        asked: columns that the sample submission asks for: answers are no groups.
    """
    if group.column not in table or group.others:
        return []
    of_labels = [] if labels is None else labels.column_names
    rivals = [] if labels is None else labels.rival_names
    known = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in map(str, table)))
    named = {found for note in told for found in known.findall(note)}
    used = {group.column, *of_labels, *rivals, *named, *asked, *([] if test is None else test)}
    each = table[~table[group.column].duplicated()]
    found = []
    for column in (one for one in map(str, table) if one not in used):
        n, cells = table[column].nunique(), each[column]
        if numbers_of(cells) is not None or 2 * n > len(each):
            continue
        is_whole = (table[column].groupby(table[group.column]).nunique() == 1).all()
        if is_whole and _may_group(each, column, _classes(labels), None, is_named=True):
            found.append(f"{column} ({plural(n, 'value')} over {len(each):,})")
    if not found:
        return []
    first = found[0].rpartition(" (")[0]
    return [
        f"every {group.column} lies in one {' and in one '.join(found)}: if images of others are "
        f"to be predicted, write folds: {{scheme: stratified_group, group: {first}}}"
    ]


def _classes(labels: InferredLabels | None) -> list[str]:
    """Return the columns of labels that may tell a group: a measure of one row tells nothing."""
    return [] if labels is None or labels.kind.is_continuous else labels.column_names


def _may_group(
    table: pd.DataFrame,
    column: str,
    labels: Sequence[str],
    test: pd.DataFrame | None,
    *,
    is_named: bool = False,
) -> bool:
    """Return whether most rows share a value that label, name and test leave to a group.

    Args:
        table, column, labels, test: as they are.
        is_named: whether the column may be called as groups are.
    """
    cells = table[column]
    sizes = cells.value_counts()
    if len(sizes) < _FEWEST_GROUPS or "" in sizes.index or "{" in column:
        return False
    if sizes[sizes > 1].sum() < _REPEATED * len(cells):
        return False
    if (is_group_name(column) and not is_named) or is_known_fact(column, cells):
        return False
    if test is not None and column in test and test[column].isin(sizes.index).mean() > _SHARED:
        return False
    return not labels or bool((cells.groupby([table[one] for one in labels]).nunique() > 1).any())


def _is_called(folder: str, cell: str) -> bool:
    """Return whether a cell is the name of a folder; where there is none, nothing tells."""
    return not folder or folder.rpartition("/")[2] == cell


def _candidate(
    column: str, orders: Sequence[pd.Series[str]], *, is_folder: bool
) -> _Candidate | None:
    """Return why a column may group rows, or None where nothing speaks for it.

    Args:
        column: its name.
        orders: its cells in several orders of the rows.
        is_folder: whether its cells name the folder of each image.
    """
    cells = orders[0]
    sizes = cells.value_counts()
    if not is_folder and any(_is_a_count(one) for one in orders):
        return None
    low, high = int(sizes.min()), int(sizes.max())
    times = f"each {low:,} times" if low == high else f"each {low:,} to {high:,} times"
    count = f"{plural(len(sizes), 'value')} over {plural(len(cells), 'row')}, {times}"
    if any(_stand_together(one, sizes) for one in orders):
        return _Candidate(column, len(sizes), f"{count}, rows of one follow each other", True)
    if is_folder:
        return _Candidate(column, len(sizes), f"{count}, as the folder of each image is", False)
    if _are_even(sizes) or are_shared_ids(cells):
        return _Candidate(column, len(sizes), count, False)
    return None


def _is_a_count(cells: pd.Series[str]) -> bool:
    """Return whether values come round and round in one order, as the shots of each visit."""
    n, each = cells.nunique(), list(cells)
    return each[n:] == each[:-n]


def _stand_together(cells: pd.Series[str], sizes: Collection[int]) -> bool:
    """Return whether rows of each value follow each other, as those of chance hardly would."""
    n_runs = int((cells != cells.shift()).sum())
    orders = sum(math.lgamma(n + 1) for n in (len(sizes), *sizes))
    chance = orders - math.lgamma(len(cells) + 1)
    return n_runs == len(sizes) and chance < math.log(_CHANCE)


def _are_even(sizes: pd.Series[int]) -> bool:
    """Return whether values come more equally often than those of chance would.

    By the chi-square statistic of equal shares, whose lower tail it is.
    """
    from scipy.special import gammainc

    mean = sizes.mean()
    statistic = float(((sizes - mean) ** 2).sum() / mean)
    return float(gammainc((len(sizes) - 1) / 2, statistic / 2)) < _CHANCE
