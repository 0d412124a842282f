"""S3's semi-supervised rows on a stand-in, scikit-learn's digits: FixMatch, CoMatch, more labels.

    python examples/s3/run.py [--steps 800]

The recipes are the ones beside this file; the overrides make network, images and bank small. The
labelling request is answered with labels that were hidden.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from podium.workflows.label_importing import import_answers
from podium.workflows.label_requests import request_labels
from podium.workflows.training import train_recipes

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from standin import lay_out_digits  # noqa: E402 — a neighbour of this folder

EPOCHS = 4
SMALL = (
    "model={backbone: cnn, pretrained: false, options: {widths: [16, 32, 64], depth: 2}}",
    "input.size=16",
    "input.train=[{name: Affine, rotate: [-10, 10], translate_percent: [-0.1, 0.1], p: 1.0}]",
    "optimizer.lr=0.03",
    "batch_size=16",
    "ema_decay=0.99",
    f"phases[0].epochs={EPOCHS}",
    "phases[0].method.strong=upright:strong",
)
# As many as the stand-in can fill; a graph of so few images is of those that are nearly sure.
GRAPH = (
    "phases[0].method.bank=640",
    "phases[0].method.queue=640",
    "phases[0].method.weight=1",
    "phases[0].method.graph_weight=1",
    "phases[0].method.graph_threshold=0.8",
    "phases[0].method.threshold=0.9",
)


def main() -> None:
    """Print a row for each way of learning."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("demo/s3"))
    parser.add_argument("--labels", type=int, default=2, help="a class")
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--asked", type=int, default=20)
    args = parser.parse_args()
    workspace, competition = lay_out_digits(args.folder, labels=args.labels)

    def learnt(recipe: str, *changes: str) -> tuple[str, float]:
        overrides = (*SMALL, f"phases[0].steps_per_epoch={args.steps // EPOCHS}", *changes)
        file = HERE / f"{recipe}.yaml"
        [done] = train_recipes(workspace, competition, [file], overrides=overrides)
        return done.run.name, float(done.scores["oof"])

    before = "imported_labels=false"
    _, fixmatch = learnt("fixmatch", before)
    run, comatch = learnt("comatch", *GRAPH, before)
    folder = request_labels(workspace, competition, run, n=args.asked, rule="entropy")
    answers = folder / "answers.csv"
    _answer(folder / "request.csv", args.folder / "hidden.csv", answers)
    import_answers(workspace, competition, answers, who="hidden")
    start = f"model.from={run}"
    _, more = learnt("comatch_more", *GRAPH, start)
    _, same = learnt("comatch_more", *GRAPH, start, before)
    print("| method | labels | accuracy |\n| --- | --- | --- |")
    n = 10 * args.labels
    print(f"| FixMatch | {n} | {fixmatch:.3f} |")
    print(f"| CoMatch | {n} | {comatch:.3f} |")
    print(f"| CoMatch, as long again | {n} | {same:.3f} |")
    print(
        f"| CoMatch, the {args.asked} of highest entropy labelled | {n + args.asked} | {more:.3f} |"
    )


def _answer(request: Path, hidden: Path, answers: Path) -> None:
    with hidden.open() as file:
        truth = {row["id"]: row["label"] for row in csv.DictReader(file)}
    with request.open() as file:
        asked = [row["id"] for row in csv.DictReader(file)]
    # An unlabelled image's id is its file's name without the suffix.
    answers.write_text("\n".join(["id,label", *(f"{one},{truth[one]}" for one in asked), ""]))


if __name__ == "__main__":
    main()
