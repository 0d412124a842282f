"""`receipt.json`: a submission's write-ahead record, from before the upload to its scores."""

from __future__ import annotations

import hashlib
import itertools
import logging
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

import podium
from podium.errors import RunError, SubmissionError
from podium.submissions.upload.client import ListedSubmission
from podium.submissions.upload.endpoint import Target
from podium.workspace import atomic, digests
from podium.workspace.ids import short_digest
from podium.workspace.layout import RECEIPT_FILE, Workspace
from podium.workspace.machine import now

__all__ = [
    "Receipt",
    "file_sha256",
    "find_receipt",
    "next_repetition",
    "prepare_receipt",
    "read_receipts",
    "refuse_unreadable",
    "save_receipt",
    "submission_folder",
    "updated_receipt",
]

_logger = logging.getLogger(__name__)

SUBMISSION_FILE = "submission.csv"
State = Literal["dry_run", "prepared", "uploading", "submitted", "complete", "error", "failed"]


class Receipt(BaseModel):
    """The state of one submission.

    States: `prepared` (nothing sent), `uploading` (the host may have it), `submitted` (the host has
    it), then `complete` (scored) or `error` (the host refused the content); `failed` (known not to
    be at the host); `dry_run` is never written.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    id: str = Field(description="the folder's name, 8 hex")
    description_id: str = Field(
        description="unique text in the description, looked for when in doubt"
    )
    created: AwareDatetime
    podium: str = podium.__version__
    slug: str
    target: Target
    file: str = Field(
        description="the file as it was given, relative to the workspace where it is inside"
    )
    file_sha256: str
    bytes: int
    message: str = ""
    sources: list[str] = Field(
        default_factory=list, description="ids of what the file was made from"
    )
    honest: float | None = Field(
        default=None, description="honest score of the blend, when it was sent"
    )
    thresholds: list[float] = Field(
        default_factory=list,
        description="of each class, or class weights, that match the rates out of fold, where they "
        "replaced the blend's own",
    )
    kind: Literal["file", "code"] = Field(
        default="file", description="code: a notebook was sent, and the host runs it"
    )
    code: dict[str, str | int] = Field(
        default_factory=dict, description="of a notebook: dataset and kernel with their versions"
    )
    state: State = "prepared"
    attempted: AwareDatetime | None = Field(
        default=None, description="when the last upload began; the host may be slow to show it"
    )
    counted: dict[str, int] = Field(
        default_factory=dict,
        description="what the host counted and listed before the last upload: total, today, listed",
    )
    ref: int | None = Field(default=None, description="the host's number of the submission")
    submitted: AwareDatetime | None = None
    public_score: float | None = None
    private_score: float | None = None
    error: str = Field(default="", description="why it failed, in the host's words")

    @property
    def description(self) -> str:
        """The text at the host; the id stands first, so that no cut of a long text loses it."""
        return f"{self.marker} {self.message}".strip()

    @property
    def marker(self) -> str:
        """The text in a description by which the submission is found again."""
        return f"[{self.description_id}]"


def prepare_receipt(
    workspace: Workspace,
    file: Path,
    *,
    slug: str,
    target: Target,
    message: str,
    sources: Sequence[str] = (),
    honest: float | None = None,
    thresholds: Sequence[float] = (),
    again: int = 0,
) -> Receipt:
    """Return a new receipt, not yet written; equal content and target give an equal id."""
    digest = file_sha256(file)
    identity = _identity(digest, slug, target, again)
    root = workspace.root.resolve()
    resolved = file.resolve()
    shown = resolved.relative_to(root) if resolved.is_relative_to(root) else resolved
    return Receipt(
        id=identity,
        description_id=f"podium-{identity}",
        created=now(),
        slug=slug,
        target=target,
        file=str(shown),
        file_sha256=digest,
        bytes=file.stat().st_size,
        message=message,
        sources=list(sources),
        honest=honest,
        thresholds=list(thresholds),
    )


def _identity(digest: str, slug: str, target: Target, again: int) -> str:
    about = {"file": digest, "slug": slug, "target": target}
    return short_digest(about if not again else {**about, "again": again})


def next_repetition(workspace: Workspace, file: Path, *, slug: str, target: Target) -> int:
    """Return the first number of a repetition (0: none before) of which there is no receipt."""
    digest = file_sha256(file)
    for again in itertools.count():
        folder = workspace.submissions / _identity(digest, slug, target, again)
        if not (folder / RECEIPT_FILE).exists():
            return again
    raise AssertionError("unreachable")


def refuse_unreadable(workspace: Workspace, file: Path, *, slug: str, target: Target) -> None:
    """Refuse to go on where a receipt of this content is there and cannot be read.

    Raises:
        SubmissionError: names it; it is left as it is.
    """
    digest = file_sha256(file)
    folders = [path.parent for path in workspace.submissions.glob(f"*/{RECEIPT_FILE}")]
    ids = {_identity(digest, slug, target, again) for again in range(len(folders) + 1)}
    for folder in folders:
        if folder.name in ids and isinstance(why := _read(folder / RECEIPT_FILE), str):
            raise SubmissionError(
                f"this receipt of the same content cannot be read: {why}; nothing was sent",
                where=folder / RECEIPT_FILE,
                fix="move it out of the workspace and repeat the command: what the host has of "
                "this content is looked for before anything is sent",
            )


def submission_folder(workspace: Workspace, receipt: Receipt) -> Path:
    """Return the submission's folder."""
    return workspace.submissions / receipt.id


