"""Label Studio: a JSON of tasks, or the shorter JSON-MIN.

    [{"data": {"image": "/data/upload/12/f1e2fcba-7.jpg"}, "annotations": [{"result": [
        {"type": "polygonlabels", "original_width": 64, "original_height": 48,
         "value": {"points": [[42.7, 73.8], …], "polygonlabels": ["leaf"]}}]}]}, …]

Places are per cent of width and height. The name of an uploaded file has eight hexadecimal digits
before it. A task without an annotation was not looked at; one whose result is empty has no object.
What was chosen for the whole image is a result of the type `choices`, `rating` or `number`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Point,
    Shape,
    ellipse,
    nearest_image,
)
from podium.errors import either

__all__ = ["StudioImage", "read_tool", "studio_images"]

_LABELS = ("polygonlabels", "rectanglelabels", "ellipselabels", "keypointlabels")
_OF_IMAGE = ("choices", "rating", "number")
_UPLOADED = re.compile(r"^[0-9a-f]{8}-(?=.)")


class StudioImage(NamedTuple):
    """An annotated image.

    Attributes:
        names: of the file, the likelier first.
        size: height and width, as the shapes have them; None without a shape.
        shapes: of its first annotation that was not cancelled.
        n_annotations: how many there are.
        labels: of the whole image.
    """

    names: tuple[str, ...]
    size: tuple[int, int] | None
    shapes: list[Shape]
    n_annotations: int
    labels: dict[str, str]


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the shapes of Label Studio's images; None without any."""
    found: list[AnnotatedImage] = []
    every = [(path, one) for path, each in files.jsons.items() for one in studio_images(each)]
    for path, one in every:
        image = nearest_image(files.folder, path, *one.names)
        if image is not None:
            found.append(AnnotatedImage(path, image, one.size, one.shapes, one.labels))
    n_several = sum(one.n_annotations > 1 for _, one in every)
    several = (
        f"{either(n_several, 'image has', 'images have')} several annotations: of each the first "
        "one counts"
    )
    notes = [several] if n_several else []
    return Annotations("outlines of Label Studio", len(every), found, notes=notes)


def studio_images(content: Any) -> list[StudioImage]:
    """Return the annotated images of an export; [] where it is another JSON, or cannot be drawn.

    Areas that were painted with a brush, and images that were turned, are not read: an export with
    one of them is none.
    """
    if not isinstance(content, list) or not content:
        return []
    try:
        tasks = [_task(one) for one in content]
    except (KeyError, TypeError, ValueError, AttributeError):
        return []
    return [one for one in tasks if one is not None]


def _task(task: Mapping[str, Any]) -> StudioImage | None:
    """Return a task's image, or None where nobody has annotated it.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is no task, or cannot be drawn.
    """
    if isinstance(task.get("data"), dict):
        annotations = [one for one in task["annotations"] if not one.get("was_cancelled")]
        annotations.sort(key=lambda one: not one.get("ground_truth"))
        results = [one["result"] for one in annotations]
        cells = task["data"]
    else:
        of_labels = [value for value in task.values() if _are_results(value)]
        is_done = bool(of_labels) or "annotation_id" in task
        results = [[_as_result(one) for each in of_labels for one in each]] if is_done else []
        cells = task
    names = _names(cells)
    if not results:
        return None
    shapes, size, labels = list[Shape](), None, {}
    for one in results[0]:
        if one.get("type") in _OF_IMAGE:
            labels[str(one.get("from_name") or one["type"])] = _chosen(one)
            continue
        if not isinstance(one.get("value"), dict) or one["type"] not in _LABELS:
            if {"rle", "format"} <= set(one.get("value") or {}):
                raise ValueError("areas of a brush")
            continue
        if one.get("image_rotation"):
            raise ValueError("the image was turned")
        size = (int(one["original_height"]), int(one["original_width"]))
        shapes += list(_shapes(one, size))
    return StudioImage(names, size, shapes, len(results), labels)


def _chosen(one: Mapping[str, Any]) -> str:
    """Return what was chosen for a whole image, several between semicolons."""
    value = one["value"][one["type"]]
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)


def _are_results(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and "original_width" in one for one in value)
    )


def _as_result(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a shape of JSON-MIN, whose value is beside its size, as one of the full JSON."""
    kinds = [name for name in one if name.endswith("labels")]
    about = ("original_width", "original_height", "image_rotation")
    return {"type": kinds[0], "value": one, **{name: one.get(name) for name in about}}


def _names(cells: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the file of a task may be called.

    Raises:
        ValueError: no cell is an address of a file.
    """
    paths = [str(one) for one in cells.values() if isinstance(one, str) and "." in one]
    if not paths:
        raise ValueError("no cell of the task names a file")
    first = next((one for one in paths if "/" in one), paths[0])
    name = first.partition("?d=")[2] or first.partition("?")[0]
    name = name.rpartition("/")[2]
    return tuple(dict.fromkeys((_UPLOADED.sub("", name), name)))


def _shapes(one: Mapping[str, Any], size: tuple[int, int]) -> Iterator[Shape]:
    """Yield the shape of a result, for each of its labels."""
    value, kind = one["value"], one["type"]
    y_scale, x_scale = size[0] / 100, size[1] / 100
    points: list[Point] = []
    form = kind.removesuffix("labels")
    if form == "polygon":
        points = [(float(x) * x_scale, float(y) * y_scale) for x, y in value["points"]]
    elif form == "rectangle":
        x, y = float(value["x"]) * x_scale, float(value["y"]) * y_scale
        width, height = float(value["width"]) * x_scale, float(value["height"]) * y_scale
        turn = math.radians(float(value.get("rotation") or 0.0))  # clockwise, about its corner
        cos, sin = math.cos(turn), math.sin(turn)
        corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
        points = [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in corners]
        if turn:
            form = "polygon"
        else:
            points = points[::2]
    elif form == "ellipse":
        middle = (float(value["x"]) * x_scale, float(value["y"]) * y_scale)
        halves = float(value["radiusX"]) * x_scale, float(value["radiusY"]) * y_scale
        points = ellipse(middle, *halves, math.radians(float(value.get("rotation") or 0.0)))
        form = "polygon"
    elif form == "keypoint":
        points, form = [(float(value["x"]) * x_scale, float(value["y"]) * y_scale)], "point"
    for label in value[kind]:
        yield str(label), form, points
