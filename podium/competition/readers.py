"""Who reads image files: podium, or a function `read(path)` of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, PodiumError
from podium.workspace import extensions
from podium.workspace.ids import short_digest

__all__ = ["IMAGE", "Reader"]

_WANTED = extensions.Wanted(
    "a function read(path) that returns an array (H, W, 3) of uint8, RGB", callable
)
_SIZES_KEPT = 2**16


@dataclass(frozen=True)
class Reader:
    """How the image files of a competition are read.

    Args:
        name: "image", or `module:object` of a function from a path to `(H, W, 3)` uint8 in RGB. It
            is called in several threads and processes at once.
        root: the workspace's folder, in which the module is looked for first.
    """

    name: str = "image"
    root: Path | None = None

    @property
    def is_foreign(self) -> bool:
        """Whether it is the user's own."""
        return ":" in self.name

    @property
    def identity(self) -> str:
        """Names how files are read: what is decoded by another identity is another picture."""
        if not self.is_foreign:
            return self.name
        return f"own-{short_digest([self.name, self._sources()])}"

    def load(self) -> Callable[[Path], Any]:
        """Return the user's function.

        Raises:
            DataError: it cannot be imported, or is no function.
        """
        found: Callable[[Path], Any] = extensions.load_foreign(
            self.name, error=DataError, root=self.root, wanted=_WANTED
        )
        return found

    def require(self) -> None:
        """Raise where the user's function cannot be had, once and not for every image.

        Raises:
            DataError: as `load`.
        """
        if self.is_foreign:
            self.load()

    def read(self, path: Path) -> NDArray[np.uint8]:
        """Return what the user's function makes of `path`, `(H, W, 3)` uint8, C-contiguous.

        Raises:
            DataError: it fails, or returns something else.
            OSError: the file is missing or may not be read, or the disk failed.
        """
        function = self.load()
        try:
            found = function(path)
        except PodiumError:
            raise
        except Exception as cause:  # the function is the user's: whatever it raises is told
            if isinstance(cause, OSError) and cause.errno is not None and not path.is_file():
                raise
            place = extensions.place_of(cause, self.root) or self.name
            raise DataError(
                f"the reader {self.name} fails on this file: {type(cause).__name__}: {cause}",
                where=path,
                fix=f"mend the reader at {place}, or the file",
            ) from cause
        _refuse_other(found, self.name, path)
        return np.ascontiguousarray(found)

    def size(self, path: Path) -> tuple[int, int]:
        """Return (height, width) of what `read` returns; the file is read for it once a process.

        Raises:
            DataError: as `read`.
        """
        stat = path.stat()
        code = extensions.generation(self.root)
        return _size(self, path, stat.st_mtime_ns, stat.st_size, code)

    def _sources(self) -> dict[str, str]:
        return extensions.sources([self.name], self.root, error=DataError)


IMAGE = Reader()


@lru_cache(maxsize=_SIZES_KEPT)
def _size(reader: Reader, path: Path, *_version: object) -> tuple[int, int]:
    height, width, _ = reader.read(path).shape
    return height, width


def _refuse_other(found: Any, name: str, path: Path) -> None:
    is_array = isinstance(found, np.ndarray)
    is_rgb = is_array and found.dtype == np.uint8 and found.ndim == 3 and found.shape[2] == 3
    if is_rgb and found.size:
        return
    what = f"{found.dtype} {found.shape}" if is_array else f"a {type(found).__name__}"
    raise DataError(
        f"the reader {name} returns {what} of this file, not uint8 (H, W, 3)",
        where=path,
        fix="bring values to 0 … 255 with one scale for all files, grey to three channels",
    )
