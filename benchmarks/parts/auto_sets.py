"""Public sets in the form of competitions, with the test set's answers kept apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from few_labels import digits, fashion
from numpy.typing import NDArray
from parts.photographs import cifar
from PIL import Image

from podium.competition import metrics

__all__ = ["HIDDEN", "SETS", "Drawn", "PublicSet", "lay_out"]

Pixels = NDArray[np.uint8]
Rng = np.random.Generator

HIDDEN = "hidden.npz"
"""file of the test set's answers, beside the workspace"""
TILE = 64
CAT, DOG = 3, 5


@dataclass(frozen=True)
class Drawn:
    """The images of a competition, with the answers of all that are not unlabelled.

    Attributes:
        train, test, unlabelled: images `(H, W)` or `(H, W, 3)`.
        answers, hidden: of train and test: classes, numbers, or masks `(H, W)` of 0 and 1.
    """

    train: Sequence[Pixels]
    answers: NDArray[Any]
    test: Sequence[Pixels]
    hidden: NDArray[Any]
    unlabelled: Sequence[Pixels] = ()


@dataclass(frozen=True)
class PublicSet:
    """A public set.

    Attributes:
        tasks: of `competition.yaml`.
        metric: that scores it.
        needs: folders of `--files` that it reads.
        draw: returns what a seed draws.
        what: it is, in the table.
        upright: whether a mirrored image would have another answer.
        recipe: that a person would write for such a set, in `by_hand/`.
    """

    tasks: str
    metric: str
    needs: tuple[str, ...]
    draw: Callable[[Path, Rng], Drawn]
    what: str
    upright: bool = False
    recipe: str = "classes"

    @property
    def has_masks(self) -> bool:
        """Whether the answers are masks."""
        return "segment" in self.tasks


def _by_class(
    images: Pixels, classes: NDArray[Any], rng: Rng, *, labels: int, test: int, unlabelled: int = 0
) -> Drawn:
    """Return `labels` images of each class, and others to predict and without labels."""
    order = rng.permutation(len(classes))
    known = np.concatenate([order[classes[order] == c][:labels] for c in np.unique(classes)])
    rest = order[~np.isin(order, known)]
    hidden, pool = rest[:test], rest[test : test + unlabelled]
    return Drawn(
        list(images[known]),
        classes[known],
        list(images[hidden]),
        classes[hidden],
        list(images[pool]),
    )


def _cifar_few(files: Path, rng: Rng) -> Drawn:
    return _by_class(*cifar(files / "cifar"), rng, labels=40, test=1000, unlabelled=2000)


def _cifar_many(files: Path, rng: Rng) -> Drawn:
    return _by_class(*cifar(files / "cifar"), rng, labels=400, test=1000)


def _cats_and_dogs(files: Path, rng: Rng) -> Drawn:
    images, classes = cifar(files / "cifar")
    chosen = np.isin(classes, (CAT, DOG))
    is_dog = (classes[chosen] == DOG).astype(np.int64)
    return _by_class(images[chosen], is_dog, rng, labels=200, test=1000)


def _fashion(files: Path, rng: Rng) -> Drawn:
    return _by_class(*fashion(files / "fashion"), rng, labels=200, test=1000)


def _digits(files: Path, rng: Rng) -> Drawn:
    return _by_class(*digits(None), rng, labels=30, test=1000)


def _counts(files: Path, rng: Rng) -> Drawn:
    """Return 64 px of a photograph with none to five garments on it, to be counted."""
    garments, photographs = fashion(files / "fashion")[0], _photographs(files)

    def one(share: slice) -> tuple[Pixels, float]:
        image, n = _piece(photographs, rng, 64), int(rng.integers(6))
        for _ in range(n):
            side = int(rng.integers(14, 25))
            grey = garments[share][rng.integers(30_000)]
            grey = cv2.resize(grey, (side, side)).astype(np.float32)[..., None]
            top, left = (int(rng.integers(64 - side)) for _ in range(2))
            at = image[top : top + side, left : left + side]
            at[:] = np.where(grey > 20, grey * rng.uniform(0.3, 1, 3), at)
        return image, float(n)

    known = [one(slice(30_000)) for _ in range(600)]
    hidden = [one(slice(30_000, None)) for _ in range(400)]
    return _drawn(known, hidden)


def _emoji(files: Path, rng: Rng) -> Drawn:
    """Return 96 px of a photograph with one or two emoji on it; test has emoji of its own."""
    names = rng.permutation(sorted((files / "emoji").glob("1f*.webp")))[:500]
    drawn = [np.asarray(Image.open(one).convert("RGBA").resize((96, 96))) for one in names]
    photographs = _photographs(files)

    def one(share: slice) -> tuple[Pixels, Pixels]:
        image, mask = _piece(photographs, rng, 96), np.zeros((96, 96), np.uint8)
        for _ in range(int(rng.integers(1, 3))):
            side, own = int(rng.integers(24, 65)), drawn[share]
            emoji = cv2.resize(own[rng.integers(len(own))], (side, side)).astype(np.float32)
            top, left = (int(rng.integers(96 - side)) for _ in range(2))
            at = (slice(top, top + side), slice(left, left + side))
            alpha = emoji[..., 3:] / 255
            image[at] = alpha * emoji[..., :3] + (1 - alpha) * image[at]
            mask[at] |= alpha[..., 0] > 0.5
        return image, mask

    return _drawn(
        [one(slice(250)) for _ in range(200)], [one(slice(250, None)) for _ in range(200)]
    )


