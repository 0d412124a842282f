"""A time in which nothing can be trained is refused before anything is imported or measured."""

from __future__ import annotations

import pytest

from podium.errors import UsageError
from podium.workspace.auto_record import LEAST_S, refuse_short_time


def test_seconds_that_were_meant_as_minutes_are_refused_with_the_minutes() -> None:
    with pytest.raises(UsageError, match="3 s are too short") as caught:
        refuse_short_time(3.0)
    assert caught.value.fix == "give it minutes: --time 3m"
    with pytest.raises(UsageError):
        refuse_short_time(LEAST_S - 0.1)
    refuse_short_time(LEAST_S)
