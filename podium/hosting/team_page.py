"""A team's own page: its submissions, and which of them are its finals; no scripts, no tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from sqlalchemy import RowMapping

from podium.hosting.page import nav, page
from podium.hosting.spec import HostSpec
from podium.hosting.tokens import User

__all__ = [
    "COOKIE",
    "LIFETIME_S",
    "form_key",
    "is_good",
    "login_page",
    "make_cookie",
    "name_in_cookie",
    "team_page",
]

COOKIE = "podium_team"
LIFETIME_S = 12 * 3600


def make_cookie(user: User, until_s: int) -> str:
    """Return a cookie that says who it is until then (seconds since 1970), signed by the token.

    The token itself is not in it, and a renewed token ends it.
    """
    name = base64.urlsafe_b64encode(user.name.encode()).decode()
    return f"{name}.{until_s}.{_signed(user, f'page {until_s}')}"


def name_in_cookie(cookie: str) -> str:
    """Return the user that a cookie claims, "" for none; compare it whole with a made one."""
    try:
        return base64.urlsafe_b64decode(cookie.split(".")[0].encode()).decode()
    except ValueError:
        return ""


def is_good(cookie: str, user: User, now_s: float) -> bool:
    """Return whether we made this cookie for this user, and its time is not over."""
    until = cookie.split(".")[1] if cookie.count(".") == 2 else ""
    if not (until.isascii() and until.isdecimal() and len(until) < 12 and int(until) > now_s):
        return False
    return hmac.compare_digest(cookie.encode(), make_cookie(user, int(until)).encode())


def form_key(user: User, cookie: str) -> str:
    """Return what a form of this page carries, so that no other page can send it."""
    return _signed(user, f"form {cookie}")


def login_page(spec: HostSpec, *, message: str = "") -> str:
    """Return the page that asks for a token."""
    body = (
        f"<h1>{escape(spec.title)}</h1>{nav(spec, 'team')}"
        f"{_said(message)}<form method=post action='/competitions/{spec.slug}/team'>"
        "<p><label>Your token <input type=password name=token autocomplete=off size=50 required>"
        "</label> <button name=do value=login>Show my team</button></form>"
    )
    return page(spec.title, body)


def team_page(
    spec: HostSpec,
    user: User,
    rows: Sequence[Mapping[str, Any] | RowMapping],
    counted: Sequence[int],
    *,
    is_over: bool,
    key: str,
    message: str = "",
) -> str:
    """Return the page with the team's submissions, newest first.

    Args:
        spec: of the competition.
        user: who looks.
        rows: the submissions of the team.
        counted: the numbers of those that count as finals as things stand.
        is_over: nothing can be chosen any more, and private scores show.
        key: of the form.
        message: what just happened, if anything did.
    """
    shows_private = is_over or spec.reveal_private
    private = "<th scope=col class=number>Private" if shows_private else ""
    lines = "".join(_line(row, counted, is_over, shows_private) for row in rows) or (
        "<tr><td colspan=6>Nothing yet. How to send one: "
        f"<a href='/competitions/{spec.slug}/help'>help</a>."
    )
    button = "" if is_over else "<p><button name=do value=choose>Keep these finals</button>"
    rule = (
        "It is over: of each team the best private score among its finals counted."
        if is_over
        else "At the end the best private score among a team's finals counts. Tick up to "
        f"{spec.finals}; without a tick the best public ones are taken."
    )
    body = (
        f"<h1>{escape(spec.title)}: {escape(user.team)}</h1>{nav(spec, 'team')}{_said(message)}"
        f"<p>{rule}</p>"
        f"<form method=post action='/competitions/{spec.slug}/team'>"
        f"<input type=hidden name=key value='{escape(key)}'>"
        "<table><caption>Submissions, newest first</caption><thead><tr><th scope=col>Final"
        "<th scope=col class=number>No.<th scope=col>File and description"
        "<th scope=col class=wide>When (UTC)<th scope=col class=wide>Who"
        f"<th scope=col class=number>Public{private}</thead><tbody>{lines}</tbody></table>{button}"
        "<p><button name=do value=logout>Log out</button></form>"
    )
    return page(spec.title, body)


def _line(
    row: Mapping[str, Any] | RowMapping, counted: Sequence[int], is_over: bool, shows_private: bool
) -> str:
    """Return the row of a submission: what it is, and below it why it has no score."""
    when, who = escape(row["at"][:16].replace("T", " ")), escape(row["user"])
    said = f"<small class=always>{escape(row['description'])}</small>" if row["description"] else ""
    why = "<br>".join(escape(row["error"]).splitlines())
    why = f"<small class='always down'>{why}</small>" if why else ""
    scores = f"<td class=number>{_score(row['public'])}"
    if shows_private:
        scores += f"<td class=number>{_score(row['private'])}"
    return (
        f"<tr><td class=whole>{_tick(row, is_over)}{' counts' if row['ref'] in counted else ''}"
        f"<td class=number>{row['ref']}<th scope=row><bdi>{escape(row['file_name'])}</bdi>{said}"
        f"<small>{when} · {who}</small>"
        f"{why}"
        f"<td class=wide>{when}<td class=wide>{who}{scores}"
    )


def _tick(row: Mapping[str, Any] | RowMapping, is_over: bool) -> str:
    if row["status"] != "COMPLETE":
        return ""
    return (
        f"<input type=checkbox name=final value={int(row['ref'])} "
        f"aria-label='submission {int(row['ref'])}'"
        f"{' checked' if row['is_final'] else ''}{' disabled' if is_over else ''}>"
    )


def _said(message: str) -> str:
    return f"<p role=status><strong>{escape(message)}</strong></p>" if message else ""


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.5f}"


def _signed(user: User, text: str) -> str:
    return hmac.new(user.token.encode(), f"{text} {user.name}".encode(), hashlib.sha256).hexdigest()
