"""Stored masks, read a band of rows at a time: of one fold, pooled, averaged over folds, blended.

Memory is bounded: what is held grows neither with a band nor with the number of members. A band is
made a block of rows at a time, and for a mean one member's block is read after the other. Sums are
of float64, rounded once to float32.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.errors import DAMAGED_ARRAY, DataError, UsageError, plural
from podium.predictions import _kernels
from podium.predictions.store.fold_reader import FoldReader, unreadable_fold
from podium.predictions.store.positions import require_positions
from podium.workspace import digests

__all__ = [
    "LEVELS",
    "PROBS_OF_LEVELS",
    "UNCOVERED",
    "MaskArrays",
    "MaskDtype",
    "MaskFold",
    "MaskProbs",
    "MeanMasks",
    "MixedMasks",
    "OofMasks",
    "Size",
    "grey_values",
    "mix_masks",
    "row_bands",
    "weighted_mean",
]


MaskDtype = Literal["uint8", "float16"]
Size = tuple[int, int]
Floats = NDArray[np.float32]

LEVELS = 254
"""A stored uint8 is round(p · 254) …"""
UNCOVERED = 255
"""… or this, where no view covered the pixel."""

PROBS_OF_LEVELS: Floats = np.append(np.arange(LEVELS + 1) / LEVELS, np.nan).astype(np.float32)
"""`(256,)`: the probability of each stored uint8."""


@dataclass(frozen=True)
class _MaskChunk:
    path: Path
    start: int  # bytes before the first value
    values: int


class MaskFold:
    """The masks of one fold folder; threads may read at once.

    Attributes:
        folder: where they lie.
        meta: what `meta.json` holds.
        model: what made them.
        channels: C.
        dtype: how they are kept.
        ids: `(N,)`, in stored order.
    """

    def __init__(self, folder: Path) -> None:
        fold = FoldReader(folder)
        self.folder, self.meta, self.model = folder, fold.meta, fold.model
        self.channels, self.ids = fold.channels, fold.ids
        self.dtype = str(fold.meta.get("dtype", "float32"))
        if self.dtype not in get_args(MaskDtype):
            raise UsageError(
                "these predictions are not masks", where=folder, fix="read them with oof or mean"
            )
        self._intact: set[Path] = set()
        # Little-endian on every machine, as it is written.
        self._dtype = np.dtype(self.dtype).newbyteorder("<")

    @cached_property
    def sizes(self) -> list[Size]:
        """`(N,)` (height, width)."""
        heights, widths = self._index["height"].tolist(), self._index["width"].tolist()
        return list(zip(heights, widths, strict=True))

    def band(self, i: int, top: int, bottom: int) -> Floats:
        """Return rows `top` to `bottom` of mask `i`, `(bottom - top, W, C)`; nan: not covered."""
        return levels_to_floats(self.stored(i, top, bottom))

    def stored(
        self, i: int, top: int, bottom: int, room: NDArray[np.uint8] | None = None
    ) -> NDArray[Any]:
        """Return the same rows as they are kept: uint8 of 0 to 254 and UNCOVERED, or float16.

        Args:
            i, top, bottom: as for `band`.
            room: `(n,)`, where they are read into if they fit there: a loop over many rows then
                allocates nothing, as allocating costs more than the reading.
        """
        height, width = self.sizes[i]
        if not 0 <= top <= bottom <= height:
            raise UsageError(
                f"mask {self.ids[i]!r} has {height} rows, not {top} to {bottom}", where=self.folder
            )
        rows = _empty((bottom - top, width, self.channels), self._dtype, room)
        chunk = self._chunks[int(self._index["chunk"][i])]
        if chunk.path not in self._intact:
            digests.check(chunk.path)
            self._intact.add(chunk.path)
        first = int(self._index["offset"][i]) + top * width * self.channels
        # Read, not mapped: a blend of fifty models would hold thousands of open maps, and their
        # pages count as the process's memory.
        try:
            with chunk.path.open("rb", buffering=0) as file:
                file.seek(chunk.start + first * self._dtype.itemsize)
                n_read = _read_into(file, rows) if rows.size else 0
        except OSError as error:
            raise unreadable_fold(self.folder, error) from error
        if n_read != rows.nbytes:
            raise unreadable_fold(self.folder, f"{chunk.path.name} is cut short")
        return rows

    @cached_property
    def _index(self) -> dict[str, NDArray[np.int64]]:
        from pyarrow import parquet

        names = ["chunk", "offset", "height", "width"]
        digests.check(self.folder / "ids.parquet")
        try:
            table = parquet.read_table(self.folder / "ids.parquet", columns=names)
        except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
            raise unreadable_fold(self.folder, error) from error
        return {name: table.column(name).to_numpy().astype(np.int64) for name in names}

    @cached_property
    def _chunks(self) -> list[_MaskChunk]:
        n_chunks = int(self.meta["chunks"])
        chunks = [self._open(self.folder / f"chunk-{i:04d}.npy") for i in range(n_chunks)]
        heights, widths = self._index["height"], self._index["width"]
        stops = self._index["offset"] + heights * widths * self.channels
        for i, (number, stop) in enumerate(zip(self._index["chunk"], stops, strict=True)):
            if not 0 <= number < n_chunks or stop > chunks[number].values:
                raise unreadable_fold(
                    self.folder, f"the values of mask {self.ids[i]!r} are not there"
                )
        return chunks

    def _open(self, path: Path) -> _MaskChunk:
        try:
            with path.open("rb") as file:
                np.lib.format.read_magic(file)
                shape, _, dtype = np.lib.format.read_array_header_1_0(file)
                start = file.tell()
            n_bytes = path.stat().st_size - start
        except DAMAGED_ARRAY as error:
            raise unreadable_fold(self.folder, error) from error
        if dtype != self._dtype or len(shape) != 1 or n_bytes != shape[0] * dtype.itemsize:
            raise unreadable_fold(self.folder, f"{path.name} is damaged")
        return _MaskChunk(path, start, int(shape[0]))


def _empty(
    shape: tuple[int, ...], dtype: np.dtype[Any], room: NDArray[np.uint8] | None
) -> NDArray[Any]:
    """Return an array of any content, in `room` where it fits there."""
    n_bytes = math.prod(shape) * dtype.itemsize
    if room is None or len(room) < n_bytes:
        return np.empty(shape, dtype)
    return room[:n_bytes].view(dtype).reshape(shape)


def levels_to_floats(kept: NDArray[Any]) -> Floats:
    """Return stored rows `(h, W, C)` as probabilities, nan where they are not covered."""
    if kept.dtype.itemsize > 1:
        return kept.astype(np.float32, copy=False)
    # cv2's table look-up is 5 times as fast as numpy's.
    flat = cv2.LUT(kept.reshape(len(kept), -1), PROBS_OF_LEVELS)
    return np.asarray(flat, dtype=np.float32).reshape(kept.shape)


def _read_into(file: Any, rows: NDArray[Any]) -> int:
    """Fill `rows` from `file`, and return how many bytes came; one read gives 2 GiB at most."""
    left = rows.reshape(-1).view(np.uint8).data
    total = len(left)
    while left and (n := file.readinto(left)):
        left = left[n:]
    return total - len(left)


class BandReader(Protocol):
    """Reads a mask."""

    def __call__(
        self, top: int, bottom: int, room: NDArray[np.uint8] | None = None, /
    ) -> NDArray[Any]:
        """Return rows `top` to `bottom`, `(h, W, C)`, as floats or as they are kept.

        They may be read into `room`.
        """


WeightedReader = tuple[BandReader, float]
"""The function that reads a member's mask, and the member's weight."""

Combine = Callable[[list[Floats]], Floats]
"""The function from M arrays of pixels `(P, C)` to one, float32."""

BLOCK_VALUES = 2**16  # of a member, summed at a time: the sums, 512 KB, stay in a core's cache
COMBINED_VALUES = 2**20  # of all members together, combined at a time: 4 MB


class _SumBuffers(threading.local):
    """The buffers of a thread's sums; allocating for each block costs more than the sums."""

    def __init__(self) -> None:
        self.room = np.empty(2 * BLOCK_VALUES, np.uint8)
        self._free: list[NDArray[np.float64]] = []

    @contextmanager
    def sums(self, n: int) -> Iterator[NDArray[np.float64]]:
        """Return `n` zeros; a mean of means needs two buffers at once."""
        if n > BLOCK_VALUES:
            yield np.zeros(n)
            return
        sums = self._free.pop() if self._free else np.empty(BLOCK_VALUES, np.float64)
        sums[:n] = 0
        yield sums[:n]
        self._free.append(sums)


