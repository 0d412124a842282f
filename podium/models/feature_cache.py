"""Pooled features of frozen backbones on disk, shared by folds, runs, splits and processes.

Features lie in shards, `<folder>/<view>/<name>.features`, one folder for each way of making them (a
digest of the weights, the input and so on) and one in it for each view of an image. A shard is two
arrays of numpy's format one after the other: the index, with the sha256 of each image's content and
a checksum of its row, and the rows, float32 `(n, D)`, which are memory-mapped. It is renamed into
place when it is whole and never changes.

A shard that is cut short, was exchanged for one of another network or view, or holds a row whose
checksum is wrong, is removed, and its features are made again. All shards of a cache take at most
so many bytes: those that were not used for longest are removed first. Deleting the folder costs
time, nothing else.
"""

from __future__ import annotations

import os
import secrets
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DAMAGED_CACHE, FULL_OR_READ_ONLY, RunError, UsageError
from podium.workspace import atomic
from podium.workspace.locks import wait_and_hold
from podium.workspace.progress import SILENT, Progress

__all__ = ["LIMIT_VARIABLE", "FeatureCache", "cache_limit"]

Vectors = NDArray[np.float32]

LIMIT_VARIABLE = "PODIUM_FEATURE_CACHE_GB"
"""The environment variable that sets how many gigabytes all features may take; 0: none are kept."""
DEFAULT_GB = 4.0
SHARD_BYTES = 32 * 2**20
"""Features that are written at a time: what a process that is killed loses at most."""
_SUFFIX = ".features"
_ENTRY = np.dtype([("content", "V32"), ("checksum", "<u4")])
_WAIT_S = 24 * 3600.0


def cache_limit() -> int:
    """Return how many bytes the features of a workspace may take, as `LIMIT_VARIABLE` sets it.

    Raises:
        UsageError: it is no number of at least 0.
    """
    written = os.environ.get(LIMIT_VARIABLE, "").strip()
    try:
        gigabytes = float(written or DEFAULT_GB)
    except ValueError:
        gigabytes = -1.0
    if not 0 <= gigabytes < float("inf"):
        raise UsageError(
            f"{LIMIT_VARIABLE} is the gigabytes that features may take on disk, got {written!r}",
            fix=f"write a number, as {LIMIT_VARIABLE}={DEFAULT_GB:g}, or 0 to keep none",
        )
    return round(gigabytes * 1e9)


@dataclass(frozen=True)
class FeatureCache:
    """The features that one network makes, in one folder.

    Args:
        root: of all features of the workspace, whose size is limited.
        name: of this network's folder.
        limit: bytes that `root` may hold.
    """

    root: Path
    name: str
    limit: int

    @property
    def folder(self) -> Path:
        return self.root / self.name

    def is_there(self) -> bool:
        """Return whether any features of this network are kept."""
        return any(self.folder.glob(f"*/*{_SUFFIX}"))

    def read(self, contents: Sequence[str], view: str) -> tuple[Vectors, NDArray[np.bool_]]:
        """Return the features of images, and which of them are kept; the others' rows are 0.

        Args:
            contents: `(N,)` sha256 of the images' content, in hex.
            view: canonical name, as of test-time augmentation.

        Returns:
            `(N, D)`, and `(N,)`; D is 0 where nothing is kept.
        """
        needed = [bytes.fromhex(one) for one in contents]
        known = np.zeros(len(needed), dtype=bool)
        found: Vectors = np.zeros((len(needed), 0), dtype=np.float32)
        for shard in self._shards(view):
            at, rows = _rows_of(shard, needed, known)
            if not len(at):
                continue
            if not known.any():
                found = np.zeros((len(needed), rows.shape[1]), dtype=np.float32)
            found[at], known[at] = rows, True
            with suppress(OSError):
                os.utime(shard)
        return found, known

    def write(self, contents: Sequence[str], view: str, vectors: Vectors) -> bool:
        """Keep features, and remove the least recently used ones beyond the limit.

        Returns:
            Whether they are kept: not where the limit or the disk is too small, or read-only.
        """
        n_bytes = vectors.nbytes + len(vectors) * _ENTRY.itemsize
        if n_bytes > self.limit or not len(vectors):
            return False
        rows, folder = np.ascontiguousarray(vectors, dtype="<f4"), self._view_folder(view)
        index = np.empty(len(rows), dtype=_ENTRY)
        for i, content in enumerate(contents):
            digest = bytes.fromhex(content)
            index[i] = (digest, _checksum(digest, rows[i], _place(folder)))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            atomic.sweep(folder)
            self._make_room(n_bytes)
            with (
                atomic.replacing(folder / f"{secrets.token_hex(8)}{_SUFFIX}") as temporary,
                temporary.open("wb") as file,
            ):
                np.save(file, index, allow_pickle=False)
                np.save(file, rows, allow_pickle=False)
        except OSError as error:
            if error.errno not in FULL_OR_READ_ONLY:
                raise
            return False
        return True

    @contextmanager
    def making(self, view: str, progress: Progress = SILENT) -> Iterator[None]:
        """Hold the lock of a view's features: a second process waits, and then reads them.

        Where the folder cannot be locked, nobody is kept out: features are then made twice.
        """
        try:
            self._view_folder(view).mkdir(parents=True, exist_ok=True)
            lock = wait_and_hold(
                self._view_folder(view) / ".lock",
                what="the features of these images",
                wait_s=_WAIT_S,
                waiting=lambda holder: progress.say(f"waiting for features: {holder}"),
            )
            lock.__enter__()
        except (OSError, RunError):
            yield
            return
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def _view_folder(self, view: str) -> Path:
        return self.folder / view.replace(":", "_").replace("*", "+")

    def _shards(self, view: str) -> list[Path]:
        return sorted(self._view_folder(view).glob(f"*{_SUFFIX}"))

    def _make_room(self, n_bytes: int) -> None:
        """Remove the shards of any network that were not used for longest, until there is room."""
        shards = []
        for shard in self.root.glob(f"*/*/*{_SUFFIX}"):
            with suppress(OSError):
                facts = shard.stat()
                shards.append((facts.st_mtime_ns, facts.st_size, shard))
        total = n_bytes + sum(size for _, size, _ in shards)
        for _, size, shard in sorted(shards):
            if total <= self.limit:
                return
            shard.unlink(missing_ok=True)
            total -= size


