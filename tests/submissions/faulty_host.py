"""A host that breaks as it is told, and knows for itself what was submitted.

It shares no code with podium: its table of submissions is the truth that receipts are held against.
It speaks as much of the protocol as submitting and the board need, over plain HTTP on loopback.
"""

from __future__ import annotations

import io
import json
import secrets
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["CLASSES", "IDS", "KINDS", "SLUG", "TRUTH", "Fault", "FaultyHost", "Hold", "serving"]

SLUG = "shapes"
CLASSES = ("a", "b")
IDS = tuple(f"{number:02d}" for number in range(8))
TRUTH = dict(zip(IDS, "abbaabab", strict=True))
DAILY_LIMIT = 5

# What happens to a request: acted upon or not, and what is answered.
KINDS = (
    "lost before", "lost after", "401", "403", "404", "429", "500", "503",
    "cut", "not JSON", "wrong shape", "empty", "slow", "slow, acted", "acts later",
    "403, acted", "429, acted", "listed late",
)  # fmt: skip
HOLD_LIMIT_S = 120.0


@dataclass(frozen=True)
class Fault:
    """Break `call` when it comes in `phase`, once or as often as it comes.

    Phases, in which it breaks first: `before` the limits are told, `upload`, `doubt`
    (CreateSubmission was broken), `poll` (it was answered), `board` (the score was told).
    """

    call: str
    kind: str
    phase: str
    always: bool = False
    late_s: float = 2.0


@dataclass
class Hold:
    """Keep the answer of `call` back until `release`; `met` says that it came.

    `when`: `before` the host acts, `after` it, or with `half` of the bytes read. `late_s`: what was
    held before is done so many seconds after the release; None drops it.
    """

    call: str
    phase: str
    when: str
    late_s: float | None = None
    met: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Submission:
    """What arrived."""

    ref: int
    description: str
    file_name: str
    content: bytes

    @property
    def score(self) -> float:
        """The share of right rows, by a reading of its own."""
        rows = [line.split(",") for line in self.content.decode().split()[1:]]
        return sum(TRUTH[name] == predicted for name, predicted in rows) / len(TRUTH)


