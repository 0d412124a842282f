"""A value that is changed in the database of studies is found by all that reads it."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import optuna
import pytest
import search_workspaces

from podium.errors import RunError
from podium.tuning.space import NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import TrialOutcome, TrialPruned, open_study, run_trials
from podium.tuning.studies.summary import damaged_studies, studies_in, study_in
from podium.tuning.studies.trial_digests import trial_digest
from podium.workflows.verifying import verify

SPACE = SearchSpace((SearchParameter("x", NumberRange(0.0, 1.0)),))


def trial_of(running):
    """Report a step, and end: the second trial is pruned, all others are complete."""
    running.report(running.values["x"], 0)
    if running.number == 1:
        raise TrialPruned("it is the second")
    return TrialOutcome((running.values["x"],), {"folds": {"0": running.values["x"]}})


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("studies") / "studies.db"
    with open_study(f"sqlite:///{file}", "s") as opened:
        run_trials(opened, SPACE, trial_of, trials=4)
    return file


CHANGES = {
    "a score": "UPDATE trial_values SET value = value + 1e-9 WHERE trial_id = 3",
    "that of a pruned trial": "UPDATE trial_values SET value = value + 1e-9 WHERE trial_id = 2",
    "a drawn value": "UPDATE trial_params SET param_value = param_value / 2 WHERE trial_id = 1",
    "its range": "UPDATE trial_params SET distribution_json = "
    "replace(distribution_json, '1.0', '9.0') WHERE trial_id = 1",
    "a step": "UPDATE trial_intermediate_values SET intermediate_value = 0.5 WHERE trial_id = 4",
    "a fact": "UPDATE trial_user_attributes SET value_json = '{\"0\": 1}' "
    "WHERE trial_id = 1 AND key = 'folds'",
    "the state": "UPDATE trials SET state = 'FAIL' WHERE trial_id = 1",
    "the order": "UPDATE trials SET number = number + 8 WHERE trial_id = 4",
    "the digest": "UPDATE trial_user_attributes SET value_json = '\"00\"' "
    "WHERE trial_id = 1 AND key = 'digest'",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_value_of_a_finished_trial_is_found_by_every_reader(database, tmp_path, what):
    file = tmp_path / "studies.db"
    shutil.copyfile(database, file)
    url = f"sqlite:///{file}"
    workspace, competition = search_workspaces.workspace(tmp_path)
    assert damaged_studies(file) == []
    assert verify(workspace, competition).faults == ()
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute(CHANGES[what]).rowcount == 1
    (found,) = verify(workspace, competition).faults
    assert found.file == "studies.db"
    assert "'s' changed after they ended" in found.what
    for read in (lambda: study_in(url, "s"), lambda: studies_in(url), lambda: goes_on(url)):
        with pytest.raises(RunError, match=r"changed since they ended: trials [0-3]"):
            read()


@pytest.mark.skipif(sys.platform != "linux", reason="open files are in /proc there")
def test_no_file_stays_open_after_studies_are_read(database, tmp_path):
    file = tmp_path / "studies.db"
    shutil.copyfile(database, file)
    url = f"sqlite:///{file}"
    gc.disable()  # it would close them, at some time
    try:
        for read in (
            lambda: damaged_studies(file),
            lambda: study_in(url, "s"),
            lambda: studies_in(url),
        ):
            read()
            opened = [os.path.realpath(one) for one in Path("/proc/self/fd").iterdir()]
            assert str(file) not in opened
    finally:
        gc.enable()


def goes_on(url: str) -> None:
    with open_study(url, "s") as opened:
        run_trials(opened, SPACE, trial_of, trials=5)


@pytest.mark.parametrize("form", ["sqlite:///{}/studies.db", "journal:{}/studies.log"])
def test_an_unchanged_study_goes_on_with_trials_of_others(tmp_path, form):
    url = form.format(tmp_path)
    with open_study(url, "s") as opened:
        opened.study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
        run_trials(opened, SPACE, trial_of, trials=3)
    goes_on(url)
    states = [one.state for one in study_in(url, "s").trials]
    assert states == ["complete", "pruned", "complete", "complete", "complete"]


@pytest.mark.parametrize("reason", [None, "it was hopeless"])
def test_a_trial_given_up_between_its_digest_and_its_end_is_no_damage(tmp_path, reason):
    url = f"sqlite:///{tmp_path}/studies.db"

    with open_study(url, "s") as opened:
        trial = opened.study.ask()
        SPACE.drawn(trial)
        stored = opened.study._storage.get_trial(trial._trial_id)
        if reason is not None:
            trial.set_user_attr("reason", reason)
            stored = opened.study._storage.get_trial(trial._trial_id)
        ended = "COMPLETE" if reason is None else "PRUNED"
        trial.set_user_attr("digest", trial_digest(stored, ended, [0.5]))
        opened.study.tell(trial, state=optuna.trial.TrialState.FAIL)
    goes_on(url)
    assert damaged_studies(tmp_path / "studies.db") == []


def test_a_transaction_that_a_killed_worker_left_open_is_no_damage(database, tmp_path):
    workspace, competition = search_workspaces.workspace(tmp_path)
    file = tmp_path / "studies.db"
    shutil.copyfile(database, file)
    if (worker := os.fork()) == 0:
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("PRAGMA cache_size = 1")  # it writes pages before the end
        connection.execute("BEGIN")
        rows = [(str(number), "x" * 500) for number in range(999)]
        connection.executemany("INSERT INTO studies VALUES (NULL, ? || ?)", rows)
        connection.execute("UPDATE trial_values SET value = 0")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(worker, 0)
    before = file.read_bytes()
    assert before != database.read_bytes()
    assert verify(workspace, competition).faults == ()
    assert file.read_bytes() == before
    assert len(study_in(f"sqlite:///{file}", "s").trials) == 4
