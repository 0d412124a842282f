"""Looking for what may have arrived, for as long as a host may be slow to show it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from podium.errors import HostError, PodiumError
from podium.submissions.client import Client, Entry
from podium.workspace.clock import now
from podium.workspace.progress import SILENT, Progress

__all__ = ["DOUBT_S", "ask_until", "look_until_sure"]

T = TypeVar("T")

DOUBT_S = 60.0  # a host may list a submission some seconds after it took it
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 10.0


def look_until_sure(
    client: Client, marker: str, *, since: datetime | None = None, progress: Progress = SILENT
) -> Entry | None:
    """Return the submission with `marker`, or None once the host cannot have it any more.

    Args:
        client: the calls on the host.
        marker: the text in the description.
        since: when it may have been created, at the latest; default: now.
        progress: told of the wait.

    Raises:
        HostError: the host could not be asked to the end, so it is still not known.
    """
    try:
        return ask_until(
            lambda: client.look(marker).found,
            lambda found: found is not None,
            since=since,
            progress=progress,
        )
    except PodiumError as error:
        raise HostError(
            f"it is not known whether the submission arrived: {error.message}",
            fix="repeat the command: it looks for the submission before it sends anything",
        ) from error


def ask_until(
    ask: Callable[[], T],
    is_it: Callable[[T], bool],
    *,
    since: datetime | None = None,
    progress: Progress = SILENT,
) -> T:
    """Return the first answer that `is_it`, or the last one once the host cannot be slow any more.

    Args:
        ask: a question to the host; one that fails is repeated while there is time.
        is_it: whether an answer is what was looked for.
        since: when it may have been made, at the latest; default: now. The host has `DOUBT_S` from
            then on to show it.
        progress: told of the wait.

    Raises:
        PodiumError: of the last question.
    """
    deadline = time.monotonic() + _seconds_left(since)
    pause, is_told = _FIRST_PAUSE_S, False
    while True:
        is_last = time.monotonic() >= deadline
        try:
            found = ask()
        except PodiumError:
            if is_last:
                raise
        else:
            if is_last or is_it(found):
                return found
        left = deadline - time.monotonic()
        if not is_told:
            progress.say(f"not there yet; looking for it for {max(left, 0):.0f} s more")
            is_told = True
        time.sleep(max(0.0, min(pause, left)))
        pause = min(2 * pause, _LONGEST_PAUSE_S)


def _seconds_left(since: datetime | None) -> float:
    """Return the rest of the window; a clock that was set back makes it no longer than it is."""
    gone = 0.0 if since is None else (now() - since).total_seconds()
    return min(DOUBT_S, max(0.0, DOUBT_S - gone))
