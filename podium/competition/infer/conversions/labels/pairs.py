"""Samples that compare images to predict, whose answers podium does not give.

face00000.jpg-face00031.jpg, 0          whether two images show the same
0, 0.5   beside   0, 45.jpg, 102.jpg    the same, of pairs in a table, where train has single images
test_7, test_7 test_31                  which images to predict show the same as this one
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder, FolderPart, may_be_train_table
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.spelling import name_words
from podium.errors import DataError, plural, some

__all__ = ["refuse_pairs", "refuse_retrieval"]

_FEWEST_PAIRS = 2
_PROBED = 200


def refuse_pairs(folder: DataFolder, sample: SampleSubmission | None) -> None:
    """Raise where every id of the sample is the names of two images, with a sign between them.

    Raises:
        DataError: podium predicts answers of images, and none of pairs.
    """
    if sample is None:
        return
    names = {name for one in folder.images for name in (one.name, one.stem)}
    # `7_8` is object 8 of image 7, where names are numbers.
    names = {one for one in names if any(letter.isalpha() for letter in one)}
    pairs = [_pair_of(str(cell), names) for cell in sample.table[sample.id]]
    found = [one for one in pairs if one is not None]
    if len(found) < max(_FEWEST_PAIRS, len(pairs)):
        return
    first, second = found[0]
    raise DataError(
        f"every id of {sample.path} is of two images, as {first} and {second}, and podium predicts "
        "answers of an image, or of a unit of several: none of pairs",
        where=folder.path,
        fix="write test.csv with a row an image, and compare the images in code of your own: what "
        "is learnt of single images (who each shows) can be trained here without the sample "
        "submission",
    )


def refuse_retrieval(data: CompetitionData) -> None:
    """Raise where rows of test are to be compared with each other, and train has single images.

    A cell of the sample lists ids of the sample itself, its own one among them; or the ids are
    those of a table that names two images to predict in each row, as no table of train does.

    Raises:
        DataError: podium predicts answers of single images; the fix names what can be learnt.
    """
    folder, sample = data.folder, data.sample
    if sample is None or len(sample.values) != 1:
        return
    [answer] = sample.values
    ids = sample.table[sample.id]
    asked = ""
    if _lists_own_ids(ids, sample.table[answer]):
        asked = (
            f"{answer} of {sample.path} lists which of the {plural(len(ids), 'row')} to predict "
            "belong "
        )
        asked += f"together, as {sample.table[answer].iloc[0]!r} of the row {ids.iloc[0]!r}"
    for path, table in data.tables.items() if not asked else ():
        columns = _columns_of(folder, table, ("test", "other"))
        is_of_pairs = (
            len(columns) == 2
            and any(set(ids) == set(table[one]) for one in table)
            and not _name_the_same(folder, table, columns)  # as an id and a path do
        )
        if is_of_pairs and not any(
            len(_columns_of(folder, one, ("train", "other"))) > 1
            for other, one in data.tables.items()
            if other != path
        ):
            first = table.iloc[0]
            asked = f"each row of {sample.path} is of two images to predict, as {path} has them "
            asked += f"({first[columns[0]]} and {first[columns[1]]}), and train has single images"
    if not asked:
        return
    groups = _group_columns(data, answer)
    raise DataError(
        f"{asked}: that is retrieval or verification, a comparison of images whose groups train "
        "need not have, and podium predicts classes, numbers and masks of single images",
        where=folder.path,
        fix="podium can learn the embeddings to compare: copy the data without "
        f"{sample.path}, with each image in one row of train; repeat podium init there with "
        f"--label {groups[0] if len(groups) == 1 else 'COLUMN'}{_as_groups(groups)}; train a "
        "recipe with predict: {embeddings: true}; podium predict keeps those of test in "
        "test/embed/fold-K, and code of your own compares these by their cosine (by "
        "podium.predictions.retrieval) and writes the file",
    )


def _as_groups(columns: Sequence[str]) -> str:
    """Return what a column is whose name is left to a person."""
    if len(columns) == 1:
        return ""
    return f", whose groups are asked for{f' ({some(columns, 4)})' if columns else ''}"


def _lists_own_ids(ids: pd.Series[str], cells: pd.Series[str]) -> bool:
    """Return whether each cell lists ids of rows, and its own.

    Numbers of rows that stand alone may be any numbers.
    """
    known = set(ids)
    lists = [cell.replace(",", " ").replace(";", " ").split() for cell in cells]
    are_numbers = all(len(one) == 1 and one[0].isdecimal() for one in lists)
    if len(ids) < _FEWEST_PAIRS or len(known) < len(ids) or are_numbers:
        return False
    return all(one in each and known.issuperset(each) for one, each in zip(ids, lists, strict=True))


def _columns_of(
    folder: DataFolder, table: pd.DataFrame, parts: tuple[FolderPart, ...]
) -> list[str]:
    """Return the columns whose cells name images of the parts, and are no bare numbers."""
    probe = table.iloc[:: max(1, len(table) // _PROBED)]

    def is_named(cell: str) -> bool:
        return not cell.isdecimal() and any(one.part in parts for one in folder.named(cell))

    least = NEARLY_ALL * max(1, len(probe))
    return [str(name) for name in table if sum(map(is_named, probe[name])) >= least]


def _name_the_same(folder: DataFolder, table: pd.DataFrame, columns: Sequence[str]) -> bool:
    """Return whether the columns of most rows name the same image."""
    rows = table[list(columns)].head(_PROBED).itertuples(index=False)
    same = [len({one.path for cell in row for one in folder.named(cell)}) == 1 for row in rows]
    return 2 * sum(same) > len(same)


def _group_columns(data: CompetitionData, answer: str) -> list[str]:
    """Return the columns of train that may group its images: with a word of the answer, or any.

    Each value stands in two rows or more in the mean; without such a word no table of test has it.
    """
    tables = data.tables
    of_test = {name for path, one in tables.items() if not may_be_train_table(path) for name in one}
    found = {
        str(name)
        for path, table in tables.items()
        if may_be_train_table(path) and _columns_of(data.folder, table, ("train",))
        for name in table
        if 2 * table[name].nunique() <= len(table)
    }
    words = set(name_words(answer))
    return sorted(one for one in found if words & set(name_words(one))) or sorted(found - of_test)


def _pair_of(cell: str, names: set[str]) -> tuple[str, str] | None:
    """Return the two names in a cell; None where it is a name itself, or no two names."""
    if cell in names:
        return None
    signs = (n for n, letter in enumerate(cell) if not letter.isalnum())
    ways = ((cell[:n], cell[n + 1 :]) for n in signs)
    return next((way for way in ways if names.issuperset(way) and way[0] != way[1]), None)
