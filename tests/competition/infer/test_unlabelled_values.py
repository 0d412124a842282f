"""Values of masks that nobody labelled, as a text beside the data says in a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.truths.masks import IGNORE
from tests.competition.infer.test_infer_masks import PHOTO, look, put, stripes, table

VALUES = {0: "rest", 30: "road", 75: "roof", 200: "cloud"}
SENT = ("road", "roof")


def tiles(data: Path, text: str, *, sent: tuple[str, ...] = SENT) -> None:
    for n in range(6):
        put(data, [f"train/{n}.png"], PHOTO)
        put(data, [f"train/{n}_mask.png"], stripes([*VALUES][: 3 + n % 2]))
    put(data, ["test/70.png", "test/71.png"])
    table(data, "classes.csv", "value,class", [f"{n},{name}" for n, name in VALUES.items()])
    rows = [f"{n},{name}," for n in (70, 71) for name in sent]
    table(data, "sample.csv", "tile,class,rle", rows)
    order = "Runs are row by row, from left to right and then from top to bottom, one-based."
    (data / "README.md").write_text(f"# Tiles\n\n{text}\n\n{order}\n", encoding="utf-8")


TOLD = [
    "What lies under clouds (200) is not known, as nobody saw it.",
    "Clouds hide the ground: what is below them was not mapped.",
    "Pixels of 200 are ignored.",
    "In the masks 200 was never annotated.",
    "Unter den Wolken (Maskenwert 200) ist nicht bekannt, was dort liegt.",
    "Los píxeles de valor 200 están sin etiquetar.",
]


@pytest.mark.parametrize("text", TOLD)
def test_a_value_that_a_text_calls_unlabelled_is_no_class(tmp_path: Path, text: str) -> None:
    tiles(tmp_path / "data", text)
    found, masks = look(tmp_path / "data")
    train = found.competition.data.train
    assert train.ignore == 200
    assert train.mask_values == {0: "background", 30: "road", 75: "roof"}
    assert not found.competition.to_choose
    assert any("README.md says" in one and "200" in one for one in found.notes)
    assert any((np.asarray(mask) == IGNORE).any() for mask in masks)


OTHERS = [
    "Roads (30) were not annotated in summer.",  # a class to send
    "All 200 tiles of last year are unknown to the networks.",  # a number of something else
    "A photo of 200 x 200 is not labelled.",
    "Cloud and rest are not labelled.",  # of two values
    "In the masks 200 is not unknown.",
    "Everything that is not labelled is 0 in the masks.",
]


@pytest.mark.parametrize("text", OTHERS)
def test_other_sentences_leave_values_as_the_question_that_they_are(
    tmp_path: Path, text: str
) -> None:
    tiles(tmp_path / "data", text)
    spec = look(tmp_path / "data")[0]
    assert spec.competition.data.train.ignore is None
    assert spec.competition.to_choose == ["data.train.ignore"]
    for value, name in ((0, "rest"), (200, "cloud")):  # either may be what is meant
        assert f"# or ignore: {value}\n" in spec.text
        assert f"pixels of {value} ({name})" in " ".join(spec.text.replace("#", "").split())


def test_a_class_that_is_sent_stays_one_whatever_a_text_says(tmp_path: Path) -> None:
    tiles(tmp_path / "data", "Clouds (200) were not labelled.", sent=("road", "roof", "cloud"))
    assert "cloud" in look(tmp_path / "data")[0].competition.classes
