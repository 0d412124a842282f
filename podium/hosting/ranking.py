"""Leaderboards of teams: the best public score, or the best private one of the finals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

__all__ = ["Standing", "finals_of", "private_board", "public_board"]

Standing = tuple[str, float, str]  # team, score, when
Entry = Mapping[str, Any] | sa.RowMapping


def public_board(entries: Iterable[Entry], *, higher_is_better: bool) -> list[Standing]:
    """Return each team's best public score, best first; of equal ones the earlier is first.

    Args:
        entries: submissions with `ref`, `team`, `public`, `at`; a score may be None.
        higher_is_better: of the metric.
    """
    return _board(entries, "public", higher_is_better)


def private_board(
    entries: Sequence[Entry], *, finals: int, higher_is_better: bool
) -> list[Standing]:
    """Return the best private score among each team's finals; public ones where nothing is private.

    Args:
        entries: as in `public_board`, with `private` and `is_final`.
        finals: how many submissions of a team are looked at where it chose none.
        higher_is_better: of the metric.
    """
    teams: dict[str, list[Entry]] = {}
    for entry in entries:
        teams.setdefault(entry["team"], []).append(entry)
    counted = [
        entry
        for mine in teams.values()
        for entry in finals_of(mine, finals=finals, higher_is_better=higher_is_better)
    ]
    is_hidden = any(entry["private"] is not None for entry in counted)
    return _board(counted, "private" if is_hidden else "public", higher_is_better)


def finals_of(entries: Sequence[Entry], *, finals: int, higher_is_better: bool) -> list[Entry]:
    """Return the finals of one team: those that it chose, else its best public ones."""
    valid = [entry for entry in entries if entry["status"] == "COMPLETE"]
    chosen = [entry for entry in valid if entry["is_final"]]
    if chosen:
        return chosen
    sign = -1.0 if higher_is_better else 1.0

    def order(entry: Entry) -> tuple[bool, float, int]:
        score = entry["public"]
        # Without public rows the latest count: nobody could know which is best.
        if score is None:
            return True, 0.0, -entry["ref"]
        return False, sign * score, entry["ref"]

    return sorted(valid, key=order)[:finals]


def _board(entries: Iterable[Entry], split: str, higher_is_better: bool) -> list[Standing]:
    sign = -1.0 if higher_is_better else 1.0
    best: dict[str, tuple[float, str, int]] = {}
    for entry in entries:
        if entry[split] is None:
            continue
        mine = (sign * entry[split], entry["at"], entry["ref"])
        best[entry["team"]] = min(best.get(entry["team"], mine), mine)
    order = sorted(best, key=lambda team: best[team])
    return [(team, sign * best[team][0], best[team][1]) for team in order]
