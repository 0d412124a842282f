"""Tables of train whose ids are an image and one of a few labels, which become a column each.

id          present        id   sharp  tilted
s1_sharp    1         →    s1   1      0
s1_tilted   0
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.ids.keys import SIGNS
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.labels.named_in_rows import names_beside_images
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import plural, some

__all__ = ["columns_of_melted_rows"]

_MOST_ENDS = 100
_PROBED = 300


def columns_of_melted_rows(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with a column for each of the labels that end its ids, or None.

    Each id is the name of an image, a sign and one of a few ends; each image has each end once, and
    a number. The sample submission asks for these ends, in its ids or as its columns; without one
    the numbers are 0 and 1.
    """
    if len(table.columns) != 2 or len(table) < 2 or not may_be_train_table(path):
        return None
    id_, value = map(str, table.columns)
    if numbers_of(table[value]) is None or (table[value] == "").any():
        return None
    if match_of_train(folder, path, table) is not None:
        return None
    pairs = [_image_and_end(folder, cell) for cell in table[id_].iloc[:_PROBED]]
    ends = sorted({end for _, end in pairs}, key=len, reverse=True)
    if "" in ends or not 1 < len(ends) <= _MOST_ENDS or len({sign for sign, _ in pairs}) != 1:
        return None
    if not _are_in_sample(folder, ends, table[value], sample):
        return None
    sign = pairs[0][0]
    rows = table.drop_duplicates()
    parts = rows[id_].str.extract(f"^(.+?){re.escape(sign)}({'|'.join(map(re.escape, ends))})$")
    if parts.isna().any(axis=None) or parts.duplicated().any():
        return None
    wide = rows.assign(**{id_: parts[0], "end": parts[1]}).pivot(
        index=id_, columns="end", values=value
    )
    order = list(dict.fromkeys(parts[1]))
    wide = wide.reindex(index=list(dict.fromkeys(parts[0])), columns=order)
    is_named = [bool(folder.named(image)) for image in wide.index]
    if wide.isna().any(axis=None) or sum(is_named) < NEARLY_ALL * len(is_named) or id_ in order:
        return None
    repeated = len(table) - len(rows)
    reader = f"{path} with a column for each end of {id_}: {some(order)}"
    reader += f"; {plural(repeated, 'row')} stood twice" * bool(repeated)
    return MadeTable((path,), reader, wide.rename_axis(columns=None).reset_index().astype(object))


def _image_and_end(folder: DataFolder, cell: str) -> tuple[str, str]:
    """Return the sign and the end behind the longest name of an image in a cell; "" without."""
    for found in reversed([*SIGNS.finditer(cell)]):
        if found.end() < len(cell) and folder.named(cell[: found.start()]):
            return found[0], cell[found.end() :]
    return "", ""


def _are_in_sample(
    folder: DataFolder, ends: Sequence[str], cells: pd.Series[str], sample: SampleSubmission | None
) -> bool:
    """Return whether a sample submission asks for the ends; without one, whether they are words."""
    if sample is None:
        return set(cells) == {"0", "1"} and not any(map(str.isdecimal, ends))
    if set(sample.values) == set(ends):
        return True
    return names_beside_images(list(sample.table[sample.id]), ends, folder.named) == set(ends)
