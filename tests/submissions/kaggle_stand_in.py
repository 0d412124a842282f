"""A stand-in for Kaggle's datasets, notebooks and code submissions, over plain HTTP on loopback.

It shares no code with podium: its tables are the truth that receipts are held against. It keeps
blobs, unpacks archives, and "runs" a notebook by executing its first cell for real in a folder that
looks like `/kaggle`; what the other cells would do, a hook says.
"""

from __future__ import annotations

import contextlib
import io
import json
import secrets
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["CREATING", "READING", "SLUG", "KaggleStandIn", "serving"]

SLUG = "stars"
USER = "ann"
CREATING = ("CreateDataset", "CreateDatasetVersion", "SaveKernel", "CreateCodeSubmission")
READING = (
    "GetDataset", "GetDatasetStatus", "ListDatasetFiles", "GetKernel", "GetKernelSessionStatus",
    "ListKernelSessionOutput", "ListSubmissions", "GetSubmissionLimits",
)  # fmt: skip
UPLOADING = ("StartBlobUpload", "PUT")
DATE = "2026-01-02T03:04:05.678Z"

Json = dict[str, Any]
Hook = Callable[[Path], None]  # gets the working folder; raises where the notebook fails


@dataclass
class Version:
    """One version of a dataset."""

    notes: str
    files: dict[str, bytes]


@dataclass
class Saved:
    """One version of a notebook, and how its session went."""

    asked: Json
    status: str = "COMPLETE"
    failure: str = ""
    log: str = ""
    output: dict[str, bytes] = field(default_factory=dict)


def _writes_nothing(folder: Path) -> None:
    pass


