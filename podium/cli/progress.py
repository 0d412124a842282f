"""Progress on stderr: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

__all__ = ["Terminal"]

LINE_EVERY_S = 10.0


class Terminal:
    """Reports to a person: `say` prints a line, `bar` draws one while its work lasts."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()

    def say(self, message: str) -> None:
        """Print `message` on a line of its own."""
        print(message, file=sys.stderr, flush=True)

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show how much of `total` is done; the value is called with each advance."""
        if self._is_terminal:
            with self._drawn(label, total) as advance:
                yield advance
        else:
            yield _lines(label, total)

    @contextmanager
    def _drawn(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        text = TextColumn("  {task.description}")
        columns = (text, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task(label, total=total)

            def advance(n: int = 1) -> None:
                bars.advance(task, n)

            yield advance


def _lines(label: str, total: int) -> Callable[[int], None]:
    """Return an advance that prints a line now and then: a log must not fill with bars."""
    done, last = 0, monotonic()

    def advance(n: int = 1) -> None:
        nonlocal done, last
        done += n
        if monotonic() - last >= LINE_EVERY_S:
            last = monotonic()
            print(f"  {label}: {done} of {total}", file=sys.stderr, flush=True)

    return advance
