"""Shares of classes that a file to send asks for: the masks of train have them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

LEGEND = (
    "Each mask has the number of a class in each pixel.\n\n| pixel | class |\n|---|---|\n"
    "| 0 | no data |\n| 1 | water |\n| 2 | sand |\n| 3 | reed |\n"
)
ASKED = ("tile", "no_data", "water", "sand", "reed")


def mask(n: int) -> np.ndarray:
    return np.random.default_rng(n).choice(4, (12, 16), p=(0.1, 0.5, 0.3, 0.1)).astype(np.uint8)


def coast(data: Path, *, cells: tuple[float, ...] = (0, 0.25, 0.5, 0.25)) -> None:
    (data / "train/masks").mkdir(parents=True)
    for n in range(24):
        put(data / (f"train/images/{n:02}.png" if n < 18 else f"test/images/{n:02}.png"), n)
        if n < 18:
            Image.fromarray(mask(n)).save(data / f"train/masks/{n:02}.png")
    table(data / "x_train.csv", ("tile", "bay"), *((f"{n:02}", f"b{n % 6}") for n in range(18)))
    table(data / "sample_submission.csv", ASKED, *((n, *cells) for n in range(18, 24)))
    (data / "README.md").write_text(LEGEND)


def test_shares_are_counted_without_the_class_that_is_never_sent(tmp_path: Path) -> None:
    coast(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multitarget"}
    assert found.classes == [*ASKED[1:]]
    assert "without those that are 'no_data'" in notes
    samples = load_samples(found, "train")
    for name, numbers in zip(samples["id"], samples["label"], strict=True):
        pixels = mask(int(name))
        counts = [np.sum(pixels == one) for one in (1, 2, 3)]
        assert list(numbers) == pytest.approx([0, *np.divide(counts, sum(counts))], abs=1e-5)


def test_numbers_that_do_not_sum_to_one_are_no_shares(tmp_path: Path) -> None:
    coast(tmp_path / "data", cells=(0, 25, 50, 25))
    assert begin(tmp_path)[0].tasks == {"segment": "multiclass"}


def test_images_of_one_name_in_two_folders_have_no_shares_of_one_mask(tmp_path: Path) -> None:
    coast(tmp_path / "data")
    (tmp_path / "data/train/images/north").mkdir()
    put(tmp_path / "data/train/images/north/03.png", 99)
    assert begin(tmp_path)[0].tasks == {"segment": "multiclass"}
