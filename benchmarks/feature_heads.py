"""Whether a small MLP on cached features pays beside the linear head that `podium auto` solves for.

    python benchmarks/feature_heads.py demo/bench-auto/cifar-few-0-5 [CONTEST …]

Reads contests of `auto_table.py` whose labels are classes: the features that `podium auto` left in
its cache, at the size that it has most of, and the hidden labels. Regularisation of each head is
cross-fitted over three folds. Printed is the accuracy out of fold and of the hidden labels, of each
head and of the mean of both, and the CPU seconds of each.
"""

from __future__ import annotations

import csv
import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from parts.auto_sets import HIDDEN
from sklearn.linear_model import LogisticRegression
from torch import nn

Head = Callable[[NDArray[Any], NDArray[Any], int, float, int], Callable[[NDArray[Any]], Any]]
EPOCHS, HIDDEN_UNITS = 40, 256


def cached_features(folder: Path) -> dict[bytes, NDArray[np.float32]]:
    """Return the features of each image by the sha256 of its file, of the largest cache."""
    caches = []
    for one in folder.iterdir():
        found = {}
        for shard in one.glob("identity/*.features"):
            with shard.open("rb") as file:
                index, rows = (np.lib.format.read_array(file) for _ in range(2))
            found.update({bytes(e["content"]): row for e, row in zip(index, rows, strict=True)})
        caches.append(found)
    return max(caches, key=len)


def linear(x: Any, y: Any, n_classes: int, strength: float, seed: int) -> Callable[[Any], Any]:
    """Return a logistic regression."""
    return LogisticRegression(C=strength, max_iter=100).fit(x, y).predict_proba


def mlp(x: Any, y: Any, n_classes: int, decay: float, seed: int) -> Callable[[Any], Any]:
    """Return a network of one hidden layer with dropout."""
    torch.manual_seed(seed)
    first, last = nn.Linear(x.shape[1], HIDDEN_UNITS), nn.Linear(HIDDEN_UNITS, n_classes)
    net = nn.Sequential(nn.Dropout(0.3), first, nn.ReLU(), nn.Dropout(0.5), last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    images, labels = torch.tensor(x), torch.tensor(y)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()
        schedule.step()
    net.eval()
    return lambda z: torch.softmax(net(torch.tensor(z)), 1).detach().numpy()


HEADS: dict[str, tuple[Head, tuple[float, ...], int]] = {
    "linear": (linear, (1e-4, 1e-3, 1e-2), 1),
    "mlp": (mlp, (1e-2, 1.0), 2),
}


def compare(contest: Path) -> None:
    """Print the scores of each head."""
    root = contest / "podium-auto"
    features = cached_features(root / ".podium/cache/features")

    def read(paths: list[Path]) -> NDArray[np.float32]:
        return np.stack([features[hashlib.sha256(one.read_bytes()).digest()] for one in paths])

    with (root / "data/train.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    names = sorted({row["label"] for row in table})
    y = np.array([names.index(row["label"]) for row in table])
    with np.load(contest / HIDDEN) as kept:
        hidden = kept["hidden"].astype(int)
    x = read([root / f"data/train/{row['id']}.png" for row in table])
    test = read(sorted((root / "data/test").iterdir()))
    mean, std = x.mean(axis=0), x.std(axis=0) + 1e-6
    x, test = (((one - mean) / std).astype(np.float32) for one in (x, test))
    fold = np.random.default_rng(0).permutation(len(y)) % 3
    sums = [np.zeros((len(rows), len(names))) for rows in (x, test)]

    def line(head: str, probs: list[NDArray[Any]], about: str) -> None:
        scores = [np.mean(p.argmax(axis=1) == t) for p, t in zip(probs, (y, hidden), strict=True)]
        print(
            f"| {contest.name} | {head} | {scores[0]:.3f} | {scores[1]:.3f} | {about} |", flush=True
        )

    for name, (make, strengths, seeds) in HEADS.items():
        began, tried = time.process_time(), {}
        for strength in strengths:
            tried[strength] = np.zeros((len(y), len(names)))
            for k in range(3):
                fitted = make(x[fold != k], y[fold != k], len(names), strength, 0)
                tried[strength][fold == k] = fitted(x[fold == k])
        best = max(tried, key=lambda one: np.mean(tried[one].argmax(axis=1) == y))
        every = [make(x, y, len(names), best, seed)(test) for seed in range(seeds)]
        probs = [tried[best], np.mean(every, axis=0)]
        line(name, probs, f"{time.process_time() - began:.0f}")
        sums = [a + b for a, b in zip(sums, probs, strict=True)]
    line("mean of both", sums, "")


if __name__ == "__main__":
    torch.set_num_threads(1)
    print("| contest | head | out of fold | hidden | CPU s |")
    print("| --- | --- | --- | --- | --- |")
    for path in map(Path, sys.argv[1:]):
        compare(path)
