"""What a network trained on all labels (`--full`) brings beside the networks of the folds.

Run: python benchmarks/refit.py digits
     apt-get download dataset-fashion-mnist && dpkg -x dataset-fashion-mnist*.deb fashion
     python benchmarks/refit.py fashion --files fashion/usr/share/datasets/fashion-mnist

A small CNN learns few labels over five folds, and once more from all of them. Scored is the
accuracy on 1,000 test images whose labels are hidden, of means of probabilities over the networks
of the folds, over these and the one of all labels, and so on. Every seed draws other images and
other start weights. Runs are kept under `--folder`: what was interrupted goes on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from few_labels import DATA, NETWORKS, UPRIGHT, Data, Images
from PIL import Image

from podium.competition.spec import load_competition
from podium.predictions import PredictionSet
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

N_TEST, N_FOLDS, BATCH = 1000, 5, 16
MEANS = {
    "folds": (*range(N_FOLDS),),
    "folds + all": (*range(N_FOLDS), "full"),
    "all": ("full",),
    "fold 0": (0,),
    "fold 0 + all": (0, "full"),
}


def make(root: Path, images: Images, n_labels: int, seed: int) -> dict[str, int]:
    """Write a competition, if it is not there, and return the hidden classes by id."""
    pixels, labels = images
    order = np.random.default_rng(seed).permutation(len(labels))
    classes = range(int(labels.max()) + 1)
    known = np.concatenate([order[labels[order] == one][:n_labels] for one in classes])
    hidden = order[~np.isin(order, known)][:N_TEST]
    if not (root / "competition.yaml").is_file():
        for part, chosen in (("train", known), ("test", hidden)):
            folder = root / "data" / part
            folder.mkdir(parents=True, exist_ok=True)
            for at in chosen:
                Image.fromarray(pixels[at]).save(folder / f"{at:05d}.png")
        rows = "".join(f"{at:05d},c{labels[at]}\n" for at in known)
        (root / "data/train.csv").write_text(f"id,label\n{rows}")
        (root / "recipes").mkdir()
        (root / "upright.py").write_text(UPRIGHT)
        (root / "competition.yaml").write_text(
            "name: refit\ntasks: {classify: multiclass}\n"
            f"classes: [{', '.join(f'c{one}' for one in classes)}]\ndata:\n"
            "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', "
            "label: label}\n"
            "  test: {images: 'data/test/*.png'}\n"
            f"folds: {{n: {N_FOLDS}, scheme: stratified}}\nmetric: {{name: accuracy}}\n"
        )
    return {f"{at:05d}": int(labels[at]) for at in hidden}


def scores(
    root: Path, data: Data, truth: dict[str, int], seed: int, epochs: int
) -> dict[str, float]:
    """Train the folds and the network of all labels, or find them trained; return accuracies."""
    recipe = {
        "seed": seed,
        "model": {**NETWORKS["cnn"], "heads": {"classify": {"pool": "avg", "dropout": 0.2}}},
        "input": {"size": data.size, "train": data.weak},
        "optimizer": {"name": "adamw", "lr": 2e-3, "weight_decay": 1e-2, "schedule": "cosine"},
        "batch_size": BATCH,
        "phases": [{"name": "all", "epochs": epochs}],
    }
    file = root / "recipes/cnn.yaml"
    file.write_text(json.dumps(recipe, indent=1))
    done = train(Workspace(root), load_competition(root), file, full=True)
    found = PredictionSet(next((done.run / "predictions").iterdir()))
    accuracies = {"out of fold": float(done.scores["oof"])}
    for name, folds in MEANS.items():
        ids, probs = found.mean("test", folds=folds)
        right = np.argmax(probs, axis=1) == [truth[one] for one in ids]
        accuracies[name] = float(right.mean())
    return accuracies


def main() -> None:
    """Print accuracies as they come, then means, and gains over the folds with their errors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default="digits", choices=["digits", "fashion"])
    parser.add_argument("--files", type=Path, help="folder of the download; digits need none")
    parser.add_argument("--folder", type=Path, default=Path("demo/refit"))
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--labels", default="4,20", help="a class; several with commas")
    parser.add_argument("--epochs", type=int, default=40)
    args = parser.parse_args()
    data = DATA[args.data]
    if args.data != "digits" and (args.files is None or not args.files.is_dir()):
        print(f"skipped: --files; the first lines of {__file__} say how to get them")
        return
    lines = [
        f"| labels a class | out of fold | {' | '.join(MEANS)} |",
        "| --- |" + " --- |" * (1 + len(MEANS)),
    ]
    for n_labels in map(int, args.labels.split(",")):
        each = []
        for seed in map(int, args.seeds.split(",")):
            root = args.folder / f"{args.data}-{n_labels}-{seed}"
            truth = make(root, data.read(args.files), n_labels, seed)
            each.append(scores(root, data, truth, seed, args.epochs))
            print(f"{n_labels} a class, seed {seed}: {each[-1]}", flush=True)
        cells = [f"{np.mean([one['out of fold'] for one in each]):.3f}"]
        for name in MEANS:
            gains = np.array([one[name] - one["folds"] for one in each])
            error = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else 0.0
            gain = "" if name == "folds" else f" ({gains.mean():+.3f} ± {error:.3f})"
            cells.append(f"{np.mean([one[name] for one in each]):.3f}{gain}")
        lines.append(f"| {n_labels} | {' | '.join(cells)} |")
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()
