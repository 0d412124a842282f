"""How a study looks on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.cli.tables import number, print_json, print_table
from podium.errors import RunError

if TYPE_CHECKING:
    from podium.workflows.studies.keeping import Study

__all__ = ["print_study", "raise_failed"]


def print_study(study: Study, *, as_json: bool) -> None:
    """Print the arms, their differences, and where it all lies."""
    from podium.workflows.studies.keeping import cells

    if as_json:
        print_json({"id": study.id, "folder": study.folder, **study.found})
        return
    better = "higher" if study.greater_is_better else "lower"
    folds = f"fold{'s' if len(study.folds) > 1 else ''} {', '.join(map(str, study.folds))}"
    columns, rows = cells(study)
    print_table(columns, rows, title=f"{study.id}: {study.metric}, {better} is better; {folds}")
    found = [
        (one.name, f"{one.mean:+.4f}", number(one.std), len(one.by_seed))
        for one in study.differences
        if one.mean is not None
    ]
    if found:
        print_table(("difference, seed by seed", "mean", "std", "seeds"), found)
    for note in study.notes:
        print(f"note: {note}")
    if study.stopped is not None:
        print(study.stopped)
    print(f"study: {study.folder}")


def raise_failed(study: Study) -> None:
    """Raise what trainings failed with, after the table that lacks them.

    Raises:
        RunError: a training failed.
    """
    failed = [
        f"{row.name}, seed {seed}: {why}" for row in study.rows for seed, why in row.failed.items()
    ]
    if failed:
        raise RunError("\n".join(failed), fix="mend it; the same command trains what is missing")
