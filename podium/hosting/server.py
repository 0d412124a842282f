"""Runs a host: beside the caller's own work, or until a signal stops the process.

Connections that transfer nothing, or too slowly, are closed; none of them stops the others.
"""

from __future__ import annotations

import asyncio
import errno
import math
import signal
import socket
import sys
import threading
import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from podium.errors import HostError
from podium.hosting.address import competition_at
from podium.hosting.app import build_app
from podium.hosting.host import Host
from podium.hosting.spec import HostFolder
from podium.hosting.users import user_of
from podium.submissions.upload.endpoint import Endpoint
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress

__all__ = ["Hosted", "client_environment", "running", "serve"]


LOOPBACK = "127.0.0.1"
_START_TIMEOUT_S = 30.0
_STOP_S = 5.0  # for replies that have begun
_BACKLOG = 1024  # connections that wait in the system for the host to take them
_TAKEN_AT_ONCE = 32  # of these in a turn of the loop
_TURNS_TO_CLOSE = 4  # from one that is taken to another one whose file is closed for it


@dataclass(frozen=True)
class Hosted:
    """A running host: its address and its folder."""

    url: str
    folder: HostFolder

    def endpoint(self, user: str) -> Endpoint:
        """Return where and as whom `user` submits."""
        return Endpoint(self.url, {"KAGGLE_API_TOKEN": user_of(self.folder, user).token})


@contextmanager
def running(folder: Path, *, port: int = 0, address: str = LOOPBACK) -> Iterator[Hosted]:
    """Serve the host in `folder` from a thread while the body runs, then stop it gracefully.

    Args:
        folder: as `init_host` made it.
        port: 0 takes a free one.
        address: loopback by default.

    Raises:
        UsageError: this is no host's folder.
        HostError: the port is taken.
    """
    host = Host(folder)
    try:
        with _listening(address, port) as listener:
            server = _server(host)
            thread = threading.Thread(
                target=server.run, kwargs={"sockets": [listener]}, name="podium-host"
            )
            thread.start()
            try:
                _await_start(server, thread)
                yield Hosted(_url(listener), host.folder)
            finally:
                server.should_exit = True
                thread.join(2 * _STOP_S + host.spec.max_score_s)
                if thread.is_alive():
                    server.force_exit = True
                    thread.join()
    finally:
        host.close()


def serve(
    folder: Path, *, port: int = 8123, address: str = LOOPBACK, progress: Progress = SILENT
) -> None:
    """Serve the host in `folder` until SIGINT, SIGTERM or SIGHUP, then return.

    Replies and scores that have begun are finished first, within `max_score_s`; a second signal
    does not wait for them.

    Raises:
        UsageError, HostError: as `running`.
        RunError: another process serves it; two would not share their limits of load.
    """
    host = Host(folder)
    try:
        with (
            hold(host.folder.locks / "serving", what="this host"),
            _listening(address, port) as listener,
        ):
            progress.say(f"serving {host.spec.slug} at {_url(listener)} (stop with Ctrl-C)")
            # uvicorn stops gracefully and then raises what it was stopped with.
            server = _server(host)
            with _ending_gracefully(server), suppress(KeyboardInterrupt):
                server.run(sockets=[listener])
    finally:
        host.close()


def client_environment(folder: Path, user: str, url: str) -> dict[str, str]:
    """Return the variables with which the official command line reaches the host at `url`.

    Raises:
        UsageError: this is no host's folder, or it has no such user.
    """
    host = HostFolder(folder)
    host.spec()
    return {
        "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
        "KAGGLE_API_TOKEN": user_of(host, user).token,
        "HTTP_PROXY": url,
        "http_proxy": url,
        "NO_PROXY": "",
        "no_proxy": "",
    }


def _server(host: Host) -> uvicorn.Server:
    config = _Config(
        build_app(host),
        backlog=_TAKEN_AT_ONCE,
        http=GuardedConnection,
        h11_max_incomplete_event_size=HEAD_BYTES,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,  # addresses of uploads are secrets
        server_header=False,
    )
    return _Server(config, host)


