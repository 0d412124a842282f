"""S3's self-supervised rows on a stand-in, scikit-learn's digits, beside its semi-supervised ones.

    python examples/s3/pretrained.py [--steps 300]

Four ways to learn a backbone without labels, each followed by after.yaml from there, FixMatch and
CoMatch: as long each, in one table of `podium study compare`. The recipes are the ones beside this
file; made small, they are written to the workspace.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from podium.training.recipe import load_recipe
from podium.workflows.studies.compare import compare_study
from podium.workspace.documents import dump

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from standin import GRAPH, SMALL, STRONG, lay_out_digits  # noqa: E402 — a neighbour of this folder

EPOCHS = 4
# A pass over the labels of a stand-in is a step or two: what follows has as many steps everywhere.
AFTER = (*SMALL, "optimizer.lr=0.03", "phases[0].epochs=5", "phases[0].steps_per_epoch=20")
SEMI = (*SMALL, "optimizer.lr=0.03", "ema_decay=0.99", f"phases[0].method.strong={STRONG}")
# Rates and projectors for batches of 64 and 64 features; LARS is for batches of a thousand.
ALONE = (
    *SMALL,
    "batch_size=64",
    "optimizer={name: adamw, lr: 2e-3, weight_decay: 1e-4, schedule: cosine, warmup_epochs: 0.4}",
    f"phases[0].probe.every={EPOCHS}",
    "unlabelled=[unlabelled]",  # not the images that are scored
)
VIEWS = f"phases[0].method.views=[{STRONG}, {STRONG}]"


def _with(**options: object) -> tuple[str, ...]:
    return tuple(f"phases[0].method.{name}={value}" for name, value in options.items())


RECIPES = {
    "simclr": (*ALONE, VIEWS, *_with(hidden=256, size=64, temperature=0.2)),
    "simsiam": (
        *ALONE,
        "optimizer={name: sgd, nesterov: false, lr: 0.05, weight_decay: 5e-4, decay_norms: true}",
        VIEWS,
        *_with(hidden=256, size=256, bottleneck=64, layers=2),
    ),
    "barlow_twins": (*ALONE, VIEWS, *_with(hidden=256, size=256, off_diagonal=0.02)),
    "autoencoder": (*ALONE, *_with(view="upright:weak", size=32, width=16)),
    "fixmatch": SEMI,
    "comatch": (*SEMI, *GRAPH),
}
"""Recipe → what makes it one for digits on a CPU."""


def main(given: Sequence[str] | None = None) -> None:
    """Print the table of the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("demo/s3_pretrained"))
    parser.add_argument("--labels", type=int, default=2, help="a class")
    parser.add_argument("--draw", type=int, default=0, help="of labelled and scored images")
    parser.add_argument("--steps", type=int, default=300, help="of each recipe")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    args = parser.parse_args(given)
    workspace, competition = lay_out_digits(args.folder, labels=args.labels, draw=args.draw)
    workspace.recipes.mkdir(exist_ok=True)
    for name, changes in {**RECIPES, "after": AFTER}.items():
        steps = () if name == "after" else (f"phases[0].steps_per_epoch={args.steps // EPOCHS}",)
        recipe = load_recipe(HERE / f"{name}.yaml", (*changes, *steps))
        dump(recipe, workspace.recipes / f"{name}.yaml")
    study = compare_study(
        workspace,
        competition,
        list(RECIPES),
        epochs=EPOCHS,
        then="after",
        seeds=range(args.seeds),
    )
    print((study.folder / "table.md").read_text(), end="")
    print(f"\nfigure: {study.folder / 'figure.svg'}")


if __name__ == "__main__":
    main()
