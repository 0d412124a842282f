"""Test images that nobody has: everything is done out of fold, and the rest when they are there."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from command_line import podium
from inkless_pages import draw_nothing
from PIL import Image

from podium.competition.spec import load_competition
from podium.predictions import PredictionSet

N, N_TEST = 24, 5
RECIPE = """\
model: {backbone: cnn, pretrained: false, options: {widths: [8], depth: 1}}
input: {size: 16, train: none}
optimizer: {lr: 1e-2}
batch_size: 8
phases: [{name: all, epochs: 1}]
"""


@pytest.fixture
def workspace(tmp_path):
    rng = np.random.default_rng(0)
    for folder, count in (("train", N), ("later", N_TEST)):
        (tmp_path / "data" / folder).mkdir(parents=True)
        for i in range(count):
            pixels = np.full((16, 16, 3), 220 * (i % 2), np.uint8) + rng.integers(
                0, 30, (16, 16, 3)
            ).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "data" / folder / f"{i:02d}.png")
    rows = [f"{i:02d},{'dark' if i % 2 == 0 else 'light'}" for i in range(N)]
    (tmp_path / "data/train.csv").write_text("\n".join(["id,label", *rows]) + "\n")
    train = {"table": "data/train.csv", "id": "id", "images": "data/train/{id}.png"}
    spec = {
        "name": "hidden",
        "tasks": {"classify": "multiclass"},
        "classes": ["dark", "light"],
        "data": {"train": {**train, "label": "label"}},
        "folds": {"n": 2},
        "metric": {"name": "accuracy"},
        "submission": {"value": "name", "columns": {"id": "id", "label": "value"}},
    }
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec))
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes/small.yaml").write_text(RECIPE)
    return tmp_path


@pytest.mark.slow
def test_runs_are_trained_blended_and_rehearsed_without_test_images_and_go_on_with_them(
    workspace, monkeypatch
):
    podium(workspace, "check")
    podium(workspace, "folds")
    podium(workspace, "train", "small")
    run = next((workspace / "runs").iterdir())
    (predicted,) = [PredictionSet(one) for one in (run / "predictions").iterdir()]
    assert predicted.splits == ("oof",)
    assert predicted.is_complete
    podium(workspace, "blend", "--name", "first")
    assert "accuracy" in podium(workspace, "submit", "--rehearse")
    printed = podium(workspace, "submit", "--dry-run", code=2)
    assert "there are no test images" in printed
    assert "data.test" in printed
    assert "no test images" in podium(workspace, "predict", "small", "--split", "test", code=2)
    draw_nothing(monkeypatch)
    podium(workspace, "report")

    (workspace / "data/later").rename(workspace / "data/test")
    spec = yaml.safe_load((workspace / "competition.yaml").read_text())
    spec["data"]["test"] = {"images": "data/test/*.png"}
    (workspace / "competition.yaml").write_text(yaml.safe_dump(spec))
    podium(workspace, "train", "small")  # nothing is trained again; the test images are predicted
    assert next((workspace / "runs").iterdir()) == run
    podium(workspace, "submit", "--dry-run")
    (file,) = (workspace / "submissions").glob("[!r]*.csv")  # not the rehearsal
    lines = file.read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [f"{i:02d}" for i in range(N_TEST)]
    assert load_competition(workspace).data.test is not None
