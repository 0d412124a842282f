"""Tests of silence, and of the clock."""

from datetime import UTC, timedelta

from podium.workspace.machine import now
from podium.workspace.progress import SILENT


def test_silent_progress_accepts_every_call_and_prints_nothing(capsys):
    SILENT.say("hello")
    with SILENT.bar("work", 3) as advance:
        advance(1)
    assert capsys.readouterr() == ("", "")


def test_the_clock_is_aware_and_in_utc():
    assert now().tzinfo is UTC
    assert now().utcoffset() == timedelta(0)
