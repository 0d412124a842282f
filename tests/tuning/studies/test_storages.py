"""Storages of studies: URLs that are read, URLs that are refused, and no password in a message."""

import errno
import sqlite3
import sys
import threading
import time

import optuna
import pytest
import sqlalchemy

from podium.errors import RunError, UsageError
from podium.tuning.space import NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import TrialOutcome, open_storage, open_study, run_trials, storage_url
from podium.tuning.studies import storages as turns_module
from podium.tuning.studies.storages import (
    absolute_url,
    parse_storage_url,
    sending_heartbeats,
    storage_error,
    storage_name,
)
from podium.workspace.layout import Workspace

SPACE = SearchSpace((SearchParameter("x", NumberRange(0.0, 1.0)),))


def opened_once(url, name="s", **options):
    with open_study(url, name, **options) as opened:
        return opened


def three_trials(url):
    with open_study(url, "s") as opened:
        run_trials(opened, SPACE, lambda running: TrialOutcome((running.values["x"],)), trials=3)


def trials_of(url):
    with open_storage(url) as storage:
        return optuna.load_study(study_name="s", storage=storage).trials


@pytest.mark.parametrize("form", ["sqlite:///{}/studies.db", "journal:{}/studies.log"])
def test_a_study_is_any_notebooks_and_one_that_a_notebook_made_goes_on(tmp_path, form):
    url = form.format(tmp_path)
    with open_study(url, "s") as opened:
        opened.study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    three_trials(url)
    with open_storage(url) as storage:
        study = optuna.load_study(study_name="s", storage=storage)
        assert [one.state.name for one in study.trials] == ["COMPLETE"] * 3


def test_files_are_relative_to_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    three_trials("journal:sub/a.log")
    three_trials("sqlite:///sub/a.db")
    assert {"a.log", "a.db"} <= {one.name for one in (tmp_path / "sub").iterdir()}


def test_a_folder_with_braces_and_spaces_is_a_folder(tmp_path):
    folder = tmp_path / "a {b} 100%"
    folder.mkdir()
    three_trials(f"sqlite:///{folder}/studies.db")
    assert (folder / "studies.db").is_file()


