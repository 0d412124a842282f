"""Predictions in another podium workspace of the same competition: read there, never written.

The predictions of its fold models on their own folds are out of fold by those folds; classes may
stand in another order and are matched by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.errors import DataError, UsageError, some
from podium.predictions.imports.tables import ImportedLabels
from podium.predictions.store.fold_reader import FoldReader
from podium.predictions.store.masks import MaskDtype, MaskFold, Size, row_bands
from podium.predictions.store.reading import PredictionSet, Split, is_separate_view
from podium.predictions.top_k import TopK
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, read_record

__all__ = ["FoldMasks", "fold_labels", "fold_masks", "prediction_sets", "require_same_task"]

_BAND_VALUES = 2**20


def prediction_sets(other: Workspace, named: str | None) -> list[tuple[Path, Record]]:
    """Return the prediction sets of a run, an import, or of all members of a blend, with records.

    Args:
        other: the workspace.
        named: an id or name there.

    Raises:
        UsageError: nothing is named, or there is no such thing.
        DataError: it has no out-of-fold predictions.
    """
    if named is None:
        there = [one.name for one in other.artefact_folders()]
        known = [one for one in there if not one.startswith(".")]
        raise UsageError(
            "which of its runs or blends?",
            where=other.root,
            fix=f"pass --run NAME; there are {some(known, 12)}" if known else "train one there",
        )
    folder = other.artefact(named, rooms=("runs", "blends", "imports"))
    record = read_record(folder)
    if record.kind != "blend":
        return [(_newest(folder), record)]
    parts = [record.inputs, *record.inputs.get("beside", [])]
    roots = dict.fromkeys(str(one) for part in parts for one in part.get("sets", []))
    found = [(other.root / one).resolve() for one in roots]
    if not found:
        raise DataError("this blend does not list its members", where=folder)
    return [(one, read_record(one.parent.parent)) for one in found]


def _newest(folder: Path) -> Path:
    sets = [
        path.parent
        for path in folder.glob("predictions/*/oof")
        if not is_separate_view(path.parent)
    ]
    if not sets:
        raise DataError(
            "there are no out-of-fold predictions yet", where=folder, fix="finish the run there"
        )
    return max(sets, key=lambda path: (path.stat().st_mtime_ns, path.name))


def require_same_task(ours: Competition, theirs: Competition, task: TaskName) -> list[int] | None:
    """Return where each of our channels of `task` stands in theirs; None: in the same place.

    Raises:
        DataError: the task is of another kind there, or has other classes.
    """
    file = theirs.root / "competition.yaml"
    kind, other = ours.kind_of(task), theirs.tasks.get(task)
    if other is None or theirs.kind_of(task) != kind:
        raise DataError(f"{task} is {other or 'no task'} there and {kind} here", where=file)
    if ours.outputs(task) == 1:
        if ours.classes_of(task) != theirs.classes_of(task):
            raise DataError(
                f"the classes of {task} are {theirs.classes_of(task)} there and "
                f"{ours.classes_of(task)} here",
                where=file,
            )
        return None
    mine, others = list(ours.classes), list(theirs.classes)
    if set(mine) != set(others):
        differ = sorted(set(mine) ^ set(others))
        raise DataError(f"the classes differ: {some(differ)}", where=file)
    order = [others.index(one) for one in mine]
    if kind.has_background:
        order = [0, *(1 + one for one in order)]
    return None if order == sorted(order) else order


def fold_labels(root: Path, split: Split, order: Sequence[int] | None) -> list[ImportedLabels]:
    """Return the label predictions of each fold model of the set at `root` for a split."""
    predictions, task = PredictionSet(root), IMAGES
    return [
        _labels(predictions.fold(split, task, fold), str(fold), order)
        for fold in predictions.folds(split, task)
    ]


def _labels(reader: FoldReader, label: str, order: Sequence[int] | None) -> ImportedLabels:
    place = None if order is None else np.argsort(np.asarray(order)).astype(np.int32)

    def raw(rows: NDArray[np.int64]) -> NDArray[Any] | TopK:
        found = reader.take(rows)
        if place is None or order is None:
            return found
        if isinstance(found, TopK):
            return TopK(place[found.classes], found.probs, found.n_classes)
        return np.asarray(found)[:, list(order)]

    return ImportedLabels(
        reader.folder,
        reader.ids,
        lambda i: f"row {i} (from 0)",
        raw,
        label=label,
        is_checked=True,
    )


@dataclass(frozen=True)
class FoldMasks:
    """The masks of one fold model; what stands here is what `MaskFolder` has, too."""

    path: Path
    ids: list[str]
    reader: MaskFold
    order: Sequence[int] | None
    label: str
    folds: None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def dtype(self) -> MaskDtype:
        return "uint8" if self.reader.dtype == "uint8" else "float16"

    def row(self, i: int) -> str:
        """Return the id of image `i`."""
        return repr(self.ids[i])

    def require_size(self, i: int, size: Size) -> None:
        """Raise DataError unless the mask of image `i` is of `size`."""
        got = self.reader.sizes[i]
        if got != size:
            raise DataError(
                f"the mask of {self.ids[i]!r} is {got[0]} × {got[1]} there, {size[0]} × {size[1]} "
                "here (height × width)",
                where=self.path,
                fix="predict there in the same frame",
            )

    def bands(self, i: int) -> Iterator[NDArray[np.float32]]:
        """Yield the probabilities of image `i` from top to bottom, `(rows, W, C)` at a time."""
        for _, band in row_bands(self.reader, i, _BAND_VALUES):
            yield band if self.order is None else band[..., list(self.order)]

    def refuse_numbers(self, greatest: float) -> None:
        """Do nothing: podium wrote probabilities."""


def fold_masks(root: Path, split: Split, order: Sequence[int] | None) -> list[FoldMasks]:
    """Return the mask predictions of each fold model of the set at `root` for a split."""
    predictions, task = PredictionSet(root), PIXELS
    readers = [
        (str(fold), MaskFold(predictions.fold(split, task, fold).folder))
        for fold in predictions.folds(split, task)
    ]
    return [FoldMasks(one.folder, one.ids, one, order, label) for label, one in readers]
