"""Masks whose names have the number of their image with zeros in front, and perhaps a class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.masks.search import width_of_numbers
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from tests.competition.infer.test_infer_masks import SIZE, put


def box(n: int) -> np.ndarray:
    mask = np.zeros(SIZE, np.uint8)
    mask[1 : 2 + n % 4, 1 : 3 + n % 5] = 255
    return mask


@pytest.mark.parametrize("ends", [("",), ("_eye", "_neck", "_neck_l", "_skin")])
def test_the_number_leads_to_the_masks(tmp_path: Path, ends: tuple[str, ...]) -> None:
    data, numbers = tmp_path / "data", (0, 3, 7, 12, 30, 104)
    put(data, [f"photos/{n}.jpg" for n in numbers])
    put(data, ["test/201.jpg", "test/202.jpg"])
    for n in numbers:
        for k, end in enumerate(ends):
            put(data, [f"masks/{n // 10}/{n:05d}{end}.png"], box(n + k))

    found = infer(data, tmp_path).competition

    assert found.classes == [end[1:] for end in ends if end]
    samples = load_samples(found, "train")
    assert list(map(int, samples["id"])) == sorted(numbers, key=str)
    for n, mask in zip(map(int, samples["id"]), truth_masks(found, samples), strict=True):
        planes = np.asarray(mask).reshape(*SIZE, -1)
        for k in range(len(ends)):
            assert np.array_equal(planes[..., k] > 0, box(n + k) > 0)


def test_numbers_of_no_image_or_of_other_widths_lead_to_none() -> None:
    assert width_of_numbers(["0007_eye", "0012_eye"], ["7", "12"]) == 4
    assert width_of_numbers(["0007_eye", "0012_eye"], ["7"]) == 0
    assert width_of_numbers(["007_eye", "0012_eye"], ["7", "12"]) == 0
    assert width_of_numbers(["0007_eye"], ["7", "0008"]) == 0
