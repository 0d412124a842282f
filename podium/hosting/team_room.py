"""The team's page over HTTP: log in by token, look, tick finals."""

from __future__ import annotations

import hmac
import re
import time
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from podium.hosting.guessing import Guessing, address_of
from podium.hosting.host import Host, RefusedError
from podium.hosting.team_page import (
    COOKIE,
    LIFETIME_S,
    form_key,
    is_good,
    login_page,
    make_cookie,
    name_in_cookie,
    team_page,
)
from podium.hosting.tokens import User

__all__ = ["TeamRoom"]

_MAX_FORM_BYTES = 1 << 16
_MAX_FIELDS = 200
_NUMBER = re.compile("[0-9]{1,18}")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class TeamRoom:
    """The endpoint of `/competitions/<slug>/team`."""

    def __init__(self, host: Host, guessing: Guessing) -> None:
        self._host, self._guessing = host, guessing

    async def look(self, request: Request) -> Response:
        """Return the team's page, or the one that asks who it is."""
        self._refuse_other(request)
        user = self._user(request)
        if user is None:
            return HTMLResponse(login_page(self._host.spec), headers=_HEADERS)
        return HTMLResponse(await run_in_threadpool(self._page, request, user), headers=_HEADERS)

    async def act(self, request: Request) -> Response:
        """Log in, keep finals, log out; then the page is looked at anew."""
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
        wanted = form_key(user, request.cookies.get(COOKIE, "")).encode()
        if not hmac.compare_digest(key, wanted):
            raise RefusedError(403, "this form is not ours")
        if do == "logout":
            gone = self._to_page()
            gone.delete_cookie(COOKIE, path=self._path())
            return gone
        refs = [int(one) for one in form.get("final", []) if _NUMBER.fullmatch(one)]
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
        return user if user is not None and is_good(cookie, user, time.time()) else None

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
