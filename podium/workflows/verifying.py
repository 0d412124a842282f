"""`podium verify`: every file of a workspace that podium wrote, against what it wrote.

Artefacts and the board have digests beside their files; packages list theirs in `pack.json`;
entries of the caches have checksums; `folds.csv` is compared with the folds that runs were trained
with, the ledger with the records that it is made from.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from podium.competition.cache import damaged_packs
from podium.competition.spec import Competition
from podium.ensembling.missing_members import missing_members
from podium.errors import PodiumError, some
from podium.models.feature_cache import damaged_shards
from podium.submissions.packages import STATEMENT, PackFolder
from podium.training.runs.content import DataChange, folds_digest, kept_data_changes
from podium.training.runs.recipe_edits import RunOverrides, runs_with_overrides
from podium.tuning.studies.summary import damaged_studies
from podium.tuning.studies.trial_digests import RESTORE
from podium.workspace import digests
from podium.workspace.atomic import temporary_folder
from podium.workspace.digests import SUMS_FILE
from podium.workspace.ids import FileDigests
from podium.workspace.jobs import damaged_jobs
from podium.workspace.layout import ARTEFACT_ROOMS, RECORD_FILE, Workspace
from podium.workspace.ledger import Ledger
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import other_name, scan

__all__ = ["verify"]

_MADE_AGAIN = "remove it: it is made again when it is needed"
_READ_UNCHECKED = "remove it: the files of this folder are then read unchecked"
_OF_ANOTHER = "of another folder"
_UNLISTED = ("wandb", "tensorboard", "lightning_logs")  # folders that libraries write


@dataclass(frozen=True)
class Fault:
    """A file that is not what podium wrote.

    Attributes:
        file: relative to the workspace where it lies inside.
        what: is wrong with it.
        fix: the way out.
    """

    file: str
    what: str
    fix: str


@dataclass(frozen=True)
class Verification:
    """The state of a workspace.

    Attributes:
        checked: number of files that were read and compared.
        faults: damaged and missing files.
        unknown: files of artefacts without a digest: from before there were any, or by others.
        other_data: artefacts that were made of other data than today's; that is no damage.
        overrides: runs that were trained with other settings than their recipe's file had; nor is
            that.
    """

    checked: int
    faults: tuple[Fault, ...]
    unknown: tuple[str, ...]
    other_data: tuple[DataChange, ...] = field(default=())
    overrides: tuple[RunOverrides, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "checked": self.checked,
            "faults": [asdict(one) for one in self.faults],
            "unknown": list(self.unknown),
            "other_data": [one.to_json() for one in self.other_data],
            "overrides": [one.to_json() for one in self.overrides],
        }


def verify(
    workspace: Workspace, competition: Competition, *, progress: Progress = SILENT
) -> Verification:
    """Return what is damaged or missing of what podium wrote into the workspace.

    Every file is read, whether or not it was found right before. Nothing is changed.

    Args:
        workspace: to look at.
        competition: its competition, whose data is compared with what runs were trained on.
        progress: gets a bar over the files.
    """
    listed, unknown, faults = _listed(workspace)
    others = _other_checks(workspace)
    with (
        progress.bar("checking files", len(listed) + len(others)) as advance,
        ThreadPoolExecutor(n_cores()) as pool,
    ):
        for file, state in zip(listed, pool.map(_state, listed), strict=True):
            advance(1)
            if state != "intact" and not (state == "missing" and digests.may_be_missing(file)):
                faults.append((file, state, digests.mend(file)))
        faults = _without_exchanged(workspace, faults)
        for check in others:
            faults += check()
            advance(1)
    missing = [
        *_members(workspace),
        *_renamed(workspace),
    ]  # what is there can be compared with today's data all the same
    return Verification(
        checked=len(listed) + len(others),
        faults=tuple(
            Fault(_shown(workspace, file), what, fix.replace(f"{workspace.root}{os.sep}", ""))
            for file, what, fix in sorted([*faults, *missing])
        ),
        unknown=tuple(_shown(workspace, one) for one in unknown),
        other_data=tuple(
            kept_data_changes(workspace, competition, *workspace.artefact_folders())
            if not faults
            else ()
        ),
        overrides=tuple(runs_with_overrides(workspace, *workspace.artefact_folders())),
    )


_Fault = tuple[Path, str, str]


def _state(file: Path) -> str:
    try:
        return digests.state_of(file)
    except OSError as error:
        return f"unreadable: {error.strerror or error}"


def _listed(workspace: Workspace) -> tuple[list[Path], list[Path], list[_Fault]]:
    """Return the files that have a digest, those that have none, and what is wrong with digests."""
    listed: list[Path] = []
    unknown: list[Path] = []
    faults: list[_Fault] = []
    rooms = [workspace.root / room for room in ARTEFACT_ROOMS]
    for top in (*rooms, workspace.private):
        for root, folders, files in os.walk(top):
            folders[:] = sorted(
                one for one in folders if not one.startswith(".") and one not in _UNLISTED
            )
            sums = digests.read_sums(Path(root))
            own = [one for one in files if not one.startswith(".") and one != SUMS_FILE]
            is_whole = SUMS_FILE not in files or digests.is_whole(Path(root, SUMS_FILE))
            if not is_whole or digests.are_of_another(sums, files):
                what = _OF_ANOTHER if is_whole else "damaged"
                faults.append((Path(root, SUMS_FILE), what, _READ_UNCHECKED))
                continue
            listed += [Path(root, name) for name in sorted(sums)]
            if top != workspace.private:
                unknown += [Path(root, one) for one in sorted(own) if one not in sums]
    return listed, unknown, faults


def _without_exchanged(workspace: Workspace, faults: list[_Fault]) -> list[_Fault]:
    """Return the faults with those of an artefact whose digests are another one's as one fault.

    No artefact has the record of another one: where the digests are such, they are not its own.
    """
    folders = {file.parent for file, _, _ in faults if file.name == RECORD_FILE}
    if not folders:
        return faults
    # A folder that somebody copied beside another one has the record of that one.
    records = {
        digests.sha256(one / RECORD_FILE): one
        for one in workspace.artefact_folders()
        if _id_in(one / RECORD_FILE) == one.name
    }
    exchanged = {
        folder
        for folder in folders
        for digest in digests.read_sums(folder).get(RECORD_FILE, ())
        if records.get(digest, folder) != folder
    }
    own = [(folder / SUMS_FILE, _OF_ANOTHER, _READ_UNCHECKED) for folder in sorted(exchanged)]
    return [*(one for one in faults if one[0].parent not in exchanged), *own]


def _id_in(record: Path) -> str | None:
    """Return the id in a file of a record; None where there is none, or it cannot be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(record.read_bytes())["id"])
    return None


