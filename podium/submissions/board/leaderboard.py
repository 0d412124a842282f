"""The leaderboard over time: small snapshots, the newest one whole, and the rank of a score.

    board/leaderboard.jsonl       a line whenever it changed: the top, our row, quantiles
    board/standings-<target>.json the newest one, every score, and when it was last current

A snapshot is small because a leaderboard has thousands of teams and is watched for months.
"""

from __future__ import annotations

import bisect
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from podium.submissions.upload.client import HostListing
from podium.submissions.upload.endpoint import Target
from podium.workspace import atomic, json_lines
from podium.workspace.layout import Workspace

__all__ = [
    "Leaderboard",
    "OwnRank",
    "Snapshot",
    "Split",
    "read_leaderboard",
    "read_snapshots",
    "record_leaderboard",
]

Split = Literal["public", "private"]
OwnRank = tuple[int, str, float]  # rank, team, score

TOP = 100
QUANTILES = 20  # steps of 5 %
LEADERBOARD_FILE = "leaderboard.jsonl"
_KAGGLES_DIGITS = 5


@dataclass(frozen=True)
class Snapshot:
    """The leaderboard of a host at one time.

    `n_teams` is None where the host shows the top only. `top` has the first 100 teams, best first;
    a team may be without a score. `own` is the rank, name and score of this user's team, or None
    where it is unknown or not there. `quantiles` are the scores at 0, 5, … 100 % of the way from
    the best team to the last one, () where the host shows the top only. `split` names the rows that
    the scores are of.
    """

    at: datetime
    target: Target
    n_teams: int | None
    top: tuple[tuple[str, float | None], ...]
    own: OwnRank | None
    quantiles: tuple[float, ...]
    split: Split = "public"
    slug: str = ""


@dataclass(frozen=True)
class Leaderboard:
    """The newest leaderboard of a host: every score that it shows, best first.

    `at` is the time of its last change, `seen` the last time it was found unchanged. `digits` is
    the number of decimals with which the host shows scores.
    """

    snapshot: Snapshot
    seen: datetime
    scores: tuple[float, ...]
    is_whole: bool
    digits: int

    def rank(self, score: float | None, *, greater_is_better: bool) -> int | None:
        """Return the place that `score` takes, 1 for the best; equal scores share the best place.

        Scores are compared in the digits that the host shows. None: there is no score, or the place
        is below the part of the leaderboard that was downloaded.
        """
        if score is None or not self.scores:
            return None
        mine, shown = round(score, self.digits), self._ascending
        better = (
            len(shown) - bisect.bisect_right(shown, mine)
            if greater_is_better
            else bisect.bisect_left(shown, mine)
        )
        return better + 1 if self.is_whole or better < len(self.scores) else None

    @cached_property
    def _ascending(self) -> list[float]:
        return sorted(round(one, self.digits) for one in self.scores)


def record_leaderboard(
    workspace: Workspace,
    listing: HostListing,
    *,
    target: Target,
    slug: str,
    at: datetime,
    greater_is_better: bool,
) -> Leaderboard | None:
    """Record the leaderboard of `listing` and return it; None where the host shows none.

    The caller holds `json_lines.growing(workspace.board)`. A line is added only if something in
    the snapshot changed since the last one of this host; the time of the check is noted in any
    case. A listing that is older than the recorded one changes nothing.
    """
    if listing.leaderboard is None:
        return None
    known = read_leaderboard(workspace, target)
    if known is not None and known.seen > at:
        return known
    fresh = _leaderboard(listing, target, slug, at, greater_is_better=greater_is_better)
    if known is not None and _content(known) == _content(fresh):
        fresh = replace(known, seen=at)
    last = _last_line(workspace, target)
    if last is None or replace(last, at=at) != replace(fresh.snapshot, at=at):
        json_lines.append(workspace.board / LEADERBOARD_FILE, [_line(fresh.snapshot)])
    atomic.write_json(_file(workspace, target), _as_json(fresh))
    return fresh


def read_snapshots(workspace: Workspace) -> list[Snapshot]:
    """Return the snapshots in `board/`, oldest first, without lines that are none."""
    lines = json_lines.read(workspace.board / LEADERBOARD_FILE)
    found = [snapshot for line in lines if (snapshot := _snapshot(line)) is not None]
    return sorted(found, key=lambda one: one.at)


def read_leaderboard(workspace: Workspace, target: Target) -> Leaderboard | None:
    """Return the newest leaderboard of a host, or None; without its file, what snapshots hold."""
    try:
        value = json.loads(_file(workspace, target).read_text(encoding="utf-8"))
        snapshot = _snapshot(value)
        if snapshot is not None:
            return Leaderboard(
                snapshot,
                _parse_time(value["seen"]),
                tuple(float(score) for score in value["scores"]),
                bool(value["is_whole"]),
                int(value["digits"]),
            )
    except (OSError, ValueError, KeyError, TypeError):
        pass
    last = _last_line(workspace, target)
    if last is None:
        return None
    scores = tuple(score for _, score in last.top if score is not None)
    return Leaderboard(last, last.at, scores, last.n_teams == len(last.top), _KAGGLES_DIGITS)


