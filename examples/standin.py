"""A small public stand-in for data that is not public: scikit-learn's handwritten digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.spec import Competition, load_competition
from podium.workspace.layout import Workspace

__all__ = ["GRAPH", "SMALL", "STRONG", "WEAK", "lay_out_digits", "lay_out_transfer"]

SMALL = (
    "model={backbone: cnn, pretrained: false, options: {widths: [16, 32, 64], depth: 2}}",
    "input.size=16",
    "input.train=upright:weak",
    "batch_size=16",
    "loggers=[csv]",
)
"""Changes to a recipe that make it one for digits on a CPU."""

WEAK = "upright:weak"
"""The policy of weak views."""

STRONG = "upright:strong"
"""The policy of strong views."""

GRAPH = (
    "phases[0].method.bank=640",
    "phases[0].method.queue=640",
    "phases[0].method.size=64",
    "phases[0].method.align_batches=32",
    "phases[0].method.weight=1",
    "phases[0].method.graph_weight=1",
    "phases[0].method.graph_threshold=0.8",
    "phases[0].method.threshold=0.9",
)
"""Changes to CoMatch: as many as the stand-in can fill, and a graph of what is nearly sure."""

N_SCORED, N_TEST = 500, 20
VIEWS = '''\
"""Views of digits, which a flip would turn into other digits."""

import albumentations as A


def weak(size):
    return [A.Affine(translate_percent=(-0.1, 0.1), rotate=(-10, 10), p=1.0)]


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


def lay_out_digits(folder: Path, *, labels: int, draw: int = 0) -> tuple[Workspace, Competition]:
    """Return a workspace with `labels` labelled digits a class, made unless it is there.

    One fold holds 500 others, of which nobody learns; the rest is unlabelled, and their answers lie
    in `hidden.csv`, for a labelling request that nobody has to sit down for.

    Args:
        folder: gets a workspace for each number of labels and each draw, `8-labels-draw-0`.
        labels: of each class.
        draw: seed of which images are labelled and which are scored. Settings are chosen on
            another draw than the one that is shown.
    """
    root = folder.resolve() / f"{labels}-labels-draw-{draw}"
    if not (root / "competition.yaml").is_file():
        target, images = _digits()
        order = np.random.default_rng(draw).permutation(len(images))
        labelled = np.concatenate([order[target[order] == c][:labels] for c in range(10)])
        others = order[~np.isin(order, labelled)]
        parts = {
            "train": np.concatenate([labelled, others[:N_SCORED]]),
            "test": others[N_SCORED : N_SCORED + N_TEST],
            "unlabelled": others[N_SCORED + N_TEST :],
        }
        _write(root, parts, [-1] * len(labelled) + [0] * N_SCORED)
    return Workspace(root), load_competition(root)


def lay_out_transfer(
    folder: Path, *, labels: int, draw: int = 0
) -> tuple[tuple[Workspace, Competition], tuple[Workspace, Competition]]:
    """Return two workspaces: of digits 0 to 5 with all labels, and of 6 to 9 with `labels` a class.

    The images of the first are the unlabelled ones of the second, so that a start with labels and
    one without learn from the same images, and neither from a digit that is told apart in the end.

    Args:
        folder: gets both, for each number of labels and each draw.
        labels: of each class of the second.
        draw: seed of which images are labelled and which are scored.
    """
    first = folder.resolve() / f"0-5-draw-{draw}"
    second = folder.resolve() / f"6-9-{labels}-labels-draw-{draw}"
    digits, images = _digits()
    order = np.random.default_rng(draw).permutation(len(images))
    known, new = (order[(digits < 6)[order]], order[(digits >= 6)[order]])
    if not (first / "competition.yaml").is_file():
        parts = {"train": known[N_TEST:], "test": known[:N_TEST]}
        folds = [-1 if i % 10 else 0 for i in range(len(known) - N_TEST)]
        _write(first, parts, folds, classes=range(6))
    if not (second / "competition.yaml").is_file():
        labelled = np.concatenate([new[digits[new] == c][:labels] for c in range(6, 10)])
        others = new[~np.isin(new, labelled)]
        scored = others[: min(N_SCORED, len(others) - N_TEST)]
        parts = {
            "train": np.concatenate([labelled, scored]),
            "test": others[-N_TEST:],
            "unlabelled": known,
        }
        folds = [-1] * len(labelled) + [0] * len(scored)
        _write(second, parts, folds, classes=range(6, 10))
    one, other = Workspace(first), Workspace(second)
    return (one, load_competition(first)), (other, load_competition(second))


def _digits() -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return what each image shows, and the images."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.target, (digits.images * 255 / 16).astype(np.uint8)


def _write(
    root: Path,
    parts: Mapping[str, NDArray[np.int64]],
    folds: Sequence[int],
    *,
    classes: Sequence[int] = range(10),
) -> None:
    """Write a workspace: places among the digits of each part, and the folds of "train"."""
    target, images = _digits()
    for name, at in parts.items():
        (root / "data" / name).mkdir(parents=True, exist_ok=True)
        for i in at:
            Image.fromarray(images[i]).save(root / "data" / name / f"{i:04d}.png")
    rows = [f"{i:04d},d{target[i]},{fold}" for i, fold in zip(parts["train"], folds, strict=True)]
    (root / "data/train.csv").write_text("\n".join(["id,label,fold", *rows, ""]))
    unlabelled = ""
    if "unlabelled" in parts:
        hidden = [f"{i:04d},d{target[i]}" for i in parts["unlabelled"]]
        (root / "hidden.csv").write_text("\n".join(["id,label", *hidden, ""]))
        unlabelled = "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
    (root / "upright.py").write_text(VIEWS)
    # Last, as what tells that all else is there.
    (root / "competition.yaml").write_text(
        "name: digits\ntasks: {classify: multiclass}\n"
        f"classes: [{', '.join(f'd{c}' for c in classes)}]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}\n"
        f"{unlabelled}"
        "  test: {images: 'data/test/*.png'}\n"
        "folds: {scheme: column, column: fold}\nmetric: {name: accuracy}\n"
    )
