"""S3's semi-supervised rows on a stand-in, scikit-learn's digits: FixMatch, CoMatch, more labels.

    python examples/s3/run.py [--steps 800]

The recipes are the ones beside this file; the overrides make network, images and bank small. The
labelling request is answered with labels that were hidden.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.training.runs.train import train
from podium.workflows.labelling.answers import import_answers
from podium.workflows.labelling.requests import REQUEST_TABLE, request_labels
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from standin import GRAPH, SMALL, STRONG, lay_out_digits  # noqa: E402 — a neighbour of this folder

EPOCHS = 4
CHANGES = (
    *SMALL,
    "optimizer.lr=0.03",
    "ema_decay=0.99",
    f"phases[0].epochs={EPOCHS}",
    f"phases[0].method.strong={STRONG}",
)
ALONE = "imported_labels=false"


def main(given: Sequence[str] | None = None) -> None:
    """Print a row for each way of learning."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("demo/s3"))
    parser.add_argument("--labels", type=int, default=2, help="a class")
    parser.add_argument("--draw", type=int, default=0, help="of labelled and scored images")
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--asked", type=int, default=20)
    args = parser.parse_args(given)
    workspace, competition = lay_out_digits(args.folder, labels=args.labels, draw=args.draw)

    def learnt(recipe: str, *changes: str) -> tuple[str, float]:
        overrides = (*CHANGES, f"phases[0].steps_per_epoch={args.steps // EPOCHS}", *changes)
        file = HERE / f"{recipe}.yaml"
        done = train(workspace, competition, file, overrides=overrides)
        return done.run.name, float(done.scores["oof"])

    _, fixmatch = learnt("fixmatch", ALONE)
    run, comatch = learnt("comatch", *GRAPH, ALONE)
    _answer(workspace, competition, run, args.asked)
    start = f"model.from={run}"
    _, more = learnt("comatch_more", *GRAPH, start)
    _, same = learnt("comatch_more", *GRAPH, start, ALONE)
    print("| method | labels | accuracy |\n| --- | --- | --- |")
    n = 10 * args.labels
    print(f"| FixMatch | {n} | {fixmatch:.3f} |")
    print(f"| CoMatch | {n} | {comatch:.3f} |")
    print(f"| CoMatch, as long again | {n} | {same:.3f} |")
    print(
        f"| CoMatch, the {args.asked} of highest entropy labelled | {n + args.asked} | {more:.3f} |"
    )


def _answer(workspace: Workspace, competition: Competition, run: str, n: int) -> None:
    """Ask for `n` labels by what `run` does not know, and answer, once for all calls."""
    folder = _asked_before(workspace, run, n) or request_labels(
        workspace, competition, run, n=n, rule="entropy"
    )
    with (workspace.root / "hidden.csv").open() as file:
        truth = {row["id"]: row["label"] for row in csv.DictReader(file)}
    with (folder / REQUEST_TABLE).open() as file:
        asked = [row["id"] for row in csv.DictReader(file)]
    # An unlabelled image's id is its file's name without the suffix.
    answers = folder / "answers.csv"
    answers.write_text("\n".join(["id,label", *(f"{one},{truth[one]}" for one in asked), ""]))
    import_answers(workspace, competition, answers, who="hidden")


def _asked_before(workspace: Workspace, run: str, n: int) -> Path | None:
    """Return the request that a call before this one made; all answers of a workspace are learnt.

    Raises:
        UsageError: it was another request, whose answers would be learnt, too.
    """
    for table in workspace.labels.glob(f"[!.]*/{REQUEST_TABLE}"):
        record = read_record(table.parent)
        if record.parents == [run] and record.details["n"] == n:
            return table.parent
        raise UsageError(
            f"{record.details['n']} labels were asked for {record.parents[0]} before",
            where=table.parent,
            fix="name a new folder with --folder, or remove this one",
        )
    return None


if __name__ == "__main__":
    main()
