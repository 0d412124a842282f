"""Tables that lie in folders side by side, each with the rows of its folder's images.

train/site_1/labels.csv   train/site_1/scans/1.png      labels.csv: folder, image, label
train/site_2/labels.csv   train/site_2/scans/1.png  →   site_1, train/site_1/scans/1.png, 3
                                                        site_2, train/site_2/scans/1.png, 5
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import pandas as pd

from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.files import (
    OF_TRAIN,
    DataFolder,
    FolderPart,
    ImageFile,
    guess_part,
    guess_part_of_path,
)
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import some

__all__ = ["OF_TEST", "with_folders_joined"]

OF_TEST: tuple[FolderPart, ...] = ("test",)


def with_folders_joined(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    sources: Mapping[str, str],
    parts: Collection[FolderPart] = OF_TRAIN,
) -> tuple[list[str], MadeTable] | None:
    """Return such tables of some parts, and one of the rows of all of them; None without such.

    They have the same columns, and the same name or that of their folder. A row has one image below
    the table's folder. Rows name paths where names of images repeat; the folder is a column, as its
    images may be alike.

    Args:
        folder: with the images.
        tables: by path, without the sample submission.
        sources: the file that a table was made of, by the path of the table.
        parts: that the folders tell; names of tables of test may have the name of their folder, too
            (`3/GT-3.csv`).
    """
    groups: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for path, table in tables.items():
        place, _, name = sources.get(path, path).rpartition("/")
        parent, _, own = place.rpartition("/")
        stem = name.rpartition(".")[0]
        called = stem.replace(own, "") if stem == own or parts == OF_TEST else stem
        if place and guess_part(stem) in (*OF_TRAIN, *parts):
            groups[parent, called, *map(str, table.columns)][path] = place
    for place_of in groups.values():
        paths, places = list(place_of), list(place_of.values())
        of_places = {guess_part_of_path(f"{one}/") for one in places}
        if len(set(places)) < 2 or not of_places <= {*parts}:
            continue
        for column in map(str, tables[paths[0]].columns):
            images = [
                _images_inside(folder, place, tables[path][column], parts)
                for path, place in place_of.items()
            ]
            if all(one is not None for one in images):
                found = [one for one in images if one is not None]
                return paths, _joined(tables, paths, places, column, found)
    return None


def _images_inside(
    folder: DataFolder, place: str, cells: pd.Series[str], parts: Collection[FolderPart]
) -> list[ImageFile | None] | None:
    """Return the image of each cell that lies below a folder; None where few cells have one."""
    found: list[ImageFile | None] = []
    for cell in cells:
        inside = [
            one
            for one in folder.named(cell)
            if one.path.startswith(f"{place}/") and one.part in parts
        ]
        if len(inside) > 1:
            return None
        found.append(inside[0] if inside else None)
    paths = [one.path for one in found if one is not None]
    is_each = len(paths) >= NEARLY_ALL * len(cells) and len(set(paths)) == len(paths)
    return found if paths and is_each else None


def _joined(
    tables: Mapping[str, pd.DataFrame],
    paths: list[str],
    places: list[str],
    column: str,
    images: list[list[ImageFile | None]],
) -> MadeTable:
    rows = pd.concat([tables[one] for one in paths], ignore_index=True)
    cells = ["" if one is None else one.path for each in images for one in each]
    known = [cell for cell, path in zip(rows[column], cells, strict=True) if path]
    reader = f"the rows of {some(paths, 3)}, which lie in folders of their images"
    if len(set(known)) < len(known):
        rows[column] = cells
        reader = f"{reader}, by the paths of images, as their names repeat"
    if "folder" not in rows:
        names = [one.rpartition("/")[2] for one in places]
        of_row = [name for name, path in zip(names, paths, strict=True) for _ in tables[path].index]
        rows.insert(0, "folder", of_row)
    return MadeTable(tuple(paths), reader, rows[pd.Series(cells) != ""].reset_index(drop=True))