class _Config(uvicorn.Config):
    """The settings of a server, and the connections that it has open."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.open = OpenConnections()


class _Server(uvicorn.Server):
    """Stops when what is being scored is scored."""

    def __init__(self, config: uvicorn.Config, host: Host) -> None:
        super().__init__(config)
        self._host = host

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for one in sockets or ():
            # asyncio has one number for both: how many may wait, and how many it takes in a turn.
            one.listen(_BACKLOG)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        is_scoring = self._host.stop()
        limit_s = _STOP_S + (self._host.spec.max_score_s if is_scoring else 0)
        self.config.timeout_graceful_shutdown = math.ceil(limit_s)
        await super().shutdown(sockets)


@contextmanager
def _ending_gracefully(server: uvicorn.Server) -> Iterator[None]:
    """Let SIGTERM, too, be an exception when uvicorn raises it again, and SIGHUP end the server."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers: dict[int, Any] = {signal.SIGTERM: signal.default_int_handler}
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:  # nohup
        handlers[hangup] = lambda number, frame: setattr(server, "should_exit", True)
    before = {number: signal.signal(number, one) for number, one in handlers.items()}
    try:
        yield
    finally:
        for number, one in before.items():
            signal.signal(number, one)


@contextmanager
def _listening(address: str, port: int) -> Iterator[socket.socket]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
            listener.listen(_BACKLOG)  # a client that connects before the server is up waits for it
        except OSError as error:
            raise _cannot_listen(address, port, error) from error
        yield listener
    finally:
        listener.close()


def _cannot_listen(address: str, port: int, error: OSError) -> HostError:
    """Return the error; of another host that has the port it names the competition."""
    what = f"cannot listen at {address}:{port}: {error.strerror}"
    other = ""
    if error.errno == errno.EADDRINUSE:
        asked = address if address.strip("0.") else LOOPBACK  # 0.0.0.0 is every address
        other = competition_at(f"http://{asked}:{port}") or ""
    if not other:
        return HostError(what, fix="choose another --port, or stop what uses it")
    return HostError(
        f"{what}; the competition {other} is served there",
        fix="stop that host (Ctrl-C where it runs), or choose another port here and in podium "
        f"host env and handout: --port {port % 65535 + 1}",
    )


def _url(listener: socket.socket) -> str:
    address, port = listener.getsockname()[:2]
    return f"http://{address}:{port}"


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise HostError("the embedded host did not start", fix="run again with --debug")
        time.sleep(0.01)


HEAD_BYTES = 16 << 10  # of a request: its line and headers
HEAD_S = 10.0  # for these to arrive
BODY_WINDOW_S, BODY_LEAST_BYTES = 20.0, 20 << 10  # a body comes with 1 KiB a second at least
STALLED_S = 60.0  # that a reader may leave 64 KiB unread
POLL_EVERY_S = 1.0
_MOST_CONNECTIONS = 1000
_FILES_FOR_OTHERS = 200


