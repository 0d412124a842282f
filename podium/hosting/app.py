"""The host over HTTP: the part of Kaggle's protocol that the official client uses, and its pages.

Uploads are streamed to the disk. The public data and the leaderboard are downloads of one ZIP file
each.
"""

from __future__ import annotations

import asyncio
import base64
import csv
import errno
import io
import ipaddress
import json
import logging
import os
import re
import secrets
import socket
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from podium.errors import PodiumError
from podium.hosting.address import NAME_PATH
from podium.hosting.host import Host, RefusedError
from podium.hosting.pages import SECURITY_HEADERS, Pages, RenderedPage
from podium.hosting.protocol import Redirect, is_open, is_slow, respond
from podium.hosting.store import StoreBusyError, StoreFullError
from podium.hosting.team_page import TeamEndpoint
from podium.hosting.throttling import TeamQueues, TokenThrottle, address_of
from podium.hosting.users import escape_formula
from podium.workspace.atomic import replacing
from podium.workspace.ids import short_digest
from podium.workspace.locks import wait_and_hold

__all__ = ["build_app"]


_logger = logging.getLogger(__name__)

MAX_QUESTION_BYTES, MAX_OPEN_QUESTION_BYTES = 1 << 20, 1 << 14
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_HOST = re.compile(r"([\w.-]*|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?", re.ASCII)


def build_app(host: Host) -> ASGIApp:
    """Return the ASGI application of `host`; it also takes requests sent to it as to a proxy."""
    guessing = TokenThrottle()
    service, room = _Service(host, guessing), TeamEndpoint(host, guessing)

    async def refused(request: Request, error: RefusedError) -> Response:
        if error.status == 401 and not await guessing.wait(address_of(request)):
            return _error(429, "too many wrong tokens came from your address: wait a minute")
        return _error(error.status, error.message)

    routes = [
        Route("/", service.page),
        Route(NAME_PATH, service.name),
        Route("/competitions/{slug}", service.page),
        Route("/competitions/{slug}/help", service.help),
        Route("/competitions/{slug}/team", room.show, methods=["GET"]),
        Route("/competitions/{slug}/team", room.act, methods=["POST"]),
        Route("/api/v1/{service}/{method}", service.call, methods=["POST"]),
        Route("/upload/{token}", service.upload, methods=["PUT"]),
        Route("/storage/files/{name:path}", service.data_file),
        Route("/storage/archive/{name}", service.archive),
        Route("/storage/leaderboard.zip", service.leaderboard),
    ]
    handlers: Any = {
        RefusedError: refused,
        HTTPException: _http_error,
        ClientDisconnect: _gone,
        Exception: _broken,
    }
    return _ProxyRequests(Starlette(routes=routes, exception_handlers=handlers), host)


class _Service:
    """The endpoints; what blocks runs in threads."""

    def __init__(self, host: Host, guessing: TokenThrottle) -> None:
        self._host, self._guessing = host, guessing
        self._pages = Pages(host)
        self._archiving = asyncio.Lock()
        self._receiver = UploadReceiver(host)
        self._turns = TeamQueues()

    async def call(self, request: Request) -> Response:
        call = f"{request.path_params['service']}/{request.path_params['method']}"
        user = "" if is_open(call) else self._user(request)
        limit = MAX_OPEN_QUESTION_BYTES if is_open(call) else MAX_QUESTION_BYTES
        body = _parsed(await _bytes(request, limit))
        if is_slow(call):
            async with self._turns.of(self._host.team(user)):
                reply = await asyncio.get_running_loop().run_in_executor(
                    self._host.scoring_threads, respond, self._host, call, user, body
                )
        else:
            reply = await run_in_threadpool(respond, self._host, call, user, body)
        if isinstance(reply, Redirect):
            return RedirectResponse(_absolute(request, reply), status_code=302)
        if reply.get("active") is False:
            await self._guessing.wait(address_of(request))
        if "createUrl" in reply:
            reply["createUrl"] = _absolute(request, reply["createUrl"])
        return JSONResponse(reply)

    async def upload(self, request: Request) -> Response:
        """Take the bytes of an upload; the address is the secret: no token comes with it."""
        await self._receiver.receive(request.path_params["token"], request.stream())
        return Response(status_code=200)

    async def data_file(self, request: Request) -> Response:
        self._user(request)
        return _download(self._host.data_file(request.path_params["name"]))

    async def archive(self, request: Request) -> Response:
        self._user(request)
        # One thread makes the archive, and a class that waits for it takes none.
        async with self._archiving:
            path = await run_in_threadpool(data_archive, self._host)
        return _download(path)

    async def leaderboard(self, request: Request) -> Response:
        self._user(request)
        content = await run_in_threadpool(leaderboard_archive, self._host)
        return Response(content, media_type="application/zip")

    async def page(self, request: Request) -> Response:
        return _page(request, await run_in_threadpool(self._pages.leaderboard))

    async def name(self, _: Request) -> Response:
        spec = self._host.spec
        return JSONResponse({"competition": spec.slug, "title": spec.title})

    async def help(self, request: Request) -> Response:
        url = _absolute(request, "")
        return _page(request, await run_in_threadpool(self._pages.help, url))

    def _user(self, request: Request) -> str:
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._host.user(secret.strip())
        if kind.lower() == "basic":
            name, secret = _basic(secret)
            return self._host.user(secret, name)
        raise RefusedError(401, "this call needs a token")


