"""Which of two values of masks is the object, and which value of several is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.errors import DataError
from tests.competition.infer.test_odd_masks import photo, text

SIZE = (24, 20)
INK, PAPER = 0, 255
RUNS = "Pixels are counted from 1, from top to bottom, then from left to right."
USUAL, INVERTED = {0: "background", 255: "foreground"}, {0: "foreground", 255: "background"}


def drawing(number: int, inside: int, outside: int) -> np.ndarray[Any, Any]:
    """Return a block of one value that does not touch the border of another."""
    pixels = np.full(SIZE, outside, np.uint8)
    pixels[6 : 14 + number % 4, 5:14] = inside
    return pixels


def host(
    root: Path, inside: int, outside: int, *, readme: str = "", legend: str = "", bits: bool = False
) -> Inferred:
    """Write photographs, drawings of them under any folder's name, and a sample of runs."""
    data = root / "data"
    for number in range(12):
        where = "photos" if number < 8 else "new_photos"
        photo(data / where / f"p{number:02}.png", number, SIZE)
    (data / "tracings").mkdir()
    for number in range(8):
        image = Image.fromarray(drawing(number, inside, outside))
        image = image.convert("1") if bits else image
        image.save(data / "tracings" / f"p{number:02}.png")
    text(data / "sample_submission.csv", "photo,pixels", *(f"p{n:02},1 24" for n in range(8, 12)))
    text(data / "README.md", "# Find the leaf", "", readme, "", RUNS)
    if legend:
        text(data / "legend.csv", *legend.split())
    return infer(data, root)


def values_of(found: Inferred) -> dict[int | str, str] | None:
    return found.competition.data.train.mask_values


def test_an_object_of_0_on_255_is_asked_for(tmp_path: Path) -> None:
    found = host(tmp_path, INK, PAPER)
    assert found.competition.to_choose == ["data.train.mask_values"]
    assert values_of(found) == INVERTED
    assert "# or mask_values: {0: background, 255: foreground}" in found.text
    assert "255 covers" in " ".join(found.text.split())


@pytest.mark.parametrize(
    "readme",
    [
        "Black is leaf, white is paper.",
        "Das Blatt ist schwarz, der Hintergrund weiß.",
        "La feuille est noire (le fond est blanc).",
        "Pixel value 0 is leaf, 255 is background.",
        "Pixel values:\n\n- 0: leaf\n- 255: background",
    ],
)
def test_a_text_tells_that_0_is_the_object(tmp_path: Path, readme: str) -> None:
    found = host(tmp_path, INK, PAPER, readme=readme)
    assert not found.competition.to_choose
    assert values_of(found) == INVERTED


@pytest.mark.parametrize("name", ["background", "paper"])
def test_a_list_tells_that_0_is_the_object(tmp_path: Path, name: str) -> None:
    found = host(tmp_path, INK, PAPER, legend=f"value,class 0,leaf 255,{name}")
    assert not found.competition.to_choose
    assert values_of(found) == INVERTED


def test_white_on_black_stays_as_it_is(tmp_path: Path) -> None:
    # The photographs have a white ground, and not the masks: no black stands beside it.
    found = host(tmp_path, PAPER, INK, readme="Photographs on a white background.")
    assert not found.competition.to_choose
    assert values_of(found) is None


def test_a_text_about_photographs_answers_nothing(tmp_path: Path) -> None:
    found = host(tmp_path, INK, PAPER, readme="Photographs on a white background.")
    assert found.competition.to_choose == ["data.train.mask_values"]


def test_an_empty_mask_shows_that_0_is_background(tmp_path: Path) -> None:
    """Where nothing is in some image, all its pixels are background: 0 is not the object."""
    data = tmp_path / "data"
    host(tmp_path, INK, PAPER)
    Image.fromarray(np.zeros(SIZE, np.uint8)).save(data / "tracings" / "p03.png")
    found = infer(data, tmp_path)
    assert not found.competition.to_choose
    assert values_of(found) is None


def test_masks_of_one_bit_are_found_by_their_look(tmp_path: Path) -> None:
    found = host(tmp_path, PAPER, INK, bits=True)
    train = found.competition.data.train
    assert isinstance(train.mask, str)
    assert train.mask.endswith("tracings/{id}.png")


def trimap(root: Path, readme: str) -> Inferred:
    """Write masks of 1 in a border of 3 on 2, and a sample with a row an image."""
    data = root / "data"
    host(root, INK, PAPER)
    for number in range(8):
        pixels = np.full(SIZE, 2, np.uint8)
        pixels[5:16, 4:15] = 3
        pixels[6:15, 5:14] = 1
        Image.fromarray(pixels).save(data / "tracings" / f"p{number:02}.png")
    text(data / "README.md", "# Find the leaf", "", readme, "", RUNS)
    return infer(data, root)


def test_which_of_several_classes_is_sent_is_a_question(tmp_path: Path) -> None:
    found = trimap(tmp_path, "")
    assert found.competition.tasks == {"segment": "binary"}
    assert found.competition.to_choose == ["data.train.mask_values"]
    only = ("{1: foreground, 2: background, 3: background}", "{1: background, 2: foreground")
    assert all(one in found.text for one in only)


def test_a_value_that_a_text_leaves_out_is_ignored(tmp_path: Path) -> None:
    readme = "Pixel values: 1 leaf, 2 desk, 3 edge of the leaf (left out of the score)."
    found = trimap(tmp_path, readme)
    assert found.competition.data.train.ignore == 3
    assert values_of(found) == {1: "foreground", 2: "background"}
    assert found.competition.to_choose == ["data.train.mask_values"]
    readme = "Pixel values: 1 leaf, 2 background, 3 edge of the leaf (left out of the score)."
    both = trimap(tmp_path / "both", readme)
    assert not both.competition.to_choose
    assert values_of(both) == {1: "foreground", 2: "background"}


def test_numbers_of_pixels_are_no_values(tmp_path: Path) -> None:
    """Sentences on runs count pixels; a numbered list counts steps."""
    readme = (
        "Write the pixels of the mask: pixel 1 is the top left one, pixel 2 the one below it."
        "\n\n1. Train\n2. Predict\n3. Send"
    )
    found = trimap(tmp_path, readme)
    assert "named by README.md" not in " ".join(found.text.split())


def test_an_image_beside_its_mask_in_one_picture_is_refused_with_a_hint(tmp_path: Path) -> None:
    data = tmp_path / "data"
    host(tmp_path, INK, PAPER)
    for number in range(8):
        (data / "tracings" / f"p{number:02}.png").unlink()
        photo(data / "photos" / f"p{number:02}.png", number, (SIZE[0], 2 * SIZE[1]))
    (data / "photos").rename(data / "train")
    (data / "new_photos").rename(data / "test")
    with pytest.raises(DataError) as caught:
        infer(data, tmp_path)
    assert "40 × 24 pixels, and those to predict 20 × 24" in str(caught.value.fix)
