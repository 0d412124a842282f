"""The versions of podium, timm and torch in each fold's `done.json`, and folds whose differ."""

from __future__ import annotations

from pathlib import Path

import timm
import torch

import podium
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.versions import fold_versions, versions_here, versions_line


def test_versions_are_those_that_the_libraries_have_themselves() -> None:
    here = versions_here()
    assert here["timm"] == timm.__version__
    assert here["podium"] == podium.__version__
    assert here["torch"].partition("+")[0] == torch.__version__.partition("+")[0]


def test_folds_trained_with_different_versions_are_reported_in_one_line(tmp_path: Path) -> None:
    run = tmp_path / "runs/base-0a1b2c3d"
    same = {"podium": "0.2.0", "torch": "2.8.0+cpu"}
    FoldFiles(run, 0).write_done({**same, "timm": "1.0.19"})
    FoldFiles(run, 1).write_done({**same, "timm": "1.0.20"})
    FoldFiles(run, 2).write_done({**same, "timm": "1.0.19"})
    FoldFiles(run, "full").write_done({"torch": "2.8.0+cu128"})  # an older podium; another machine
    assert versions_line(run) == (
        "folds were trained with different versions: timm 1.0.19 (folds 0, 2) and 1.0.20 (fold 1); "
        "to train all with one: podium train runs/base-0a1b2c3d/recipe.yaml --again 1"
    )
    assert fold_versions(run)["timm"] == {"0": "1.0.19", "1": "1.0.20", "2": "1.0.19"}
    FoldFiles(run, 1).write_done({**same, "timm": "1.0.19"})
    assert versions_line(run) is None
    FoldFiles(run, 1).write_done({**same, "timm": "1.0.19", "torch": "2.9.0"})
    assert "torch 2.8.0 (folds 0, 2, full) and 2.9.0 (fold 1)" in str(versions_line(run))
