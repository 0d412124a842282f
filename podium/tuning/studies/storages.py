"""Storages of studies: SQLite or a journal file in the workspace, PostgreSQL by its URL.

**URLs.** Passwords stand in URLs, so no message shows one as it was given: `StorageLocation.shown`
hides them. All users of a machine see the words of a command, so a URL may leave its password to
`PGPASSWORD`.

**Locks.** Of all workers of a study, one at a time takes a trial or ends one. A worker that is
killed gives its lock back: the system frees the lock of a file, and PostgreSQL that of a connection
that is gone.

**Heartbeats.** A trial whose worker was killed must be found and done again by another. A database
keeps a heartbeat of every running trial, so that another worker sees when it stops; Optuna's
journal file keeps none. Optuna's `Study.optimize` would do the same, but its thread ends at the
first error, and a worker that was only asleep meets an assertion when it ends a trial that others
gave up.
"""

from __future__ import annotations

import errno
import hashlib
import os
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock, Timeout

from podium.errors import RunError, UsageError, from_os_error
from podium.tuning.studies.samplers import quiet_optuna
from podium.tuning.studies.trial_digests import DIGEST, refuse_changed
from podium.workspace.layout import Workspace
from podium.workspace.machine import now

if TYPE_CHECKING:
    import optuna
    import sqlalchemy

__all__ = [
    "HEARTBEAT_S",
    "MAX_RETRIES",
    "OpenStudy",
    "absolute_url",
    "keep_facts",
    "open_storage",
    "open_study",
    "parse_storage_url",
    "requeue_trial",
    "retry_stale_trial",
    "sending_heartbeats",
    "storage_error",
    "storage_name",
    "storage_url",
    "trials_not_queued",
]


_PASSWORD = "PGPASSWORD"
"""The variable in which PostgreSQL's own programs look for a password, too."""

URL_FORMS = "sqlite:///FILE, journal:FILE or postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True)
class StorageLocation:
    """The location of a storage of studies.

    Attributes:
        kind: of storage.
        shown: the URL for people, its password hidden.
        path: the file, of SQLite and the journal.
        url: for SQLAlchemy, of SQLite and PostgreSQL.
        connect_args: for the database's driver.
    """

    kind: Literal["sqlite", "journal", "postgresql"]
    shown: str
    path: Path | None = None
    url: str = field(default="", repr=False)
    connect_args: dict[str, Any] = field(default_factory=dict, repr=False)


def parse_storage_url(url: str) -> StorageLocation:
    """Return the place that `url` means; files are relative to the working folder.

    Raises:
        UsageError: it is none of the three, or its file cannot be.
    """
    if url.startswith("journal:"):
        path = _file(url, url.removeprefix("journal:"))
        return StorageLocation("journal", url, path)
    if url.startswith("sqlite:"):
        path = _file(url, url.removeprefix("sqlite://").removeprefix("/"))
        return StorageLocation("sqlite", url, path, url)
    if url.startswith(("postgresql://", "postgresql+pg8000://")):
        return _postgresql(url)
    scheme = url.partition(":")[0] if ":" in url else url
    raise UsageError(f"studies cannot be kept in {scheme!r}", fix=f"write {URL_FORMS}")


def absolute_url(url: str) -> str:
    """Return `url` for a process in another folder.

    Example:
        >>> absolute_url("journal:/tmp/studies.log")
        'journal:/tmp/studies.log'
    """
    place = parse_storage_url(url)
    if place.path is None:
        return url
    return f"{'journal:' if place.kind == 'journal' else 'sqlite:///'}{place.path.resolve()}"


def _file(url: str, name: str) -> Path:
    """Return the file of `url`; Optuna would make a nameless one, or one that memory forgets."""
    if url.startswith("sqlite:") and not url.startswith("sqlite:///"):
        raise UsageError(f"{url!r} names no file", fix="write sqlite:///FILE with three slashes")
    if not name or name == ":memory:" or "?" in name:
        raise UsageError(f"{url!r} names no file", fix=f"write {URL_FORMS}")
    path = Path(name)
    if path.is_dir():
        raise UsageError("studies need a file, and this is a folder", where=path)
    if not path.parent.is_dir():
        raise UsageError(
            "the folder of the studies is not there", where=path, fix=f"mkdir -p {path.parent}"
        )
    return path


