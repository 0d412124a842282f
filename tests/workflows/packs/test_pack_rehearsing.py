"""A package is rehearsed as the host runs it: a clean environment, no network, more images."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import podium
from packed_workspaces import N_TEST, Packed

from podium.errors import RunError, SubmissionError, UsageError
from podium.submissions.packages.wheels import WheelSources
from podium.workflows.packs.rehearsal import NotebookTiming, PackRehearsal, rehearse_pack

GB = 10**9


def rehearsed(*runs: NotebookTiming, hidden: int | None = None) -> PackRehearsal:
    return PackRehearsal(
        "0" * 8, "guard", WheelSources((), (), ()), 3, runs, None, None, None, hidden, 100.0
    )


def test_two_sizes_tell_the_start_from_the_images() -> None:
    # 5 s to install, 2 s to start, 0.1 s an image.
    printed = rehearsed(
        NotebookTiming(30, 5.0, 5.0, None), NotebookTiming(10, 0.5, 3.0, None), hidden=1000
    )
    assert printed.per_image_s == pytest.approx(0.1)
    assert printed.fixed_s == pytest.approx(2.0)
    assert printed.projected_s == pytest.approx(5 + 2 + 100)
    assert replace(printed, hidden=None).projected_s is None


def test_where_one_size_is_known_or_more_images_took_no_longer_all_time_is_the_images() -> None:
    for runs in (
        [NotebookTiming(30, 1.0, 6.0, None)],
        [NotebookTiming(30, 1.0, 6.0, None), NotebookTiming(10, 1, 7.0, None)],
    ):
        printed = rehearsed(*runs, hidden=300)
        assert (printed.per_image_s, printed.fixed_s) == (pytest.approx(0.2), pytest.approx(0.0))
        assert printed.projected_s == pytest.approx(61)


def test_no_environment_is_made_for_a_folder_that_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="it has no pack"):
        rehearse_pack(tmp_path, data=tmp_path)
    with pytest.raises(UsageError, match="not 0 times"):
        rehearse_pack(tmp_path, data=tmp_path, times=0)


@pytest.mark.first
@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("kind", ["labels", "masks"])
def test_in_an_empty_room_a_package_writes_the_runs_file_and_each_id_keeps_its_value_in_three(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    packed: Packed = request.getfixturevalue(f"packed_{kind}")
    printed = podium(packed.root, "pack", "--rehearse", packed.pack, "--hidden", 1000, "--json")
    result = json.loads(printed[printed.index("{") :])
    assert result["failures"] == []
    assert [run["n_images"] for run in result["runs"]] == [3 * N_TEST, N_TEST]
    assert Path(result["own"]) == packed.file
    assert result["own_sameness"] is None  # byte for byte
    same = result["sameness"]
    assert same["n_rows"] == same["n_exact"] == 3 * (len(packed.file.read_text().splitlines()) - 1)
    assert 0.1 * GB < result["runs"][0]["peak_bytes"] < 4 * GB
    left = {"kaggle", "optuna", "matplotlib", "starlette", "uvicorn", "pytest", "hypothesis"}
    brought = result["brought"]
    there = {*brought["packed"], *brought["repacked"], *brought["of_image"]}
    assert not left & there
    assert {"torch", "numpy", "podium-kaggle"} <= there


@pytest.mark.slow
def test_beyond_its_memory_a_rehearsal_is_killed_and_a_changed_package_is_not_begun(
    packed_labels: Packed, tmp_path: Path
) -> None:
    data = packed_labels.root / "data"
    with pytest.raises(RunError, match=r"GB more than the 0.005 GB that it may, and was killed"):
        rehearse_pack(packed_labels.pack, data=data, max_memory=5_000_000)
    broken = Path(shutil.copytree(packed_labels.pack, tmp_path / "broken"))
    (broken / "blend.json").write_text("{}")
    with pytest.raises(RunError, match=r"blend.json has 2 bytes"):
        rehearse_pack(broken, data=data)
