"""Boxes and outlines: drawn, and written as COCO has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from layouts.drawing import Size
from layouts.real.made import Builder, Readings
from layouts.real.masks import union
from layouts.real.readings import objects_as_classes, reading_of
from layouts.runs import Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["corners_of", "draw_boxes", "readings_of_outlines", "rectangle", "ring", "write_coco"]


def rectangle(size: Size, left: int, top: int, wide: int, tall: int) -> Plane:
    plane = np.zeros(size, dtype=bool)
    plane[top : top + tall, left : left + wide] = True
    return plane


def ring(left: int, top: int, wide: int, tall: int) -> list[float]:
    """Return the outline of a rectangle as COCO has it."""
    right, below = left + wide, top + tall
    return [float(one) for one in (left, top, right, top, right, below, left, below)]


def draw_boxes(made: Builder, size: Size, n: int) -> list[tuple[int, int, int, int]]:
    """Return (left, top, wide, tall) of rectangles that do not touch: one in each cell of a grid."""
    half_tall, half_wide = size[0] // 2, size[1] // 2
    cells = [(top, left) for top in (0, half_tall) for left in (0, half_wide)]
    found = []
    for place in made.random.permutation(4)[:n]:
        top, left = cells[place]
        wide, tall = (int(made.random.integers(5, edge - 4)) for edge in (half_wide, half_tall))
        found.append(
            (
                left + int(made.random.integers(1, half_wide - wide - 1)),
                top + int(made.random.integers(1, half_tall - tall - 1)),
                wide,
                tall,
            )
        )
    return found


def corners_of(box: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    left, top, wide, tall = box
    return [(left, top), (left + wide, top), (left + wide, top + tall), (left, top + tall)]


def write_coco(
    made: Builder,
    size: Size,
    names: Iterable[str],
    kinds: Sequence[tuple[int, str]],
    *,
    first: int = 1,
    more: Callable[[int], dict[str, Any]] = lambda k: {},
) -> dict[str, Any]:
    """Write photos with one to three rectangles each, and return them as COCO has them."""
    images, notes = [], list[dict[str, Any]]()
    for k, name in enumerate(names):
        objects = []
        for place in range(1 + k % 3):
            box = (1 + 15 * place, 3 + k % 7 + place, 9 + k % 4, 8 + (k + place) % 5)
            kind = (k * 3 + place * 2) % len(kinds)
            objects.append((kind, rectangle(size, *box)))
            notes.append({
                "id": 100 + len(notes) + 1000 * first, "image_id": first + k, "category_id": kinds[kind][0],
                "segmentation": [ring(*box)], "area": float(box[2] * box[3]),
                "bbox": [float(one) for one in box], "iscrowd": 0,
            })  # fmt: skip
        file_name = name.rpartition("//")[2]
        path = name.replace("//", "/")
        made.image(path, TrueSample(size, objects=tuple(objects)), part="train")
        images.append(
            {
                "id": first + k,
                "width": size[1],
                "height": size[0],
                "file_name": file_name,
                **more(k),
            }
        )
    return {
        "images": images,
        "annotations": notes,
        "categories": [
            {"id": number, "name": name, "supercategory": name} for number, name in kinds
        ],
    }


def readings_of_outlines(
    made: Builder,
    size: Size,
    names: Sequence[str],
    closed: dict[str, tuple[tuple[int, Plane], ...]],
) -> Readings:
    """Return readings of outlines with their right and lower edges, and without."""
    found = list[LayoutTruth]()
    for with_edges in (False, True):
        single = reading_of(made, {"segment": "instance"}, mask_classes=names)
        if with_edges:
            train = {path: replace(one, objects=closed[path]) for path, one in single.train.items()}
            single = replace(single, train=train)
        whole = {
            path: replace(one, planes=(union([plane for _, plane in one.objects]),), objects=None)
            if one.objects
            else replace(one, planes=(np.zeros(size, dtype=bool),), objects=None)
            for path, one in single.train.items()
        }
        found += [
            single,
            objects_as_classes(single, size, names),
            replace(
                single, kinds={"segment": frozenset({"binary"})}, mask_classes=("",), train=whole
            ),
        ]
    return tuple(found)
