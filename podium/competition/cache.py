"""Decoded images on disk, memory-mapped: decoded once, read by every fold, run and process.

An image is kept under the sha256 of its file, so renamed and repeated files share an entry and a
changed file gets a new one. Entries lie in packs, `<name>.bin` with the pixels and `<name>.npy`
with the index. The index is renamed into place last: a pack without one does not exist for readers,
and whoever builds next removes it. Packs never change. Deleting the folder costs time, nothing
else.
"""

from __future__ import annotations

import errno
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.images import Reader, image_size, read_image
from podium.competition.spec import Competition
from podium.errors import DataError, RunError
from podium.workspace import atomic, locks
from podium.workspace.cores import n_cores
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["Images", "open_images", "shrink"]

CACHE_FORMAT = 1
"""Raised when decoding or shrinking changes, so that old packs are not read any more."""
PACK_BYTES = 256 * 2**20
SPARE_BYTES = 200 * 2**20
"""Room that the cache leaves on the disk for checkpoints and predictions."""
_WAIT_S = 0.5
_BATCH = 64
_SIZED_AT_MOST = 200
_INDEX_TYPE = np.dtype([("digest", "S64"), ("offset", "i8"), ("height", "i4"), ("width", "i4")])


@dataclass(frozen=True)
class _Place:
    pack: Path
    offset: int
    height: int
    width: int


class Images(Sequence[NDArray[np.uint8]]):
    """Images by number, `(H, W, 3)` uint8 RGB; each access gives a new writable array.

    May be pickled: worker processes map the same files, and share the memory.

    Attributes:
        hits: how many of the images the cache had already when it was opened.
        n_cached: how many are read from the cache now; the others are decoded at each access.
    """

    def __init__(
        self,
        files: Sequence[Path],
        places: Sequence[_Place | None],
        *,
        reader: Reader,
        shorter_side: int | None,
        hits: int,
    ) -> None:
        self._files = list(files)
        self._places = list(places)
        self._reader = reader
        self._shorter_side = shorter_side
        self.hits = hits
        self.n_cached = sum(place is not None for place in places)
        self._open()

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = self._places[index]
        if place is None:
            return shrink(read_image(self._files[index], self._reader), self._shorter_side)
        size = place.height * place.width * 3
        flat = self._packs[place.pack][place.offset : place.offset + size]
        return np.array(flat).reshape(place.height, place.width, 3)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_packs"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    def _open(self) -> None:
        packs = {place.pack for place in self._places if place is not None}
        self._packs = {pack: np.memmap(pack, dtype=np.uint8, mode="r") for pack in packs}


def open_images(
    workspace: Workspace,
    competition: Competition,
    paths: Sequence[str],
    *,
    shorter_side: int | None,
    progress: Progress = SILENT,
) -> Images:
    """Return the images of `paths`, decoded into the cache where it does not have them yet.

    A second process that needs the same images waits for the first one and then reads them. When
    the disk has too little room, or cannot be written, the images are decoded at each access
    instead.

    Args:
        workspace: whose `cache` folder to use.
        competition: whose root the paths are relative to, and whose reader decodes them.
        paths: image files, as in the column `images` of the samples.
        shorter_side: pixels; larger images are shrunk so that the shorter side has them (area
            average, which does not alias), smaller ones stay as they are. None: all stay so.
        progress: gets a bar while images are decoded.

    Raises:
        DataError: images are missing or unreadable; all of them are counted, five are named.
    """
    files = [competition.root / path for path in paths]
    digests = _digests(workspace, files, progress)
    reader = competition.data.reader
    side = "native" if shorter_side is None else str(shorter_side)
    folder = workspace.cache / "images" / f"{reader}-{side}-v{CACHE_FORMAT}"
    by_digest = dict(zip(digests, files, strict=True))
    known = _read_index(folder)
    hits = sum(digest in known for digest in digests)
    if hits < len(files):
        try:
            known = _complete(folder, by_digest, reader, shorter_side, progress)
        except OSError as error:
            if error.errno not in (
                errno.ENOSPC,
                errno.EDQUOT,
                errno.EROFS,
                errno.EACCES,
                errno.EPERM,
            ):
                raise
            known = _read_index(folder)
            _say_decoding(progress, f"{folder} cannot be written ({error.strerror})")
    places = [known.get(digest) for digest in digests]
    return Images(files, places, reader=reader, shorter_side=shorter_side, hits=hits)


def shrink(image: NDArray[np.uint8], shorter_side: int | None) -> NDArray[np.uint8]:
    """Return the image with a shorter side of at most `shorter_side` pixels, its shape kept.

    Example:
        >>> shrink(np.zeros((100, 200, 3), np.uint8), 50).shape
        (50, 100, 3)
    """
    height, width = _shrunk_size(image.shape[0], image.shape[1], shorter_side)
    if (height, width) == image.shape[:2]:
        return image
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BOX)
    return np.array(resized, dtype=np.uint8)


def _shrunk_size(height: int, width: int, shorter_side: int | None) -> tuple[int, int]:
    shorter = min(height, width)
    if shorter_side is None or shorter <= shorter_side:
        return height, width
    ratio = shorter_side / shorter
    return max(1, round(height * ratio)), max(1, round(width * ratio))


