"""Sets of images whose names come back, with one folder of masks in one set, and two in another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from layouts.judging import readings_of
from numpy.typing import NDArray

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from tests.competition.infer.test_odd_masks import box, photo, save


def leaves(data: Path, *, n_spots: int) -> dict[str, NDArray[np.bool_]]:
    """Write leaves of two sets, and spots of the last; return the masks of leaves by path."""
    whole = dict[str, NDArray[np.bool_]]()
    for place, name in enumerate(("Leaves", "Spots")):
        for number in range(18):
            part, kind = ("Train", "Test")[number >= 12], ("Oak", "Elm")[number % 2]
            base = f"{name}/{part}/{kind}"
            path = f"{base}/images/leaf ({number}).png"
            photo(data / path, 100 * place + number)
            plane = box(number + 1, shift=place)
            save(data / f"{base}/leaf masks/leaf ({number}).png", plane * np.uint8(255))
            whole[path] = plane
            if place >= 2 - n_spots:
                plane = box(number + 1, shift=7)
                save(data / f"{base}/spot masks/leaf ({number}).png", plane * np.uint8(255))
    return whole


@pytest.mark.parametrize("n_spots", [1, 2])
def test_masks_of_each_image_are_those_of_its_folder(tmp_path: Path, n_spots: int) -> None:
    whole = leaves(tmp_path / "data", n_spots=n_spots)
    found = infer(tmp_path / "data", tmp_path)
    competition = found.competition
    mask = competition.data.train.mask or ""
    assert mask.endswith("/leaf masks/{stem}.png")
    samples = load_samples(competition, "train")
    paths = [Path(one[0]).relative_to("data").as_posix() for one in samples["images"]]
    assert {*paths} == {one for one in whole if "/Train/" in one}
    for path, drawn in zip(paths, truth_masks(competition, samples), strict=True):
        assert drawn is not None
        assert np.array_equal(drawn > 0, whole[path])
    others = readings_of(found.text).get("data.train.mask", [])
    assert others == ([mask.replace("leaf masks", "spot masks")] if n_spots == 2 else [])
    assert competition.data.unlabelled is None
