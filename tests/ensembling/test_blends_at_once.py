"""Two equal blends at once: the second keeps what the first made, and says nothing of removing."""

from __future__ import annotations

from pathlib import Path

import pytest
from import_workspaces import labels

from podium.ensembling import record
from podium.workflows.blends.blending import blend_runs
from podium.workflows.importing import ImportTarget, import_files


def test_the_second_of_two_equal_blends_keeps_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = labels(tmp_path)
    names = [team.add_run(name, seed).name for seed, name in ((1, "one"), (2, "two"))]
    made: list[Path] = []

    def meanwhile(folder: Path) -> list[Path]:
        if not made:  # the other process ends just before this one writes
            made.append(folder)
            made.append(blend_runs(team.workspace, team.competition, names, method="mean"))
            (made[1] / "theirs").write_text("first")
        return []

    monkeypatch.setattr(record, "sweep", meanwhile)
    second = blend_runs(team.workspace, team.competition, names, method="mean")
    assert second == made[1]
    assert (second / "theirs").read_text() == "first"


def test_the_second_of_two_equal_imports_keeps_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = labels(tmp_path)
    table = team.table(team.probs())
    table["fold"] = team.folds
    table.to_csv(tmp_path / "oof.csv", index=False)
    made: list[Path] = []

    def again() -> Path:
        home = ImportTarget.of(team.workspace, team.competition)
        return import_files(home, [tmp_path / "oof.csv"], name="theirs")

    def meanwhile(folder: Path) -> list[Path]:
        if not made:
            made.append(folder)
            made.append(again())
            (made[1] / "theirs").write_text("first")
        return []

    monkeypatch.setattr("podium.workflows.importing.sweep", meanwhile)
    assert again() == made[1]
    assert (made[1] / "theirs").read_text() == "first"
