"""Noisy Student on a stand-in, scikit-learn's digits: a teacher and three rounds of students.

    python examples/noisy_student/run.py [--steps 400] [--rounds 3]

The recipes are the ones beside this file; the overrides make networks and images small. A row has
the accuracy of seeds 0, 1, 2, each a chain of its own. The student's recipe without pseudo-labels
tells what its larger network and its noise are worth by themselves.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean, stdev

from podium.training.runs.train import Trained, train
from podium.workflows.pseudo.labelling import pseudo_label

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from standin import SMALL, STRONG, lay_out_digits  # noqa: E402 — a neighbour of this folder

SEEDS = (0, 1, 2)
EPOCHS = 4
CHANGES = (*SMALL, "optimizer.lr=2e-3", "ema_decay=0.99", f"phases[0].epochs={EPOCHS}")
LARGER = (
    "model={backbone: cnn, pretrained: false, options: {widths: [32, 64, 128], depth: 2},"
    # A plain network has no path to drop, and to drop its channels is too much for so few steps.
    " heads: {classify: {pool: avg, dropout: 0.5}}}",
    f"input.train={STRONG}",
)


def main(given: Sequence[str] | None = None) -> None:
    """Print accuracy by seed, mean and spread, of the teacher and of each round."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("demo/noisy_student"))
    parser.add_argument("--labels", type=int, default=4, help="a class")
    parser.add_argument("--draw", type=int, default=0, help="of labelled and scored images")
    parser.add_argument("--steps", type=int, default=1600, help="of each network")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--per-class", type=int, default=100, help="pseudo-labels")
    args = parser.parse_args(given)
    workspace, competition = lay_out_digits(args.folder, labels=args.labels, draw=args.draw)

    def learnt(recipe: str, name: str, seed: int, *changes: str) -> Trained:
        steps = f"phases[0].steps_per_epoch={args.steps // EPOCHS}"
        overrides = (*CHANGES, steps, f"seed={seed}", *changes)
        file = HERE / f"{recipe}.yaml"
        return train(workspace, competition, file, overrides=overrides, name=name)

    print(f"| | {' | '.join(map(str, SEEDS))} | mean | std |")
    print("| --- |" + " --- |" * (len(SEEDS) + 2))
    newest = {seed: learnt("teacher", "teacher", seed) for seed in SEEDS}
    print(_row("teacher", newest.values()), flush=True)
    alone = [learnt("student", "alone", seed, *LARGER, "pseudo=[]") for seed in SEEDS]
    print(_row("student without pseudo-labels", alone), flush=True)
    for number in range(1, args.rounds + 1):
        for seed, teacher in newest.items():
            said = pseudo_label(workspace, competition, teacher.run.name)
            chosen = (f"pseudo[0].from={said.name}", f"pseudo[0].per_class={args.per_class}")
            newest[seed] = learnt("student", f"student-{number}", seed, *LARGER, *chosen)
        print(_row(f"round {number}", newest.values()), flush=True)


def _row(name: str, runs: Iterable[Trained]) -> str:
    scores = [float(one.scores["oof"]) for one in runs]
    told = " | ".join(f"{one:.3f}" for one in scores)
    return f"| {name} | {told} | {fmean(scores):.3f} | {stdev(scores):.3f} |"


if __name__ == "__main__":
    main()