class FaultyHost:
    """The state behind the requests; one lock guards it all."""

    def __init__(self) -> None:
        self.token = "KGAT_" + secrets.token_hex(16)
        self.submissions: list[Submission] = []
        self.faults: list[Fault] = []
        self.hold: Hold | None = None
        self.met: set[Fault] = set()
        self.url = ""
        self.log: list[str] = []
        self.pending_lists = 0
        self.told_of_slow: Callable[[], object] = lambda: None
        self._lock = threading.RLock()
        self._uploads: dict[str, tuple[str, bytes | None]] = {}
        self._late: list[threading.Timer] = []
        self._stop = threading.Event()
        self.next_run()

    def next_run(self) -> None:
        """Forget in which phase the command was: the next one begins."""
        with self._lock:
            self._looked = self._was_scored = False
            self._create: str | None = None
            self._pending = self.pending_lists
            self._hides = False

    def mend(self) -> None:
        """Take all faults away and let go of what is held."""
        with self._lock:
            self.faults, hold, self.hold = [], self.hold, None
            self._stop.set()
            self._stop = threading.Event()
        if hold is not None:
            hold.release.set()

    @property
    def has_late(self) -> bool:
        """Whether something is still to be done."""
        return any(timer.is_alive() for timer in self._late)

    def settle(self) -> None:
        """Wait until everything late has been done."""
        for timer in self._late:
            timer.join()

    def secrets(self) -> list[str]:
        """Return every text that no one but client and host may hold."""
        with self._lock:
            return [self.token, *self._uploads]

    @property
    def phase(self) -> str:
        if self._create is None:
            return "upload" if self._looked else "before"
        if self._create == "broken":
            return "doubt"
        return "board" if self._was_scored else "poll"

    def handle(self, call: str, path: str, body: bytes, half: bool) -> Reply | Broken:
        """Return what goes out, after the fault or the hold that waits for this request."""
        with self._lock:
            phase, fault, hold = self.phase, self._fault(call), self._held(call, half)
            self.log.append(f"{phase} {call}" + (f" ! {fault.kind}" if fault else ""))
            if call == "CreateSubmission":
                self._create = "broken" if fault or hold else "answered"
            stop = self._stop
        if hold is not None:
            return self._keep(hold, call, path, body)
        if fault is None:
            return self._act(call, path, body)
        return self._break(fault, call, path, body, stop)

    def held_half(self, call: str) -> bool:
        with self._lock:
            return self._held(call, half=True) is not None

    def _held(self, call: str, half: bool) -> Hold | None:
        hold = self.hold
        if hold is None or hold.met.is_set() or (hold.call, hold.phase) != (call, self.phase):
            return None
        return hold if half == (hold.when == "half") else None

    def _fault(self, call: str) -> Fault | None:
        for fault in self.faults:
            # What is broken for good stays so, though its acting may have led to the next phase.
            is_due = fault.phase == self.phase or (fault.always and fault in self.met)
            if fault.call == call and is_due:
                if not fault.always:
                    self.faults.remove(fault)
                self.met.add(fault)
                if fault.kind.startswith("slow") or call == "PUT":
                    self.told_of_slow()
                return fault
        return None

    def _keep(self, hold: Hold, call: str, path: str, body: bytes) -> Reply | Broken:
        reply = self._act(call, path, body) if hold.when == "after" else None
        hold.met.set()
        hold.release.wait(HOLD_LIMIT_S)
        if reply is None and hold.when == "before" and hold.late_s is not None:
            self._act_later(hold.late_s, call, path, body)
        return reply or Broken()

    def _break(
        self, fault: Fault, call: str, path: str, body: bytes, stop: threading.Event
    ) -> Reply | Broken:
        kind = fault.kind
        if kind == "lost before":
            return Broken()
        if kind == "acts later":
            self._act_later(fault.late_s, call, path, body)
            return Broken()
        if kind == "slow":
            stop.wait(HOLD_LIMIT_S)
            return Broken()
        if kind.isdigit():
            return self._refusal(int(kind))
        reply = self._act(call, path, body)
        if kind in ("403, acted", "429, acted"):
            return self._refusal(int(kind[:3]))
        if kind == "listed late":
            self._hides = True
            return Broken()
        if kind == "slow, acted":
            stop.wait(HOLD_LIMIT_S)
        if kind in ("lost after", "slow, acted"):
            return Broken()
        if kind == "cut":
            return Broken(Reply(200, reply.content or b'{"a": "body"}', reply.type))
        content, media = {
            "not JSON": (b"<html><body>Sign in to this network</body></html>", "text/html"),
            "wrong shape": (b"[1, [2], 3]", "application/json"),
            "empty": (b"", "application/json"),
        }[kind]
        return Reply(200, content, media)

    def _refusal(self, status: int) -> Reply:
        """Return a refusal that says what it should not: the token and an upload's address."""
        upload = next(reversed(self._uploads), "none")
        words = f"refused http://localhost/upload/{upload}?sig=1 with Bearer {self.token}"
        if status in (401, 404, 500):
            error: Any = {"code": status, "message": words}
        elif status == 403:
            error = {"error": {"code": status, "message": words}}
        else:
            return Reply(status, f"<h1>{words}</h1>".encode(), "text/html")
        return Reply(status, json.dumps(error).encode(), "application/json")

    def _act_later(self, seconds: float, call: str, path: str, body: bytes) -> None:
        timer = threading.Timer(seconds, self._act, (call, path, body))
        timer.daemon = True
        self._late.append(timer)
        timer.start()

    def _act(self, call: str, path: str, body: bytes) -> Reply:
        with self._lock:
            if call == "PUT":
                token = path.rpartition("/")[2]
                self._uploads[token] = (self._uploads[token][0], body)
                return Reply(200, b"", "text/plain")
            asked = json.loads(body or b"{}")
            answer = getattr(self, f"_{call}", None)
            if answer is None:
                return Reply(501, b'{"code": 501, "message": "unknown call"}', "application/json")
            response = answer(asked)
            if isinstance(response, Reply):
                return response
            return Reply(200, json.dumps(response).encode(), "application/json")

    def _IntrospectToken(self, asked: dict[str, Any]) -> Any:  # noqa: N802 — the call's name
        if asked.get("token") != self.token:
            return {"active": False}
        return {"active": True, "username": "ann", "userId": 1, "scope": ""}

    def _GetSubmissionLimits(self, _: dict[str, Any]) -> Any:  # noqa: N802
        self._looked = True
        n = len(self.submissions)
        return {"numToday": n, "numTotal": n, "numAllowedNow": max(0, DAILY_LIMIT - n)}

    def _StartSubmissionUpload(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        token = secrets.token_urlsafe(32)
        self._uploads[token] = (asked["fileName"], None)
        return {"token": token, "createUrl": f"http://localhost/upload/{token}"}

    def _CreateSubmission(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        name, content = self._uploads.get(asked["blobFileTokens"], ("", None))
        if content is None:
            return Reply(400, b'{"code": 400, "message": "no such upload"}', "application/json")
        ref = 70_000_001 + len(self.submissions)
        response = asked.get("submissionDescription", "")
        self.submissions.append(Submission(ref, response, name, content))
        return {"message": "Successfully submitted", "ref": ref}

    def _ListSubmissions(self, _: dict[str, Any]) -> Any:  # noqa: N802
        is_scored = self._pending <= 0
        self._pending -= bool(self.submissions)
        self._was_scored = self._was_scored or (is_scored and self._create == "answered")
        listed = [] if self._hides else reversed(self.submissions)
        return {"submissions": [_entry(one, is_scored) for one in listed]}

    def _DownloadLeaderboard(self, _: dict[str, Any]) -> Any:  # noqa: N802
        rows = "".join(f"1,ann,{one.score:.5f}\n" for one in self.submissions[:1])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("board.csv", "TeamId,TeamName,Score\n" + rows)
        return Reply(200, packed.getvalue(), "application/zip")

    def _GetLeaderboard(self, _: dict[str, Any]) -> Any:  # noqa: N802
        best = max((one.score for one in self.submissions), default=0.0)
        row = {"teamId": 1, "teamName": "ann", "submissionDate": "2026-01-02T03:04:05.678Z"}
        return {"submissions": [{**row, "score": f"{best:.5f}"}] if self.submissions else []}


def _entry(one: Submission, is_scored: bool) -> dict[str, Any]:
    return {
        "ref": one.ref,
        "totalBytes": len(one.content),
        "date": "2026-01-02T03:04:05.678Z",
        "description": one.description,
        "fileName": one.file_name,
        "publicScore": f"{one.score:.5f}" if is_scored else "",
        "status": "COMPLETE" if is_scored else "PENDING",
        "submittedBy": "ann",
        "teamName": "ann",
    }


def write_competition(folder: Path, url: str) -> None:
    """Write a competition at the host at `url` into `folder`, with its sample submission."""
    (folder / "sample.csv").write_text("id,label\n" + "".join(f"{one},a\n" for one in IDS))
    (folder / "competition.yaml").write_text(f"""
name: Shapes
tasks: {{classify: multiclass}}
classes: {list(CLASSES)}
data:
  train: {{table: train.csv, id: id, images: "train/{{id}}", label: label}}
  test: {{images: "test/*.png"}}
metric: {{name: accuracy}}
submission: {{sample: sample.csv, value: name}}
kaggle: {{slug: {SLUG}, host: "{url}", daily_limit: 5}}
""")


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status: int
    content: bytes
    type: str


@dataclass(frozen=True)
class Broken:
    """The connection is closed, after half of `part` where there is one."""

    part: Reply | None = None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self._answer(urlsplit(self.path).path.rpartition("/")[2])

    def do_PUT(self) -> None:
        self._answer("PUT")

    def _answer(self, call: str) -> None:
        host: FaultyHost = self.server.host  # type: ignore[attr-defined]
        n_bytes = int(self.headers.get("Content-Length") or 0)
        half = host.held_half(call)
        body = self.rfile.read(n_bytes // 2 if half else n_bytes)
        if len(body) < n_bytes and not half:
            self.close_connection = True  # cut on its way here: no host acts on that
            return
        response = host.handle(call, urlsplit(self.path).path, body, half)
        with suppress(OSError):
            if isinstance(response, Broken):
                self.close_connection = True
                if response.part is not None:
                    self._send(response.part, len(response.part.content) // 2)
            else:
                self._send(response, len(response.content))

    def _send(self, reply: Reply, n_bytes: int) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.type)
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        self.wfile.write(reply.content[:n_bytes])

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that was killed is no news here."""


@contextmanager
def serving() -> Iterator[FaultyHost]:
    """Serve a new host on loopback while the body runs."""
    host = FaultyHost()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.host = host  # type: ignore[attr-defined]
    host.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield host
    finally:
        host.mend()
        server.shutdown()
        thread.join()
        server.server_close()
