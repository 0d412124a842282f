"""Folders of train that go on in test may group its images: init tells how they would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from podium.competition.folds import make_folds
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from tests.competition.infer.test_odd_labels import begin, table

EACH = 6


def _ponds(data: Path, train: tuple[str, ...], test: str) -> None:
    """Write images of duckweed in these folders, masks beside them, and a sample of runs."""
    rng = np.random.default_rng(0)
    sent = []
    parts = [*(("train", one) for one in train), ("test", test)]
    for k, (part, folder) in enumerate(parts):
        for n in range(EACH):
            stem = f"{100 * n + k:04}"
            file = data / part / folder / f"{stem}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)).save(file)
            if part == "test":
                sent.append((stem, "1 2"))
                continue
            pixels = np.zeros((12, 16), np.uint8)
            pixels[n : n + 3, 2 : 9 + k] = 255
            (data / "masks").mkdir(exist_ok=True)
            Image.fromarray(pixels).save(data / f"masks/{stem}.png")
    table(data / "sample_submission.csv", ("id", "rle"), *sent)


def test_the_line_of_the_note_keeps_the_images_of_a_folder_in_one_fold(tmp_path: Path) -> None:
    _ponds(tmp_path / "data", ("haul1", "haul2", "haul3"), "haul4")
    _, told = begin(tmp_path)
    assert "3 folders, as 'haul1', hold the images of train, and test has others" in told
    pattern = told.partition("end with '")[2].partition("'")[0]
    line = told.partition("and write folds: ")[2].partition("}")[0] + "}"
    path = tmp_path / "competition.yaml"
    spec = yaml.safe_load(path.read_text())
    start = str(spec["data"]["train"]["images"]).partition("train/")[0]
    spec["data"]["train"]["images"] = f"{start}{pattern}"
    spec["folds"] = yaml.safe_load(line)
    path.write_text(yaml.safe_dump(spec))
    samples = load_samples(load_competition(path), "train")
    assert samples["group"].value_counts().to_dict() == dict.fromkeys(
        ["haul1", "haul2", "haul3"], EACH
    )
    assert samples["mask"].notna().all()
    folds = make_folds(samples, scheme="stratified_group", n=3)
    assert (samples.assign(fold=folds).groupby("group")["fold"].nunique() == 1).all()


@pytest.mark.parametrize(("train", "test"), [
    (("haul1", "haul2", "haul3"), "haul2"),
    (("ditch", "lake", "river"), "canal"),
    (("haul1", "haul2", "haul3"), "."),
])  # fmt: skip
def test_folders_that_test_shares_or_that_do_not_go_on_are_not_told_of(
    tmp_path: Path, train: tuple[str, ...], test: str
) -> None:
    _ponds(tmp_path / "data", train, test)
    assert "hold the images of train" not in begin(tmp_path)[1]
