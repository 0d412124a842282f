"""The report over loopback: live while a run trains, and sheets whose answers become files.

`GET /` is the page as it is; it asks `GET /state` every two seconds, which makes it anew when what
it shows has changed, and then it loads itself again. `GET /labels/REQUEST/` is the sheet of a
request for labels, and what is picked on it is sent to `POST /labels/REQUEST/answers`, which writes
it to `labels/REQUEST/answers.csv`: the table that `podium label import` reads.

The server listens to this machine alone. A page of another site that a browser here has open could
still send requests: so the Host header must name this server (a foreign name that was made to lead
here does not), an answer must come from a page of its own, and no header allows other origins to
read. Requests have a largest size, a longest time, and a largest number at once.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any

from podium.competition.spec import Competition
from podium.errors import HostError, PodiumError
from podium.reporting.report import build_report, digest_in_page
from podium.workspace.atomic import write_bytes
from podium.workspace.display import printable
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["serve_report"]

LOOPBACK = "127.0.0.1"
ANSWERS = "answers.csv"
MOST_BYTES = 8_000_000  # of answers
MOST_AT_ONCE, PATIENCE_S = 32, 15.0
LOOK_EVERY_S = 1.0
_POLL_S = 0.05  # until it is noticed that the server shall end
_SHEET = re.compile(r"/labels/([\w.-]{1,200})/(index\.html|answers|thumbnails/\d{5}\.webp)?")
_TYPES = {".html": "text/html; charset=utf-8", ".webp": "image/webp"}
_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; form-action 'none'"
)


class ReportServer(ThreadingHTTPServer):
    """Serves one workspace; see the module."""

    daemon_threads = True
    request_queue_size = MOST_AT_ONCE

    def __init__(
        self, workspace: Workspace, competition: Competition, port: int, progress: Progress
    ) -> None:
        self.workspace, self.competition, self.progress = workspace, competition, progress
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._making, self._looked = threading.Lock(), 0.0
        super().__init__((LOOPBACK, port), _Handler)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{LOOPBACK}:{self.port}/"

    @property
    def hosts(self) -> set[str]:
        """What a Host header may be."""
        return {f"{name}:{self.port}" for name in (LOOPBACK, "localhost")}

    def process_request(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """Answer in a thread; of too many connections at once the newest are closed."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(
        self, request: socket | tuple[bytes, socket], client_address: Any
    ) -> None:
        """Answer one connection, then free its place."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away is no news."""

    def make_first(self) -> None:
        """Make the page where there is none; one that is there is sent at once, and asks again."""
        with self._making:
            if not self.workspace.report.is_file():
                self._make()

    def refresh(self) -> None:
        """Make the page again where what it shows has changed; by one thread, once a second."""
        if self._making.acquire(blocking=False):
            try:
                if time.monotonic() - self._looked >= LOOK_EVERY_S:
                    self._make()
            finally:
                self._making.release()

    def _make(self) -> None:
        try:
            build_report(self.workspace, self.competition, progress=self.progress)
        except (PodiumError, OSError) as error:
            self.progress.say(f"  the page was not made again: {printable(str(error))}")
        self._looked = time.monotonic()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: ReportServer
    timeout = PATIENCE_S
    protocol_version = "HTTP/1.0"  # a connection for each request: none is held open
    server_version, sys_version = "podium", ""
    error_message_format = "%(message)s\n"
    error_content_type = "text/plain; charset=utf-8"

    def do_GET(self) -> None:
        """Send the page, its state, or a file of a sheet."""
        if not self._is_ours():
            return
        path = self.path.partition("?")[0]
        if path == "/state":
            self._send_state()
        elif path == "/":
            self._send_page()
        elif path == "/favicon.ico":  # which browsers ask for unasked
            self._send(b"", "image/webp")
        elif found := _SHEET.fullmatch(path):
            self._send_of_sheet(found[1], found[2] or "index.html")
        else:
            self.send_error(HTTPStatus.NOT_FOUND, "there is no such page")

    def do_POST(self) -> None:
        """Keep the answers of a sheet."""
        if not self._is_ours():
            return
        found = _SHEET.fullmatch(self.path)
        folder = self._request_folder(found[1]) if found and found[2] == "answers" else None
        if folder is None:
            self.send_error(HTTPStatus.NOT_FOUND, "there is no such request for labels")
            return
        if self.headers.get("Origin") not in {f"http://{one}" for one in self.server.hosts}:
            self.send_error(HTTPStatus.FORBIDDEN, "answers come from the sheet of this server")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or len(length) > 12:
            self.send_error(HTTPStatus.LENGTH_REQUIRED, "how long are the answers?")
            return
        if int(length) > MOST_BYTES:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "these are no answers of a sheet")
            return
        content = self.rfile.read(int(length))
        if len(content) < int(length):
            return  # it was cut off: the answers before stay
        write_bytes(folder / ANSWERS, content)
        self._send(f"labels/{folder.name}/{ANSWERS}\n".encode(), "text/plain; charset=utf-8")

    def _is_ours(self) -> bool:
        if self.headers.get("Host") in self.server.hosts:
            return True
        self.send_error(HTTPStatus.FORBIDDEN, "this server is asked by its own name alone")
        return False

    def _send_state(self) -> None:
        self.server.refresh()
        state = digest_in_page(self.server.workspace.report) or ""
        self._send(state.encode(), "text/plain; charset=utf-8")

    def _send_page(self) -> None:
        if not self.server.workspace.report.is_file():
            self.server.make_first()
        try:
            page = self.server.workspace.report.read_bytes()
        except OSError:
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "there is no page yet")
            return
        live = page.replace(b'<html lang="en">', b'<html lang="en" data-live>', 1)
        policy = b"default-src 'none'; "
        live = live.replace(policy + b"img", policy + b"connect-src 'self'; img", 1)
        self._send(live, _TYPES[".html"])

    def _send_of_sheet(self, request: str, name: str) -> None:
        folder = self._request_folder(request)
        file = None if folder is None else folder / name
        if file is None or not file.is_file() or file.suffix not in _TYPES:
            self.send_error(HTTPStatus.NOT_FOUND, "there is no such request for labels")
            return
        content = file.read_bytes()
        if file.suffix == ".html":
            content = content.replace(b'<html lang="en">', b'<html lang="en" data-live>', 1)
        self._send(content, _TYPES[file.suffix])

    def _request_folder(self, request: str) -> Path | None:
        folder = self.server.workspace.labels / request
        is_plain = request not in (".", "..") and not folder.is_symlink()
        return folder if is_plain and (folder / "index.html").is_file() else None

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self) -> None:
        """Send the headers, with those that every answer has."""
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Every request would be a line in the terminal."""


@contextmanager
def serving_report(
    workspace: Workspace,
    competition: Competition,
    *,
    port: int = 0,
    progress: Progress = SILENT,
) -> Iterator[ReportServer]:
    """Serve the report from a thread while the body runs.

    Args:
        workspace: that the page is about.
        competition: its competition.
        port: 0 takes a free one.
        progress: gets what could not be shown.

    Raises:
        HostError: the port is taken.
    """
    try:
        server = ReportServer(workspace, competition, port, progress)
    except OSError as error:
        raise HostError(
            f"port {port}: {error.strerror}", fix="--port with another number"
        ) from error
    thread = threading.Thread(
        target=server.serve_forever, args=(_POLL_S,), name="podium-report", daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def serve_report(
    workspace: Workspace,
    competition: Competition,
    *,
    port: int = 0,
    progress: Progress = SILENT,
) -> Iterator[str]:
    """Yield where the report is served, then serve it until the caller is interrupted.

    Arguments and errors are those of `serving_report`.
    """
    with serving_report(workspace, competition, port=port, progress=progress) as server:
        yield server.url
        threading.Event().wait()
