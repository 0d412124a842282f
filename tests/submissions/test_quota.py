"""What is refused before an upload, and how the rest of the quota is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from podium.errors import QuotaError
from podium.submissions.upload import submit
from podium.submissions.upload.client import Limits
from podium.submissions.upload.submit import format_quota, refuse_quota, until_reset

EVENING = datetime(2026, 11, 20, 22, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def evening(monkeypatch):
    monkeypatch.setattr(submit, "now", lambda: EVENING)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 20, 23, 59, 30, tzinfo=UTC), "0 h 00 min"),
        (datetime(2026, 11, 20, 23, 59, 0, 1, tzinfo=UTC), "0 h 00 min"),
        (datetime(2026, 11, 20, 0, 0, tzinfo=UTC), "24 h 00 min"),
        (datetime(2026, 12, 31, 18, 15, tzinfo=UTC), "5 h 45 min"),
    ],
)
def test_the_time_to_the_reset_is_counted_in_utc(moment, text):
    assert until_reset(moment) == text


@pytest.mark.parametrize(
    ("limits", "words", "fix"),
    [
        (Limits(today=5, total=9, left=0), "used up (5)", "1 h 45 min, until 00:00 UTC"),
        (Limits(today=5, total=9, left=-2), "used up (5)", "00:00 UTC"),
        (Limits(today=0, total=9, left=0), "none was sent today", "deadline"),
        (Limits(today=-1, total=9, left=0), "none was sent today", "deadline"),
        (Limits(today=1, total=9, left=0, limited_by_total=True), "on any day", "final"),
        (Limits(0, 0, 0, limited_by_total=True), "on any day", "final"),
        (
            Limits(1, 9, 0, ended="2026-11-20 22:00"),
            "ended at 2026-11-20 22:00 UTC",
            "podium board",
        ),
        (
            Limits(0, 0, 0, ended="2026-11-20 22:00"),
            "ended at 2026-11-20 22:00 UTC",
            "podium board",
        ),
    ],
)
def test_what_is_not_left_is_refused_with_or_without_yes(limits, words, fix):
    for yes in (False, True):
        with pytest.raises(QuotaError) as caught:
            refuse_quota(limits, yes=yes)
        assert words in caught.value.message
        assert "nothing was" in caught.value.message
        assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(4, 9, 1), "last submission of today; the next is possible in 1 h 45 min"),
        (Limits(4, 9, 1, limited_by_total=True), "the last submission that the competition allows"),
    ],
)
def test_the_last_one_needs_yes(limits, words):
    with pytest.raises(QuotaError, match=words) as caught:
        refuse_quota(limits, yes=False)
    assert "--yes" in caught.value.fix
    assert "--again" not in str(caught.value)
    refuse_quota(limits, yes=True)


@pytest.mark.parametrize("left", [2, 10**9])
def test_more_than_one_left_or_a_team_without_submissions_is_accepted(left):
    refuse_quota(Limits(0, 0, left), yes=False)
    refuse_quota(Limits(0, 0, 0), yes=False)


@pytest.mark.parametrize(
    ("limits", "spent", "text"),
    [
        (
            Limits(1, 1, 4),
            1,
            "submissions left today: 3; the quota resets at 00:00 UTC, in 1 h 45 min",
        ),
        (Limits(1, 1, 4), 0, "today: 4;"),
        (Limits(1, 1, 0), 1, "today: 0;"),
        (Limits(1, 1, -3), 0, "today: 0;"),
        (Limits(1, 1, 2_147_483_647), 0, "today: 2,147,483,647;"),
        (Limits(9, 9, 3, limited_by_total=True), 1, "submissions left: 2, today and on all days"),
        (Limits(1, 1, 0, ended="2026-11-20 22:00"), 0, "competition ended at 2026-11-20 22:00 UTC"),
        (Limits(0, 0, 0), 1, "no limits for you yet: your first submission sets them; the quota"),
    ],
)
def test_remaining_quota_is_reported_with_its_reset(limits, spent, text):
    assert text in format_quota(limits, spent=spent)
