"""What each step of `podium auto` brought on the hidden labels, of workspaces of `auto_table.py`.

    python benchmarks/auto_table.py --folder demo/bench-auto …
    python benchmarks/auto_steps.py demo/bench-auto/cats-dogs-1-15 …

A row a step: its expected and its real seconds; the out-of-fold score of its run alone; the honest
score of the blend of all runs so far; the hidden score of its file, and the change since the step
before with the standard error of a bootstrap of the hidden rows.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from auto_table import AUTO, drawn_scores, podium_answers
from parts.auto_sets import HIDDEN, SETS

from podium.workspace.auto_record import auto_records
from podium.workspace.layout import Workspace


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, help="SET-SEED-MINUTES, of auto_table.py")
    args = parser.parse_args()
    print("| set, seed, minutes | step | expected s | s | alone | honest | hidden | change |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for folder in args.folders:
        _print_steps(folder)


def _print_steps(folder: Path) -> None:
    name, seed, minutes = folder.name.rsplit("-", 2)
    one, root = SETS[name], folder / AUTO.replace(" ", "-")
    with np.load(folder / HIDDEN) as kept:
        truth = kept["hidden"]
    before = None
    for step in (step for record in auto_records(Workspace(root)) for step in record.steps):
        cells = ["", "", step.state, ""]
        if step.blend is not None:
            scores = drawn_scores(one, truth, podium_answers(root, one, step.blend))
            alone = "" if step.alone is None else f"{step.alone:.4f}"
            cells = [alone, f"{step.honest:.4f}", f"{scores[0]:.4f}", ""]
            if before is not None:
                change = scores - before
                cells[-1] = f"{change[0]:+.4f} ± {change[1:].std():.4f}"
            before = scores
        took = "" if step.seconds is None else f"{step.seconds:.0f}"
        row = [f"{name}, {seed}, {minutes}", step.name, f"{step.expected_s:.0f}", took, *cells]
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
