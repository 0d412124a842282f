"""Rows of images that name each other in pairs, as the two eyes of a person: they are a group.

Eye,Fellow eye,grade        Eye,Fellow eye,grade,Fellow eye group
E1,E7,0                →    E1,E7,0,E1
E5,,1                       E5,,1,E5
E7,E1,2                     E7,E1,2,E1
"""

from __future__ import annotations

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.groups.repeats import is_group_name
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import plural

__all__ = ["with_groups_of_links"]

_FEWEST_PAIRS = 3


def with_groups_of_links(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with a column of what rows that name each other have in common.

    A column has the id of another row, which has that of this one, or is blank. None where a column
    is called as groups are, or where the sample submission asks for the column.
    """
    if not may_be_train_table(path) or any(map(is_group_name, map(str, table))):
        return None
    match = match_of_train(folder, path, table)
    if match is None or match.several or match.id not in table or not table[match.id].is_unique:
        return None
    asked = set() if sample is None else {*sample.values}
    for other in [str(one) for one in table if one != match.id and one not in asked]:
        if not (n_pairs := _n_pairs(table[match.id], table[other])):
            continue
        partner = table[other].where(table[other] != "", table[match.id])
        both = zip(table[match.id], partner, strict=True)
        name = f"{other} group"
        group = pd.Series([min(one) for one in both], table.index, dtype=object, name=name)
        told = f"{path} with {name}: {plural(n_pairs, 'pair')} of rows name each other in {other}"
        return MadeTable((path,), told, pd.concat([table, group], axis="columns"))
    return None


def _n_pairs(ids: pd.Series[str], cells: pd.Series[str]) -> int:
    """Return how many pairs of rows name each other in their cells; 0 where some do otherwise."""
    is_linked = cells != ""
    if is_linked.sum() < 2 * _FEWEST_PAIRS or not cells[is_linked].isin(ids).all():
        return 0
    partner = dict(zip(ids[is_linked], cells[is_linked], strict=True))
    are_pairs = all(own != one and partner.get(one) == own for own, one in partner.items())
    return len(partner) // 2 if are_pairs else 0
