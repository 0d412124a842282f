"""Pseudo-label artefacts: one table a fold on disk, and the leakage check before they are learnt.

    pseudo/<name>-<8 hex>/
        record.json            their sources, and the contents of each fold's table
        items.parquet          split, id, image, sha256 of every image; the order of all tables
        fold-K/table.parquet   id, label, confidence; of masks confidences, places; round, teacher
        fold-K/probs.npy       (N, C) float32, the teachers' probabilities of the labels
        fold-K/masks.bin       of each image: its mask, then the confidence of each pixel (zlib)

Fold K's table holds the predictions of the fold-K models, and teaches only the student of fold K;
"full" is for students that learn from all rows. All confidences are kept, so that the reader
chooses the threshold; only pixels below the artefact's own are `IGNORE` for ever.

DESIGN's rule is that nothing of fold k may have used the labels of fold k's rows. A table keeps it
where every one of its teachers is a model of fold k, of the same folds; that holds from generation
to generation, because a teacher that learnt from pseudo-labels has passed this check itself.
Predictions that are averaged over folds have used all labels, and teach no fold. No torch here.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podium.competition.images import first_file, sha256_of_images
from podium.competition.spec import Competition
from podium.competition.truths.masks import IGNORE, Mask
from podium.errors import DAMAGED_ARRAY, DataError, plural, some
from podium.predictions.confidence import LEVELS, least_level, pixel_confidence
from podium.predictions.store.masks import MaskProbs, row_bands
from podium.tasks.protocols.kind import Kind
from podium.training.runs.fold_files import Fold
from podium.workspace import digests
from podium.workspace.ids import FileDigests, canonical_json
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, read_record

__all__ = [
    "SEPARATOR",
    "FoldTable",
    "Labels",
    "MaskLocation",
    "MaskLocations",
    "MaskWriter",
    "PseudoItems",
    "PseudoLabels",
    "check_images",
    "classes_in",
    "file_digests",
    "items_digest",
    "leak_free_table",
    "open_pseudo",
    "read_pseudo_mask",
    "write_fold",
]


FILES = ("table.parquet", "probs.npy", "masks.bin")
"""Of a fold's folder; the last two where there are labels, and masks."""
_BAND_VALUES = 2**20
Labels = tuple[Sequence[str], NDArray[np.float32], NDArray[np.float32]]
"""Of N images: names of labels, their confidence `(N,)`, and probabilities `(N, C)`."""
_COMPRESSION = 1  # a noisy confidence shrinks little at any level, and slowly at the higher ones


_BETWEEN_FILES = "\n"  # of one image, in its cell


@dataclass(frozen=True)
class PseudoItems:
    """The images that have pseudo-labels, in the order of every fold's table.

    Attributes:
        splits: `(N,)`, "unlabelled" or "test".
        ids: `(N,)`.
        images: `(N,)`, each the paths of its files, relative to the competition, or absolute.
        digests: `(N,)`, sha256 of the images.
    """

    splits: list[str]
    ids: list[str]
    images: list[tuple[str, ...]]
    digests: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    def write(self, folder: Path) -> None:
        """Write `items.parquet`."""
        images = [_BETWEEN_FILES.join(paths) for paths in self.images]
        columns = {"split": self.splits, "id": self.ids, "image": images}
        _write_table(folder / "items.parquet", {**columns, "sha256": self.digests})

    @classmethod
    def read(cls, folder: Path) -> PseudoItems:
        """Return the items of an artefact.

        Raises:
            DataError: they are missing or damaged.
        """
        table = _read_table(folder / "items.parquet")
        columns = [table.column(name).to_pylist() for name in ("split", "id", "image", "sha256")]
        splits, ids, images, digests = ([str(one) for one in column] for column in columns)
        return cls(splits, ids, [tuple(one.split(_BETWEEN_FILES)) for one in images], digests)


class MaskLocation(NamedTuple):
    """Location of one mask: bytes of `masks.bin`, (height, width), and its classes (0: flat)."""

    start: int
    n_mask: int
    n_confidence: int
    size: tuple[int, int]
    layers: int


