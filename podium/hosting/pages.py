"""The pages of a host: the leaderboard, and the help; self-contained and without scripts.

The leaderboard's page is made once for each change.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from time import monotonic

from podium.competition.sections.tasks import combination_of
from podium.errors import plural
from podium.hosting.course_material import HelpSection, help_sections, help_variables
from podium.hosting.host import Host
from podium.hosting.spec import HostSpec
from podium.workspace.ids import short_digest

__all__ = ["SECURITY_HEADERS", "Pages", "RenderedPage", "nav", "page"]

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Of each page: it runs no script, and nothing of it stands in another page."""

_QUICK_S = 0.1
Scored = tuple[str, float, datetime]  # team, score, when


@dataclass(frozen=True)
class RenderedPage:
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
        self._made: tuple[object, RenderedPage] | None = None
        self._not_before = 0.0

    def leaderboard(self) -> RenderedPage:
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
                self._made = (state, _rendered(self._leaderboard()))
                took = monotonic() - began
                self._not_before = began + (10 * took if took > _QUICK_S else 0)
            return self._made[1]
        finally:
            self._lock.release()

    def help(self, url: str) -> RenderedPage:
        """Return the lines to type for a host at `url`."""
        spec = self._host.spec
        return _rendered(
            help_page(spec, help_sections(spec, help_variables(url), url), self._top_files())
        )

    def _leaderboard(self) -> str:
        host = self._host
        is_over = host.is_over()
        leaderboard = [
            (team, score, datetime.fromisoformat(at)) for team, score, at in host.leaderboard()
        ]
        lines = leaderboard_rows(
            leaderboard,
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

    def _top_files(self) -> list[tuple[str, str]]:
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
                f"{plural(len(sizes), 'file')}, {_size(sum(sizes))}"
                if name[-1] == "/"
                else _size(sizes[0]),
            )
            for name, sizes in inside.items()
        ]


def leaderboard_rows(
    leaderboard: Sequence[Scored],
    scored: Sequence[Scored],
    *,
    now: datetime,
    is_over: bool,
    higher_is_better: bool,
) -> list[LeaderboardRow]:
    """Return the teams in `leaderboard` with their submissions and changes of place.

    Args:
        leaderboard: the counting score of each team, best first.
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
        LeaderboardRow(
            rank=rank,
            team=team,
            score=score,
            entries=entries.get(team, 0),
            last=last.get(team, at),
            moved=None if team not in ranks else ranks[team] - rank,
        )
        for rank, (team, score, at) in enumerate(leaderboard, start=1)
    ]


def _ranks(scored: Sequence[Scored], higher_is_better: bool) -> dict[str, int]:
    """Return the rank of each team by its best score; of equal ones the earlier is first."""
    sign = -1.0 if higher_is_better else 1.0
    best: dict[str, tuple[float, datetime]] = {}
    for team, score, at in scored:
        best[team] = min(best.get(team, (sign * score, at)), (sign * score, at))
    order = sorted(best, key=lambda team: best[team])
    return {team: rank for rank, team in enumerate(order, start=1)}


def _rendered(html: str) -> RenderedPage:
    return RenderedPage(html, f'"{short_digest(html)}"')


def _size(n_bytes: int) -> str:
    for unit, large in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if n_bytes >= large:
            return f"{n_bytes / large:.1f} {unit}"
    return f"{n_bytes} bytes"


REFRESH_S = 60
_STYLE = """
:root { color-scheme: light dark; --ink: #1a1c20; --soft: #5a5f68; --paper: #fff; --line: #d9dce1;
  --shade: #f4f5f7; --mark: #1f5fbf; --up: #176b3a; --down: #a32a2a;
  font: 16px/1.5 system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaee; --soft: #a9afba; --paper: #15171b;
  --line: #343840; --shade: #1e2127; --mark: #8ab4f8; --up: #6fcf97; --down: #ff9a9a; } }
* { box-sizing: border-box; }
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; color: var(--ink);
  background: var(--paper); overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .4rem; }
a { color: var(--mark); }
a:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
nav { display: flex; flex-wrap: wrap; gap: 0 1.2rem; margin-bottom: 1.2rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .8rem;
  margin: 1rem 0 1.5rem; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .5rem; }
