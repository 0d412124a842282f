"""Classes that are paths of folders, as a text lists them, and tables that list folds alone.

ClassName.txt   /a/abbey                      Folds.csv   fold,grp,filename
                /c/church/indoor                          1,train,benign/adenosis/1.png
                                                          2,test,benign/adenosis/1.png
"""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder, common_folder
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.parts.folders import are_ids
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.spelling import name_words
from podium.errors import plural

__all__ = ["rows_without_folds", "table_of_class_paths"]

_LARGEST = 5_000_000  # bytes


def table_of_class_paths(folder: DataFolder) -> MadeTable | None:
    """Return images with the folder of each that a text lists, with those around it, or None.

    The text has a path of folders in each line, perhaps with a number behind it, and nearly all
    images lie in these.
    """
    images = folder.train_images
    start = f"{common_folder(images)}/"
    if not any("/" in one.folder.removeprefix(start) for one in images) or folder.of_part("mask"):
        return None
    for path in folder.texts:
        if (folder.path / path).stat().st_size > _LARGEST:
            continue
        lines = read_text(folder.path / path, folder).splitlines()
        listed = {re.sub(r"\s+\d+$", "", one.strip()).strip("/") for one in lines} - {""}
        if len(listed) < 2 or not any("/" in one for one in listed):
            continue
        known = {where: _listed(where, listed) for where in {one.folder for one in images}}
        rows = [(one.path, known[one.folder]) for one in images if known[one.folder]]
        sizes = Counter(label for _, label in rows)
        if len(rows) < NEARLY_ALL * len(images) or len(sizes) < 2 or min(sizes.values()) < 2:
            continue
        if are_ids([one.rpartition("/")[2] for one in sizes]):
            continue  # patients
        table = pd.DataFrame(rows, columns=["image", "label"], dtype=object)
        reader = f"the folder of each image, as {path} lists them"
        return MadeTable((path,), reader, table)
    return None


def _listed(where: str, listed: set[str]) -> str:
    """Return the longest end of a path of folders that is listed, or ""."""
    levels = where.split("/")
    ends = ("/".join(levels[n:]) for n in range(len(levels)))
    return next((one for one in ends if one in listed), "")


def rows_without_folds(
    folder: DataFolder, path: str, table: pd.DataFrame
) -> tuple[MadeTable | None, str] | None:
    """Return a table that has each image once in each fold, with a row an image, and a note.

    The table is None where nothing is left that the paths do not tell; all is None where the table
    has no such folds.
    """
    fold = next((one for one in map(str, table) if {*name_words(one)} & {"fold", "folds"}), None)
    if fold is None or table[fold].nunique() < 2:
        return None
    match = match_of_train(folder, path, table)
    if match is None or match.several or match.id == fold:
        return None
    names = table[match.id]
    whole = names.nunique() * table[fold].nunique()
    if len(table) != whole or table.duplicated([match.id, fold]).any():
        return None
    of_image = table.groupby(match.id, sort=False)
    kept = [
        one for one in map(str, table) if one != match.id and (of_image[one].nunique() == 1).all()
    ]
    first = table.drop_duplicates(match.id)[[match.id, *kept]].reset_index(drop=True)
    what = f"{path} has each image once in each of {plural(table[fold].nunique(), 'fold')}"
    if all(_is_in_paths(first[one], first[match.id]) for one in kept):
        return None, f"{what}, and is not used: podium makes its own folds"
    made = MadeTable((path,), f"a row an image, as {what}", first)
    return made, ""


def _is_in_paths(cells: pd.Series[str], paths: pd.Series[str]) -> bool:
    """Return whether each cell stands in the path of its row: `40` in `40X/7.png`."""
    return all(
        cell and re.search(rf"(?<![0-9A-Za-z]){re.escape(cell)}(?!\d)", path)
        for cell, path in zip(cells, paths, strict=True)
    )
