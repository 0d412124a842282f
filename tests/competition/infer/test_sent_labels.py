"""Outlines whose labels the sample calls otherwise, in a JSON for each folder of images.

road/R1/images/0001.png, road/R1/via.json: ひび割れ    classes.csv: ひび割れ,crack    sample: crack
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.annotations.sent_labels import as_sent
from podium.competition.infer.annotations.shapes import AnnotatedImage, Annotations, Shape
from podium.competition.infer.files import ImageFile
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError

SIZE = (24, 32)
SENT = {"ひび割れ": "crack", "補修跡": "patch"}
LEFT_OUT = "マンホール"
BOXES = {"ひび割れ": (2, 3, 9, 8), "補修跡": (12, 4, 25, 18), LEFT_OUT: (3, 12, 9, 20)}
"""Left, upper, right and lower side; the last two are the first pixels behind it."""
TRAIN, TEST = ("R1", "R4", "R7"), ("R2", "R9")
N_EACH = 6
LISTED = [
    ("番号", "種別", "クラス名", "評価対象"),
    (1, "ひび割れ", "crack", "○"),
    (2, "補修跡", "patch", "○"),
    (3, LEFT_OUT, "", "×"),
]


def has(section: str, number: int, label: str) -> bool:
    """Return whether an image has an outline of this label: some have none, some several."""
    return (int(section[1:]) + number + [*BOXES].index(label)) % 3 == 0 or (
        number % 4 == 1 and label != LEFT_OUT
    )


def region(label: str) -> dict[str, Any]:
    left, top, right, bottom = BOXES[label]
    shape: dict[str, Any] = {
        "name": "polygon",
        "all_points_x": [left, right, right, left],
        "all_points_y": [top, top, bottom, bottom],
    }
    return {"shape_attributes": shape, "region_attributes": {"種別": label}}


def write(
    data: Path, *, listed: Sequence[Sequence[object]] = LISTED, n_bare: int = 0, header: bool = True
) -> None:
    """Write the data of a host: `n_bare` regions of the first section have no label."""
    random = np.random.default_rng(3)
    for part, sections in (("train", TRAIN), ("test", TEST)):
        for section in sections:
            folder = data / part / section / ("images" if part == "train" else "")
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(1, N_EACH + 1):
                pixels = random.integers(0, 255, (*SIZE, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(folder / f"{number:04}.png")
    for section in TRAIN:
        content = {}
        for number in range(1, N_EACH + 1):
            regions = [region(label) for label in BOXES if has(section, number, label)]
            if section == TRAIN[0] and number <= n_bare:
                regions.append({**region(LEFT_OUT), "region_attributes": {}})
            name = f"{number:04}.png"
            content[f"{name}9{number}"] = {"filename": name, "size": 9, "regions": regions}
        (data / "train" / section / "via_region_data.json").write_text(json.dumps(content))
    _write_table(data / "class_list.csv", listed)
    rows: list[Sequence[object]] = [("id", "class", "rle")] * header
    for section in TEST:
        for number in range(1, N_EACH + 1):
            cells = ("0 10", "") if number % 2 else ("", "40 3")
            for name, cell in zip(SENT.values(), cells, strict=True):
                rows.append((f"{section}_{number:04}", name, cell))
    _write_table(data / "sample_submit.csv", rows)


def _write_table(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def masks_of(found: Inferred) -> dict[str, NDArray[np.bool_]]:
    """Return the pixels of each class of each image, `(H, W, C)`."""
    spec = found.competition
    train = load_samples(spec, "train")
    masks = zip(train["id"], truth_masks(spec, train), strict=True)
    values = range(1, len(SENT) + 1)
    return {
        str(one): np.stack([mask == k for k in values], axis=-1) if mask.ndim == 2 else mask > 0
        for one, mask in masks
        if mask is not None
    }


def drawn(section: str, number: int) -> NDArray[np.bool_]:
    """Return what was drawn in an image of the labels that the sample has."""
    mask = np.zeros((*SIZE, len(SENT)), dtype=bool)
    for k, label in enumerate(SENT):
        left, top, right, bottom = BOXES[label]
        mask[top:bottom, left:right, k] = has(section, number, label)
    return mask


@pytest.mark.parametrize("header", [True, False])
def test_labels_that_a_list_calls_as_the_sample_are_its_classes(
    header: bool, tmp_path: Path
) -> None:
    write(tmp_path / "data", header=header)
    found = infer(tmp_path / "data", tmp_path)
    assert list(found.competition.classes or ()) == [*SENT.values()]
    masks = masks_of(found)
    assert len(masks) == len(TRAIN) * N_EACH
    for name, mask in masks.items():
        section, _, file = name.split("/")
        assert np.array_equal(mask, drawn(section, int(Path(file).stem))), name
    assert any(LEFT_OUT in one and "left out" in one for one in found.notes)
    assert found.competition.submission.file.header is header
    assert not any("class_list.csv" in one and "not used" in one for one in found.notes)


def test_a_list_without_a_class_of_the_sample_names_no_label() -> None:
    annotations = annotated("ひび割れ", "補修跡", LEFT_OUT)
    whole = {"classes.csv": table(LISTED)}
    named, path = as_sent(annotations, whole, SENT.values())
    assert path == "classes.csv"
    assert labels_of(named) == [*SENT.values()]
    # A class of the sample that no label has; two lists; a label that no list has.
    short = {"classes.csv": table([*LISTED[:2], LISTED[3]])}
    other = [LISTED[0], (1, "ひび割れ", "patch", ""), (2, "補修跡", "crack", ""), LISTED[3]]
    two = {**whole, "names.csv": table(other)}
    for tables in (short, two, {}):
        assert as_sent(annotations, tables, SENT.values()) == (annotations, "")
    assert as_sent(annotated("other", *SENT), whole, SENT.values())[1] == ""


def test_labels_of_no_class_of_the_sample_are_left_out_but_for_void() -> None:
    annotations = annotated("crack", "void", "manhole")
    named, path = as_sent(annotations, {}, ["crack"])
    assert (labels_of(named), path) == (["crack", "void"], "")
    assert as_sent(annotations, {}, ["pothole"]) == (annotations, "")
    assert as_sent(annotations, {}, []) == (annotations, "")


def test_a_table_of_classes_is_none_of_images_that_are_numbered_as_these(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write(data, header=False)
    for file in data.rglob("*.json"):
        file.unlink()
    for section in TRAIN[1:]:
        shutil.rmtree(data / "train" / section)
    with pytest.raises(DataError, match="no labels"):
        infer(data, tmp_path)


def annotated(*labels: str) -> Annotations:
    image = ImageFile("train/1.png", "train")
    shapes: list[Shape] = [(one, "polygon", [(0, 0), (4, 0), (4, 4)]) for one in labels]
    return Annotations("outlines", 1, [AnnotatedImage("via.json", image, SIZE, shapes)])


def labels_of(annotations: Annotations) -> list[str]:
    return [label for one in annotations.images for label, _, _ in one.shapes]


def table(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    header, *cells = ([*map(str, one)] for one in rows)
    return pd.DataFrame(cells, columns=header, dtype=object)


def test_a_few_regions_without_the_class_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "data", n_bare=1)
    found = infer(tmp_path / "data", tmp_path)
    assert any("1 region without 種別 left out" in one for one in found.notes)
    for name, mask in masks_of(found).items():
        section, _, file = name.split("/")
        assert np.array_equal(mask, drawn(section, int(Path(file).stem))), name
