"""Ids of the sample submission that are made of several columns of the tables, spelt otherwise.

plot    date        n            id
Clos-7  18/07/2024  1     →      Clos-7_20240718_1
"""

from __future__ import annotations

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import may_be_train_table
from podium.competition.infer.ids.joined import find_joined_cells, find_spelt_column
from podium.competition.infer.image_tables import match_images
from podium.errors import some

__all__ = ["with_joined_ids"]


def with_joined_ids(data: CompetitionData) -> dict[str, MadeTable]:
    """Return the tables with a column of the ids that the sample submission has, by their paths.

    {} but where a table of images to predict has several columns of which all these ids are made,
    more than two, or one of them in another spelling, or one column whose cells they are but for
    zeros and what all begin with, and no column has them. Of images the ids name one each, or units
    of several.
    """
    tables, sample = data.tables, data.sample
    if sample is None:
        return {}
    ids = set(sample.table[sample.id])
    if any(ids <= set(table[one]) for table in tables.values() for one in table):
        return {}
    if all(map(data.folder.named, ids)):
        return {}
    for path, table in (data.test_tables or tables).items():
        if match_images(data.folder, path, table, ("test", "other", "train")) is None:
            continue
        found = find_joined_cells(ids, table) or find_spelt_column(ids, table)
        if found is None:
            continue
        if (
            found.is_plain
            and not found.start
            and (len(found.columns) == 2 or len(ids) < len(table))
        ):
            continue  # a template of the columns names such units
        named = {*found.columns}
        name = sample.id
        if any(name in one for one in tables.values() if named <= set(one)):
            name = f"{sample.id} of the sample"
        reader = f"ids of {some(list(found.columns), 4)}, as {sample.path} has them"
        return {
            other: MadeTable(
                (other,), f"{other} with {reader}", one.assign(**{name: found.ids(one)})
            )
            for other, one in tables.items()
            if named <= set(one) and (other == path or may_be_train_table(other))
        }
    return {}
