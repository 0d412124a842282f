"""Which column of a table names the images, and which path leads from a row to its image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from podium.competition.infer.files import DataFolder, ImageFile, Part, common_folder, words

__all__ = ["Match", "match_images"]

ENOUGH = 0.5
"""The share of a column's cells that must name images for the column to be the id."""
_PROBED = 500


@dataclass(frozen=True)
class Match:
    """A table whose rows lead to images."""

    path: str
    """The table, relative to the data folder."""
    table: pd.DataFrame
    id: str
    """The column that names the images."""
    images: tuple[ImageFile | None, ...]
    """The image of each row."""
    template: str
    """From a row to its image, relative to the data folder: `train/{image_id}.jpg`."""

    @property
    def n_found(self) -> int:
        return sum(image is not None for image in self.images)

    @property
    def folder(self) -> str:
        """The deepest folder that holds the images."""
        return common_folder(image for image in self.images if image is not None)


def match_images(
    folder: DataFolder, path: str, table: pd.DataFrame, parts: Sequence[Part]
) -> Match | None:
    """Return how the rows of `table` lead to images, or None where no column names images.

    Args:
        folder: the images to look among.
        path: the table's path, relative to the folder.
        table: its cells, as text.
        parts: the parts of the data whose images may be meant, the preferred one first.
    """
    if table.empty:
        return None
    probe = table.iloc[:: max(1, len(table) // _PROBED)]
    shares = {column: _share(folder, probe[column], parts) for column in table.columns}
    best = max(shares, key=lambda column: (round(shares[column], 2), _looks_like_id(column, table)))
    if shares[best] < ENOUGH:
        return None
    images = _choose(folder, list(table[best]), parts)
    return Match(path, table, best, images, _template(table, best, images))


def _share(folder: DataFolder, cells: pd.Series[str], parts: Sequence[Part]) -> float:
    named = [any(image.part in parts for image in folder.named(cell)) for cell in cells]
    return sum(named) / len(named)


def _looks_like_id(column: str, table: pd.DataFrame) -> float:
    """Return a higher number for unique columns, and then for those called so."""
    named = bool({"id", "image", "img", "file", "filename", "name"} & set(words(column)))
    return table[column].nunique() / len(table) + 0.01 * named


def _choose(
    folder: DataFolder, cells: list[str], parts: Sequence[Part]
) -> tuple[ImageFile | None, ...]:
    """Return one image a cell; where several have the name, the preferred part and folder win."""
    candidates = [[image for image in folder.named(cell) if image.part in parts] for cell in cells]
    by_part = Counter(image.part for images in candidates for image in images)
    by_folder = Counter(image.folder for images in candidates for image in images)
    rank = {part: place for place, part in enumerate(parts)}

    def preference(image: ImageFile) -> tuple[bool, int, int]:
        common = by_part[image.part] >= ENOUGH * len(cells)
        return (not common, rank[image.part], -by_folder[image.folder])

    return tuple(min(images, key=preference, default=None) for images in candidates)


def _template(table: pd.DataFrame, column: str, images: Sequence[ImageFile | None]) -> str:
    """Return the pattern that leads from a row to its image."""
    pairs = [
        (cell, image)
        for cell, image in zip(table[column], images, strict=True)
        if image is not None
    ]
    common = common_folder(image for _, image in pairs)
    suffix = _suffix([(cell, image) for cell, image in pairs])
    if all(
        image.path.endswith("/" + cell + image.suffix * bool(suffix))
        or image.path == cell + image.suffix * bool(suffix)
        for cell, image in pairs
    ):
        starts = {
            image.path[: len(image.path) - len(cell) - len(image.suffix) * bool(suffix)]
            for cell, image in pairs
        }
        if len(starts) == 1:
            return f"{starts.pop()}{{{column}}}{suffix}"
    start = f"{common}/" if common else ""
    between = _folder_column(table, images, start) or "**"
    return f"{start}{between}/{{{column}}}{suffix}"


def _suffix(pairs: Sequence[tuple[str, ImageFile]]) -> str:
    """Return what stands behind the cell in the file name: nothing, `.jpg`, or `.*`."""
    if all(cell.rpartition("/")[2] == image.name for cell, image in pairs):
        return ""
    suffixes = {image.suffix for _, image in pairs}
    return suffixes.pop() if len(suffixes) == 1 else ".*"


def _folder_column(
    table: pd.DataFrame, images: Sequence[ImageFile | None], start: str
) -> str | None:
    """Return the column whose cell is the folder below `start`, in braces, or None."""
    rows = [row for row, image in enumerate(images) if image is not None]
    below = [image.folder[len(start) :] for image in images if image is not None]
    for column in table.columns:
        if list(table[column].iloc[rows]) == below:
            return f"{{{column}}}"
    return None
