"""Outlines of pictures that were resized, turned or cut after labelling; slipped clicks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.errors import DataError
from tests.competition.infer.test_annotation_tools import write

HEIGHT, WIDTH = 30, 40  # of the pictures
N = 6
CORNERS = [(4, 6), (24, 6), (24, 20), (4, 20)]  # of the one object of each, in the picture


def truth() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[6:20, 4:24] = True
    return mask


def pictures(data: Path, orientation: int = 1) -> None:
    rng = np.random.default_rng(3)
    for part in ("train", "test"):
        for number in range(N):
            file = data / part / f"{part}{number}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8))
            exif = picture.getexif()
            exif[0x0112] = orientation
            picture.save(file, exif=exif)


def labelme(data: Path, size: tuple[int, int], *slips: tuple[str, Any]) -> None:
    for number in range(N):
        x_scale, y_scale = size[1] / WIDTH, size[0] / HEIGHT
        points = [(x * x_scale, y * y_scale) for x, y in CORNERS]
        drawn = [("leaf", points), *(slips if number == 0 else ())]
        shapes = [{"label": one, "shape_type": "polygon", "points": each} for one, each in drawn]
        content = {"imagePath": f"train{number}.jpg", "shapes": shapes}
        content |= {"imageHeight": size[0], "imageWidth": size[1]}
        write(data / f"train/train{number}.json", json.dumps(content))


def cvat(data: Path, size: tuple[int, int]) -> None:
    lines = ["<annotations>"]
    for number in range(N):
        each = ((x * size[1] / WIDTH, y * size[0] / HEIGHT) for x, y in CORNERS)
        points = ";".join(f"{x},{y}" for x, y in each)
        lines.append(f'<image name="train{number}.jpg" width="{size[1]}" height="{size[0]}">')
        lines.append(f'<polygon label="leaf" points="{points}"/></image>')
    write(data / "annotations.xml", "\n".join([*lines, "</annotations>"]))


def pascal_voc(data: Path, size: tuple[int, int]) -> None:
    for number in range(N):
        each = ((x * size[1] / WIDTH, y * size[0] / HEIGHT) for x, y in CORNERS)
        outline = "".join(f"<x{k}>{x}</x{k}><y{k}>{y}</y{k}>" for k, (x, y) in enumerate(each, 1))
        about = f"<size><width>{size[1]}</width><height>{size[0]}</height></size>"
        write(
            data / f"annotations/train{number}.xml",
            f"<annotation><filename>train{number}.jpg</filename>{about}<object><name>leaf</name>"
            f"<polygon>{outline}</polygon></object></annotation>",
        )


def label_studio(data: Path, size: tuple[int, int]) -> None:
    tasks = []
    for number in range(N):
        points = [(100 * x / WIDTH, 100 * y / HEIGHT) for x, y in CORNERS]
        about = {"original_width": size[1], "original_height": size[0], "type": "polygonlabels"}
        value = {"polygonlabels": ["leaf"], "points": points}
        results = [{**about, "value": value}]
        address = f"/data/upload/3/{number:08x}-train{number}.jpg"
        tasks.append({"data": {"image": address}, "annotations": [{"result": results}]})
    write(data / "project-3.json", json.dumps(tasks))


def masks(root: Path) -> list[np.ndarray]:
    files = [root / f"made/masks/train{number}.png" for number in range(N)]
    return [np.asarray(Image.open(file)) for file in files]


def read(tmp_path: Path) -> Inferred:
    return infer(tmp_path / "data", tmp_path)


# A half of 33 lines is 16 or 17: sizes are whole numbers.
@pytest.mark.parametrize("size", [(60, 80), (15, 20), (23, 30), (300, 401)])
@pytest.mark.parametrize("tool", [labelme, cvat, pascal_voc, label_studio])
def test_outlines_are_scaled_to_the_size_that_the_picture_has(
    tool: Any, size: tuple[int, int], tmp_path: Path
) -> None:
    pictures(tmp_path / "data")
    tool(tmp_path / "data", size)
    found = read(tmp_path)
    for mask in masks(tmp_path):
        assert np.array_equal(mask > 0, truth())
    told = [one for one in found.notes if "scaled" in one]
    assert len(told) == 1
    assert f"{N} " in told[0]
    assert f"{size[1]} x {size[0]}" in told[0]
    assert "40 x 30" in told[0]


def test_outlines_of_the_size_of_the_picture_are_left_as_they_are(tmp_path: Path) -> None:
    pictures(tmp_path / "data")
    labelme(tmp_path / "data", (HEIGHT, WIDTH))
    found = read(tmp_path)
    assert np.array_equal(masks(tmp_path)[0] > 0, truth())
    assert not [one for one in found.notes if "scaled" in one]


def test_a_size_of_nothing_is_unknown(tmp_path: Path) -> None:
    pictures(tmp_path / "data")
    cvat(tmp_path / "data", (HEIGHT, WIDTH))
    (file,) = (tmp_path / "data").rglob("*.xml")
    text = file.read_text()
    assert f'width="{WIDTH}"' in text
    write(file, text.replace(f'width="{WIDTH}"', 'width="0"'))
    read(tmp_path)
    assert np.array_equal(masks(tmp_path)[0] > 0, truth())


@pytest.mark.parametrize("size", [(40, 30), (80, 60), (30, 30), (30, 44)])
@pytest.mark.parametrize("tool", [labelme, cvat, pascal_voc, label_studio])
def test_outlines_of_a_turned_or_cut_picture_are_refused_with_both_sizes(
    tool: Any, size: tuple[int, int], tmp_path: Path
) -> None:
    pictures(tmp_path / "data")
    tool(tmp_path / "data", size)
    with pytest.raises(DataError) as error:
        read(tmp_path)
    told = str(error.value)
    assert f"{size[1]} x {size[0]}" in told
    assert "40 x 30" in told
    assert "train0.jpg" in told
    assert ".json" in told or ".xml" in told


def test_a_picture_with_an_exif_turn_has_the_size_that_is_seen(tmp_path: Path) -> None:
    pictures(tmp_path / "data", orientation=6)
    labelme(tmp_path / "data", (WIDTH, HEIGHT))
    read(tmp_path)
    assert masks(tmp_path)[0].shape == (WIDTH, HEIGHT)


def test_outlines_on_a_picture_before_its_exif_turn_are_refused(tmp_path: Path) -> None:
    pictures(tmp_path / "data", orientation=6)
    labelme(tmp_path / "data", (HEIGHT, WIDTH))
    with pytest.raises(DataError, match="EXIF"):
        read(tmp_path)


@pytest.mark.parametrize("points", [[], [(3, 3)], [(3, 3), (9, 9)], [(3, 3), (9, 9), (3, 3)]])
def test_polygons_of_slipped_clicks_are_left_out_and_told(points: Any, tmp_path: Path) -> None:
    pictures(tmp_path / "data")
    labelme(tmp_path / "data", (HEIGHT, WIDTH), ("stem", points), ("leaf", points))
    found = read(tmp_path)
    assert np.array_equal(masks(tmp_path)[0] == 1, truth())
    assert "stem" not in (found.competition.classes or []), "no pixel is of it"
    told = [one for one in found.notes if "fewer than three corners" in one]
    assert len(told) == 1
    assert "2 " in told[0]
    assert "train/train0.json" in told[0]


def test_slipped_clicks_are_no_objects_that_are_counted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    labelme(data, (HEIGHT, WIDTH), ("leaf", [(3, 3), (9, 9)]))
    rows = "\n".join(f"test{number}.jpg,0" for number in range(N))
    write(data / "sample_submission.csv", f"image,count\n{rows}\n")
    read(tmp_path)
    lines = (tmp_path / "made/tables/counts.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == [f"train{number}.jpg,1" for number in range(N)]
