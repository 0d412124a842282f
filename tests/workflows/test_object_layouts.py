"""Layouts of single objects go from a data folder to a file of objects by the README's commands.

What the file is worth is computed from its text alone, in plain loops.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import yaml
from command_line import podium
from inkless_pages import draw_nothing
from mask_miniatures import Layers, MaskMiniature
from plain_runs import drawn

from podium.competition import metrics
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.competition.truths.objects import truth_instances
from podium.ensembling.predicting import blend_masks
from podium.ensembling.record import read_parts
from podium.predictions.decisions.objects import decide_instances

RECIPE: dict[str, Any] = {
    "model": {
        "backbone": "cnn",
        "pretrained": False,
        "options": {"widths": [8, 16]},
        "heads": {"segment": {"decoder": "linear"}},
    },
    "input": {"size": 48, "fit": "pad", "train": "none"},
    "optimizer": {"name": "adamw", "lr": 1e-2, "schedule": "constant"},
    "batch_size": 8,
    "phases": [{"name": "all", "epochs": 14}],
}


def mean_ratio(
    predicted: list[Layers], right: Layers, ratio: Callable[[int, int, int], float]
) -> float:
    """Return the mean of a ratio of TP, FP and FN over the thresholds of one image."""
    if not len(predicted) and not len(right):
        return 1.0
    values = []
    for twentieths in range(10, 20):
        hits = sum(
            any(20 * (a & b).sum() > twentieths * (a | b).sum() for b in right) for a in predicted
        )
        values.append(ratio(hits, len(predicted) - hits, len(right) - hits))
    return float(np.mean(values))


LAYOUTS: dict[str, tuple[Callable[[Path], MaskMiniature], Callable[[int, int, int], float], float]]
LAYOUTS = {
    "a file a cell": (mask_miniatures.cells, lambda tp, fp, fn: tp / (tp + fp + fn), 0.0),
    "a row a ship": (
        mask_miniatures.ships,
        lambda tp, fp, fn: 5 * tp / (5 * tp + 4 * fn + fp),
        0.5,  # half of the images have none
    ),
}


# Objects go the same way from the downloads of dsb2018 and of ships, in test_competitions.py.
@pytest.mark.slow
@pytest.mark.parametrize(
    "layout", ["a file a cell", pytest.param("a row a ship", marks=pytest.mark.long)]
)
def test_objects_go_from_a_folder_to_a_file(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, ratio, score_of_nothing = LAYOUTS[layout]
    made = write(tmp_path / "data")
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(made.spec, sort_keys=False))
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes/tiny.yaml").write_text(yaml.safe_dump(RECIPE))
    assert "objects" in podium(tmp_path, "check")
    podium(tmp_path, "folds")
    podium(tmp_path, "train", "tiny")
    podium(tmp_path, "train", "tiny", "-o", "seed=1")
    for record in tmp_path.glob("runs/*/record.json"):
        scores = json.loads(record.read_text())["scores"]
        assert scores["metric"] == made.spec["metric"]["name"]
        assert scores["scored_rows"] == len(made.train)
        assert scores["oof"] > score_of_nothing + 0.05
    run = next(iter(tmp_path.glob("runs/*"))).name
    podium(tmp_path, "tune", "thresholds", run)
    podium(tmp_path, "blend")
    (blend,) = tmp_path.glob("blends/blend-*")
    scores = json.loads((blend / "record.json").read_text())["scores"]
    assert scores["honest"] > score_of_nothing + 0.05
    low, high = scores["honest_interval"]
    assert low < scores["honest"] < high
    _check_decision(tmp_path, blend, scores["optimistic"])
    podium(tmp_path, "submit", "blend", "--dry-run")
    predicted: dict[str, list[Layers]] = {name: [] for name in made.truth}
    (file,) = tmp_path.glob("submissions/blend-*.csv")
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if row["EncodedPixels"]:
                shape = made.truth[row["ImageId"]].shape[1:]
                predicted[row["ImageId"]].append(drawn(row["EncodedPixels"], shape))
    for objects in predicted.values():
        assert np.max(sum(one.astype(int) for one in objects), initial=0) <= 1
    scored = [mean_ratio(predicted[name], right, ratio) for name, right in made.truth.items()]
    assert np.mean(scored) > score_of_nothing + 0.05
    draw_nothing(monkeypatch)  # a page of trained networks is drawn in test_mask_layouts.py
    podium(tmp_path, "report")
    page = (tmp_path / "report/index.html").read_text()
    assert made.spec["metric"]["name"] in page
    assert "Not everything could be shown" not in page


def _check_decision(root: Path, blend: Path, optimistic: float) -> None:
    """The optimistic score is that of the objects that the final decision makes of all images."""
    competition = load_competition(root)
    part = read_parts(blend)["segment"]
    probs = blend_masks(part.blend, part.sets, "oof")
    samples = load_samples(competition, "train").set_index("id", drop=False).loc[list(probs.ids)]
    truths = list(truth_instances(competition, samples.reset_index(drop=True)))
    predicted = [one for _, one in decide_instances(probs, part.blend.decision, "binary")]
    assert metrics.score(part.blend.metric, truths, predicted) == pytest.approx(optimistic)
