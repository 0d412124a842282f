"""The end of a competition: set, moved or taken back in host.yaml, which a host at work reads."""

from __future__ import annotations

from datetime import UTC, datetime

from podium.errors import UsageError
from podium.hosting.spec import HostFolder
from podium.workspace.atomic import write_text
from podium.workspace.clock import now
from podium.workspace.locks import hold
from podium.workspace.yaml_edits import with_values

__all__ = ["moment_of", "set_deadline"]


def set_deadline(folder: HostFolder, deadline: datetime | None) -> None:
    """Write the deadline (None: there is none) to host.yaml; all else in it stays.

    Raises:
        UsageError: this is no host's folder, or host.yaml cannot be changed there.
    """
    with hold(folder.locks / "settings", what="the settings of the host"):
        folder.spec()
        text = folder.spec_file.read_text(encoding="utf-8")
        value = None if deadline is None else deadline.astimezone(UTC).isoformat()
        try:
            changed = with_values(text, {("deadline",): value})
        except ValueError as error:
            raise UsageError(
                f"the deadline cannot be written: {error}",
                where=folder.spec_file,
                fix="write the line `deadline: 2026-12-20T18:00:00Z` by hand",
            ) from error
        write_text(folder.spec_file, changed)
        folder.spec()


def moment_of(text: str) -> datetime:
    """Return the moment that `text` says, `2026-12-20T18:00`, in UTC unless it names a zone.

    Raises:
        UsageError: it says none.
    """
    if text == "now":
        return now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no moment", fix="write 2026-12-20T18:00 (UTC) or 2026-12-20T18:00+01:00"
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
