"""How the board looks on a terminal: as much of it as fits."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from podium.cli.tables import fitting, number, print_table

if TYPE_CHECKING:
    from podium.submissions.board import BoardRow, BoardView

__all__ = ["print_board"]

WIDTH = 100
_LONGEST = 40
# What goes first where there is not enough room; the rest stays.
_DROPPED = ("message", "optimistic", "kind", "interval", "from", "when (UTC)", "rank", "private")


def print_board(view: BoardView, *, width: int | None = None) -> None:
    """Print runs and their fold scores, submissions and theirs, the rank and the quota.

    Args:
        view: the board.
        width: characters of a line; default: the terminal's, 100 where there is none.
    """
    if width is None:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
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
        print_table(("run", "folds", f"OOF {view.metric}", ""), runs, title="runs", width=width)
    columns = fitting(_columns(view), _DROPPED, width)
    print_table(
        tuple(columns),
        list(zip(*columns.values(), strict=True)),
        title="submissions",
        width=width,
    )
    for line in _below(view):
        print(line)


def _columns(view: BoardView) -> dict[str, list[str]]:
    """Return the cells of every column by its name, without columns that say nothing."""
    rows = view.rows
    columns = {
        "submission": [row.id for row in rows],
        "when (UTC)": [(row.submitted or row.created)[5:16].replace("T", " ") for row in rows],
        "from": [_origin(row) for row in rows],
        "honest": [number(row.honest) + _mark(row.id == view.best_honest) for row in rows],
        "interval": [_interval(row.honest_interval) for row in rows],
        "optimistic": [number(row.optimistic) for row in rows],
        "public": [number(row.public_score) + _mark(row.id == view.best_public) for row in rows],
        "private": [number(row.private_score) for row in rows],
        "rank": [_rank(row) for row in rows],
        "kind": [row.kind if row.kind != "file" else "" for row in rows],
        "state": [_state(row) for row in rows],
        "message": [_short(row.message) for row in rows],
    }
    kept = ("submission", "from", "honest", "public", "state")
    return {
        name: cells
        for name, cells in columns.items()
        if name in kept or any(cell not in ("", number(None)) for cell in cells)
    }


def _origin(row: BoardRow) -> str:
    if row.likely_from:
        return "likely " + ", ".join(row.likely_from)
    if row.adopted and not row.sources:
        return "by other means"
    return ", ".join(row.sources) or _short(row.came_from)


def _state(row: BoardRow) -> str:
    return f"{row.state}: {_short(row.error)}" if row.error else row.state.replace("_", " ")


def _mark(is_best: bool) -> str:
    return " *" if is_best else ""


def _interval(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{number(interval[0], 3)} to {number(interval[1], 3)}"


def _rank(row: BoardRow) -> str:
    if row.rank is None:
        return ""
    return f"{row.rank}" if row.n_teams is None else f"{row.rank} of {row.n_teams}"


def _short(text: str) -> str:
    plain = "".join(one if one.isprintable() else " " for one in text)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def _below(view: BoardView) -> list[str]:
    lines = []
    if view.best_honest is not None or view.best_public is not None:
        lines.append("* the best of what was sent")
    if view.own is not None and view.seen is not None:
        rank, team, score = view.own
        of = "" if view.n_teams is None else f" of {view.n_teams}"
        lines.append(
            f"{view.split} leaderboard: team {_short(team)} is {rank}{of} with {score:g} "
            f"(seen {view.seen[:16].replace('T', ' ')} UTC)"
        )
    if view.quota_left is not None:
        lines.append(f"submissions left today: {view.quota_left} ({_reset(view)})")
    return lines


def _reset(view: BoardView) -> str:
    if view.asked is None or view.quota_resets is None:
        return "the day ends at 00:00 UTC"
    left = datetime.fromisoformat(view.quota_resets) - datetime.fromisoformat(view.asked)
    minutes = int(left.total_seconds() // 60)
    return f"the day ends at 00:00 UTC, in {minutes // 60} h {minutes % 60:02d} min"
