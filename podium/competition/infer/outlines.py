"""Masks that come as outlines, written as mask files: a JSON or a table of vertices an image.

A JSON as labelme writes it:

    {"imagePath": "7.tif", "imageHeight": 48, "imageWidth": 40, "shapes": [
        {"label": "roof", "shape_type": "polygon", "points": [[3.5, 2.0], [16.0, 3.0], …]}]}

A table, called as its image is, with a row a vertex in the order of the outline:

    contour,x,y
    0,3.5,2.0
    0,16.0,3.0

Each becomes a PNG in the workspace's `made/masks/`: 0 is background, and classes count from 1 in
the order of their names. Of shapes that overlap the later one is seen.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    name_words,
    possible_image_names,
)
from podium.competition.infer.mask_values import ClassNames
from podium.workspace.progress import SILENT, Progress

__all__ = ["Outlines", "write_outlines"]

_MOST_CLASSES = 254
_ENOUGH = 0.5
_LARGEST = 50_000_000  # bytes of a file
_Point = tuple[float, float]
"""(x, y); the first pixel reaches from 0 to 1."""
_Shape = tuple[str, str, list[_Point]]
"""Label, form, and points."""


@dataclass(frozen=True)
class Outlines:
    """Masks that were written.

    Attributes:
        files: by the stem of the image.
        sources: the JSON files or tables, relative to the data folder.
        names: of the values.
        n_left: shapes that are no areas, as points and lines.
    """

    files: Mapping[str, Path]
    sources: tuple[str, ...]
    names: ClassNames
    n_left: int


def write_outlines(
    folder: DataFolder,
    target: Path,
    tables: Mapping[str, pd.DataFrame],
    *,
    progress: Progress = SILENT,
) -> Outlines | None:
    """Return the masks of the images of train, written to `target`; None without outlines.

    Args:
        folder: with a JSON, or a table, for most images of train, of its name or naming it.
        target: the folder for the masks.
        tables: of the folder, by path.
        progress: of the files.
    """
    images = [one for one in folder.images if one.part in ("train", "other", "holdout")]
    stems = {image.stem for image in images}
    if len(stems) < len(images):
        return None
    found: dict[str, tuple[str, tuple[int, int], list[_Shape]]] = {}
    sources: list[str] = []
    if len(folder.jsons) > 1 and _outlined(folder, 0) is not None:
        sources = list(folder.jsons)
        read = ((path, _outlined(folder, place)) for place, path in enumerate(sources))
    else:
        sources = [path for path, table in tables.items() if _corners(table) is not None]
        sources = [path for path in sources if _image_of_table(folder, path) is not None]
        read = ((path, _in_table(folder, path, tables[path])) for path in sources)
    if len(sources) < 2:
        return None
    for path, one in read:
        if one is not None and one[0].stem in stems:
            found[one[0].stem] = (path, one[1], one[2])
    if len(found) < _ENOUGH * len(sources):
        return None
    shapes = [shape for _, _, each in found.values() for shape in each]
    areas = [shape for shape in shapes if shape[1] in _FORMS]
    labels = sorted({label for label, _, _ in areas})
    if not labels or len(labels) > _MOST_CLASSES:
        return None
    values = {label: number for number, label in enumerate(labels, start=1)}
    files = {}
    target.mkdir(parents=True, exist_ok=True)
    with progress.bar("drawing masks", len(found)) as advance:
        for stem, (_, (height, width), each) in found.items():
            mask = np.zeros((height, width), dtype=np.uint8)
            for label, form, points in each:
                if form in _FORMS and points:
                    _FORMS[form](mask, points, values[label])
            files[stem] = target / f"{stem}.png"
            Image.fromarray(mask).save(files[stem])
            advance(1)
    named: dict[int | str, str] = {0: "background", **{n: label for label, n in values.items()}}
    used = tuple(path for path, _, _ in found.values())
    return Outlines(files, used, ClassNames("", named=named), len(shapes) - len(areas))


def _outlined(
    folder: DataFolder, place: int
) -> tuple[ImageFile, tuple[int, int], list[_Shape]] | None:
    """Return the image of a JSON, its height and width, and its shapes; None where it is another.

    Args:
        folder: of the data.
        place: of the JSON among those of the folder.
    """
    path = folder.jsons[place]
    file = folder.path / path
    try:
        content: Any = json.loads(file.read_bytes()) if file.stat().st_size < _LARGEST else None
        shapes = [_shape(one) for one in content["shapes"]]
        name = str(content.get("imagePath") or file.stem).replace("\\", "/").rpartition("/")[2]
        named = folder.named(name) or folder.named(file.stem)
        near = [one for one in named if one.folder == path.rpartition("/")[0]] or named
        if len(near) != 1:
            return None
        height, width = content.get("imageHeight"), content.get("imageWidth")
        if not height or not width:
            with Image.open(folder.path / near[0].path) as opened:
                width, height = opened.size
        return near[0], (int(height), int(width)), shapes
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _image_of_table(folder: DataFolder, path: str) -> ImageFile | None:
    """Return the image that a table is called after, with a word more or as it is; else None."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    for name, *_ in possible_image_names(stem):
        named = {one.path: one for one in folder.by_last_name.get(name, [])}
        if len(named) == 1:
            return next(iter(named.values()))
    return None


