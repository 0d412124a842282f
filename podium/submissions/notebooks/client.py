"""The calls on a host that runs notebooks: a dataset, a notebook, its session, its submission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podium.errors import HostError
from podium.submissions.upload.attempt import ATTEMPT_FILE
from podium.submissions.upload.client import (
    CALL_TIMEOUT_S,
    SLOWEST_UPLOAD_BYTES_PER_S,
    KaggleClient,
    call_official,
)
from podium.submissions.upload.endpoint import Endpoint

__all__ = ["DatasetState", "KaggleNotebooks", "NotebookClient", "NotebookLocation", "NotebookState"]

STALE_S = 60.0  # so long after a push, the host may still report the failure of an earlier version


@dataclass(frozen=True)
class NotebookLocation:
    """The addresses of dataset and notebook, and the texts by which ours are found.

    Attributes:
        owner: the user.
        dataset: its name in the address.
        kernel: the notebook's name in the address.
        dataset_marker: stands in the notes of the version that holds our package.
        dataset_stamp: an empty file of that version, with the same text as its name.
        kernel_marker: stands in the text of the notebook's version, and in its log.
        kernel_stamp: a file that its session writes.
    """

    owner: str
    dataset: str
    kernel: str
    dataset_marker: str
    dataset_stamp: str
    kernel_marker: str
    kernel_stamp: str


@dataclass(frozen=True)
class DatasetState:
    """A dataset: newest version and its status; `marked` is the version that is ours, if any.

    `files` are (name, bytes) of the marked version, else of the newest; none before it is ready.
    """

    version: int
    status: str
    marked: int | None
    files: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class NotebookState:
    """A notebook and its last session: see `official.notebooks.notebook`."""

    version: int
    is_ours: bool
    status: str
    failure: str
    is_over: bool
    is_session_ours: bool
    names: tuple[str, ...] = ()
    log: str = ""


@dataclass(frozen=True)
class KaggleNotebooks:
    """The official client's calls on datasets and notebooks, each in a process of its own."""

    endpoint: Endpoint
    slug: str
    timeout_s: float = field(default=CALL_TIMEOUT_S)

    def whoami(self) -> str:
        """Return the user's name, or ""."""
        return str(self._call("whoami", {})["user"])

    def dataset(self, place: NotebookLocation) -> DatasetState | None:
        """Return the dataset, or None where there is none."""
        about = {
            "owner": place.owner,
            "dataset": place.dataset,
            "marker": place.dataset_marker,
            "stamp": place.dataset_stamp,
        }
        found = self._call("dataset", about)
        if found is None:
            return None
        files = tuple((name, n_bytes) for name, n_bytes in found.pop("files"))
        return DatasetState(**found, files=files)

    def send_dataset(
        self, place: NotebookLocation, folder: Path, title: str, note: Path, *, exists: bool
    ) -> None:
        """Upload the folder's files as a new dataset or version; tries once."""
        n_bytes = sum(file.stat().st_size for file in folder.iterdir())
        about = {
            "owner": place.owner,
            "dataset": place.dataset,
            "notes": place.dataset_marker,
            "title": title,
            "folder": str(folder),
            "attempt": str(note / ATTEMPT_FILE),
            "exists": exists,
        }
        self._call("send_dataset", about, extra_s=n_bytes / SLOWEST_UPLOAD_BYTES_PER_S)

    def push(
        self,
        place: NotebookLocation,
        text: str,
        title: str,
        sources: Sequence[str],
        accelerator: str,
        note: Path,
    ) -> int:
        """Save and start the notebook; return its version. Tries once."""
        about = {
            "owner": place.owner,
            "kernel": place.kernel,
            "text": text,
            "title": title,
            "dataset_sources": list(sources),
            "accelerator": accelerator,
            "attempt": str(note / ATTEMPT_FILE),
        }
        return int(self._call("push", about)["version"])

    def notebook(self, place: NotebookLocation, wait_s: float = 0.0) -> NotebookState | None:
        """Return the notebook, or None; waits up to `wait_s` for its session's end."""
        about = {
            "owner": place.owner,
            "kernel": place.kernel,
            "dataset": place.dataset,
            "marker": place.kernel_marker,
            "stamp": place.kernel_stamp,
            "wait_s": wait_s,
            "stale_s": STALE_S,
        }
        found = self._call("notebook", about, extra_s=wait_s)
        if found is None:
            return None
        return NotebookState(**found | {"names": tuple(found["names"])})

    def fetch(self, place: NotebookLocation, name: str, folder: Path) -> bool:
        """Download an output file into the folder; return whether it is there."""
        about = {"owner": place.owner, "kernel": place.kernel, "name": name, "folder": str(folder)}
        return bool(self._call("fetch", about, extra_s=600.0)["there"])

    def submitting(self, kernel: str = "", version: int = 0) -> NotebookClient:
        """Return the client whose `submit` submits that version of the notebook `owner/name`."""
        return NotebookClient(self.endpoint, self.slug, kernel, version, timeout_s=self.timeout_s)

    def _call(self, function: str, argument: dict[str, Any], *, extra_s: float = 0.0) -> Any:
        return call_official(
            self.endpoint,
            f"notebooks:{function}",
            {**argument, "slug": self.slug},
            timeout_s=self.timeout_s + extra_s,
        )


class NotebookClient(KaggleClient):
    """The client of files, but for `submit`: it submits a notebook's version, whatever the file."""

    def __init__(
        self,
        endpoint: Endpoint,
        slug: str,
        kernel: str,
        version: int,
        *,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        super().__init__(endpoint, slug, timeout_s=timeout_s)
        self._kernel, self._version = kernel, version

    def submit(self, file: Path, description: str) -> int:
        if not self._version:  # the official client would submit whichever is the newest
            raise HostError("the version to submit is unknown", fix="repeat the command")
        about = {
            "kernel": self._kernel,
            "version": self._version,
            "slug": self._slug,
            "file_name": file.name,
            "description": description,
            "attempt": str(file.resolve().with_name(ATTEMPT_FILE)),
        }
        answer = call_official(self._endpoint, "notebooks:submit", about, timeout_s=self._timeout_s)
        return int(answer["ref"])
