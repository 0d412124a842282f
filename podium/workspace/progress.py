"""Progress of long work: rooms never print, their caller decides what is shown.

A receiver of progress has two methods, `say` and `bar`. One that can show more than a count has a
third, `status_bar`: its bar asks for the status of the work whenever it is drawn, and work calls
`bar_with_status`, which takes a plain bar where the receiver has no other.

    terminal   a bar, with the status as its text
    log        a line after 10 s, and then one a minute (`line_progress`)
    machine    a JSON object a line (`JsonLines`, docs/progress.md)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import Any, Protocol, runtime_checkable

__all__ = [
    "SILENT",
    "JsonLines",
    "Progress",
    "Status",
    "StatusProgress",
    "bar_with_status",
    "format_duration",
    "format_rate",
    "line_progress",
]

FIRST_LINE_S, LINE_EVERY_S = 10.0, 60.0
JSON_EVERY_S = 1.0

Advance = Callable[[int], None]


class Progress(Protocol):
    """The receiver of a long function's progress, called from that function's own thread."""

    def say(self, message: str) -> None:
        """Print one finished sentence; it stays on the screen."""

    def bar(self, label: str, total: int) -> AbstractContextManager[Advance]:
        """Return a context with a bar of `total` steps; it gives `advance(n)`."""


class Status(Protocol):
    """Where a piece of work is."""

    def line(self) -> str:
        """Return it as a line for a person."""
        ...

    def to_json(self) -> Mapping[str, Any]:
        """Return it as an object of JSON, with its `event`."""
        ...


@runtime_checkable
class StatusProgress(Protocol):
    """A receiver of progress that shows more of a piece of work than a count."""

    def status_bar(
        self, label: str, total: int, status: Callable[[], Status]
    ) -> AbstractContextManager[Advance]:
        """Return what `bar` does; the status is asked for whenever it is drawn."""
        ...


def bar_with_status(
    progress: Progress, label: str, total: int, status: Callable[[], Status]
) -> AbstractContextManager[Advance]:
    """Return a bar that shows `status` where `progress` can, else a plain one.

    Args:
        progress: of the caller.
        label: of a plain bar.
        total: number of steps.
        status: called from `advance`, and so from the thread of the work; now and then, because it
            may wait for a GPU.
    """
    if isinstance(progress, StatusProgress):
        return progress.status_bar(label, total, status)
    return progress.bar(label, total)


class _Silent:
    """Prints nothing."""

    def say(self, message: str) -> None:
        pass

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Advance]:
        yield _nothing


def _nothing(_: int) -> None:
    pass


SILENT: Progress = _Silent()


def format_duration(seconds: float) -> str:
    """Return a length of time in its two largest units.

    Example:
        >>> format_duration(4000), format_duration(190), format_duration(5)
        ('1 h 6 min', '3 min 10 s', '5 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


_LEAST_RATE = 0.1  # steps a second; slower ones read as 0.0/s


class _Count:
    """What is done of a bar, and how long the rest will take.

    Args:
        label, total: of the bar.
        clock: seconds that only rise.
    """

    def __init__(self, label: str, total: int, clock: Callable[[], float]) -> None:
        self.label, self.total, self.done = label, total, 0
        self._clock, self._began = clock, clock()
        self._first: tuple[int, float] | None = None

    def add(self, n: int) -> None:
        """Count `n` steps more."""
        self.done += n
        if self._first is None:
            self._first = self.done, self._clock()

    def rate(self) -> float:
        """Return the steps a second behind the first ones, which take what all need; 0 before."""
        if self._first is None or self._first[0] == self.done:
            return 0.0
        done, at = self._first
        return (self.done - done) / max(self._clock() - at, 1e-9)

    def seconds_left(self) -> float | None:
        rate = self.rate()
        return (self.total - self.done) / rate if rate else None

    def line(self) -> str:
        so_far, left = f"{self.label}: {self.done} of {self.total}", self.seconds_left()
        if left is not None:
            return f"{so_far}, {self._speed()}, {format_duration(left)} left"
        if self._first is None:
            return so_far
        return f"{so_far}, after {format_duration(self._first[1] - self._began)}"

    def _speed(self) -> str:
        """Return the steps a second, or how long a slow one takes."""
        rate = self.rate()
        is_slow = rate < _LEAST_RATE
        return f"{format_duration(1 / rate)} each" if is_slow else f"{format_rate(rate)}/s"

    def to_json(self) -> Mapping[str, Any]:
        left = self.seconds_left()
        return {
            "event": "progress",
            "label": self.label,
            "done": self.done,
            "total": self.total,
            "seconds_left": None if left is None else round(left, 1),
        }


def format_rate(value: float) -> str:
    """Return a number of things a second, with its meaningful digits.

    Example:
        >>> format_rate(1234.5), format_rate(51.3), format_rate(1.234)
        ('1,234', '51', '1.2')
    """
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def line_progress(
    say: Callable[[str], None],
    label: str,
    total: int,
    status: Callable[[], Status] | None = None,
    *,
    clock: Callable[[], float] = monotonic,
) -> Advance:
    """Return an advance that prints a line after 10 s and then one a minute.

    A log must not fill with bars.

    Args:
        say: gets the lines.
        label, total: of the bar.
        status: the text of the line; default: how much is done, how fast, and the time left.
        clock: seconds that only rise.
    """
    count = _Count(label, total, clock)
    due = clock() + FIRST_LINE_S

    def advance(n: int = 1) -> None:
        nonlocal due
        count.add(n)
        if clock() >= due:
            due = clock() + LINE_EVERY_S
            say(f"  {count.line() if status is None else status().line()}")

    return advance


class JsonLines:
    """Progress for a machine: every line is an object of JSON with an `event`.

    Args:
        write: gets the lines, without their ends.
        clock: seconds that only rise.
    """

    def __init__(
        self, write: Callable[[str], None], *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._write, self._clock = write, clock

    def event(self, event: str, **facts: Any) -> None:
        """Write one object."""
        # NaN and infinity are not JSON.
        found = {key: _finite(value) for key, value in facts.items()}
        self._write(json.dumps({"event": event, **found}, ensure_ascii=False, default=str))

    def say(self, message: str) -> None:
        """Write a sentence: {"event": "message", "text": …}."""
        self.event("message", text=message)

    def bar(self, label: str, total: int) -> AbstractContextManager[Advance]:
        """Write how much is done, at most once a second."""
        count = _Count(label, total, self._clock)
        return self._counted(count, lambda: count)

    def status_bar(
        self, label: str, total: int, status: Callable[[], Status]
    ) -> AbstractContextManager[Advance]:
        """Write the status, at most once a second."""
        return self._counted(_Count(label, total, self._clock), status)

    @contextmanager
    def _counted(self, count: _Count, status: Callable[[], Status]) -> Iterator[Advance]:
        due = self._clock()

        def advance(n: int = 1) -> None:
            nonlocal due
            count.add(n)
            is_over = count.done >= count.total
            if is_over or self._clock() >= due:
                due = self._clock() + JSON_EVERY_S
                facts = dict(status().to_json())
                self.event(facts.pop("event"), **facts)

        yield advance


def _finite(value: Any) -> Any:
    """Return `value` with None for numbers that JSON has not."""
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return value
