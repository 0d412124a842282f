"""A PostgreSQL server of the tests' own, where its binaries are."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

PASSWORD = "s3cret!pass"
_PATIENCE_S = 120.0


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Start a server that wants a password; yield its URL without a database."""
    with _server() as (url, _):
        yield url


@pytest.fixture
def mortal_postgresql() -> Iterator[tuple[str, Callable[[], None]]]:
    """Start a server for one test; yield a database's URL, and what ends the server at once."""
    with _server() as (url, process):

        def end() -> None:
            process.send_signal(signal.SIGQUIT)
            process.wait(60)

        yield f"{url}/postgres", end


@contextmanager
def _server() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    binaries = _binaries()
    if binaries is None:
        pytest.skip("there is no PostgreSQL server here: no initdb in /usr/lib/postgresql or PATH")
    user = _unprivileged()
    # Not tmp_path: another user must get through all of its parents.
    folder = Path(tempfile.mkdtemp(prefix="podium-postgres-"))
    try:
        if user is not None:
            os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        data = folder / "data"
        made = [binaries / "initdb", "-D", data, "-U", "podium", "--auth=scram-sha-256"]
        _run([*made, f"--pwfile={secret}", "--no-sync", "--encoding=UTF8"], user, folder)
        port, server = _started(binaries, user, folder)
        try:
            yield f"postgresql://podium:{PASSWORD}@127.0.0.1:{port}", server
        finally:
            server.terminate()  # a smart shutdown waits for sessions that a killed worker left
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)  # at once
                server.wait(60)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgresql(postgresql_server: str) -> str:
    """Give the URL of an empty database."""
    import sqlalchemy

    name = f"studies_{uuid4().hex[:8]}"
    url = postgresql_server.replace("postgresql:", "postgresql+pg8000:") + "/postgres"
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"create database {name}"))
    engine.dispose()
    return f"{postgresql_server}/{name}"


def _binaries() -> Path | None:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return None if found is None else Path(found).resolve().parent


def _unprivileged() -> str | None:
    """Return another user's name where we are root, for whom initdb refuses to work."""
    if os.getuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(command: list[object], user: str | None, folder: Path) -> None:
    done = subprocess.run(
        [str(one) for one in command], user=user, cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _started(binaries: Path, user: str | None, folder: Path) -> tuple[int, subprocess.Popen[bytes]]:
    """Return the port of a server that lets one in, and its process."""
    log = folder / "log"
    while True:
        port = _free_port()
        settings = (
            f"listen_addresses=127.0.0.1;port={port};unix_socket_directories={folder};fsync=off"
        )
        command = [str(binaries / "postgres"), "-D", str(folder / "data")]
        for one in settings.split(";"):
            command += ["-c", one]
        with log.open("w") as file:
            server = subprocess.Popen(
                command, user=user, cwd=folder, stdout=file, stderr=file, env={"LC_ALL": "C"}
            )
        try:
            if _is_ready(server, log):
                return port, server
        except BaseException:
            server.kill()
            server.wait()
            raise


def _is_ready(server: subprocess.Popen[bytes], log: Path) -> bool:
    """Wait for the server; False where another process took its port meanwhile.

    It listens before it lets anyone in.
    """
    until = time.monotonic() + _PATIENCE_S
    while "ready to accept connections" not in log.read_text():
        if server.poll() is not None:
            assert "could not bind" in log.read_text(), log.read_text()
            return False
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)
    return True
