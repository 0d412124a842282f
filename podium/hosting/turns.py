"""One submission of a team is scored at a time, so that no team takes the places of the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from podium.hosting.host import RefusedError

__all__ = ["Turns"]

_MOST_WAITING = 20


class Turns:
    """A queue for each team."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._n: dict[str, int] = {}

    @asynccontextmanager
    async def of(self, team: str) -> AsyncIterator[None]:
        """Run the body when those of the team that came before are done.

        Raises:
            RefusedError: 429: 20 of the team are waiting.
        """
        if self._n.get(team, 0) > _MOST_WAITING:
            raise RefusedError(429, "your team has many submissions waiting: try again later")
        lock = self._locks.setdefault(team, asyncio.Lock())
        self._n[team] = self._n.get(team, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._n[team] -= 1
            if not self._n[team]:
                del self._n[team], self._locks[team]