def _postgresql(url: str) -> StorageLocation:
    import sqlalchemy

    try:
        parsed = sqlalchemy.make_url(url)
    except (sqlalchemy.exc.ArgumentError, ValueError) as error:
        raise UsageError("the PostgreSQL URL cannot be read", fix=_FIX) from error
    if not parsed.database:
        raise UsageError("the PostgreSQL URL names no database", fix=_FIX)
    options = dict(parsed.query)
    bare = parsed.set(drivername="postgresql+pg8000", query={})
    if parsed.password is None and _PASSWORD in os.environ:
        bare = bare.set(password=os.environ[_PASSWORD])
    connect_args = _encryption(options.pop("sslmode", None))
    if "unix_sock" in options:
        connect_args["unix_sock"] = options.pop("unix_sock")
    options.pop("channel_binding", None)  # the driver uses it where the server offers it
    if options:
        raise UsageError(
            f"podium has no option {sorted(options)[0]!r} of a PostgreSQL URL",
            fix="leave it out: sslmode, channel_binding and unix_sock are known",
        )
    return StorageLocation(
        "postgresql",
        bare.set(drivername="postgresql").render_as_string(hide_password=True),
        url=bare.render_as_string(hide_password=False),
        connect_args=connect_args,
    )


_FIX = "write postgresql://USER:PASSWORD@HOST:5432/DATABASE, with %40 for an @ in the password"


def _encryption(mode: Any) -> dict[str, Any]:
    """Return what the driver needs for `sslmode`, with the meanings of PostgreSQL's own client."""
    if mode in {None, "disable", "allow", "prefer"}:
        return {}
    if mode not in {"require", "verify-ca", "verify-full"}:
        raise UsageError(
            f"sslmode cannot be {mode!r}", fix="write sslmode=require or sslmode=verify-full"
        )
    context = ssl.create_default_context()
    if mode != "verify-full":
        context.check_hostname = False
    if mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return {"ssl_context": context}


_FIXES = {
    "28P01": "check the user and the password in the URL",
    "28000": "check the user and the password in the URL",
    "3D000": "make the database with createdb, or check its name in the URL",
    "55P03": "end the worker of this study that hangs; then repeat the command",
    "42501": "let this user make tables: grant create on schema public",
}


def storage_error(place: StorageLocation, error: BaseException) -> RunError:
    """Return an error of a database as one that names the place and the fix, and no password."""
    cause: BaseException = error
    while True:
        deeper = getattr(cause, "orig", None) or cause.__cause__
        if not isinstance(deeper, BaseException):
            break
        cause = deeper
    details = cause.args[0] if cause.args and isinstance(cause.args[0], dict) else {}
    message = str(details.get("M") or cause) or type(cause).__name__
    if place.kind == "postgresql":
        fix = _FIXES.get(str(details.get("C")), "check that the server runs, and its host and port")
    elif "disk is full" in message:
        fix = "free disk space; then repeat the command"
    else:
        fix = "check that the file is a database of studies, and that it may be written"
    return RunError(f"the studies cannot be reached: {message}", where=place.shown, fix=fix)


StudyLock = Callable[[], AbstractContextManager[None]]

LONGEST_WAIT_S = 600
"""A sampler may compute for seconds in its turn; one that takes longer than this hangs."""

_POLL_EVERY_S = 0.005
_NO_LOCKS_HERE = (errno.EOPNOTSUPP, errno.ENOLCK)


def no_study_lock() -> AbstractContextManager[None]:
    """Return the lock of a study without other workers, which does nothing."""
    return nullcontext()


