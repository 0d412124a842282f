"""A small public stand-in for data that is not public: scikit-learn's handwritten digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from podium.competition.spec import Competition, load_competition
from podium.workspace.layout import Workspace

__all__ = ["lay_out_digits"]

VIEWS = '''\
"""A strong view of digits, which a flip would turn into other digits."""

import albumentations as A


def strong(size):
    moved = A.Affine(
        translate_percent=(-0.2, 0.2), rotate=(-30, 30), shear=(-17, 17), scale=(0.7, 1.2), p=1.0
    )
    half = (0.5, 0.5)
    hole = A.CoarseDropout(
        num_holes_range=(1, 1), hole_height_range=half, hole_width_range=half, fill=128, p=1.0
    )
    return [moved, A.RandomBrightnessContrast(0.5, 0.5, p=0.8), hole]
'''


def lay_out_digits(root: Path, *, labels: int, scored: int = 500) -> tuple[Workspace, Competition]:
    """Return a workspace in `root` with `labels` labelled digits a class, made unless it is there.

    One fold holds `scored` others, of which nobody learns; the rest is unlabelled, and their
    answers lie in `root/hidden.csv`, for a labelling request that nobody has to sit down for.
    """
    if not (root / "competition.yaml").is_file():
        _write(root.resolve(), labels, scored)
    return Workspace(root.resolve()), load_competition(root.resolve())


def _write(root: Path, labels: int, scored: int) -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = (digits.images * 255 / 16).astype(np.uint8)
    order = np.random.default_rng(0).permutation(len(images))
    labelled = np.concatenate([order[digits.target[order] == c][:labels] for c in range(10)])
    others = order[~np.isin(order, labelled)]
    parts = {
        "train": np.concatenate([labelled, others[:scored]]),
        "test": others[scored : scored + 20],
        "unlabelled": others[scored + 20 :],
    }
    for name, at in parts.items():
        (root / "data" / name).mkdir(parents=True, exist_ok=True)
        for i in at:
            Image.fromarray(images[i]).save(root / "data" / name / f"{i:04d}.png")
    folds = [-1] * len(labelled) + [0] * scored
    rows = [
        f"{i:04d},d{digits.target[i]},{fold}" for i, fold in zip(parts["train"], folds, strict=True)
    ]
    (root / "data/train.csv").write_text("\n".join(["id,label,fold", *rows, ""]))
    hidden = [f"{i:04d},d{digits.target[i]}" for i in parts["unlabelled"]]
    (root / "hidden.csv").write_text("\n".join(["id,label", *hidden, ""]))
    (root / "upright.py").write_text(VIEWS)
    (root / "competition.yaml").write_text(
        "name: digits\ntasks: {classify: multiclass}\n"
        f"classes: [{', '.join(f'd{c}' for c in range(10))}]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}\n"
        "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
        "  test: {images: 'data/test/*.png'}\n"
        "folds: {scheme: column, column: fold}\nmetric: {name: accuracy}\n"
    )
