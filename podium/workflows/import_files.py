"""Open the files of an import: tables and arrays of labels, folders of masks, by what a path is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from podium.errors import DataError, UsageError
from podium.predictions.foreign.arrays import read_label_array
from podium.predictions.foreign.form import Form
from podium.predictions.foreign.mask_folder import MaskFolder, read_mask_folder
from podium.predictions.foreign.said import LabelsSaid
from podium.predictions.foreign.table import read_label_table
from podium.workspace.ids import FileDigests

if TYPE_CHECKING:
    from podium.competition.spec import TaskName
    from podium.workflows.import_home import Home

__all__ = ["OpenedFile", "opened"]

_TABLES, _ARRAYS = (".csv", ".tsv"), (".npz", ".npy")


@dataclass(frozen=True)
class OpenedFile:
    """One file or folder.

    Attributes:
        said: what it says.
        ids: the file that names its rows, where it is a bare npy.
    """

    said: LabelsSaid | MaskFolder
    ids: Path | None = None

    def digest(self, digests: FileDigests) -> list[str]:
        """Return sha256 of all that determines what it says; how files are called is no part."""
        said = self.said
        if isinstance(said, MaskFolder):
            several = [file for files in said.files for file in files]
            return [digests.of_many({p.relative_to(said.path).as_posix(): p for p in several})]
        return [digests.of(said.path), *([] if self.ids is None else [digests.of(self.ids)])]


def opened(
    home: Home,
    oof: Sequence[Path],
    test: Sequence[Path],
    ids: Sequence[Path],
    test_ids: Sequence[Path],
    logits: bool,
    spool: Path,
) -> tuple[Form, list[OpenedFile], list[OpenedFile]]:
    """Return what is asked of the values, and the sources; arguments as `import_files` has them.

    Raises:
        UsageError: a path is of no known kind, files are of several tasks, or there are not as many
            files of ids as bare npys.
        DataError: as the readers do.
    """
    tasks = {_task_of(one) for one in (*oof, *test)}
    if len(tasks) > 1:
        raise UsageError(
            "labels and masks are named together",
            fix="import each by itself: folders are masks, tables and arrays are labels",
        )
    task = tasks.pop()
    if task not in home.competition.tasks:
        is_folder = task == "segment"
        raise UsageError(
            "a folder is of masks, and this competition has labels only"
            if is_folder
            else "a file is of labels, and this competition has masks only",
            where=(*oof, *test)[0],
            fix="name a CSV, npz or npy" if is_folder else "name a folder of masks",
        )
    form = Form.of(home.competition, task, logits=logits)

    def each(paths: Sequence[Path], named: Sequence[Path], n_most: int) -> list[OpenedFile]:
        bare = [one for one in paths if one.suffix.lower() == ".npy"]
        if named and len(named) != len(bare):
            raise UsageError(
                f"files of ids: {len(named)}, and bare npy files: {len(bare)}",
                fix="name one for each npy; tables, npz and folders have ids of their own",
            )
        rows_of = dict(zip(bare, named, strict=True)) if named else {}
        return [
            _open(home, one, form, rows_of.get(one), n_most, spool, _label(i, paths))
            for i, one in enumerate(paths)
        ]

    return (
        form,
        each(oof, ids, len(home.train)),
        each(test, test_ids, len(home.test)),
    )


def _label(i: int, paths: Sequence[Path]) -> str:
    """Return what the fold of one of several files is called; one file is no fold's."""
    return str(i) if len(paths) > 1 else ""


def _task_of(path: Path) -> TaskName:
    if path.is_dir():
        return "segment"
    suffix = path.suffix.lower()
    if suffix in (*_TABLES, *_ARRAYS):
        return "classify"
    if not path.exists():
        raise DataError("there is no such file or folder", where=path, fix="mind the spelling")
    raise UsageError(
        f"predictions are not read from {suffix or 'files without an ending'}",
        where=path,
        fix="write a CSV, TSV, npz or npy, or a folder of PNG or npy masks (unpacked)",
    )


def _open(
    home: Home, path: Path, form: Form, ids: Path | None, n_most: int, spool: Path, label: str
) -> OpenedFile:
    if path.is_dir():
        return OpenedFile(read_mask_folder(path, form, label=label))
    if path.suffix.lower() in _TABLES:
        table = read_label_table(path, form, id_names=home.id_names, n_most=n_most, label=label)
        return OpenedFile(table)
    found = read_label_array(
        path, form, id_names=home.id_names, n_most=n_most, spool=spool, ids=ids, label=label
    )
    return OpenedFile(found, ids)
