"""Masks kept small in memory and on disk: pseudo-masks are large areas of one value."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import Mask

__all__ = ["PackedMasks"]

_FAST = 1  # of zlib's levels: areas of one value shrink at any


class PackedMasks(Sequence[Mask]):
    """Masks `(H, W)` or `(H, W, C)`, uint8; each is unpacked when it is read."""

    def __init__(self, packed: Iterable[tuple[bytes, tuple[int, ...]]] = ()) -> None:
        self._packed = list(packed)

    @classmethod
    def of(cls, masks: Iterable[Mask]) -> PackedMasks:
        """Return `masks` packed; those that are it already are not touched."""
        if isinstance(masks, PackedMasks):
            return masks
        found = cls()
        for mask in masks:
            found.append(mask)
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> PackedMasks:
        """Return what `to_arrays` described."""
        data, shapes = arrays["masks"].tobytes(), arrays["shapes"].tolist()
        stops = np.cumsum([0, *arrays["lengths"].tolist()]).tolist()
        parts = [data[start:stop] for start, stop in itertools.pairwise(stops)]
        flat = [tuple(shape) if shape[2] else tuple(shape[:2]) for shape in shapes]
        return cls(zip(parts, flat, strict=True))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return all masks as a few arrays, to be kept on disk."""
        shapes = [(*shape, 0)[:3] for _, shape in self._packed]  # a flat mask has 0 layers
        return {
            "masks": np.frombuffer(b"".join(data for data, _ in self._packed), np.uint8).copy(),
            "lengths": np.array([len(data) for data, _ in self._packed], np.int64),
            "shapes": np.array(shapes, np.int64).reshape(-1, 3),
        }

    def append(self, mask: Mask) -> None:
        """Keep `mask` behind the others.

        Raises:
            TypeError: it is not of bytes.
        """
        pixels = mask.astype(np.uint8, casting="safe", copy=False)
        self._packed.append((zlib.compress(pixels.tobytes(), _FAST), pixels.shape))

    def __add__(self, others: PackedMasks) -> PackedMasks:
        return PackedMasks([*self._packed, *others._packed])

    def subset(self, at: NDArray[np.int64]) -> PackedMasks:
        """Return the masks at these positions, none of them unpacked."""
        return PackedMasks([self._packed[one] for one in at])

    def __len__(self) -> int:
        return len(self._packed)

    @overload
    def __getitem__(self, at: int) -> Mask: ...

    @overload
    def __getitem__(self, at: slice) -> PackedMasks: ...

    def __getitem__(self, at: int | slice) -> Mask | PackedMasks:
        if isinstance(at, slice):
            return PackedMasks(self._packed[at])
        data, shape = self._packed[at]
        return np.frombuffer(bytearray(zlib.decompress(data)), dtype=np.uint8).reshape(shape)
