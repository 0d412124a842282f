"""Whether a small MLP or kNN on frozen features pays beside the linear head that `podium auto` has.

    OMP_NUM_THREADS=1 python benchmarks/feature_heads.py --files files --seeds 0,1,2

The sets are those of `auto_table.py` whose labels are classes, and `--files` is as there. Features
are those of the frozen network at six times the images' size, at most 128 px, in one view, kept in
`--folder`. The strength of regularisation and the k of kNN are cross-fitted over three folds: the
rows of two folds choose for those of the third. So is, where it says `weighted`, the share of the
second head, by log loss, as in blends of labels. Shown are accuracies out of fold and of the hidden
labels, means over the seeds, and CPU seconds of a seed; below, the mean difference to the linear
head over the sets, with its standard error over the sets.

kNN is that of `probe: {knn: 20}` (`podium/training/fit/callbacks.py`): the k nearest rows by cosine
vote with exp(cosine / .07). `centred` subtracts the mean and divides by the deviation first, as the
linear head does.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import timm
import torch
from numpy.typing import NDArray
from parts.auto_rivals import BACKBONE, with_weights
from parts.auto_sets import SETS
from sklearn.linear_model import LogisticRegression
from torch import nn

from podium.training.fit.callbacks import TEMPERATURE

Values = NDArray[np.float32]
Fitted = Callable[[Values], NDArray[Any]]
Head = Callable[[Values, NDArray[Any], int, float, int], Fitted]
EPOCHS, HIDDEN_UNITS, FOLDS = 40, 256, 3
ENLARGED, LARGEST_PX = 6, 128  # of small images
BOTH, WEIGHTED = "linear and {}, mean", "linear and {}, weighted"
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5)


def linear(x: Values, y: NDArray[Any], n_classes: int, strength: float, seed: int) -> Fitted:
    """Return a logistic regression of standardised features."""
    mean, std = x.mean(axis=0), x.std(axis=0) + 1e-6
    model = LogisticRegression(C=strength, max_iter=100).fit((x - mean) / std, y)
    return lambda z: model.predict_proba((z - mean) / std)


def mlp(x: Values, y: NDArray[Any], n_classes: int, decay: float, seed: int) -> Fitted:
    """Return a network of one hidden layer with dropout, on standardised features."""
    torch.manual_seed(seed)
    mean, std = x.mean(axis=0), x.std(axis=0) + 1e-6
    first, last = nn.Linear(x.shape[1], HIDDEN_UNITS), nn.Linear(HIDDEN_UNITS, n_classes)
    net = nn.Sequential(nn.Dropout(0.3), first, nn.ReLU(), nn.Dropout(0.5), last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    images, labels = torch.tensor((x - mean) / std), torch.tensor(y)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()
        schedule.step()
    net.eval()
    return lambda z: torch.softmax(net(torch.tensor((z - mean) / std)), 1).detach().numpy()


def knn(x: Values, y: NDArray[Any], n_classes: int, k: float, seed: int) -> Fitted:
    """Return the votes of the `k` nearest rows by cosine."""

    def directions(z: Values) -> Values:
        return z / (np.linalg.norm(z, axis=1, keepdims=True) + 1e-12)

    bank, n = directions(x), min(int(k), len(x))

    def predict(z: Values) -> NDArray[Any]:
        cosine = directions(z) @ bank.T
        nearest = np.argpartition(-cosine, n - 1, axis=1)[:, :n]
        weight = np.exp(np.take_along_axis(cosine, nearest, axis=1).astype(float) / TEMPERATURE)
        votes = np.zeros((len(z), n_classes))
        np.add.at(votes, (np.arange(len(z))[:, None], y[nearest]), weight)
        return votes / votes.sum(axis=1, keepdims=True)

    return predict


def knn_centred(x: Values, y: NDArray[Any], n_classes: int, k: float, seed: int) -> Fitted:
    """Return the votes of the `k` nearest rows by the cosine of standardised features."""
    mean, std = x.mean(axis=0), x.std(axis=0) + 1e-6
    predict = knn((x - mean) / std, y, n_classes, k, seed)
    return lambda z: predict((z - mean) / std)


HEADS: dict[str, tuple[Head, tuple[float, ...], int]] = {
    "linear": (linear, (1e-4, 1e-3, 1e-2), 1),
    "MLP": (mlp, (1e-2, 1.0), 2),
    "kNN": (knn, (1, 5, 10, 20, 50), 1),
    "kNN, centred": (knn_centred, (1, 5, 10, 20, 50), 1),
}
"""name → what fits it, strengths (of kNN: k), seeds whose mean predicts the hidden rows"""


def features_of(images: Sequence[NDArray[np.uint8]]) -> Values:
    """Return the frozen network's features `(N, D)` of images, enlarged."""
    network = with_weights(timm.create_model(BACKBONE, num_classes=0)).eval()
    size = min(ENLARGED * images[0].shape[0], LARGEST_PX)
    made = []
    for at in range(0, len(images), 50):
        batch = [cv2.resize(one, (size, size)) for one in images[at : at + 50]]
        batch = [one if one.ndim == 3 else np.stack([one] * 3, axis=-1) for one in batch]
        x = torch.from_numpy((np.stack(batch) / 127.5 - 1).astype(np.float32)).permute(0, 3, 1, 2)
        with torch.inference_mode():
            made.append(network(x).numpy())
    return np.concatenate(made)