def study_lock_by_file(path: Path) -> StudyLock:
    """Return the locks of studies by a lock on `path`, which is made and left in place.

    A mounted drive without locks keeps no process out: one worker is well there, and of several
    one may run a trial too many.
    """
    lock = FileLock(path, timeout=LONGEST_WAIT_S)

    @contextmanager
    def study_lock() -> Iterator[None]:
        try:
            try:
                lock.acquire(poll_interval=_POLL_EVERY_S)
            except Timeout as error:
                raise _hangs(path) from error
            except NotImplementedError:  # filelock's word for ENOSYS
                pass
            except OSError as error:
                if error.errno not in _NO_LOCKS_HERE:
                    raise from_os_error(error) from error
            yield
        finally:
            # By force: a second Ctrl-C may come when the lock is ours, and not yet counted so.
            lock.release(force=True)

    return study_lock


def study_lock_by_postgresql(
    engine: sqlalchemy.Engine, place: StorageLocation, name: str
) -> StudyLock:
    """Return turns by an advisory lock of the server, whose key is a digest of `name`."""
    import sqlalchemy

    key = int.from_bytes(hashlib.sha256(f"podium {name}".encode()).digest()[:8], signed=True)
    wait = sqlalchemy.text(f"set local lock_timeout = '{LONGEST_WAIT_S}s'")
    lock = sqlalchemy.text(f"select pg_advisory_xact_lock({key})")

    @contextmanager
    def study_lock() -> Iterator[None]:
        try:
            # A transaction of its own connection: however it ends, the lock ends with it.
            with engine.begin() as connection:
                connection.execute(wait)
                connection.execute(lock)
                yield
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise storage_error(place, error) from error

    return study_lock


def _hangs(path: Path) -> RunError:
    return RunError(
        f"another worker of this study has had its turn for {LONGEST_WAIT_S} seconds",
        where=path,
        fix="end the worker that hangs; then repeat the command",
    )


MAX_RETRIES = 2
"""So often a trial whose worker died is tried again."""

DONE_AGAIN = "failed_trial"
"""Optuna's attribute of a trial that does again what another did not end: the number of that."""