def _digests(workspace: Workspace, files: list[Path], progress: Progress) -> list[str]:
    try:
        return FileDigests(workspace).each(files, progress=progress)
    except FileNotFoundError as cause:
        missing = [file for file in files if not file.exists()]
        raise DataError(
            f"{len(missing):,} images are missing",
            where=missing[0] if missing else cause.filename,
            fix="`podium check` lists them; mend the table, or download the data again",
        ) from cause


def _read_index(folder: Path) -> dict[str, _Place]:
    """Return where each digest lies, from the packs that are complete."""
    places: dict[str, _Place] = {}
    for file in sorted(folder.glob("*.npy")):
        pack = file.with_suffix(".bin")
        try:
            index = np.load(file, allow_pickle=False)
            size = pack.stat().st_size
        except (OSError, ValueError):
            continue
        for digest, offset, height, width in index.tolist():
            if offset + height * width * 3 <= size:
                places[digest.decode()] = _Place(pack, offset, height, width)
    return places


def _complete(
    folder: Path,
    by_digest: dict[str, Path],
    reader: Reader,
    shorter_side: int | None,
    progress: Progress,
) -> dict[str, _Place]:
    """Return the index after decoding what it lacks, with the folder locked meanwhile."""
    with ExitStack() as stack:
        _lock_or_wait(stack, folder, set(by_digest), progress)
        known = _read_index(folder)
        missing = {digest: file for digest, file in by_digest.items() if digest not in known}
        if not missing:
            return known
        _remove_orphans(folder)
        needed = _needed_bytes(list(missing.values()), shorter_side)
        free = shutil.disk_usage(folder).free
        if needed + SPARE_BYTES > free:
            gib = 2**30
            reason = f"{needed / gib:.1f} GiB do not fit the {free / gib:.1f} GiB free at {folder}"
            _say_decoding(progress, reason)
            return known
        _build(folder, missing, reader, shorter_side, progress)
        return _read_index(folder)


def _lock_or_wait(stack: ExitStack, folder: Path, wanted: set[str], progress: Progress) -> None:
    """Lock the folder, or wait until the process that has it made all that is wanted."""
    told = False
    while True:
        try:
            stack.enter_context(locks.hold(folder / ".lock", what="the image cache"))
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


def _needed_bytes(files: list[Path], shorter_side: int | None) -> int:
    """Return about how many bytes the decoded images take, from the headers of some of them."""
    total, counted = 0, 0
    for file in files[:: max(1, len(files) // _SIZED_AT_MOST)]:
        with suppress(DataError):
            height, width = _shrunk_size(*image_size(file), shorter_side)
            total += height * width * 3
            counted += 1
    return 0 if counted == 0 else round(1.05 * total / counted * len(files))


def _build(
    folder: Path,
    missing: dict[str, Path],
    reader: Reader,
    shorter_side: int | None,
    progress: Progress,
) -> None:
    broken: list[DataError] = []

    def decode(item: tuple[str, Path]) -> tuple[str, NDArray[np.uint8]] | DataError:
        try:
            return item[0], shrink(read_image(item[1], reader), shorter_side)
        except DataError as error:
            return error

    items = list(missing.items())
    with (
        progress.bar("decoding images", len(items)) as advance,
        ThreadPoolExecutor(n_cores()) as pool,
    ):

        def decoded() -> Iterator[tuple[str, NDArray[np.uint8]]]:
            for start in range(0, len(items), _BATCH):
                for result in pool.map(decode, items[start : start + _BATCH]):
                    advance(1)
                    if isinstance(result, DataError):
                        broken.append(result)
                    else:
                        yield result

        stream = decoded()
        while _write_pack(folder, stream):
            pass
    if broken:
        raise _unreadable(broken, len(items))


def _write_pack(folder: Path, stream: Iterator[tuple[str, NDArray[np.uint8]]]) -> bool:
    """Write images into a new pack until it is full; return whether there may be more."""
    first = next(stream, None)
    if first is None:
        return False
    pack = folder / f"{secrets.token_hex(8)}.bin"
    rows: list[tuple[bytes, int, int, int]] = []
    offset = 0
    with atomic.replacing(pack) as temporary, temporary.open("wb") as out:
        current: tuple[str, NDArray[np.uint8]] | None = first
        while current is not None:
            digest, image = current
            out.write(np.ascontiguousarray(image).data)
            rows.append((digest.encode(), offset, image.shape[0], image.shape[1]))
            offset += image.nbytes
            current = next(stream, None) if offset < PACK_BYTES else None
    with atomic.replacing(pack.with_suffix(".npy")) as temporary, temporary.open("wb") as out:
        np.save(out, np.array(rows, dtype=_INDEX_TYPE), allow_pickle=False)
    return offset >= PACK_BYTES


def _unreadable(broken: list[DataError], total: int) -> DataError:
    if len(broken) == 1:
        return broken[0]
    shown = "".join(f"\n  - {error.where}: {error.message}" for error in broken[:5])
    rest = f"\n  - and {len(broken) - 5:,} more" if len(broken) > 5 else ""
    return DataError(
        f"{len(broken):,} of {total:,} images cannot be read{shown}{rest}", fix=broken[0].fix
    )


def _say_decoding(progress: Progress, reason: str) -> None:
    progress.say(
        f"no image cache: {reason}; images are decoded at each access, which is slower "
        "(--scratch DIR moves the cache to another disk)"
    )
