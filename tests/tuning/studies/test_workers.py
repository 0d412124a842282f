"""Several processes on one study: exactly the requested trials, and none lost with a worker."""

import os
import re
import signal
import time
from collections import Counter
from pathlib import Path

import optuna
import pytest
from forked import ForkedScript

from podium.tuning.studies import open_study, release
from podium.tuning.studies.storages import open_storage

WORKER = Path(__file__).with_name("cheap_worker.py")
# A worker that lives is never taken for dead, however slow the machine is; one that was killed on
# this machine is found without waiting for its signs of life.
HEARTBEAT_S = 60
N_WORKERS = 4


def started(url, trials, hang_at=-1, wait_ms=0):
    words = [str(one) for one in (url, trials, HEARTBEAT_S, hang_at, wait_ms)]
    return ForkedScript(WORKER, words, env=os.environ, cwd=Path.cwd(), strict=True)


def ended(workers):
    """Return the lines of the workers, each of which must end well and print nothing else."""
    lines = []
    for worker in workers:
        out, err = worker.communicate(timeout=300)
        assert worker.returncode == 0, err
        assert err == ""
        lines.append(out.splitlines())
    return lines


def ran(lines):
    return [line for each in lines for line in each if not line.startswith("notes")]


def trials_of(url):
    with open_storage(url) as storage:
        return optuna.load_study(study_name="cheap", storage=storage).get_trials()


def states_of(url):
    return Counter(one.state.name for one in trials_of(url))


def killed_on_the_way(url, trials, hang_at, n_workers=N_WORKERS):
    """Run several workers, of which the first is killed while it runs its trial `hang_at`."""
    doomed = started(url, trials, hang_at=hang_at)
    while not (hung := re.search(r"^hangs .*\n", doomed.printed(), re.MULTILINE)):
        assert doomed.poll() is None, doomed.communicate()
        time.sleep(0.02)
    # Not before: on a busy machine they would have done all before it came so far.
    others = [started(url, trials) for _ in range(n_workers - 1)]
    while len(trials_of(url)) < hang_at + 4:
        time.sleep(0.05)
    doomed.send_signal(signal.SIGKILL)
    doomed.communicate()
    _, number, value = hung[0].split()
    return ended(others), int(number), float(value)


def check_exactly(url, trials, n_workers=N_WORKERS, **options):
    lines = ended([started(url, trials, **options) for _ in range(n_workers)])
    assert states_of(url) == {"COMPLETE": trials}
    assert sorted(int(one.split()[0]) for one in ran(lines)) == list(range(trials))
    points = [one.params["x"] for one in trials_of(url)]
    assert len(set(points)) == trials  # workers of one seed do not draw alike


def check_killed(url, trials, hang_at, n_workers=N_WORKERS):
    lines, number, value = killed_on_the_way(url, trials, hang_at, n_workers)
    every = trials_of(url)
    assert Counter(one.state.name for one in every) == {"COMPLETE": trials, "FAIL": 1}
    (failed,) = (one for one in every if one.state.name == "FAIL")
    assert failed.number == number
    (retry,) = (one for one in every if one.system_attrs.get("failed_trial") == number)
    assert retry.state.name == "COMPLETE"
    assert retry.params == failed.params
    assert retry.params["x"] == value
    numbers = Counter(int(one.split()[0]) for one in ran(lines))
    assert max(numbers.values()) == 1  # none is completed twice
    points = [one.params["x"] for one in every if one.state.name == "COMPLETE"]
    assert len(set(points)) == trials  # workers of one seed do not draw alike


@pytest.mark.slow
def test_two_workers_share_a_sqlite_study_and_one_that_is_killed_loses_nothing(tmp_path):
    check_killed(f"sqlite:///{tmp_path}/studies.db", 8, hang_at=1, n_workers=2)


@pytest.mark.slow
def test_concurrent_workers_run_no_more_trials_than_requested(tmp_path):
    check_exactly(f"journal:{tmp_path}/studies.log", 8, wait_ms=100)


@pytest.mark.slow
def test_turns_in_postgresql_keep_workers_from_running_one_too_many(postgresql):
    check_exactly(postgresql, 8, wait_ms=100)


@pytest.mark.long
@pytest.mark.slow
def test_four_workers_of_which_one_is_killed_finish_100_trials_on_sqlite(tmp_path):
    check_killed(f"sqlite:///{tmp_path}/studies.db", 100, hang_at=10)


@pytest.mark.long
@pytest.mark.slow
def test_four_workers_of_which_one_is_killed_finish_100_trials_on_postgresql(postgresql):
    check_killed(postgresql, 100, hang_at=10)


@pytest.mark.long
@pytest.mark.slow
def test_four_workers_finish_exactly_100_trials_in_a_journal(tmp_path):
    check_exactly(f"journal:{tmp_path}/studies.log", 100)


@pytest.mark.slow
def test_a_journal_notes_that_the_trial_of_a_killed_worker_stays_and_lets_it_be_freed(tmp_path):
    url = f"journal:{tmp_path}/studies.log"
    lines, number, value = killed_on_the_way(url, 20, hang_at=1)
    assert states_of(url) == {"COMPLETE": 19, "RUNNING": 1}
    notes = [one for each in lines for one in each if one.startswith("notes")]
    assert any(f"Trials {number} of 'cheap'" in one and "no heartbeat" in one for one in notes)
    with open_study(url, "cheap") as opened:
        release(opened, [number])
    ended([started(url, 20)])
    assert states_of(url) == {"COMPLETE": 20, "FAIL": 1}
    assert trials_of(url)[-1].params["x"] == value


@pytest.mark.slow
def test_raising_the_number_of_trials_goes_on_with_other_points(tmp_path):
    url = f"sqlite:///{tmp_path}/studies.db"
    check_exactly(url, 5, n_workers=2)
    ended([started(url, 9)])
    points = [one.params["x"] for one in trials_of(url)]
    assert len(points) == len(set(points)) == 9
