"""What the pages of a host show, asked of the host; the leaderboard is made once a change."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from podium.hosting.handout import help_variables, sections
from podium.hosting.host import Host
from podium.hosting.page import Line, help_page, leaderboard_page
from podium.workspace.ids import short_digest

__all__ = ["Pages", "Shown", "lines_of"]

_QUICK_S = 0.1
Scored = tuple[str, float, datetime]  # team, score, when


@dataclass(frozen=True)
class Shown:
    """A page, and a tag that changes when it does."""

    html: str
    tag: str


class Pages:
    """The pages of one host, for several threads.

    A class that refreshes costs nothing: the leaderboard is made again when a submission came, a
    setting changed or the minute did.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._made: tuple[object, Shown] | None = None
        self._not_before = 0.0

    def leaderboard(self) -> Shown:
        """Return the leaderboard: public, or after the end private.

        While one thread makes it the others show the one before; and where making takes long, it is
        made in a tenth of the time at most.
        """
        if not self._lock.acquire(blocking=self._made is None):
            assert self._made is not None
            return self._made[1]
        try:
            minute = self._host.now().replace(second=0, microsecond=0)
            state = (*self._files(), minute, self._host.is_over())
            began = monotonic()
            if self._made is None or (self._made[0] != state and began >= self._not_before):
                self._made = (state, _shown(self._leaderboard()))
                took = monotonic() - began
                self._not_before = began + (10 * took if took > _QUICK_S else 0)
            return self._made[1]
        finally:
            self._lock.release()

    def help(self, url: str) -> Shown:
        """Return what to type, for who reaches the host at `url`."""
        spec = self._host.spec
        return _shown(help_page(spec, sections(spec, help_variables(url), url), self._given()))

    def _leaderboard(self) -> str:
        host = self._host
        is_over = host.is_over()
        standings = [
            (team, score, datetime.fromisoformat(at)) for team, score, at in host.standings()
        ]
        lines = lines_of(
            standings,
            host.scored(),
            now=host.now(),
            is_over=is_over,
            higher_is_better=host.spec.scored_by.greater_is_better,
        )
        return leaderboard_page(
            host.spec,
            lines,
            now=host.now(),
            is_over=is_over,
            public_share=host.public_share,
            higher_is_better=host.spec.scored_by.greater_is_better,
        )

    def _files(self) -> list[tuple[int, int] | None]:
        """Return the state of what the leaderboard is made of."""
        database, folder = self._host.folder.database, self._host.folder
        wal = database.with_name(f"{database.name}-wal")
        files = (database, wal, folder.tokens, folder.spec_file, folder.solution)
        found: list[tuple[int, int] | None] = []
        for file in files:
            try:
                about = file.stat()
                found.append((about.st_mtime_ns, about.st_size))
            except FileNotFoundError:
                found.append(None)
        return found

    def _given(self) -> list[tuple[str, str]]:
        """Return name and content of what lies at the top of the files."""
        root = self._host.folder.files
        inside: dict[str, list[int]] = {}
        for path in self._host.data_files():
            name = path.relative_to(root).parts[0]
            name += "" if (root / name).is_file() else "/"
            inside.setdefault(name, []).append(path.stat().st_size)
        return [
            (
                name,
                f"{len(sizes):,} files, {_size(sum(sizes))}"
                if name[-1] == "/"
                else _size(sizes[0]),
            )
            for name, sizes in inside.items()
        ]


def lines_of(
    standings: Sequence[Scored],
    scored: Sequence[Scored],
    *,
    now: datetime,
    is_over: bool,
    higher_is_better: bool,
) -> list[Line]:
    """Return the teams in `standings` with what they did and how they moved.

    Args:
        standings: of each team the score that counts, best first.
        scored: every submission with its public score, oldest first.
        now: aware; places are compared with those at the last midnight in UTC.
        is_over: compare with the public board at the end instead.
        higher_is_better: of the metric.
    """
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    before = [one for one in scored if is_over or one[2] < midnight]
    ranks = _ranks(before, higher_is_better)
    entries: dict[str, int] = {}
    last: dict[str, datetime] = {}
    for team, _, at in scored:
        entries[team] = entries.get(team, 0) + 1
        last[team] = at
    return [
        Line(
            rank=rank,
            team=team,
            score=score,
            entries=entries.get(team, 0),
            last=last.get(team, at),
            moved=None if team not in ranks else ranks[team] - rank,
        )
        for rank, (team, score, at) in enumerate(standings, start=1)
    ]


def _ranks(scored: Sequence[Scored], higher_is_better: bool) -> dict[str, int]:
    """Return the rank of each team by its best score; of equal ones the earlier is first."""
    sign = -1.0 if higher_is_better else 1.0
    best: dict[str, tuple[float, datetime]] = {}
    for team, score, at in scored:
        best[team] = min(best.get(team, (sign * score, at)), (sign * score, at))
    order = sorted(best, key=lambda team: best[team])
    return {team: rank for rank, team in enumerate(order, start=1)}


def _shown(html: str) -> Shown:
    return Shown(html, f'"{short_digest(html)}"')


def _size(n_bytes: int) -> str:
    for unit, large in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if n_bytes >= large:
            return f"{n_bytes / large:.1f} {unit}"
    return f"{n_bytes} bytes"
