"""Real layouts of masks go from a data folder to a scored submission by the README's commands.

The host scores what the official client uploads; the same score is computed here from the file's
text alone, in plain numpy, so that a mistake that encoder and decoder share would be seen.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import yaml
from command_line import podium
from inkless_pages import draw_nothing
from mask_miniatures import Layers, MaskMiniature
from numpy.typing import NDArray
from plain_runs import drawn

from podium.competition.spec import load_competition
from podium.hosting import write_mask_solution
from podium.submissions import check

RECIPE: dict[str, Any] = {
    "model": {
        "backbone": "cnn",
        "pretrained": False,
        "options": {"widths": [8, 16]},
        "heads": {"segment": {"decoder": "linear"}},
    },
    "input": {"size": 48, "train": "none"},
    "optimizer": {"name": "adamw", "lr": 1e-2, "schedule": "constant"},
    "batch_size": 8,
    "phases": [{"name": "all", "epochs": 12}],
    "predict": {"tta": ["hflip"]},
}
Ratio = Callable[[Layers, Layers], float]


def dice(predicted: Layers, right: Layers) -> float:
    total = int(predicted.sum()) + int(right.sum())
    return 2 * int((predicted & right).sum()) / total if total else 1.0


def iou(predicted: Layers, right: Layers) -> float:
    either = int((predicted | right).sum())
    return int((predicted & right).sum()) / either if either else 1.0


def defects_with_all_rows(data: Path) -> MaskMiniature:
    return mask_miniatures.defects(data, all_rows=True)


@dataclass(frozen=True)
class Layout:
    """A miniature, and what a person adds.

    Attributes:
        write: writes the data folder.
        ratio: of one mask, which the metric averages over masks.
        best_empty: the score of a file of empty masks is below it.
        recipe: changes to `RECIPE`.
        spec: changes to competition.yaml that a person makes after reading the page.
        step: rows and columns of a mask in the competition's frame, as a slice of the native one.
    """

    write: Callable[[Path], MaskMiniature]
    ratio: Ratio
    best_empty: float
    recipe: dict[str, Any] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)
    step: slice = field(default_factory=lambda: slice(None))


LAYOUTS = {
    "mask files beside labels": Layout(
        mask_miniatures.pictures_and_masks,
        dice,
        0.51,
        {"model": {**RECIPE["model"], "heads": {"classify": {}, "segment": {"decoder": "linear"}}}},
    ),
    "runs of four classes": Layout(
        mask_miniatures.defects, dice, 0.9, {"input": {"size": [32, 64]}, "sampling": "balanced"}
    ),
    "empty masks, sides that no stride divides": Layout(
        mask_miniatures.salt,
        iou,
        0.51,
        {"input": {"size": 48, "fit": "pad", "train": "weak"}, "predict": {"tta": ["rot90"]}},
        {"metric": {"name": "mean_iou", "over": "pair", "empty": "one"}},
    ),
    "sizes that differ, cut into windows": Layout(
        mask_miniatures.tissue, dice, 0.01, {"input": {"size": 32, "fit": "tile"}}
    ),
    # The middle of every second row and column of 32 × 64 is one of 16 × 32.
    "a frame that is smaller than the images": Layout(
        defects_with_all_rows,
        dice,
        0.9,
        {"input": {"size": [32, 64]}},
        {"frame": [16, 32]},
        slice(1, None, 2),
    ),
}


def amend(root: Path, changes: dict[str, Any]) -> None:
    """Change keys of competition.yaml, as a person would in an editor."""
    path = root / "competition.yaml"
    spec = yaml.safe_load(path.read_text())
    for key, value in changes.items():
        spec[key] = {**spec[key], **value} if key in ("folds", "kaggle") else value
    path.write_text(yaml.safe_dump(spec, sort_keys=False))


def in_form(layers: Layers, kind: str) -> NDArray[np.uint8]:
    """Return layers `(C, H, W)` as a mask in the form of the task."""
    if kind == "binary":
        return layers[0].astype(np.uint8)
    if kind == "multilabel":
        return layers.transpose(1, 2, 0).astype(np.uint8)
    return np.max([(k + 1) * layer.astype(np.uint8) for k, layer in enumerate(layers)], axis=0)


def lines(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def key_and_class(cells: list[str], classes: tuple[str, ...]) -> tuple[str, int]:
    """Return the image and the layer of a row: `id,runs`, `id,class,runs` or `id_class,runs`."""
    if len(cells) == 3:
        return cells[0], classes.index(cells[1])
    head, _, tail = cells[0].rpartition("_")
    return (head, classes.index(tail)) if head else (cells[0], 0)


# The long ones go the same way from the downloads of severstal, tgs-salt and hubmap-kidney, in
# tests/examples/test_competitions.py.
FROM_DOWNLOADS = (
    "runs of four classes",
    "empty masks, sides that no stride divides",
    "sizes that differ, cut into windows",
)
# A frame is trained in test_pseudo_masks.py, and its masks written in test_mask_writing.py.
REPEATED = (*FROM_DOWNLOADS, "a frame that is smaller than the images")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=[pytest.mark.long] * (one in REPEATED)) for one in LAYOUTS],
)
def test_from_a_folder_with_masks_to_a_score(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = LAYOUTS[name]
    root, host = tmp_path / "here", tmp_path / "host"
    made = layout.write(root / "data")
    truth = {one: layers[:, layout.step, layout.step] for one, layers in made.truth.items()}

    assert "competition.yaml" in podium(root, "init", made.data)
    # Images without a mask file are unlabelled, as it stands; how runs are counted, too.
    chosen: dict[str, Any] = {"to_choose": []}
    amend(root, {"folds": {"n": 2}, "kaggle": {"host": "../host"}, **layout.spec, **chosen})
    assert "error" not in podium(root, "check", "--no-adversarial")
    podium(root, "folds")
    (root / "recipes" / "tiny.yaml").write_text(yaml.safe_dump({**RECIPE, **layout.recipe}))
    assert "finished" in podium(root, "train", "tiny")
    assert "honest" in podium(root, "blend", "--trials", "8")

    competition = load_competition(root)
    kind = competition.tasks["segment"]
    # Every third image is private, so that the public score is not that of all images.
    usage = {one: "Private" if i % 3 == 2 else "Public" for i, one in enumerate(truth)}
    solution = tmp_path / "solution.csv"
    masks = ((one, in_form(layers, kind)) for one, layers in truth.items())
    write_mask_solution(solution, competition, masks, usage)
    podium(root, "host", "init", host, "--solution", solution, "--users", "me")
    assert "dry run" in podium(root, "submit", "--dry-run")
    podium(root, "submit", "-m", "first")
    [row] = json.loads(podium(root, "board", "--json"))["rows"]
    assert row["state"] == "complete"

    [file] = (root / "submissions").glob("*.csv")
    assert check(file, competition) == []
    sample, sent = lines(root / "data" / "sample_submission.csv"), lines(file)
    assert sent[0] == sample[0]
    assert [cells[:-1] for cells in sent[1:]] == [cells[:-1] for cells in sample[1:]]
    predicted = {}
    for cells in sent[1:]:
        one, layer = key_and_class(cells, made.classes)
        predicted[one, layer] = drawn(cells[-1], truth[one].shape[1:])
    assert len(predicted) == sum(len(layers) for layers in truth.values())
    # A mask without pixels is a blank cell, and there are some wherever a class is missing.
    assert ("" in [cells[-1] for cells in sent]) == any(
        not layer.any() for layers in truth.values() for layer in layers
    )

    def score(of: Callable[[str, int], Layers]) -> float:
        public = [key for key in predicted if usage[key[0]] == "Public"]
        return float(np.mean([layout.ratio(of(*key), truth[key[0]][key[1]]) for key in public]))

    assert row["public_score"] == pytest.approx(score(lambda *key: predicted[key]), abs=1e-5)
    empty = score(lambda *key: np.zeros_like(predicted[key]))
    assert empty < layout.best_empty
    assert row["public_score"] > empty + 0.6 * (1 - empty)
    assert row["honest"] == pytest.approx(row["public_score"], abs=0.15)

    if name != "mask files beside labels":
        draw_nothing(monkeypatch)
    page = Path(podium(root, "report").strip().splitlines()[-1]).read_text()
    assert "Best blend" in page
    assert "data:image/" in page
    assert "Not everything could be shown" not in page
