"""Rows of a table with a box each are images, where the sample submission names the rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.images.pixel_arrays import write_images
from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.workflows.initialising import init_workspace

N_SHEETS, N_TRAIN = 5, 4
SIDE = 20
LABELS = ("oak", "pine", "birch")


def sheet(number: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(number)
    return rng.integers(0, 255, (3 * SIDE, 4 * SIDE, 3), dtype=np.uint8)


def crops(number: int) -> list[tuple[str, int, int]]:
    """Return name, left and top of each crop of a sheet."""
    return [
        (f"c{number}{k:02}", SIDE * (k % 4), SIDE * (k // 4)) for k in range(12) if (k + number) % 5
    ]


def table(path: Path, numbers: range, form: str, sep: str = ",", *, has_label: bool) -> None:
    columns = {
        "width": "x,y,w,h", "corners": "x_min,y_min,x_max,y_max", "shares": "x,y,width,height",
        "circle": "x,y,r",
    }  # fmt: skip
    head = ["crop", "sheet", *columns[form].split(",")] + ["tree"] * has_label
    rows = [head]
    for number in numbers:
        for k, (name, left, top) in enumerate(crops(number)):
            place: list[float] = [left, top, SIDE, SIDE]
            if form == "corners":
                place = [left, top, left + SIDE, top + SIDE]
            elif form == "shares":
                place = [left / (4 * SIDE), top / (3 * SIDE), 1 / 4, 1 / 3]
            elif form == "circle":
                place = [left + SIDE // 2, top + SIDE // 2, SIDE // 2]
            own = [LABELS[(k + number) % 3]] * has_label
            rows.append([name, f"sheet_{number}.png", *map(str, place), *own])
    path.write_text("\n".join(sep.join(row) for row in rows) + "\n")


def herbarium(data: Path, form: str = "width", sep: str = ",") -> None:
    (data / "sheets").mkdir(parents=True)
    for number in range(N_SHEETS):
        Image.fromarray(sheet(number)).save(data / f"sheets/sheet_{number}.png")
    table(data / "train.csv", range(N_TRAIN), form, sep, has_label=True)
    table(data / "test.csv", range(N_TRAIN, N_SHEETS), form, sep, has_label=False)
    names = [name for n in range(N_TRAIN, N_SHEETS) for name, _, _ in crops(n)]
    lines = [f"crop{sep}tree", *(f"{name}{sep}oak" for name in names)]
    (data / "sample_submission.csv").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("form", "sep"),
    [("width", ","), ("width", ";"), ("corners", ","), ("shares", ","), ("circle", ",")],
)
def test_rows_of_boxes_are_images_of_their_own(form: str, sep: str, tmp_path: Path) -> None:
    herbarium(tmp_path / "data", form, sep)
    (tmp_path / "data/README.md").write_text("Scored by balanced accuracy.")
    spec = init_workspace(tmp_path / "data", tmp_path).competition
    assert spec.tasks == {"classify": "multiclass"}
    assert spec.folds.group == "sheet"
    assert spec.metric.name == "balanced_accuracy"
    for part, numbers in (("train", range(N_TRAIN)), ("test", range(N_TRAIN, N_SHEETS))):
        samples = load_samples(spec, part)
        found = dict(zip(samples["id"], samples["images"], strict=True))
        assert len(found) == sum(len(crops(n)) for n in numbers)
        for n in numbers:
            for name, left, top in crops(n):
                pixels = np.asarray(Image.open(tmp_path / found[name][0]))
                assert np.array_equal(pixels, sheet(n)[top : top + SIDE, left : left + SIDE])


def test_a_box_outside_its_image_is_named_with_its_line(tmp_path: Path) -> None:
    herbarium(tmp_path / "data")
    file = tmp_path / "data/train.csv"
    lines = file.read_text().splitlines()
    lines[4] = lines[4].replace(",20,20,", ",20,2000,")
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match=r"line 5: x, y, w, h is no box inside sheets/sheet_0\.png"):
        init_workspace(tmp_path / "data", tmp_path)


def test_boxes_of_objects_in_images_that_the_sample_names_are_not_cropped(tmp_path: Path) -> None:
    data = tmp_path / "data"
    herbarium(data)
    rows = [f"sheet_{number}.png,3" for number in range(N_TRAIN, N_SHEETS)]
    (data / "sample_submission.csv").write_text("\n".join(["sheet,n_trees", *rows]) + "\n")
    assert write_images(data, tmp_path / "made") == []