def _most_connections() -> int:
    """Return how many connections, with a file each, the process can have open."""
    if sys.platform == "win32":
        return _MOST_CONNECTIONS // 2
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    n_files = 2 * _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else soft - _FILES_FOR_OTHERS
    return max(50, min(_MOST_CONNECTIONS, n_files // 2))


# Those that are taken while others are being closed are open, too.
MOST_IN_ALL = max(50, _most_connections() - _TURNS_TO_CLOSE * _TAKEN_AT_ONCE)
MOST_OF_AN_ADDRESS = MOST_IN_ALL * 3 // 4  # a class may sit behind one


class OpenConnections:
    """The open connections by address, and those that wait for a request, the longest first.

    Each step takes the same time, however many come: no more are open than `MOST_IN_ALL`, and as
    many addresses are the most that are looked at for a new one.
    """

    def __init__(self) -> None:
        self._n: Counter[str] = Counter()
        self._waiting: defaultdict[str, OrderedDict[GuardedConnection, None]]
        self._waiting = defaultdict(OrderedDict)
        self._leaving: set[GuardedConnection] = set()  # no longer counted, and not yet closed

    def add(self, one: GuardedConnection) -> None:
        self._n[one.address] += 1
        self.wait(one)

    def wait(self, one: GuardedConnection) -> None:
        """Note that a connection waits from now on."""
        if one not in self._leaving:
            self._waiting[one.address].pop(one, None)
            self._waiting[one.address][one] = None

    def remove(self, one: GuardedConnection) -> None:
        if one in self._leaving:
            self._leaving.remove(one)
        else:
            self._forget(one)

    def to_close(self, newest: GuardedConnection) -> GuardedConnection | None:
        """Return what is closed for the newest one: itself where others are at work; None: nothing.

        Where there are too many in all, that is the one that has waited longest at the address with
        most, and where all of these are at work at the next one. It is no longer counted.
        """
        if self._n.total() > MOST_IN_ALL:
            one = self._waiting_anywhere(newest) or newest
        elif self._n[newest.address] > MOST_OF_AN_ADDRESS:
            one = self._longest_waiting(newest.address, newest) or newest
        else:
            return None
        self._leaving.add(one)
        self._forget(one)
        return one

    def _forget(self, one: GuardedConnection) -> None:
        self._n[one.address] -= 1
        self._waiting[one.address].pop(one, None)
        if not self._n[one.address]:
            del self._n[one.address], self._waiting[one.address]

    def _waiting_anywhere(self, newest: GuardedConnection) -> GuardedConnection | None:
        most = max(self._n, key=self._n.__getitem__)
        if one := self._longest_waiting(most, newest):
            return one
        # Uploads from one address are at work, and idle ones, each from another, fill the host.
        each = (self._longest_waiting(address, newest) for address, _ in self._n.most_common())
        return next((one for one in each if one is not None), None)

    def _longest_waiting(self, address: str, newest: GuardedConnection) -> GuardedConnection | None:
        """Return the connection that has waited longest, no longer noted as such; None: none."""
        waiting = self._waiting[address]
        while waiting:
            one, _ = waiting.popitem(last=False)
            if one is newest:
                self.wait(one)
                return None
            if one.waits and not one.transport.is_closing():
                return one
        return None


class GuardedConnection(H11Protocol):
    """One connection: headers within 10 s, then bytes in either direction at a least rate.

    Where there are too many connections, in all or from one address, the one that has waited
    longest without a request makes room for the new one; where all are at work, the new one gets
    status 503.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._waits_since = self._window_from = self.loop.time()
        self._closing_since: float | None = None
        self._unread_since: float | None = None
        self._received = self._at_window = 0
        self._was: Any = None
        self._timer = self.loop.call_later(POLL_EVERY_S, self._check_progress)
        self._open.add(self)
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self._open.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        state = self.conn.their_state
        if state is h11.SEND_BODY and self._was is not h11.SEND_BODY:
            self._start_window()
        self._was = state

    def on_response_complete(self) -> None:
        self._waits_since = self.loop.time()
        self._open.wait(self)
        super().on_response_complete()

    def pause_writing(self) -> None:
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._unread_since = None
        super().resume_writing()

    @property
    def waits(self) -> bool:
        """Whether no request is in progress: none came yet, or its reply was sent."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def _start_window(self) -> None:
        self._window_from, self._at_window = self.loop.time(), self._received

    def _check_progress(self) -> None:
        self._timer = self.loop.call_later(POLL_EVERY_S, self._check_progress)
        if self._is_overdue(self.loop.time()):
            self.transport.abort()

    def _is_overdue(self, now: float) -> bool:
        if self.transport.is_closing():  # what it was sent last is never read
            self._closing_since = self._closing_since or now
            return now - self._closing_since > HEAD_S
        if self._unread_since is not None and now - self._unread_since > STALLED_S:
            return True
        if self.conn.their_state is h11.SEND_BODY:
            if self.flow.read_paused:  # we are the slow one
                self._start_window()
            if now - self._window_from < BODY_WINDOW_S:
                return False
            n_received = self._received - self._at_window
            self._start_window()
            return n_received < BODY_LEAST_BYTES
        return self.waits and now - self._waits_since > HEAD_S

    def _make_room(self) -> None:
        one = self._open.to_close(self)
        if one is self:
            self.transport.write(_CROWDED)
            self.transport.close()
        elif one is not None:
            one.transport.abort()

    @property
    def address(self) -> str:
        """The address that it comes from; "" where it is unknown."""
        return "" if self.client is None else self.client[0]

    @property
    def _open(self) -> OpenConnections:
        assert isinstance(self.config, _Config)
        return self.config.open


_CROWDED_TEXT = b'{"code": 503, "message": "too many connections: try again in a minute"}'
_CROWDED = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(_CROWDED_TEXT), _CROWDED_TEXT)
)
