"""`podium host serve` and the official command line as processes of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from forked import ForkedScript

__all__ = ["SERVICE", "Student", "end", "kaggle", "log_of", "served", "start"]

SERVICE = "competitions.CompetitionApiService"
_BESIDE = Path(sys.executable).parent
_START_S = 120.0
_SERVE = """\
import sys
import podium.hosting.server as server
from podium.cli.app import main
if (stop_s := float(sys.argv.pop(1))) >= 0:
    server._STOP_S = stop_s
if most := int(sys.argv.pop(1)):
    server.MOST_IN_ALL = server.MOST_OF_AN_ADDRESS = most
main()
"""


def start(
    folder: Path, *, port: int = 0, stop_s: float | None = None, most: int = 0
) -> tuple[ForkedScript, str]:
    """Return a process that serves the host in `folder`, and its address, once it listens.

    What it says is added to `serve.log` beside the folder. With `stop_s` it waits so long for
    answers that had begun when it is told to end, and it has `most` connections open.
    """
    script = folder.parent / "serve.py"
    script.write_text(_SERVE)
    log = log_of(folder)
    printed_before = log.stat().st_size if log.exists() else 0
    process = ForkedScript(
        script,
        [-1 if stop_s is None else stop_s, most, "host", "serve", str(folder), "--port", str(port)],
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        cwd=Path.cwd(),
        log=log,
    )
    until = time.monotonic() + _START_S
    while True:
        printed = log.read_bytes()[printed_before:].decode() if log.exists() else ""
        if found := re.search(r"http://[\d.]+:\d+(?=\D)", printed):
            return process, found[0]
        assert process.poll() is None, printed
        assert time.monotonic() < until, printed
        time.sleep(0.02)


def log_of(folder: Path) -> Path:
    """Return the file in which `start` keeps what the host says."""
    return folder.parent / "serve.log"


@contextmanager
def served(
    folder: Path, *, stop_s: float | None = None, most: int = 0
) -> Iterator[tuple[ForkedScript, str]]:
    """Serve the host in `folder` while the body runs."""
    process, url = start(folder, stop_s=stop_s, most=most)
    try:
        yield process, url
    finally:
        end(process)


def end(process: ForkedScript) -> None:
    """End the process at once."""
    process.kill()
    process.wait(30)


def kaggle(env: dict[str, str], home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run the official command line, which keeps what it keeps in `home`."""
    return subprocess.run(
        [str(_BESIDE / "kaggle"), "competitions", *map(str, words)],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", **env},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
    )


class Student:
    """One who speaks the protocol by hand, on a connection that is kept."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self._session = url, requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, body: object = None) -> requests.Response:
        about = {} if body is None else body
        return self._session.post(f"{self.url}/api/v1/{SERVICE}/{method}", json=about, timeout=60)

    def put(self, address: str, content: bytes) -> requests.Response:
        return self._session.put(address, data=content, timeout=60)

    def submit(self, content: bytes, text: str = "") -> requests.Response:
        """Return the answer to the last of the three calls, or to the first that was refused."""
        began = self.call("StartSubmissionUpload", {"contentLength": len(content)})
        if began.status_code != 200:
            return began
        put = self.put(began.json()["createUrl"], content)
        if put.status_code != 200:
            return put
        about = {"blobFileTokens": began.json()["token"], "submissionDescription": text}
        return self.call("CreateSubmission", about)

    def submissions(self) -> list[dict[str, object]]:
        """Return every submission of the team, newest first."""
        found: list[dict[str, object]] = []
        token = ""
        while True:
            reply = self.call("ListSubmissions", {"pageToken": token, "pageSize": 200}).json()
            found += reply["submissions"]
            token = reply["nextPageToken"]
            if not token:
                return found

    def close(self) -> None:
        self._session.close()
