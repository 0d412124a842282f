"""The classes of the colours of masks, as texts list them in tables, items and sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.classes.text_colours import text_colours
from podium.competition.infer.readme.pixel_values import readme_pixel_values
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer

LAND = {"#00ff00": "Forest", "#0000ff": "Water"}
WOODS = {"#00ff00": "Forêt", "#0000ff": "Eau"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("| Colour | Class |\n|---|---|\n| (0, 255, 0) | Forest |\n| (0,0,255) | Water |", LAND),
        (
            "| Class | RGB |\n|---|---|\n| Forest (not scored) | #00FF00 |\n| Water | #0000FF |",
            LAND,
        ),
        (
            "| Class | RGB |\n|---|---|\n| Forest (old) | #00FF00 |\n| Forest (new) | #0000FF |",
            {"#00ff00": "Forest (old)", "#0000ff": "Forest (new)"},
        ),
        ("| Class | RGB |\n|---|---|\n| Forest | #00FF00 |\n| Water | `#0000FF` |", LAND),
        ("| n | Class | R | G | B |\n|-|-|-|-|-|\n|1|Forest|0|255|0|\n|2|Water|0|0|255|", LAND),
        (
            "| Couleur | Nom | Note |\n|--|--|--|\n| vert (RVB 0, 255, 0) | Forêt | arbres |\n"
            "| RVB(0, 0, 255) | Eau | lacs |",
            {},  # a word that is not known: the cell is no colour alone
        ),
        (
            "| Farbe | Bedeutung | Notiz |\n|--|--|--|\n| 0, 255, 0 | Wald | Bäume |\n"
            "| 0, 0, 255 | See | nass |",
            {"#00ff00": "Wald", "#0000ff": "See"},
        ),
        (
            "<table><tr><th>colour</th><th>class</th></tr><tr><td>#00ff00</td><td>Forest</td></tr>"
            "<tr><td>#0000ff</td><td>Water</td></tr></table>",
            LAND,
        ),
        ("- Forêt - RGB(0, 255, 0)\n- Eau - RGB(0, 0, 255)", WOODS),
        ("- Forêt : vert (0, 255, 0)\n\n- Eau : bleu (0, 0, 255)", WOODS),
        ("1. Forest: green (0, 255, 0)\n2. Water: blue (0, 0, 255)", LAND),
        ("（0，255，0）：森林\n（0，0，255）：水", {"#00ff00": "森林", "#0000ff": "水"}),
        ("Classes: Forest (0, 255, 0), Water (0, 0, 255).", LAND),
        ("Colours of the masks: #00ff00 Forest, #0000ff Water.", LAND),
        ("Masks are Forest in green (0, 255, 0) and Water in blue (0, 0, 255).", LAND),
        ("Orange (255,165,0), Lemon (255,255,0)", {"#ffa500": "Orange", "#ffff00": "Lemon"}),
        ("| colour | class |\n|--|--|\n| green | Forest |\n| blue | Water |", "words"),
        ("- Forest: green\n- Water: blue", "words"),
        ("Sizes are 320, 320, 3 of images.\nMasks have 320, 320, 1.", {}),
        ("Forest (0, 255, 0)\nWater (0, 255, 0)", {}),
    ],
)
def test_colours_have_the_names_of_a_list(
    text: str, named: dict[str, str] | str, tmp_path: Path
) -> None:
    if named == "words":
        named = {"green": "Forest", "blue": "Water"}
    (tmp_path / "README.md").write_text(f"# Land\n\n{text}\n", encoding="utf-8")
    found = text_colours(scan_folder(tmp_path, ""))
    assert [one.named for one in found] == ([named] if named else [])


def land(root: Path, text: str) -> Path:
    """Write three images, masks of black, green and blue, an image to predict, and a text."""
    for folder in ("images", "masks", "test"):
        (root / folder).mkdir(parents=True)
    for n in range(3):
        image = np.full((32, 32, 3), 60 * n, np.uint8)
        Image.fromarray(image).save(root / "images" / f"i{n}.png")
        mask = np.zeros((32, 32, 3), np.uint8)
        mask[:8], mask[10 : 12 + n] = (0, 255, 0), (0, 0, 255)
        Image.fromarray(mask).save(root / "masks" / f"i{n}.png")
    Image.fromarray(image).save(root / "test" / "t.png")
    (root / "README.md").write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    "text",
    [
        "| Colour | Class |\n|---|---|\n| (0, 255, 0) | Forest |\n| (0,0,255) | Water |",
        "| Colour | Class |\n|---|---|\n| green | Forest |\n| blue | Water |",
        # The numbers are those of the file to send, and masks of train are coloured.
        "- Forest: #00ff00\n- Water: #0000ff\n\nSend masks, their pixels 1 = forest, 2 = water.",
    ],
)
def test_classes_of_coloured_masks_are_called_as_the_text_has_them(
    text: str, tmp_path: Path
) -> None:
    found = infer(land(tmp_path / "data", text), tmp_path)
    assert found.competition.classes == ["Forest", "Water"]
    assert found.competition.data.train.mask_values == {
        "#000000": "background",
        "#00ff00": "Forest",
        "#0000ff": "Water",
    }
    assert "The 2 names as README.md has them" in found.text


def test_colours_that_no_mask_has_name_no_class(tmp_path: Path) -> None:
    text = "Our website:\n- Links: #ff8800\n- Buttons: #884400\n- Text: #123456"
    found = infer(land(tmp_path / "data", text), tmp_path)
    assert found.competition.classes == ["class 1", "class 2"]


def test_a_table_of_values_may_have_their_colours_too(tmp_path: Path) -> None:
    text = "The value of a pixel of the masks:\n\n| value | class | RGB |\n|--|--|--|\n"
    text += "| 0 | ground | (0, 0, 0) |\n| 1 | leaf | (0, 255, 0) |\n"
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    found = readme_pixel_values(scan_folder(tmp_path, ""))
    assert found == ("README.md", {0: "ground", 1: "leaf"})
