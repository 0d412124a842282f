"""Texts with tabs, whose columns name folders and files together."""

from __future__ import annotations

from pathlib import Path

import pytest
from competition.infer.test_odd_labels import put

from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.conversions.tables.texts.tabbed_texts import table_of_tabbed_texts
from podium.competition.infer.spec import infer
from podium.errors import DataError

Row = tuple[str, str, str, str]


def faces(data: Path) -> list[Row]:
    """Write two texts of the folds and one that repeats rows; return all rows."""
    rows = [
        (f"{30 + k // 3}@N0", f"{700 + 13 * k}_o.jpg", str(1 + k // 4), "xyz"[k * k % 3])
        for k in range(12)
    ]
    for k, (user, photo, face, _) in enumerate(rows):
        put(data / f"faces/{user}/aligned_face.{face}.{photo}", k)
    text(data / "fold_0.txt", rows[:7])
    text(data / "fold_1.txt", rows[7:])
    text(data / "fold_front_0.txt", rows[2:5])
    return rows


def text(path: Path, rows: list[Row]) -> None:
    lines = ["\t".join(one) for one in (("user", "photo", "face", "age"), *rows)]
    path.write_text("\n".join([*lines, ""]))


def test_every_row_of_all_texts_has_its_image_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = faces(data)
    made = table_of_tabbed_texts(scan_data(data, "data"))
    assert made is not None
    known = dict(zip(made.table["image"], made.table["age"], strict=True))
    assert known == {
        f"faces/{user}/aligned_face.{face}.{photo}": age for user, photo, face, age in rows
    }
    found = infer(data, tmp_path, has_test=False).competition
    assert found.classes == ["x", "y"]  # squares leave 0 and 1
    assert found.folds.group == "user"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("an image is missing", "30@N0/aligned_face.1.700_o.jpg is not there"),
        ("rows contradict", "700_o.jpg stands in two rows of other cells"),
        ("a line is another", "line 9 has not the 4 cells"),
    ],
)
def test_a_row_that_does_not_name_one_image_is_told(tmp_path: Path, change: str, told: str) -> None:
    rows = faces(tmp_path)
    if change == "an image is missing":
        (tmp_path / "faces/30@N0/aligned_face.1.700_o.jpg").unlink()
    elif change == "rows contradict":
        user, photo, face, _ = rows[0]
        text(tmp_path / "fold_2.txt", [(user, photo, face, "other"), *rows[1:4]])
    else:
        with (tmp_path / "fold_0.txt").open("a") as file:
            file.write("30@N0\t1_o.jpg\n")
    with pytest.raises(DataError, match=told):
        table_of_tabbed_texts(scan_data(tmp_path, "data"))


def test_texts_of_other_things_are_left(tmp_path: Path) -> None:
    faces(tmp_path)
    for path in tmp_path.glob("*.txt"):
        text(path, [(f"u{n}", f"p{n}", str(n), "x") for n in range(5)])
    assert table_of_tabbed_texts(scan_data(tmp_path, "data")) is None