def test_a_workspace_keeps_its_studies_in_sqlite(tmp_path):
    workspace = Workspace(tmp_path)
    three_trials(storage_url(workspace))
    assert workspace.studies_db.is_file()
    assert storage_url(workspace, "journal:a") == "journal:a"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("journal:", "names no file"),
        ("sqlite://", "three slashes"),
        ("sqlite:studies.db", "three slashes"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://me:hunter2@host/db", "kept in 'mysql'"),
        ("postgres://me:hunter2@host/db", "write sqlite:///FILE, journal:FILE or postgresql://"),
        ("studies.db", "kept in 'studies.db'"),
        ("journal:nowhere/a.log", "mkdir -p nowhere"),
        ("sqlite:///nowhere/a.db", "mkdir -p nowhere"),
        ("journal:.", "this is a folder"),
        ("postgresql://me:hunter2@host", "names no database"),
        ("postgresql://me:hunter2@host:port/db", "cannot be read"),
        ("postgresql://me:hunter2@host/db?sslmode=hunter", "sslmode=require"),
        ("postgresql://me:hunter2@host/db?application_name=hunter2", "leave it out"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_way_out(tmp_path, monkeypatch, url, complaint):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as refused:
        opened_once(url)
    assert complaint in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_driver_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pg8000", None)
    with pytest.raises(UsageError) as refused:
        opened_once("postgresql://me@127.0.0.1:1/db")
    assert "pip install 'podium-kaggle[postgres]'" in str(refused.value)


def test_a_server_that_is_away_is_a_run_error_without_the_password():
    with pytest.raises(RunError) as refused:
        opened_once("postgresql://me:hunter2@127.0.0.1:1/db")
    assert "hunter2" not in str(refused.value)
    assert "postgresql://me:***@127.0.0.1:1/db" in str(refused.value)
    assert "check that the server runs" in str(refused.value)


@pytest.mark.slow
def test_a_server_that_refuses_us_is_a_run_error_with_its_reason(postgresql):
    password = sqlalchemy.make_url(postgresql).password
    with pytest.raises(RunError) as refused:
        opened_once(postgresql.replace(password, "hunter2"))
    assert "hunter2" not in str(refused.value)
    assert "check the user and the password" in str(refused.value)
    with pytest.raises(RunError) as refused:
        opened_once(postgresql + "_not")
    assert password not in str(refused.value)
    assert "createdb" in str(refused.value)


def test_the_thread_of_heartbeats_closes_its_own_connection(tmp_path, monkeypatch):
    """SQLite refuses that another thread does, as the one that collects garbage would."""
    closing = []
    with open_study(f"sqlite:///{tmp_path}/studies.db", "s") as opened:
        with monkeypatch.context() as patch:
            note = lambda: closing.append(threading.current_thread().name)  # noqa: E731
            patch.setattr(opened.database, "remove_session", note)
            with sending_heartbeats(opened.database, opened.study.ask()):
                assert closing == []
        assert closing == ["heartbeat"]


@pytest.mark.slow
def test_a_study_in_postgresql_is_any_notebooks(postgresql):
    three_trials(postgresql)
    three_trials(postgresql + "?sslmode=prefer")
    storage = optuna.storages.RDBStorage(postgresql.replace("postgresql:", "postgresql+pg8000:"))
    assert len(optuna.load_study(study_name="s", storage=storage).trials) == 3
    storage.remove_session()
    storage.engine.dispose()
    with open_study(postgresql, "s") as opened:
        assert sqlalchemy.make_url(postgresql).password not in repr(opened)


@pytest.mark.slow
def test_a_server_that_goes_away_during_a_trial_is_a_run_error(mortal_postgresql, capfd):
    url, end = mortal_postgresql

    def objective(running):
        if running.number == 1:
            end()
            time.sleep(1.5)  # a sign of life finds nobody, and says nothing
        return TrialOutcome((running.values["x"],))

    with pytest.raises(RunError) as refused, open_study(url, "s", heartbeat_s=1) as opened:
        run_trials(opened, SPACE, objective, trials=3)
    assert "the studies cannot be reached" in str(refused.value)
    assert sqlalchemy.make_url(url).password not in str(refused.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_postgresql_lock_is_held_by_one_worker(postgresql, monkeypatch):
    monkeypatch.setattr(turns_module, "LONGEST_WAIT_S", 1)
    with open_study(postgresql, "a") as one, open_study(postgresql, "a") as other:
        with one.study_lock():
            with pytest.raises(RunError, match="lock timeout"), other.study_lock():
                pass
            with open_study(postgresql, "b") as third, third.study_lock():
                pass  # of another study
        with other.study_lock():
            pass


@pytest.mark.parametrize("form", ["sqlite:///{}/studies.db", "journal:{}/studies.log"])
def test_file_lock_is_held_by_one_worker(tmp_path, monkeypatch, form):
    monkeypatch.setattr(turns_module, "LONGEST_WAIT_S", 0.2)
    url = form.format(tmp_path)
    with open_study(url, "a") as one, open_study(url, "a") as other:
        with one.study_lock(), pytest.raises(RunError, match="had its turn"), other.study_lock():
            pass
        with other.study_lock():
            pass


@pytest.mark.parametrize(
    "error", [NotImplementedError(), OSError(errno.EOPNOTSUPP, "no"), OSError(errno.ENOLCK, "no")]
)
def test_a_drive_without_locks_keeps_no_worker_out(tmp_path, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    three_trials(f"journal:{tmp_path}/studies.log")
    monkeypatch.undo()
    assert len(trials_of(f"journal:{tmp_path}/studies.log")) == 3


def test_a_folder_that_may_not_be_written_is_a_run_error(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", "studies.db.turn")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    with pytest.raises(RunError, match="Permission denied"):
        opened_once(f"sqlite:///{tmp_path}/studies.db")


def test_modes_of_encryption_are_those_of_postgresqls_client():
    def context(mode):
        return parse_storage_url(f"postgresql://me@host/db?sslmode={mode}").connect_args.get(
            "ssl_context"
        )

    assert context("prefer") is None
    assert (context("require").verify_mode.name, context("require").check_hostname) == (
        "CERT_NONE",
        False,
    )
    assert (context("verify-ca").verify_mode.name, context("verify-ca").check_hostname) == (
        "CERT_REQUIRED",
        False,
    )
    assert context("verify-full").check_hostname is True


def test_a_storage_is_named_without_what_others_must_not_read(tmp_path):
    workspace = Workspace(tmp_path)
    assert storage_name(workspace, storage_url(workspace)) == "studies.db"
    assert storage_name(workspace, f"sqlite:///{tmp_path.parent / 'all.db'}") == "all.db"
    (tmp_path / "kept").mkdir()
    assert storage_name(workspace, f"journal:{tmp_path / 'kept' / 'a.log'}") == "kept/a.log"
    named = storage_name(workspace, "postgresql://me:s3cret@db.lab/studies")
    assert named == "postgresql://me:***@db.lab/studies"


def test_a_password_is_in_the_url_or_in_postgresqls_own_variable(monkeypatch):
    whole = "postgresql://me:s3%40cret@db.lab:5433/studies?sslmode=require"
    bare = "postgresql://me@db.lab:5433/studies?sslmode=require"
    monkeypatch.setenv("PGPASSWORD", "s3@cret")
    assert parse_storage_url(bare).url == parse_storage_url(whole).url
    assert parse_storage_url(bare).shown == "postgresql://me:***@db.lab:5433/studies"


def test_a_url_for_a_process_in_another_folder_is_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert absolute_url("sqlite:///a.db") == f"sqlite:///{tmp_path}/a.db"
    assert absolute_url("journal:a.log") == f"journal:{tmp_path}/a.log"
    assert absolute_url(absolute_url("sqlite:///a.db")) == f"sqlite:///{tmp_path}/a.db"
    url = "postgresql://me@db.lab/studies"
    assert absolute_url(url) == url


def test_passwords_are_not_shown():
    place = parse_storage_url(
        "postgresql://me:hunter2@host:5433/db?sslmode=require&channel_binding=require"
    )
    assert place.shown == "postgresql://me:***@host:5433/db"
    assert "hunter2" not in repr(place)


def test_a_file_that_is_no_database_is_a_run_error(tmp_path):
    (tmp_path / "a.db").write_text("no database, but long enough to look for a header in it")
    with pytest.raises(RunError) as refused:
        opened_once(f"sqlite:///{tmp_path}/a.db")
    assert "file is not a database" in str(refused.value)


def test_a_full_disk_is_reported_as_full(tmp_path):
    place = parse_storage_url(f"sqlite:///{tmp_path / 'a.db'}")
    error = storage_error(place, sqlite3.OperationalError("database or disk is full"))
    assert "fix: free disk space" in str(error)


def test_tables_of_another_optuna_are_a_run_error(tmp_path):
    three_trials(f"sqlite:///{tmp_path}/a.db")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("update alembic_version set version_num = 'v99.0.0.a'")
        connection.execute("update version_info set schema_version = 99")
    connection.close()
    with pytest.raises(RunError) as refused:
        three_trials(f"sqlite:///{tmp_path}/a.db")
    assert "another version of Optuna" in str(refused.value)


def test_another_direction_is_another_study(tmp_path):
    url = f"sqlite:///{tmp_path}/a.db"
    opened_once(url)
    with pytest.raises(UsageError) as refused:
        opened_once(url, directions=["minimize"])
    assert "asks to maximize, not to minimize" in str(refused.value)


def test_looking_makes_no_file(tmp_path):
    with (
        pytest.raises(UsageError, match="no studies are kept here yet"),
        open_storage(f"sqlite:///{tmp_path}/a.db"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_facts_of_a_study_are_kept_once(tmp_path):
    url = f"sqlite:///{tmp_path}/a.db"
    opened_once(url, facts={"kind": "losses", "metric": ["dice"]})
    opened_once(url, facts={"kind": "recipe", "recipe": "recipes/a.yaml"})
    with open_study(url, "s") as opened:
        facts = opened.study.user_attrs
        assert opened.study.metric_names == ["dice"]
    assert facts.pop("created").endswith("+00:00")
    assert facts == {"kind": "losses", "metric": ["dice"], "recipe": "recipes/a.yaml"}
