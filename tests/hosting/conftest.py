"""A competition with a known solution, its host, and a proxy that loses messages when told to."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from podium.competition.spec import Competition, load_competition
from podium.hosting import init_host

IDS = [f"{i:03d}" for i in range(20)]
CLASSES = ["a", "b", "c"]
TRUTH = np.random.default_rng(7).permutation(np.arange(20) % 3)
PUBLIC = np.arange(20) % 4 == 0


@pytest.fixture
def competition(tmp_path: Path) -> Competition:
    """Three classes by name, accuracy, two submissions a day."""
    return make_competition(tmp_path)


def make_competition(
    folder: Path, *, value: str = "name", metric: str = "accuracy", daily_limit: int = 2
) -> Competition:
    header = "id," + (",".join(CLASSES) if value == "prob" else "label")
    cell = "0.3,0.3,0.4" if value == "prob" else "a"
    (folder / "sample.csv").write_text(header + "\n" + "".join(f"{i},{cell}\n" for i in IDS))
    rows = zip(IDS, TRUTH, PUBLIC, strict=True)
    (folder / "solution.csv").write_text(
        "id,label,Usage\n"
        + "".join(f"{i},{CLASSES[t]},{'Public' if p else 'Private'}\n" for i, t, p in rows)
    )
    (folder / "competition.yaml").write_text(f"""
name: Shapes & co
tasks: {{classify: multiclass}}
classes: {CLASSES}
data:
  train: {{table: train.csv, id: id, images: "train/{{id}}", label: label}}
  test: {{images: "test/*.png"}}
metric: {{name: {metric}}}
submission: {{sample: sample.csv, value: {value}}}
kaggle: {{slug: shapes, daily_limit: {daily_limit}}}
""")
    return load_competition(folder)


@pytest.fixture
def host_of(tmp_path: Path) -> Callable[..., Path]:
    """Return a factory of host folders: options of the competition and of `init_host`."""

    def make(users: tuple[str, ...] = ("ann", "bob"), **options: Any) -> Path:
        names = ("value", "metric", "daily_limit")
        about = {key: options.pop(key) for key in names if key in options}
        made = make_competition(tmp_path, **about)
        folder = tmp_path / "host"
        init_host(folder, made, tmp_path / "solution.csv", users, **options)
        return folder

    return make


def decisions(wrong: int = 0) -> np.ndarray:
    """Return the right classes but for the first `wrong` rows."""
    predicted = TRUTH.copy()
    predicted[:wrong] = (predicted[:wrong] + 1) % 3
    return predicted


def submission_text(wrong: int = 0) -> str:
    rows = zip(IDS, decisions(wrong), strict=True)
    return "id,label\n" + "".join(f"{i},{CLASSES[d]}\n" for i, d in rows)


@pytest.fixture
def answers() -> Any:
    """Return the known answers: `.text(wrong)`, `.decisions(wrong)`, `.truth`, `.public`."""

    class Answers:
        ids, truth, public, classes = IDS, TRUTH, PUBLIC, CLASSES
        text = staticmethod(submission_text)
        decisions = staticmethod(decisions)

    return Answers


class _Forwarder(BaseHTTPRequestHandler):
    """Hands a request on; `server.fault(call)` says what to do to it."""

    protocol_version = "HTTP/1.1"

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = urlsplit(self.path).path.rpartition("/")[2] if self.command == "POST" else "PUT"
        server: Any = self.server
        fault = server.fault(call) if self.command in ("POST", "PUT") else None
        if fault == "before":
            return self._hang_up()
        if isinstance(fault, int):
            return self._reply(fault, [("Content-Type", "text/plain")], b"a fault")
        upstream = http.client.HTTPConnection(server.upstream, timeout=30)
        try:
            upstream.request(self.command, self.path, body, dict(self.headers.items()))
            answer = upstream.getresponse()
            content, headers = answer.read(), answer.getheaders()
        finally:
            upstream.close()
        if fault == "after":
            return self._hang_up()
        if fault == "garbage":
            content = b"<html>not json</html>"
        return self._reply(answer.status, headers, content)

    do_GET = do_POST = do_PUT = _forward  # noqa: N815 — the names that http.server calls

    def _hang_up(self) -> None:
        self.close_connection = True

    def _reply(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def faulty() -> Callable[..., Any]:
    """Return a context: a proxy before the host at `url` that breaks calls as `faults` says.

    `faults` maps a method (`CreateSubmission`, `PUT`) to "before" (lost), "after" (the answer is
    lost), "garbage" or a status; each is used once, or ever when its name ends in `*`.
    """

    @contextmanager
    def run(url: str, faults: dict[str, Any]) -> Iterator[str]:
        left = dict(faults)

        def fault(call: str) -> Any:
            return left.pop(call, left.get(f"{call}*"))

        server = ThreadingHTTPServer(("127.0.0.1", 0), _Forwarder)
        server.fault, server.upstream = fault, urlsplit(url).netloc  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    return run
