"""Tests of silence, of the lines of a log, of objects of JSON for machines, and of the clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any

from podium.workspace.machine import now
from podium.workspace.progress import SILENT, JsonLines, bar_with_status, line_progress


class Clock:
    """Seconds that the test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Place:
    """A status that says a number, counting how often it was asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def line(self) -> str:
        self.asked += 1
        return f"place {self.asked}"

    def to_json(self) -> Mapping[str, Any]:
        self.asked += 1
        return {"event": "place", "number": self.asked, "loss": float("nan")}


def test_silent_progress_accepts_every_call_and_prints_nothing(capsys):
    SILENT.say("hello")
    with SILENT.bar("work", 3) as advance:
        advance(1)
    assert capsys.readouterr() == ("", "")


def test_the_clock_is_aware_and_in_utc():
    assert now().tzinfo is UTC
    assert now().utcoffset() == timedelta(0)


def test_a_log_gets_a_line_after_ten_seconds_and_then_one_a_minute() -> None:
    clock, lines = Clock(), list[str]()
    advance = line_progress(lines.append, "fold 0", 400, clock=clock)
    for second in range(1, 200):
        clock.seconds = second
        advance(1)
    # Written at 10, 70, 130 and 190 s, at one step a second.
    assert lines == [
        "  fold 0: 10 of 400, 1.0/s, 6 min 30 s left",
        "  fold 0: 70 of 400, 1.0/s, 5 min 30 s left",
        "  fold 0: 130 of 400, 1.0/s, 4 min 30 s left",
        "  fold 0: 190 of 400, 1.0/s, 3 min 30 s left",
    ]


def test_progress_shows_seconds_per_step_of_slow_steps() -> None:
    clock, lines = Clock(), list[str]()
    advance = line_progress(lines.append, "decisions", 120, clock=clock)
    clock.seconds = 31
    advance(1)
    clock.seconds = 300
    advance(9)
    assert lines == [
        "  decisions: 1 of 120, after 31 s",
        "  decisions: 10 of 120, 30 s each, 54 min 48 s left",
    ]


def test_what_all_steps_need_is_not_counted_for_each() -> None:
    clock, lines = Clock(), list[str]()
    advance = line_progress(lines.append, "decisions", 80, clock=clock)
    clock.seconds = 10  # the predictions are read, and the first is decided
    advance(1)
    for second in range(11, 71):
        clock.seconds = second
        advance(1)
    assert lines == [
        "  decisions: 1 of 80, after 10 s",
        "  decisions: 61 of 80, 1.0/s, 19 s left",
    ]


def test_status_is_computed_only_when_a_line_is_due() -> None:
    clock, lines, place = Clock(), list[str](), Place()
    advance = line_progress(lines.append, "fold 0", 1000, lambda: place, clock=clock)
    for tenth in range(700):
        clock.seconds = tenth / 10
        advance(1)
    assert lines == ["  place 1"]
    assert place.asked == 1


def test_a_machine_gets_an_object_a_line() -> None:
    clock, lines, place = Clock(), list[str](), Place()
    progress = JsonLines(lines.append, clock=clock)
    progress.say('a "sentence"')
    with progress.bar("images", 4) as advance:
        for second in (0.5, 0.6, 2.5, 2.6):  # the third is due, and the last is the end
            clock.seconds = second
            advance(1)
    with bar_with_status(progress, "fold 0", 2, lambda: place) as advance:
        advance(1)
        advance(1)
    progress.event("result", runs=[{"oof": float("inf")}])
    told = [json.loads(line, parse_constant=_refuse) for line in lines]
    assert told[0] == {"event": "message", "text": 'a "sentence"'}
    assert [one["done"] for one in told[1:4]] == [1, 3, 4]
    assert told[2] == {
        "event": "progress",
        "label": "images",
        "done": 3,
        "total": 4,
        "seconds_left": 1.0,  # two steps in two seconds behind the first, and one is left
    }
    assert told[4:] == [
        {"event": "place", "number": 1, "loss": None},
        {"event": "place", "number": 2, "loss": None},
        {"event": "result", "runs": [{"oof": None}]},
    ]


def test_a_receiver_without_a_status_gets_a_plain_bar() -> None:
    place = Place()
    with bar_with_status(SILENT, "fold 0", 2, lambda: place) as advance:
        advance(2)
    assert place.asked == 0


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