class KaggleStandIn:
    """The state behind the requests; one lock guards it all.

    `faults` maps a call to "before" (lost), "after" (the answer is lost), a status, "error" (inside
    a 200), or "lacks" (one file of a version is lost); each is used once.
    """

    def __init__(self, hook: Hook = _writes_nothing) -> None:
        self.token = "KGAT_" + secrets.token_hex(16)
        self.hook = hook
        self.faults: dict[str, str] = {}
        self.datasets: dict[str, list[Version]] = {}
        self.kernels: dict[str, list[Saved]] = {}
        self.submissions: list[Json] = []
        self.blobs: dict[str, tuple[str, bytes | None]] = {}
        self.log: list[str] = []
        self.daily_limit = 5
        self.stale_statuses = 0  # so often the status is of the version before
        self.runs_for = 0  # so often the status is RUNNING
        self.hides_notes = False
        self.unready = 0
        self.url = ""
        self.on_call: Callable[[str], None] = lambda _: None
        self._lock = threading.RLock()

    def handle(self, call: str, path: str, body: bytes) -> tuple[int, bytes] | None:
        """Return status and content, or None for a connection that breaks."""
        self.on_call(call)
        with self._lock:
            fault = self.faults.pop(call, None)
            self.log.append(call + (f" ! {fault}" if fault else ""))
            if fault == "before":
                return None
            if fault is not None and fault.isdigit():
                text = f"refused {self.url}/upload/x?sig=1 with Bearer {self.token}"
                return int(fault), json.dumps({"code": int(fault), "message": text}).encode()
            answer = self._act(call, path, body, fault)
            return None if fault == "after" else answer

    def _act(self, call: str, path: str, body: bytes, fault: str | None) -> tuple[int, bytes]:
        if call == "PUT":
            token = path.rpartition("/")[2]
            self.blobs[token] = (self.blobs[token][0], body)
            return 200, b""
        if call == "GET":
            ref, _, name = path.removeprefix("/output/").partition("//")
            return 200, self.kernels[ref][-1].output[name]
        asked = json.loads(body or b"{}")
        answer = getattr(self, f"_{call}", None)
        if answer is None:
            return 501, json.dumps({"code": 501, "message": f"unknown call {call}"}).encode()
        response = answer(asked, fault)
        if isinstance(response, int):
            return response, json.dumps({"code": response, "message": "not found"}).encode()
        return 200, json.dumps(response).encode()

    def _IntrospectToken(self, asked: Json, _: str | None) -> Any:  # noqa: N802 — calls' names
        if asked.get("token") != self.token:
            return {"active": False}
        return {"active": True, "username": USER, "userId": 1, "scope": ""}

    def _StartBlobUpload(self, asked: Json, _: str | None) -> Any:  # noqa: N802
        assert asked["type"] == "DATASET"
        token = secrets.token_urlsafe(32)
        self.blobs[token] = (asked["name"], None)
        return {"token": token, "createUrl": f"http://localhost/upload/{token}"}

    def _taken(self, files: list[Json], fault: str | None) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for one in files:
            name, content = self.blobs[one["token"]]
            assert content is not None, f"{name} was never uploaded"
            if name.endswith(".zip"):  # Kaggle unpacks archives
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    folder = name.removesuffix(".zip")
                    found |= {f"{folder}/{m}": archive.read(m) for m in archive.namelist()}
            else:
                found[name] = content
        if fault == "lacks":
            found.pop(sorted(found)[0])
        return found

    def _CreateDataset(self, asked: Json, fault: str | None) -> Any:  # noqa: N802
        ref = f"{asked['ownerSlug']}/{asked['slug']}"
        assert asked["isPrivate"] is True
        if fault == "error" or ref in self.datasets or not 6 <= len(asked["title"]) <= 50:
            return {"status": "error", "error": "the title is in use"}
        self.datasets[ref] = [Version("Initial release", self._taken(asked["files"], fault))]
        return {"ref": ref, "url": f"http://localhost/{ref}", "status": "ok"}

    def _CreateDatasetVersion(self, asked: Json, fault: str | None) -> Any:  # noqa: N802
        ref, body = f"{asked['ownerSlug']}/{asked['datasetSlug']}", asked["body"]
        if ref not in self.datasets:
            return 404
        if fault == "error":
            return {"status": "error", "error": "too many versions"}
        files = self._taken(body["files"], fault)
        self.datasets[ref].append(Version(body["versionNotes"], files))
        return {"ref": ref, "url": f"http://localhost/{ref}", "status": "ok"}

    def _GetDataset(self, asked: Json, _: str | None) -> Any:  # noqa: N802
        versions = self.datasets.get(f"{asked['ownerSlug']}/{asked['datasetSlug']}")
        if versions is None:
            return 403
        listed = [
            {"versionNumber": n, "creationDate": DATE, "versionNotes": v.notes, "status": "Ready"}
            for n, v in enumerate(versions, 1)
        ]
        shown = [] if self.hides_notes else list(reversed(listed))
        return {"currentVersionNumber": len(versions), "versions": shown, "lastUpdated": DATE}

    def _GetDatasetStatus(self, asked: Json, _: str | None) -> Any:  # noqa: N802
        if f"{asked['ownerSlug']}/{asked['datasetSlug']}" not in self.datasets:
            return 403
        self.unready -= 1
        return {"status": "READY" if self.unready < 0 else "BLOBS_RECEIVED"}

    def _ListDatasetFiles(self, asked: Json, _: str | None) -> Any:  # noqa: N802
        versions = self.datasets[f"{asked['ownerSlug']}/{asked['datasetSlug']}"]
        files = sorted(versions[asked["datasetVersionNumber"] - 1].files.items())
        start = int(asked.get("pageToken") or 0)
        page = [
            {"name": name, "totalBytes": len(content), "creationDate": DATE}
            for name, content in files[start : start + 2]
        ]
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(files) else {}
        return {"datasetFiles": page, **more}

    def _SaveKernel(self, asked: Json, fault: str | None) -> Any:  # noqa: N802
        ref = asked["slug"]
        assert asked["newTitle"].replace(" ", "-") == ref.partition("/")[2]
        assert asked["isPrivate"] is True
        assert not asked.get("enableInternet", False)
        if fault == "error":
            return {"error": "Maximum batch GPU session count of 2 reached."}
        if fault == "sources":
            asked = {**asked, "datasetDataSources": []}
        saved = self.kernels.setdefault(ref, [])
        saved.append(self._run(asked))
        invalid = {"invalidDatasetSources": ["ann/x"]} if fault == "sources" else {}
        return {
            "ref": ref,
            "url": f"http://localhost/{ref}",
            "versionNumber": len(saved),
            **invalid,
        }

    def _run(self, asked: Json) -> Saved:
        saved = Saved(asked)
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder, "working")
            work.mkdir()
            for source in asked.get("datasetDataSources", []):
                place = Path(folder, "input", source.split("/")[1])
                place.mkdir(parents=True)
                for name, content in self.datasets[source][-1].files.items():
                    (place / name).parent.mkdir(parents=True, exist_ok=True)
                    (place / name).write_bytes(content)
            printed = io.StringIO()
            try:
                with contextlib.redirect_stdout(printed), contextlib.chdir(work):
                    first = json.loads(asked["text"])["cells"][0]["source"]
                    exec(first.replace("/kaggle/", f"{folder}/"), {})
                    self.hook(work)
            except Exception as error:
                saved.status, saved.failure = "ERROR", f"{type(error).__name__}: {error}"
            saved.log = json.dumps([{"data": printed.getvalue() + saved.failure + "\n"}])
            saved.output = {file.name: file.read_bytes() for file in work.iterdir()}
        return saved

    def _GetKernel(self, asked: Json, _: str | None) -> Any:  # noqa: N802
        saved = self.kernels.get(f"{asked['userName']}/{asked['kernelSlug']}")
        if saved is None:
            return 403
        last = saved[-1].asked
        about = {
            "currentVersionNumber": len(saved),
            "datasetDataSources": last.get("datasetDataSources", []),
            "competitionDataSources": last.get("competitionDataSources", []),
            "isPrivate": True,
        }
        return {"metadata": about, "blob": {"source": last["text"], "slug": asked["kernelSlug"]}}

    def _session(self, asked: Json) -> Saved | None:
        saved = self.kernels.get(f"{asked['userName']}/{asked['kernelSlug']}")
        if saved is None:
            return None
        return saved[-2] if self.stale_statuses > 0 and len(saved) > 1 else saved[-1]

    def _GetKernelSessionStatus(self, asked: Json, _: str | None) -> Any:  # noqa: N802
        session = self._session(asked)
        if session is None:
            return 403
        self.runs_for -= 1
        if self.runs_for >= 0:
            return {"status": "RUNNING"}
        status = {"status": session.status}
        return status | ({"failureMessage": session.failure} if session.failure else {})

    def _ListKernelSessionOutput(self, asked: Json, _: str | None) -> Any:  # noqa: N802
        session = self._session(asked)
        if session is None:
            return 403
        self.stale_statuses -= 1
        ref = f"{asked['userName']}/{asked['kernelSlug']}"
        names = sorted(session.output)
        files = [{"url": f"http://localhost/output/{ref}//{n}", "fileName": n} for n in names]
        start = int(asked.get("pageToken") or 0)
        more = {"nextPageToken": str(start + 1)} if start + 1 < len(files) else {}
        return {"files": files[start : start + 1], "log": session.log, **more}

    def _GetSubmissionLimits(self, _: Json, __: str | None) -> Any:  # noqa: N802
        n = len(self.submissions)
        return {"numToday": n, "numTotal": n, "numAllowedNow": max(0, self.daily_limit - n)}

    def _CreateCodeSubmission(self, asked: Json, fault: str | None) -> Any:  # noqa: N802
        saved = self.kernels[f"{asked['kernelOwner']}/{asked['kernelSlug']}"]
        version = saved[asked["kernelVersion"] - 1]
        if fault == "error" or asked["fileName"] not in version.output:
            return {"message": "the notebook has no such output", "ref": 0}
        self.submissions.append(asked)
        if fault == "nameless":
            return {"message": "Successfully submitted"}
        return {"message": "Successfully submitted", "ref": len(self.submissions)}

    def _ListSubmissions(self, _: Json, __: str | None) -> Any:  # noqa: N802
        listed = [
            {
                "ref": n,
                "date": DATE,
                "description": one.get("submissionDescription", ""),
                "fileName": one["fileName"],
                "status": "COMPLETE",
                "publicScore": "0.75000",
                "teamName": USER,
            }
            for n, one in enumerate(self.submissions, 1)
        ]
        return {"submissions": list(reversed(listed))}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self._answer(urlsplit(self.path).path.rpartition("/")[2])

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_GET(self) -> None:
        self._answer("GET")

    def _answer(self, call: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        response = self.server.host.handle(call, urlsplit(self.path).path, body)  # type: ignore[attr-defined]
        with suppress(OSError):
            if response is None:
                self.close_connection = True
                return
            status, content = response
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(host: KaggleStandIn) -> Iterator[KaggleStandIn]:
    """Serve `host` on a free port of loopback while the body runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.host = host  # type: ignore[attr-defined]
    host.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
