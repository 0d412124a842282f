"""Report on start weights: printed once a run, kept by every fold, shown by `podium show`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from recorded_progress import RecordedProgress
from typer.testing import CliRunner

from podium.cli.app import app
from podium.models.network import build_network
from podium.models.spec import ModelSpec
from podium.models.weights.report import LoadReport
from podium.training.runs.fold_files import FoldFiles, loaded_lines, report_loaded
from podium.training.runs.train import Trained, train
from podium.workspace.progress import SILENT
from podium.workspace.records import read_record

QUICK = "phases=[{name: only, epochs: 1}]"


def of_weights(heard: RecordedProgress) -> list[str]:
    return [line for line in heard.lines if line.startswith("start weights")]


def go(
    made: tuple, *overrides: str, heard: RecordedProgress | None = None, **options: Any
) -> Trained:
    workspace, competition = made
    recipe = workspace.recipes / "tiny.yaml"
    return train(
        workspace,
        competition,
        recipe,
        overrides=(QUICK, *overrides),
        progress=heard or SILENT,
        **options,
    )


def test_a_head_of_another_run_that_is_not_loaded_is_reported_once_and_recorded_by_every_fold(
    make: Callable,
) -> None:
    made, heard = make(), RecordedProgress()
    first = go(made, folds=[0, 1], heard=heard)
    assert not of_weights(heard)
    assert not list(first.run.rglob("loaded.json"))
    # Another pooling has a parameter more, and no tensor less.
    pool = "model.heads.classify={pool: gem}"
    second = go(made, pool, f"model.from={first.run.name}", folds=[0, 1], heard=heard)
    (line,) = of_weights(heard)
    assert line.startswith(f"start weights from {first.run.name}: ")
    assert line.endswith("; 1 of heads.classify.pool starts from random weights")
    for fold in (0, 1):
        kept = json.loads((second.run / f"fold-{fold}/loaded.json").read_text())
        assert kept["missing"] == ["heads.classify.pool.p"]
        assert kept["line"] == line
        assert kept["left"] == []
        network = torch.load(second.run / f"fold-{fold}/last.pt", weights_only=True)["network"]
        assert set(kept["matched"]) | set(kept["missing"]) == set(network)
    again = RecordedProgress()
    go(made, pool, f"model.from={first.run.name}", folds=[0, 1], heard=again)
    assert not of_weights(again)
    asked = ["-w", str(made[0].root), "show", second.run.name]
    assert line in CliRunner().invoke(app, asked, env={"COLUMNS": "400"}).output.splitlines()
    shown = json.loads(CliRunner().invoke(app, [*asked, "--json"]).output)
    assert shown["start_weights"] == [line]


def test_a_weight_file_is_reported(make: Callable) -> None:
    made, heard = make(), RecordedProgress()
    spec = ModelSpec(backbone="cnn", pretrained=False, options={"widths": [8, 16]})
    theirs = build_network(spec, n_outputs={"classify": 5})
    torch.save(theirs.state_dict(), made[0].root / "w.pth")
    trained = go(made, "model.weights=w.pth", folds=[0], heard=heard)
    (line,) = of_weights(heard)
    assert line.startswith("start weights from w.pth: ")
    assert " of the backbone; the head starts from random weights; " in line
    assert line.endswith("; not used of the file: heads.classify.linear (2)")
    assert loaded_lines(trained.run) == [line]


def test_torchvisions_weights_are_known_by_their_content(
    make: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, heard = make(), RecordedProgress()
    spec = ModelSpec(backbone="cnn", pretrained=False, options={"widths": [8, 16]})
    theirs = build_network(spec, n_outputs={"classify": 3}).state_dict()
    cache = tmp_path / "torch" / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    torch.save(theirs, cache / "resnet18-f37072fd.pth")
    shutil.copyfile(cache / "resnet18-f37072fd.pth", made[0].root / "w.pth")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    by_name = "model.weights=torchvision:ResNet18_Weights.IMAGENET1K_V1"
    first = go(made, by_name, folds=[0], heard=heard)
    assert of_weights(heard)[0].startswith("start weights from resnet18-f37072fd.pth: ")
    second = go(made, "model.weights=w.pth", folds=[0])
    start = read_record(first.run).inputs["start"]
    assert start.startswith("file ")
    assert read_record(second.run).inputs["start"] == start


def test_folds_that_differ_are_each_reported(tmp_path: Path) -> None:
    heard = RecordedProgress()
    one, other = (LoadReport(name, matched=("backbone.a",)) for name in ("a.pth", "b.pth"))
    for fold, report in ((0, one), (1, other), (2, one), (3, None)):
        report_loaded(FoldFiles(tmp_path, fold), report, heard)
    assert heard.lines == [one.line, other.line] == loaded_lines(tmp_path)
    assert not (tmp_path / "fold-3").exists()


def test_a_damaged_report_stops_nothing(tmp_path: Path) -> None:
    heard, report = RecordedProgress(), LoadReport("a.pth", matched=("backbone.a",))
    for fold, content in ((0, "{"), (1, "[1]"), (2, "")):
        (tmp_path / f"fold-{fold}").mkdir()
        (tmp_path / f"fold-{fold}/loaded.json").write_text(content)
    assert loaded_lines(tmp_path) == []
    report_loaded(FoldFiles(tmp_path, 3), report, heard)
    assert heard.lines == [report.line]
