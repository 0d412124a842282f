"""Pseudo-labels on disk, one table a fold, read when asked for (no torch here).

    pseudo/<name>-<8 hex>/
        record.json            what they came from, and what is in each fold's table
        items.parquet          split, id, image, sha256 of every image; the order of all tables
        fold-K/table.parquet   id, label, confidence; of masks how sure and where; round, teacher
        fold-K/probs.npy       (N, C) float32, what the teachers said of the labels
        fold-K/masks.bin       of each image: its mask, then the confidence of each pixel (zlib)

Fold K's table is what the fold-K models say, and teaches nobody but the student of fold K; "full"
is for students that learn from all rows. All confidences are kept, so that whoever reads chooses
the threshold; only pixels below the artefact's own are `IGNORE` for ever.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import IGNORE, Mask
from podium.competition.spec import TaskKind
from podium.errors import DataError
from podium.predictions.confidence import LEVELS, least_level, pixel_confidence
from podium.predictions.mask_probs import MaskProbs

__all__ = [
    "FILES",
    "FoldTable",
    "Items",
    "Labels",
    "MaskPlace",
    "MaskPlaces",
    "MaskWriter",
    "classes_in",
    "read_fold",
    "read_pseudo_mask",
    "write_fold",
]

FILES = ("table.parquet", "probs.npy", "masks.bin")
"""Of a fold's folder; the last two where there are labels, and masks."""
_BAND_VALUES = 2**20
Labels = tuple[Sequence[str], NDArray[np.float32], NDArray[np.float32]]
"""Of N images: labels in words, their confidence `(N,)`, and probabilities `(N, C)`."""
_COMPRESSION = 1  # a noisy confidence shrinks little at any level, and slowly at the higher ones


_BETWEEN_FILES = "\n"  # of one image, in its cell


@dataclass(frozen=True)
class Items:
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
    def read(cls, folder: Path) -> Items:
        """Return the items of an artefact.

        Raises:
            DataError: they are missing or damaged.
        """
        table = _read_table(folder / "items.parquet")
        columns = [table.column(name).to_pylist() for name in ("split", "id", "image", "sha256")]
        splits, ids, images, digests = ([str(one) for one in column] for column in columns)
        return cls(splits, ids, [tuple(one.split(_BETWEEN_FILES)) for one in images], digests)


class MaskPlace(NamedTuple):
    """Where one mask lies: bytes of `masks.bin`, (height, width), and its classes (0: flat)."""

    start: int
    n_mask: int
    n_confidence: int
    size: tuple[int, int]
    layers: int


@dataclass(frozen=True)
class MaskPlaces:
    """Where the masks of a table lie, and how sure they are.

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

    def place(self, row: int) -> MaskPlace:
        """Return where the mask of a row lies."""
        height, width = self.sizes[row].tolist()
        lengths = int(self.n_mask[row]), int(self.n_confidence[row])
        return MaskPlace(int(self.starts[row]), *lengths, (height, width), self.layers)


@dataclass(frozen=True)
class FoldTable:
    """What the teachers of one fold say, in the order of the items.

    Attributes:
        folder: of the table.
        ids: `(N,)`.
        teachers: `(N,)`: "run/fold-k", several joined by " + ".
        rounds: `(N,)`: 1 for teachers that learnt from no pseudo-labels.
        probs: `(N, C)` float32; None where the teachers say no labels.
        masks: None where they say no masks.
    """

    folder: Path
    ids: list[str]
    teachers: list[str]
    rounds: NDArray[np.int64]
    probs: NDArray[np.float32] | None
    masks: MaskPlaces | None

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

    def __init__(self, folder: Path, kind: TaskKind, threshold: float, n_classes: int) -> None:
        self.showing = np.zeros(n_classes, dtype=np.int64)
        self._file: BinaryIO = (folder / "masks.bin").open("wb")
        self._kind, self._least = kind, least_level(threshold)
        self._layers = 0
        self._rows: list[tuple[Any, ...]] = []

    def add(self, probs: MaskProbs, i: int) -> None:
        """Write the mask of image `i`."""
        height, width = probs.sizes[i]
        packed, behind = zlib.compressobj(_COMPRESSION), zlib.compressobj(_COMPRESSION)
        start, waiting = self._file.tell(), bytearray()
        total = n_covered = n_kept = n_values = best = 0
        is_shown = np.zeros(len(self.showing), dtype=bool)
        step = max(1, _BAND_VALUES // (width * probs.channels))
        for top in range(0, height, step):
            band = probs.band(i, top, min(height, top + step))
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
        self._rows.append((start, *n_bytes, height, width, best, confidence, n_kept / n_values))

    def finish(self) -> MaskPlaces:
        """Close the file, and return where everything lies."""
        self._file.close()
        columns = [np.array(one) for one in zip(*self._rows, strict=True)]
        starts, n_mask, n_confidence, heights, widths, best, confidence, kept = columns
        return MaskPlaces(
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
    items: Items,
    teacher: str,
    number: int,
    labels: Labels | None,
    masks: MaskPlaces | None,
) -> None:
    """Write the table of one fold into `folder`, where `MaskWriter` wrote its masks.

    Args:
        folder: of the fold; is there.
        items: of the artefact.
        teacher: who says all of this.
        number: the round.
        labels: what is said of the labels, if anything.
        masks: where the masks lie.
    """
    columns: dict[str, Any] = {"id": items.ids}
    if labels is not None:
        words, confidence, probs = labels
        columns |= {"label": list(words), "confidence": confidence}
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

    def numbers(name: str) -> NDArray[Any]:
        return np.asarray(table.column(name).to_numpy())

    try:
        probs = (
            np.load(folder / "probs.npy", mmap_mode="r") if "label" in table.column_names else None
        )
        masks = None
        if "mask_start" in table.column_names:
            masks = MaskPlaces(
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
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise _damaged(folder, error) from error


def read_pseudo_mask(file: Path, place: MaskPlace, threshold: float) -> Mask:
    """Return one mask of `masks.bin`, `IGNORE` where it is less sure than `threshold`.

    Raises:
        DataError: the file is damaged.
    """
    shape = (*place.size, place.layers) if place.layers else place.size
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
