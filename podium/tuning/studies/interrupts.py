"""Ctrl-C while trials run: it ends an objective, and waits while a study is read or written.

A write to a database that is broken off half-way would leave its trial running for ever, and other
workers before a lock.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

__all__ = ["Interrupts"]


class Interrupts:
    """A context in which Ctrl-C waits for the next body of `allowed`; a second one does not wait.

    In a thread other than the main one, and where interrupts are ignored, it does nothing.
    """

    def __init__(self) -> None:
        self._before: Any = None
        self._is_held = self._came = False

    def __enter__(self) -> Interrupts:
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(before):
            self._before, self._is_held = before, True
            signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if kind is None:
            self._raise_late()

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let Ctrl-C interrupt the body; one that came before interrupts it at its beginning."""
        self._is_held = False
        try:
            self._raise_late()
            yield
        finally:
            self._is_held = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside a body of `allowed`, let Ctrl-C wait for the end of this one."""
        was_held, self._is_held = self._is_held, True
        try:
            yield
        finally:
            self._is_held = was_held
        if not was_held:
            self._raise_late()

    def _raise_late(self) -> None:
        if self._came:
            self._came = False
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._is_held and not self._came:
            self._came = True
        else:
            self._came = False
            self._before(number, frame)
