"""Tables of runs: in which order they are counted, and images that they do not name."""

from __future__ import annotations

from pathlib import Path

from run_tables import EMPTY, write_discs

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin

SECOND = [(5, "1 2")]
"""A second row of an image: the table of runs has no row an image, and lists no samples."""


def test_a_table_of_both_parts_is_joined_and_runs_are_counted_as_shapes_show(
    tmp_path: Path,
) -> None:
    write_discs(tmp_path / "data", order="C", base=0, more=SECOND)
    found, told = begin(tmp_path)
    train = found.data.train
    assert train.join is not None
    assert (train.join.table, train.join.key) == ("data/cases.csv", "image={stem}")
    assert found.folds.group == "patient"
    assert "missing" not in told
    for codec in (train.mask_codec, found.submission.rle):
        assert (codec.order, codec.base) == ("C", 0)
    groups = load_samples(found, "train")["group"]
    assert list(groups) == [f"case{k // 2}" for k in range(24)]


def test_lost_images_do_not_hide_how_runs_are_counted(tmp_path: Path) -> None:
    write_discs(tmp_path / "data", order="C", more=SECOND)
    table = tmp_path / "data/cases.csv"
    head, *rows = table.read_text().splitlines()
    rows = [*rows[:24], *(f"gone{k},case{k}" for k in range(6))]
    table.write_text("\n".join([head, *rows]) + "\n")
    found, told = begin(tmp_path)
    assert "6 of 30 images are missing" in told
    assert found.data.train.mask_codec.order == "C"


def test_images_without_a_row_are_a_question_where_empty_masks_have_one(
    tmp_path: Path,
) -> None:
    write_discs(tmp_path / "data", without_row=(7, 8), more=SECOND)
    found, _ = begin(tmp_path)
    assert found.data.train.absent == "missing"
    assert found.to_choose == ["data.train.absent"]
    text = (tmp_path / "competition.yaml").read_text()
    assert "# 2 images have no row, where '-1' marks an empty mask: they are left out" in text
    assert "# or absent: empty" in text
    left = load_samples(found, "train")
    assert list(left["id"]) == [f"d{k:02d}" for k in range(24) if k not in (7, 8)]


def test_images_without_a_row_are_empty_where_no_row_is_of_an_empty_mask(tmp_path: Path) -> None:
    write_discs(tmp_path / "data", without_row=EMPTY, more=SECOND)
    found, _ = begin(tmp_path)
    assert found.data.train.absent is None
    masks = load_samples(found, "train")["mask"]
    assert [k for k, one in enumerate(masks) if not one.runs] == list(EMPTY)
