"""Photographs of one thing by several views: colours are kept, and a lacking view makes a unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.reader import are_grey
from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, table

N_TRAIN, N_TEST = 24, 8


def _beans(data: Path, *, lacking: int = 0, grey: bool = False, slips: int = 0) -> None:
    """Write two views of each bean, of every `lacking`th one alone, and `slips` small letters."""
    rng = np.random.default_rng(0)
    for n in range(N_TRAIN + N_TEST):
        for view in ("A",) if lacking and n % lacking == 1 else ("A", "B"):
            file = data / f"fotos/finca {n % 3}/G{n:04}_{view}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 255, (12, 16) if grey else (12, 16, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(file)
    kinds = ("Sano", "Negro", "Partido")
    rows = [(f"G{n:04}", "ACG", kinds[n % 3]) for n in range(N_TRAIN)]
    for n in range(2, 2 + 3 * slips, 3):
        rows[n] = (*rows[n][:2], "partido")
    table(data / "etiquetas.csv", ("id_grano", "catador", "clase"), *rows)
    sent = [(f"G{n:04}", "Sano") for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    table(data / "ejemplo_envio.csv", ("id_grano", "clase"), *sent)


@pytest.mark.parametrize("grey", [False, True])
def test_views_are_channels_that_keep_their_colours(tmp_path: Path, grey: bool) -> None:
    _beans(tmp_path / "data", grey=grey)
    found, _ = begin(tmp_path)
    assert len(found.data.train.patterns) == 2
    assert (found.data.reader == {"name": "image", "mode": "grey"}) == grey


def test_a_lacking_view_makes_each_view_an_image_of_a_unit(tmp_path: Path) -> None:
    _beans(tmp_path / "data", lacking=12)
    found, _ = begin(tmp_path)
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert (len(train), train["unit"].nunique()) == (2 * N_TRAIN - 2, N_TRAIN)
    assert (len(test), test["unit"].nunique()) == (2 * N_TEST - 1, N_TEST)
    assert found.data.train.unit == "id_grano"


def test_a_class_typed_in_small_letters_is_the_class(tmp_path: Path) -> None:
    _beans(tmp_path / "data", slips=2)
    found, told = begin(tmp_path)
    assert found.classes == ["Negro", "Partido", "Sano"]
    assert "2 cells of clase with 'partido', as 'Partido' in 6" in told
    labels = [found.classes[one] for one in load_samples(found, "train")["label"]]
    assert labels.count("Partido") == N_TRAIN // 3


def test_spellings_as_common_as_each_other_are_left_to_a_person(tmp_path: Path) -> None:
    _beans(tmp_path / "data", slips=4)
    found, told = begin(tmp_path)
    assert found.classes == ["Negro", "Partido", "Sano", "partido"]
    assert "'Partido' and 'partido' differ by case or blanks alone" in told


@pytest.mark.parametrize(("kind", "expected"), [
    ("grey", True), ("RGB of grey", True), ("red alone", True), ("photograph", False),
    ("a small thing with colours", False), ("JPEG of grey", True),
])  # fmt: skip
def test_colours_are_seen(tmp_path: Path, kind: str, expected: bool) -> None:
    rng = np.random.default_rng(0)
    level = rng.integers(0, 255, (40, 50)).astype(np.uint8)
    pixels = np.repeat(level[:, :, None], 3, axis=2)
    match kind:
        case "grey":
            pixels = level
        case "red alone":
            pixels[:, :, 1:] = 0
        case "photograph":
            pixels = rng.integers(0, 255, (40, 50, 3)).astype(np.uint8)
        case "a small thing with colours":
            pixels[:8, :10] = (200, 40, 30)
    file = tmp_path / ("7.jpg" if "JPEG" in kind else "7.png")
    Image.fromarray(pixels).save(file)
    assert are_grey([file]) == expected
