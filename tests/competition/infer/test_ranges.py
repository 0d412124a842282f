"""Rows that are of several images in their order, and lists of images a class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.conversions.tables.rows.ranges import rows_of_ranges
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples

N_TRAIN, N_ALL = 33, 42
KINDS = ("button", "bead", "coin")
RUNS = [(1, 4), (5, 5), (6, 11), (12, 14), (15, 15), (16, 22), (23, 27), (28, 33)]
LABELS = {n: KINDS[k % 3] for k, (first, last) in enumerate(RUNS) for n in range(first, last + 1)}


def find(number: int) -> str:
    return f"find_{number}.png"  # 10 comes after 9 and, by the alphabet, before 2


def digs(data: Path, *, pool: bool = False) -> None:
    for number in range(1, N_ALL + 1):
        part = "pictures" if number <= N_TRAIN or pool else "unknown"
        file = data / part / find(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(number)
        Image.fromarray(rng.integers(0, 255, (10, 10, 3), dtype=np.uint8)).save(file)
    rows = [f"{find(n)},coin" for n in range(N_TRAIN + 1, N_ALL + 1)]
    (data / "sample_submission.csv").write_text("\n".join(["file,kind", *rows]) + "\n")


def labels(data: Path, root: Path) -> dict[str, str]:
    spec = infer(data, root).competition
    assert spec.classes is not None
    assert len(load_samples(spec, "test")) == N_ALL - N_TRAIN
    train = load_samples(spec, "train")
    files = [Path(each[0]).name for each in train["images"]]
    return dict(zip(files, [spec.classes[int(one)] for one in train["label"]], strict=True))


EXPECTED = {find(n): label for n, label in LABELS.items()}


@pytest.mark.parametrize("pool", [False, True])
def test_a_row_from_a_first_to_a_last_image_is_of_all_between(pool: bool, tmp_path: Path) -> None:
    data = tmp_path / "data"
    digs(data, pool=pool)
    rows = [f"{find(first)},{find(last)},{LABELS[first]}" for first, last in RUNS]
    (data / "diary.csv").write_text("\n".join(["first,last,kind", *rows]) + "\n")
    assert labels(data, tmp_path) == EXPECTED
    assert infer(data, tmp_path).competition.folds.group == "range"


@pytest.mark.parametrize("dash", ["-", "–", " - "])
def test_lists_of_numbers_with_ranges_are_a_row_each(dash: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    digs(data)
    rows = []
    for kind in KINDS:
        own = [(a, b) for a, b in RUNS if LABELS[a] == kind]
        cells = ", ".join(str(a) if a == b else f"{a}{dash}{b}" for a, b in own)
        rows.append(f'{kind},"{cells}"')
    (data / "key.csv").write_text("\n".join(["kind,no", *rows]) + "\n")
    assert labels(data, tmp_path) == EXPECTED


def test_a_list_of_images_a_class_is_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    digs(data)
    for kind in KINDS:
        file = data / "lists" / f"{kind}.txt"
        file.parent.mkdir(exist_ok=True)
        own = [find(n) for n, label in LABELS.items() if label == kind]
        file.write_text("\n".join(own) + "\n")
    assert labels(data, tmp_path) == EXPECTED


@pytest.mark.parametrize(
    "rows",
    [
        [("find_1.png", "find_9.png"), ("find_2.png", "find_5.png")],  # pairs
        [("find_9.png", "find_1.png"), ("find_12.png", "find_15.png")],  # backwards
        [("1-3", "a"), ("2-5", "b")],  # a number twice
        [("1-3", "a"), ("400-900", "b")],  # no images
        [("1 3 9", "a"), ("4 5 6", "b")],  # runs
    ],
)
def test_other_tables_are_left_alone(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    digs(tmp_path / "data")
    folder = scan_folder(tmp_path / "data", "data")
    table = pd.DataFrame(rows, columns=["one", "two"], dtype=object)
    assert rows_of_ranges(folder, "key.csv", table) is None
