"""A team's own page: log in by token, see the submissions, tick the finals.

It has no scripts; cookies are signed and hold no token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import RowMapping
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from podium.hosting.host import Host, RefusedError
from podium.hosting.pages import SECURITY_HEADERS, nav, page
from podium.hosting.spec import HostSpec
from podium.hosting.throttling import TokenThrottle, address_of
from podium.hosting.users import User

__all__ = ["TeamEndpoint"]


_MAX_FORM_BYTES = 1 << 16
_MAX_FIELDS = 200
_NUMBER = re.compile("[0-9]{1,18}")
_HEADERS = {"Cache-Control": "no-store", **SECURITY_HEADERS}


class TeamEndpoint:
    """The endpoint of `/competitions/<slug>/team`."""

    def __init__(self, host: Host, guessing: TokenThrottle) -> None:
        self._host, self._guessing = host, guessing

    async def show(self, request: Request) -> Response:
        """Return the team's page, or the page for logging in."""
        self._refuse_other(request)
        user = self._user(request)
        if user is None:
            return HTMLResponse(login_page(self._host.spec), headers=_HEADERS)
        return HTMLResponse(await run_in_threadpool(self._page, request, user), headers=_HEADERS)

    async def act(self, request: Request) -> Response:
        """Log in, keep finals, or log out; then redirect to the page."""
        self._refuse_other(request)
        self._refuse_foreign(request)
        form = await _form(request)
        do = form.get("do", [""])[0]
        if do == "login":
            return await self._log_in(request, form.get("token", [""])[0].strip())
        user = self._user(request)
        if user is None:
            return self._to_page()
        key = form.get("key", [""])[0].encode()
        expected = form_key(user, request.cookies.get(COOKIE, "")).encode()
        if not hmac.compare_digest(key, expected):
            raise RefusedError(403, "this form is not ours")
        if do == "logout":
            gone = self._to_page()
            gone.delete_cookie(COOKIE, path=self._path())
            return gone
        if not all(map(_NUMBER.fullmatch, form.get("final", []))):
            raise RefusedError(400, "final is the number of a submission")
        refs = list(map(int, form.get("final", [])))
        await run_in_threadpool(self._host.choose, user.name, refs)
        return self._to_page()

    async def _log_in(self, request: Request, token: str) -> Response:
        user = self._host.holder(token)
        if user is None:
            if not await self._guessing.wait(address_of(request)):
                raise RefusedError(429, "too many wrong tokens came from your address")
            text = login_page(self._host.spec, message="This token is not valid here.")
            return HTMLResponse(text, status_code=401, headers=_HEADERS)
        reply = self._to_page()
        reply.set_cookie(
            COOKIE,
            make_cookie(user, int(time.time()) + LIFETIME_S),
            max_age=LIFETIME_S,
            path=self._path(),
            httponly=True,
            samesite="strict",
        )
        return reply

    def _page(self, request: Request, user: User) -> str:
        rows, counted = self._host.finals(user.team)
        return team_page(
            self._host.spec,
            user,
            rows,
            counted,
            is_over=self._host.is_over(),
            key=form_key(user, request.cookies.get(COOKIE, "")),
        )

    def _user(self, request: Request) -> User | None:
        cookie = request.cookies.get(COOKIE, "")
        user = self._host.member(name_in_cookie(cookie))
        return user if user is not None and is_valid_cookie(cookie, user, time.time()) else None

    def _refuse_other(self, request: Request) -> None:
        if request.path_params["slug"] != self._host.spec.slug:
            raise RefusedError(404, "there is no such competition here")

    def _refuse_foreign(self, request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
            raise RefusedError(403, "this form comes from another page")

    def _to_page(self) -> RedirectResponse:
        return RedirectResponse(self._path(), status_code=303, headers=_HEADERS)

    def _path(self) -> str:
        return f"/competitions/{self._host.spec.slug}/team"


async def _form(request: Request) -> dict[str, list[str]]:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MAX_FORM_BYTES:
            raise RefusedError(413, "the form is too long")
    try:
        return parse_qs(content.decode("ascii"), max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise RefusedError(400, "the form cannot be read") from error


COOKIE = "podium_team"
LIFETIME_S = 12 * 3600


def make_cookie(user: User, until_s: int) -> str:
    """Return a cookie that names the user until then (seconds since 1970), signed by the token.

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


def is_valid_cookie(cookie: str, user: User, now_s: float) -> bool:
    """Return whether we made this cookie for this user, and its time is not over."""
    until = cookie.split(".")[1] if cookie.count(".") == 2 else ""
    if not (until.isascii() and until.isdecimal() and len(until) < 12 and int(until) > now_s):
        return False
    return hmac.compare_digest(cookie.encode(), make_cookie(user, int(until)).encode())


def form_key(user: User, cookie: str) -> str:
    """Return what a form of this page carries, so that no other page can send it."""
    return _signed(user, f"form {cookie}")


def login_page(spec: HostSpec, *, message: str = "") -> str:
    """Return the page with the form for a token."""
    body = (
        f"<h1>{escape(spec.title)}</h1>{nav(spec, 'team')}"
        f"{_message(message)}<form method=post action='/competitions/{spec.slug}/team'>"
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
) -> str:
    """Return the page with the team's submissions, newest first.

    Args:
        spec: of the competition.
        user: the viewer.
        rows: the submissions of the team.
        counted: the numbers of those that count as finals at present.
        is_over: nothing can be chosen any more, and private scores show.
        key: of the form.
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
        f"<h1>{escape(spec.title)}: {escape(user.team)}</h1>{nav(spec, 'team')}"
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
    note = f"<small class=always>{escape(row['description'])}</small>" if row["description"] else ""
    why = "<br>".join(escape(row["error"]).splitlines())
    why = f"<small class='always down'>{why}</small>" if why else ""
    scores = f"<td class=number>{_score(row['public'])}"
    if shows_private:
        scores += f"<td class=number>{_score(row['private'])}"
    return (
        f"<tr><td class=whole>{_tick(row, is_over)}{' counts' if row['ref'] in counted else ''}"
        f"<td class=number>{row['ref']}<th scope=row><bdi>{escape(row['file_name'])}</bdi>{note}"
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


def _message(message: str) -> str:
    return f"<p role=status><strong>{escape(message)}</strong></p>" if message else ""


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.5f}"


def _signed(user: User, text: str) -> str:
    return hmac.new(user.token.encode(), f"{text} {user.name}".encode(), hashlib.sha256).hexdigest()
