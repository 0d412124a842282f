"""Worked rows of a few images of train, in the form of the sample, tell how runs are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.spec import Inferred, infer

SIZE = (12, 18)
N_TRAIN, N_TEST, N_SHOWN = 40, 6, 3
LONG, SHORT = 1, 2
PAGE = (
    "The value of a pixel of the mask is the sum of the codes of all classes there: "
    "1 = long, 2 = short."
)
WAYS = [
    ({"base": 0, "order": "C", "second": "last"}, ":", ";"),
    ({"base": 1, "order": "F", "second": "last"}, "-", " "),
    ({"base": 0, "order": "F", "second": "stop"}, ":", "|"),
    ({"base": 1, "order": "C", "second": "length"}, " ", ";"),
    ({"base": 0, "order": "F", "second": "length"}, " ", " "),
]


def runs_by_hand(mask: NDArray[np.bool_], way: dict[str, object], join: str, between: str) -> str:
    """Return the runs of a mask, from a walk over its pixels."""
    height, width = mask.shape
    walk = [(y, x) for y in range(height) for x in range(width)]
    if way["order"] == "F":
        walk = [(y, x) for x in range(width) for y in range(height)]
    runs: list[list[int]] = []
    for number, place in enumerate(walk):
        if mask[place] and runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        elif mask[place]:
            runs.append([number, number])
    base = int(str(way["base"]))
    end = {
        "length": lambda a, b: b - a + 1,
        "last": lambda a, b: b + base,
        "stop": lambda a, b: b + 1 + base,
    }[str(way["second"])]
    return between.join(f"{a + base}{join}{end(a, b)}" for a, b in runs)


def host(
    root: Path, way: dict[str, object], join: str, between: str, *, n_shown: int = N_SHOWN
) -> None:
    """Write images, masks of two bits, worked rows of the first images, and a sample."""
    data, rng = root / "data", np.random.default_rng(0)
    shown = ["image,class,where"]
    for number in range(N_TRAIN + N_TEST):
        is_train = number < N_TRAIN
        part = data / ("train" if is_train else "test")
        (part / "images").mkdir(parents=True, exist_ok=True)
        photo = rng.integers(0, 255, (*SIZE, 3), dtype=np.uint8)
        Image.fromarray(photo).save(part / "images" / f"i{number:02}.png")
        if not is_train:
            continue
        (part / "labels").mkdir(exist_ok=True)
        mask = np.zeros(SIZE, dtype=np.uint8)
        for flag in (LONG, SHORT):
            y, x = rng.integers(0, 6), rng.integers(0, 9)
            mask[y : y + 5, x : x + 8] |= flag
        if number == 1:
            mask &= LONG
        Image.fromarray(mask).save(part / "labels" / f"i{number:02}_lab.png")
        for flag, name in ((LONG, "long"), (SHORT, "short")):
            if number < n_shown:
                text = runs_by_hand((mask & flag) > 0, way, join, between)
                shown.append(f"i{number:02},{name},{text}")
    (data / "worked_rows_train.csv").write_text("\n".join(shown) + "\n")
    line = runs_by_hand(np.eye(*SIZE, dtype=bool)[::-1] & (np.arange(SIZE[1]) < 1), way, join, " ")
    rows = [
        f"i{n:02},{one},{line}"
        for n in range(N_TRAIN, N_TRAIN + N_TEST)
        for one in ("long", "short")
    ]
    (data / "sample_submission.csv").write_text("\n".join(["image,class,where", *rows]) + "\n")
    (data / "README.txt").write_text(PAGE)


def read(root: Path) -> Inferred:
    return infer(root / "data", root)


@pytest.mark.parametrize(("way", "join", "between"), WAYS)
def test_worked_rows_of_train_show_how_runs_are_written(
    way: dict[str, object], join: str, between: str, tmp_path: Path
) -> None:
    host(tmp_path, way, join, between)
    found = read(tmp_path)
    spec = found.competition
    assert (dict(spec.tasks), list(spec.classes)) == ({"segment": "multilabel"}, ["long", "short"])
    assert spec.data.train.table is None
    rle = spec.submission.rle
    assert {name: getattr(rle, name) for name in way} == way
    assert (rle.join, rle.between, rle.relative) == (join, between, False)
    assert "submission.rle" not in spec.to_choose
    assert any("worked_rows_train.csv has rows of 3 images of train" in one for one in found.notes)


def test_worked_rows_win_over_a_text_that_counts_otherwise(tmp_path: Path) -> None:
    host(tmp_path, *WAYS[0])
    (tmp_path / "data" / "README.txt").write_text(f"{PAGE} Pixels are numbered from 1.")
    found = read(tmp_path)
    assert found.competition.submission.rle.base == 0
    assert any("the data show base 0" in one for one in found.notes)


def test_worked_rows_that_are_no_masks_of_their_images_are_told(tmp_path: Path) -> None:
    host(tmp_path, *WAYS[0])
    path = tmp_path / "data" / "worked_rows_train.csv"
    header, *rows = path.read_text().splitlines()
    names = [row.rpartition(",")[0] for row in rows]
    cells = [row.rpartition(",")[2] for row in rows]
    mixed = [f"{name},{cell}" for name, cell in zip(names, cells[1:] + cells[:1], strict=True)]
    path.write_text("\n".join([header, *mixed]) + "\n")
    found = read(tmp_path)
    assert dict(found.competition.tasks) == {"segment": "multilabel"}
    assert any("no way to count its runs gives the masks" in one for one in found.notes)


def test_runs_of_all_images_are_no_example(tmp_path: Path) -> None:
    host(tmp_path, *WAYS[4], n_shown=N_TRAIN)
    assert not any("in the form of the sample" in one for one in read(tmp_path).notes)
