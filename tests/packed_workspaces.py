"""Workspaces of a few trained networks, each with the file that it submits and with its package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import mask_miniatures
import numpy as np
import yaml
from command_line import podium
from PIL import Image

from podium.competition.spec import Competition, load_competition
from podium.workspace.layout import Workspace

__all__ = ["N_TEST", "Packed", "labels", "masks", "packed_of"]

N, N_TEST = 24, 5
CNN = """\
model: {backbone: cnn, pretrained: false, options: {widths: [8], depth: 1}}
input: {size: 16, train: none}
optimizer: {lr: 1e-2}
batch_size: 8
phases: [{name: all, epochs: 1}]
predict: {tta: [hflip], tta_mean: geometric}
"""
PLAIN = CNN.replace(", tta_mean: geometric", "")
OWN = PLAIN.replace("cnn", "my_net:build").replace("{widths: [8], depth: 1}", "{width: 8}")
JOINT = """\
model:
  backbone: cnn
  pretrained: false
  options: {widths: [8, 16]}
  heads: {classify: {}, segment: {decoder: linear}}
input: {size: 32, train: none}
optimizer: {lr: 1e-2}
batch_size: 8
phases: [{name: joint, epochs: 1}]
predict: {tta: [hflip], tta_mean: logits}
"""
MY_NET = """\
from my_layers import block


def build(*, in_chans, width):
    return block(in_chans, width)
"""
MY_LAYERS = """\
from torch import nn


def block(in_chans, width):
    return nn.Sequential(nn.Conv2d(in_chans, width, 3, stride=4, padding=1), nn.ReLU())
"""


@dataclass(frozen=True)
class Packed:
    """A workspace, the file that it would submit, and its package."""

    root: Path
    file: Path
    pack: Path

    @property
    def given(self) -> tuple[Workspace, Competition]:
        return Workspace(self.root), load_competition(self.root)


def labels(root: Path) -> None:
    """Write dark and light images; the submission is a probability in full."""
    rng = np.random.default_rng(0)
    for folder, count in (("train", N), ("test", N_TEST)):
        (root / "data" / folder).mkdir(parents=True)
        for i in range(count):
            noise = rng.integers(0, 30, (16, 16, 3)).astype(np.uint8)
            pixels = np.full((16, 16, 3), 90 * (i % 2), np.uint8) + noise
            Image.fromarray(pixels).save(root / "data" / folder / f"{i:02d}.png")
    rows = [f"{i:02d},{i % 2}" for i in range(N)]
    (root / "data/train.csv").write_text("\n".join(["id,light", *rows]) + "\n")
    train = {"table": "data/train.csv", "id": "id", "images": "data/train/{id}.png"}
    spec = {
        "name": "lights",
        "tasks": {"classify": "binary"},
        "data": {"train": {**train, "label": "light"}, "test": {"images": "data/test/*.png"}},
        "folds": {"n": 2},
        "metric": {"name": "log_loss"},
        "submission": {"value": "prob", "columns": {"id": "id", "light": "value"}},
    }
    (root / "competition.yaml").write_text(yaml.safe_dump(spec))
    (root / "my_net.py").write_text(MY_NET)
    (root / "my_layers.py").write_text(MY_LAYERS)
    recipes(root, small=CNN, own=OWN)


def masks(root: Path) -> None:
    """Write pictures with masks: one network of labels and masks."""
    miniature = mask_miniatures.pictures_and_masks(root / "data", n=16, n_test=5)
    spec = {**miniature.spec, "folds": {"n": 2}}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    recipes(root, joint=JOINT)


def recipes(root: Path, **texts: str) -> None:
    (root / "recipes").mkdir()
    for name, text in texts.items():
        (root / f"recipes/{name}.yaml").write_text(text)


def packed_of(root: Path) -> Packed:
    """Train, blend, write the file and the package; its wheels are of an empty folder."""
    for recipe in sorted(one.stem for one in (root / "recipes").iterdir()):
        podium(root, "train", recipe)
    podium(root, "blend", "--name", "both")
    podium(root, "submit", "both", "--dry-run")
    (root / "no-wheels").mkdir()
    printed = podium(root, "pack", "both", "--to", root / "pack", "--wheels", root / "no-wheels")
    assert "not complete for an upload" in printed
    (file,) = (root / "submissions").glob("both-*.csv")
    return Packed(root, file, root / "pack")