def _other_checks(workspace: Workspace) -> list[Callable[[], list[_Fault]]]:
    found: list[Callable[[], list[_Fault]]] = [
        partial(_cached, partial(damaged_packs, workspace.cache)),
        partial(_cached, partial(damaged_shards, workspace.cache)),
        partial(_jobs, workspace),
        partial(_folds, workspace),
        partial(_finished_folds, workspace),
        partial(_databases, workspace),
    ]
    packs = [workspace.root / "pack", *sorted(workspace.packs.glob("*"))]
    return found + [partial(_pack, one) for one in packs if (one / STATEMENT).is_file()]


def _cached(damaged: Callable[[], Iterator[Path]]) -> list[_Fault]:
    return [(file, "damaged", _MADE_AGAIN) for file in damaged()]


def _jobs(workspace: Workspace) -> list[_Fault]:
    fix = "remove it: it is only shown, and no result needs it"
    return [(file, "damaged", fix) for file in damaged_jobs(workspace)]


def _pack(folder: Path) -> list[_Fault]:
    fix = f"remove {folder}, and repeat `podium pack --to {folder}` with the options that it had"
    try:
        return [(folder, problem, fix) for problem in PackFolder(folder).problems()]
    except PodiumError as error:
        return [(folder, error.message, fix)]


def _folds(workspace: Workspace) -> list[_Fault]:
    """Return a fault where all runs were trained with other folds than those of `folds.csv`."""
    import pandas as pd

    if not workspace.folds_file.is_file():
        return []
    runs = [
        (record.created, record.inputs["folds"])
        for _, record in scan(workspace)
        if record.kind == "run" and "folds" in record.inputs and "outer_fold" not in record.inputs
    ]
    try:
        table = pd.read_csv(workspace.folds_file, dtype={"id": str}, keep_default_na=False)
        digest = folds_digest(table["id"], table["fold"].to_numpy(dtype="int64"))
    except (OSError, ValueError, KeyError) as error:
        return [(workspace.folds_file, f"unreadable: {error}", "restore it from a copy")]
    if not runs or digest in {one for _, one in runs}:
        return []
    what = "damaged or edited: no run was trained with these folds"
    return [(workspace.folds_file, what, "restore it from a copy, or train all runs again")]


