from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from podium.errors import QuotaError
from podium.hosting.quota import DailyQuota
from podium.hosting.scoring.score import SubmissionScores
from podium.hosting.store import Store, day_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "host.db")
    yield store
    store.close()


def add(store, user="ann", at=NOON, outcome=SubmissionScores(0.5, 0.4), limit=3):  # noqa: B008 — frozen
    token = f"{user}-{len(store.submissions())}-{at}-{id(object())}"
    upload = store.start_upload(
        token=token,
        user=user,
        team=user,
        file_name="f.csv",
        n_bytes=1,
        at=at,
        quota=DailyQuota(limit, 1 << 20),
    )
    return store.add(
        upload=upload,
        user=user,
        team=user,
        at=at,
        description="",
        outcome=outcome,
        quota=DailyQuota(limit, 1 << 20),
    )


def test_the_quota_counts_valid_submissions_of_the_utc_day(store):
    for _ in range(2):
        add(store)
    add(store, outcome="line 3 is odd")  # refused ones cost nothing
    add(store, user="bob")
    add(store)
    with pytest.raises(QuotaError):
        add(store)
    add(store, at=NOON + timedelta(days=1))
    assert (store.count("ann", NOON), store.count("ann")) == (3, 4)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 20, 23, 59, 59, 999_999, tzinfo=UTC), "2026-11-20"),
        (datetime(2026, 11, 21, 0, 0, tzinfo=UTC), "2026-11-21"),
        (datetime(2026, 11, 21, 1, 0, tzinfo=timezone(timedelta(hours=2))), "2026-11-20"),
    ],
)
def test_a_day_begins_at_midnight_utc(moment, day):
    start, end = day_of(moment)
    assert start.startswith(day)
    assert start <= moment.astimezone(UTC).isoformat(timespec="milliseconds") < end


def test_many_at_once_never_exceed_the_quota(tmp_path):
    """Each thread has a store of its own, as processes would."""
    file = tmp_path / "host.db"
    Store(file).close()

    def attempt(number: int) -> bool:
        store = Store(file)
        token = f"token {number}"
        upload = store.start_upload(
            token=token,
            user="ann",
            team="ann",
            file_name="f",
            n_bytes=1,
            at=NOON,
            quota=DailyQuota(5, 1 << 20),
        )
        try:
            store.add(
                upload=upload,
                user="ann",
                team="ann",
                at=NOON,
                description=str(number),
                outcome=SubmissionScores(1.0, 1.0),
                quota=DailyQuota(5, 1 << 20),
            )
        except QuotaError:
            return False
        finally:
            store.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(24)))
    store = Store(file)
    assert sum(outcomes) == 5
    assert len(store.submissions("ann")) == 5
    assert len({row["ref"] for row in store.submissions()}) == 5
    store.close()


@pytest.mark.slow
def test_what_was_acknowledged_is_there_after_kill_9(tmp_path):
    import signal
    import subprocess
    import sys

    file = tmp_path / "host.db"
    script = f"""
import os, signal
from datetime import UTC, datetime
from pathlib import Path
from podium.hosting.quota import DailyQuota
from podium.hosting.scoring.score import SubmissionScores
from podium.hosting.store import Store
quota = DailyQuota(1000, 1 << 20)
store = Store(Path({str(file)!r}))
for n in range(100):
    about = {{"user": "ann", "team": "ann", "at": datetime.now(UTC)}}
    upload = store.start_upload(token=str(n), file_name="f", n_bytes=1, quota=quota, **about)
    ref = store.add(upload=upload, user="ann", team="ann", at=datetime.now(UTC), description="",
                    outcome=SubmissionScores(n / 100, None), quota=quota)
    print(ref, flush=True)
    if n == 17:
        os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    acknowledged = [int(line) for line in killed.stdout.split()]
    store = Store(file)
    assert sorted(row["ref"] for row in store.submissions()) == acknowledged
    assert len(acknowledged) == 18
    store.close()
