"""Checks of masks that are written as runs: how they are counted, and which are empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from run_tables import write_discs

from podium.competition.checks import Finding
from podium.competition.checks.masks import check_codec, check_masks
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.workspace.layout import Workspace

COUNTED = "runs that may be counted otherwise"


def check(root: Path, fields: dict[str, Any], **train: Any) -> dict[str, Finding]:
    fields["data"]["train"] |= train
    spec = Competition.model_validate(fields).at(root)
    samples = load_samples(spec, "train")
    found = [*check_masks(Workspace(root), spec, samples), *check_codec(spec, samples)]
    return {one.title: one for one in found if one.level != "note"}


@pytest.mark.parametrize(("order", "base"), [("C", 1), ("F", 0), ("C", 0)])
def test_runs_that_are_counted_otherwise_are_a_warning(
    tmp_path: Path, order: str, base: int
) -> None:
    fields = write_discs(tmp_path / "data", order=order, base=base)
    found = check(tmp_path, fields)[COUNTED]
    differ = {
        name for name, value, usual in (("order", order, "F"), ("base", base, 1)) if value != usual
    }
    for name in ("order", "base"):
        for key in ("data.train.mask_codec", "submission.rle"):
            assert (f"{key}.{name}: " in found.detail) == (name in differ)
    assert "podium calibrate" in found.fix
    fields["submission"]["rle"] = {"order": order, "base": base}
    assert not check(tmp_path, fields, mask_codec={"order": order, "base": base})


def test_runs_whose_order_no_shape_shows_are_no_warning(tmp_path: Path) -> None:
    """A single run is one piece in either order."""
    fields = write_discs(tmp_path / "data")
    rows = [f"d{k:02d},{100 + 9 * k} 5" for k in range(24)]
    (tmp_path / "data/runs.csv").write_text("\n".join(["image,rle", *rows]) + "\n")
    assert COUNTED not in check(tmp_path, fields)


def test_a_mask_beside_a_row_of_an_empty_one_is_a_warning_with_its_line(tmp_path: Path) -> None:
    fields = write_discs(tmp_path / "data", more=[(5, "-1")])
    found = check(tmp_path, fields)
    assert [*found] == ["masks beside a row of an empty mask"]
    assert found["masks beside a row of an empty mask"].items == ("d05 (line 26)",)


def test_check_warns_of_images_without_a_row_where_empty_masks_have_one(tmp_path: Path) -> None:
    fields = write_discs(tmp_path / "data", without_row=(7, 8))
    title = "images without a row, taken for empty masks"
    found = check(tmp_path, fields)
    assert [*found] == [title]
    assert found[title].items == ("d07", "d08")
    assert not check(tmp_path, fields, absent="missing")
    assert not check(tmp_path, fields, absent="empty")
    unmarked = write_discs(tmp_path / "more/data", without_row=(3, 7, 11, 19))
    assert not check(tmp_path / "more", unmarked)


@pytest.mark.parametrize("cell", ["nan", "NaN", "1 0", "0", "0 0", "none"])
def test_a_cell_that_may_mean_an_empty_mask_leads_to_the_key_of_such_cells(
    tmp_path: Path, cell: str
) -> None:
    fields = write_discs(tmp_path / "data", empty=cell)
    found = check(tmp_path, fields)["runs that are no mask"]
    words = f"write data.train.mask.empty: ['', '-1', '{cell}']"
    assert found.fix == f"where the cell {cell!r} means an empty mask, {words}"
    mask = {**fields["data"]["train"]["mask"], "empty": ["", "-1", cell]}
    assert not check(tmp_path, fields, mask=mask)


def test_a_cell_that_is_no_mask_is_shown(tmp_path: Path) -> None:
    fields = write_discs(tmp_path / "data", more=[(5, "5 2 4 1")])
    assert "the cell is '5 2 4 1': " in check(tmp_path, fields)["runs that are no mask"].fix