def _leaderboard(
    listing: HostListing, target: Target, slug: str, at: datetime, *, greater_is_better: bool
) -> Leaderboard:
    teams = [(str(one["team"]), _number(one["score"])) for one in listing.leaderboard or ()]
    # Hosts list the best first; it is made sure, for ranks are counted from it.
    teams.sort(key=lambda one: _sort_key(one[1], greater_is_better=greater_is_better), reverse=True)
    scores = tuple(score for _, score in teams if score is not None)
    snapshot = Snapshot(
        at=at,
        target=target,
        n_teams=len(teams) if listing.is_whole else None,
        top=tuple(teams[:TOP]),
        own=None,
        quantiles=_quantiles(scores) if listing.is_whole else (),
        split=listing.split,
        slug=slug,
    )
    leaderboard = Leaderboard(snapshot, at, scores, listing.is_whole, listing.digits)
    own = _own_row(listing, leaderboard, greater_is_better=greater_is_better)
    return replace(leaderboard, snapshot=replace(snapshot, own=own))


def _sort_key(score: float | None, *, greater_is_better: bool) -> float:
    if score is None:
        return float("-inf")
    return score if greater_is_better else -score


def _own_row(
    listing: HostListing, leaderboard: Leaderboard, *, greater_is_better: bool
) -> OwnRank | None:
    if listing.own is None or listing.leaderboard is None:
        return None
    row = listing.leaderboard[listing.own]
    score = _number(row["score"])
    rank = leaderboard.rank(score, greater_is_better=greater_is_better)
    if score is None or rank is None:
        return None
    # The host orders teams of one score, as by who had it first; `rank` is the first place of them.
    shown = round(score, leaderboard.digits)
    above = [_number(one["score"]) for one in listing.leaderboard[: listing.own]]
    rank += sum(one is not None and round(one, leaderboard.digits) == shown for one in above)
    return rank, str(row["team"]), score


def _quantiles(scores: Sequence[float]) -> tuple[float, ...]:
    """Return the scores of the teams nearest to each step of 5 % from the first to the last."""
    if not scores:
        return ()
    last = len(scores) - 1
    return tuple(scores[round(step * last / QUANTILES)] for step in range(QUANTILES + 1))


def _content(leaderboard: Leaderboard) -> dict[str, Any]:
    return _as_json(leaderboard) | {"at": "", "seen": ""}


def _as_json(leaderboard: Leaderboard) -> dict[str, Any]:
    return {
        **_line(leaderboard.snapshot),
        "seen": leaderboard.seen.isoformat(timespec="seconds"),
        "is_whole": leaderboard.is_whole,
        "digits": leaderboard.digits,
        "scores": list(leaderboard.scores),
    }


def _line(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "schema_version": 2,
        "kind": "leaderboard",
        "at": snapshot.at.isoformat(timespec="seconds"),
        "target": snapshot.target,
        "slug": snapshot.slug,
        "split": snapshot.split,
        "n_teams": snapshot.n_teams,
        "own": None if snapshot.own is None else list(snapshot.own),
        "quantiles": list(snapshot.quantiles),
        "top": [list(one) for one in snapshot.top],
    }


def _last_line(workspace: Workspace, target: Target) -> Snapshot | None:
    found = [one for one in read_snapshots(workspace) if one.target == target]
    return found[-1] if found else None


def _snapshot(line: Mapping[str, Any]) -> Snapshot | None:
    """Return the snapshot in a line of this version or of the first; None: it is none."""
    try:
        if line["kind"] != "leaderboard":
            return None
        if "entries" in line:
            entries: list[Any] = [(one["team"], one["score"]) for one in line["entries"]]
        else:
            entries = line["top"]
        own = line.get("own")
        n_teams = line.get("n_teams")
        return Snapshot(
            at=_parse_time(line["at"]),
            target=line["target"],
            n_teams=None if n_teams is None else int(n_teams),
            top=tuple((str(team), _number(score)) for team, score in entries),
            own=None if own is None else (int(own[0]), str(own[1]), float(own[2])),
            quantiles=tuple(float(one) for one in line.get("quantiles", ())),
            split="private" if line.get("split") == "private" else "public",
            slug=str(line.get("slug", "")),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _parse_time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(score: Any) -> float | None:
    """Return the score, or None where a host shows none, or no number."""
    return float(score) if score is not None and math.isfinite(float(score)) else None


def _file(workspace: Workspace, target: Target) -> Path:
    return workspace.board / f"standings-{target}.json"
