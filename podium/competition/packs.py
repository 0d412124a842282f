"""Arrays on disk, memory-mapped, under the digest of what they were made from: made once, shared.

Entries lie in packs, `<name>.bin` with the pixels and `<name>.npy` with the index. The index is
renamed into place last: a pack without one does not exist for readers, and whoever builds next
removes it. Packs never change. Deleting the folder costs time, nothing else.
"""

from __future__ import annotations

import errno
import mmap
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, RunError
from podium.workspace import atomic, locks
from podium.workspace.cores import n_cores
from podium.workspace.progress import Progress

__all__ = ["SPARE_BYTES", "Entry", "Packs", "Place", "Streamed", "open_packs"]

PACK_BYTES = 256 * 2**20
SPARE_BYTES = 200 * 2**20
"""Room that the cache leaves on the disk for checkpoints and predictions."""
_WAIT_S = 0.5
_BATCH = 64
_BATCH_BYTES = 256 * 2**20
"""Arrays that are made at the same time: as many as take so much, but at least one."""
_INDEX_TYPE = np.dtype(
    [("digest", "S64"), ("offset", "i8"), ("height", "i4"), ("width", "i4"), ("channels", "i4")]
)
_WITH_DTYPE = np.dtype([*_INDEX_TYPE.descr, ("dtype", "S8")])
"""Of packs that have anything else than bytes."""
_FULL_OR_READ_ONLY = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)

Array = NDArray[Any]


class Streamed(Protocol):
    """An array that is never in memory whole."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of its numbers."""

    def __iter__(self) -> Iterator[Array]:
        """Give its rows from top to bottom, `(rows, W, C)`."""


@dataclass(frozen=True)
class Entry:
    """Something to keep: its digest, about how large it is, and how to make it `(H, W, C)`."""

    digest: str
    n_bytes: int
    make: Callable[[], Array | Streamed]


@dataclass(frozen=True)
class Place:
    """Where an array lies in which pack."""

    pack: Path
    offset: int
    shape: tuple[int, int, int]
    dtype: str = "uint8"

    @property
    def n_bytes(self) -> int:
        height, width, channels = self.shape
        return height * width * channels * np.dtype(self.dtype).itemsize


class Packs:
    """Reads the arrays of `places`, which may be pickled: worker processes share the memory."""

    def __init__(self, places: Sequence[Place | None]) -> None:
        self._files = sorted({place.pack for place in places if place is not None})
        self._open()

    def array(self, place: Place) -> Array:
        """Return the array `(H, W, C)`, read-only; only what is sliced of it is read from disk."""
        flat = self._maps[place.pack][place.offset : place.offset + place.n_bytes]
        return np.asarray(flat).view(place.dtype).reshape(place.shape)

    def release(self) -> None:
        """Give back the memory of what was read; what is needed again comes from the disk's cache.

        Pages of a mapped file count as the process's memory until somebody else wants them.
        """
        if hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
            for mapped in self._maps.values():
                mapped._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]

    def __getstate__(self) -> list[Path]:
        return self._files

    def __setstate__(self, files: list[Path]) -> None:
        self._files = files
        self._open()

    def _open(self) -> None:
        self._maps = {pack: np.memmap(pack, dtype=np.uint8, mode="r") for pack in self._files}


def open_packs(
    folder: Path, entries: Sequence[Entry], *, what: str, progress: Progress
) -> tuple[list[Place | None], int]:
    """Return where each entry lies, after making those that are missing, and how many were there.

    A second process that needs the same entries waits for the first one and then reads them. Where
    the disk has too little room, or cannot be written, entries have no place (None).

    Args:
        folder: of the packs.
        entries: what is needed; several may share a digest.
        what: named in messages, as "images".
        progress: gets a bar while entries are made.

    Raises:
        DataError: entries cannot be made; all of them are counted, five are named.
    """
    by_digest = {entry.digest: entry for entry in entries}
    known = _read_index(folder)
    hits = sum(entry.digest in known for entry in entries)
    if hits < len(entries):
        try:
            known = _complete(folder, by_digest, what, progress)
        except OSError as error:
            if error.errno not in _FULL_OR_READ_ONLY:
                raise
            known = _read_index(folder)
            _say_slow(progress, what, f"{folder} cannot be written ({error.strerror})")
    return [known.get(entry.digest) for entry in entries], hits


def _read_index(folder: Path) -> dict[str, Place]:
    """Return where each digest lies, from the packs that are complete."""
    places: dict[str, Place] = {}
    for file in sorted(folder.glob("*.npy")):
        pack = file.with_suffix(".bin")
        try:
            index = np.load(file, allow_pickle=False)
            size = pack.stat().st_size
        except (OSError, ValueError):
            continue
        for digest, offset, height, width, channels, *rest in index.tolist():
            dtype = rest[0].decode() if rest else "uint8"
            place = Place(pack, offset, (height, width, channels), dtype)
            if offset + place.n_bytes <= size:
                places[digest.decode()] = place
    return places


