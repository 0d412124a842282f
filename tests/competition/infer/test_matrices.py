"""Tables whose rows and columns name an image together, as the wells of a plate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition

ROWS, COLUMNS, N_PLATES, N_TRAIN = "ABCD", (1, 2, 3, 4, 5), 6, 4
EMPTY = ("B", 3)
"""A well of each plate that has no image."""


def label(plate: int, row: str, column: int) -> str:
    return ("sensitive", "resistant")[(plate + ROWS.index(row) * column) % 2]


def wells(plates: range) -> list[tuple[int, str, int]]:
    return [(p, r, c) for p in plates for r in ROWS for c in COLUMNS if (r, c) != EMPTY]


def write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def plates(data: Path, image: str, table: str, well: str = "{row}{column}") -> None:
    """Write images of all plates, and a matrix for each of those of train."""
    for plate, row, column in wells(range(1, N_PLATES + 1)):
        file = data / image.format(plate=plate, well=well.format(row=row, column=column))
        file.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng([plate, ROWS.index(row), column])
        Image.fromarray(rng.integers(0, 255, (12, 12, 3), dtype=np.uint8)).save(file)
    for plate in range(1, N_TRAIN + 1):
        lines = [",".join(["", *map(str, COLUMNS)])]
        for row in ROWS:
            cells = [label(plate, row, c) if (row, c) != EMPTY else "" for c in COLUMNS]
            lines.append(",".join([row, *cells]))
        write(data / table.format(plate=plate), lines)


def labels(spec: Competition) -> list[str]:
    assert spec.classes is not None
    return [spec.classes[int(one)] for one in load_samples(spec, "train")["label"]]


@pytest.mark.parametrize(
    "well", ["{row}{column}", "{row}{column:02}", "{column}_{row}", "{row}-{column}"]
)
def test_a_cell_of_a_plate_is_the_label_of_its_image(well: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    plates(data, "images/plate_{plate:02}/{well}.png", "maps/plate_{plate:02}.csv", well)
    rows = [
        f"{p},{well.format(row=r, column=c)},sensitive"
        for p, r, c in wells(range(N_TRAIN + 1, N_PLATES + 1))
    ]
    write(data / "sample_submission.csv", ["plate,well,answer", *rows])
    spec = infer(data, tmp_path).competition
    assert spec.tasks == {"classify": "binary"}
    train, test = load_samples(spec, "train"), load_samples(spec, "test")
    assert len(test) == len(rows)
    expected = {
        f"plate_{p:02}/{well.format(row=r, column=c)}": label(p, r, c)
        for p, r, c in wells(range(1, N_TRAIN + 1))
    }
    found = {
        "/".join(Path(files[0]).with_suffix("").parts[-2:]): one
        for files, one in zip(train["images"], labels(spec), strict=True)
    }
    assert found == expected
    assert spec.folds.group == "plate"


def test_names_with_the_plate_in_front_are_found(tmp_path: Path) -> None:
    data = tmp_path / "data"
    plates(data, "train/p{plate}_{well}.png", "p{plate}.csv")
    for plate in (N_TRAIN + 1, N_PLATES):
        for file in (data / "train").glob(f"p{plate}_*.png"):
            target = data / "test" / file.name
            target.parent.mkdir(exist_ok=True)
            file.rename(target)
    names = sorted(one.name for one in (data / "test").iterdir())
    write(data / "sample_submission.csv", ["file,answer", *(f"{one},sensitive" for one in names)])
    spec = infer(data, tmp_path).competition
    train = load_samples(spec, "train")
    expected = {f"p{p}_{r}{c}.png": label(p, r, c) for p, r, c in wells(range(1, N_TRAIN + 1))}
    files = [Path(each[0]).name for each in train["images"]]
    assert dict(zip(files, labels(spec), strict=True)) == expected
    assert len(load_samples(spec, "test")) == len(names)
