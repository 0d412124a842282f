"""Sample submissions that are not called so: tables whose rows are the images to predict."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from podium.competition.infer.files import DataFolder, guess_part, is_test_table, name_words
from podium.competition.infer.keys import splits_of
from podium.competition.infer.labels import is_fact_or_group, numbers_of

__all__ = ["is_called_submission", "samples_by_content"]

_CALLED = frozenset({"submission", "submissions", "submit"})


def is_called_submission(path: str) -> bool:
    """Return whether the name of a file has the word `submission`.

    Example:
        >>> is_called_submission("data/XYZ_round1_submission.csv"), is_called_submission("test.csv")
        (True, False)
    """
    return bool(_CALLED & set(name_words(path.rpartition("/")[2].rpartition(".")[0])))


def samples_by_content(folder: DataFolder, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the paths of the tables that are sample submissions by what they hold, the first best.

    Of a table that is called a submission, the first column names images to predict, or units of
    them. Of any other one it names all of them, each once, and the cells of the further columns are
    a placeholder: what is known of test images (a camera, a size) differs, or is called so.

    Args:
        folder: with the images.
        tables: all, by path; none is called a sample submission.
    """
    with_values = [
        path
        for path, table in tables.items()
        if len(table.columns) > 1 and len(table) > 1 and not table.iloc[:, 0].eq("").any()
    ]
    called = [
        path
        for path in with_values
        if is_called_submission(path) and _names_some_of_test(folder, path, tables)
    ]
    if called:
        return sorted(called, key=len)
    others = [
        path
        for path in with_values
        if guess_part(path.rpartition("/")[2]) == "other"
        and _holds_placeholders(path, tables)
        and _names_all_of_test(folder, path, tables)
    ]
    return others if len(others) == 1 else []


def _names_some_of_test(folder: DataFolder, path: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether the first column names images to predict, or what a table of test names."""
    ids = set(tables[path].iloc[:, 0])
    if any(ids <= cells for _, cells in _columns_of_test(path, tables)):
        return True

    def is_of_test(name: str) -> bool:
        return any(image.part == "test" for image in folder.named(name))

    if all(map(is_of_test, ids)):
        return True
    if any(not one.n_other for one in splits_of(sorted(ids), is_of_test)):
        return True
    if folder.of_part("test") or not all(map(folder.named, ids)):
        return False
    # Images of train and test lie together, and the others are those of train.
    others = (table for other, table in tables.items() if other != path)
    return not any(ids & set(table[column]) for table in others for column in table.columns)


def _names_all_of_test(folder: DataFolder, path: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether the first column names each image to predict once, and no other."""
    first = tables[path].iloc[:, 0]
    if not first.is_unique:
        return False
    ids = set(first)
    if any(is_key and ids == cells for is_key, cells in _columns_of_test(path, tables)):
        return True
    test = {image.path for image in folder.of_part("test")}
    named = [[image for image in folder.named(cell) if image.part == "test"] for cell in first]
    if not test or any(len(images) != 1 for images in named):
        return False
    return len(named) == len(test) and {images[0].path for images in named} == test


def _columns_of_test(path: str, tables: Mapping[str, pd.DataFrame]) -> list[tuple[bool, set[str]]]:
    """Return the cells of each column of the other tables of test, and whether each stands once."""
    return [
        (table[column].is_unique, set(table[column]))
        for other, table in tables.items()
        if other != path and is_test_table(other)
        for column in table.columns
    ]


def _holds_placeholders(path: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether no cell behind the first of a row can be a fact of its image.

    All of a column are one: a number, nothing, or what stands in a column of train.
    """
    table = tables[path]
    of_test = {
        column
        for other, one in tables.items()
        if other != path and is_test_table(other)
        for column in one.columns
    }
    of_train = {
        column for other, one in tables.items() if other != path for column in one.columns
    } - of_test
    for column in map(str, table.columns[1:]):
        cells = table[column]
        if cells.nunique() > 1 or column in of_test or is_fact_or_group(column):
            return False
        is_plain = cells.eq("").all() or numbers_of(cells) is not None
        if column not in of_train and not is_plain:
            return False
    return True