def _complete(
    folder: Path, by_digest: dict[str, Entry], what: str, progress: Progress
) -> dict[str, Place]:
    """Return the index after making what it lacks, with the folder locked meanwhile."""
    with ExitStack() as stack:
        _lock_or_wait(stack, folder, set(by_digest), what, progress)
        known = _read_index(folder)
        missing = [entry for digest, entry in by_digest.items() if digest not in known]
        if not missing:
            return known
        _remove_orphans(folder)
        needed = round(1.05 * sum(entry.n_bytes for entry in missing))
        free = shutil.disk_usage(folder).free
        if needed + SPARE_BYTES > free:
            gib = 2**30
            reason = f"{needed / gib:.1f} GiB do not fit the {free / gib:.1f} GiB free at {folder}"
            _say_slow(progress, what, reason)
            return known
        _build(folder, missing, what, progress)
        return _read_index(folder)


def _lock_or_wait(
    stack: ExitStack, folder: Path, wanted: set[str], what: str, progress: Progress
) -> None:
    """Lock the folder, or wait until the process that has it made all that is wanted."""
    told = False
    while True:
        try:
            stack.enter_context(locks.hold(folder / ".lock", what=f"the cache of {what}"))
            return
        except RunError as error:
            if not told:
                progress.say(f"waiting: {error.message}")
                told = True
        if wanted <= _read_index(folder).keys():
            return
        time.sleep(_WAIT_S)


def _remove_orphans(folder: Path) -> None:
    """Remove packs without an index; a process was killed between writing the two."""
    for pack in folder.glob("*.bin"):
        if not pack.with_suffix(".npy").exists():
            with suppress(OSError):
                pack.unlink()


def _build(folder: Path, missing: list[Entry], what: str, progress: Progress) -> None:
    broken: list[DataError] = []

    def make(entry: Entry) -> tuple[str, Array | Streamed] | DataError:
        try:
            return entry.digest, entry.make()
        except DataError as error:
            return error

    with (
        progress.bar(f"decoding {what}", len(missing)) as advance,
        ThreadPoolExecutor(n_cores()) as pool,
    ):

        def made() -> Iterator[tuple[str, Array | Streamed]]:
            for batch in _batches(missing):
                for result in pool.map(make, batch):
                    advance(1)
                    if isinstance(result, DataError):
                        broken.append(result)
                    else:
                        yield result
                    # Two large arrays at a time would be one too many.
                    del result

        stream = made()
        while _write_pack(folder, stream):
            pass
    if broken:
        raise _unreadable(broken, len(missing), what)


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut `entries` so that what is made at the same time stays small."""
    batch: list[Entry] = []
    n_bytes = 0
    for entry in entries:
        if batch and (len(batch) == _BATCH or n_bytes + entry.n_bytes > _BATCH_BYTES):
            yield batch
            batch, n_bytes = [], 0
        batch.append(entry)
        n_bytes += entry.n_bytes
    if batch:
        yield batch


def _write_pack(folder: Path, stream: Iterator[tuple[str, Array | Streamed]]) -> bool:
    """Write arrays into a new pack until it is full; return whether there may be more."""
    current = next(stream, None)
    if current is None:
        return False
    pack = folder / f"{secrets.token_hex(8)}.bin"
    rows: list[tuple[bytes, int, int, int, int, bytes]] = []
    offset = 0
    with atomic.replacing(pack) as temporary, temporary.open("wb") as out:
        while current is not None:
            digest, array = current
            padding = -offset % array.dtype.itemsize
            out.write(bytes(padding))
            offset += padding
            _write(out, array)
            dtype = array.dtype.name.encode()
            rows.append((digest.encode(), offset, *array.shape, dtype))
            offset += prod(array.shape) * array.dtype.itemsize
            del array, current
            current = next(stream, None) if offset < PACK_BYTES else None
    with atomic.replacing(pack.with_suffix(".npy")) as temporary, temporary.open("wb") as out:
        np.save(out, _index(rows), allow_pickle=False)
    return offset >= PACK_BYTES


def _index(rows: list[tuple[bytes, int, int, int, int, bytes]]) -> Array:
    index = np.array(rows, dtype=_WITH_DTYPE)
    if (index["dtype"] == b"uint8").all():
        return index[list(_INDEX_TYPE.names or ())].astype(_INDEX_TYPE)
    return index


def _write(out: BinaryIO, array: Array | Streamed) -> None:
    for part in [array] if isinstance(array, np.ndarray) else array:
        out.write(np.ascontiguousarray(part).data)


def _unreadable(broken: list[DataError], total: int, what: str) -> DataError:
    if len(broken) == 1:
        return broken[0]
    shown = "".join(f"\n  - {error.where}: {error.message}" for error in broken[:5])
    rest = f"\n  - and {len(broken) - 5:,} more" if len(broken) > 5 else ""
    return DataError(
        f"{len(broken):,} of {total:,} {what} cannot be read{shown}{rest}", fix=broken[0].fix
    )


def _say_slow(progress: Progress, what: str, reason: str) -> None:
    progress.say(
        f"no cache of {what}: {reason}; {what} are decoded at each access, which is slower "
        "(--scratch DIR moves the cache to another disk)"
    )
