"""The leaderboard as a page, self-contained and without scripts."""

from __future__ import annotations

from datetime import UTC
from html import escape

from podium.hosting.host import Host

__all__ = ["leaderboard_page"]

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884; }
td:first-child, td:nth-child(3) { text-align: right; }
p { opacity: .75; }
"""


def leaderboard_page(host: Host) -> str:
    """Return the page with each user's best public score, or private score after the deadline."""
    rows = "".join(
        f"<tr><td>{rank}</td><td>{escape(user)}</td><td>{score:.5f}</td>"
        f"<td>{escape(at[:16].replace('T', ' '))}</td></tr>"
        for rank, (user, score, at) in enumerate(host.standings(), start=1)
    )
    spec = host.spec
    title = escape(spec.title)
    split = "private" if host.is_over() else "public"
    end = None if spec.deadline is None else spec.deadline.astimezone(UTC)
    until = "" if end is None else f" Deadline: {end:%Y-%m-%d %H:%M} UTC."
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
        f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style>"
        f"<h1>{title}</h1>"
        f"<p>Ranked by {escape(spec.metric.name)} on the {split} rows. "
        f"{spec.daily_limit} submissions a day (UTC).{until}</p>"
        "<table><thead><tr><th>#<th>Team<th>Score<th>Submitted (UTC)</thead>"
        f"<tbody>{rows or '<tr><td colspan=4>No submission yet.'}</tbody></table></html>"
    )
