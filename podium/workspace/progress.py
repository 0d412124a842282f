"""Progress of long work: rooms never print, their caller decides what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

__all__ = ["SILENT", "Progress"]


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