@contextmanager
def sending_heartbeats(
    storage: optuna.storages.RDBStorage | None, trial: optuna.Trial
) -> Iterator[None]:
    """Record signs of life of `trial` while the body runs; `beat` records the first."""
    if storage is None:
        yield
        return
    stopped = threading.Event()

    def beat_on() -> None:
        while not stopped.wait(storage.heartbeat_interval):
            with suppress(Exception):  # the next one may reach a server that was away
                storage.record_heartbeat(trial._trial_id)
        storage.remove_session()

    thread = threading.Thread(target=beat_on, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def retry_stale_trial(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
    """Put a trial whose worker died in the queue, at most `MAX_RETRIES` times."""
    import optuna

    trial = copy(trial)
    trial.user_attrs = _lasting_facts(trial)
    callback = getattr(optuna.storages, "RetryHeartbeatStaleTrialCallback", None)
    with quiet_optuna():
        if callback is None:  # before Optuna 4.9
            callback = optuna.storages.RetryFailedTrialCallback
        callback(max_retry=MAX_RETRIES)(study, trial)


def requeue_trial(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
    """Put a trial that was interrupted in the queue, with the same values."""
    import optuna

    study.add_trial(
        optuna.create_trial(
            state=optuna.trial.TrialState.WAITING,
            params=trial.params,
            distributions=trial.distributions,
            user_attrs=_lasting_facts(trial),
            system_attrs={DONE_AGAIN: trial.number, **trial.system_attrs},
        )
    )


def _lasting_facts(trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
    """Return the facts of a trial without those of its end, which are not of the next one."""
    return {name: one for name, one in trial.user_attrs.items() if name not in ("reason", DIGEST)}


def trials_not_queued(
    trials: Sequence[optuna.trial.FrozenTrial],
) -> list[optuna.trial.FrozenTrial]:
    """Return those of failed trials that no later trial does again, whatever they failed by.

    Args:
        trials: all of a study, by number.
    """
    last = {one.system_attrs.get(DONE_AGAIN, one.number): one for one in trials}
    return [one for one in last.values() if one.state.name == "FAIL"]


HEARTBEAT_S = 30
"""Seconds between two signs of life of a running trial; after three without one it has failed."""

_BUSY_S = 60
"""Seconds to wait for another process's write to a SQLite file."""


@dataclass(frozen=True)
class OpenStudy:
    """An Optuna study and its storage.

    Attributes:
        study: any notebook's.
        url: as `open_study` was given it, with its password; None: in memory.
        study_lock: keeps other workers from taking or ending a trial, as `with study_lock():`.
        database: which keeps the heartbeats; None without one.
        notes: sentences to show the user afterwards.
    """

    study: optuna.Study
    url: str | None = field(repr=False)
    study_lock: StudyLock = no_study_lock
    database: optuna.storages.RDBStorage | None = None
    notes: list[str] = field(default_factory=list)


def storage_url(workspace: Workspace, url: str | None = None) -> str:
    """Return where a workspace's studies are kept: `url`, by default SQLite in the workspace."""
    return f"sqlite:///{workspace.studies_db.resolve()}" if url is None else url


def storage_name(workspace: Workspace, url: str) -> str:
    """Return the storage `url` for a file that others will read: no password, no path from here.

    A file in the workspace is named from there, one elsewhere by its name alone.
    """
    place = parse_storage_url(url)
    if place.path is None:
        return place.shown
    path, root = place.path.resolve(), workspace.root.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


@contextmanager
def open_study(
    url: str | None,
    name: str,
    *,
    directions: Sequence[str] = ("maximize",),
    sampler: optuna.samplers.BaseSampler | None = None,
    pruner: optuna.pruners.BasePruner | None = None,
    heartbeat_s: int = HEARTBEAT_S,
    facts: Mapping[str, Any] | None = None,
) -> Iterator[OpenStudy]:
    """Open the study `name`, made where it is not there, and close its database afterwards.

    Args:
        url: `sqlite:///FILE`, `postgresql://USER@HOST/DB` or `journal:FILE`, files relative to the
            working folder; None: in memory.
        name: of the study.
        directions: "maximize" or "minimize", one a score.
        sampler, pruner: of this process; others may use other ones.
        heartbeat_s: seconds between two signs of life of a running trial; a trial that gave none
            for three times as long has failed. All workers of a study should have the same.
        facts: JSON values that are kept with a study that has none of their names yet: "kind",
            "recipe", and "metric", a list of names, one a direction, which a dashboard shows, too.
            With them comes "created".

    Raises:
        UsageError: the URL cannot be meant, what it needs is not installed, the study is there
            with other directions, or the sampler cannot have several.
        RunError: the database cannot be reached, or does not let us in; or a trial in it is not as
            it ended.
    """
    import optuna

    if len(directions) > 1 and getattr(sampler, "has_one_score", False):
        raise UsageError(
            "CMA-ES searches for one score", fix="take tpe or nsga2 for several, or one metric"
        )
    with quiet_optuna(), _kept(url, name, heartbeat_s) as (storage, study_lock):
        with study_lock():  # else two workers that come first make the same tables
            study = optuna.create_study(
                storage=storage,
                study_name=name,
                directions=list(directions),
                sampler=sampler,
                pruner=pruner,
                load_if_exists=True,
            )
            _check_directions(study, directions)
            keep_facts(study, facts or {})
        refuse_changed(study, "memory" if url is None else parse_storage_url(url).shown)
        database = storage if isinstance(storage, optuna.storages.RDBStorage) else None
        yield OpenStudy(study, url, study_lock, database)


def _check_directions(study: optuna.Study, directions: Sequence[str]) -> None:
    there = [one.name.lower() for one in study.directions]
    if there != list(directions):
        raise UsageError(
            f"the study {study.study_name!r} is there and asks to {', '.join(there)}, "
            f"not to {', '.join(directions)}",
            fix="give the study another name",
        )


def keep_facts(study: optuna.Study, facts: Mapping[str, Any]) -> None:
    """Keep the facts of `open_study` that `study` has not."""
    there = study.user_attrs
    missing = {name: one for name, one in facts.items() if name not in there}
    if facts and "created" not in there:
        missing["created"] = now().isoformat(timespec="seconds")
    for name, value in missing.items():
        study.set_user_attr(name, value)
    if "metric" in missing:
        study.set_metric_names(list(missing["metric"]))


@contextmanager
def open_storage(url: str, *, make: bool = False) -> Iterator[optuna.storages.BaseStorage]:
    """Open the storage at `url` to read its studies, and close it afterwards.

    Args:
        url: as `open_study` takes it.
        make: make the file where it is not there.

    Raises:
        UsageError: the URL cannot be meant, or its file is not there: looking makes none.
        RunError: the database cannot be reached, or does not let us in.
    """
    place = parse_storage_url(url)
    if not make and place.path is not None and not place.path.is_file():
        raise UsageError(
            "no studies are kept here yet", where=place.path, fix="podium tune losses RECIPE"
        )
    with quiet_optuna(), _kept(url, "", HEARTBEAT_S) as (storage, _):
        assert storage is not None
        yield storage


@contextmanager
def _kept(
    url: str | None, name: str, heartbeat_s: int
) -> Iterator[tuple[optuna.storages.BaseStorage | None, StudyLock]]:
    """Open the storage of `url`, and the turns of its workers; its errors are RunErrors."""
    import optuna

    if url is None:
        yield None, no_study_lock
        return
    place = parse_storage_url(url)
    if place.kind == "journal":
        backend = optuna.storages.journal.JournalFileBackend(str(place.path))
        yield optuna.storages.JournalStorage(backend), _study_lock_beside(place)
        return
    try:
        if place.kind == "sqlite":
            study_lock = _study_lock_beside(place)
            with _database(place, heartbeat_s, study_lock) as database:
                yield database, study_lock
            return
        with _engine(place) as engine:  # of its own: the lock is a connection's
            tables = study_lock_by_postgresql(engine, place, "tables")
            with _database(place, heartbeat_s, tables) as database:
                yield database, study_lock_by_postgresql(engine, place, f"study {name}")
    except optuna.exceptions.StorageInternalError as error:
        raise storage_error(place, error) from error


def _study_lock_beside(place: StorageLocation) -> StudyLock:
    assert place.path is not None
    # Not ".lock": that is the lock of Optuna's journal itself.
    return study_lock_by_file(place.path.with_name(f"{place.path.name}.turn"))


@contextmanager
def _engine(place: StorageLocation) -> Iterator[sqlalchemy.Engine]:
    import sqlalchemy

    try:
        engine = sqlalchemy.create_engine(place.url, **_engine_options(place))
    except ImportError as error:
        raise _no_driver() from error
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _database(
    place: StorageLocation, heartbeat_s: int, study_lock: StudyLock
) -> Iterator[optuna.storages.RDBStorage]:
    """Open a database, in a turn: two workers that come first would make the same tables."""
    import optuna
    import sqlalchemy

    is_new_name = hasattr(optuna.storages, "RetryHeartbeatStaleTrialCallback")  # since Optuna 4.9
    retried: dict[str, Any] = {
        "heartbeat_stale_trial_callback"
        if is_new_name
        else "failed_trial_callback": retry_stale_trial
    }
    try:
        with study_lock():
            database = optuna.storages.RDBStorage(
                place.url.replace("{", "{{").replace("}", "}}"),  # Optuna formats it
                engine_kwargs=_engine_options(place),
                heartbeat_interval=heartbeat_s,
                grace_period=3 * heartbeat_s,
                **retried,
            )
    except ImportError as error:
        raise _no_driver() from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise storage_error(place, error) from error
    except RuntimeError as error:  # made by an Optuna of other tables
        raise RunError(
            "the studies there were made by another version of Optuna",
            where=place.shown,
            fix="optuna storage upgrade --storage URL, or take the newer Optuna",
        ) from error
    try:
        yield database
    finally:
        database.remove_session()
        database.engine.dispose()  # else SQLite's connections stay open


def _engine_options(place: StorageLocation) -> dict[str, Any]:
    if place.kind == "sqlite":
        return {"connect_args": {"timeout": _BUSY_S}}
    # A trial may take hours, in which a firewall forgets a connection that is idle.
    return {"connect_args": place.connect_args, "pool_pre_ping": True}


def _no_driver() -> UsageError:
    return UsageError(
        "studies in PostgreSQL need the package pg8000", fix="pip install 'podium-kaggle[postgres]'"
    )
