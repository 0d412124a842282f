"""Every blend keeps units, of one image or several; one of before gets them.

That their pooled score is the honest one is tested form by form in test_rehearsing.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from workflows.submission.test_rehearsing import LABELS, add_labels_run, labels

from podium.ensembling import read_blend
from podium.ensembling.honest import UNITS_FILE, read_units
from podium.errors import UsageError
from podium.workflows.blends.blending import blend_runs
from podium.workspace.atomic import write_text
from tests.recorded_progress import RecordedProgress

MEMBER = "runs/r-00000001/predictions/aabbccdd"


def test_units_of_several_images_are_these(tmp_path: Path) -> None:
    form = ("binary", {"name": "f1"}, {"value": "label"})
    workspace, competition = labels(tmp_path, *form, unit=True)
    add_labels_run(workspace, competition)
    folder = blend_runs(workspace, competition, [str(tmp_path / MEMBER)], trials=4)
    units = read_units(folder)
    assert units.ids.tolist() == [f"u{j:02d}" for j in range(18)]
    assert units.score() == pytest.approx(read_blend(folder)[0].honest)


def test_a_member_that_is_named_in_two_ways_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = labels(tmp_path, *LABELS["classes"])
    add_labels_run(workspace, competition)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="named more than once: 'r-00000001'"):
        blend_runs(workspace, competition, [MEMBER, str(tmp_path / MEMBER)], trials=4)


def test_a_blend_of_before_gets_its_units_and_stays_as_it_was(tmp_path: Path) -> None:
    workspace, competition = labels(tmp_path, *LABELS["classes"])
    add_labels_run(workspace, competition)
    members = [str(tmp_path / MEMBER)]
    folder = blend_runs(workspace, competition, members, trials=4)
    units, record = (folder / UNITS_FILE).read_bytes(), (folder / "record.json").read_bytes()
    (folder / UNITS_FILE).unlink()
    progress = RecordedProgress()
    assert blend_runs(workspace, competition, members, trials=4, progress=progress) == folder
    assert (folder / UNITS_FILE).read_bytes() == units
    assert (folder / "record.json").read_bytes() == record
    assert any("fitted again" in line for line in progress.lines)


def test_a_blend_that_podium_would_fit_otherwise_today_gets_none(tmp_path: Path) -> None:
    workspace, competition = labels(tmp_path, *LABELS["classes"])
    add_labels_run(workspace, competition)
    members = [str(tmp_path / MEMBER)]
    folder = blend_runs(workspace, competition, members, trials=4)
    (folder / UNITS_FILE).unlink()
    file = folder / "record.json"
    honest = read_blend(folder)[0].honest
    write_text(file, file.read_text().replace(f'"honest": {honest}', '"honest": 0.123'))
    progress = RecordedProgress()
    blend_runs(workspace, competition, members, trials=4, progress=progress)
    assert read_units(folder) is None
    assert any("podium changed since" in line for line in progress.lines)
