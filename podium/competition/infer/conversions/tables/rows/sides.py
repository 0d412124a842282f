"""Tables with a row for the images of a patient, and a column, or a table, for each side.

patient,age,left_grade,right_grade          image,patient,age,grade
017,61,0,2                            →     017_left,017,61,0
                                            017_right,017,61,2

left.csv    #017,61,0                 →     EYE017left.jpg,#017,61,0
right.csv   #017,61,2                       EYE017right.jpg,#017,61,2
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.spelt_ids import images_by_spelling, key_of_signs
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, guess_part, may_be_train_table
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.spelling import name_words

__all__ = ["SideTables", "rows_of_side_tables", "rows_of_sides"]

_SIGNS = "_-. "


class SideTables(NamedTuple):
    """Tables of a side each, the column that names whose side it is, and their rows in one."""

    paths: list[str]
    key: str
    table: MadeTable


def rows_of_sides(data: CompetitionData) -> tuple[str, MadeTable] | None:
    """Return the path of such a table, and a table with a row for each image; None without one.

    Images are called by a cell of the table and a word that tells them apart, and columns of the
    table have these words.

    Args:
        data: none of its tables names images.
    """
    images = data.folder.of_part("train", "other")
    for path, table in data.tables.items():
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


def rows_of_side_tables(data: CompetitionData) -> SideTables | None:
    """Return tables of a side each as one whose rows have the image of each; None without such.

    The tables have the same columns, and their names differ in one word, which ends, or else
    begins, the names of their images. What is left of these, without a word that all share, is a
    cell of one column: another in each row, and of each image.

    Args:
        data: none of its tables names images.
    """
    tables = data.tables
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, table in tables.items():
        if may_be_train_table(path):
            alike[tuple(map(str, table.columns))].append(path)
    for columns, paths in alike.items():
        words = _words_apart(paths)
        for place in (-1, 0) if words else ():
            for key in columns:
                images = [
                    _images_of_side(data.folder, tables[path][key], word, place)
                    for path, word in zip(paths, words, strict=True)
                ]
                if not all(images):
                    continue
                name = next(one for one in ("image", "image_path", "file") if one not in columns)
                rows = [
                    tables[path].assign(**{name: files})
                    for path, files in zip(paths, images, strict=True)
                ]
                whole = pd.concat(rows, ignore_index=True)[[name, *columns]]
                told = " and ".join(words)
                reader = f"the rows of {' and '.join(paths)}, with the image of each {key}, {told}"
                return SideTables(paths, key, MadeTable(tuple(paths), reader, whole.astype(object)))
    return None


def _words_apart(paths: Sequence[str]) -> list[str]:
    """Return the one word in which the name of each file differs from the others; [] without."""
    names = [name_words(file_stem(path)) for path in paths]
    if len(paths) < 2 or len({len(one) for one in names}) > 1:
        return []
    differ = [each for each in zip(*names, strict=True) if len({*each}) > 1]
    is_one = len(differ) == 1 and len({*differ[0]}) == len(paths)
    return [*differ[0]] if is_one and {guess_part(one) for one in differ[0]} == {"other"} else []


def _images_of_side(
    folder: DataFolder, cells: pd.Series[str], word: str, place: int
) -> list[str] | None:
    """Return the path of the image of each cell, one that has a word first or last; or None.

    Each image with the word has a cell.
    """
    images = [
        image
        for image in folder.of_part("train", "other")
        if (key := key_of_signs(image.stem)) and len(key) > 1 and key[place] == word
    ]
    if len(images) < 2 or not cells.is_unique:
        return None
    before = {key_of_signs(image.stem)[0] for image in images}
    behind = {key_of_signs(image.stem)[-1] for image in images}
    for n_first in {int(place == 0), int(len(before) == 1)}:
        for n_last in {int(place == -1), int(len(behind) == 1)}:
            by_key = images_by_spelling(images, n_first=n_first, n_last=n_last)
            found = [by_key.get(key_of_signs(cell)) for cell in cells]
            paths = [image.path for image in found if image is not None]
            if len(paths) == len(cells) and len({*paths}) == len(images):
                return paths
    return None
