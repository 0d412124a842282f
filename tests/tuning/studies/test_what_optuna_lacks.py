"""Why trials are counted by turns of ours: what Optuna's own loop does otherwise.

A test that fails here says that Optuna has learnt it, and that code of ours can go.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import optuna
import pytest
from optuna.storages import _heartbeat
from optuna.study import MaxTrialsCallback


@pytest.fixture(autouse=True)
def _quiet() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def test_workers_that_count_what_has_ended_run_trials_too_many(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/studies.db"
    study = optuna.create_study(storage=url, study_name="s")
    both = threading.Barrier(2, timeout=60)

    def objective(trial: optuna.Trial) -> float:
        both.wait()  # each runs while the other does
        return trial.suggest_float("x", 0, 1)

    def work() -> None:
        mine = optuna.load_study(study_name="s", storage=url)
        mine.optimize(objective, callbacks=[MaxTrialsCallback(1)])

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(study.trials) == 2  # one was asked for
    study._storage.remove_session()


class Away:
    """A database that cannot be reached for a moment."""

    beats = 0

    def get_heartbeat_interval(self) -> float:
        return 0.01

    def record_heartbeat(self, trial_id: int) -> None:
        self.beats += 1
        if self.beats == 2:
            raise OSError("the server is away")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_heartbeat_ends_for_good_when_the_server_was_away_once() -> None:
    away = Away()
    thread = _heartbeat.HeartbeatThread(0, away)  # type: ignore[arg-type]
    with thread:
        until = time.monotonic() + 20
        while away.beats < 3 and thread._thread.is_alive() and time.monotonic() < until:  # type: ignore[union-attr]
            time.sleep(0.01)
    assert away.beats == 2


def test_a_journal_keeps_no_heartbeat(tmp_path: Path) -> None:
    backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / "studies.log"))
    storage = optuna.storages.JournalStorage(backend)
    assert not _heartbeat.is_heartbeat_enabled(storage)