def save_receipt(workspace: Workspace, receipt: Receipt, file: Path | None = None) -> Receipt:
    """Write the receipt, before it the copy of `file` that will be sent, and return the receipt."""
    folder = submission_folder(workspace, receipt)
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / SUBMISSION_FILE
    if file is not None and file.resolve() != copy.resolve():
        with (
            atomic.replacing(copy) as temporary,
            file.open("rb") as source,
            temporary.open("wb") as sink,
        ):
            shutil.copyfileobj(source, sink)
    if file is not None and file_sha256(copy) != receipt.file_sha256:
        raise SubmissionError(
            "the file changed while it was copied", where=file, fix="repeat the command"
        )
    atomic.write_json(folder / RECEIPT_FILE, receipt.model_dump(mode="json"))
    return receipt


def updated_receipt(receipt: Receipt, entry: ListedSubmission) -> Receipt:
    """Return the receipt with the host's state and scores."""
    states: dict[str, State] = {"COMPLETE": "complete", "ERROR": "error"}
    return receipt.model_copy(
        update={
            "state": states.get(entry.status, "submitted"),
            "ref": entry.ref,
            "submitted": receipt.submitted or _parse_time(entry.date) or now(),
            "public_score": entry.public_score,
            "private_score": entry.private_score,
            "error": entry.error,
        }
    )


def _parse_time(date: str | None) -> datetime | None:
    """Return a date of the host as a moment in UTC, or None where it is none."""
    try:
        moment = None if date is None else datetime.fromisoformat(date)
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def read_receipts(workspace: Workspace) -> list[Receipt]:
    """Return every receipt, oldest first; files that are no receipts are logged and left out."""
    found = []
    for path in sorted(workspace.submissions.glob(f"*/{RECEIPT_FILE}")):
        receipt = _read(path)
        if isinstance(receipt, str):
            _logger.warning("skipped: %s is not a receipt: %s", path, receipt)
        else:
            found.append(receipt)
    return sorted(found, key=lambda receipt: receipt.created)


def _read(path: Path) -> Receipt | str:
    """Return the receipt, or why it is none."""
    try:
        digests.check(path)
        return Receipt.model_validate_json(path.read_bytes())
    except digests.DamagedError as error:
        return error.message
    except ValidationError as error:
        return error.errors()[0]["msg"]
    except OSError as error:
        return error.strerror or type(error).__name__


def find_receipt(workspace: Workspace, file: Path, *, slug: str, target: Target) -> Receipt | None:
    """Return the newest receipt of this content for this competition and endpoint, or None."""
    digest = file_sha256(file)
    same = [
        receipt
        for receipt in read_receipts(workspace)
        if (receipt.file_sha256, receipt.slug, receipt.target) == (digest, slug, target)
    ]
    return same[-1] if same else None


def file_sha256(file: Path) -> str:
    """Return the sha256 of the file's content, 64 hex digits.

    Raises:
        RunError: the file cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise RunError(
            f"cannot be read: {error.strerror}", where=file, fix="check the path"
        ) from error
