"""The last step of one upload, noted by the client's process before each call to the host.

A submission cannot exist that was never requested: an upload is uncertain only if it had begun to
create the submission.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from podium.workspace import atomic
from podium.workspace.machine import now

__all__ = ["ATTEMPT_FILE", "Stage", "forget_attempt", "note_attempt", "read_attempt"]

ATTEMPT_FILE = "attempt.json"
Stage = Literal["started", "called", "uploading", "creating", "refused", "created"]


# No model of pydantic: each process of the official client would load it, a quarter of its start.
@dataclass(frozen=True)
class UploadAttempt:
    """The last step of an upload.

    Stages: `started` (its process logs in, or is not there yet), `called` (the official client has
    it), `uploading` (it requested a place for the bytes), `creating` (it requested the submission),
    then `refused` (by the host) or `created` (the host returned a number).
    """

    stage: Stage
    at: datetime
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
    content = {"stage": stage, "at": now().isoformat().replace("+00:00", "Z")}
    atomic.write_json(file, content if ref is None else {**content, "ref": ref})


def read_attempt(folder: Path) -> UploadAttempt | None:
    """Return the last step of the upload in `folder`, or None where none can be read."""
    try:
        content = json.loads((folder / ATTEMPT_FILE).read_bytes())
        stage, ref = content["stage"], content.get("ref")
        at = datetime.fromisoformat(content["at"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    is_read = stage in get_args(Stage) and at.tzinfo is not None and isinstance(ref, int | None)
    return UploadAttempt(stage, at, ref) if is_read else None


def forget_attempt(folder: Path) -> None:
    """Remove the note of an earlier upload: it does not concern the next one."""
    atomic.remove(folder / ATTEMPT_FILE)
