"""How long a submission that may have arrived is looked for: a clock that only sleep moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from podium.errors import HostError
from podium.submissions.upload import submit
from podium.submissions.upload.client import Limits, ListedSubmission, SubmissionLookup
from podium.submissions.upload.receipt import Receipt
from podium.submissions.upload.submit import reconcile

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ENTRY = ListedSubmission(7, None, "[podium-1]", "f", "PENDING", "", None, None)
RECEIPT = Receipt(
    id="1",
    description_id="podium-1",
    created=NOON,
    slug="pets",
    target="host",
    file="f",
    file_sha256="0",
    bytes=1,
    state="uploading",
    counted={"total": 3, "today": 0, "listed": 3},
)


class Clock:
    """The time, which passes only in sleep."""

    def __init__(self):
        self.passed = 0.0

    def monotonic(self):
        return self.passed

    def sleep(self, seconds):
        assert seconds >= 0
        self.passed += seconds


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(submit, "time", made)
    monkeypatch.setattr(submit, "now", lambda: NOON + timedelta(seconds=made.passed))
    return made


class Host:
    """Shows the submission from `shown_s` on; fails while the time is in `away_s`."""

    def __init__(self, clock, shown_s=float("inf"), away_s=(), counts=0, lists=3):
        self.clock, self.shown_s, self.away_s, self.looks = clock, shown_s, away_s, []
        self.counts, self.lists = counts, lists

    def look(self, marker):
        assert marker == "[podium-1]"
        self.looks.append(self.clock.passed)
        if self.away_s and self.away_s[0] <= self.clock.passed <= self.away_s[1]:
            raise HostError("gone for lunch")
        is_shown = self.clock.passed >= self.shown_s
        return SubmissionLookup(
            Limits(self.counts, 3 + self.counts, 4), ENTRY if is_shown else None, self.lists
        )


@pytest.mark.parametrize("shown_s", [0, 2, 9, 31, 59, 60])
def test_what_a_slow_host_shows_within_the_window_is_found(clock, shown_s):
    host = Host(clock, shown_s)
    assert reconcile(host, RECEIPT) == ENTRY
    assert shown_s <= clock.passed <= shown_s + 10


def test_reconcile_searches_the_host_until_the_window_ends(clock):
    host = Host(clock)
    assert reconcile(host, RECEIPT) is None
    assert host.looks[0] == 0
    assert host.looks[-1] == pytest.approx(60)
    assert len(host.looks) < 15
    assert max(b - a for a, b in zip(host.looks, host.looks[1:], strict=False)) <= 10


@pytest.mark.parametrize(
    ("ago_s", "waited_s"),
    [(0, 60), (45, 15), (60, 0), (7200, 0), (-3600, 60)],
    ids=["now", "45 s ago", "a minute ago", "hours ago", "the clock was set back"],
)
def test_the_window_counts_from_when_the_submission_may_have_been_made(clock, ago_s, waited_s):
    assert reconcile(Host(clock), RECEIPT, since=NOON - timedelta(seconds=ago_s)) is None
    assert clock.passed == pytest.approx(waited_s)


def test_requests_are_repeated_while_the_host_is_away(clock):
    assert reconcile(Host(clock, shown_s=20, away_s=(0, 30)), RECEIPT) == ENTRY
    assert reconcile(Host(clock, away_s=(0, 59)), RECEIPT) is None


def test_a_host_that_is_away_at_the_end_is_an_error_and_the_upload_stays_uncertain(clock):
    with pytest.raises(HostError, match=r"not known whether .* gone for lunch") as caught:
        reconcile(Host(clock, away_s=(30, 99)), RECEIPT)
    assert "before it sends anything" in caught.value.fix


def test_the_wait_is_reported_once(clock):
    class RecordedProgress(list):
        say = list.append

    progress = RecordedProgress()
    reconcile(Host(clock), RECEIPT, progress=progress)
    assert progress == ["not there yet; looking for it for 60 s more"]


@pytest.mark.parametrize("shown_s", [61, 90, 200, 299])
def test_a_host_that_counts_one_more_than_it_lists_is_searched_for_minutes(clock, shown_s):
    assert reconcile(Host(clock, shown_s, counts=1), RECEIPT) == ENTRY
    assert shown_s <= clock.passed <= shown_s + 10


def test_what_is_counted_and_never_listed_stays_uncertain(clock):
    with pytest.raises(HostError, match=r"not known whether .* counts 1 more submission") as caught:
        reconcile(Host(clock, counts=1), RECEIPT)
    assert clock.passed == pytest.approx(300)
    assert "before it sends anything" in caught.value.fix
    assert "submissions/1 away" in caught.value.fix


def test_reconcile_accepts_a_listed_submission_of_a_team_mate(clock):
    assert reconcile(Host(clock, counts=1, lists=4), RECEIPT) is None
    assert clock.passed == pytest.approx(60)


def test_a_receipt_that_counted_nothing_is_searched_for_as_before(clock):
    uncounted = RECEIPT.model_copy(update={"counted": {}})
    assert reconcile(Host(clock, counts=5), uncounted) is None
    assert clock.passed == pytest.approx(60)
