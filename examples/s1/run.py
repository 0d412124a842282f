"""S1's table on a stand-in: variants and thresholds by seeds 42, 43, 44, on scikit-learn's digits.

    python examples/s1/run.py [--frozen] [--epochs 10]

The recipes are the ones beside this file; the overrides make network and images small.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import fmean, stdev

from podium.workflows.training import train_recipes

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from standin import lay_out_digits  # noqa: E402 — a neighbour of this folder

SEEDS = (42, 43, 44)
VARIANTS = ("classical", "permanent", "local")
THRESHOLDS = {"0": "0", "0.9": "0.9", "0.95": "0.95", "0.90 + 0.02 e": "{start: 0.9, step: 0.02}"}
SMALL = (
    "model={backbone: cnn, pretrained: false, options: {widths: [16, 32, 64], depth: 2}}",
    "input.size=16",
    "input.train=[{name: Affine, rotate: [-10, 10], translate_percent: [-0.1, 0.1], p: 1.0}]",
    "optimizer.lr=0.02",  # from random weights and in a few hundred steps
    "batch_size=16",
    "loggers=[csv]",
)


def main() -> None:
    """Print accuracy by seed, mean and spread of every variant and threshold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("demo/s1"))
    parser.add_argument("--labels", type=int, default=8, help="a class")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--frozen", action="store_true", help="train the head alone")
    args = parser.parse_args()
    workspace, competition = lay_out_digits(args.folder, labels=args.labels)
    print(f"| variant | threshold | {' | '.join(map(str, SEEDS))} | mean | std |")
    print("| --- | --- |" + " --- |" * (len(SEEDS) + 2))
    for variant in VARIANTS:
        # A step of `alternate` is one of eight: the others learn from labels at every step.
        per_epoch = 80 if variant == "classical" else 10
        for name, threshold in THRESHOLDS.items():
            trained = train_recipes(
                workspace,
                competition,
                [HERE / f"{variant}.yaml"],
                overrides=(
                    *SMALL,
                    f"phases[0].epochs={args.epochs}",
                    f"phases[0].steps_per_epoch={per_epoch}",
                    f"phases[0].freeze={'[backbone]' if args.frozen else '[]'}",
                    f"phases[0].method.threshold={threshold}",
                ),
                seeds=SEEDS,
            )
            scores = [float(one.scores["oof"]) for one in trained]
            told = " | ".join(f"{one:.3f}" for one in scores)
            row = f"| {variant} | {name} | {told} | {fmean(scores):.3f} | {stdev(scores):.3f} |"
            print(row, flush=True)


if __name__ == "__main__":
    main()
