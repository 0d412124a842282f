"""Writing masks into the prediction store, as their rows come.

    <root>/<split>/segment/fold-K/   meta.json · ids.parquet · chunk-0000.npy …

A mask is kept as `height · width · channels` probabilities in a flat chunk file, in the
competition's frame: as uint8, `round(p · 254)`, or as float16. Where no view covered a pixel stands
255, or nan. A chunk holds at most 16 MiB, or one mask.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, get_args

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, RunError, UsageError, plural
from podium.predictions.store.masks import LEVELS, UNCOVERED, MaskDtype, Size
from podium.predictions.store.reading import Fold, Split
from podium.predictions.store.writing import fold_folder, new_fold, write_facts, write_index
from podium.tasks.protocols.names import PIXELS

__all__ = ["describe_bytes", "estimate_bytes", "require_space", "write_masks"]

CHUNK_BYTES = 16 * 2**20

# A mean of probabilities in half precision may pass 1 by a few units in its last place.
_SLACK = 1e-3
_SLICE_VALUES = 2**20

Array = NDArray[np.floating[Any]]


def write_masks(
    root: Path,
    split: Split,
    fold: Fold,
    *,
    ids: Sequence[str],
    sizes: Sequence[Size],
    bands: Iterable[Array],
    model: str,
    dtype: MaskDtype = "uint8",
    task: str = PIXELS,
    meta: Mapping[str, Any] | None = None,
) -> Path:
    """Write one fold model's predictions of the masks of `ids`, and return the new folder.

    No mask is in memory whole: its rows go to the file as they come.

    Args:
        root: the set's folder; split, task and fold become folders below it.
        split: which rows these are.
        fold: the fold whose rows the model did not see, or "full" for a refit on all rows.
        ids: `(N,)`, each once.
        sizes: `(N,)` (height, width) of each mask, in the competition's frame.
        bands: `(rows, width, C)` probabilities: the first mask's rows from top to bottom in as
            many bands as there are, then the next one's. A pixel that no view covered is nan in
            every channel.
        model: names what made these masks (run and fold).
        dtype: "uint8" keeps p to 1/508, "float16" to 1/4096.
        task: the task.
        meta: further facts to keep in `meta.json`.

    Raises:
        DataError: an id stands twice, a value is no probability, a mask is covered nowhere, or the
            bands do not fit the sizes; nothing is left behind.
        RunError: the fold is already there.
    """
    target = fold_folder(root, split, task, fold)
    names = [str(one) for one in ids]
    _check_sizes(names, sizes, target)
    _check_dtype(dtype)
    with new_fold(target, names) as folder:
        writer = _MaskWriter(folder, names, sizes, dtype, target)
        try:
            for band in bands:
                writer.add(np.asarray(band))
            writer.finish()
        finally:
            writer.close()
        heights, widths = np.asarray(sizes, dtype=np.int32).T
        chunks = np.asarray(writer.chunks, dtype=np.int32)
        offsets = np.asarray(writer.offsets, dtype=np.int64)
        write_index(folder, names, chunk=chunks, offset=offsets, height=heights, width=widths)
        facts = {"model": model, "dtype": dtype, "channels": writer.channels}
        write_facts(folder, target, names, int(chunks[-1]) + 1, facts, meta)
    return target


def estimate_bytes(
    sizes: Iterable[Size], channels: int, dtype: MaskDtype = "uint8", n_folds: int = 1
) -> int:
    """Return how many bytes the masks of `n_folds` fold models take on disk.

    Example:
        >>> estimate_bytes([(224, 224)] * 752, channels=51, n_folds=5) / 2**30
        8.96...
    """
    _check_dtype(dtype)
    pixels = sum(height * width for height, width in sizes)
    return pixels * channels * n_folds * np.dtype(dtype).itemsize


def describe_bytes(
    sizes: Sequence[Size],
    channels: int,
    dtype: MaskDtype = "uint8",
    n_folds: int = 1,
    *,
    has_background: bool = False,
) -> str:
    """Return the estimate as one sentence.

    Args:
        sizes, channels, dtype, n_folds: as of `estimate_bytes`.
        has_background: whether the first channel is the background, the others classes.

    Example:
        >>> describe_bytes([(224, 224)] * 752, channels=51, n_folds=5)
        'masks of 752 images × 51 channels × 5 folds: 9.0 GiB as uint8'
        >>> describe_bytes([(224, 224)] * 752, channels=9, n_folds=5, has_background=True)
        'masks of 752 images × (8 classes and background) × 5 folds: 1.6 GiB as uint8'
    """
    size = _readable(estimate_bytes(sizes, channels, dtype, n_folds))
    of_classes = plural(channels, "channel")
    if has_background:
        name = "class" if channels == 2 else "classes"
        of_classes = f"({channels - 1:,} {name} and background)"
    counts = [plural(len(sizes), "image"), of_classes, plural(n_folds, "fold")]
    return f"masks of {' × '.join(counts)}: {size} as {dtype}"


def require_space(
    folder: Path,
    sizes: Sequence[Size],
    channels: int,
    dtype: MaskDtype = "uint8",
    n_folds: int = 1,
    *,
    has_background: bool = False,
) -> None:
    """Raise RunError when the disk of `folder` has no room for these masks."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(there).free
    if estimate_bytes(sizes, channels, dtype, n_folds) > free:
        needed = describe_bytes(sizes, channels, dtype, n_folds, has_background=has_background)
        smaller = "predict: {dtype: uint8}, a smaller frame, " if dtype != "uint8" else ""
        raise RunError(
            f"{needed}, but {_readable(free)} are free",
            where=folder,
            fix=f"free disk space, or take {smaller or 'a smaller frame '}or fewer folds",
        ) from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _readable(n_bytes: int) -> str:
    for unit, power in (("GiB", 30), ("MiB", 20)):
        if n_bytes >= 2**power:
            return f"{n_bytes / 2**power:,.1f} {unit}"
    return f"{n_bytes / 2**10:,.1f} KiB"


