"""Masks of slices, scored as volumes: from a folder to a file, and what the scores are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from command_line import podium
from inkless_pages import draw_nothing
from mask_miniatures import draw
from miniatures import save

from podium.competition import metrics
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.ensembling.predicting import blend_masks
from podium.ensembling.record import read_parts
from podium.predictions.decisions.masks import decide_masks
from podium.workspace.layout import Workspace

RECIPE: dict[str, Any] = {
    "model": {
        "backbone": "cnn",
        "pretrained": False,
        "options": {"widths": [8, 16]},
        "heads": {"segment": {"decoder": "linear"}},
    },
    "input": {"size": 32, "train": "none"},
    "optimizer": {"name": "adamw", "lr": 1e-2, "schedule": "constant"},
    "batch_size": 8,
    "phases": [{"name": "all", "epochs": 10}],
}
SPEC: dict[str, Any] = {
    "name": "scans",
    "tasks": {"segment": "multilabel"},
    "classes": ["bowel", "stomach"],
    "data": {
        "train": {
            "images": "data/train/{case}/*.png",
            "id": "{case}_{stem}",
            "unit": "case",
            "mask": "data/masks/{class}/{case}/{stem}.png",
            "absent": "empty",
        },
        "test": {"images": "data/test/{case}/*.png", "id": "{case}_{stem}", "unit": "case"},
    },
    "folds": {"n": 3},
    "metric": {"name": "dice_hausdorff"},
    "submission": {
        "rows": "image_class",
        "columns": {"id": "id", "class": "class_name", "predicted": "value"},
        "value": "rle",
    },
}
DEPTHS = (3, 4, 12, 3, 5, 4)  # the third volume counts past 9


def write(root: Path) -> dict[str, np.ndarray]:
    """Write the scans, and return the true volume `(D, H, W, C)` of each case of train."""
    rng = np.random.default_rng(4)
    truths = {}
    for case, depth in enumerate(DEPTHS):
        volume = np.zeros((depth, 32, 32, 2), bool)
        for number in range(depth):
            image, layers = draw((32, 32), [[], [0], [1], [0, 1]][(case + number) % 4], 2, rng)
            save(root / f"data/train/case{case}/{number}.png", image)
            for layer, name in zip(layers, SPEC["classes"], strict=True):
                if layer.any():
                    file = root / f"data/masks/{name}/case{case}/{number}.png"
                    save(file, layer.astype(np.uint8) * 255)
            volume[number] = layers.transpose(1, 2, 0)
        truths[f"case{case}"] = volume
    for number in range(4):
        save(root / f"data/test/case9/{number}.png", draw((32, 32), [number % 2], 2, rng)[0])
    (root / "competition.yaml").write_text(yaml.safe_dump(SPEC, sort_keys=False))
    (root / "recipes").mkdir()
    (root / "recipes/tiny.yaml").write_text(yaml.safe_dump(RECIPE))
    return truths


@pytest.mark.slow
def test_volumes_are_scored_whole_and_stay_in_one_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truths = write(tmp_path)
    assert "volumes" in podium(tmp_path, "check")
    podium(tmp_path, "folds")
    competition = load_competition(tmp_path)
    samples = load_samples(competition, "train")
    folds = ensure_folds(Workspace(tmp_path), competition, samples)
    cases = samples["unit"].to_numpy()
    assert all(len(set(folds[cases == case].tolist())) == 1 for case in truths)
    podium(tmp_path, "train", "tiny")
    (run,) = tmp_path.glob("runs/*")
    scores = json.loads((run / "record.json").read_text())["scores"]
    podium(tmp_path, "blend")
    (blend,) = tmp_path.glob("blends/blend-*")
    part = read_parts(blend)["segment"]
    assert (scores["metric"], scores["scored_rows"]) == ("dice_hausdorff", len(DEPTHS))
    assert part.blend.n_scored == len(DEPTHS)
    nothing = [np.zeros(one.shape, np.uint8) for one in truths.values()]
    right = [one.astype(np.uint8) for one in truths.values()]
    worth_nothing = metrics.score("dice_hausdorff", right, nothing)
    assert part.blend.honest > worth_nothing + 0.05
    probs = blend_masks(part.blend, part.sets, "oof")
    for steps, score in ((None, scores["oof"]), (part.blend.decision, part.blend.optimistic)):
        predicted = dict(decide_masks(probs, steps, "multilabel"))
        volumes = [
            np.stack([predicted[f"{case}_{number}"] for number in range(len(volume))])
            for case, volume in truths.items()
        ]
        assert metrics.score("dice_hausdorff", right, volumes) == pytest.approx(score)
    podium(tmp_path, "submit", "--dry-run")
    draw_nothing(monkeypatch)
    podium(tmp_path, "report")