@dataclass(frozen=True)
class MaskLocations:
    """Locations of the masks of a table, and their confidences.

    Attributes:
        starts: `(N,)`: byte of `masks.bin` at which the mask begins.
        n_mask, n_confidence: `(N,)`: bytes of the mask, and of the confidences behind it.
        sizes: `(N, 2)`, height and width, in the competition's frame.
        layers: of each mask: its classes where it is multilabel, else 0: `(H, W)`.
        best: `(N,)` uint8: the highest level of any pixel; 0 where nothing is known.
        confidence: `(N,)` float32: mean over the pixels that a view covered.
        kept: `(N,)` float32: share of all pixels that reached the artefact's threshold.
    """

    starts: NDArray[np.int64]
    n_mask: NDArray[np.int64]
    n_confidence: NDArray[np.int64]
    sizes: NDArray[np.int64]
    layers: int
    best: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    kept: NDArray[np.float32]

    def known(self, threshold: float) -> NDArray[np.bool_]:
        """Return which masks have a pixel that is so sure, `(N,)`."""
        return np.asarray(self.best >= max(1, least_level(threshold)))

    def place(self, row: int) -> MaskLocation:
        """Return where the mask of a row lies."""
        height, width = self.sizes[row].tolist()
        lengths = int(self.n_mask[row]), int(self.n_confidence[row])
        return MaskLocation(int(self.starts[row]), *lengths, (height, width), self.layers)


@dataclass(frozen=True)
class FoldTable:
    """Predictions of the teachers of one fold, in the order of the items.

    Attributes:
        folder: of the table.
        ids: `(N,)`.
        teachers: `(N,)`: "run/fold-k", several joined by " + ".
        rounds: `(N,)`: 1 for teachers that learnt from no pseudo-labels.
        probs: `(N, C)` float32; None where the teachers predict no labels.
        masks: None where they predict no masks.
    """

    folder: Path
    ids: list[str]
    teachers: list[str]
    rounds: NDArray[np.int64]
    probs: NDArray[np.float32] | None
    masks: MaskLocations | None

    @cached_property
    def every_teacher(self) -> list[str]:
        """The different teachers."""
        return sorted(set(self.teachers))

    def mask(self, row: int, threshold: float = 0.0) -> Mask:
        """Return the mask of a row in the frame, `IGNORE` where it is less sure than that.

        Raises:
            DataError: the file is damaged.
        """
        assert self.masks is not None
        return read_pseudo_mask(self.folder / "masks.bin", self.masks.place(row), threshold)


class MaskWriter:
    """Writes masks and their confidences, a band at a time; of one image only the bytes wait.

    Attributes:
        showing: `(K,)`: in how many of the masks so far each class has a pixel.
    """

    def __init__(self, folder: Path, kind: Kind, threshold: float, n_classes: int) -> None:
        self.showing = np.zeros(n_classes, dtype=np.int64)
        self._file: BinaryIO = (folder / "masks.bin").open("wb")
        self._kind, self._least = kind, least_level(threshold)
        self._layers = 0
        self._rows: list[tuple[Any, ...]] = []

    def add(self, probs: MaskProbs, i: int) -> None:
        """Write the mask of image `i`."""
        packed, behind = zlib.compressobj(_COMPRESSION), zlib.compressobj(_COMPRESSION)
        start, waiting = self._file.tell(), bytearray()
        total = n_covered = n_kept = n_values = best = 0
        is_shown = np.zeros(len(self.showing), dtype=bool)
        for _, band in row_bands(probs, i, _BAND_VALUES):
            mask, levels = pixel_confidence(band, self._kind)
            is_covered = mask != IGNORE
            is_kept = is_covered & (levels >= self._least)
            total += int(levels.sum(dtype=np.int64))
            n_covered, n_kept = n_covered + int(is_covered.sum()), n_kept + int(is_kept.sum())
            n_values += mask.size
            mask[~is_kept], levels[~is_kept] = IGNORE, 0
            best = max(best, int(levels.max(initial=0)))
            is_shown |= classes_in(mask, len(is_shown))
            self._file.write(packed.compress(mask.tobytes()))
            waiting += behind.compress(levels.tobytes())
            self._layers = mask.shape[2] if mask.ndim == 3 else 0
        self.showing += is_shown
        self._file.write(packed.flush())
        middle = self._file.tell()
        self._file.write(waiting + behind.flush())
        confidence = total / (LEVELS * n_covered) if n_covered else 0.0
        n_bytes = (middle - start, self._file.tell() - middle)
        self._rows.append((start, *n_bytes, *probs.sizes[i], best, confidence, n_kept / n_values))

    def finish(self) -> MaskLocations:
        """Close the file, and return where everything lies."""
        self._file.close()
        columns = [np.array(one) for one in zip(*self._rows, strict=True)]
        starts, n_mask, n_confidence, heights, widths, best, confidence, kept = columns
        return MaskLocations(
            starts.astype(np.int64),
            n_mask.astype(np.int64),
            n_confidence.astype(np.int64),
            np.column_stack([heights, widths]).astype(np.int64),
            self._layers,
            best.astype(np.uint8),
            confidence.astype(np.float32),
            kept.astype(np.float32),
        )

    def close(self) -> None:
        """Close the file where something went wrong."""
        self._file.close()