def _corners(table: pd.DataFrame) -> tuple[str, str] | None:
    """Return the columns of x and y of a table of vertices; None where it is another table."""
    words = {str(column): name_words(str(column)) for column in table.columns}
    found = [[one for one, words in words.items() if axis in words] for axis in ("x", "y")]
    if any(len(one) != 1 for one in found):
        return None
    x, y = found[0][0], found[1][0]
    are_numbers = all(table[one].str.fullmatch(_NUMBER).all() for one in (x, y))
    return (x, y) if are_numbers else None


_NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][+-]?\d+)?")


def _in_table(
    folder: DataFolder, path: str, table: pd.DataFrame
) -> tuple[ImageFile, tuple[int, int], list[_Shape]] | None:
    """Return the image of a table of vertices, its height and width, and its shapes, else None.

    A column whose cells stay the same over the vertices of an outline tells outlines apart, and one
    of words names their class.
    """
    image, corners = _image_of_table(folder, path), _corners(table)
    if image is None or corners is None:
        return None
    rest = [str(name) for name in table.columns if name not in corners]
    of_outline = [name for name in rest if _stays(table[name])]
    labels = [one for one in of_outline if not table[one].str.fullmatch(_NUMBER).any()]
    labels = [one for one in labels if _LABELS & set(name_words(one))][:1]
    try:
        with Image.open(folder.path / image.path) as opened:
            width, height = opened.size
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    shapes: list[_Shape] = []
    starts = pd.Series(False, index=table.index)
    for name in of_outline:
        starts |= table[name] != table[name].shift()
    for _, rows in table.groupby(starts.cumsum()):
        points = list(zip(*(rows[one].astype(float) for one in corners), strict=True))
        label = str(rows[labels[0]].iloc[0]) if labels else "object"
        shapes.append((label, "polygon", points))
    return image, (height, width), shapes


_LABELS = frozenset({"class", "label", "category", "name", "type"})
_FEWEST_CORNERS = 3


def _stays(cells: pd.Series[str]) -> bool:
    """Return whether a column has one cell over an outline: mostly three vertices or more."""
    runs = (cells != cells.shift()).cumsum()
    return bool(runs.value_counts().median() >= _FEWEST_CORNERS) if len(cells) else False


def _shape(one: Mapping[str, Any]) -> _Shape:
    points = [(float(x), float(y)) for x, y in one["points"]]
    return str(one["label"]), str(one.get("shape_type") or "polygon"), points


def _polygon(mask: NDArray[np.uint8], points: Sequence[_Point], value: int) -> None:
    """Fill the pixels whose middles lie inside, by the even-odd rule."""
    height = len(mask)
    edges = list(zip(points, [*points[1:], points[0]], strict=True))
    rows = [y for _, y in points]
    for row in range(max(0, int(min(rows))), min(height, math.ceil(max(rows)))):
        middle = row + 0.5
        crossed = sorted(
            x + (middle - y) * (next_x - x) / (next_y - y)
            for (x, y), (next_x, next_y) in edges
            if (y <= middle) != (next_y <= middle)
        )
        for start, end in zip(crossed[::2], crossed[1::2], strict=True):
            mask[row, max(0, math.ceil(start - 0.5)) : max(0, math.ceil(end - 0.5))] = value


def _rectangle(mask: NDArray[np.uint8], points: Sequence[_Point], value: int) -> None:
    (x, y), (other_x, other_y) = points[0], points[-1]
    _polygon(mask, [(x, y), (other_x, y), (other_x, other_y), (x, other_y)], value)


def _circle(mask: NDArray[np.uint8], points: Sequence[_Point], value: int) -> None:
    (x, y), edge = points[0], points[-1]
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    mask[np.hypot(columns + 0.5 - x, rows + 0.5 - y) <= math.dist((x, y), edge)] = value


_FORMS = {"polygon": _polygon, "rectangle": _rectangle, "circle": _circle}
