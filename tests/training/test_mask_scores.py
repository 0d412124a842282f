from __future__ import annotations

import csv
import shutil
from pathlib import Path

import mask_miniatures
import numpy as np
import pytest
import yaml

from podium.competition.spec import load_competition
from podium.training.runs import mask_scores
from podium.training.runs.train import Trained, train
from podium.workspace.layout import Workspace

RECIPE = {
    "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 8]}},
    "input": {"size": 16},
    "batch_size": 8,
    "phases": [{"name": "only", "epochs": 1}],
}


def go(root: Path, *, seed: int = 0) -> Trained:
    (root / "recipes").mkdir(exist_ok=True)
    (root / "recipes/r.yaml").write_text(yaml.safe_dump({**RECIPE, "seed": seed}))
    return train(Workspace(root), load_competition(root), root / "recipes/r.yaml", folds=[0, 1])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train in a competition scored by labels, in whose fold 0 no image has a mask."""
    root = written(tmp_path_factory.mktemp("original") / "ws")
    go(root)
    return root


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    """Return a copy of it, in which the same training is done already."""
    return Path(shutil.copytree(original, tmp_path / "copy"))


def written(tmp_path: Path) -> Path:
    miniature = mask_miniatures.pictures_and_masks(tmp_path / "data", n=12, n_test=1, size=16)
    with (tmp_path / "data/train.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image_id", "garment", "fold"])
        for number in range(12):
            name, fold = f"g{number:03d}", number // 2 % 3
            table.writerow([name, miniature.classes[number % 2], fold])
            if fold == 0:
                (tmp_path / f"data/masks/{name}.png").unlink(missing_ok=True)
    spec = {
        **miniature.spec,
        "metric": {"name": "accuracy", "task": "classify"},
        "folds": {"scheme": "column", "n": 3, "column": "fold"},
    }
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    return tmp_path


def test_a_fold_without_masks_leaves_its_score_of_masks_open(root: Path) -> None:
    masks = go(root).scores["tasks"]["segment"]
    assert masks["folds"]["0"] is None
    assert masks["oof"] == masks["folds"]["1"]
    assert masks["scored_rows"] == 3


def test_counts_that_are_damaged_are_counted_again(root: Path) -> None:
    scores = go(root).scores
    kept = sorted((root / ".podium").rglob("mask-counts/*.npz"))
    assert len(kept) == 2
    for file, content in zip(kept, [b"", file_head(kept[1])], strict=True):
        file.write_bytes(content)
        assert mask_scores._read(file) is None
    (next(root.glob("runs/*")) / "record.json").unlink()
    assert go(root).scores == scores


def test_a_run_that_is_made_again_with_other_masks_is_counted_again(root: Path) -> None:
    """As after its removal, by another version of a library or on another processor."""
    one, other = go(root), go(root, seed=1)
    before, wanted = (of.scores["tasks"]["segment"]["folds"]["1"] for of in (one, other))
    assert before != wanted
    mine, others = (next(of.run.glob("predictions/*/oof/segment/fold-1")) for of in (one, other))
    shutil.rmtree(mine)
    shutil.copytree(others, mine)
    (one.run / "record.json").unlink()
    assert go(root).scores["tasks"]["segment"]["folds"]["1"] == wanted


def file_head(file: Path) -> bytes:
    content = file.read_bytes()
    assert np.load(file)["counts"].shape[1:] == (3, 4)
    return content[: len(content) // 2]
