"""The recipe to begin with: one order for `podium` alone, and for what was just written."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.spec import Competition
from podium.workflows import next_command
from podium.workflows.next_command import first_to_train, first_training
from podium.workspace.layout import Workspace


def test_the_first_of_what_was_written_is_the_first_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = Workspace(tmp_path), _of_masks()
    assert first_to_train(workspace, competition) is None
    workspace.recipes.mkdir()
    for name in ("baseline", "suggested-quick", "suggested-short", "suggested-strong"):
        text = "model: {heads: {segment: {}}}\n"
        (workspace.recipes / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(next_command, "_can_start", lambda _, name: name != "baseline")
    written = ["suggested-strong", "suggested-quick", "suggested-short"]
    assert first_to_train(workspace, competition, written) == "suggested-short"
    assert first_training(workspace, competition).command == "podium train suggested-short"
    assert first_to_train(workspace, competition, written[:2]) == "suggested-quick"
    assert first_to_train(workspace, competition, ["baseline"]) is None


def _of_masks() -> Competition:
    return Competition.model_validate(
        {
            "name": "x",
            "tasks": {"segment": "binary"},
            "data": {
                "train": {
                    "table": "train.csv",
                    "id": "id",
                    "images": "{id}.png",
                    "mask": "m/{id}.png",
                },
                "test": {"images": "*.png"},
            },
            "metric": {"name": "mean_dice"},
        }
    )
