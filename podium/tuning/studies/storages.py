"""Studies where they are kept: SQLite or a journal file in the workspace, PostgreSQL by its URL.

A trial whose worker was killed must be found and done again. A database keeps a heartbeat of every
running trial, so that another worker sees when it stops; Optuna's journal file keeps none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from podium.errors import RunError, UsageError
from podium.tuning.studies.heartbeats import retry
from podium.tuning.studies.places import Place, explained, place_of
from podium.tuning.studies.quiet import quiet
from podium.tuning.studies.turns import Turn, no_turn, turn_by_file, turn_by_postgresql
from podium.workspace.clock import now
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    import optuna
    import sqlalchemy

__all__ = [
    "HEARTBEAT_S",
    "OpenStudy",
    "keep_facts",
    "open_storage",
    "open_study",
    "storage_name",
    "storage_url",
]

HEARTBEAT_S = 30
"""Seconds between two signs of life of a running trial; after three without one it has failed."""

_BUSY_S = 60
"""Seconds to wait for another process's write to a SQLite file."""


@dataclass(frozen=True)
class OpenStudy:
    """An Optuna study and where it is kept.

    Attributes:
        study: any notebook's.
        url: as `open_study` was given it, with its password; None: in memory.
        has_heartbeat: whether a trial of a killed worker is found and tried again.
        turn: keeps other workers of the study from taking or ending a trial, as `with turn():`.
        database: which keeps the heartbeats; None without one.
        notes: what the user should know afterwards, in sentences.
    """

    study: optuna.Study
    url: str | None = field(repr=False)
    has_heartbeat: bool
    turn: Turn = no_turn
    database: optuna.storages.RDBStorage | None = None
    notes: list[str] = field(default_factory=list)


def storage_url(workspace: Workspace, url: str | None = None) -> str:
    """Return where a workspace's studies are kept: `url`, by default SQLite in the workspace."""
    return f"sqlite:///{workspace.studies_db.resolve()}" if url is None else url


def storage_name(workspace: Workspace, url: str) -> str:
    """Return the storage `url` for a file that others will read: no password, no path from here.

    A file in the workspace is named from there, one elsewhere by its name alone.
    """
    place = place_of(url)
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
        RunError: the database cannot be reached, or does not let us in.
    """
    import optuna

    if len(directions) > 1 and getattr(sampler, "has_one_score", False):
        raise UsageError(
            "CMA-ES searches for one score", fix="take tpe or nsga2 for several, or one metric"
        )
    with quiet(), _kept(url, name, heartbeat_s) as (storage, turn):
        with turn():  # else two workers that come first make the same tables
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
        database = storage if isinstance(storage, optuna.storages.RDBStorage) else None
        yield OpenStudy(study, url, database is not None, turn, database)


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
    """Open what is kept at `url`, to look at its studies, and close it afterwards.

    Args:
        url: as `open_study` takes it.
        make: make the file where it is not there.

    Raises:
        UsageError: the URL cannot be meant, or its file is not there: looking makes none.
        RunError: the database cannot be reached, or does not let us in.
    """
    place = place_of(url)
    if not make and place.path is not None and not place.path.is_file():
        raise UsageError(
            "no studies are kept here yet", where=place.path, fix="podium tune losses RECIPE"
        )
    with quiet(), _kept(url, "", HEARTBEAT_S) as (storage, _):
        assert storage is not None
        yield storage


@contextmanager
def _kept(
    url: str | None, name: str, heartbeat_s: int
) -> Iterator[tuple[optuna.storages.BaseStorage | None, Turn]]:
    """Open the storage of `url`, and the turns of its workers; its errors are RunErrors."""
    import optuna

    if url is None:
        yield None, no_turn
        return
    place = place_of(url)
    if place.kind == "journal":
        backend = optuna.storages.journal.JournalFileBackend(str(place.path))
        yield optuna.storages.JournalStorage(backend), _turn_beside(place)
        return
    try:
        if place.kind == "sqlite":
            turn = _turn_beside(place)
            with _database(place, heartbeat_s, turn) as database:
                yield database, turn
            return
        with _engine(place) as engine:  # of its own: the lock is a connection's
            tables = turn_by_postgresql(engine, place, "tables")
            with _database(place, heartbeat_s, tables) as database:
                yield database, turn_by_postgresql(engine, place, f"study {name}")
    except optuna.exceptions.StorageInternalError as error:
        raise explained(place, error) from error


def _turn_beside(place: Place) -> Turn:
    assert place.path is not None
    # Not ".lock": that is the lock of Optuna's journal itself.
    return turn_by_file(place.path.with_name(f"{place.path.name}.turn"))


@contextmanager
def _engine(place: Place) -> Iterator[sqlalchemy.Engine]:
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
def _database(place: Place, heartbeat_s: int, turn: Turn) -> Iterator[optuna.storages.RDBStorage]:
    """Open a database, in a turn: two workers that come first would make the same tables."""
    import optuna
    import sqlalchemy

    is_new_name = hasattr(optuna.storages, "RetryHeartbeatStaleTrialCallback")  # since Optuna 4.9
    retried: dict[str, Any] = {
        "heartbeat_stale_trial_callback" if is_new_name else "failed_trial_callback": retry
    }
    try:
        with turn():
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
        raise explained(place, error) from error
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


def _engine_options(place: Place) -> dict[str, Any]:
    if place.kind == "sqlite":
        return {"connect_args": {"timeout": _BUSY_S}}
    # A trial may take hours, in which a firewall forgets a connection that is idle.
    return {"connect_args": place.connect_args, "pool_pre_ping": True}


def _no_driver() -> UsageError:
    return UsageError(
        "studies in PostgreSQL need the package pg8000", fix="pip install 'podium[postgres]'"
    )
