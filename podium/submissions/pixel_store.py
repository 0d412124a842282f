"""The values of pixels of many images on the disk, by image: written and read in any order."""

from __future__ import annotations

import tempfile
import weakref
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from podium.submissions.pixel_keys import Part

__all__ = ["PixelStore"]

_BYTES = 4


class PixelStore:
    """A float32 for each pixel, in a file without a name that goes with the process.

    Args:
        folder: on whose disk the file lies.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 — `close` closes it
        weakref.finalize(self, self._file.close)
        self._places: dict[str, tuple[int, tuple[int, int]]] = {}
        self._end = 0
        self._open: tuple[str, NDArray[np.float32]] | None = None

    def __enter__(self) -> PixelStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __contains__(self, sample_id: str) -> bool:
        return sample_id in self._places

    @property
    def ids(self) -> list[str]:
        """The images that there are."""
        return list(self._places)

    def add(self, sample_id: str, values: NDArray[np.float32]) -> None:
        """Keep the values `(H, W)` of an image that is not there yet."""
        self._file.seek(self._end)
        self._file.write(np.ascontiguousarray(values, dtype=np.float32).tobytes())
        self._file.flush()
        self._places[sample_id] = self._end, (values.shape[0], values.shape[1])
        self._end += values.size * _BYTES

    def has(self, part: Part) -> NDArray[np.bool_]:
        """Return which of the pixels of `part` are there, `(n,)`."""
        shape = self._places[part.sample_id][1] if part.sample_id in self else (0, 0)
        return np.asarray((part.rows < shape[0]) & (part.columns < shape[1]))

    def plane(self, sample_id: str) -> NDArray[np.float32]:
        """Return the values `(H, W)` of an image; a change of the array is one of the store."""
        if self._open is not None and self._open[0] == sample_id:
            return self._open[1]
        offset, shape = self._places[sample_id]
        if shape[0] * shape[1] == 0:
            return np.zeros(shape, dtype=np.float32)
        found = np.memmap(self._file, np.float32, "r+", offset=offset, shape=shape)
        self._open = sample_id, found
        return found

    def close(self) -> None:
        """Forget everything."""
        self._open = None
        self._file.close()
