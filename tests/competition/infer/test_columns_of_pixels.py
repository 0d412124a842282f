"""Tables with a column for each image and a row for each of its pixels are masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin

SIZE = (16, 16)
N_TRAIN, N_LABELLED, N_TEST = 14, 10, 4


def drawn(number: int) -> NDArray[np.uint8]:
    found = np.zeros(SIZE, np.uint8)
    found[2:6, number % 5 : number % 5 + 8] = 1
    found[9:12, 3 : 6 + number % 4] = 2
    return found


def pixels(masks: list[NDArray[np.uint8]], order: str) -> pd.DataFrame:
    """Return a column for each mask, and a row for each pixel."""
    columns = {f"{n}.png": one.ravel(order) for n, one in enumerate(masks)}
    table = pd.DataFrame(columns)
    table.index = pd.Index([f"Pixel {n}" for n in range(len(table))])
    return table


def host(data: Path, order: str, *, rest: str = "zeros") -> None:
    """Write images whose names train and test share, the masks of train, and a table to send."""
    rng = np.random.default_rng(5)
    for part, n in (("train", N_TRAIN), ("test", N_TEST)):
        for number in range(n):
            path = data / f"{part}-images" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            grey = 40 + 70 * drawn(number + 7 * (part == "test")) + rng.integers(0, 30, SIZE)
            Image.fromarray(grey.astype(np.uint8)).save(path)
    blank = np.zeros(SIZE, np.uint8)
    masks = [
        drawn(number) if number < N_LABELLED or rest == "drawn" else blank
        for number in range(N_TRAIN)
    ]
    pixels(masks, order).to_csv(data / "y_train.csv")
    to_send = [rng.integers(0, 3, SIZE, dtype=np.uint8) for _ in range(N_TEST)]
    pixels(to_send, order).to_csv(data / "y_test_random.csv")


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("rest", ["zeros", "drawn"])
def test_columns_of_images_are_their_masks(tmp_path: Path, order: str, rest: str) -> None:
    host(tmp_path / "data", order, rest=rest)
    found, notes = begin(tmp_path)
    assert found.tasks == {"segment": "multiclass"}
    samples = load_samples(found, "train")
    n = N_LABELLED if rest == "zeros" else N_TRAIN
    assert len(samples) == n
    for paths, one in zip(samples["images"], truth_masks(found, samples), strict=True):
        assert Path(paths[0]).parent.name == "train-images"
        assert np.array_equal(one, drawn(int(Path(paths[0]).stem)))
    assert len(load_samples(found, "test")) == N_TEST
    # The table to send is of a form that nothing writes: that is told.
    assert found.submission.sample is None
    assert "y_test_random.csv has a column for each image to predict" in notes


def test_a_damaged_image_tells_no_order_of_pixels_and_ends_nothing(tmp_path: Path) -> None:
    host(tmp_path / "data", "C", rest="drawn")
    damaged = tmp_path / "data" / "train-images" / "0.png"
    damaged.write_bytes(damaged.read_bytes()[:60])
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "multiclass"}
    whole = load_samples(found, "train").query("id != '0.png' and id != '0'")
    for paths, one in zip(whole["images"], truth_masks(found, whole), strict=True):
        assert np.array_equal(one, drawn(int(Path(paths[0]).stem)))


def test_zeros_at_one_end_may_be_no_labels(tmp_path: Path) -> None:
    host(tmp_path / "data", "C")
    found, notes = begin(tmp_path)
    assert len(load_samples(found, "unlabelled")) == N_TRAIN - N_LABELLED
    assert {"data.unlabelled", "data.train.absent"} <= {*found.to_choose}
    assert f"{N_TRAIN - N_LABELLED} columns of y_train.csv at one end" in notes


def test_a_table_of_other_rows_is_no_mask(tmp_path: Path) -> None:
    """Columns are of images, and rows are of facts: as many as pixels or not."""
    host(tmp_path / "data", "C")
    for name in ("y_train.csv", "y_test_random.csv"):
        path = tmp_path / "data" / name
        table = pd.read_csv(path, index_col=0).iloc[:3]
        table.index = pd.Index(["thrift", "fescue", "sedge"], name="species")
        table.iloc[:, :] = np.arange(table.size).reshape(table.shape) % 2
        table.to_csv(path)
    with pytest.raises(DataError) as error:  # the names are those of two images each
        begin(tmp_path)
    assert "they are masks" not in str(error.value)
