"""Arrays of many images whose labels stand in a table: its rows are the images in their order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.workflows.initialising import init_workspace
from tests.competition.infer.test_odd_masks import text

N_TRAIN, N_TEST, SIZE = 30, 7, (12, 16)
POINTS = ["eye_x", "eye_y", "chin_x", "chin_y"]
BLANK = {
    4: ("eye_x", "eye_y"),
    9: ("chin_x", "chin_y"),
    11: ("eye_x", "eye_y"),
    20: ("chin_x", "chin_y"),
}
ENGLISH = "Submit a CSV, a line an image of test.npy in its order. Its header is:"
CHINESE = "提交文件为 csv，每张图片一行，第一行为表头："


def faces(n: int, seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (n, *SIZE), dtype=np.uint8)


def points() -> pd.DataFrame:
    numbers = np.random.default_rng(3).uniform(40, 90, (N_TRAIN, len(POINTS))).round(3)
    found = pd.DataFrame(numbers, columns=POINTS)
    for row, names in BLANK.items():
        found.loc[row, list(names)] = -1.0
    return found


def host(data: Path, axis: int, told: str = "") -> None:
    """Write arrays that count images by an axis, points of those of train, and a text."""
    data.mkdir()
    np.save(data / "train.npy", np.moveaxis(faces(N_TRAIN, 1), 0, axis))
    np.save(data / "test.npy", np.moveaxis(faces(N_TEST, 2), 0, axis))
    points().to_csv(data / "train.csv", index=False)
    if told:
        text(data / "task.txt", "The score is the MAE of all points.", told, ",".join(POINTS))


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("told", [ENGLISH, CHINESE])
def test_rows_of_a_table_are_the_images_of_an_array(tmp_path: Path, axis: int, told: str) -> None:
    host(tmp_path / "data", axis, told)
    started = init_workspace(tmp_path / "data", tmp_path / "workspace")
    competition, root = started.competition, started.root
    for split, wanted in (("train", faces(N_TRAIN, 1)), ("test", faces(N_TEST, 2))):
        samples = load_samples(competition, split)
        read = [np.asarray(Image.open(root / one[0])) for one in samples["images"]]
        assert np.array_equal(np.stack(read), wanted)
    assert competition.tasks == {"classify": "multitarget"}
    assert competition.classes == POINTS
    labels = pd.read_csv(root / str(competition.data.train.table))
    wanted_points = points().replace(-1.0, np.nan)
    assert np.array_equal(labels[POINTS], wanted_points, equal_nan=True)
    assert len(load_samples(competition, "train")) == N_TRAIN  # a row with blanks is kept
    form = competition.submission.file
    assert form.ids is not None
    order = pd.read_csv(root / form.ids.table, dtype=str)
    assert list(order[form.ids.id]) == [str(row) for row in range(N_TEST)]
    assert [*competition.submission.columns][1:] == POINTS


def test_a_header_that_is_sent_by_no_text_is_no_sample(tmp_path: Path) -> None:
    host(tmp_path / "data", -1, "The table of train has these columns:")
    started = init_workspace(tmp_path / "data", tmp_path / "workspace")
    assert started.competition.submission.sample is None
    assert started.competition.submission.file.ids is None


def test_a_sample_with_ids_comes_before_a_header_that_a_text_shows(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for part, n in (("train", N_TRAIN), ("test", N_TEST)):
        (data / part).mkdir(parents=True)
        for row, face in enumerate(faces(n, 1)):
            Image.fromarray(face).save(data / f"{part}/{part}{row:03}.png")
    names = [f"train{row:03}" for row in range(N_TRAIN)]
    points().replace(-1.0, 50.0).assign(id=names).to_csv(data / "train.csv", index=False)
    asked = pd.DataFrame({"id": [f"test{row:03}" for row in range(N_TEST)]})
    asked.to_csv(data / "test.csv", index=False)
    asked.assign(**dict.fromkeys(POINTS, 0.5)).to_csv(data / "sample_submission.csv", index=False)
    text(data / "task.txt", "The score is the MAE of all points.", ENGLISH, ",".join(POINTS))
    form = init_workspace(data, tmp_path / "workspace").competition.submission
    assert form.file.ids is None
    assert [*form.columns] == ["id", *POINTS]


def test_arrays_and_tables_of_other_lengths_are_not_joined(tmp_path: Path) -> None:
    """A table of a row an image counts, by either axis; others are no labels of the images."""
    host(tmp_path / "data", -1)
    points().iloc[:-1].to_csv(tmp_path / "data/train.csv", index=False)
    with pytest.raises(DataError):
        init_workspace(tmp_path / "data", tmp_path / "workspace")
