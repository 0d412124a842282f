"""How a blend and the board look on a terminal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from podium.cli.tables import number, print_json, print_table

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.submissions.board import BoardView

__all__ = ["print_blend", "print_board"]


def print_blend(folder: Path, competition: Competition, *, as_json: bool = False) -> None:
    """Print a blend: members and weights, the decision, honest and optimistic score."""
    from podium.ensembling.artefact import read_blend

    blend, _ = read_blend(folder)
    if as_json:
        print_json({"id": folder.name, **asdict(blend)})
        return
    rows = [(name, f"{w:.3f}") for name, w in zip(blend.members, blend.weights, strict=True)]
    print_table(("member", "weight"), rows, title=f"{folder.name} ({blend.method})")
    for step in blend.decision:
        for name, value in step.items():
            print(f"{name}: {_decision(value, competition.classes)}")
    interval = ""
    if blend.honest_interval is not None:
        interval = f"  [{number(blend.honest_interval[0])}, {number(blend.honest_interval[1])}]"
    print(f"honest {blend.metric}: {number(blend.honest)}{interval}")
    print(f"optimistic (fitted and scored on the same rows): {number(blend.optimistic)}")
    for note in blend.notes:
        print(f"note: {note}")


def print_board(view: BoardView) -> None:
    """Print runs and their fold scores, submissions and theirs, and the quota."""
    runs = [
        (
            run.id,
            " ".join(number(score) for score in run.folds.values()),
            number(run.oof),
            "chosen on its fold" if run.selected_on_fold else None,
        )
        for run in view.runs
    ]
    if runs:
        print_table(("run", "folds", f"OOF {view.metric}", ""), runs, title="runs")
    rows = [
        (
            row.id,
            f"{row.created[:16].replace('T', ' ')}",
            ", ".join(row.sources),
            _with_interval(row.honest, row.honest_interval),
            number(row.optimistic),
            number(row.public_score),
            number(row.private_score),
            row.error or row.state,
        )
        for row in view.rows
    ]
    columns = (
        "submission",
        "created (UTC)",
        "from",
        "honest",
        "optimistic",
        "public",
        "private",
        "state",
    )
    print_table(columns, rows, title="submissions")
    if view.quota_left is not None:
        print(f"submissions left today: {view.quota_left} (the day ends at 00:00 UTC)")
    if view.elsewhere:
        print(f"{view.elsewhere} more at the host were sent by other means")


def _with_interval(score: float | None, interval: tuple[float, float] | None) -> str:
    if interval is None:
        return number(score)
    return f"{number(score)} [{number(interval[0], 3)}, {number(interval[1], 3)}]"


def _decision(value: object, classes: list[str]) -> str:
    if not isinstance(value, list):
        return f"{value:.4f}" if isinstance(value, float) else str(value)
    names = classes if len(classes) == len(value) else map(str, range(len(value)))
    return ", ".join(f"{name} {one:.3g}" for name, one in zip(names, value, strict=True))
