"""labelme: a JSON an image.

    {"imagePath": "7.tif", "imageHeight": 48, "imageWidth": 40, "shapes": [
        {"label": "roof", "shape_type": "polygon", "points": [[3.5, 2.0], [16.0, 3.0], …]}]}

`flags` are what holds of the whole image, or does not.
"""

from __future__ import annotations

from typing import Any

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Shape,
    key_of_sent,
    nearest_image,
)
from podium.competition.infer.files import DataFolder

__all__ = ["read_tool"]


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the shapes of labelme's files; None where there are fewer than two."""
    if len(files.folder.jsons) < 2:
        return None
    every = [
        shape
        for content in files.jsons.values()
        if isinstance(content, dict) and isinstance(content.get("shapes"), list)
        for shape in content["shapes"]
        if isinstance(shape, dict)
    ]
    key = key_of_sent(every, files.sent) or "label"
    found = [_image(files.folder, path, content, key) for path, content in files.jsons.items()]
    images = [one for one in found if one is not None]
    return Annotations("outlines in JSON", len(files.folder.jsons), images) if images else None


def _image(folder: DataFolder, path: str, content: Any, key: str) -> AnnotatedImage | None:
    """Return the shapes of an image, with the class of `key`.

    None where the JSON is another, or its image is not there.
    """
    try:
        shapes = [_shape(one, key) for one in content["shapes"]]
        stem = file_stem(path)
        image = nearest_image(folder, path, str(content.get("imagePath") or stem), stem)
        height, width = content.get("imageHeight"), content.get("imageWidth")
        size = (int(height), int(width)) if height and width else None
        flags = content.get("flags") or {}
        labels = {str(name): str(int(bool(value))) for name, value in flags.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return None if image is None else AnnotatedImage(path, image, size, shapes, labels)


def _shape(one: Any, key: str) -> Shape:
    points = [(float(x), float(y)) for x, y in one["points"]]
    return str(one[key]), str(one.get("shape_type") or "polygon"), points
