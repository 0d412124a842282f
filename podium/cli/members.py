"""How the members of a blend, and what each brings, look on a terminal."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from podium.cli.tables import fitting, number, print_json, print_table, table_console

if TYPE_CHECKING:
    from podium.ensembling.member_table import Gain, MemberTable

__all__ = ["print_members"]

MATRIX_UP_TO = 12
"""More members' correlations do not stand side by side on a terminal; JSON has them."""

LEAST = ("it adds", "without it", "errs most like", "alone")
"""Columns that a narrow terminal lacks, after the best's; `--json` has them all."""


def print_members(identity: str, table: MemberTable, *, as_json: bool = False) -> None:
    """Print what each member brings and whose errors are alike; as JSON all correlations."""
    if as_json:
        alike = [[None if np.isnan(one) else one for one in row] for row in table.correlation]
        print_json({"id": identity, **asdict(table), "correlation": alike})
        return
    rows = [_row(table, at) for at in range(len(table.members))]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    shown = fitting(columns, (f"{table.best} and it", *LEAST), table_console().width)
    title = f"{identity}: honest {table.metric} {number(table.honest)}"
    print_table(tuple(shown), list(zip(*shown.values(), strict=True)), title=title)
    print("scores are honest: every blend is fitted anew across the folds; ± one standard error")
    if 1 < len(rows) <= MATRIX_UP_TO:
        numbers = [str(at + 1) for at in range(len(rows))]
        print_table(
            ("", "member", *numbers),
            [
                (at, one.name, *("–" if np.isnan(r) else f"{r:.2f}" for r in row))
                for at, one, row in zip(numbers, table.members, table.correlation, strict=True)
            ],
            title="correlation of errors",
        )


def _row(table: MemberTable, at: int) -> dict[str, str]:
    one = table.members[at]
    without, gains = _gain(one.dropped)
    with_best, adds = _gain(one.added)
    return {
        "": str(at + 1),
        "member": one.name,
        "weight": f"{one.weight:.3f}",
        "alone": number(one.alone),
        "without it": without,
        "keeping it gains": gains,
        f"{table.best} and it": with_best,
        "it adds": adds,
        "errs most like": _nearest(table, at),
    }


def _gain(found: Gain | None) -> tuple[str, str]:
    if found is None:
        return "–", "–"
    error = "" if found.error is None else f" ± {found.error:.4f}"
    return number(found.score), f"{round(found.gain, 4) + 0.0:+.4f}{error}"  # never -0.0000


def _nearest(table: MemberTable, at: int) -> str:
    """Return the member whose errors are most like this one's, and how much."""
    alike = np.where(np.arange(len(table.members)) == at, np.nan, table.correlation[at])
    if np.isnan(alike).all():
        return "–"
    other = int(np.nanargmax(alike))
    return f"{table.members[other].name} {alike[other]:.2f}"