def _rows_of(
    shard: Path, needed: Sequence[bytes], known: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], Vectors]:
    """Return which of the images that are not known a shard holds, and their features.

    A shard that is damaged is removed: none of its rows is believed.
    """
    nothing = np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32)
    try:
        index, rows = _opened(shard)
    except FileNotFoundError:  # another process removed it
        return nothing
    except DAMAGED_CACHE:
        shard.unlink(missing_ok=True)
        return nothing
    places = {digest: i for i, digest in enumerate(index["content"].tolist())}
    pairs = [
        (i, places[digest]) for i, digest in enumerate(needed) if not known[i] and digest in places
    ]
    if not pairs:
        return nothing
    at, inside = (np.array(one, dtype=np.int64) for one in zip(*pairs, strict=True))
    taken = np.asarray(rows[inside], dtype=np.float32)
    if not _is_right(shard, [needed[i] for i in at], taken, index["checksum"][inside].tolist()):
        shard.unlink(missing_ok=True)
        return nothing
    return at, taken


def damaged_shards(cache: Path) -> Iterator[Path]:
    """Give each shard below the folder `cache` that is cut short, or holds a damaged row."""
    for shard in sorted(cache.rglob(f"*{_SUFFIX}")):
        try:
            index, rows = _opened(shard)
        except FileNotFoundError:  # another process removed it
            continue
        except DAMAGED_CACHE:
            yield shard
            continue
        if not _is_right(shard, index["content"].tolist(), rows, index["checksum"].tolist()):
            yield shard


def _opened(shard: Path) -> tuple[NDArray[Any], Vectors]:
    """Return the index of a shard, and its rows, memory-mapped.

    Raises:
        ValueError: it is cut short, or no shard.
    """
    with shard.open("rb") as file:
        index = np.load(file, allow_pickle=False)
        version = np.lib.format.read_magic(file)
        if version != (1, 0) or index.dtype != _ENTRY:
            raise ValueError("no shard of features")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
        if is_fortran or dtype != np.dtype("<f4") or len(shape) != 2 or shape[0] != len(index):
            raise ValueError("no shard of features")
        rows = np.memmap(shard, dtype=dtype, mode="r", offset=file.tell(), shape=shape)
    return index, rows


def _is_right(
    shard: Path, contents: Sequence[bytes], rows: Vectors, checksums: Sequence[int]
) -> bool:
    """Return whether rows are what was written into this folder.

    The checksums of old shards do not have the folder.
    """
    pairs = list(zip(contents, rows, strict=True))
    return any(
        [_checksum(digest, row, start) for digest, row in pairs] == list(checksums)
        for start in (_place(shard.parent), 0)
    )


def _place(folder: Path) -> int:
    """Return the checksum of a folder's network and view, which those of its rows continue."""
    return zlib.crc32("/".join(folder.parts[-2:]).encode())


def _checksum(digest: bytes, vector: NDArray[Any], start: int) -> int:
    return zlib.crc32(np.ascontiguousarray(vector).tobytes(), zlib.crc32(digest, start))
