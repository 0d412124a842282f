"""COCO: a JSON with `images`, `annotations` and `categories`.

Here its objects are places with a class. As masks they are read by `conversions/masks`, from runs
and outlines with holes, and sorted by what the sample submission has rows of.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Point,
    Shape,
    names_of_categories,
    nearest_image,
)

__all__ = ["read_tool"]


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the objects of COCO's files; None without such a file."""
    images, n = list[AnnotatedImage](), 0
    for path, content in files.jsons.items():
        try:
            objects = _objects(content)
            if not objects:
                continue  # categories of whole images, or images to predict
            n += len(content["images"])
            for one in content["images"]:
                image = nearest_image(files.folder, path, str(one["file_name"]))
                if image is not None:
                    images.append(AnnotatedImage(path, image, None, objects.get(one["id"], [])))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return Annotations("COCO annotations", n, images, has_outlines=False) if n else None


def _objects(content: Any) -> dict[Any, list[Shape]]:
    """Return the objects of each image by its number.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the JSON is another.
    """
    names = names_of_categories(content["categories"])
    found: dict[Any, list[Shape]] = defaultdict(list)
    for one in content["annotations"]:
        if not one.get("segmentation") and not one.get("bbox"):
            continue
        points: list[Point] = []
        form = "polygon" if one.get("segmentation") else "rectangle"
        if one.get("bbox"):
            x, y, width, height = map(float, one["bbox"])
            points = [(x, y), (x + width, y + height)]
        found[one["image_id"]].append((names[one["category_id"]], form, points))
    return found
