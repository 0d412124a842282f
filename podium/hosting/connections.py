"""Connections that give nothing for what they take are closed; none of them stops the others."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["HEAD_BYTES", "GuardedConnection"]

HEAD_BYTES = 16 << 10  # of a request: its line and headers
HEAD_S = 10.0  # for these to arrive
BODY_WINDOW_S, BODY_LEAST_BYTES = 20.0, 20 << 10  # a body comes with 1 KiB a second at least
STALLED_S = 60.0  # that a reader may leave 64 KiB unread
LOOK_EVERY_S = 1.0
_MOST_CONNECTIONS = 1000
_FILES_FOR_OTHERS = 200


def _most_connections() -> int:
    """Return how many connections, with a file each, the process can have open."""
    if sys.platform == "win32":
        return _MOST_CONNECTIONS // 2
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    n_files = 2 * _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else soft - _FILES_FOR_OTHERS
    return max(50, min(_MOST_CONNECTIONS, n_files // 2))


MOST_IN_ALL = _most_connections()
MOST_OF_AN_ADDRESS = MOST_IN_ALL * 3 // 4  # a class may sit behind one


class GuardedConnection(H11Protocol):
    """One connection: headers within 10 s, then bytes in either direction at a least rate.

    Where there are too many connections, in all or from one address, the one that has waited
    longest without a request makes room for the new one; where all are at work, the new one is
    told so (503).
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._waits_since = self._window_from = self.loop.time()
        self._closing_since: float | None = None
        self._unread_since: float | None = None
        self._received = self._at_window = 0
        self._was: Any = None
        self._timer = self.loop.call_later(LOOK_EVERY_S, self._look)
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        state = self.conn.their_state
        if state is h11.SEND_BODY and self._was is not h11.SEND_BODY:
            self._start_window()
        self._was = state

    def on_response_complete(self) -> None:
        self._waits_since = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._unread_since = None
        super().resume_writing()

    @property
    def waits(self) -> bool:
        """Whether no answer is being made: a request is yet to come, or was answered."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def _start_window(self) -> None:
        self._window_from, self._at_window = self.loop.time(), self._received

    def _look(self) -> None:
        self._timer = self.loop.call_later(LOOK_EVERY_S, self._look)
        if self._is_overdue(self.loop.time()):
            self.transport.abort()

    def _is_overdue(self, now: float) -> bool:
        if self.transport.is_closing():  # what it was sent last is never read
            self._closing_since = self._closing_since or now
            return now - self._closing_since > HEAD_S
        if self._unread_since is not None and now - self._unread_since > STALLED_S:
            return True
        if self.conn.their_state is h11.SEND_BODY:
            if self.flow.read_paused:  # we are the slow one
                self._start_window()
            if now - self._window_from < BODY_WINDOW_S:
                return False
            n_received = self._received - self._at_window
            self._start_window()
            return n_received < BODY_LEAST_BYTES
        return self.waits and now - self._waits_since > HEAD_S

    def _make_room(self) -> None:
        every = [one for one in self.connections if isinstance(one, GuardedConnection)]
        counts = Counter(one._address for one in every)
        if len(every) > MOST_IN_ALL:
            crowd, _ = counts.most_common(1)[0]
        elif counts[self._address] > MOST_OF_AN_ADDRESS:
            crowd = self._address
        else:
            return
        waiting = [
            one
            for one in every
            if one is not self
            and one.waits
            and one._address == crowd
            and not one.transport.is_closing()
        ]
        if waiting:
            min(waiting, key=lambda one: one._waits_since).transport.abort()
        else:
            self.transport.write(_CROWDED)
            self.transport.close()

    @property
    def _address(self) -> str:
        return "" if self.client is None else self.client[0]


_CROWDED_TEXT = b'{"code": 503, "message": "too many connections: try again in a minute"}'
_CROWDED = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(_CROWDED_TEXT), _CROWDED_TEXT)
)