def classes_in(mask: Mask, n_classes: int) -> NDArray[np.bool_]:
    """Return of which mask classes there is a pixel, `(n_classes,)`."""
    if mask.ndim == 3:
        return np.asarray((mask == 1).any(axis=(0, 1)))
    counts = np.bincount(mask.ravel(), minlength=IGNORE + 1)
    return np.asarray(counts[1 : n_classes + 1] > 0)


def write_fold(
    folder: Path,
    *,
    items: PseudoItems,
    teacher: str,
    number: int,
    labels: Labels | None,
    masks: MaskLocations | None,
) -> None:
    """Write the table of one fold into `folder`, where `MaskWriter` wrote its masks.

    Args:
        folder: of the fold; is there.
        items: of the artefact.
        teacher: whose predictions these are.
        number: the round.
        labels: the predicted labels, if there are any.
        masks: their locations.
    """
    columns: dict[str, Any] = {"id": items.ids}
    if labels is not None:
        names, confidence, probs = labels
        columns |= {"label": list(names), "confidence": confidence}
        np.save(folder / "probs.npy", np.ascontiguousarray(probs, dtype=np.float32))
    if masks is not None:
        columns |= {
            "mask_confidence": masks.confidence,
            "mask_kept": masks.kept,
            "mask_best": masks.best,
            "mask_start": masks.starts,
            "mask_bytes": masks.n_mask,
            "confidence_bytes": masks.n_confidence,
            "height": masks.sizes[:, 0],
            "width": masks.sizes[:, 1],
            "layers": np.full(len(items), masks.layers),
        }
    columns |= {"round": np.full(len(items), number), "teacher": [teacher] * len(items)}
    _write_table(folder / "table.parquet", columns)


def read_fold(folder: Path) -> FoldTable:
    """Return the table of one fold.

    Raises:
        DataError: it is missing or damaged.
    """
    table = _read_table(folder / "table.parquet")
    digests.check(folder / "probs.npy")

    def numbers(name: str) -> NDArray[Any]:
        return np.asarray(table.column(name).to_numpy())

    try:
        probs = (
            np.load(folder / "probs.npy", mmap_mode="r") if "label" in table.column_names else None
        )
        masks = None
        if "mask_start" in table.column_names:
            masks = MaskLocations(
                numbers("mask_start"),
                numbers("mask_bytes"),
                numbers("confidence_bytes"),
                np.column_stack([numbers("height"), numbers("width")]),
                int(numbers("layers")[0]),
                numbers("mask_best"),
                numbers("mask_confidence"),
                numbers("mask_kept"),
            )
        return FoldTable(
            folder,
            [str(one) for one in table.column("id").to_pylist()],
            [str(one) for one in table.column("teacher").to_pylist()],
            numbers("round").astype(np.int64),
            probs,
            masks,
        )
    except DAMAGED_ARRAY as error:
        raise _damaged(folder, error) from error


def read_pseudo_mask(file: Path, place: MaskLocation, threshold: float) -> Mask:
    """Return one mask of `masks.bin`, `IGNORE` where it is less sure than `threshold`.

    Raises:
        DataError: the file is damaged.
    """
    shape = (*place.size, place.layers) if place.layers else place.size
    digests.check(file)
    try:
        with file.open("rb") as stream:
            stream.seek(place.start)
            mask = np.frombuffer(bytearray(zlib.decompress(stream.read(place.n_mask))), np.uint8)
            levels = np.frombuffer(zlib.decompress(stream.read(place.n_confidence)), np.uint8)
        mask, levels = mask.reshape(shape), levels.reshape(shape)
    except (OSError, ValueError, zlib.error) as error:
        raise _damaged(file, error) from error
    mask[levels < least_level(threshold)] = IGNORE
    return mask


