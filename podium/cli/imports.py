"""Imported predictions on a terminal: what was read, its score, and what it can be used for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from podium.cli.context import print_to_type
from podium.cli.tables import print_json, print_table
from podium.tasks.protocols.names import ANSWERS
from podium.training.runs.content import changes_as_json
from podium.workflows.importing import describe_import_use, import_warning
from podium.workspace.display import number
from podium.workspace.records import read_record

if TYPE_CHECKING:
    from podium.training.runs.content import DataChange

__all__ = ["print_imports"]


_CROSS_FITS = {
    "ours": "by the folds of folds.csv",
    "other folds": "not shown, other folds than those of folds.csv",
    "folds unknown": "not shown, no folds were declared",
    "torn groups": "no, its folds tear groups apart",
    "test only": "no out-of-fold rows, only test predictions",
}


def print_imports(
    folders: Sequence[Path], *, changes: Sequence[DataChange] = (), as_json: bool = False
) -> None:
    """Print what was read, how it is cross-fitted, its score, and what it can be used for.

    As JSON, also `changes`: the data that it was scored on is not today's.
    """
    records = [read_record(one) for one in folders]
    if as_json:
        print_json(
            [
                {
                    "id": one.id,
                    **one.details,
                    "scores": one.scores,
                    "use": describe_import_use(folder),
                    **({"doubt": doubt} if (doubt := import_warning(folder)) else {}),
                    **changes_as_json(changes),
                }
                for folder, one in zip(folders, records, strict=True)
            ]
        )
        return
    for folder, record in zip(folders, records, strict=True):
        rows, tasks = [], record.details.get("tasks", {})
        for task, facts in tasks.items():
            score = record.scores.get("tasks", {}).get(task, {})
            rows.append(
                (
                    ANSWERS[task],
                    f"{facts['oof_rows']:,}",
                    ", ".join(map(str, facts["folds"])) or "–",
                    f"{facts['test_rows']:,} × {facts['test_models']}",
                    score.get("metric", "–"),
                    number(score.get("oof")),
                )
            )
        columns = ("", "OOF rows", "folds", "test rows × models", "metric", "plain OOF score")
        print_table(columns, rows, title=record.id)
        print(f"out of fold: {_describe_cross_fit(record.details)}")
        for facts in tasks.values():
            for note in facts["notes"]:
                print_to_type(f"note: {note}")
        if doubt := import_warning(folder):
            print_to_type(f"note: {doubt}")
        print_to_type(describe_import_use(folder))


def _describe_cross_fit(details: dict[str, object]) -> str:
    # Imports that podium made itself, as neighbours, are by our folds and prove nothing.
    if details.get("trusted"):
        return "on your word (--trust-folds)"
    return _CROSS_FITS[str(details.get("cross_fitted", "ours"))]
