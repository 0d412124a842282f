"""Running a host: beside the caller's own work, or until the process is told to stop."""

from __future__ import annotations

import math
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from podium.errors import HostError
from podium.hosting.app import build_app
from podium.hosting.connections import HEAD_BYTES, GuardedConnection
from podium.hosting.host import Host
from podium.hosting.spec import HostFolder
from podium.hosting.users import user_of
from podium.submissions.endpoint import Endpoint
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress

__all__ = ["Hosted", "client_environment", "running", "serve"]

LOOPBACK = "127.0.0.1"
_START_TIMEOUT_S = 30.0
_STOP_S = 5.0  # for answers that have begun
_BACKLOG = 1024


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
        address: loopback unless told otherwise.

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
    """Serve the host in `folder` until SIGINT or SIGTERM, then return.

    Answers and scores that have begun are finished first, within `max_score_s`; a second signal
    does not wait for them.

    Raises:
        UsageError, HostError: as `running`.
        RunError: another process serves it; two would not know of each other's load.
    """
    host = Host(folder)
    try:
        with (
            hold(host.folder.locks / "serving", what="this host"),
            _listening(address, port) as listener,
        ):
            progress.say(f"serving {host.spec.slug} at {_url(listener)} (stop with Ctrl-C)")
            # uvicorn stops gracefully and then raises what it was stopped with.
            with _ending_gracefully(), suppress(KeyboardInterrupt):
                _server(host).run(sockets=[listener])
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
    config = uvicorn.Config(
        build_app(host),
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


class _Server(uvicorn.Server):
    """Stops when what is being scored is scored."""

    def __init__(self, config: uvicorn.Config, host: Host) -> None:
        super().__init__(config)
        self._host = host

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        is_scoring = self._host.stop()
        limit_s = _STOP_S + (self._host.spec.max_score_s if is_scoring else 0)
        self.config.timeout_graceful_shutdown = math.ceil(limit_s)
        await super().shutdown(sockets)


@contextmanager
def _ending_gracefully() -> Iterator[None]:
    """Let SIGTERM, too, be an exception when uvicorn raises it again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _listening(address: str, port: int) -> Iterator[socket.socket]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
            listener.listen(_BACKLOG)  # who comes before the server is up waits for it
        except OSError as error:
            raise HostError(
                f"cannot listen at {address}:{port}: {error.strerror}",
                fix="choose another --port, or stop what uses it",
            ) from error
        yield listener
    finally:
        listener.close()


def _url(listener: socket.socket) -> str:
    address, port = listener.getsockname()[:2]
    return f"http://{address}:{port}"


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise HostError("the embedded host did not start", fix="run again with --debug")
        time.sleep(0.01)