def _write_table(path: Path, columns: dict[str, Any]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table(columns), path)


def _read_table(path: Path) -> Any:
    from pyarrow import parquet

    digests.check(path)
    try:
        return parquet.read_table(path)
    except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
        raise _damaged(path, error) from error


def _damaged(where: Path, why: object) -> DataError:
    return DataError(
        f"cannot read these pseudo-labels: {why}",
        where=where,
        fix="remove the artefact's folder, and make it again with `podium pseudo`",
    )


_MODEL = re.compile(r"(?P<run>.+)/fold-(?P<fold>\d+|full)")
SEPARATOR = " + "
"""Between the teachers of one label."""


@dataclass(frozen=True)
class PseudoLabels:
    """A folder of `pseudo/`.

    Attributes:
        workspace: where it lies.
        folder: itself.
        record: its `record.json`.
    """

    workspace: Workspace
    folder: Path
    record: Record

    @property
    def threshold(self) -> float:
        """Confidence below which pseudo-labels were dropped when the artefact was made."""
        return float(self.record.details["threshold"])

    @property
    def round(self) -> int:
        """1 for teachers that learnt from no pseudo-labels, 2 for their students' and so on."""
        return int(self.record.details["round"])

    @cached_property
    def items(self) -> PseudoItems:
        """The images."""
        return PseudoItems.read(self.folder)

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


def leak_free_table(labels: PseudoLabels, fold: Fold, folds: str) -> FoldTable:
    """Return the table from which the student of `fold` may learn.

    Args:
        labels: the artefact.
        fold: of the student.
        folds: digest of the present folds.

    Raises:
        DataError: it was made with other folds, has no table for this one, its files are not those
            that were written, or a teacher may have been trained on labels of the fold.
    """
    name = labels.record.id
    if labels.record.inputs["folds"] != folds:
        raise DataError(
            f"{name} was made with other folds: its teachers of fold {fold} may have seen our rows",
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
    _refuse_leaking_teachers(name, fold, table.every_teacher, folder)
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


def _refuse_leaking_teachers(name: str, fold: Fold, teachers: Sequence[str], where: Path) -> None:
    if fold == "full":
        return
    for teacher in teachers:
        models = [_MODEL.fullmatch(one) for one in teacher.split(SEPARATOR)]
        if not models or any(one is None or one["fold"] != str(fold) for one in models):
            raise DataError(
                f"{name} teaches fold {fold} predictions of {teacher!r}, which learnt from "
                f"the labels of fold {fold}",
                where=where,
                fix="only fold models teach their own fold: make it with `podium pseudo`",
            )


def file_digests(workspace: Workspace, folder: Path) -> dict[str, str]:
    """Return the sha256 of each file of a fold's folder that is there."""
    files = [folder / name for name in FILES if (folder / name).is_file()]
    digests = FileDigests(workspace).each(files)
    return {file.name: digest for file, digest in zip(files, digests, strict=True)}


def items_digest(items: PseudoItems) -> str:
    """Return the sha256 of which images there are; where they lie changes nothing."""
    rows = [list(row) for row in zip(items.splits, items.ids, items.digests, strict=True)]
    return hashlib.sha256(canonical_json(rows).encode("ascii")).hexdigest()


def check_images(labels: PseudoLabels, competition: Competition, rows: Sequence[int]) -> None:
    """Raise DataError where an image of these rows is not the one that the teachers predicted."""
    items = labels.items
    images = [items.images[row] for row in rows]
    files = [competition.root / path for paths in images for path in paths if path]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise DataError(
            f"{plural(len(missing), 'image')} of {labels.record.id} "
            f"{'is' if len(missing) == 1 else 'are'} missing: {some(missing)}",
            where=labels.folder,
            fix="put them back, or make the pseudo-labels again",
        )
    present = sha256_of_images(labels.workspace, competition.root, images)
    changed = [
        first_file(items.images[row])
        for row, digest in zip(rows, present, strict=True)
        if digest != items.digests[row]
    ]
    if changed:
        raise DataError(
            f"{plural(len(changed), 'image')} of {labels.record.id} changed since: {some(changed)}",
            where=labels.folder,
            fix="make the pseudo-labels again with `podium pseudo`",
        )