th, td { text-align: left; padding: .5rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); font-size: .85rem; color: var(--soft); }
tbody tr:nth-child(even) { background: var(--shade); }
tbody th { font-weight: 600; width: 50%; }
.number { text-align: right; }
.number, .wide { white-space: nowrap; }
.up { color: var(--up); } .down { color: var(--down); }
small { display: none; color: var(--soft); font-weight: 400; }
pre { background: var(--shade); border: 1px solid var(--line); border-radius: .3rem; padding: .7rem;
  overflow-x: auto; white-space: pre-wrap; font-size: .9rem; }
small.always { display: block; } small.down { color: var(--down); }
.whole { overflow-wrap: normal; }
code { font-family: ui-monospace, monospace; }
footer { margin-top: 1.5rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 38rem) { .wide { display: none; } small { display: block; }
  th, td { padding: .45rem .35rem; } }
@media print { nav, footer { display: none; } body { max-width: none; color: #000;
  background: #fff; } tr { break-inside: avoid; } thead { display: table-header-group; } }
"""


@dataclass(frozen=True)
class LeaderboardRow:
    """One team on the leaderboard.

    Attributes:
        rank: from 1; equal scores share one.
        team: any text.
        score: that the rank is by.
        entries: how many submissions were scored.
        last: when the last of them came.
        moved: places up (or down, negative) since the last midnight in UTC, on the private board
            since the public one; None: it is new there.
    """

    rank: int
    team: str
    score: float
    entries: int
    last: datetime
    moved: int | None


def leaderboard_page(
    spec: HostSpec,
    lines: Sequence[LeaderboardRow],
    *,
    now: datetime,
    is_over: bool,
    public_share: float,
    higher_is_better: bool,
) -> str:
    """Return the leaderboard as HTML: the public one, or, after the end, the private one.

    Args:
        spec: of the competition.
        lines: of the teams, best first.
        now: aware.
        is_over: whether the scores are the private ones.
        public_share: of the scored images, those that are public, in [0, 1].
        higher_is_better: of the metric.
    """
    which = _which(is_over, public_share)
    facts = [
        (
            "Metric",
            f"{_format_metric(spec)} ({'higher' if higher_is_better else 'lower'} is better)",
        ),
        ("Teams", f"{len(lines):,}"),
        ("Submissions a day", f"{spec.daily_limit} a team, from 00:00 UTC"),
        ("Deadline", _deadline(spec, now, is_over)),
    ]
    moved = "Since the public board" if is_over else "Since yesterday"
    rows = "".join(map(_row, lines)) or (
        "<tr><td colspan=6>No submission has a score yet. How to send one: "
        f"<a href='/competitions/{spec.slug}/help'>help</a>."
    )
    body = (
        f"<h1>{escape(spec.title)}</h1>{nav(spec, 'board')}"
        f"<dl>{''.join(f'<div><dt>{escape(a)}<dd>{escape(b)}</div>' for a, b in facts)}</dl>"
        f"<table><caption>{escape(which)}</caption><thead><tr>"
        "<th scope=col class=number>Rank<th scope=col>Team<th scope=col class=number>Score"
        f"<th scope=col class='number wide'>{moved}<th scope=col class='number wide'>Entries"
        "<th scope=col class=wide>Last (UTC)</thead>"
        f"<tbody>{rows}</tbody></table>"
        f"<footer>This page reads itself again every {REFRESH_S} seconds.</footer>"
    )
    return page(spec.title, body, refresh_s=REFRESH_S)


def help_page(
    spec: HostSpec, sections: Sequence[HelpSection], files: Sequence[tuple[str, str]]
) -> str:
    """Return the lines to type as HTML.

    Args:
        spec: of the competition.
        sections: as `handout.sections` returns them, without anybody's token.
        files: (name, description) of each download.
    """
    parts = [f"<h1>{escape(spec.title)}: how to take part</h1>", nav(spec, "help")]
    parts.append("<p>Your teacher gave you a token: put it where the lines show.</p>")
    for section in sections:
        parts.append(f"<h2>{escape(section.title)}</h2>")
        parts += [f"<p>{_with_code(paragraph)}</p>" for paragraph in section.text]
        if section.commands:
            parts.append(f"<pre><code>{escape(chr(10).join(section.commands))}</code></pre>")
    rows = "".join(f"<tr><th scope=row>{escape(a)}<td>{escape(b)}" for a, b in files)
    parts.append(
        "<h2 id=files>Files</h2><table><caption>What <code>download</code> brings</caption>"
        "<thead><tr><th scope=col>Name<th scope=col>What it is</thead>"
        f"<tbody>{rows or '<tr><td colspan=2>None.'}</tbody></table>"
    )
    return page(f"{spec.title}: help", "".join(parts))


def _with_code(text: str) -> str:
    """Return a paragraph as HTML; what stands between backticks is code."""
    parts = [escape(part) for part in text.split("`")]
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def page(title: str, body: str, *, refresh_s: int | None = None) -> str:
    """Return a whole page of the host around `body`, which is HTML already."""
    refresh = "" if refresh_s is None else f"<meta http-equiv=refresh content={refresh_s}>"
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        f"<title>{escape(title)}</title>"
        f"<meta name=viewport content='width=device-width, initial-scale=1'>{refresh}"
        f"<style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def _format_metric(spec: HostSpec) -> str:
    """Return the name of the metric, and of several how they are combined."""
    combination = combination_of(spec.metric)
    return spec.metric.name if combination is None else combination.describe()


def format_duration(span: timedelta) -> str:
    """Return a span of time in its two largest units.

    Example:
        >>> long, short = timedelta(days=2, hours=3, minutes=9), timedelta(seconds=50)
        >>> format_duration(long), format_duration(short)
        ('2 days 3 hours', 'less than a minute')
    """
    minutes = int(span.total_seconds() // 60)
    units = [("day", minutes // 1440), ("hour", minutes // 60 % 24), ("minute", minutes % 60)]
    parts = [f"{n} {name}{'s' * (n != 1)}" for name, n in units if n]
    first = next((i for i, (_, n) in enumerate(units) if n), len(units))
    near = [f"{n} {name}{'s' * (n != 1)}" for name, n in units[first : first + 2] if n]
    return " ".join(near) if parts else "less than a minute"


def _which(is_over: bool, public_share: float) -> str:
    if is_over:
        return (
            "Final leaderboard, on the private part of the test images"
            if public_share < 1
            else "Final leaderboard: all test images were public"
        )
    if public_share >= 1:
        return "Leaderboard, on all test images"
    return (
        f"Public leaderboard, on {public_share:.0%} of the test images. The other "
        f"{1 - public_share:.0%} decide at the end"
    )


def _deadline(spec: HostSpec, now: datetime, is_over: bool) -> str:
    if spec.deadline is None:
        return "over" if is_over else "none"
    at = f"{spec.deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{at} (over)" if is_over else f"{at} (in {format_duration(spec.deadline - now)})"


def nav(spec: HostSpec, here: str) -> str:
    """Return the links to the pages of a host; `here` is the one that they stand on."""
    links = {
        "board": ("/", "Leaderboard"),
        "help": (f"/competitions/{spec.slug}/help", "How to take part"),
        "files": (f"/competitions/{spec.slug}/help#files", "Files"),
        "team": (f"/competitions/{spec.slug}/team", "Your team"),
    }
    shown = "".join(
        f"<a href='{address}'{' aria-current=page' * (name == here)}>{text}</a>"
        for name, (address, text) in links.items()
    )
    return f"<nav aria-label=Pages>{shown}</nav>"


def _row(line: LeaderboardRow) -> str:
    last = f"{line.last.astimezone(UTC):%Y-%m-%d %H:%M}"
    word = "entry" if line.entries == 1 else "entries"
    return (
        f"<tr><td class=number>{line.rank}"
        f"<th scope=row><bdi>{escape(line.team)}</bdi>"
        f"<small>{line.entries:,} {word} · {last} · {_moved(line.moved)}</small>"
        f"<td class=number>{line.score:.5f}"
        f"<td class='number wide'>{_moved(line.moved)}<td class='number wide'>{line.entries:,}"
        f"<td class=wide>{last}"
    )


def _moved(places: int | None) -> str:
    """Return how far a team moved, in signs that are words, too."""
    if places is None:
        return "new"
    if places == 0:
        return "–"
    way, sign = ("up", "▲") if places > 0 else ("down", "▼")
    return f"<span class={way} title='{way} {abs(places)}'>{sign} {abs(places)}</span>"
