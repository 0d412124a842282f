"""Where nothing is called test, the refusal names the table of other images, and what to write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from PIL import Image

from podium.competition.infer.spec import infer
from podium.errors import DataError

N_TRAIN, N = 18, 26


def written(path: Path, *rows: Sequence[str]) -> None:
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A pool of images, of which the first ones have a label."""
    data = tmp_path / "data"
    (data / "photos").mkdir(parents=True)
    for k in range(N):
        Image.new("RGB", (8, 8), (k * 9, 50, 9)).save(data / f"photos/IMG_{k:03}.png")
    rows = [(f"IMG_{k:03}", ("cat", "dog")[k % 2]) for k in range(N_TRAIN)]
    written(data / "labels.csv", ("image", "label"), *rows)
    return data


def refused(data: Path, root: Path) -> tuple[str, str]:
    with pytest.raises(DataError, match="no images to predict") as caught:
        infer(data, root)
    return caught.value.message, caught.value.fix or ""


def entry_of(fix: str) -> dict[str, str]:
    """Return `data.test` as the fix has it, which must be YAML."""
    written_out = re.search(r"write (data: .*?) into competition\.yaml", fix)
    assert written_out is not None, fix
    found: dict[str, str] = yaml.safe_load(written_out[1])["data"]["test"]
    return found


def test_a_table_of_other_images_is_named_with_the_key_to_write(data: Path, tmp_path: Path) -> None:
    rest = [f"IMG_{k:03}" for k in range(N_TRAIN, N)]
    written(data / "places.csv", ("photo", "farm"), *((one, "Au") for one in rest))
    message, fix = refused(data, tmp_path)
    assert f"places.csv names {N - N_TRAIN} images without a row of labels.csv" in message
    entry = entry_of(fix)
    assert (entry["table"], entry["id"]) == ("data/places.csv", "photo")
    for one in rest:
        assert (tmp_path / entry["images"].format(photo=one)).is_file()
    assert "data/test" not in fix


def test_rows_of_other_images_are_to_be_written_apart(data: Path, tmp_path: Path) -> None:
    """Of units that the sample names, as of what it calls otherwise, their column is the unit."""
    rows = [(f"IMG_{k:03}", f"row {k // 2}") for k in range(N)]
    written(data / "places.csv", ("photo", "bed"), *rows)
    names = sorted({bed for _, bed in rows[N_TRAIN:]})
    written(data / "sample_submission.csv", ("what", "label"), *((one, "cat") for one in names))
    message, fix = refused(data, tmp_path)
    assert "places.csv names 8 images that train does not have" in message
    assert "the 8 rows of them into test_rows.csv beside it" in fix
    assert entry_of(fix) == {
        "table": "test_rows.csv",
        "id": "photo",
        "images": "data/photos/{photo}.png",
        "unit": "bed",
    }


def test_a_table_of_the_images_of_train_alone_is_not_named(data: Path, tmp_path: Path) -> None:
    rows = [(f"IMG_{k:03}", "Au") for k in range(N_TRAIN)]
    written(data / "places.csv", ("photo", "farm"), *rows)
    message, fix = refused(data, tmp_path)
    assert "places.csv" not in message.partition("; found: ")[0]
    assert f"put the images to predict into {data / 'test'}" in fix
