"""Ten labels a class: FixMatch beside supervised training with weak and with strong augmentation.

Run: apt-get download dataset-fashion-mnist && dpkg -x dataset-fashion-mnist*.deb fashion
     python benchmarks/few_labels.py [--seeds 0,1,2]

Every seed draws other labelled images, other unlabelled ones and other start weights; the three
ways of learning share them, the network (podium's small CNN, from random weights), the number of
optimiser steps and the labelled images a step. Scored is the accuracy on images that nobody learns
from. Runs are kept under `--folder`: a study that was interrupted goes on.
"""

from __future__ import annotations

import argparse
import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.spec import load_competition
from podium.training.run import train
from podium.workspace.layout import Workspace

CLASSES = (
    *("top", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "boot"),
)
DATA = Path("fashion/usr/share/datasets/fashion-mnist")
HEADER_BYTES = {"images": 16, "labels": 8}
SIDE = 28
RECIPE = """\
seed: {seed}
model:
  backbone: cnn
  pretrained: false
  options: {{widths: [32, 64, 128], depth: 2}}
  heads: {{classify: {{pool: avg, dropout: 0.2}}}}
input: {{size: 28, train: {policy}}}
optimizer: {{name: adamw, lr: 2e-3, weight_decay: 1e-2, schedule: cosine, warmup_epochs: 0.5}}
batch_size: 16
ema_decay: 0.99
unlabelled: [unlabelled, train]
phases:
  - {{name: all, epochs: 8, steps_per_epoch: {per_epoch}, method: {method}}}
"""
FIXMATCH = "{name: fixmatch, ratio: 7, threshold: 0.95}"
ARMS = {
    "supervised, weak": ("weak", "{name: supervised}"),
    "supervised, strong": ("strong", "{name: supervised}"),
    "fixmatch": ("weak", FIXMATCH),
}


def main() -> None:
    """Print a table of accuracies by seed, and the mean of the paired differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=DATA, help="Fashion-MNIST's files")
    parser.add_argument("--folder", type=Path, default=Path("demo/few-labels"))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--labels", type=int, default=10, help="a class")
    parser.add_argument("--unlabelled", type=int, default=5000)
    parser.add_argument("--scored", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=3200)
    args = parser.parse_args()
    if not args.data.is_dir():
        print(f"skipped: there is no {args.data}; the first lines of {__file__} say how to get it")
        return
    seeds = [int(seed) for seed in args.seeds.split(",")]
    images, labels = None, None
    found: dict[str, list[float]] = {arm: [] for arm in ARMS}
    print(f"| seed | {' | '.join(ARMS)} |")
    print(f"| {' | '.join(['---'] * (len(ARMS) + 1))} |")
    for seed in seeds:
        root = args.folder / f"seed-{seed}"
        if not (root / "competition.yaml").is_file():
            if images is None or labels is None:
                images, labels = read(args.data)
            make(root, images, labels, seed, args)
        for arm, (policy, method) in ARMS.items():
            found[arm].append(score(root, arm, seed, policy, method, args))
        told = [f"{scores[-1]:.4f}" for scores in found.values()]
        print(f"| {seed} | {' | '.join(told)} |", flush=True)
    means = [f"{np.mean(scores):.4f}" for scores in found.values()]
    print(f"| mean | {' | '.join(means)} |")
    for arm in list(ARMS)[:2]:
        gain = np.subtract(found["fixmatch"], found[arm])
        print(
            f"fixmatch − {arm}: {gain.mean():+.4f}, by seed {', '.join(f'{g:+.4f}' for g in gain)}"
        )


def score(
    root: Path, arm: str, seed: int, policy: str, method: str, args: argparse.Namespace
) -> float:
    """Train one way of learning, or find it trained, and return its accuracy."""
    recipe = root / "recipes" / f"{arm.replace(', ', '-')}.yaml"
    recipe.parent.mkdir(exist_ok=True)
    text = RECIPE.format(seed=seed, policy=policy, per_epoch=args.steps // 8, method=method)
    recipe.write_text(text)
    done = train(Workspace(root), load_competition(root), recipe, folds=[0])
    return float(done.scores["oof"])


def make(
    root: Path,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    seed: int,
    args: argparse.Namespace,
) -> None:
    """Write a competition: labelled images that are always learnt from, scored ones never."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    labelled = np.concatenate(
        [order[labels[order] == c][: args.labels] for c in range(len(CLASSES))]
    )
    others = order[~np.isin(order, labelled)]
    scored, rest = others[: args.scored], others[args.scored :]
    parts = {
        "train": np.concatenate([labelled, scored]),
        "unlabelled": rest[: args.unlabelled],
        "test": rest[args.unlabelled :][:10],
    }
    for name, at in parts.items():
        folder = root / "data" / name
        folder.mkdir(parents=True, exist_ok=True)
        for i in at:
            Image.fromarray(images[i]).save(folder / f"{i:05d}.png")
    folds = [-1] * len(labelled) + [0] * len(scored)
    rows = []
    for i, fold in zip(parts["train"], folds, strict=True):
        rows.append(f"{i:05d},{CLASSES[labels[i]]},{fold}")
    (root / "data/train.csv").write_text("id,label,fold\n" + "\n".join(rows) + "\n")
    (root / "competition.yaml").write_text(
        "name: fashion\ntasks: {classify: multiclass}\n"
        f"classes: [{', '.join(CLASSES)}]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}\n"
        "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
        "  test: {images: 'data/test/*.png'}\n"
        "folds: {scheme: column, column: fold}\nmetric: {name: accuracy}\n"
    )


def read(folder: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the training images `(60000, 28, 28)` and their classes."""
    with gzip.open(folder / "train-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read()[HEADER_BYTES["images"] :], np.uint8)
    with gzip.open(folder / "train-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read()[HEADER_BYTES["labels"] :], np.uint8)
    return pixels.reshape(-1, SIDE, SIDE), labels.astype(np.int64)


if __name__ == "__main__":
    main()