def drawn(name: str, seed: int, files: Path, folder: Path) -> dict[str, NDArray[Any]]:
    """Return features and classes `x`, `y` of a draw, and `test`, `hidden` of its hidden rows."""
    kept = folder / f"{name}-{seed}.npz"
    if not kept.is_file():
        images = SETS[name].draw(files, np.random.default_rng(seed))
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(
            kept,
            x=features_of(images.train),
            y=images.answers.astype(int),
            test=features_of(images.test),
            hidden=images.hidden.astype(int),
        )
    with np.load(kept) as found:
        return dict(found)


def is_right(probs: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Return of each row whether its class is the most probable one."""
    return probs.argmax(axis=1) == y


def log_likelihood(probs: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Return the log of the probability of each row's class."""
    return np.log(probs[np.arange(len(y)), y] + 1e-9)


def crossfitted(
    tried: dict[float, NDArray[Any]],
    y: NDArray[Any],
    fold: NDArray[Any],
    gain: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]],
) -> tuple[NDArray[Any], float]:
    """Return predictions of each fold as the other folds' rows choose, and what all rows choose."""

    def best(rows: NDArray[np.bool_]) -> float:
        return max(tried, key=lambda one: gain(tried[one][rows], y[rows]).mean())

    made = np.zeros_like(next(iter(tried.values())))
    for k in range(FOLDS):
        made[fold == k] = tried[best(fold != k)][fold == k]
    return made, best(np.ones(len(y), bool))


def compare(
    draw: dict[str, NDArray[Any]], heads: Sequence[str]
) -> dict[str, tuple[float, float, float]]:
    """Return the accuracy of each head out of fold and on hidden rows, and its CPU seconds."""
    x, y, test, hidden = (draw[one] for one in ("x", "y", "test", "hidden"))
    n_classes, fold = int(y.max()) + 1, np.random.default_rng(0).permutation(len(y)) % FOLDS
    probs: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {}
    seconds: dict[str, float] = {}
    for name in heads:
        make, strengths, seeds = HEADS[name]
        began = time.process_time()
        tried = {one: np.zeros((len(y), n_classes)) for one in strengths}
        for strength, of_rows in tried.items():
            for k in range(FOLDS):
                fitted = make(x[fold != k], y[fold != k], n_classes, strength, 0)
                of_rows[fold == k] = fitted(x[fold == k])
        oof, best = crossfitted(tried, y, fold, is_right)
        every = [make(x, y, n_classes, best, seed)(test) for seed in range(seeds)]
        probs[name] = oof, np.mean(every, axis=0)
        seconds[name] = time.process_time() - began
    first = probs["linear"]
    for name in heads[1:]:
        mixed = {
            share: tuple(
                (1 - share) * a + share * b for a, b in zip(first, probs[name], strict=True)
            )
            for share in SHARES
        }
        of_rows = {share: each[0] for share, each in mixed.items()}
        oof, best = crossfitted(of_rows, y, fold, log_likelihood)
        probs[BOTH.format(name)] = mixed[0.5]
        probs[WEIGHTED.format(name)] = oof, mixed[best][1]
    return {
        name: (
            float(is_right(oof, y).mean()),
            float(is_right(test_probs, hidden).mean()),
            seconds.get(name, 0.0),
        )
        for name, (oof, test_probs) in probs.items()
    }


def main() -> None:
    """Print the scores of each head on each set, and the differences to the linear one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    of_classes = [name for name, one in SETS.items() if one.metric != "rmse" and not one.has_masks]
    parser.add_argument("--files", type=Path, help="folder of the downloads, as of auto_table.py")
    parser.add_argument("--folder", type=Path, default=Path("demo/feature-heads"))
    parser.add_argument("--sets", default=",".join(of_classes))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--heads", default=";".join(list(HEADS)[1:]), help="beside the linear one")
    args = parser.parse_args()
    heads = ["linear", *args.heads.split(";")]
    torch.set_num_threads(1)
    print("| set | head | out of fold | hidden | CPU s |\n| --- | --- | --- | --- | --- |")
    means: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name in args.sets.split(","):
        files = args.files or Path()
        lacking = [one for one in SETS[name].needs if not (files / one).exists()]
        if lacking:
            print(f"{name} is left out: {', '.join(lacking)} is not in --files")
            continue
        found = [
            compare(drawn(name, seed, files, args.folder), heads)
            for seed in map(int, args.seeds.split(","))
        ]
        means[name] = {head: np.mean([one[head] for one in found], axis=0) for head in found[0]}
        for head, (oof, hidden, cpu_s) in means[name].items():
            cpu = f"{cpu_s:.1f}" if cpu_s else ""
            print(f"| {name} | {head} | {oof:.3f} | {hidden:.3f} | {cpu} |", flush=True)
    if len(means) < 2:
        return
    print("\n| head - linear | out of fold | hidden |\n| --- | --- | --- |")
    for head in list(next(iter(means.values())))[1:]:
        gains = np.array([(of[head] - of["linear"])[:2] for of in means.values()])
        cells = zip(gains.mean(axis=0), gains.std(axis=0, ddof=1) / len(gains) ** 0.5, strict=True)
        print(f"| {head} | {' | '.join(f'{mean:+.4f} ± {error:.4f}' for mean, error in cells)} |")


if __name__ == "__main__":
    main()