class _ProxyRequests:
    """Lets requests in absolute form, `POST http://localhost/api/…`, reach the same routes.

    A request under a name that is not this host's reaches none: a page elsewhere could have a
    browser resolve its own name to this machine, and then read what the host answers.
    """

    def __init__(self, app: ASGIApp, host: Host) -> None:
        self._app, self._host = app, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                scope = _ours(scope, self._host.spec.names)
            except RefusedError as refused:
                await _error(refused.status, refused.message)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _ours(scope: Scope, names: Sequence[str]) -> Scope:
    """Return the request with its path alone.

    Raises:
        RefusedError: 400: its host, or the end of its body, is not clear; 421: it is for another
            host than this one, which has `names` beside those of the machine.
    """
    headers = Headers(scope=scope)
    named = _HOST.fullmatch(headers.get("host", ""))
    if not named:
        raise RefusedError(400, "the header Host names no host")
    if named[1] and not _is_ours(named[1].strip("[]").lower(), scope, names):
        raise RefusedError(421, f"this host is not {named[1]}: names in its host.yaml lists others")
    if "content-length" in headers and "transfer-encoding" in headers:
        # A proxy before us may take one, we the other: what is left over is another's request.
        raise RefusedError(400, "the length of the body is stated twice")
    if scope["path"].startswith("/"):
        return scope
    try:
        target = urlsplit(scope["raw_path"].decode("ascii"))
    except ValueError as error:
        raise RefusedError(400, "the address cannot be read") from error
    # An address is enough for the header alone: a proxy's request may name another machine.
    if target.scheme != "http" or not _is_ours(target.hostname, scope, names, any_address=False):
        raise RefusedError(421, "this is no proxy for other hosts")
    path = target.path or "/"
    return {**scope, "path": unquote(path), "raw_path": path.encode()}


def _is_ours(
    name: str | None, scope: Scope, names: Sequence[str], *, any_address: bool = True
) -> bool:
    """Return whether `name` in a request is a name of this host.

    With `any_address` any IP address is: no name was resolved, so nobody else's was.
    """
    machine = socket.gethostname().lower()
    here = (scope.get("server") or ("",))[0]
    known = {"localhost", "127.0.0.1", "::1", here, machine, f"{machine}.local"}
    if name in {*known, *map(str.lower, names)}:
        return True
    try:
        return any_address and bool(ipaddress.ip_address(name or ""))
    except ValueError:
        return False


def _absolute(request: Request, path: str) -> str:
    """Return the address of `path` as this client reaches us, maybe as a proxy for localhost."""
    return f"http://{request.headers.get('host', 'localhost')}{path}"


def _page(request: Request, shown: RenderedPage) -> Response:
    """Return a page, or only that the browser has it already."""
    headers = {"ETag": shown.tag, "Cache-Control": "no-cache", **SECURITY_HEADERS}
    if request.headers.get("if-none-match") == shown.tag:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(shown.html, headers=headers)


def _download(path: Path) -> FileResponse:
    return FileResponse(path, media_type="application/octet-stream")


async def _bytes(request: Request, limit: int) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise RefusedError(413, "the request is too long")
    return bytes(content)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content or b"{}")
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "the request is not JSON") from error
    if not isinstance(body, dict):
        raise RefusedError(400, "the request is not a JSON object")
    return body


def _basic(secret: str) -> tuple[str, str]:
    try:
        name, _, key = base64.b64decode(secret, validate=True).decode().partition(":")
    except ValueError as error:  # not base64, or no text
        raise RefusedError(401, "the credentials cannot be read") from error
    return name, key


