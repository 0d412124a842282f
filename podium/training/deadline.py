"""Stopping before a machine's time is up, in a state that the same command continues from."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Deadline", "OutOfTime"]

Clock = Callable[[], float]


class OutOfTime(Exception):  # noqa: N818 — no error: the state is saved and the caller reports it
    """There is no time for the next piece of work; everything before it is on disk."""


class Deadline:
    """Says whether a piece of work still fits before the limit.

    Args:
        limit_s: seconds from now on; None never ends.
        clock: seconds that only rise.
    """

    def __init__(self, limit_s: float | None, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._end = None if limit_s is None else clock() + limit_s

    def now(self) -> float:
        """Return the seconds of the clock that the deadline is read from."""
        return self._clock()

    def allows(self, seconds: float) -> bool:
        """Return whether work of this many seconds would end in time."""
        return self._end is None or self._clock() + seconds <= self._end

    def require(self, seconds: float, what: str) -> None:
        """Raise OutOfTime unless work of this many seconds would end in time."""
        if not self.allows(seconds):
            raise OutOfTime(what)

    def left(self) -> float | None:
        """Return the seconds that are left, at least 0; None where there is no limit."""
        return None if self._end is None else max(0.0, self._end - self._clock())
