"""A sample with a label and a mask in each row, whose columns are called as a host likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import Inferred, infer
from podium.workspace.marked_yaml import load_plain_yaml
from tests.competition.infer.test_infer_masks import put, stripes, table

KINDS = ("clear", "naevus", "melanoma")


def skin(data: Path, cells: tuple[str, ...], text: str = "") -> None:
    put(data, [f"train_images/p{n}.png" for n in range(12)])
    put(data, [f"train_masks/p{n}.png" for n in range(12)], stripes([0, 255]))
    put(data, [f"test_images/q{n}.png" for n in range(4)])
    table(data, "train.csv", "image_id,diagnosis", (f"p{n},{KINDS[n % 3]}" for n in range(12)))
    rows = (f"q{n},{KINDS[n % 2]},{cells[n % len(cells)]}" for n in range(4))
    table(data, "submission_format.csv", "image_id,diagnosis,lesion", rows)
    if text:
        (data / "README.txt").write_text(text, encoding="utf-8")


def found_of(tmp_path: Path) -> Inferred:
    return infer(tmp_path / "data", tmp_path)


@pytest.mark.parametrize("cells", [("-", "1 32"), ("1 32",), ("1 32 70 11", "-")])
def test_pairs_of_numbers_beside_masks_are_runs_by_any_name(
    cells: tuple[str, ...], tmp_path: Path
) -> None:
    skin(tmp_path / "data", cells)

    found = found_of(tmp_path)

    assert found.competition.tasks == {"classify": "multiclass", "segment": "binary"}
    written = load_plain_yaml(found.text)["submission"]["columns"]
    assert [(one["name"], one["value"]) for one in written] == [
        ("image_id", "id"), ("diagnosis", "name"), ("lesion", "rle"),
    ]  # fmt: skip


def test_the_score_of_each_answer_is_that_which_a_text_names(tmp_path: Path) -> None:
    text = "Half of the score is the macro-averaged F1, the other half the mean Dice coefficient.\n"
    skin(tmp_path / "data", ("-", "1 32"), text)

    parts = load_plain_yaml(found_of(tmp_path).text)["metric"]["parts"]

    assert [(one["name"], one["task"]) for one in parts] == [
        ("macro_f1", "classify"), ("mean_dice", "segment"),
    ]  # fmt: skip


def test_a_column_that_nobody_understands_is_a_question(tmp_path: Path) -> None:
    skin(tmp_path / "data", ("south", "north"))

    found = found_of(tmp_path)

    assert "submission.columns" in found.competition.to_choose
    assert "lesion: text[" in found.text.replace("'", "")
