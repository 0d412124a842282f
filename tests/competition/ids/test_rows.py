"""Ids of several columns or of a part of a cell, and tables with a row for several images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from competition.test_samples import spec_of

from podium.competition.ids.rows import columns_of_key, ids_of_rows, rows_of_images
from podium.competition.samples import load_samples
from podium.errors import DataError


def _files(root: Path, text: str, names: str) -> None:
    (root / "train.csv").write_text(text, encoding="utf-8")
    for name in names.split():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_a_key_reads_a_column_several_or_a_part_of_a_cell() -> None:
    table = pd.DataFrame({"subject": ["1", "1"], "img": ["2", "10"], "key": ["a_x_0", "a_x_1"]})
    assert ids_of_rows(table, "img") == ["2", "10"]
    assert ids_of_rows(table, "{subject}_{img}") == ["1_2", "1_10"]
    rows = rows_of_images(table, "key={id}_{n}", [], "t.csv")
    assert ids_of_rows(rows, "key={id}_{n}") == ["a_x"]
    assert [columns_of_key(one) for one in ("img", "{subject}_{img}", "key={id}_{n}")] == [
        ["img"],
        ["subject", "img"],
        ["key"],
    ]


def test_a_class_with_signs_inside_is_split_off_whole() -> None:
    table = pd.DataFrame({"key": ["a_large_bowel", "a_bowel", "b_bowel"]})
    rows = rows_of_images(table, "key={id}_{class}", ["bowel", "large_bowel"], "t.csv")
    assert list(rows["id"]) == ["a", "b"]
    with pytest.raises(DataError, match="1 cell of key is not of the form"):
        rows_of_images(table.assign(key=["a_bowel", "b_bowel", "c"]), "key={id}_{class}",
                       ["bowel"], "t.csv")  # fmt: skip


def test_test_images_are_those_that_rows_of_a_sample_name(tmp_path: Path) -> None:
    _files(tmp_path, "id,label\n1,a\n2,b\n", "images/1.png images/2.png images/3.png images/4.png")
    (tmp_path / "sample.csv").write_text("key,rle\n4_0,\n4_1,\n3_0,\n")
    competition = spec_of(
        tmp_path,
        data__test={"table": "sample.csv", "id": "key={id}_{n}", "images": "images/{id}.png"},
    )
    test = load_samples(competition, "test")
    assert list(test["id"]) == ["4", "3"]
    assert list(test["images"]) == [("images/4.png",), ("images/3.png",)]


def test_a_labelled_table_takes_no_part_of_a_cell(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"train\.id: a row of a labelled table is an image"):
        spec_of(tmp_path, data__train__id="id={id}_{n}")


def test_two_columns_name_the_images_of_a_labelled_table(tmp_path: Path) -> None:
    _files(tmp_path, "subject,img,label\n1,1,a\n1,2,b\n", "images/1_1.png images/1_2.png")
    competition = spec_of(
        tmp_path,
        data__train__id="{subject}_{img}",
        data__train__images="images/{subject}_{img}.png",
    )
    train = load_samples(competition, "train")
    assert list(train["id"]) == ["1_1", "1_2"]
    assert list(train["label"]) == [0, 1]


JOINED: dict[str, Any] = {
    "images": "train/{folder}/*.png",
    "id": "{path}",
    "join": {"table": "train.csv", "key": "patient={folder}"},
    "label": "label",
    "unit": "{folder}",
}
TEST = {"images": "test/{folder}/*.png", "unit": "{folder}"}
PATIENTS = "patient,label,site\np1,b,x\np2,a,y\np9,a,x\n"
FILES = "train/p1/1.png train/p1/2.png train/p2/1.png train/p3/1.png"


def test_images_take_the_columns_of_the_row_of_their_folder(tmp_path: Path) -> None:
    _files(tmp_path, PATIENTS, FILES)
    folds = {"scheme": "group", "group": "site"}
    train = load_samples(
        spec_of(tmp_path, data__train=JOINED, data__test=TEST, folds=folds), "train"
    )
    # p3 has no row, and p9 no image.
    assert list(train["id"]) == ["p1/1.png", "p1/2.png", "p2/1.png"]
    assert list(train["label"]) == [1, 1, 0]
    assert list(train["unit"]) == ["p1", "p1", "p2"]
    assert list(train["group"]) == ["x", "x", "y"]


def test_files_of_several_channels_stay_with_their_rows(tmp_path: Path) -> None:
    _files(tmp_path, PATIENTS, "t/p3_r.png t/p3_g.png t/p1_r.png t/p1_g.png t/p2_r.png t/p2_g.png")
    images = {"red": "t/{id}_r.png", "green": "t/{id}_g.png"}
    part = {"images": images, "join": {"table": "train.csv", "key": "patient={id}"}}
    other = {name: pattern.replace("t/", "u/") for name, pattern in images.items()}
    competition = spec_of(
        tmp_path, data__train={**part, "label": "label"}, data__test={"images": other}
    )
    train = load_samples(competition, "train")
    assert list(train["images"]) == [("t/p1_r.png", "t/p1_g.png"), ("t/p2_r.png", "t/p2_g.png")]
    assert list(train["label"]) == [1, 0]


@pytest.mark.parametrize(
    ("table", "changes", "words"),
    [
        ("patient,label\np1,a\np1,b\n", {}, "1 cell of patient stands more than once: 'p1'"),
        ("patient,label\nq1,a\nq2,b\n", {}, "no image has a row: patient is as 'q1', 'q2'"),
        (PATIENTS, {"label": "grade"}, "there is no column 'grade'"),
        (PATIENTS, {"join": {"table": "train.csv", "key": "who={folder}"}}, "no column 'who'"),
        (PATIENTS, {"join": {"table": "train.csv", "key": "patient={day}"}}, "no column 'day'"),
    ],
)
def test_a_table_that_does_not_join_is_refused(
    tmp_path: Path, table: str, changes: dict[str, Any], words: str
) -> None:
    _files(tmp_path, table, FILES)
    competition = spec_of(tmp_path, data__train={**JOINED, **changes}, data__test=TEST)
    with pytest.raises(DataError, match=words):
        load_samples(competition, "train")


def test_a_table_of_images_is_not_joined(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="join is of images that a pattern finds"):
        spec_of(tmp_path, data__train__join={"table": "t.csv", "key": "id"})
