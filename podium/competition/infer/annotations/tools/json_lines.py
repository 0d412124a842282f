"""JSON lines: an image a line, with the rings of its outlines.

    {"id": "0006ff2aa7cd", "annotations": [
        {"type": "glomerulus", "coordinates": [[[167, 249], [166, 249], …]]}]}

Keys are called as they like: the image is what one of the texts names, and an outline has one text,
its label, and one list of rings, or of points. A ring behind the first is a hole.
"""

from __future__ import annotations

import json
from typing import Any

from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Point,
    Shape,
    nearest_image,
    with_holes,
)
from podium.competition.infer.files import DataFolder

__all__ = ["read_tool"]

_LARGEST = 500_000_000  # bytes of a file
_FEWEST_POINTS = 3


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the outlines of the first file whose every line is one of these; None without such."""
    for path in files.folder.jsons:
        if not path.lower().endswith(".jsonl"):
            continue
        found = _of_file(files.folder, path)
        if found:
            n_lines = len(found)
            images = [one for one in found if one is not None]
            return Annotations("outlines in JSON lines", n_lines, images) if images else None
    return None


def _of_file(folder: DataFolder, path: str) -> list[AnnotatedImage | None]:
    """Return the image of each line, None where it is not there; [] of a file of another form."""
    file = folder.path / path
    try:
        if file.stat().st_size > _LARGEST:
            return []
        with file.open(encoding="utf-8") as lines:
            return [_of_line(folder, path, json.loads(line)) for line in lines if line.strip()]
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return []


def _of_line(folder: DataFolder, path: str, content: Any) -> AnnotatedImage | None:
    """Return the image of a line with its shapes; ValueError: the line is of another form."""
    names = [value for value in content.values() if isinstance(value, str)]
    [objects] = [value for value in content.values() if isinstance(value, list)]
    shapes = [_shape(one) for one in objects]
    image = nearest_image(folder, path, *names)
    return None if image is None else AnnotatedImage(path, image, None, shapes)


def _shape(one: Any) -> Shape:
    [label] = [value for value in one.values() if isinstance(value, str)]
    [rings] = [value for value in one.values() if isinstance(value, list)]
    if rings and not isinstance(rings[0][0], list):
        rings = [rings]
    outline, *holes = [[_point(each) for each in ring] for ring in rings]
    if len(outline) < _FEWEST_POINTS:
        raise ValueError("no outline")
    return label, "polygon", with_holes(outline, holes) if holes else outline


def _point(pair: Any) -> Point:
    x, y = pair
    return float(x), float(y)
