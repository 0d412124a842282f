"""Workspaces in which a search of recipes takes seconds: a few small images of plain colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from podium.competition.spec import Competition, load_competition
from podium.workspace.layout import Workspace

__all__ = ["RECIPE", "SPACE", "workspace"]

RECIPE = """\
model: {backbone: cnn, pretrained: false, options: {widths: [4]}, heads: {classify: {dropout: 0.1}}}
input: {size: 16, train: none}
optimizer: {name: adamw, lr: 1e-2}
batch_size: 8
phases: [{name: only, epochs: 1}]
"""

SPACE = """\
optimizer.lr: {low: 1e-4, high: 1e-1, log: true}
model.heads.classify.dropout: {low: 0, high: 0.5}
"""


def workspace(
    root: Path,
    *,
    n: int = 24,
    folds: str = "{scheme: stratified, n: 3, seed: 1}",
    recipe: str = RECIPE,
    space: str = SPACE,
) -> tuple[Workspace, Competition]:
    """Write a competition of two colours that overlap, with the recipe `base` and a space."""
    rng = np.random.default_rng(0)
    for split, count in (("train", n), ("test", 2)):
        (root / "data" / split).mkdir(parents=True)
        for i in range(count):
            image = rng.integers(0, 160, (16, 16, 3)).astype(np.uint8)
            image[..., i % 2] += np.uint8(rng.integers(0, 30))
            Image.fromarray(image).save(root / f"data/{split}/{i:02d}.png")
    rows = [f"{i:02d},{('red', 'green')[i % 2]},g{i // 4}" for i in range(n)]
    (root / "data/train.csv").write_text("\n".join(["id,label,group", *rows, ""]))
    (root / "competition.yaml").write_text(
        "name: colours\ntasks: {classify: multiclass}\nclasses: [red, green]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}\n"
        "  test: {images: 'data/test/*.png'}\n"
        f"folds: {folds}\nmetric: {{name: log_loss}}\n"
    )
    (root / "recipes").mkdir()
    (root / "recipes/base.yaml").write_text(recipe)
    (root / "space.yaml").write_text(space)
    return Workspace(root), load_competition(root)