def _check_dtype(dtype: str) -> None:
    if dtype not in get_args(MaskDtype):
        raise UsageError(f"masks are kept as uint8 or float16, not {dtype!r}")


def _check_sizes(ids: Sequence[str], sizes: Sequence[Size], where: Path) -> None:
    if len(ids) != len(sizes):
        raise DataError(f"{plural(len(ids), 'id')} but {plural(len(sizes), 'size')}", where=where)
    for one, (height, width) in zip(ids, sizes, strict=True):
        if height < 1 or width < 1:
            raise DataError(f"the mask of {one!r} has no pixels: {height} × {width}", where=where)


class _MaskWriter:
    """Appends bands to chunk files; holds a slice of one band in memory."""

    def __init__(
        self, folder: Path, ids: Sequence[str], sizes: Sequence[Size], dtype: str, where: Path
    ) -> None:
        self.folder, self.ids, self.sizes, self.where = folder, ids, sizes, where
        self.dtype = np.dtype(dtype).newbyteorder("<")
        self.channels = 0
        self.chunks: list[int] = []
        self.offsets: list[int] = []
        self._file: BinaryIO | None = None
        self._mask = -1  # which mask is being written
        self._rows_left = 0
        self._is_covered = True

    def add(self, band: Array) -> None:
        if not self.channels:
            self._start(band)
        if band.ndim == 3 and len(band) == 0:
            return
        if not self._rows_left:
            self._next_mask()
        self._check_shape(band)
        self._rows_left -= len(band)
        for rows in _slices(band):
            values, is_covered = self._checked(rows)
            self._is_covered |= is_covered
            assert self._file is not None
            self._file.write(_encoded(values, self.dtype).data)

    def finish(self) -> None:
        if self._rows_left:
            height = self.sizes[self._mask][0]
            raise self._wrong(f"{height - self._rows_left} of {height} rows came")
        self._check_covered()
        if self._mask != len(self.ids) - 1:
            raise DataError(
                f"{plural(len(self.ids), 'id')} but {self._mask + 1} masks", where=self.where
            )

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _start(self, band: Array) -> None:
        if band.ndim != 3 or band.shape[2] == 0:
            raise DataError(f"bands are (rows, width, C), got {band.shape}", where=self.where)
        self.channels = band.shape[2]
        values = [height * width * self.channels for height, width in self.sizes]
        per_chunk = CHUNK_BYTES // self.dtype.itemsize
        self.chunks, self.offsets, self._chunk_values = _layout(values, per_chunk)

    def _next_mask(self) -> None:
        self._check_covered()
        self._mask += 1
        if self._mask == len(self.ids):
            raise DataError(
                f"there are more masks than the {plural(len(self.ids), 'id')}", where=self.where
            )
        self._rows_left, self._is_covered = self.sizes[self._mask][0], False
        if self.offsets[self._mask] == 0:
            self._open_chunk(self.chunks[self._mask])

    def _open_chunk(self, number: int) -> None:
        self.close()
        self._file = (self.folder / f"chunk-{number:04d}.npy").open("wb")
        header = {
            "descr": np.lib.format.dtype_to_descr(self.dtype),
            "fortran_order": False,
            "shape": (self._chunk_values[number],),
        }
        np.lib.format.write_array_header_1_0(self._file, header)

    def _check_shape(self, band: Array) -> None:
        height, width = self.sizes[self._mask]
        if band.ndim != 3 or band.shape[1:] != (width, self.channels):
            raise self._wrong(f"bands must be (rows, {width}, {self.channels}), got {band.shape}")
        if len(band) > self._rows_left:
            raise self._wrong(f"a band passes the last of {height} rows")

    def _checked(self, rows: Array) -> tuple[Array, bool]:
        """Return `rows` in [0, 1] or nan, and whether any pixel is covered."""
        low, high = rows.min(), rows.max()
        if low >= 0 and high <= 1:
            return rows, True
        bare = np.isnan(rows)
        if bare.any():
            whole = bare.all(axis=2)
            if (bare.any(axis=2) != whole).any():
                raise self._wrong("a pixel is nan in some channels only", diverged=True)
            covered = rows[~whole]
            if not covered.size:
                return rows, False
            low, high = covered.min(), covered.max()
        if low < -_SLACK or high > 1 + _SLACK:
            raise self._wrong(f"probabilities are in [0, 1], got {low:g} to {high:g}")
        return np.clip(rows, 0, 1), True

    def _check_covered(self) -> None:
        if not self._is_covered:
            raise self._wrong("not one pixel has a finite value", diverged=True)

    def _wrong(self, what: str, *, diverged: bool = False) -> DataError:
        fix = "the training diverged or an image is broken: look at the fold's metrics.csv"
        return DataError(
            f"the mask of {self.ids[self._mask]!r}: {what}",
            where=self.where,
            fix=fix if diverged else None,
        )


def _layout(values: Sequence[int], per_chunk: int) -> tuple[list[int], list[int], list[int]]:
    """Return each mask's chunk and offset in it, and the values of each chunk."""
    chunks, offsets, in_chunk = [], [], [0]
    for n in values:
        if in_chunk[-1] and in_chunk[-1] + n > per_chunk:
            in_chunk.append(0)
        chunks.append(len(in_chunk) - 1)
        offsets.append(in_chunk[-1])
        in_chunk[-1] += n
    return chunks, offsets, in_chunk


def _slices(band: Array) -> Iterator[Array]:
    rows = max(1, _SLICE_VALUES // (band.shape[1] * band.shape[2]))
    for first in range(0, len(band), rows):
        yield band[first : first + rows]


def _encoded(rows: Array, dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.itemsize > 1:
        return np.ascontiguousarray(rows, dtype=dtype)
    scaled = rows * np.float32(LEVELS)
    np.rint(scaled, out=scaled)
    if np.isnan(scaled.min()):
        scaled[np.isnan(scaled)] = UNCOVERED
    return np.asarray(scaled, dtype=np.uint8, order="C")
