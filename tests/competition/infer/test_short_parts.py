"""Train and test that only two letters of their folders tell: `TR` and `TE`, `imagesTr`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from podium.competition.infer.conversions.masks.object_folders import scan_data
from tests.competition.infer.test_infer_masks import put, stripes


def scan(data: Path, images: tuple[str, str], masks: tuple[str, ...]) -> Counter[str]:
    for folder, first in zip(images, (0, 6), strict=True):
        put(data, [f"{folder}/p{n}.jpg" for n in range(first, first + 6 - first // 3)])
    for folder, first in zip(masks, (0, 6), strict=False):
        numbers = range(first, first + 6 - first // 3)
        put(data, [f"{folder}/p{n}.png" for n in numbers], stripes([0, 255]))
    return Counter(one.part for one in scan_data(data, "data").images)


@pytest.mark.parametrize(
    ("images", "masks"),
    [
        (("S-TR/S-TR-Image", "S-TE/S-TE-Image"), ("S-TR/S-TR-Mask", "S-TE/S-TE-Mask")),
        (("imagesTr", "imagesTs"), ("labelsTr",)),
    ],
)
def test_two_letters_in_all_paths_are_parts(
    tmp_path: Path, images: tuple[str, str], masks: tuple[str, ...]
) -> None:
    found = scan(tmp_path, images, masks)

    assert found == {"train": 6, "test": 4, "mask": 6 if len(masks) == 1 else 10}


@pytest.mark.parametrize(
    ("images", "masks"),
    [
        (("S-TR/photos", "S-TE/pictures"), ("S-TR/masks", "S-TE/masks")),
        (("S-TR/photos", "more/photos"), ("S-TR/masks", "more/masks")),
    ],
)
def test_folders_that_differ_otherwise_are_none(
    tmp_path: Path, images: tuple[str, str], masks: tuple[str, ...]
) -> None:
    assert set(scan(tmp_path, images, masks)) == {"other", "mask"}
