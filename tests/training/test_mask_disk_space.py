"""The disk space of predicted masks is reported and checked before a run computes anything."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest
import yaml
from mask_miniatures import pictures_and_masks, tissue
from recorded_progress import RecordedProgress
from training.fold_fits import job_on

from podium.competition.spec import load_competition
from podium.errors import RunError
from podium.training.inference import prediction_sets
from podium.training.recipe import Recipe
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

RECIPE = {
    "model": {
        "backbone": "cnn",
        "pretrained": False,
        "options": {"widths": [4]},
        "heads": {"segment": {"decoder": "linear"}},
    },
    "input": {"size": 16},
    "batch_size": 8,
    "phases": [{"name": "only", "epochs": 1}],
}


def test_the_estimate_comes_first_and_a_full_disk_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    miniature = tissue(tmp_path / "data")
    spec = {**miniature.spec, "folds": {"n": 2}}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(RECIPE))
    competition, told = load_competition(tmp_path), RecordedProgress()
    pixels = {one: layers[0].size for one, layers in miniature.train.items()}
    tested = {one: layers[0].size for one, layers in miniature.truth.items()}
    needed = sum(pixels.values()) + 2 * sum(tested.values())  # a byte a pixel and fold model
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(needed, 1, needed - 1))
    with pytest.raises(RunError, match="are free"):
        train(Workspace(tmp_path), competition, tmp_path / "tiny.yaml", progress=told)
    assert [line.partition(":")[0] for line in told.lines] == ["oof", "test"]
    assert f"{len(tested)} images × 1 channel × 2 folds" in told.lines[1]
    assert not list(tmp_path.glob("runs/*/fold-*"))


def test_the_estimate_of_exclusive_classes_names_the_background(tmp_path: Path) -> None:
    miniature = pictures_and_masks(tmp_path / "data")
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(miniature.spec, sort_keys=False))
    competition, told = load_competition(tmp_path), RecordedProgress()
    job = job_on(Workspace(tmp_path), competition, Recipe.model_validate(RECIPE))
    prediction_sets.require_disk_space(job, [0], splits=["oof"], progress=told)
    assert f"({len(competition.classes)} classes and background) × 1 fold" in told.lines[0]
