r"""Paths of another machine, or of names and folders in two columns: where the files lie here.

C:\data\Images\7.JPG              images/7.jpg
folder: images/a   file: 7.jpg    images/a/7.jpg
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from podium.competition.ids.patterns import IMAGE_SUFFIXES, is_image
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.image_tables import IN_DATA
from podium.competition.infer.shares import NEARLY_ALL

__all__ = ["with_files"]


def with_files(
    folder: DataFolder, table: pd.DataFrame, *, in_folders: bool = False
) -> pd.DataFrame | None:
    """Return a table of paths of another machine with a column more: where the files lie here.

    Paths may have backslashes, other folders in front, and other small and large letters. None
    where no column names nearly all its files, each one file, or where two cells name the same one.

    Args:
        in_folders: whether the folder of a file stands in another column, as programs of cameras
            write it, and files of several folders are called alike.
    """
    cells = {str(name): list(table[name]) for name in table.columns}
    if in_folders:
        cells = _paths_of_columns(cells)
        if not cells:
            return None
    by_stem: dict[str, list[ImageFile]] = defaultdict(list)
    by_folder: dict[str, list[str]] = defaultdict(list)
    for image in folder.images:
        by_folder[image.folder.rpartition("/")[2].casefold()].append(image.path)
        if image.part != "mask":
            by_stem[image.stem.casefold()].append(image)
    single = {name: paths[0] for name, paths in by_folder.items() if len(paths) == 1}
    for name, each in cells.items():
        paths = [_nearest(cell, by_stem) or _alone_in_folder(cell, single) for cell in each]
        named = {(cell, path) for cell, path in zip(each, paths, strict=True) if path}
        if len({path for _, path in named}) < len(named):
            continue  # `1.tif/2` is the second row of `1.tif`, and not of `2.tif`
        if paths and sum(map(bool, paths)) >= NEARLY_ALL * len(paths):
            return table.assign(**{f"{name}{IN_DATA}": paths})
    return None


def _alone_in_folder(cell: str, single: Mapping[str, str]) -> str:
    """Return the path of the one file in a folder as a path has it, by another name; "" for none.

    Args:
        cell: perhaps a path to a file.
        single: the path of the file by the name of its folder, where it is alone there.
    """
    parts = cell.replace("\\", "/").casefold().split("/")
    return single.get(parts[-2], "") if len(parts) > 2 and is_image(parts[-1]) else ""


def _paths_of_columns(cells: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the paths of files by the column of their names, behind those of their folders."""
    folders = [name for name, each in cells.items() if all(re.search(r"[/\\]", x) for x in each)]
    files = [name for name, each in cells.items() if all(map(is_image, each))]
    return {
        last: [f"{one}/{name}" for one, name in zip(cells[first], cells[last], strict=True)]
        for first, last in itertools.product(folders, files)
        if first != last and len(set(cells[last])) < len(cells[last])
    }


def _nearest(cell: str, by_stem: Mapping[str, Sequence[ImageFile]]) -> str:
    """Return the path of the file that a cell means, by as many folders as agree; "" for none.

    Of an address on the web another part than the last one may be the file's name.
    """
    parts = cell.replace("\\", "/").casefold().split("/")
    if "://" in cell:
        parts = parts[: max((n + 1 for n, one in enumerate(parts) if one in by_stem), default=0)]
        if not parts:
            parts = cell.casefold().split("/")
    stem, _, suffix = parts[-1].rpartition(".")
    images = by_stem.get(stem if stem and f".{suffix}" in IMAGE_SUFFIXES else parts[-1], ())

    def agreeing(image: ImageFile) -> int:
        # The file may lie in folders that the cell leaves out, as `images` of `patient/images/1`.
        folders = iter(image.folder.casefold().split("/")[::-1])
        return sum(1 for _ in itertools.takewhile(lambda part: part in folders, parts[-2::-1]))

    best = max(map(agreeing, images), default=0)
    nearest = [image.path for image in images if agreeing(image) == best]
    return nearest[0] if len(nearest) == 1 else ""
