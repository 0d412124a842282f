"""Limits for clients: delays for wrong tokens, and one submission of a team scored at a time.

A client that guesses tokens waits longer and longer; a valid token never waits, from any address. A
team's queue keeps it from taking the places of the others.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

from starlette.requests import Request

from podium.hosting.host import RefusedError

__all__ = ["TeamQueues", "TokenThrottle", "address_of"]


FREE_GUESSES = 30  # a class behind one address mistypes
_FIRST_S, _LONGEST_S = 0.1, 5.0
_FORGIVEN_S = 60.0  # one guess is forgotten in each such span
_MOST_WAITING = 64
_MOST_ADDRESSES = 4096


@dataclass
class _GuessingAddress:
    n_guesses: float
    at: float
    n_waiting: int = 0


class TokenThrottle:
    """Delays the answer to a token that is not valid, by the address that it came from.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._addresses: OrderedDict[str, _GuessingAddress] = OrderedDict()

    def delay_s(self, address: str) -> float:
        """Note a wrong token, and return for how many seconds its answer is to wait."""
        now = self._clock()
        guesser = self._addresses.setdefault(address, _GuessingAddress(0.0, now))
        self._addresses.move_to_end(address)
        forgiven = (now - guesser.at) / _FORGIVEN_S
        guesser.n_guesses, guesser.at = max(0.0, guesser.n_guesses - forgiven) + 1, now
        while len(self._addresses) > _MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        beyond = guesser.n_guesses - FREE_GUESSES
        return 0.0 if beyond <= 0 else min(_LONGEST_S, _FIRST_S * 2 ** min(beyond - 1, 10))

    async def wait(self, address: str) -> bool:
        """Note a wrong token and wait; False, at once, where too many from there wait already."""
        delay = self.delay_s(address)
        guesser = self._addresses[address]
        if not delay:
            return True
        if guesser.n_waiting >= _MOST_WAITING:
            return False
        guesser.n_waiting += 1
        try:
            await asyncio.sleep(delay)
        finally:
            guesser.n_waiting -= 1
        return True


def address_of(request: Request) -> str:
    """Return the address that a request comes from; "" where it is unknown."""
    return "" if request.client is None else request.client.host


_MOST_QUEUED = 20


class TeamQueues:
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
        if self._n.get(team, 0) > _MOST_QUEUED:
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
