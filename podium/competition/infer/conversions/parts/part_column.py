"""Tables whose rows are of train and of test, as a column tells, and lists of all files.

file          id  type   in_train
17_photo.jpg  17  photo  True      →  a table of train
17_water.png  17  water  True      →  a mask, which is no row of a table of images
41_photo.jpg  41  photo  False     →  a table of test
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    guess_part,
    is_called_to_predict,
    may_be_train_table,
)
from podium.competition.infer.ids.paths import names_units
from podium.competition.infer.image_tables import names_images
from podium.competition.languages import is_called
from podium.competition.spelling import name_words
from podium.errors import some

__all__ = ["are_of_parts", "rows_in_parts", "tables_by_sample", "tables_of_parts", "without_masks"]

_YES = frozenset({"true", "1", "yes", "y"})
_NO = frozenset({"false", "0", "no", "n"})
_OF_TRAIN = ("train", "holdout")  # folds validate; blank labels make rows unlabelled
_LONGEST = 20  # of a cell that names a part


def tables_of_parts(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    *,
    has_codes: bool = False,
    is_of_part: bool = False,
) -> dict[str, MadeTable] | None:
    """Return the tables of train and of test by their names, or None where no column parts rows.

    Of a table that is of one part it is the table without the column, which tells of another test.

    Args:
        has_codes: whether numbers may stand for parts, as nothing else tells what to predict.
        is_of_part: whether all rows are of the part that the name of the table tells.
    """
    of_images = names_images(folder, table)
    for column in map(str, table.columns):
        parts = _parts(column, table[column], of_images=of_images)
        told = f"by {column}"
        if parts is None and has_codes and of_images:
            codes = _parts_of_codes(column, table[column])
            parts = None if codes is None else table[column].map(codes)
            named = {"holdout": "validation"}
            each = [f"{code} is {named.get(part, part)}" for code, part in (codes or {}).items()]
            told = f"by {column}, where {', '.join(each)}"
        if parts is None and has_codes and of_images:
            parts, told = _parts_of_blanks(table, column)
        if parts is None or _are_ids(table[column]):
            continue
        rest = table.drop(columns=column)
        parts = _with_unlabelled(rest, parts)
        if is_of_part:
            why = f"{path} without {column}: its name tells the part of all its rows"
            return {f"{Path(path).stem}_rows.csv": MadeTable((path,), why, rest)}
        return rows_in_parts(path, rest, parts, told)
    if has_codes and of_images and not is_of_part and (two := _two_marks(table)) is not None:
        first, final = two
        parts = table[final].str.lower().isin(_YES).map({True: "test", False: "train"})
        told = f"by {final}, as {first} marks other rows, which are of train"
        return rows_in_parts(path, table.drop(columns=[first, final]), parts, told)
    return None


def rows_in_parts(
    path: str, rest: pd.DataFrame, parts: pd.Series[str], told: str
) -> dict[str, MadeTable]:
    """Return the tables of train and of test by their names.

    Args:
        rest: its cells, without what tells the parts.
        parts: of each row.
        told: how they are told.
    """
    of_train = rest[parts.isin(_OF_TRAIN)].reset_index(drop=True)
    of_test = rest[parts == "test"].reset_index(drop=True)
    blank = [name for name in of_test if (of_test[name] == "").all()]
    test = of_test.drop(columns=blank)
    rows: Mapping[Literal["train", "test"], pd.DataFrame] = {"train": of_train, "test": test}
    return {
        f"{Path(path).stem}_{part}.csv": MadeTable((path,), f"{path}: rows of {part}, {told}", one)
        for part, one in rows.items()
    }


def _two_marks(table: pd.DataFrame) -> tuple[str, str] | None:
    """Return two columns of yes and no that mark rows to validate, the one of the final part last.

    Both are called after parts that are held out, the second as the first with a further word, as
    `is_valid` and `is_final_valid`; no row is of both, and most are of neither. None without such.
    """
    marks: dict[str, pd.Series[bool]] = {}
    for column in map(str, table.columns):
        cells = table[column].str.lower()
        is_held_out = guess_part(column) in ("holdout", "test")
        if is_held_out and set(cells.unique()) <= _YES | _NO and cells.nunique() == 2:
            marks[column] = cells.isin(list(_YES))
    if len(marks) != 2:
        return None
    first, final = sorted(marks, key=lambda column: len(name_words(column)))
    is_further = set(name_words(first)) < set(name_words(final))
    both, any_of = marks[first] & marks[final], marks[first] | marks[final]
    if not is_further or both.any() or any_of.mean() > _MOST:
        return None
    return first, final


def are_of_parts(tables: Mapping[str, pd.DataFrame], path: str) -> bool:
    """Return whether a table is of one part, and one of the same columns of another.

    Their names tell the parts then, and no column within them: a mark in both is of other tests.
    """
    part = guess_part(path.rpartition("/")[2])
    others = {
        guess_part(other.rpartition("/")[2])
        for other, table in tables.items()
        if list(table) == list(tables[path])
    }
    return part in _PARTED and len(others & _PARTED) > 1


_PARTED = frozenset[FolderPart]({"train", "test", "holdout"})


def _are_ids(cells: pd.Series[str]) -> bool:
    """Return whether cells are ids that begin with the part, as `train_7`, and no parts."""
    return len(cells) > _FEWEST_ROWS and bool(cells.is_unique)


_FEWEST_ROWS = 2  # rows of which each may be a part
_MOST = 0.5


def tables_by_sample(data: CompetitionData, path: str) -> dict[str, MadeTable] | None:
    """Return the tables of train and of test by their names, where the sample parts the rows.

    The sample submission names some rows, these alone, and they have no answer: a column is blank
    there, or holds one sign that no other row has, or one such word, if the sample asks for it or
    another table lists all words but this one.

    Args:
        data: with the images; rows are of these, or of units whose folders they lie in.
    """
    folder, sample = data.folder, data.sample
    table = data.tables[path]
    if sample is None or not may_be_train_table(path):
        return None
    of_images = names_images(folder, table)
    sent = {_file_of(folder, cell, of_test=True) for cell in sample.table[sample.id]}
    for column in map(str, table.columns):
        files = table[column].map(lambda cell: _file_of(folder, cell))
        named = files.isin(list(sent))
        if not named.any() or named.all() or not sent <= set(files):
            continue
        # Rows are of images, or of their folders: of both parts where all lie in one place.
        cells = table[column]
        if not of_images and not any(names_units(folder, one) for one in (cells, cells[~named])):
            continue
        values = [
            one
            for one in map(str, table.columns)
            if one != column
            and _is_placeholder(
                table[one],
                named,
                is_answer=one in sample.values or _is_listed(table[one][~named], data.tables, path),
            )
        ]
        if not values or not {*values} >= {*sample.values} & {*table.columns}:
            continue
        stem, rest = Path(path).stem, table[~named].reset_index(drop=True)
        test = table[named].drop(columns=values).reset_index(drop=True)
        why = f"that {sample.path} names"
        return {
            f"{stem}_train.csv": MadeTable((path,), f"{path} without the rows {why}", rest),
            f"{stem}_test.csv": MadeTable((path,), f"the rows of {path} {why}", test),
        }
    return None


def _is_placeholder(cells: pd.Series[str], named: pd.Series[bool], *, is_answer: bool) -> bool:
    """Return whether the cells of these rows are blank, or one sign that no other row has.

    A word may be a fact of all these images, unless the column `is_answer` of the sample.
    """
    found, others = set(cells[named]), set(cells[~named])
    if len(found) > 1 or others <= found:
        return False
    [sign] = found
    is_word = any(one.isalnum() for one in sign)
    return sign == "" or (sign not in others and (is_answer or not is_word))


def _is_listed(cells: pd.Series[str], tables: Mapping[str, pd.DataFrame], path: str) -> bool:
    """Return whether another table has exactly these cells in a column, each once."""
    known = set(cells)
    return any(
        other != path and any(one[name].is_unique and set(one[name]) == known for name in one)
        for other, one in tables.items()
    )


def _file_of(folder: DataFolder, cell: str, *, of_test: bool = False) -> str:
    """Return the path of the image that a cell names; the cell itself where none or several do.

    Where train and test number their images anew, a name `of_test` is that of one to predict.
    """
    found = folder.named(cell)
    if of_test and len(found) > 1:
        found = [one for one in found if one.part == "test"]
    return found[0].path if len(found) == 1 else cell


def _parts(column: str, cells: pd.Series[str], *, of_images: bool = False) -> pd.Series[str] | None:
    """Return the part of each row, or None where the column does not part train and test.

    Where rows are `of_images`, cells may have several words, and rows be of further parts.

    Example:
        >>> list(_parts("in_train", pd.Series(["True", "False"])))
        ['train', 'test']
        >>> list(_parts("split", pd.Series(["train", "val", "test"])))
        ['train', 'holdout', 'test']
        >>> _parts("vehicle", pd.Series(["train", "bus"])) is None
        True
    """
    each = {cell: _part(column, cell) for cell in cells.unique()}
    each |= _beside_train(each)
    found = set(each.values())
    if not {"train", "test"} <= found or "other" in found:
        return None
    is_plain = "unlabelled" not in found and not any(len(name_words(cell)) > 1 for cell in each)
    return cells.map(each) if is_plain or of_images else None


def _beside_train(parts: Mapping[str, FolderPart]) -> dict[str, FolderPart]:
    """Return what is to be predicted, where one other word beside train is called so.

    Example:
        >>> _beside_train({"train": "train", "evaluation": "other"})
        {'evaluation': 'test'}
    """
    rest = [one for one, part in parts.items() if part != "train"]
    is_told = len(rest) == 1 < len(parts) and parts[rest[0]] == "other"
    return {rest[0]: "test"} if is_told and is_called_to_predict(rest[0]) else {}


def _part(column: str, cell: str) -> FolderPart:
    word = cell.lower()
    if word not in _YES | _NO:
        return guess_part(cell) if len(cell) < _LONGEST else "other"
    asked = guess_part(column)
    if len(_parts_named(column)) > 1:
        return "other"  # `train_test_split`
    if asked not in ("train", "test"):
        return "other"
    other: FolderPart = "test" if asked == "train" else "train"
    return asked if word in _YES else other


def _parts_of_codes(column: str, cells: pd.Series[str]) -> dict[str, FolderPart] | None:
    """Return the part of each number in a column that is called after the parts, or None.

    In `partition` 0 is train, 1 validation and 2 test, as most rows are of 0; in `train_test_split`
    1 is train, which comes first in its name and has more rows.

    Example:
        >>> _parts_of_codes("partition", pd.Series([*"0000012"]))
        {'0': 'train', '1': 'holdout', '2': 'test'}
        >>> _parts_of_codes("train_test_split", pd.Series([*"11101"]))
        {'0': 'test', '1': 'train'}
        >>> _parts_of_codes("partition", pd.Series([*"0120"])) is None
        True
    """
    counts = cells.value_counts()
    if set(counts.index) == {"0", "1", "2"}:
        is_usual = is_called(column, "parts") and counts["0"] > _MOST * len(cells)
        return {"0": "train", "1": "holdout", "2": "test"} if is_usual else None
    named = _parts_named(column)
    if set(counts.index) != {"0", "1"} or len(named) != 2:
        return None
    first, second = named
    is_more = counts["1"] > counts["0"]
    return {"0": second, "1": first} if is_more == (first == "train") else None


def _parts_of_blanks(table: pd.DataFrame, column: str) -> tuple[pd.Series[str] | None, str]:
    """Return the part of each row, and how it is told; None and "" where blanks tell none.

    For each word of the column, others are blank in all rows, or in none: rows with an answer are
    of train, and of two words without one that of test is called as what is to be predicted, or the
    other as what is not labelled. One word alone is of test where it, or the column, is called so.

    Example:
        >>> cells = {"kind": ["cat", "dog", "", ""], "split": ["old", "old", "quiz", "pool"]}
        >>> list(_parts_of_blanks(pd.DataFrame(cells), "split")[0])
        ['train', 'train', 'test', 'unlabelled']
    """
    cells = table[column]
    words = list(map(str, cells.unique()))
    is_mark = 2 <= len(words) <= _MOST_MARKS and all(0 < len(one) < _LONGEST for one in words)
    if not is_mark or any(one.isdecimal() for one in words):
        return None, ""
    found = set[tuple[str, ...]]()
    for name in map(str, table.columns):
        shares = (table[name] != "").groupby(cells).mean()
        without = tuple(one for one in words if shares[one] == 0)
        if name != column and 0 < len(without) < len(words) and set(shares) == {0, 1}:
            found.add(without)
    if len(found) != 1:
        return None, ""
    [blank] = found
    called = [one for one in blank if is_called_to_predict(one)]
    rest = [one for one in blank if not _is_called_unlabelled(one)]
    chosen = called or (rest if len(blank) > 1 or is_called(column, "parts") else [])
    if len(chosen) != 1:
        return None, ""
    [test] = chosen
    others = [one for one in blank if one != test]
    each = {one: "unlabelled" if one in others else "train" for one in words} | {test: "test"}
    told = f"by {column}, where {test} is test, as its rows have no answer"
    told += f", and of {some(others)} nobody has one" if others else ""
    return cells.map(each), told


_MOST_MARKS = 5
_UNLABELLED = frozenset({"extra", "pool", "rest", "spare"})


def _is_called_unlabelled(word: str) -> bool:
    """Return whether a mark of rows is called as what nobody labelled."""
    return guess_part(word) == "unlabelled" or bool(_UNLABELLED & set(name_words(word)))


def _with_unlabelled(rest: pd.DataFrame, parts: pd.Series[str]) -> pd.Series[str]:
    """Return the parts, with unlabelled rows as of train where a blank there tells them.

    Rows of train with a blank label become `data.unlabelled`.
    """
    is_bare, is_train = parts == "unlabelled", parts == "train"
    told = any(
        (rest[name][is_bare] == "").all() and (rest[name][is_train] != "").all() for name in rest
    )
    return parts.mask(is_bare, "train") if is_bare.any() and told else parts


def _parts_named(column: str) -> list[FolderPart]:
    """Return train and test in the order in which words of a name have them.

    Example:
        >>> _parts_named("train_test_split"), _parts_named("is_test")
        (['train', 'test'], ['test'])
    """
    found = dict.fromkeys(map(guess_part, name_words(column)))
    return [part for part in found if part in ("train", "test")]


def without_masks(folder: DataFolder, path: str, table: pd.DataFrame) -> MadeTable | None:
    """Return a table without the rows that name mask files; None where not some rows alone do.

    Args:
        folder: with the images and masks.
    """
    # A mask may be called as its image: `masks/7.png` of `images/7.png`.
    names = {image.name for image in folder.images if image.part != "mask"}
    masks = {image.name for image in folder.of_part("mask")} - names
    for column in map(str, table.columns) if masks else ():
        cells = table[column].map(lambda cell: cell.rpartition("/")[2])
        is_mask = cells.isin(masks)
        if is_mask.any() and not is_mask.all() and cells[~is_mask].isin(names).all():
            rows = table[~is_mask].reset_index(drop=True)
            return MadeTable((path,), f"the rows of {path} that are of images", rows)
    return None
