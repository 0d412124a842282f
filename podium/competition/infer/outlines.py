"""Masks that come as outlines, written as mask files: a JSON an image, as labelme writes it.

    {"imagePath": "7.tif", "imageHeight": 48, "imageWidth": 40, "shapes": [
        {"label": "roof", "shape_type": "polygon", "points": [[3.5, 2.0], [16.0, 3.0], …]}]}

Each becomes a PNG in the workspace's `made/masks/`: 0 is background, and classes count from 1 in
the order of their names. Of shapes that overlap the later one is seen.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.mask_values import ClassNames
from podium.workspace.atomic import replacing
from podium.workspace.progress import SILENT, Progress

__all__ = ["Outlines", "write_outlines"]

_MOST_CLASSES = 254
_ENOUGH = 0.5
_LARGEST = 50_000_000  # bytes of a file
_Shape = tuple[str, str, list[tuple[float, float]]]
"""Label, form, and points (x, y)."""


@dataclass(frozen=True)
class Outlines:
    """Masks that were written.

    Attributes:
        files: by the stem of the image.
        sources: the JSON files, relative to the data folder.
        names: of the values.
        n_left: shapes that are no areas, as points and lines.
    """

    files: Mapping[str, Path]
    sources: tuple[str, ...]
    names: ClassNames
    n_left: int


def write_outlines(
    folder: DataFolder, target: Path, *, progress: Progress = SILENT
) -> Outlines | None:
    """Return the masks of the images of train, written to `target`; None without outlines.

    Args:
        folder: with a JSON for most images of train, of its name or naming it.
        target: the folder for the masks.
        progress: of the files.
    """
    images = [one for one in folder.images if one.part in ("train", "other", "holdout")]
    stems = {image.stem for image in images}
    if len(folder.jsons) < 2 or len(stems) < len(images) or _outlined(folder, 0) is None:
        return None
    found: dict[str, tuple[str, tuple[int, int], list[_Shape]]] = {}
    for place, path in enumerate(folder.jsons):
        one = _outlined(folder, place)
        if one is not None and one[0].stem in stems:
            found[one[0].stem] = (path, one[1], one[2])
    if len(found) < _ENOUGH * len(folder.jsons):
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
            mask = Image.new("L", (width, height))
            draw = ImageDraw.Draw(mask)
            for label, form, points in each:
                if form in _FORMS:
                    _FORMS[form](draw, points, values[label])
            files[stem] = target / f"{stem}.png"
            with replacing(files[stem]) as temporary:
                mask.save(temporary, "PNG")
            advance(1)
    named: dict[int | str, str] = {0: "background", **{n: label for label, n in values.items()}}
    sources = tuple(path for path, _, _ in found.values())
    return Outlines(files, sources, ClassNames("", named=named), len(shapes) - len(areas))


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
        content = json.loads(file.read_bytes()) if file.stat().st_size < _LARGEST else None
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


def _shape(one: Mapping[str, Any]) -> _Shape:
    points = [(float(x), float(y)) for x, y in one["points"]]
    return str(one["label"]), str(one.get("shape_type") or "polygon"), points


def _polygon(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], value: int) -> None:
    if len(points) >= 3:
        draw.polygon(points, fill=value, outline=value)


def _rectangle(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], value: int) -> None:
    (x, y), (other_x, other_y) = points[0], points[-1]
    corners = (min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y))
    draw.rectangle(corners, fill=value)


def _circle(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], value: int) -> None:
    (x, y), edge = points[0], points[-1]
    radius = math.dist((x, y), edge)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=value)


_FORMS = {"polygon": _polygon, "rectangle": _rectangle, "circle": _circle}
