"""How imported predictions look on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from podium.cli.tables import number, print_json, print_table

__all__ = ["print_imports"]

_TASKS = {"classify": "labels", "segment": "masks"}
_STANDINGS = {
    "ours": "by the folds of folds.csv",
    "other folds": "by other folds than those of folds.csv",
    "folds unknown": "by unknown folds",
    "torn groups": "by folds that tear groups apart",
    "test only": "no out-of-fold rows",
}


def print_imports(folders: Sequence[Path], *, as_json: bool = False) -> None:
    """Print what was read, how it is cross-fitted, its score, and what it can be used for."""
    from podium.workflows.importing import what_for
    from podium.workspace.records import read_record

    records = [read_record(one) for one in folders]
    if as_json:
        print_json(
            [
                {"id": one.id, **one.details, "scores": one.scores, "use": what_for(folder)}
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
                    _TASKS[task],
                    f"{facts['oof_rows']:,}",
                    ", ".join(map(str, facts["folds"])) or "–",
                    f"{facts['test_rows']:,} × {facts['test_models']}",
                    score.get("metric", "–"),
                    number(score.get("oof")),
                )
            )
        columns = ("", "OOF rows", "folds", "test rows × models", "metric", "plain OOF score")
        print_table(columns, rows, title=record.id)
        print(f"out of fold: {_standing(record.details)}")
        for facts in tasks.values():
            for note in facts["notes"]:
                print(f"note: {note}")
        print(what_for(folder))


def _standing(details: dict[str, object]) -> str:
    # What podium itself put among the imports, as neighbours, is by our folds and says nothing.
    said = _STANDINGS[str(details.get("cross_fitted", "ours"))]
    return f"{said}, on your word (--trust-folds)" if details.get("trusted") else said