def _finished_folds(workspace: Workspace) -> list[_Fault]:
    """Return the folds that the record of a run lists as finished, and that are not there."""
    return [
        (folder / f"fold-{fold}", "missing", digests.made_again(folder))
        for folder, record in scan(workspace)
        if record.kind == "run"
        for fold in record.details.get("finished", ())
        if not (folder / f"fold-{fold}").is_dir()
    ]


def _members(workspace: Workspace) -> list[_Fault]:
    """Return the members of blends that were removed since."""
    return [
        (
            workspace.root / one.folder,
            f"missing: a member of {one.blend}",
            f"{one.fix}; or remove blends/{one.blend}, where nobody needs it",
        )
        for one in missing_members(workspace, *workspace.artefact_folders())
    ]


def _renamed(workspace: Workspace) -> list[_Fault]:
    """Return the folders of artefacts that were renamed, or copied beside themselves."""
    found = ((folder, other_name(folder, record)) for folder, record in scan(workspace))
    return [(folder, *named) for folder, named in found if named is not None]


def _databases(workspace: Workspace) -> list[_Fault]:
    """Return which indices are damaged: podium makes them again from the files."""
    faults: list[_Fault] = []
    file = workspace.private / "digests.db"
    if file.is_file():
        try:
            damaged = FileDigests(workspace).damaged()
        except (sqlite3.DatabaseError, ValueError):
            damaged = 1
        if damaged:
            faults.append((file, "damaged", _MADE_AGAIN))
    if workspace.ledger_db.is_file():
        with _settled(workspace.ledger_db) as ledger:
            if _is_other_ledger(workspace, ledger):
                faults.append((workspace.ledger_db, "damaged", "podium ledger rebuild"))
    if workspace.studies_db.is_file():
        with _settled(workspace.studies_db) as studies:
            damage = _damage_of_studies(studies)
        faults += [(workspace.studies_db, what, RESTORE) for what in damage]
    return faults


@contextmanager
def _settled(file: Path) -> Iterator[Path]:
    """Yield a database that can be read: a copy where a killed process left a transaction open.

    SQLite takes such a transaction back before it reads, which changes the file.
    """
    journal = file.with_name(f"{file.name}-journal")
    is_open = False
    if journal.is_file():
        try:
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
                connection.execute("SELECT * FROM sqlite_master")
        except sqlite3.OperationalError:  # a database that another process writes can be read
            is_open = True
        except sqlite3.DatabaseError:
            pass  # damaged
    if not is_open:
        yield file
        return
    with temporary_folder("podium-settled") as folder:
        for one in (journal, file):
            shutil.copyfile(one, folder / one.name)
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(folder / file.name)) as copy:
            copy.execute("SELECT * FROM sqlite_master")
        yield folder / file.name


def _damage_of_studies(file: Path) -> list[str]:
    if not _is_whole_database(file):
        return ["damaged"]
    try:
        changed = damaged_studies(file)
    except Exception as error:  # Optuna raises anything for what cannot be its own
        return [f"damaged: {error}"]
    return [
        f"trials {some(numbers)} of {name!r} changed after they ended" for name, numbers in changed
    ]


def _is_other_ledger(workspace: Workspace, ledger: Path) -> bool:
    """Return whether the ledger has other rows than one that is made anew from the same files."""
    if not _is_whole_database(ledger):
        return True
    with temporary_folder("podium-ledger") as first, temporary_folder("podium-ledger") as second:
        brought_up, anew = (Workspace(workspace.root, one) for one in (first, second))
        brought_up.private.mkdir(parents=True)
        shutil.copyfile(ledger, brought_up.ledger_db)
        for one in (brought_up, anew):  # what was written since the last refresh is no damage
            Ledger(one).refresh()
        ours, theirs = _rows(brought_up.ledger_db), _rows(anew.ledger_db)
    return ours is None or ours != theirs


def _rows(ledger: Path) -> list[list[Any]] | None:
    """Return the rows of each table in order; None where they cannot be read."""
    try:
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
            return [
                sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)  # noqa: S608
                for table in ("file", "artefact", "snapshot")
            ]
    except sqlite3.DatabaseError:
        return None


def _is_whole_database(file: Path) -> bool:
    with (
        suppress(sqlite3.DatabaseError),
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection,
    ):
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return False


def _shown(workspace: Workspace, file: Path) -> str:
    is_inside = file.is_relative_to(workspace.root)
    return str(file.relative_to(workspace.root) if is_inside else file)
