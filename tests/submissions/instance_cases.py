"""Objects by hand, and a reader of files of objects that was written without podium's."""

from __future__ import annotations

import base64
import csv
import warnings
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from plain_runs import drawn
from pycocotools import mask as pycocotools

from podium.competition.spec import load_competition
from podium.competition.truths.instances import Instances

SIZES = {"a": (3, 4), "b": (5, 2), "c": (2, 2)}
Planes = list[tuple[str, float | None, NDArray[np.bool_]]]


def competition_of_objects(
    folder,
    submission="rows: instance, overlap: forbid",
    *,
    classes=(),
    sizes=SIZES,
    sample=None,
    metric="{name: iou_precision}",
    frame="native",
):
    """Return a competition of objects in `folder`, with test images of some sizes by id."""
    (folder / "test").mkdir(exist_ok=True)
    for name, (height, width) in sizes.items():
        Image.new("L", (width, height)).save(folder / "test" / f"{name}.png")
    if sample is not None:
        (folder / "sample.csv").write_text(sample)
        submission = f"sample: sample.csv, {submission}"
    label = ", label: class" if classes else ""
    (folder / "competition.yaml").write_text(f"""
name: things
tasks: {{segment: instance}}
classes: {list(classes)}
data:
  train: {{images: "train/*.png", mask: {{table: train.csv, id: id, rle: rle{label}}}}}
  test: {{images: "test/*.png"}}
frame: {frame}
metric: {metric}
submission: {{{submission}}}
kaggle: {{slug: things}}
""")
    return load_competition(folder)


def rectangle(size, top, left, height, width) -> NDArray[np.bool_]:
    plane = np.zeros(size, dtype=np.bool_)
    plane[top : top + height, left : left + width] = True
    return plane


def pixels_of_coco64(text, shape) -> NDArray[np.bool_]:
    """Return the mask that pycocotools finds in base64 of zlib of its counts."""
    counts = zlib.decompress(base64.b64decode(text)).decode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its own, of numpy 2's `copy`
        return pycocotools.decode({"size": list(shape), "counts": counts}) > 0


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def objects_in_rows(
    path, sizes, *, image, runs, label=None, empty="", **codec
) -> dict[str, Planes]:
    """Return what a file with a row an object says: by image, (class, None, pixels)."""
    found: dict[str, Planes] = {}
    for row in rows_of(path):
        known = found.setdefault(row[image], [])
        if row[runs] != empty:
            plane = drawn(row[runs], sizes[row[image]], **codec)
            known.append((row[label] if label else "", None, plane))
    return found


def objects_in_lists(path, sizes, *, image, cell, empty="") -> dict[str, Planes]:
    """Return what a file with a list an image says: by image, (class, confidence, pixels)."""
    found: dict[str, Planes] = {}
    for row in rows_of(path):
        words = [] if row[cell] == empty else row[cell].split(" ")
        assert len(words) % 3 == 0
        found[row[image]] = [
            (words[i], float(words[i + 1]), pixels_of_coco64(words[i + 2], sizes[row[image]]))
            for i in range(0, len(words), 3)
        ]
    return found


def same_objects(one: Instances, other: Instances) -> bool:
    return (
        one.size == other.size
        and one.boxes == other.boxes
        and all(map(np.array_equal, one.crops, other.crops))
        and np.array_equal(one.classes, other.classes)
        and np.array_equal(one.scores, other.scores)
        and one.scores.dtype == other.scores.dtype
    )


def random_objects(rng, size, n_classes=1, most=5, apart=False) -> Instances:
    """Draw objects that may overlap, with scores of float32."""
    planes = [
        rng.random(size) < rng.choice([0.02, 0.3, 0.9]) for _ in range(rng.integers(0, most + 1))
    ]
    planes = [plane for plane in planes if plane.any()]
    classes = rng.integers(0, n_classes, len(planes))
    scores = rng.random(len(planes)).astype(np.float32)
    found = Instances.from_planes(size, planes, classes, scores)
    return found.without_overlap() if apart else found
