"""What members of masks bring, and families of masks: on runs that are handmade."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from workflows.submission.test_rehearsing import masks

from podium.ensembling import read_blend
from podium.ensembling.members import MEMBERS_FILE, read_members, write_members
from podium.workflows.blends.blending import blend_runs, member_contributions

MEMBER = "runs/r-00000001/predictions/aabbccdd"
TWIN = "runs/r-00000002/predictions/aabbccdd"


@pytest.mark.slow
@pytest.mark.parametrize(
    "which", ["a mask an image", pytest.param("labels of pixels", marks=pytest.mark.long)]
)
def test_duplicate_member_contributes_nothing_and_has_correlation_one(
    tmp_path: Path, which: str, caplog: pytest.LogCaptureFixture
) -> None:
    workspace, competition, _ = masks(tmp_path, which)
    shutil.copytree(tmp_path / "runs/r-00000001", tmp_path / "runs/r-00000002")
    members = [str(tmp_path / MEMBER), str(tmp_path / TWIN)]
    folder = blend_runs(workspace, competition, members, trials=6)
    blend, _ = read_blend(folder)
    table = member_contributions(workspace, competition, folder)
    assert table.honest == blend.honest
    assert table.correlation == pytest.approx(np.ones((2, 2)))
    first, second = table.members
    assert (first.name, second.name) == ("r-00000001", "r-00000002")
    assert first.alone == second.alone == pytest.approx(blend.honest)
    assert first.dropped is not None
    assert (first.dropped.gain, first.dropped.error) == pytest.approx((0, 0))
    assert table.best == "r-00000001"
    assert first.added is None
    assert second.added is not None
    assert second.added.gain == pytest.approx(0)
    # It is kept for the next time, unless it is of a blend with another score.
    kept = read_members(folder)
    assert kept is not None
    assert kept.members == table.members
    write_members(folder, replace(table, best="as it was told"))
    assert member_contributions(workspace, competition, folder).best == "as it was told"
    write_members(folder, replace(table, best="of another", honest=-1.0))
    assert member_contributions(workspace, competition, folder).best == "r-00000001"
    file = folder / MEMBERS_FILE
    file.unlink()
    file.mkdir()  # as of a workspace that cannot be written to: shown, and not kept
    assert member_contributions(workspace, competition, folder).best == "r-00000001"
    assert "the contributions of the members are not kept: " in caplog.text
    assert str(file) in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "which", ["a row a class", pytest.param("labels of pixels", marks=pytest.mark.long)]
)
def test_families_of_masks_are_what_their_methods_make(tmp_path: Path, which: str) -> None:
    workspace, competition, _ = masks(tmp_path, which)
    shutil.copytree(tmp_path / "runs/r-00000001", tmp_path / "runs/r-00000002")
    members = [str(tmp_path / MEMBER), str(tmp_path / TWIN)]
    folder = blend_runs(
        workspace, competition, members, families=["mean", "best"], name="auto", trials=6
    )
    blend, _ = read_blend(folder)
    assert blend.choice is not None
    assert [one.method for one in blend.choice.families] == ["mean", "best"]
    # Twins are alike by any family, and the mean fits nothing.
    assert blend.choice.chosen == blend.method == "mean"
    plain, _ = read_blend(blend_runs(workspace, competition, members, method="mean", trials=6))
    assert plain.honest == blend.honest