async def _http_error(_: Request, error: HTTPException) -> Response:
    return _error(error.status_code, error.detail)


async def _gone(_: Request, __: ClientDisconnect) -> Response:
    return _error(400, "the request ended before its end")


async def _broken(_: Request, error: Exception) -> Response:
    _logger.error("a call failed", exc_info=error)
    if isinstance(error, StoreBusyError):
        return _error(503, "the host is busy: try again in a minute")
    if isinstance(error, StoreFullError) or getattr(error, "errno", None) in _DISK_FULL:
        return _error(507, "the host's disk is full; tell its owner")
    # A message of ours may name a file of the host: only its kind goes out.
    kind = type(error).__name__ if isinstance(error, PodiumError) else "error"
    return _error(500, f"the host failed ({kind}); its owner finds the reason in the log")


def _error(status: int, message: str) -> JSONResponse:
    """Return an error in the one shape whose message the official client shows."""
    return JSONResponse({"code": status, "message": message}, status_code=status)


_LOOK_EVERY_BYTES = 8 << 20


class UploadReceiver:
    """Takes uploads; where one comes on two connections at once, the later one."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._latest: dict[int, str] = {}

    async def receive(self, token: str, chunks: AsyncIterator[bytes]) -> None:
        """Take the upload that `token` names; it is on the disk afterwards.

        Raises:
            RefusedError: 400 too few bytes, 404 no such upload, 409 submitted, or sent again
                meanwhile, 413 too many bytes, 507 a full disk.
        """
        number, announced = await run_in_threadpool(self._host.upload_of, token)
        mine = secrets.token_hex(4)
        self._latest[number] = mine
        part = self._host.upload_path(number).with_suffix(f".{mine}.part")
        received, looked = 0, 0
        try:
            with part.open("wb") as file:
                async for chunk in chunks:
                    received += len(chunk)
                    if received > announced:
                        raise RefusedError(413, "more bytes than announced")
                    self._refuse_earlier(number, mine)
                    if received - looked > _LOOK_EVERY_BYTES:
                        looked = received
                        await run_in_threadpool(self._host.refuse_full)
                    file.write(chunk)
                file.flush()
                await run_in_threadpool(os.fsync, file.fileno())
            if received != announced:
                raise RefusedError(400, f"{announced:,} bytes were announced, {received:,} came")
            self._refuse_earlier(number, mine)
            await run_in_threadpool(self._host.finish_upload, number, part)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        finally:
            if self._latest.get(number) == mine:
                del self._latest[number]

    def _refuse_earlier(self, number: int, mine: str) -> None:
        if self._latest.get(number, mine) != mine:
            raise RefusedError(409, "the same upload came on another connection")


_WAIT_S = 3600.0  # for another process that makes the archive
_PACKED_ALREADY = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".zip", ".gz", ".npz"}


def data_archive(host: Host) -> Path:
    """Return the ZIP of the public files, directories kept; made once a state of the files.

    A request waits while another one makes it, in this process or in another. Archives of earlier
    states are removed.
    """
    files = {path.relative_to(host.folder.files).as_posix(): path for path in host.data_files()}
    state = {name: [path.stat().st_size, path.stat().st_mtime_ns] for name, path in files.items()}
    archive = host.folder.cache / f"{host.spec.slug}-{short_digest(state)}.zip"
    if not archive.is_file():
        lock = host.folder.cache / "archive.lock"
        with wait_and_hold(lock, what="the archive of the files", wait_s=_WAIT_S):
            if not archive.is_file():
                _make(archive, files)
                _remove_others(archive)
    return archive


def _make(archive: Path, files: Mapping[str, Path]) -> None:
    with (
        replacing(archive) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as packed,
    ):
        for name, path in files.items():
            is_packed = path.suffix.lower() in _PACKED_ALREADY
            how = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            packed.write(path, name, compress_type=how)


def _remove_others(archive: Path) -> None:
    """Remove archives of earlier states; a download in progress keeps its file open."""
    for old in archive.parent.glob("*.zip"):
        if old != archive:
            with suppress(OSError):
                old.unlink()


def leaderboard_archive(host: Host) -> bytes:
    """Return the ZIP with the leaderboard as CSV that the official client expects."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["TeamName", "SubmissionDate", "Score"])
    for user, score, at in host.leaderboard():
        writer.writerow([escape_formula(user), at, f"{score:.5f}"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{host.spec.slug}-leaderboard.csv", text.getvalue())
    return packed.getvalue()
