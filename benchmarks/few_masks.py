"""One mask in sixteen: what unlabelled images bring to masks, beside the fair baseline.

Run: apt-get download dataset-fashion-mnist && dpkg -x dataset-fashion-mnist*.deb fashion
     python benchmarks/few_masks.py --files fashion/usr/share/datasets/fashion-mnist

An image is one to three garments of Fashion-MNIST in colours of their own, on a piece of one of the
two photographs that scikit-learn brings along; a pixel is of a top, of trousers, of a shoe, of a
bag, or of the photograph. Garments of images that are scored are in no other image.

Every seed draws other images and another start of the decoder; all ways of learning share them,
the network, the number of optimiser steps and the images with masks a step. A quarter of the steps
is on masks alone, where unlabelled images are learnt from. The fair baseline learns a weak and a
strong view of every image with a mask. Scored is the mean IoU of the averaged network.

Runs are kept under `--folder`: a study that was interrupted goes on. Settings are chosen on seeds
from 100 on, never on those that are reported.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from few_labels import LITE0, fashion
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_sample_images

from podium.competition.spec import load_competition
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

Pixels = NDArray[np.uint8]

SIZE = 64
CLASSES = {"top": 0, "trousers": 1, "shoe": 9, "bag": 8}  # numbers of Fashion-MNIST
SCORED = 200
EPOCHS = 8  # how often a run is validated
FIRST = 2  # of them on masks alone, where unlabelled images are learnt from
DARK = 20  # what a garment's pixels are brighter than
FAIR = "supervised, weak and strong"
STRONG = {"strong": "photometric"}
ARMS: dict[str, dict[str, Any]] = {
    "supervised, weak": {"method": {"name": "supervised"}},
    FAIR: {"method": {"name": "supervised", **STRONG}},
    "fixmatch, cutmix": {"method": {"name": "fixmatch", "ratio": 1, "cutmix": 0.5, **STRONG}},
    "unimatch": {"method": {"name": "unimatch"}},
    # Its teacher, which predicts, is an averaged network already.
    "unimatch_v2": {"method": {"name": "unimatch_v2"}, "ema_decay": None},
}


def picture(
    garments: list[Pixels], photographs: list[Pixels], rng: np.random.Generator
) -> tuple[Pixels, Pixels]:
    """Return an image `(SIZE, SIZE, 3)` and its mask: 0, or 1 + the position of the class.

    Args:
        garments: of each class, `(n, 28, 28)`.
        photographs: `(H, W, 3)`.
        rng: draws all.
    """
    photograph = photographs[rng.integers(len(photographs))]
    side = int(rng.integers(SIZE, 4 * SIZE))
    top, left = (int(rng.integers(length - side)) for length in photograph.shape[:2])
    piece = Image.fromarray(photograph[top : top + side, left : left + side])
    image = np.asarray(piece.resize((SIZE, SIZE))).astype(np.float32)
    mask = np.zeros((SIZE, SIZE), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        number = int(rng.integers(len(garments)))
        side = int(rng.integers(20, 41))
        grey = garments[number][rng.integers(len(garments[number]))]
        grey = np.asarray(Image.fromarray(grey).resize((side, side)))
        colour = rng.uniform(0.3, 1, 3)
        top, left = (int(rng.integers(SIZE - side)) for _ in range(2))
        at = (slice(top, top + side), slice(left, left + side))
        is_cloth = grey > DARK
        image[at][is_cloth] = (grey[..., None] * colour)[is_cloth]
        mask[at][is_cloth] = number + 1
    return image.astype(np.uint8), mask


def make(root: Path, files: Path, seed: int, args: argparse.Namespace) -> None:
    """Write a competition: images with masks that are always learnt from, scored ones never."""
    rng = np.random.default_rng(seed)
    pixels, labels = fashion(files)
    photographs = load_sample_images().images
    known = args.images // args.share
    for part, start in (("known", 0), ("scored", 1)):
        garments = [pixels[labels == number][start::2] for number in CLASSES.values()]
        n = args.images if part == "known" else SCORED
        for i in range(n):
            image, mask = picture(garments, photographs, rng)
            name = f"{part}{i:04d}"
            has_mask = part == "scored" or i < known
            _save(root / f"data/{'train' if has_mask else 'unlabelled'}/{name}.png", image)
            if has_mask:
                _save(root / f"data/masks/{name}.png", mask)
    for i in range(2):
        _save(root / f"data/test/t{i}.png", picture(garments, photographs, rng)[0])
    rows = [f"known{i:04d},-1" for i in range(known)] + [f"scored{i:04d},0" for i in range(SCORED)]
    (root / "data/train.csv").write_text("id,fold\n" + "\n".join(rows) + "\n")
    (root / "competition.yaml").write_text(
        "name: few-masks\ntasks: {segment: multiclass}\n"
        f"classes: [{', '.join(CLASSES)}]\ndata:\n"
        "  train:\n    {table: data/train.csv, id: id, images: 'data/train/{id}.png',\n"
        "     mask: 'data/masks/{id}.png'}\n"
        "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
        "  test: {images: 'data/test/*.png'}\n"
        "folds: {scheme: column, column: fold}\nmetric: {name: mean_iou}\n"
    )


def _save(file: Path, pixels: Pixels) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)


def recipe(arm: dict[str, Any], seed: int, args: argparse.Namespace) -> dict[str, Any]:
    """Return the recipe of one way of learning."""
    method = dict(arm["method"])
    if "uni" in method["name"] or method["name"] == "fixmatch":
        method["threshold"] = args.threshold
    phases = [("all", EPOCHS, method)]
    if method["name"] != "supervised":
        # What a network with a new decoder says of others is mostly background: masks first.
        phases = [("masks", FIRST, ARMS[FAIR]["method"]), ("all", EPOCHS - FIRST, method)]
    ema_decay = arm.get("ema_decay", args.ema_decay)
    return {
        "seed": seed,
        "model": {
            "backbone": "tf_efficientnet_lite0",
            "pretrained": True,
            "weights": LITE0,
            "heads": {"segment": {"decoder": "unet"}},
        },
        "input": {"size": SIZE, "train": "weak"},
        "optimizer": {"name": "adamw", "lr": args.lr, "weight_decay": 1e-2, "schedule": "cosine"},
        "batch_size": args.batch,
        **({} if ema_decay is None else {"ema_decay": ema_decay}),
        "unlabelled": ["unlabelled", "train"],
        "phases": [
            {"name": name, "epochs": epochs, "method": one, "steps_per_epoch": args.steps // EPOCHS}
            for name, epochs, one in phases
        ],
    }


def score(root: Path, name: str, arm: dict[str, Any], seed: int, args: argparse.Namespace) -> float:
    """Train one way of learning, or find it trained, and return its mean IoU."""
    file = root / "recipes" / f"{name.replace(', ', '-').replace(' ', '-')}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(recipe(arm, seed, args), indent=1))
    done = train(Workspace(root), load_competition(root), file, overrides=args.override, folds=[0])
    return float(done.scores["oof"])


def table(found: dict[str, list[float]], seeds: list[int]) -> list[str]:
    """Return a line for each way: by seed, mean, spread (n - 1), and gains paired by seed."""
    lines = [
        f"| | {' | '.join(map(str, seeds))} | mean | std | above fair, by seed |",
        "| --- |" + " --- |" * (len(seeds) + 3),
    ]
    for arm, scores in found.items():
        spread = f"{np.std(scores, ddof=1):.4f}" if len(scores) > 1 else ""
        gain = np.subtract(scores, found[FAIR]) if FAIR in found and arm != FAIR else []
        each = ", ".join(f"{one:+.3f}" for one in gain)
        told = " | ".join(f"{one:.4f}" for one in scores)
        above = f"{np.mean(gain):+.4f} ({each})" if len(gain) else ""
        lines.append(f"| {arm} | {told} | {np.mean(scores):.4f} | {spread} | {above} |")
    return lines


def main() -> None:
    """Print mean IoUs as they come, then the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=Path, help="folder of Fashion-MNIST")
    parser.add_argument("--folder", type=Path, default=Path("demo/few-masks"))
    parser.add_argument("--arms", help="separated by semicolons; default: all")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--images", type=int, default=512, help="to learn from")
    parser.add_argument("--share", type=int, default=16, help="one image in so many has a mask")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=8, help="images with masks a step")
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--ema-decay", type=float, default=0.99)
    parser.add_argument("-o", "--override", action="append", default=[], help="of the recipes")
    args = parser.parse_args()
    if args.files is None or not args.files.is_dir():
        print(f"skipped: --files; the first lines of {__file__} say how to get them")
        return
    seeds, chosen = [int(seed) for seed in args.seeds.split(",")], ARMS
    if args.arms is not None:
        chosen = {arm.strip(): ARMS[arm.strip()] for arm in args.arms.split(";")}
    found: dict[str, list[float]] = {arm: [] for arm in chosen}
    for seed in seeds:
        root = args.folder / f"{args.images}-{args.share}" / f"seed-{seed}"
        if not (root / "competition.yaml").is_file():
            make(root, args.files, seed, args)
        for arm, one in chosen.items():
            found[arm].append(score(root, arm, one, seed, args))
            print(f"seed {seed}, {arm}: {found[arm][-1]:.4f}", flush=True)
    print("\n".join(table(found, seeds)))


if __name__ == "__main__":
    main()
