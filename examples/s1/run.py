"""S1's table on a stand-in: variants and thresholds by seeds 42, 43, 44, on scikit-learn's digits.

    python examples/s1/run.py [--frozen] [--epochs 10]

The recipes are the ones beside this file; the overrides make network and images small. S1 began
with a pretrained backbone: here every row begins with the same short training on the labels alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev

from podium.reporting.entries import read_histories
from podium.training.runs.train import Trained, train

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from standin import SMALL, lay_out_digits  # noqa: E402 — a neighbour of this folder

SEEDS = (42, 43, 44)
VARIANTS = ("classical", "permanent", "local")
THRESHOLDS = {"0": "0", "0.9": "0.9", "0.95": "0.95", "0.90 + 0.02 e": "{start: 0.9, step: 0.02}"}
RATE = "optimizer.lr=0.02"  # for a few hundred steps of a small network
POOL = "unlabelled=[unlabelled]"  # all of it: 1,197 images
WARM_UP = "phases=[{name: warm-up, epochs: 4, steps_per_epoch: 10}]"
STEPS = 40  # an epoch, in every variant: five of 7 unlabelled batches and a labelled one


def main(given: Sequence[str] | None = None) -> None:
    """Print accuracy by seed, mean and spread, and the validation loss, of every variant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("demo/s1"))
    parser.add_argument("--labels", type=int, default=8, help="a class")
    parser.add_argument("--draw", type=int, default=0, help="of labelled and scored images")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--frozen", action="store_true", help="train the head alone")
    args = parser.parse_args(given)
    workspace, competition = lay_out_digits(args.folder, labels=args.labels, draw=args.draw)

    def trained(recipe: str, name: str, seed: int, *changes: str) -> Trained:
        overrides = (*SMALL, RATE, POOL, f"seed={seed}", *changes)
        file = HERE / f"{recipe}.yaml"
        return train(workspace, competition, file, overrides=overrides, name=name)

    starts = {seed: trained("classical", "warm-up", seed, WARM_UP) for seed in SEEDS}
    study = (
        f"phases[0].epochs={args.epochs}",
        "phases[0].epoch=null",
        f"phases[0].steps_per_epoch={STEPS}",
        f"phases[0].freeze={'[backbone]' if args.frozen else '[]'}",
    )

    def studied(variant: str, recipe: str, change: str) -> list[Trained]:
        return [
            trained(recipe, variant, seed, f"model.from={start.run.name}", *study, change)
            for seed, start in starts.items()
        ]

    print(f"| variant | threshold | {' | '.join(map(str, SEEDS))} | mean | std | validation loss |")
    print("| --- | --- |" + " --- |" * (len(SEEDS) + 3))
    print(_row("warm-up", "", list(starts.values())), flush=True)
    alone = studied("labels", "classical", "phases[0].method={name: supervised}")
    print(_row("labels alone", "", alone), flush=True)
    for variant in VARIANTS:
        for name, threshold in THRESHOLDS.items():
            runs = studied(variant, variant, f"phases[0].method.threshold={threshold}")
            print(_row(variant, name, runs), flush=True)


def _row(variant: str, threshold: str, runs: list[Trained]) -> str:
    scores = [float(one.scores["oof"]) for one in runs]
    losses = [read_histories(one.run)["0"].columns["valid_loss"] for one in runs]
    first, last = (fmean(float(one[at]) for one in losses) for at in (0, -1))
    told = " | ".join(f"{one:.3f}" for one in scores)
    spread = f"{fmean(scores):.3f} | {stdev(scores):.3f}"
    return f"| {variant} | {threshold} | {told} | {spread} | {first:.2f} → {last:.2f} |"


if __name__ == "__main__":
    main()
