"""The last step of one upload, noted by the client's process before each call to the host.

A submission cannot exist that was never requested: an upload is uncertain only if it had begun to
create the submission.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from podium.workspace import atomic
from podium.workspace.machine import now

__all__ = [
    "ATTEMPT_FILE",
    "Stage",
    "UploadAttempt",
    "forget_attempt",
    "note_attempt",
    "read_attempt",
]

ATTEMPT_FILE = "attempt.json"
Stage = Literal["started", "called", "uploading", "creating", "refused", "created"]


class UploadAttempt(BaseModel):
    """The last step of an upload.

    Stages: `started` (its process logs in, or is not there yet), `called` (the official client has
    it), `uploading` (it requested a place for the bytes), `creating` (it requested the submission),
    then `refused` (by the host) or `created` (the host returned a number).
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    stage: Stage
    at: AwareDatetime
    ref: int | None = None

    @property
    def sent_nothing(self) -> bool:
        """Whether the host cannot have a submission of it, now or later.

        `called` is uncertain: a client that does not record `uploading` next works in another way
        than the one that the stages were made for.
        """
        return self.stage in ("started", "uploading", "refused")


def note_attempt(file: Path, stage: Stage, ref: int | None = None) -> None:
    """Write the step to `file`."""
    attempt = UploadAttempt(stage=stage, at=now(), ref=ref)
    atomic.write_json(file, attempt.model_dump(mode="json", exclude_none=True))


def read_attempt(folder: Path) -> UploadAttempt | None:
    """Return the last step of the upload in `folder`, or None where none can be read."""
    try:
        return UploadAttempt.model_validate_json((folder / ATTEMPT_FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def forget_attempt(folder: Path) -> None:
    """Remove the note of an earlier upload: it does not concern the next one."""
    (folder / ATTEMPT_FILE).unlink(missing_ok=True)
