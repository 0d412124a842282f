"""The names of the values of masks, as a text lists them; numbers in prose list nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.classes.names import ClassNames
from podium.competition.infer.masks.values import name_values
from podium.competition.infer.readme.pixel_values import readme_pixel_values
from podium.competition.infer.scan import scan_folder

HEAD = "# Data\n\nEach tile has a mask. "


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Pixel values: 0 background, 1 leaf, 2 stem.", ["background", "leaf", "stem"]),
        ("Pixel values: 0 background, 1 leaf and 2 stem.", ["background", "leaf", "stem"]),
        ("Pixels of the mask: 0 = sky, 1 = road (0.5 m wide), 2 = car.", ["sky", "road", "car"]),
        ("In a mask 0 is sky, and of the others 1 is road.", ["sky", "road"]),
        (
            "In the mask files\n    0 (black)   cup\n  1 (grey) rim (the disc without cup)\n",
            ["cup", "rim"],
        ),
        # Of numbers in a sentence, with a verb between them.
        (
            "Pixels outside the swath, where the bands are 0 as well, are 255 and not scored.",
            [],
        ),
        ("Masks that are 0 everywhere, as in 12 tiles, show nothing.", []),
        ("Draw masks on slices in 2D, 8 organs.", []),
        (
            "Each pixel of it has the number of its class.\n\n| no. | class | remark |\n"
            "|---|---|---|\n| 0 | sea | |\n| 1 | sand | beaches |\n",
            ["sea", "sand"],
        ),
        (
            "It is for task 2.\n\n| task | content | state |\n|---|---|---|\n| 0 | names | over |"
            "\n| 1 | places | over |\n",
            [],
        ),
    ],
)
def test_values_are_named_by_a_list_and_not_by_prose(
    text: str, named: list[str], tmp_path: Path
) -> None:
    (tmp_path / "README.md").write_text(HEAD + text + "\n", encoding="utf-8")
    found = readme_pixel_values(scan_folder(tmp_path, ""))
    assert found == (("README.md", dict(enumerate(named))) if named else None)


def test_a_list_of_values_that_no_mask_has_names_no_pixel() -> None:
    """`CATE: 1 = malignant, 0 = benign` beside masks of 0, 128 and 255."""
    labels = ClassNames("page.md", named={0: "benign", 1: "malignant"})
    assert name_values([0, 128, 255], labels, None, [], all_read=True) is None
    found = name_values([0, 1], labels, None, [], all_read=True)
    assert found is not None
    assert dict(found.chosen.value.names) == {0: "benign", 1: "malignant"}


@pytest.mark.parametrize(
    "rules",
    [
        ["Masks have pixels from 0 to 2.", "Put all 60 files into one folder.", "Send 2 times."],
        ["掩码的像素值为 0~2;", "将全部 60 张图放在一个文件夹内;", "每天可提交 2 次。"],
    ],
)
def test_numbers_in_the_rules_of_a_text_name_no_values(rules: list[str], tmp_path: Path) -> None:
    """A table names them; the numbered rules of sending speak of pixels, too."""
    listed = ["| pixel value | class |", "|---|---|", "| 0 | hay |", "| 1 | wood |", "| 2 | sea |"]
    items = [f"{number}. {rule}" for number, rule in enumerate(rules, start=1)]
    (tmp_path / "README.md").write_text("\n".join([*listed, "", *items, ""]), encoding="utf-8")
    found = readme_pixel_values(scan_folder(tmp_path, ""))
    assert found == ("README.md", {0: "hay", 1: "wood", 2: "sea"})


@pytest.mark.parametrize("item", ["- {} leaf", "* value {}: leaf", "{} = leaf", "2) {} leaf"])
def test_an_item_below_a_line_on_masks_begins_with_its_value(item: str, tmp_path: Path) -> None:
    lines = ["The masks have:", item.format(1), item.format(2).replace("leaf", "stem")]
    (tmp_path / "README.md").write_text("\n".join(lines), encoding="utf-8")
    found = readme_pixel_values(scan_folder(tmp_path, ""))
    assert found == ("README.md", {1: "leaf", 2: "stem"})


@pytest.mark.parametrize(
    ("lead", "named"),
    [
        ("The chart has a pixel for each cell. Values:", {0: "sea", 1: "sand"}),
        ("The chart has a pixel for each cell.", None),
        ("Codes of the ports:", None),
    ],
)
def test_a_line_on_pixels_that_ends_in_a_colon_leads_to_the_table_of_their_values(
    lead: str, named: dict[int, str] | None, tmp_path: Path
) -> None:
    text = f"# Data\n\n{lead}\n\n| code | meaning |\n|---|---|\n| 0 | sea |\n| 1 | sand |\n"
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    found = readme_pixel_values(scan_folder(tmp_path, ""))
    assert found == (None if named is None else ("README.md", named))


def test_sentences_below_a_line_on_pixels_name_no_values(tmp_path: Path) -> None:
    lines = [
        "Each PNG has 40 x 40 pixels.",
        "You must give one of four numbers to every cell; 255 is refused.",
        "Score. The mean over all cells and classes is the score. 1 is perfect, more is better.",
    ]
    (tmp_path / "README.md").write_text("\n".join(lines), encoding="utf-8")
    assert readme_pixel_values(scan_folder(tmp_path, "")) is None
