"""The board: every submission, what it promised and what it scored, from the receipts alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from podium.competition.spec import Competition
from podium.submissions.client import Client, Entry, KaggleClient, Limits, Listing
from podium.submissions.endpoint import Endpoint, Target
from podium.submissions.receipt import Receipt, read_receipts, save, updated
from podium.submissions.upload import slug_of
from podium.workspace.clock import now
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, scan

__all__ = ["BoardRow", "BoardView", "RunScore", "board"]


@dataclass(frozen=True)
class BoardRow:
    """One submission: what it came from, what it promised, what it scored.

    `rank` is the place that its score takes among the `n_teams` of its host's newest leaderboard:
    the public score, the private one where the leaderboard goes by that. `adopted`: it was sent by
    other means, and `likely_from` names what its content was probably made from.
    """

    id: str
    created: str
    sources: tuple[str, ...]
    state: str
    target: Target
    ref: int | None
    honest: float | None
    honest_interval: tuple[float, float] | None
    optimistic: float | None
    public_score: float | None
    private_score: float | None
    message: str
    error: str
    rank: int | None = None
    n_teams: int | None = None
    kind: str = "file"
    adopted: bool = False
    likely_from: tuple[str, ...] = ()
    came_from: str = ""
    submitted: str | None = None


@dataclass(frozen=True)
class RunScore:
    """One run and its scores: each fold's, and the pooled one."""

    id: str
    folds: dict[str, float]
    oof: float | None
    selected_on_fold: bool


@dataclass(frozen=True)
class BoardView:
    """What `podium board` shows.

    `limits` and `leaderboard` are None and () when the host was not asked; `elsewhere` counts
    submissions at the host that no receipt knows.
    """

    metric: str
    rows: tuple[BoardRow, ...]
    runs: tuple[RunScore, ...]
    limits: Limits | None = None
    leaderboard: tuple[dict[str, Any], ...] = ()
    elsewhere: int = 0

    @property
    def quota_left(self) -> int | None:
        """How many more submissions today allows, or None when the host was not asked."""
        return None if self.limits is None else self.limits.left

    def as_dict(self) -> dict[str, Any]:
        """Return the view as JSON values."""
        return {**asdict(self), "quota_left": self.quota_left}


def board(
    workspace: Workspace,
    competition: Competition,
    endpoint: Endpoint | None = None,
    *,
    client: Client | None = None,
) -> BoardView:
    """Return the board, newest submission first.

    With an `endpoint` the host is asked first: receipts get their scores, and a snapshot of the
    leaderboard is added to `board/`. Without one nothing leaves the machine.

    Raises:
        HostError: the host was asked and refused or did not answer.
    """
    receipts = read_receipts(workspace)
    records = {record.id: record for _, record in scan(workspace)}
    metric = competition.metric.name
    view = BoardView(metric, (), _run_scores(records.values(), metric))
    if endpoint is not None:
        listing = (client or KaggleClient(endpoint, slug_of(competition))).listing()
        receipts, elsewhere = _refreshed(workspace, receipts, listing, endpoint.target)
        _add_snapshot(workspace, listing, endpoint.target)
        view = replace(
            view,
            limits=listing.limits,
            leaderboard=tuple(dict(entry) for entry in listing.leaderboard or ()),
            elsewhere=elsewhere,
        )
    rows = [_row(receipt, records, metric) for receipt in reversed(receipts)]
    return replace(view, rows=tuple(rows))


def _refreshed(
    workspace: Workspace, receipts: Sequence[Receipt], listing: Listing, target: Target
) -> tuple[list[Receipt], int]:
    """Return the receipts as the host knows them, and how many submissions have no receipt."""
    fresh, matched = [], set()
    for receipt in receipts:
        entry = _entry_of(receipt, listing) if receipt.target == target else None
        if entry is not None:
            matched.add(entry.ref)
            newer = updated(receipt, entry)
            receipt = save(workspace, newer) if newer != receipt else receipt
        fresh.append(receipt)
    return fresh, sum(entry.ref not in matched for entry in listing.submissions)


def _entry_of(receipt: Receipt, listing: Listing) -> Entry | None:
    for entry in listing.submissions:
        if receipt.marker in entry.description:
            return entry
    return None


def _add_snapshot(workspace: Workspace, listing: Listing, target: Target) -> None:
    """Append the leaderboard as a line, in one write: a kill leaves at most one cut line."""
    snapshot = {
        "schema_version": 1,
        "kind": "leaderboard",
        "at": now().isoformat(timespec="seconds"),
        "target": target,
        "entries": [dict(entry) for entry in listing.leaderboard or ()],
    }
    file: Path = workspace.board / "leaderboard.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    line = (json.dumps(snapshot, ensure_ascii=False) + "\n").encode()
    with file.open("ab+", buffering=0) as stream:
        end = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, end - 1))
        is_cut = stream.read(1) not in (b"", b"\n")
        stream.write(b"\n" + line if is_cut else line)
        os.fsync(stream.fileno())


def _row(receipt: Receipt, records: dict[str, Record], metric: str) -> BoardRow:
    """Return the row of a receipt; scores by another metric than today's are left out."""
    scores: dict[str, Any] = {}
    honest = receipt.honest
    for source in receipt.sources:
        if source in records and "honest" in records[source].scores:
            scores = records[source].scores
            if scores.get("metric", metric) != metric:
                scores, honest = {}, None
            break
    interval = scores.get("honest_interval")
    return BoardRow(
        id=receipt.id,
        created=receipt.created.isoformat(timespec="seconds"),
        sources=tuple(receipt.sources),
        state=receipt.state,
        target=receipt.target,
        ref=receipt.ref,
        honest=scores.get("honest") if honest is None else honest,
        honest_interval=None if interval is None else (interval[0], interval[1]),
        optimistic=scores.get("optimistic"),
        public_score=receipt.public_score,
        private_score=receipt.private_score,
        message=receipt.message,
        error=receipt.error,
    )


def _run_scores(records: Iterable[Record], metric: str) -> tuple[RunScore, ...]:
    """Return the runs that have a finished fold, their scores where they are by this metric."""
    found = []
    for record in sorted(records, key=lambda record: record.created):
        if record.kind == "run" and record.scores:
            scores = record.scores if record.scores.get("metric", metric) == metric else {}
            found.append(
                RunScore(
                    id=record.id,
                    folds=dict(scores.get("folds", {})),
                    oof=scores.get("oof"),
                    selected_on_fold=bool(scores.get("selected_on_fold", False)),
                )
            )
    return tuple(found)
