"""Samples of files to send that are PNGs of masks: their names, values and sizes, or a question."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.submissions.format.checking import check
from podium.submissions.format.mask_files import write_masks
from podium.workflows.initialising import init_workspace

N_TRAIN, N_TEST = 9, 4
PALETTE = [0, 0, 0, 200, 30, 30, 30, 200, 30, 30, 30, 200]
CLASSES = ["road", "car"]


def size(number: int) -> tuple[int, int]:
    return 20, 24 + number % 2


def squares(number: int, values: Sequence[int]) -> NDArray[np.uint8]:
    """Return a mask with a square of each value."""
    mask = np.zeros(size(number), np.uint8)
    for place, value in enumerate(values):
        mask[2 + 5 * place : 6 + 5 * place, 3:8] = value
    return mask


def save(path: Path, pixels: NDArray[np.uint8], *, palette: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    if palette:
        image.putpalette(PALETTE)
    image.save(path)


def images(data: Path, suffix: str = ".jpg") -> None:
    rng = np.random.default_rng(3)
    for part, n in (("train", N_TRAIN), ("test", N_TEST)):
        for number in range(n):
            pixels = rng.integers(0, 255, (*size(number), 3), dtype=np.uint8)
            save(data / f"{part}/images/{part[:2]}{number}{suffix}", pixels)


def train(data: Path, values: Sequence[int], *, palette: bool = False) -> None:
    """Write images, and a mask file of each of train with these values."""
    images(data)
    for number in range(N_TRAIN):
        save(data / f"train/masks/tr{number}.png", squares(number, values), palette=palette)


def sample(folder: Path, values: Sequence[int], name: str = "te{}.png", **more: bool) -> None:
    for number in range(N_TEST):
        save(folder / name.format(number), squares(number, values), **more)


def written(found: Inferred, root: Path) -> tuple[dict[str, Any], list[list[str]], list[str]]:
    """Return `submission`, the cells of the sample and the keys to choose."""
    document = yaml.safe_load(found.text)
    submission = document["submission"]
    with (root / submission["sample"]).open(newline="") as file:
        rows = list(csv.reader(file))
    return submission, rows, document.get("to_choose", [])


def test_names_with_an_ending_and_blank_pngs_have_the_values_of_train(tmp_path: Path) -> None:
    train(tmp_path / "data", [255])
    sample(tmp_path / "data/sample_submission", [], "te{}_mask.png")
    found = infer(tmp_path / "data", tmp_path)
    submission, rows, open_keys = written(found, tmp_path)
    assert submission["file"] == {
        "kind": "png",
        "name": "{id}_mask.png",
        "mask_values": {0: "background", 255: "foreground"},
    }
    assert rows == [
        ["id", "rle", "height", "width"],
        *([f"te{n}", "", *map(str, size(n))] for n in range(N_TEST)),
    ]
    assert open_keys == []
    assert not any("are not read" in note for note in found.notes)
    masks = [(f"te{n}", squares(n, [1])) for n in range(N_TEST)]
    sent = write_masks(tmp_path / "sent.zip", found.competition, masks)
    assert check(sent, found.competition) == []
    with zipfile.ZipFile(sent) as archive, Image.open(archive.open("te1_mask.png")) as image:
        assert np.array_equal(np.asarray(image), squares(1, [255]))


def test_indices_of_a_palette_are_the_values_of_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    train(data, [1, 2], palette=True)
    (data / "classes.txt").write_text("background\nroad\ncar\n")
    sample(data / "example_submission", [2, 1], palette=True)
    submission, rows, open_keys = written(infer(data, tmp_path), tmp_path)
    assert submission["file"] == {
        "kind": "png",
        "name": "{id}.png",
        "mask_values": {0: "background", 1: "road", 2: "car"},
    }
    assert submission["rows"] == "image_class"
    assert rows[0] == ["id", "class", "rle", "height", "width"]
    assert rows[1:3] == [["te0", "road", "", "20", "24"], ["te0", "car", "", "20", "24"]]
    assert len(rows) == 1 + 2 * N_TEST
    assert open_keys == []


@pytest.mark.parametrize(("inner", "name"), [
    ("", "sample_submission"), ("masks/", "sample_submission"), ("", "exemple_soumission"),
])  # fmt: skip
def test_a_zip_is_read_with_its_folders(tmp_path: Path, inner: str, name: str) -> None:
    data = tmp_path / "data"
    train(data, [255])
    for file in (data / "test/images").iterdir():  # so that the PNGs have the names of images
        with Image.open(file) as image:
            image.save(file.with_suffix(".png"))
        file.unlink()
    with zipfile.ZipFile(data / f"{name}.zip", "w") as archive:
        for number in range(N_TEST):
            content = io.BytesIO()
            Image.fromarray(squares(number, [])).save(content, format="PNG")
            archive.writestr(f"{inner}te{number}.png", content.getvalue())
    before = sorted(data.rglob("*"))
    found = init_workspace(data, tmp_path / "work")
    spec = found.competition
    assert spec.submission.file.name == f"{inner}{{id}}.png"
    assert spec.submission.file.mask_values == {0: "background", 255: "foreground"}
    assert spec.to_choose == []
    masks = [(f"te{n}", squares(n, [1])) for n in range(N_TEST)]
    assert check(write_masks(tmp_path / "sent.zip", spec, masks), spec) == []
    assert sorted(data.rglob("*")) == before


def test_numbers_of_a_table_of_colours_are_the_values_to_send(tmp_path: Path) -> None:
    """Masks of train are in colours, PNGs to send are blank: the table has colour and number."""
    data = tmp_path / "data"
    train(data, [1, 2])
    colours = np.array([[124, 172, 92], [30, 100, 220], [230, 200, 40], [0, 0, 0]], np.uint8)
    for file in (data / "train/masks").iterdir():
        with Image.open(file) as image:
            numbers = np.asarray(image).copy()
        numbers[0, :3] = 3  # not annotated
        Image.fromarray(colours[numbers]).save(file)
    rows = ["classe;id;rouge;vert;bleu", "terrain;0;124;172;92", "eau;1;30;100;220"]
    rows += ["route;2;230;200;40", "non annoté;255;0;0;0"]
    (data / "legende.csv").write_text("\n".join(rows) + "\n", encoding="utf-8-sig")
    sample(data / "exemple_soumission", [])
    found = infer(data, tmp_path)
    submission, _, open_keys = written(found, tmp_path)
    assert found.competition.classes == ["terrain", "eau", "route"]
    assert found.competition.data.train.ignore == "#000000"
    assert submission["file"]["mask_values"] == {0: "terrain", 1: "eau", 2: "route"}
    assert open_keys == []


def test_values_of_the_sample_count_where_train_has_others(tmp_path: Path) -> None:
    train(tmp_path / "data", [255])
    sample(tmp_path / "data/submission_example", [1])
    submission, _, open_keys = written(infer(tmp_path / "data", tmp_path), tmp_path)
    assert submission["file"]["mask_values"] == {0: "background", 1: "foreground"}
    assert open_keys == []


def outlines(data: Path, names: Sequence[str]) -> None:
    """Write images, and their masks as outlines: no file has the value of a class."""
    images(data)
    for number in range(N_TRAIN):
        shapes = [
            {
                "label": name,
                "shape_type": "polygon",
                "points": [[3, 2 + 6 * k], [9, 2 + 6 * k], [9, 7 + 6 * k], [3, 7 + 6 * k]],
            }
            for k, name in enumerate(names)
        ]
        height, width = size(number)
        content = {"imagePath": f"tr{number}.jpg", "imageHeight": height, "imageWidth": width}
        file = data / f"train/images/tr{number}.json"
        file.write_text(json.dumps({**content, "shapes": shapes}))


@pytest.mark.parametrize("names", [["road"], CLASSES])
def test_blank_pngs_beside_outlines_are_a_question(tmp_path: Path, names: list[str]) -> None:
    outlines(tmp_path / "data", names)
    sample(tmp_path / "data/sample_submission", [])
    found = infer(tmp_path / "data", tmp_path)
    submission, _, open_keys = written(found, tmp_path)
    assert open_keys == ["submission.file"]
    assert submission["file"]["kind"] == "png"
    below = found.text.partition("\n  file:")[2]
    assert "# or file: {kind: png" in below
    assert any("choose submission.file" in note for note in found.notes)


def test_values_of_train_that_are_a_question_are_one_in_the_sample(tmp_path: Path) -> None:
    data = tmp_path / "data"
    train(data, [1, 2])
    (data / "classes.txt").write_text("road\ncar\n")  # of 0 and 1, or of 1 and 2
    sample(data / "sample_submission", [])
    found = infer(data, tmp_path)
    _, _, open_keys = written(found, tmp_path)
    assert {"data.train.mask_values", "submission.file"} <= set(open_keys)
    values = [line.partition("mask_values: ")[2] for line in found.text.splitlines()]
    values = [one.rstrip("}") for one in values if one]
    assert len(values) == 4
    assert values[:2] == values[2:]  # the first and the other reading, in train and in the sample


def test_without_background_the_sample_shows_the_first_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    train(data, [1, 2])
    (data / "classes.txt").write_text("road\ncar\ntree\n")
    sample(data / "sample_submission", [])
    submission, rows, open_keys = written(infer(data, tmp_path), tmp_path)
    assert submission["file"]["mask_values"] == {0: "road", 1: "car", 2: "tree"}
    assert [row[2] for row in rows[1:4]] == [f"1 {20 * 24}", "", ""]
    assert open_keys == []


def test_a_list_of_files_with_other_endings_is_no_hindrance(tmp_path: Path) -> None:
    data = tmp_path / "data"
    train(data, [255])
    rows = [f"te{n}.jpg,{n % 2}" for n in range(N_TEST)]
    (data / "test.csv").write_text("\n".join(["image,site", *rows]) + "\n")
    sample(data / "sample_submission", [])
    found = infer(data, tmp_path)
    submission, rows_of_sample, _ = written(found, tmp_path)
    assert submission["file"]["name"] == "{id}.png"
    assert [row[0] for row in rows_of_sample[1:]] == [f"te{n}" for n in range(N_TEST)]
    masks = [(f"te{n}", squares(n, [1])) for n in range(N_TEST)]
    sent = write_masks(tmp_path / "sent.zip", found.competition, masks)
    assert check(sent, found.competition) == []
    assert zipfile.ZipFile(sent).namelist() == [f"te{n}.png" for n in range(N_TEST)]


@pytest.mark.parametrize(("value", "is_open"), [(0, True), (200, False)])
def test_beside_a_table_of_runs_the_pngs_alone_show_values(
    tmp_path: Path, value: int, is_open: bool
) -> None:
    data = tmp_path / "data"
    images(data)
    rows = [f"tr{n},{3 + n} 4 60 {5 + n}" for n in range(N_TRAIN)]
    (data / "train.csv").write_text("\n".join(["image,rle", *rows]) + "\n")
    sample(data / "sample_submission", [value])
    found = infer(data, tmp_path)
    submission, _, open_keys = written(found, tmp_path)
    assert submission["file"]["mask_values"] == {0: "background", value or 255: "foreground"}
    assert ("submission.file" in open_keys) == is_open
    assert "submission.rle" not in open_keys
    spec = found.competition  # what is painted does not depend on how runs of train are counted
    masks = [(f"te{n}", squares(n, [1])) for n in range(N_TEST)]
    assert check(write_masks(tmp_path / "sent.zip", spec, masks), spec) == []


def test_a_png_for_each_class_is_read_off_the_names(tmp_path: Path) -> None:
    data = tmp_path / "data"
    images(data)
    for number in range(N_TRAIN):
        for place, name in enumerate(CLASSES):
            mask = squares(number, [0] * place + [255])
            mask[10 : 12 + number, 9:] = 255  # both classes share pixels
            save(data / f"train/masks/{name}/tr{number}.png", mask)
    for name in CLASSES:
        sample(data / "sample_submission", [], f"te{{}}_{name}.png")
    submission, rows, open_keys = written(infer(data, tmp_path), tmp_path)
    assert submission["file"] == {
        "kind": "png",
        "name": "{id}_{class}.png",
        "mask_values": {0: "background", 255: "foreground"},
    }
    assert {row[1] for row in rows[1:]} == set(CLASSES)
    assert open_keys == []


def test_whether_a_folder_belongs_into_the_zip_is_a_question(tmp_path: Path) -> None:
    train(tmp_path / "data", [255])
    sample(tmp_path / "data/sample_submission/masks", [])
    found = infer(tmp_path / "data", tmp_path)
    submission, _, open_keys = written(found, tmp_path)
    assert submission["file"]["name"] == "masks/{id}.png"
    assert open_keys == ["submission.file"]
    assert "# or file: {kind: png, name: '{id}.png'" in found.text


def test_a_folder_beside_a_table_of_the_example_belongs_into_the_zip(tmp_path: Path) -> None:
    train(tmp_path / "data", [255])
    sample(tmp_path / "data/sample_submission/masks", [])
    (tmp_path / "data/sample_submission/notes.md").write_text("team: ours\n")
    submission, _, open_keys = written(infer(tmp_path / "data", tmp_path), tmp_path)
    assert submission["file"]["name"] == "masks/{id}.png"
    assert open_keys == []


def rgb(data: Path) -> None:
    for number in range(N_TEST):
        save(data / f"shown/te{number}.png", np.zeros((*size(number), 3), np.uint8))


def grey(data: Path) -> None:
    for number in range(N_TEST):
        height, width = size(number)
        pixels = np.arange(height * width).astype(np.uint8).reshape(height, width)
        save(data / f"shown/te{number}.png", pixels)


def smaller(data: Path) -> None:
    for number in range(N_TEST):
        save(data / f"shown/te{number}.png", np.zeros((10, 12), np.uint8))


def truth(data: Path) -> None:
    sample(data / "test_masks", [255])


def of_all(data: Path) -> None:
    sample(data / "shown", [255])
    for number in range(N_TRAIN):
        save(data / f"shown/tr{number}.png", squares(number, [255]))


OTHERS: Mapping[str, Any] = {
    "colours": rgb, "grey": grey, "smaller": smaller, "of test": truth, "of train, too": of_all,
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
def test_other_pictures_of_these_names_are_no_sample(tmp_path: Path, kind: str) -> None:
    train(tmp_path / "data", [255])
    OTHERS[kind](tmp_path / "data")
    found = infer(tmp_path / "data", tmp_path)
    submission = yaml.safe_load(found.text)["submission"]
    assert "file" not in submission
    assert "sample" not in submission
    if kind not in ("of test", "of train, too"):
        assert any(
            "have the names of images to predict, and are not read" in n for n in found.notes
        )
