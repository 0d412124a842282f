"""Looking for a submission that may have arrived, for as long as a host may be slow to show it."""

from __future__ import annotations

import time
from datetime import datetime

from podium.errors import HostError, PodiumError
from podium.submissions.client import Client, Entry
from podium.workspace.clock import now
from podium.workspace.progress import SILENT, Progress

__all__ = ["DOUBT_S", "look_until_sure"]

DOUBT_S = 60.0  # a host may list a submission some seconds after it took it
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 10.0


def look_until_sure(
    client: Client, marker: str, *, since: datetime | None = None, progress: Progress = SILENT
) -> Entry | None:
    """Return the submission with `marker`, or None once the host cannot have it any more.

    Args:
        client: the calls on the host; a look that fails is repeated while there is time.
        marker: the text in the description.
        since: when it may have been created, at the latest; default: now. The host has `DOUBT_S`
            from then on to show it.
        progress: told of the wait.

    Raises:
        HostError: the host could not be asked to the end, so it is still not known.
    """
    deadline = time.monotonic() + _seconds_left(since)
    pause, is_told = _FIRST_PAUSE_S, False
    while True:
        is_last = time.monotonic() >= deadline
        failure: PodiumError | None = None
        try:
            found = client.look(marker).found
        except PodiumError as error:
            failure = error
        else:
            if found is not None:
                return found
        if is_last:
            break
        left = deadline - time.monotonic()
        if not is_told:
            progress.say(f"not there yet; looking for it for {max(left, 0):.0f} s more")
            is_told = True
        time.sleep(max(0.0, min(pause, left)))
        pause = min(2 * pause, _LONGEST_PAUSE_S)
    if failure is None:
        return None
    raise HostError(
        f"it is not known whether the submission arrived: {failure.message}",
        fix="repeat the command: it looks for the submission before it sends anything",
    ) from failure


def _seconds_left(since: datetime | None) -> float:
    """Return the rest of the window; a clock that was set back makes it no longer than it is."""
    gone = 0.0 if since is None else (now() - since).total_seconds()
    return min(DOUBT_S, max(0.0, DOUBT_S - gone))
