"""Each image in two formats, or with and without its colours: one copy is used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from competition.infer.test_odd_labels import begin, put, table
from PIL import Image

from podium.competition.samples import load_samples

CLASSES = ("fir", "oak")


def paths(tmp_path: Path) -> tuple[list[str], str]:
    found, notes = begin(tmp_path)
    samples = load_samples(found, "train")
    return [str(path).removeprefix("data/") for (path,) in samples["images"]], notes


def test_of_two_formats_the_one_without_loss_is_used(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        mask = np.zeros((12, 16), np.uint8)
        mask[2 : 5 + n % 5, 3:9] = 255
        for kind, end in (("JPG", "jpg"), ("PNG", "png")):
            put(data / f"{kind}/Original/{n}.{end}", n)
            (data / f"{kind}/Ground Truth").mkdir(exist_ok=True)
            Image.fromarray(mask).save(data / f"{kind}/Ground Truth/{n}.{end}")
    for n in range(4):
        put(data / f"test/q{n}.png", 100 + n)
    train, notes = paths(tmp_path)
    assert sorted(train) == sorted(f"PNG/Original/{n}.png" for n in range(24))
    assert "48 files in JPG of the data folder are not used" in notes


def colours(data: Path, kinds: dict[str, str], first: int = 0) -> None:
    for n in range(24):
        for kind, end in kinds.items():
            put(data / f"{kind}/{CLASSES[n % 2]}/leaf{first + n}{end}.png", n)
    for n in range(4):
        put(data / f"test/q{n}.png", 100 + n)


def test_of_colours_and_shades_of_grey_the_colours_are_used(tmp_path: Path) -> None:
    colours(tmp_path / "data", {"color": "", "grayscale": "", "segmented": "_final"})
    train, notes = paths(tmp_path)
    assert len(train) == 24
    assert all(path.startswith("color/") for path in train)
    assert "48 files in grayscale, segmented of the data folder are not used" in notes


def test_other_names_in_grey_are_other_images(tmp_path: Path) -> None:
    colours(tmp_path / "data", {"color": ""})
    colours(tmp_path / "data", {"gray": ""}, first=100)
    train, _ = paths(tmp_path)
    assert len(train) == 48


def test_copies_that_the_sample_names_are_left_in(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"PNG/{n}.png", n)
        put(data / f"JPG/{n}.jpg", n)
    table(data / "train.csv", ("id", "tree"), *((f"{n}.jpg", CLASSES[n % 2]) for n in range(24)))
    rows = ((f"{n}.jpg", "oak") for n in range(24, 30))
    table(data / "sample_submission.csv", ("id", "tree"), *rows)
    train, _ = paths(tmp_path)
    assert sorted(train) == sorted(f"JPG/{n}.jpg" for n in range(24))


def test_images_and_masks_in_folders_called_after_two_formats_are_used_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        mask = np.zeros((12, 16), np.uint8)
        mask[2 : 5 + n % 5, 3:9] = 1
        mask[8:, : n % 7] = 2
        for kind in ("jpeg", "png"):
            put(data / f"{kind}_images/IMAGES/img_{n:04}.{kind}", n)
            (data / f"{kind}_masks/MASKS").mkdir(parents=True, exist_ok=True)
            Image.fromarray(mask).save(data / f"{kind}_masks/MASKS/seg_{n:04}.{kind}")
    for n in range(4):
        put(data / f"test/q{n}.png", 100 + n)
    table(data / "labels.csv", ("", "label_list"), (0, "null"), (1, "bag"), (2, "shoe"))
    train, notes = paths(tmp_path)
    assert sorted(train) == [f"png_images/IMAGES/img_{n:04}.png" for n in range(24)]
    found, _ = begin(tmp_path)
    assert found.data.train.mask == "data/png_masks/MASKS/seg_{id}.png"
    assert found.classes == ["bag", "shoe"]
    assert "24 files in jpeg_masks of the data folder are not used" in notes
