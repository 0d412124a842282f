"""The gate before pseudo-labels are learnt from: fold k's come from models that never saw fold k.

DESIGN's rule is that nothing of fold k may have used the labels of fold k's rows. A table of
pseudo-labels keeps it where every one of its teachers is a model of fold k, of the same folds; that
holds from generation to generation, because a teacher that learnt from pseudo-labels has passed
this gate itself. Whatever is averaged over folds has seen all labels, and teaches no fold.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from podium.competition.images import contents, first_file
from podium.competition.spec import Competition
from podium.errors import DataError, some
from podium.training.fold_files import Fold
from podium.training.pseudo_tables import FILES, FoldTable, Items, read_fold
from podium.workspace.ids import FileDigests, canonical_json
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, read_record

__all__ = [
    "SEPARATOR",
    "PseudoLabels",
    "check_images",
    "file_digests",
    "honest_table",
    "items_digest",
    "open_pseudo",
]

_MODEL = re.compile(r"(?P<run>.+)/fold-(?P<fold>\d+|full)")
SEPARATOR = " + "
"""Between the teachers of one label."""


@dataclass(frozen=True)
class PseudoLabels:
    """A folder of `pseudo/`.

    Attributes:
        workspace: where it lies.
        folder: itself.
        record: what it says of itself.
    """

    workspace: Workspace
    folder: Path
    record: Record

    @property
    def threshold(self) -> float:
        """What is less sure than that was dropped when it was made."""
        return float(self.record.details["threshold"])

    @property
    def round(self) -> int:
        """1 for teachers that learnt from no pseudo-labels, 2 for their students' and so on."""
        return int(self.record.details["round"])

    @cached_property
    def items(self) -> Items:
        """The images."""
        return Items.read(self.folder)

    def fold_folder(self, fold: Fold) -> Path:
        """Return where the table of one fold lies."""
        return self.folder / f"fold-{fold}"

    def content(self) -> dict[str, Any]:
        """Return what determines a student, and nothing of where it lies."""
        folds = self.record.details["folds"]
        files = {fold: file_digests(self.workspace, self.fold_folder(fold)) for fold in folds}
        facts = [items_digest(self.items), files]
        return {
            "content": hashlib.sha256(canonical_json(facts).encode("ascii")).hexdigest(),
            "threshold": self.threshold,
            "round": self.round,
            "folds": self.record.inputs["folds"],
        }


def open_pseudo(workspace: Workspace, name: str) -> PseudoLabels:
    """Return the artefact `name`.

    Raises:
        UsageError: there is none.
        DataError: the folder is not one of pseudo-labels, or not whole.
    """
    folder = workspace.artefact(name, rooms=("pseudo",))
    record = read_record(folder)
    if record.kind != "pseudo" or not {"folds", "round", "threshold"} <= set(record.details):
        raise DataError(
            "these are not pseudo-labels",
            where=folder,
            fix="remove the folder, and make it with `podium pseudo`",
        )
    return PseudoLabels(workspace, folder, record)


def honest_table(labels: PseudoLabels, fold: Fold, folds: str) -> FoldTable:
    """Return the table from which the student of `fold` may learn.

    Args:
        labels: the artefact.
        fold: of the student.
        folds: digest of the present folds.

    Raises:
        DataError: it was made with other folds, has no table for this one, its files are not those
            that were written, or a teacher may know the labels of the fold.
    """
    name = labels.record.id
    if labels.record.inputs["folds"] != folds:
        raise DataError(
            f"{name} was made with other folds, so its teachers of fold {fold} may know our rows",
            where=labels.folder,
            fix="train the teacher again on the present folds.csv, then `podium pseudo` again",
        )
    written = labels.record.details["folds"].get(str(fold))
    if written is None:
        there = ", ".join(labels.record.details["folds"])
        raise DataError(
            f"{name} has no labels for the student of fold {fold}; it has those of {there}",
            where=labels.folder,
            fix="train the teacher's other folds, then `podium pseudo` again, without --folds",
        )
    folder = labels.fold_folder(fold)
    _refuse_other_files(labels, folder, written["files"])
    table = read_fold(folder)
    if table.ids != labels.items.ids:
        raise DataError("this table is of other images", where=folder, fix="make it again")
    _refuse_knowing_teachers(name, fold, table.every_teacher, folder)
    return table


def _refuse_other_files(labels: PseudoLabels, folder: Path, written: dict[str, str]) -> None:
    present = file_digests(labels.workspace, folder)
    if present == written:
        return
    differ = sorted(n for n in {*present, *written} if present.get(n) != written.get(n))
    raise DataError(
        f"{', '.join(differ)} of {labels.record.id}, {folder.name}, changed since it was written",
        where=folder,
        fix="remove the artefact's folder, and make it again with `podium pseudo`",
    )


def _refuse_knowing_teachers(name: str, fold: Fold, teachers: Sequence[str], where: Path) -> None:
    if fold == "full":
        return
    for teacher in teachers:
        models = [_MODEL.fullmatch(one) for one in teacher.split(SEPARATOR)]
        if not models or any(one is None or one["fold"] != str(fold) for one in models):
            raise DataError(
                f"{name} teaches fold {fold} what {teacher!r} says, which learnt from the labels "
                f"of fold {fold}",
                where=where,
                fix="only fold models teach their own fold: make it with `podium pseudo`",
            )


def file_digests(workspace: Workspace, folder: Path) -> dict[str, str]:
    """Return the sha256 of each file of a fold's folder that is there."""
    files = [folder / name for name in FILES if (folder / name).is_file()]
    digests = FileDigests(workspace).each(files)
    return {file.name: digest for file, digest in zip(files, digests, strict=True)}


def items_digest(items: Items) -> str:
    """Return the sha256 of which images there are; where they lie changes nothing."""
    rows = [list(row) for row in zip(items.splits, items.ids, items.digests, strict=True)]
    return hashlib.sha256(canonical_json(rows).encode("ascii")).hexdigest()


def check_images(labels: PseudoLabels, competition: Competition, rows: Sequence[int]) -> None:
    """Raise DataError where an image of these rows is not the one that the teachers saw."""
    items = labels.items
    images = [items.images[row] for row in rows]
    files = [competition.root / path for paths in images for path in paths if path]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise DataError(
            f"{len(missing):,} images of {labels.record.id} are missing: {some(missing)}",
            where=labels.folder,
            fix="put them back, or make the pseudo-labels again",
        )
    present = contents(labels.workspace, competition.root, images)
    changed = [
        first_file(items.images[row])
        for row, digest in zip(rows, present, strict=True)
        if digest != items.digests[row]
    ]
    if changed:
        raise DataError(
            f"{len(changed):,} images of {labels.record.id} changed since: {some(changed)}",
            where=labels.folder,
            fix="make the pseudo-labels again with `podium pseudo`",
        )