def _nuclei(files: Path, rng: Rng) -> Drawn:
    """Return tiles of one microscope image: of its one half to learn from, of the other to test."""
    image, mask = (cv2.imread(str(files / f"nuclei/{n}2d.tif"), -1) for n in ("img", "mask"))
    grey = np.clip(image / np.quantile(image, 0.999) * 255, 0, 255).astype(np.uint8)
    is_nucleus = (mask > 0).astype(np.uint8)
    if rng.integers(2):
        grey, is_nucleus = grey.T, is_nucleus.T
    tiles = [
        (
            grey[top : top + TILE, left : left + TILE],
            is_nucleus[top : top + TILE, left : left + TILE],
        )
        for top in range(0, 512, TILE)
        for left in range(0, 512, TILE)
    ]
    return _drawn(tiles[:32], tiles[32:])


def _drawn(known: Sequence[tuple[Pixels, Any]], hidden: Sequence[tuple[Pixels, Any]]) -> Drawn:
    (train, answers), (test, others) = zip(*known, strict=True), zip(*hidden, strict=True)
    return Drawn(train, np.array(answers), test, np.array(others))


def _photographs(files: Path) -> list[Pixels]:
    found = sorted((files / "photographs").rglob("*.jpg"))
    return [cv2.imread(str(one), cv2.IMREAD_REDUCED_COLOR_4)[..., ::-1] for one in found]


def _piece(photographs: list[Pixels], rng: Rng, size: int) -> Pixels:
    photograph = photographs[rng.integers(len(photographs))]
    side = int(rng.integers(size, min(4 * size, *photograph.shape[:2])))
    top, left = (int(rng.integers(length - side + 1)) for length in photograph.shape[:2])
    return cv2.resize(
        photograph[top : top + side, left : left + side], (size, size), interpolation=cv2.INTER_AREA
    )


SETS = {
    "cifar-few": PublicSet(
        "{classify: multiclass}",
        "accuracy",
        ("cifar",),
        _cifar_few,
        "CIFAR-10, 40 labels a class, 2,000 unlabelled",
        recipe="few",
    ),
    "cifar-many": PublicSet(
        "{classify: multiclass}", "accuracy", ("cifar",), _cifar_many, "CIFAR-10, 400 a class"
    ),
    "cats-dogs": PublicSet(
        "{classify: binary}", "auc", ("cifar",), _cats_and_dogs, "CIFAR-10's cats or dogs, 200 each"
    ),
    "fashion": PublicSet(
        "{classify: multiclass}", "accuracy", ("fashion",), _fashion, "Fashion-MNIST, 200 a class"
    ),
    "digits": PublicSet(
        "{classify: multiclass}",
        "accuracy",
        (),
        _digits,
        "scikit-learn's digits of 8 px, 30 a class",
        upright=True,
        recipe="upright",
    ),
    "counts": PublicSet(
        "{classify: regression}",
        "rmse",
        ("fashion", "photographs"),
        _counts,
        "garments on photographs, counted; 600",
        recipe="numbers",
    ),
    "emoji": PublicSet(
        "{segment: binary}",
        "mean_dice",
        ("emoji", "photographs"),
        _emoji,
        "masks of emoji on photographs, 200",
        recipe="masks",
    ),
    "nuclei": PublicSet(
        "{segment: binary}",
        "global_dice",
        ("nuclei",),
        _nuclei,
        "nuclei in 32 tiles of a microscope image",
        recipe="masks",
    ),
}


def lay_out(folder: Path, one: PublicSet, files: Path, seed: int) -> Path:
    """Return a workspace of `one` in `folder`, with the hidden answers beside it."""
    root = folder / "workspace"
    if (folder / HIDDEN).is_file():
        return root
    drawn = one.draw(files, np.random.default_rng(seed))
    parts = {"train": drawn.train, "test": drawn.test, "unlabelled": drawn.unlabelled}
    for name, images in parts.items():
        for i, image in enumerate(images):
            _save(root / f"data/{name}/{name}{i:04d}.png", image)
    ids = [f"train{i:04d}" for i in range(len(drawn.train))]
    is_number = drawn.answers.dtype.kind == "f"
    if one.has_masks:
        for name, mask in zip(ids, drawn.answers, strict=True):
            _save(root / f"data/masks/{name}.png", mask * 255)
        lines = ["id", *ids]
        answer, classes = "mask: 'data/masks/{id}.png'", ""
    else:
        names = drawn.answers if is_number else [f"c{answer}" for answer in drawn.answers]
        lines = ["id,label", *(f"{i},{name}" for i, name in zip(ids, names, strict=True))]
        n = 2 if is_number else len(np.unique(drawn.answers))
        listed = ", ".join(f"c{c}" for c in range(n))
        answer, classes = "label: label", "" if is_number else f"classes: [{listed}]\n"
    (root / "data/train.csv").write_text("\n".join([*lines, ""]))
    prob = "submission: {columns: {id: id, label: value}, value: prob}\n"
    form = prob if metrics.get(one.metric).scores_probs and not is_number else ""
    flips = "# a mirrored image has another answer\n" if one.upright else ""
    pool = "  unlabelled: {images: 'data/unlabelled/*.png'}\n" if len(drawn.unlabelled) else ""
    (root / "competition.yaml").write_text(
        f"{flips}name: public-set\ntasks: {one.tasks}\n{classes}data:\n"
        f"  train: {{table: data/train.csv, id: id, images: 'data/train/{{id}}.png', {answer}}}\n"
        f"{pool}  test: {{images: 'data/test/*.png'}}\n"
        f"{form}folds: {{n: 5}}\nmetric: {{name: {one.metric}}}\n"
    )
    np.savez_compressed(folder / HIDDEN, hidden=drawn.hidden)
    return root


def _save(file: Path, pixels: Pixels) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)