_buffers = _SumBuffers()


def band_in_blocks(
    make: Callable[[int, int], Floats],
    top: int,
    bottom: int,
    *,
    row_values: int,
    most: int | None = None,
) -> Floats:
    """Return the rows that `make` gives from one row to another, made a few at a time.

    Args:
        make: from two numbers of rows to what stands between them, `(h, W, C)`.
        top, bottom: the rows.
        row_values: values of a row.
        most: values that are made at a time; a row is not cut. None: what a core's cache holds.
    """
    step = max(1, (BLOCK_VALUES if most is None else most) // row_values)
    if bottom - top <= step:
        return make(top, bottom)
    first = make(top, top + step)
    found = np.empty((bottom - top, *first.shape[1:]), np.float32)
    found[:step] = first
    for start in range(top + step, bottom, step):
        stop = min(bottom, start + step)
        found[start - top : stop - top] = make(start, stop)
    return found


def weighted_mean(parts: Sequence[WeightedReader], top: int, bottom: int) -> Floats:
    """Return the mean of rows `top` to `bottom`, of the members that cover a pixel.

    Args:
        parts: the members, added in this order.
        top, bottom: the rows.
    """
    first = parts[0][0](top, bottom, _buffers.room)
    weight_sum = 0.0
    with _buffers.sums(first.size) as total:
        for m, (read, weight) in enumerate(parts):
            kept = read(top, bottom, _buffers.room) if m else first
            if kept.dtype.itemsize > 2:
                total += np.multiply(kept, weight, dtype=np.float64).reshape(-1)
            else:
                _kernels.add_weighted(total, kept, weight, PROBS_OF_LEVELS)
            weight_sum += weight
        found = np.empty(first.shape, np.float32)
        is_covered = _kernels.divide_sums(total, weight_sum, found.reshape(-1))
    if is_covered:
        return found
    return mean_of_covered((levels_to_floats(read(top, bottom)), weight) for read, weight in parts)


def mean_of_covered(bands: Iterable[tuple[Floats, float]]) -> Floats:
    """Return the weighted mean of bands where they are not nan; nan where all are."""
    total: NDArray[np.float64] | None = None
    weight_sum: NDArray[np.float64] | float = 0.0
    for band, weight in bands:
        bare = np.isnan(band)
        if bare.any():
            band = np.where(bare, np.float32(0), band)
            weight_sum = weight_sum + weight * ~bare
        else:
            weight_sum = weight_sum + weight
        part = np.multiply(band, weight, dtype=np.float64)
        total = part if total is None else np.add(total, part, out=total)
    assert total is not None
    with np.errstate(invalid="ignore"):
        return np.asarray(total / weight_sum, dtype=np.float32)


def levels_mean(reads: Sequence[BandReader], top: int, bottom: int) -> Floats:
    """Return the mean of rows that are kept as uint8: sums of whole numbers, divided once."""
    total: NDArray[np.uint16] | None = None
    for read in reads:
        band = read(top, bottom, _buffers.room)
        if band.max(initial=0) == UNCOVERED:
            return _levels_mean_of_covered([one(top, bottom) for one in reads])
        total = np.zeros(band.shape, np.uint16) if total is None else total
        total += band
    assert total is not None
    return total.astype(np.float32) / np.float32(LEVELS * len(reads))


def _levels_mean_of_covered(bands: Sequence[NDArray[np.uint8]]) -> Floats:
    total, count = (np.zeros(bands[0].shape, np.uint16) for _ in range(2))
    for band in bands:
        covered = band != UNCOVERED
        total += band * covered
        count += covered
    with np.errstate(invalid="ignore"):  # 0 / 0 is the nan of a pixel that no member covers
        return total.astype(np.float32) / (count.astype(np.float32) * np.float32(LEVELS))


def combine_members(
    parts: Sequence[WeightedReader], combine: Combine, top: int, bottom: int
) -> Floats:
    """Return what `combine` makes of the pixels of rows `top` to `bottom`.

    Where a member does not cover a pixel, the weighted mean of the others stands in for it. A pixel
    that no member covers stays nan, as does one that only members of weight 0 cover.
    """
    bands = [levels_to_floats(read(top, bottom)) for read, _ in parts]
    shape = bands[0].shape
    pixels = [band.reshape(-1, shape[-1]) for band in bands]
    bare = [np.isnan(one) for one in pixels]
    if not any(one.any() for one in bare):
        return combine(pixels).reshape(shape)
    mean = mean_of_covered(zip(pixels, (weight for _, weight in parts), strict=True))
    nobody: NDArray[np.bool_] = np.asarray(np.isnan(mean).any(axis=1))
    mean[nobody] = 0
    filled = [np.where(gap, mean, one) for one, gap in zip(pixels, bare, strict=True)]
    found = combine(filled)
    found[nobody] = np.nan
    return found.reshape(shape)


Order = NDArray[np.int64]

_MOST_SUMMED = 2**16 // (LEVELS + 1)  # masks whose uint8 values add up in 16 bits


class MaskProbs(Protocol):
    """Probabilities of the pixels of N images; threads may read at once."""

    @property
    def ids(self) -> Sequence[str]:
        """`(N,)`."""

    @property
    def sizes(self) -> Sequence[Size]:
        """`(N,)` (height, width)."""

    @property
    def channels(self) -> int:
        """C."""

    def band(self, i: int, top: int, bottom: int) -> Floats:
        """Return rows `top` to `bottom` of mask `i`, `(bottom - top, W, C)`; callers only read.

        A pixel that no view covered is nan in every channel.
        """


def row_bands(probs: MaskProbs, i: int, n_values: int) -> Iterator[tuple[slice, Floats]]:
    """Yield mask `i` from top to bottom: rows of at most `n_values` values, at least one row."""
    height, width = probs.sizes[i]
    step = max(1, n_values // (width * probs.channels))
    for top in range(0, height, step):
        bottom = min(height, top + step)
        yield slice(top, bottom), probs.band(i, top, bottom)


@dataclass(frozen=True)
class MaskArrays:
    """Masks of probabilities in memory, in the form in which stored ones are read.

    Attributes:
        ids: `(N,)`.
        arrays: `(N,)` arrays `(H, W, C)`; nan where no view covered a pixel.
    """

    ids: Sequence[str]
    arrays: Sequence[NDArray[np.floating]]

    @property
    def sizes(self) -> list[Size]:
        return [(len(one), one.shape[1]) for one in self.arrays]

    @property
    def channels(self) -> int:
        return int(self.arrays[0].shape[2])

    def band(self, i: int, top: int, bottom: int) -> Floats:
        return self.arrays[i][top:bottom].astype(np.float32, copy=False)


@dataclass(frozen=True)
class OofMasks:
    """Out-of-fold masks of all folds there are, pooled; they stand fold after fold.

    Attributes:
        ids: `(N,)`.
        folds: `(N,)`, int64: the fold of each mask.
        models: fold → what made its masks.
    """

    ids: list[str]
    folds: NDArray[np.int64]
    models: dict[int, str]
    _parts: Mapping[int, MaskFold]
    _rows: Order

    @classmethod
    def of(cls, parts: Mapping[int, MaskFold]) -> OofMasks:
        """Return the masks of `parts`, fold → its masks."""
        counts = [len(part.ids) for part in parts.values()]
        return cls(
            ids=[one for part in parts.values() for one in part.ids],
            folds=np.repeat(np.array(list(parts), dtype=np.int64), counts),
            models={fold: part.model for fold, part in parts.items()},
            _parts=parts,
            _rows=np.concatenate([np.arange(n, dtype=np.int64) for n in counts]),
        )

    @property
    def row_models(self) -> list[str]:
        """`(N,)`: what made each mask."""
        return [self.models[int(fold)] for fold in self.folds]

    @cached_property
    def sizes(self) -> list[Size]:
        """`(N,)` (height, width)."""
        rows = zip(self.folds.tolist(), self._rows.tolist(), strict=True)
        return [self._parts[fold].sizes[row] for fold, row in rows]

    @property
    def channels(self) -> int:
        """C."""
        return next(iter(self._parts.values())).channels

    def band(self, i: int, top: int, bottom: int) -> Floats:
        """Return rows `top` to `bottom` of mask `i`, `(bottom - top, W, C)`; nan: not covered."""
        fold, row = self.stored_at(i)
        return fold.band(row, top, bottom)

    def stored_at(self, i: int) -> tuple[MaskFold, int]:
        """Return where mask `i` is stored: the masks of its fold, and its place among them."""
        return self._parts[int(self.folds[i])], int(self._rows[i])

    def align(self, ids: Sequence[str]) -> OofMasks:
        """Return the masks in the order of `ids`.

        Raises:
            DataError: one of `ids` has no prediction.
        """
        take = require_positions(self.ids, ids, "the OOF", where=None)
        return OofMasks(list(ids), self.folds[take], self.models, self._parts, self._rows[take])


class MeanMasks:
    """The mean over the fold models that cover a pixel, in the order of the first one's masks.

    Attributes:
        ids: `(N,)`.
        sizes: `(N,)` (height, width).
        channels: C.
    """

    def __init__(self, folds: Sequence[MaskFold], orders: Sequence[Order | None]) -> None:
        self._folds = folds
        self._rows = [
            np.arange(len(fold.ids)) if order is None else order
            for fold, order in zip(folds, orders, strict=True)
        ]
        self.ids, self.sizes, self.channels = folds[0].ids, folds[0].sizes, folds[0].channels
        for fold, rows in zip(folds, self._rows, strict=True):
            _check_sizes(self.ids, self.sizes, [fold.sizes[row] for row in rows], str(fold.folder))
        self._is_quantised = (
            all(fold.dtype == "uint8" for fold in folds) and len(folds) <= _MOST_SUMMED
        )

    def band(self, i: int, top: int, bottom: int) -> Floats:
        """Return rows `top` to `bottom` of mask `i`, `(bottom - top, W, C)`; nan: not covered."""
        reads = [
            partial(fold.stored, int(rows[i]))
            for fold, rows in zip(self._folds, self._rows, strict=True)
        ]

        def mean(first: int, last: int) -> Floats:
            if self._is_quantised:
                return levels_mean(reads, first, last)
            return weighted_mean([(read, 1.0) for read in reads], first, last)

        return band_in_blocks(mean, top, bottom, row_values=self.sizes[i][1] * self.channels)


class MixedMasks:
    """Members combined, by default to their weighted mean, each where it covers a pixel.

    Attributes:
        ids: `(N,)`.
        sizes: `(N,)` (height, width).
        channels: C.
    """

    def __init__(
        self,
        members: Sequence[MaskProbs],
        weights: Sequence[float],
        orders: Sequence[Order],
        ids: Sequence[str],
        combine: Combine | None = None,
    ) -> None:
        self._combine = combine
        self._parts = list(zip(members, weights, orders, strict=True))
        self.ids, self.channels = list(ids), members[0].channels
        sizes = members[0].sizes
        self.sizes = [sizes[row] for row in orders[0]]

    def band(self, i: int, top: int, bottom: int) -> Floats:
        """Return rows `top` to `bottom` of mask `i`, `(bottom - top, W, C)`; nan: not covered."""
        parts: list[WeightedReader] = [
            (_reader(member, int(order[i])), weight) for member, weight, order in self._parts
        ]
        row_values = self.sizes[i][1] * self.channels
        if self._combine is not None:
            make = partial(combine_members, parts, self._combine)
            most = COMBINED_VALUES // len(parts)
            return band_in_blocks(make, top, bottom, row_values=row_values, most=most)
        if len(parts) == 1:
            member, _, order = self._parts[0]
            return member.band(int(order[i]), top, bottom)
        return band_in_blocks(partial(weighted_mean, parts), top, bottom, row_values=row_values)


def _reader(member: MaskProbs, row: int) -> BandReader:
    """Return the reader of a mask as it is kept where it lies in one file, else as floats."""
    if isinstance(member, OofMasks):
        member, row = member.stored_at(row)
    if isinstance(member, MaskFold):
        return partial(member.stored, row)
    return lambda top, bottom, room=None: member.band(row, top, bottom)


def grey_values(probs: MaskProbs) -> Iterator[tuple[str, Floats]]:
    """Yield the id and the probabilities of each image, `(H, W)` of one channel, else `(H, W, C)`.

    A pixel that no view covered is 0.
    """
    for i, (one, (height, _)) in enumerate(zip(probs.ids, probs.sizes, strict=True)):
        values = np.nan_to_num(probs.band(i, 0, height))
        yield one, values[..., 0] if probs.channels == 1 else values


def mix_masks(
    members: Sequence[MaskProbs],
    weights: Sequence[float],
    ids: Sequence[str] | None = None,
    *,
    combine: Combine | None = None,
) -> MixedMasks:
    """Return the weighted mean of `members`, or what else combines them, band by band when read.

    Args:
        members: the predictions to mix; the order of their masks may differ.
        weights: one a member, >= 0; they need not sum to 1. A pixel's mean is over the members
            that cover it.
        ids: which masks, in which order; None takes the first member's.
        combine: from M arrays of pixels `(P, C)` to one, float32; rows do not depend on each other.
            None: the weighted mean. Where a member does not cover a pixel, the weighted mean of the
                others stands in for it; a pixel that no member covers stays uncovered.

    Raises:
        UsageError: there is no member, or the weights are not one finite number >= 0 each.
        DataError: a member lacks an id, or members differ in channels or in the size of a mask.
    """
    weighed = [
        (member, weight)
        for member, weight in zip(members, _checked_weights(members, weights), strict=True)
        if weight > 0 or combine is not None
    ]
    kept, used = [one for one, _ in weighed], [weight for _, weight in weighed]
    counts = {member.channels for member in kept}
    if len(counts) > 1:
        raise DataError(f"members differ in their number of channels: {sorted(counts)}")
    wanted = list(kept[0].ids if ids is None else ids)
    orders = [
        require_positions(member.ids, wanted, f"member {i + 1}", where=None)
        for i, member in enumerate(members)
        if weights[i] > 0 or combine is not None
    ]
    mixed = MixedMasks(kept, used, orders, wanted, combine)
    for i, (member, order) in enumerate(zip(kept, orders, strict=True)):
        stored = member.sizes
        sizes = [stored[row] for row in order]
        _check_sizes(wanted, mixed.sizes, sizes, f"member {i + 1}")
    return mixed


def _checked_weights(members: Sequence[MaskProbs], weights: Sequence[float]) -> list[float]:
    values = np.asarray(weights, dtype=np.float64)
    fits = values.shape == (len(members),) and np.isfinite(values).all() and (values >= 0).all()
    if not fits or not values.any():
        raise UsageError(
            f"masks of {plural(len(members), 'member')} need as many weights >= "
            "0, one above 0, got "
            f"{list(weights)}"
        )
    return [float(one) for one in values]


def _check_sizes(
    ids: Sequence[str], wanted: Sequence[Size], got: Sequence[Size], what: str
) -> None:
    for one, size, other in zip(ids, wanted, got, strict=True):
        if size != other:
            raise DataError(
                f"{what} has the mask of {one!r} as {other[0]} × {other[1]}, the first one as "
                f"{size[0]} × {size[1]}",
                fix="predict them in one frame",
            )
