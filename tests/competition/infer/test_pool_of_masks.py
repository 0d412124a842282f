"""Images of one folder, of which masks in a folder called test name those to predict."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from tests.competition.infer.test_infer_masks import put, stripes


def pool(data: Path, *, more: str = "") -> None:
    put(data, [f"pictures/eye/p{n}.jpg" for n in range(9)])
    put(data, [f"labels/train/p{n}.png" for n in range(6)], stripes([0, 255]))
    put(data, [f"labels/test/p{n}_two.png" for n in range(6, 9)], stripes([0, 255]))
    put(data, [f"pictures/range/r{n}.jpg" for n in range(9)])
    put(data, [more] if more else [])


def test_images_that_masks_of_test_name_are_predicted_and_no_other_kind(tmp_path: Path) -> None:
    pool(tmp_path / "data")

    found = infer(tmp_path / "data", tmp_path)

    of_test = load_samples(found.competition, "test")["images"]
    assert [one[0] for one in of_test] == [f"data/pictures/eye/p{n}.jpg" for n in range(6, 9)]
    assert len(load_samples(found.competition, "train")) == 6
    assert "data.test" not in found.competition.to_choose
    assert any("pictures/range" in note and "not used" in note for note in found.notes)


@pytest.mark.parametrize("more", ["pictures/eye/x.jpg"])
def test_a_picture_without_any_mask_among_them_is_a_question(tmp_path: Path, more: str) -> None:
    pool(tmp_path / "data", more=more)

    assert "data.test" in infer(tmp_path / "data", tmp_path).competition.to_choose
