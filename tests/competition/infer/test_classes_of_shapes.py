"""A class and one mask an image, both of the shapes that people drew."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from podium.workspace.marked_yaml import load_plain_yaml
from tests.competition.infer.test_infer_masks import put, table

N_TRAIN, N_TEST = 16, 4
HEIGHT, WIDTH = 24, 32
SPELT = {"rust": ["rust", "Rust"], "hole": ["hole", "hole "]}
NUMBERS = {"intact": "0", "rust": "1", "hole": "2"}
TEXT = (
    "Images without annotations are normal, that is: intact.\n"
    "Score = 0.5 * macro F1 + 0.5 * mean Dice.\n"
    "Runs are numbered row by row, from left to right and top to bottom, starting at 0.\n"
)


def kind(number: int) -> str:
    return ("intact", "rust", "hole", "rust")[number % 4]


def boxes(number: int) -> list[tuple[int, int, int, int]]:
    """Return the boxes of an image as left, top, right, bottom: two of rust, one of a hole."""
    first, second = (2 + number % 5, 3, 9, 8), (14, 10 + number % 4, 22, 19)
    return {"intact": [], "rust": [first, second], "hole": [second]}[kind(number)]


def mask(number: int) -> NDArray[np.bool_]:
    pixels = np.zeros((HEIGHT, WIDTH), np.bool_)
    for left, top, right, bottom in boxes(number):
        pixels[top:bottom, left:right] = True
    return pixels


def plates(data: Path, *, text: str = TEXT, lost: tuple[int, ...] = (4, 12)) -> None:
    """Write images, and a JSON of each of train but the `lost` ones, which are intact."""
    size = (HEIGHT, WIDTH, 3)
    rng = np.random.default_rng(5)
    for part, n in (("train", N_TRAIN), ("test", N_TEST)):
        for number in range(n):
            pixels = rng.integers(0, 255, size).astype(np.uint8)
            put(data, [f"{part}/images/{part[:2]}{number:02}.png"], pixels)
    (data / "train/json").mkdir()
    for number in range(N_TRAIN):
        if number in lost:
            continue
        shapes = []
        for k, (left, top, right, bottom) in enumerate(boxes(number)):
            ring = [[left, top], [right, top], [right, bottom], [left, bottom]]
            is_box = kind(number) == "hole"
            form = "rectangle" if is_box else "polygon"
            points = [ring[0], ring[2]] if is_box else ring
            label = SPELT[kind(number)][(number // 4 + k) % 2]
            shapes.append({"label": label, "shape_type": form, "points": points})
        content = {"imagePath": f"..\\images\\tr{number:02}.png", "shapes": shapes}
        (data / f"train/json/tr{number:02}.json").write_text(json.dumps(content))
    (data / "classes.txt").write_text("".join(f"{n} {name}\n" for name, n in NUMBERS.items()))
    table(data, "sample.csv", "plate,kind,rle", (f"te{n:02},0,-1" for n in range(N_TEST)))
    (data / "README.txt").write_text(text)


def found_of(tmp_path: Path) -> Inferred:
    return infer(tmp_path / "data", tmp_path)


@pytest.mark.parametrize("lost", [(4, 12), ()])
def test_the_name_of_all_shapes_is_the_class_and_their_union_the_mask(
    tmp_path: Path, lost: tuple[int, ...]
) -> None:
    plates(tmp_path / "data", lost=lost)
    inferred = found_of(tmp_path)
    found, written = inferred.competition, load_plain_yaml(inferred.text)
    assert found.tasks == {"classify": "multiclass", "segment": "binary"}
    samples = load_samples(found, "train")
    numbers = [int(Path(paths[0]).stem[2:]) for paths in samples["images"]]
    assert sorted(numbers) == [*range(N_TRAIN)]
    assert [found.classes[one] for one in samples["label"]] == [
        NUMBERS[kind(number)] for number in numbers
    ]
    for number, drawn in zip(numbers, truth_masks(found, samples), strict=True):
        assert np.array_equal(np.squeeze(np.asarray(drawn)) > 0, mask(number)), number
    form = written["submission"]
    assert [(one["name"], one["value"]) for one in form["columns"]] == [
        ("plate", "id"), ("kind", "name"), ("rle", "rle"),
    ]  # fmt: skip
    assert form["empty"] == "-1"
    assert form["rle"] == {"base": 0, "order": "C"}
    assert [(one["name"], one["weight"]) for one in written["metric"]["parts"]] == [
        ("macro_f1", 0.5), ("mean_dice", 0.5),
    ]  # fmt: skip


@pytest.mark.parametrize("told", ["", "Images without annotations are not always intact."])
def test_images_without_a_file_have_no_class_where_no_text_states_it(
    told: str, tmp_path: Path
) -> None:
    plates(tmp_path / "data", text=f"{told}\nScore = 0.5 * macro F1 + 0.5 * mean Dice.\n")
    found = found_of(tmp_path).competition
    assert "classify" not in found.tasks
    assert "data.unlabelled" in found.to_choose


def test_shapes_of_two_classes_in_an_image_tell_no_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    plates(data)
    file = data / "train/json/tr01.json"
    content = json.loads(file.read_text())
    content["shapes"][0]["label"] = "hole"
    file.write_text(json.dumps(content))
    assert "classify" not in found_of(tmp_path).competition.tasks
