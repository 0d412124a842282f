"""A folder for each image, which holds a folder with a mask file for each object."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.truths.objects import truth_instances
from tests.competition.infer.test_odd_labels import begin, table

SIZE = (24, 28)
TRAIN = [f"PAL-{n:04}" for n in range(1, 19)]
TEST = [f"PAL-{n:04}" for n in range(40, 46)]
CODES = ("bet", "aln", "pin")
EMPTY = TRAIN[::6]

Grain = tuple[str, np.ndarray]


def grains(name: str) -> list[Grain]:
    n = TRAIN.index(name)
    found = []
    for k in range(0 if name in EMPTY else 1 + n % 4):
        mask = np.zeros(SIZE, dtype=np.uint8)
        mask[2 + k : 6 + k + n % 3, 1 + 6 * k : 5 + 6 * k] = 255
        found.append((CODES[(n + k) % 3], mask))
    return found


def slides(
    data: Path,
    *,
    image: Callable[[str], str] = lambda name: "scan.png",
    mask: Callable[[int, str], str] = lambda k, code: f"grains/g{k:02}-{code}.png",
    listed: bool = True,
    classes: bool = True,
) -> None:
    for n, name in enumerate([*TRAIN, *TEST]):
        where = data / f"slides/{'train' if name in TRAIN else 'test'}/{name}"
        file = where / image(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (*SIZE, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(file)
        for k, (code, drawn) in enumerate(grains(name) if name in TRAIN else (), start=1):
            file = where / mask(k, code)
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(drawn).save(file)
    if listed:
        names = (("bet", "Betula"), ("aln", "Alnus"), ("pin", "Pinus"))
        table(data / "taxa.csv", ("code", "genus"), *names)
    head = ("slide", "taxon", "pixels") if classes else ("slide", "pixels")
    rows = [(name, *(("bet",) if classes else ()), "1 1") for name in TEST]
    table(data / "sample_submission.csv", head, *rows)


NUMBERS = count()


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:12]


IMAGES: dict[str, Callable[[str], str]] = {
    "one name": lambda name: "scan.png",
    "in a folder": lambda name: "image/scan.png",
    "its own name": lambda name: f"{name}.png",
    "as of the Bowl": lambda name: f"images/{name}.png",
}
MASKS: dict[str, Callable[[int, str], str]] = {
    "number and class": lambda k, code: f"grains/g{k:02}-{code}.png",
    "class and number": lambda k, code: f"masks/{code}_{k}.png",
    "digest and class": lambda k, code: f"masks/{md5(str(next(NUMBERS)))}-{code}.png",
}


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("image", IMAGES)
def test_each_file_is_an_object_of_the_class_in_its_name(
    tmp_path: Path, image: str, mask: str, listed: bool
) -> None:
    slides(tmp_path / "data", image=IMAGES[image], mask=MASKS[mask], listed=listed)
    found, _ = begin(tmp_path)
    assert found.to_choose == ["submission.rle"]
    assert found.tasks["segment"] == "instance"
    assert list(found.classes) == (list(CODES) if listed else sorted(CODES))
    train = load_samples(found, "train")
    assert sorted(train["id"]) == TRAIN
    assert sorted(load_samples(found, "test")["id"]) == TEST
    for name, truth in zip(train["id"], truth_instances(found, train), strict=True):
        of_object = zip(truth.classes, truth.crops, strict=True)
        seen = sorted((found.classes[number], crop.sum()) for number, crop in of_object)
        assert seen == sorted((code, (drawn > 0).sum()) for code, drawn in grains(name))
    assert found.data.train.absent == "empty"
    form = found.submission
    assert (form.rows, form.columns["taxon"]) == ("instance", "class_name")


@pytest.mark.parametrize("mask", ["masks/g{:02}.png", "masks/{}.png", "cells/part{}.png"])
def test_numbers_of_files_are_no_classes(tmp_path: Path, mask: str) -> None:
    slides(
        tmp_path / "data",
        image=IMAGES["as of the Bowl"],
        mask=lambda k, code: mask.format(k),
        classes=False,
    )
    found, _ = begin(tmp_path)
    assert (found.tasks["segment"], list(found.classes)) == ("instance", [])
    assert found.submission.rows == "instance"
    assert found.data.train.absent == "empty"
