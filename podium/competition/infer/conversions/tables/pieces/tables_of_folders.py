"""Tables of folders side by side, each with the rows of its folder's images.

They lie in these folders, or are called as them.

train/site_1/labels.csv   train/site_1/scans/1.png      labels.csv: folder, image, label
train/site_2/labels.csv   train/site_2/scans/1.png  →   site_1, train/site_1/scans/1.png, 3
                                                        site_2, train/site_2/scans/1.png, 5

labels_2023.csv           images/May 2023/leaf_1.png    labels.csv: folder, leaf, label
labels_2024.csv           images/May 2024/leaf_1.png →  May 2023, images/May 2023/leaf_1.png, 3
                                                        May 2024, images/May 2024/leaf_1.png, 5
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
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

__all__ = ["OF_TEST", "with_called_folders_joined", "with_folders_joined"]

OF_TEST: tuple[FolderPart, ...] = ("test",)


def with_folders_joined(
    data: CompetitionData, sources: Mapping[str, str], parts: Collection[FolderPart] = OF_TRAIN
) -> tuple[list[str], MadeTable] | None:
    """Return such tables of some parts, and one of the rows of all of them; None without such.

    They have the same columns, and the same name or that of their folder. A row has one image below
    the table's folder. Rows name paths where names of images repeat; the folder is a column, as its
    images may be alike.

    Args:
        sources: the file that a table was made of, by the path of the table.
        parts: that the folders tell; names of tables of test may have the name of their folder, too
            (`3/GT-3.csv`).
    """
    tables = data.tables
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
                _images_inside(data.folder, place, tables[path][column], parts)
                for path, place in place_of.items()
            ]
            if all(one is not None for one in images):
                found = [one for one in images if one is not None]
                where = "which lie in folders of their images"
                return paths, _joined(tables, paths, places, column, found, where)
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


def with_called_folders_joined(
    data: CompetitionData, sources: Mapping[str, str]
) -> tuple[list[str], MadeTable] | None:
    """Return tables that are called as folders of their images, and one of the rows of all of them.

    They have the same columns, and names of images come again in several: numbers begin anew in
    each folder, and rows name paths. Nearly each row has an image, and each image a row. None
    without such.

    Args:
        sources: the file that a table was made of, by the path of the table.
    """
    folder, tables = data.folder, data.tables
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, table in tables.items():
        if guess_part_of_path(sources.get(path, path)) in OF_TRAIN:
            groups[tuple(map(str, table.columns))].append(path)
    for columns, paths in groups.items():
        places = _places_called(folder, [sources.get(one, one) for one in paths])
        if len(paths) < 2 or not places:
            continue
        for column in columns:
            pairs = [
                (place, tables[path][column]) for path, place in zip(paths, places, strict=True)
            ]
            images = [one for each in pairs if (one := _images_of_all(folder, *each)) is not None]
            every = [cell for _, cells in pairs for cell in cells]
            if len(images) == len(pairs) and len(set(every)) < len(every):
                where = f"which are called as the folders of their images, {some(places, 3)}"
                return paths, _joined(tables, paths, places, column, images, where)
    return None


def _places_called(folder: DataFolder, paths: Sequence[str]) -> list[str]:
    """Return the folder of images to learn from that has a word of each table; [] without one each.

    The word, or number, is in no other table's path.
    """
    words = [{*_WORD.findall(path.rpartition(".")[0].casefold())} for path in paths]
    counts = Counter(word for one in words for word in one)
    around = {
        image.path[: image.path.index("/", start)]
        for image in folder.of_part(*OF_TRAIN)
        for start in _starts_of_folders(image)
    }
    places = list[str]()
    for own in words:
        alone = {word for word in own if counts[word] == 1}
        called = [
            one for one in around if alone & {*_WORD.findall(one.rpartition("/")[2].casefold())}
        ]
        if len(called) != 1:
            return []
        places += called
    return places if len({*places}) == len(places) else []


_WORD = re.compile(r"[^\W\d_]+|\d+")


def _starts_of_folders(image: ImageFile) -> list[int]:
    """Return where the name of each folder begins in the path of an image."""
    cuts = [at + 1 for at, sign in enumerate(image.path) if sign == "/"]
    return [0, *cuts][: len(cuts)]


def _images_of_all(
    folder: DataFolder, place: str, cells: pd.Series[str]
) -> list[ImageFile | None] | None:
    """Return the image of each cell below a folder; None where few have one, or few images a row.

    By their names, without their endings, or by the numbers at the end of these.
    """
    own = [one for one in folder.of_part(*OF_TRAIN) if one.path.startswith(f"{place}/")]
    for way in (_name, _stem, _number):
        by_key = {way(image): image for image in own}
        keys = [f"{int(cell)}" if way is _number and cell.isdecimal() else cell for cell in cells]
        found = [by_key.get(key) for key in keys]
        known = {one for one in found if one is not None}
        if len(by_key) < len(own) or len({*keys}) < len(keys):
            continue
        if len(known) >= NEARLY_ALL * max(len(own), len(keys)):
            return found
    return None


def _name(image: ImageFile) -> str:
    return image.name


def _stem(image: ImageFile) -> str:
    return image.stem


def _number(image: ImageFile) -> str:
    found = re.search(r"\d+$", image.stem)
    return "" if found is None else f"{int(found[0])}"


def _joined(
    tables: Mapping[str, pd.DataFrame],
    paths: list[str],
    places: list[str],
    column: str,
    images: list[list[ImageFile | None]],
    where: str,
) -> MadeTable:
    rows = pd.concat([tables[one] for one in paths], ignore_index=True)
    cells = ["" if one is None else one.path for each in images for one in each]
    known = [cell for cell, path in zip(rows[column], cells, strict=True) if path]
    reader = f"the rows of {some(paths, 3)}, {where}"
    if len(set(known)) < len(known):
        rows[column] = cells
        reader = f"{reader}, by the paths of images, as their names repeat"
    if "folder" not in rows:
        names = [one.rpartition("/")[2] for one in places]
        of_row = [name for name, path in zip(names, paths, strict=True) for _ in tables[path].index]
        rows.insert(0, "folder", of_row)
    return MadeTable(tuple(paths), reader, rows[pd.Series(cells) != ""].reset_index(drop=True))
