"""Reading the masks of one fold folder: a band of rows at a time, nothing kept in memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.errors import UsageError
from podium.predictions.fold_reading import FoldReader, unreadable

__all__ = ["LEVELS", "PROBS", "UNCOVERED", "MaskDtype", "MaskFold", "Size", "as_floats"]

MaskDtype = Literal["uint8", "float16"]
Size = tuple[int, int]
Floats = NDArray[np.float32]

LEVELS = 254
"""A stored uint8 is round(p · 254) …"""
UNCOVERED = 255
"""… or this, where no view covered the pixel."""

PROBS: Floats = np.append(np.arange(LEVELS + 1) / LEVELS, np.nan).astype(np.float32)
"""`(256,)`: what each stored uint8 says."""


@dataclass(frozen=True)
class _Chunk:
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
        # Little-endian on every machine, as it is written.
        self._dtype = np.dtype(self.dtype).newbyteorder("<")

    @cached_property
    def sizes(self) -> list[Size]:
        """`(N,)` (height, width)."""
        heights, widths = self._index["height"].tolist(), self._index["width"].tolist()
        return list(zip(heights, widths, strict=True))

    def band(self, i: int, top: int, bottom: int) -> Floats:
        """Return rows `top` to `bottom` of mask `i`, `(bottom - top, W, C)`; nan: not covered."""
        return as_floats(self.stored(i, top, bottom))

    def stored(
        self, i: int, top: int, bottom: int, room: NDArray[np.uint8] | None = None
    ) -> NDArray[Any]:
        """Return the same rows as they are kept: uint8 of 0 to 254 and UNCOVERED, or float16.

        Args:
            i, top, bottom: as for `band`.
            room: `(n,)`, where they are read into if they fit there: whoever reads many rows need
                not ask for memory each time, which costs more than the reading.
        """
        height, width = self.sizes[i]
        if not 0 <= top <= bottom <= height:
            raise UsageError(
                f"mask {self.ids[i]!r} has {height} rows, not {top} to {bottom}", where=self.folder
            )
        rows = _empty((bottom - top, width, self.channels), self._dtype, room)
        chunk = self._chunks[int(self._index["chunk"][i])]
        first = int(self._index["offset"][i]) + top * width * self.channels
        # Read, not mapped: a blend of fifty models would hold thousands of open maps, and their
        # pages count as the process's memory.
        try:
            with chunk.path.open("rb", buffering=0) as file:
                file.seek(chunk.start + first * self._dtype.itemsize)
                n_read = _read_into(file, rows) if rows.size else 0
        except OSError as error:
            raise unreadable(self.folder, error) from error
        if n_read != rows.nbytes:
            raise unreadable(self.folder, f"{chunk.path.name} is cut short")
        return rows

    @cached_property
    def _index(self) -> dict[str, NDArray[np.int64]]:
        from pyarrow import parquet

        names = ["chunk", "offset", "height", "width"]
        try:
            table = parquet.read_table(self.folder / "ids.parquet", columns=names)
        except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
            raise unreadable(self.folder, error) from error
        return {name: table.column(name).to_numpy().astype(np.int64) for name in names}

    @cached_property
    def _chunks(self) -> list[_Chunk]:
        n_chunks = int(self.meta["chunks"])
        chunks = [self._open(self.folder / f"chunk-{i:04d}.npy") for i in range(n_chunks)]
        heights, widths = self._index["height"], self._index["width"]
        stops = self._index["offset"] + heights * widths * self.channels
        for i, (number, stop) in enumerate(zip(self._index["chunk"], stops, strict=True)):
            if not 0 <= number < n_chunks or stop > chunks[number].values:
                raise unreadable(self.folder, f"the values of mask {self.ids[i]!r} are not there")
        return chunks

    def _open(self, path: Path) -> _Chunk:
        try:
            with path.open("rb") as file:
                np.lib.format.read_magic(file)
                shape, _, dtype = np.lib.format.read_array_header_1_0(file)
                start = file.tell()
            n_bytes = path.stat().st_size - start
        except (OSError, ValueError) as error:
            raise unreadable(self.folder, error) from error
        if dtype != self._dtype or len(shape) != 1 or n_bytes != shape[0] * dtype.itemsize:
            raise unreadable(self.folder, f"{path.name} is damaged")
        return _Chunk(path, start, int(shape[0]))


def _empty(
    shape: tuple[int, ...], dtype: np.dtype[Any], room: NDArray[np.uint8] | None
) -> NDArray[Any]:
    """Return an array of any content, in `room` where it fits there."""
    n_bytes = math.prod(shape) * dtype.itemsize
    if room is None or len(room) < n_bytes:
        return np.empty(shape, dtype)
    return room[:n_bytes].view(dtype).reshape(shape)


def as_floats(kept: NDArray[Any]) -> Floats:
    """Return stored rows `(h, W, C)` as probabilities, nan where they are not covered."""
    if kept.dtype.itemsize > 1:
        return kept.astype(np.float32, copy=False)
    # cv2's table look-up is 5 times as fast as numpy's.
    flat = cv2.LUT(kept.reshape(len(kept), -1), PROBS)
    return np.asarray(flat, dtype=np.float32).reshape(kept.shape)


def _read_into(file: Any, rows: NDArray[Any]) -> int:
    """Fill `rows` from `file`, and return how many bytes came; one read gives 2 GiB at most."""
    left = rows.reshape(-1).view(np.uint8).data
    total = len(left)
    while left and (n := file.readinto(left)):
        left = left[n:]
    return total - len(left)
