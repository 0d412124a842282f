"""Tables with a row for the images of a patient, and a column for each: `left_grade`.

patient,age,left_grade,right_grade          image,patient,age,grade
017,61,0,2                            →     017_left,017,61,0
                                            017_right,017,61,2
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.spelling import name_words

__all__ = ["rows_of_sides"]

"""The share of the rows that must have an image of each side."""
_SIGNS = "_-. "


def rows_of_sides(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame]
) -> tuple[str, MadeTable] | None:
    """Return the path of such a table, and a table with a row for each image; None without one.

    Images are called by a cell of the table and a word that tells them apart, and columns of the
    table have these words.

    Args:
        folder: with the images.
        tables: by path; none of them names images.
    """
    images = folder.of_part("train", "other")
    for path, table in tables.items():
        if not may_be_train_table(path):
            continue
        for key in map(str, table.columns):
            if not table[key].is_unique or table[key].eq("").any():
                continue
            sides = _sides([image.stem for image in images], set(table[key]))
            columns = _columns_of_sides(table, key, list(sides)) if len(sides) > 1 else {}
            if columns and all(len(own) >= NEARLY_ALL * len(table) for own in sides.values()):
                return path, _rows(path, table, key, sides, columns)
    return None


def _sides(stems: Sequence[str], keys: set[str]) -> dict[str, dict[str, str]]:
    """Return the stem of each key's image, by the word that stands behind the key, or before."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for stem in stems:
        for sign in _SIGNS:
            before, _, word = stem.rpartition(sign)
            if before in keys:
                found[word][before] = stem
            word, _, behind = stem.partition(sign)
            if behind in keys:
                found[word][behind] = stem
    return found


def _columns_of_sides(
    table: pd.DataFrame, key: str, words: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Return the column of each word, by what they have in common: grade of left_grade."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in map(str, table.columns):
        parts = name_words(one)
        for word in words:
            if one != key and word.lower() in parts and len(parts) > 1:
                found["_".join(part for part in parts if part != word.lower())][word] = one
    return {name: each for name, each in found.items() if set(each) == set(words)}


def _rows(
    path: str,
    table: pd.DataFrame,
    key: str,
    sides: Mapping[str, Mapping[str, str]],
    columns: Mapping[str, Mapping[str, str]],
) -> MadeTable:
    of_sides = {one for each in columns.values() for one in each.values()}
    kept = [str(one) for one in table.columns if str(one) not in of_sides]
    parts = []
    for word, stems in sides.items():
        rows = table[table[key].isin(stems.keys())]
        images = rows[key].map(dict(stems))
        own = {name: rows[each[word]] for name, each in columns.items()}
        parts.append(pd.DataFrame({"image": images, **{one: rows[one] for one in kept}, **own}))
    whole = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    words = " and ".join(sides)
    reader = f"{path} with a row for each image of a {key}, {words}: its {', '.join(columns)}"
    return MadeTable((path,), reader, whole.astype(object))
