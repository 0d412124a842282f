"""Progress of long work: rooms never print, their caller decides what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import Protocol

__all__ = ["SILENT", "Progress", "line_progress"]

_LINE_EVERY_S = 10.0


class Progress(Protocol):
    """The receiver of a long function's progress, called from that function's own thread."""

    def say(self, message: str) -> None:
        """Print one finished sentence; it stays on the screen."""

    def bar(self, label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Return a context with a bar of `total` steps; it gives `advance(n)`."""


class _Silent:
    """Prints nothing."""

    def say(self, message: str) -> None:
        pass

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        yield _nothing


def _nothing(_: int) -> None:
    pass


SILENT: Progress = _Silent()


def line_progress(say: Callable[[str], None], label: str, total: int) -> Callable[[int], None]:
    """Return an advance that prints a line now and then: a log must not fill with bars."""
    done, last = 0, monotonic()

    def advance(n: int = 1) -> None:
        nonlocal done, last
        done += n
        if monotonic() - last >= _LINE_EVERY_S:
            last = monotonic()
            say(f"  {label}: {done} of {total}")

    return advance
