"""A run on labels and masks, where the competition adds both scores, is told by the sum."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mask_miniatures
import pytest
import yaml
from like_the_test import save_even_drift
from training.handmade import TRANSFORMER
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.samples import load_samples
from podium.competition.scores import on_test_like
from podium.competition.spec import load_competition
from podium.training.runs.train import train
from podium.workflows.blends.expected import estimate_of_run, expected_of_run
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

RECIPE: dict[str, Any] = {
    "model": {**TRANSFORMER, "heads": {"classify": {}, "segment": {"decoder": "linear"}}},
    "input": {"size": 16},
    "batch_size": 4,
    "phases": [{"name": "all", "epochs": 1, "steps_per_epoch": 1}],
}
PARTS = [
    {"name": "accuracy", "task": "classify", "weight": 0.25},
    {"name": "mean_iou", "task": "segment", "weight": 0.75},
]
SUBMISSION = {
    "rows": "image_class",
    "columns": [
        {"name": "id", "value": "id"},
        {"name": "class", "value": "class_name"},
        {"name": "prob", "value": "prob", "task": "classify"},
        {"name": "rle", "value": "rle", "task": "segment"},
    ],
}


def test_the_scores_of_a_run_are_those_of_all_parts_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "ws"
    made = mask_miniatures.pictures_and_masks(root / "data", n=16, n_test=2, size=20)
    spec = {**made.spec, "folds": {**made.spec["folds"], "n": 2}}
    spec |= {"metric": {"name": "both", "parts": PARTS}, "submission": SUBMISSION}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    workspace, competition = Workspace(root), load_competition(root)
    workspace.recipes.mkdir()
    file = workspace.recipes / "tiny.yaml"
    file.write_text(yaml.safe_dump(RECIPE, sort_keys=False))
    printed = CliRunner().invoke(app, ["-w", str(root), "train", "tiny"]).output
    run = train(workspace, competition, file).run
    scores = read_record(run).scores
    by_task, together = scores["tasks"], scores["combined"]
    assert together["metric"] == "both"

    def added(of: str, fold: str = "") -> float:
        labels, masks = (by_task[one][of] for one in ("classify", "segment"))
        return 0.25 * (labels[fold] if fold else labels) + 0.75 * (masks[fold] if fold else masks)

    assert together["oof"] == pytest.approx(added("oof"))
    assert together["folds"] == {k: pytest.approx(added("folds", k)) for k in ("0", "1")}
    # An estimate for the masks alone would stand beside the sum as if it were one for both.
    assert expected_of_run(workspace, competition, run) is None
    assert "OOF both" in printed
    assert f"best: {run.name}, OOF both {together['oof']:.4f}" in printed
    told = CliRunner().invoke(app, ["-w", str(root), "show", run.name]).output
    assert f"OOF both: {together['oof']:.4f}" in told
    assert f"OOF mean_iou (segment): {by_task['segment']['oof']:.4f}" in told
    board = CliRunner().invoke(app, ["-w", str(root), "board"]).output
    assert f"{together['oof']:.4f}" in board
    # Where all rows look like the test alike, the score of those that do is that of all.
    monkeypatch.setattr(on_test_like, "LEAST_EFFECTIVE", 5)
    save_even_drift(workspace, load_samples(competition, "train")["id"].tolist())
    like = estimate_of_run(workspace, competition, run)
    assert like is not None
    assert (like.metric, like.score) == ("both", pytest.approx(together["oof"]))
    told = CliRunner().invoke(app, ["-w", str(root), "show", run.name]).output
    assert f"look like the test: both {together['oof']:.4f}" in told
