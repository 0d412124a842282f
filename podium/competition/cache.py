"""Decoded images and masks on disk, memory-mapped: decoded once, read by every fold, run, process.

An image is kept under the sha256 of its file, so renamed and repeated files share an entry and a
changed file gets a new one; a mask under the sha256 of its files or runs and of how they are read.

Entries lie in packs, `<name>.bin` with the pixels and `<name>.npy` with the index. The index is
renamed into place last: readers ignore a pack without one, and the next process that builds removes
it. Packs never change. The index holds a checksum of each entry, which is compared when the entry
is first needed by a process: a pack with a damaged one is removed, and its entries are made again.
Deleting the folder costs time, nothing else.
"""

from __future__ import annotations

import hashlib
import mmap
import secrets
import shutil
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache, partial
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.images import (
    first_file,
    image_size,
    joint_digest,
    read_bands,
    refuse_other_size,
    stacked_bands,
)
from podium.competition.readers import Reader
from podium.competition.spec import Competition
from podium.competition.truths.masks import Mask, MaskRef, mask_digests, resize_nearest
from podium.competition.truths.objects import read_target
from podium.competition.truths.pixels import RGB8, ArrayBands, ImageBands, Pixels
from podium.errors import DAMAGED_CACHE, FULL_OR_READ_ONLY, DataError, RunError, either
from podium.tasks.protocols.names import PIXELS
from podium.workspace import atomic, locks
from podium.workspace.digests import stamp_of
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress
from podium.workspace.subsets import some_of

__all__ = [
    "CachedImages",
    "CachedMasks",
    "PackEntry",
    "open_images",
    "open_masks",
    "open_packs",
    "pack_folder",
    "shrink",
    "shrunk_size",
]


CACHE_FORMAT = 3
"""Raised when decoding or shrinking changes, so that old packs are not read any more."""
_SIZED_AT_MOST, _READ_AT_MOST = 200, 5
_LARGE_BYTES = 2**26

Files = tuple[Path | None, ...]
"""Of one image, in the order of its channels; None stands for a slice that is not there: zeros."""


class CachedImages(Sequence[NDArray[Any]]):
    """Images by number, `(H, W, C)` of the form `pixels`; each access gives a new writable array.

    May be pickled: worker processes map the same files, and share the memory.

    Attributes:
        pixels: the form of every image.
        hits: how many of the files the cache had already when it was opened.
        n_cached: how many images are read from the cache now; the others are decoded at each
            access.
        contents: sha256 of the content of each image, of all its files; None: not known.
    """

    def __init__(
        self,
        files: Sequence[Files],
        places: Sequence[tuple[PackLocation | None, ...]],
        *,
        reader: Reader,
        shorter_side: int | None,
        hits: int,
        pixels: Pixels = RGB8,
        contents: Sequence[str] | None = None,
    ) -> None:
        self.pixels = pixels
        self.contents = contents
        self._files = list(files)
        self._places = [_complete_samples(*one) for one in zip(self._files, places, strict=True)]
        self._reader = reader
        self._shorter_side = shorter_side
        self.hits = hits
        self.n_cached = sum(place is not None for place in self._places)
        self._packs = PackReader([one for place in self._places for one in place or ()])

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        cached = self._cached(index)
        if cached is None:
            return shrink(read_bands(self._files[index], self._reader), self._shorter_side)
        return np.array(cached) if isinstance(cached, np.ndarray) else cached.whole()

    def window(self, index: int) -> NDArray[Any]:
        """Return image `index` read-only; only sliced parts are read from disk.

        Of an image of several files, and of one that is read from its own file by window, it is no
        array but can be sliced as one, by rows and columns.
        """
        cached: Any = self._cached(index)
        if cached is None:
            bands = read_bands(self._files[index], self._reader)
            may_wait = bands.is_lazy and self._shorter_side is None
            cached = bands if may_wait else shrink(bands, self._shorter_side)
        if isinstance(cached, np.ndarray):
            cached.flags.writeable = False
        return cast("NDArray[Any]", cached)

    def same_pixels(self) -> list[list[int]]:
        """Return the images that equal another one, pixel by pixel, each such group in its order.

        The bytes of their files may differ. Images that are not in the cache are not compared.
        """
        groups: list[list[int]] = [[i for i, one in enumerate(self._places) if one is not None]]
        for rows in (_middle_row, _every_row):  # most images differ in one row already
            groups = [
                found
                for group in groups
                for found in _equal(group, partial(self._pixels_key, rows))
                if len(found) > 1
            ]
        self.release()
        return groups

    def _pixels_key(self, rows: Callable[[int], slice], index: int) -> tuple[Any, ...]:
        height, width = self.size(index)
        part = np.ascontiguousarray(self.window(index)[rows(height), :])
        return height, width, part.dtype.str, hashlib.sha256(part.data).digest()

    def release(self) -> None:
        """Give back the memory of the windows that were read so far."""
        self._packs.release()

    def size(self, index: int) -> tuple[int, int]:
        """Return (height, width) of image `index`, as it is here."""
        places = self._places[index]
        if places is not None:
            height, width, _ = next(place.shape for place in places if place is not None)
            return height, width
        file = next(file for file in self._files[index] if file is not None)
        return shrunk_size(image_size(file, self._reader), self._shorter_side)

    def _cached(self, index: int) -> NDArray[Any] | ImageBands | None:
        places = self._places[index]
        if places is None:
            return None
        if len(places) == 1 and places[0] is not None:
            return self._packs.array(places[0])
        first = next(place for place in places if place is not None)
        nothing = np.broadcast_to(np.zeros((1, 1, 1), dtype=first.dtype), first.shape)
        arrays = (nothing if place is None else self._packs.array(place) for place in places)
        return stacked_bands([ArrayBands(one, one.dtype, is_lazy=True) for one in arrays])


def _middle_row(height: int) -> slice:
    return slice(height // 2, height // 2 + 1)


def _every_row(height: int) -> slice:
    return slice(0, height)


def _equal(group: Sequence[int], key: Callable[[int], Any]) -> list[list[int]]:
    """Return the members of `group` with equal keys together, in their order."""
    found: dict[Any, list[int]] = {}
    for one in group:
        found.setdefault(key(one), []).append(one)
    return list(found.values())


def _complete_samples(
    files: Files, places: tuple[PackLocation | None, ...]
) -> tuple[PackLocation | None, ...] | None:
    """Return the places of the files of an image; None where one of them has none."""
    pairs = zip(files, places, strict=True)
    return places if all(place or file is None for file, place in pairs) else None


class CachedMasks(Sequence[Mask | None]):
    """Masks by number, in the geometry of the images beside them; None where there is none.

    May be pickled, as `Images`.
    """

    def __init__(
        self,
        makers: Sequence[Callable[[], NDArray[np.uint8]] | None],
        places: Sequence[PackLocation | None],
        *,
        is_flat: bool,
    ) -> None:
        self._makers = list(makers)
        self._places = list(places)
        self._is_flat = is_flat
        self._packs = PackReader(places)

    def __len__(self) -> int:
        return len(self._makers)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        found = self.window(index)
        return None if found is None else np.array(found)

    def window(self, index: int) -> Mask | None:
        """Return mask `index` read-only; only sliced parts are read from disk."""
        make, place = self._makers[index], self._places[index]
        if make is None:
            return None
        found = make() if place is None else self._packs.array(place)
        found.flags.writeable = False
        return found[:, :, 0] if self._is_flat else found


def open_images(
    workspace: Workspace,
    competition: Competition,
    paths: Sequence[str | tuple[str, ...]],
    *,
    shorter_side: int | None,
    progress: Progress = SILENT,
) -> CachedImages:
    """Return the images of `paths`, decoded into the cache where it does not have them yet.

    A second process that needs the same images waits for the first one and then reads them. When
    the disk has too little room, or cannot be written, the images are decoded at each access
    instead. Of an image of several files each is kept alone: slices of a volume are neighbours of
    several samples.

    Args:
        workspace: whose `cache` folder to use.
        competition: whose root the paths are relative to, and whose reader decodes them.
        paths: the file of each image, or its files, as in the column `images` of the samples.
        shorter_side: pixels; larger images are shrunk so that the shorter side has them (area
            average, which does not alias), smaller ones stay as they are. None: all stay so.
        progress: gets a bar while images are decoded.

    Raises:
        DataError: images are missing or unreadable; all of them are counted, five are named. Or
            the files of one image are of sizes that do not fit.
    """
    root, reader = competition.root, competition.reader
    each = [(path,) if isinstance(path, str) else path for path in paths]
    images: list[Files] = [tuple(root / one if one else None for one in path) for path in each]
    files = [file for image in images for file in image if file is not None]
    digests = _digests(workspace, files, progress)
    reader.require()
    folder = pack_folder(workspace, f"images/{reader.identity}", shorter_side)
    about = cache(partial(_mean_bytes, files, reader, shorter_side))
    entries = [
        PackEntry(digest, about, partial(_decode_to_keep, file, reader, shorter_side))
        for digest, file in zip(digests, files, strict=True)
    ]
    found, hits = open_packs(folder, entries, what="images", progress=progress)
    if hits < len(entries):
        _refuse_other_sizes(images, reader)
    rest, of_file = iter(found), iter(digests)
    places = [tuple(None if file is None else next(rest) for file in image) for image in images]
    return CachedImages(
        images,
        places,
        reader=reader,
        shorter_side=shorter_side,
        hits=hits,
        pixels=competition.pixels,
        contents=[
            joint_digest(["" if file is None else next(of_file) for file in image])
            for image in images
        ],
    )


def _refuse_other_sizes(images: Sequence[Files], reader: Reader) -> None:
    """Raise DataError where files of one image do not fit in size before they are shrunk."""
    for image in images:
        files = [file for file in image if file is not None]
        if len(files) > 1:
            first = image_size(files[0], reader)
            for file in files[1:]:
                refuse_other_size(image_size(file, reader), first, file, files[0])


def open_masks(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    *,
    shorter_side: int | None,
    progress: Progress = SILENT,
) -> CachedMasks:
    """Return the masks of `samples`, shrunk as `open_images` shrinks their images (nearest pixel).

    Raises:
        DataError: masks are missing or unreadable, or do not fit their images.
    """
    refs: list[MaskRef | None] = list(samples["mask"])
    files = [competition.root / first_file(paths) for paths in samples["images"]]
    is_flat = not competition.mask_kind.is_by_class
    channels = 1 if is_flat else competition.outputs(PIXELS)
    makers: list[Callable[[], NDArray[np.uint8]] | None] = []
    entries: list[PackEntry] = []
    for ref, file, digest in zip(
        refs, files, mask_digests(workspace, competition, samples), strict=True
    ):
        if ref is None:
            makers.append(None)
            continue
        native = image_size(file, competition.reader)
        size = shrunk_size(native, shorter_side)
        make = partial(_decode_mask, ref, competition, file, native, size)
        makers.append(make)
        # The runs of a mask have no meaning without the size of the image.
        key = hashlib.sha256(f"{digest} {native}".encode()).hexdigest()
        entries.append(PackEntry(key, size[0] * size[1] * channels, make))
    folder = pack_folder(workspace, "masks", shorter_side)
    found, _ = open_packs(folder, entries, what="masks", progress=progress)
    rest = iter(found)
    places = [None if make is None else next(rest) for make in makers]
    return CachedMasks(makers, places, is_flat=is_flat)


def shrink(image: ImageBands, shorter_side: int | None) -> NDArray[Any]:
    """Return the image with a shorter side of at most `shorter_side` pixels, its shape kept."""
    size = shrunk_size(image.shape[:2], shorter_side)
    # From what is decoded to the smaller picture, with no large array between the two.
    return image.whole() if size == image.shape[:2] else image.resized(size)


def shrunk_size(size: tuple[int, int], shorter_side: int | None) -> tuple[int, int]:
    """Return the (height, width) to which `shrink` brings an image of `size`.

    Example:
        >>> shrunk_size((100, 200), 50)
        (50, 100)
    """
    height, width = size
    shorter = min(height, width)
    if shorter_side is None or shorter <= shorter_side:
        return height, width
    ratio = shorter_side / shorter
    return max(1, round(height * ratio)), max(1, round(width * ratio))


def _decode_to_keep(
    file: Path, reader: Reader, shorter_side: int | None
) -> NDArray[Any] | ImageBands:
    """Return the image, one that is large in bands: what is decoded holds enough of the memory."""
    bands = read_bands(file, reader)
    if shorter_side is None and prod(bands.shape) * bands.dtype.itemsize > _LARGE_BYTES:
        return bands
    return shrink(bands, shorter_side)


def _decode_mask(
    ref: MaskRef,
    competition: Competition,
    image: Path,
    native: tuple[int, int],
    size: tuple[int, int],
) -> NDArray[np.uint8]:
    """Return the mask `(h, w, C)`, C = 1 for masks of one layer."""
    # Of a pixel's area the one value at its centre, which is what a class index allows.
    return resize_nearest(read_target(ref, competition, native, image=image), size).reshape(
        *size, -1
    )


def pack_folder(workspace: Workspace, what: str, shorter_side: int | None) -> Path:
    """Return where the cache keeps decoded things of one kind that were shrunk to that side."""
    side = "native" if shorter_side is None else str(shorter_side)
    return workspace.cache / f"{what}-{side}-v{CACHE_FORMAT}"


def _digests(workspace: Workspace, files: list[Path], progress: Progress) -> list[str]:
    try:
        return FileDigests(workspace).each(files, progress=progress)
    except FileNotFoundError as cause:
        missing = [file for file in files if not file.exists()]
        raise DataError(
            f"{either(len(missing), 'image is', 'images are')} missing",
            where=missing[0] if missing else cause.filename,
            fix="`podium check` lists them; mend the table, or download the data again",
        ) from cause


def _mean_bytes(files: list[Path], reader: Reader, shorter_side: int | None) -> int:
    """Return about how many bytes a decoded image takes, from the headers of some of them."""
    total, counted = 0, 0
    at_most = _READ_AT_MOST if reader.is_foreign else _SIZED_AT_MOST
    for file in some_of(files, at_most):
        try:
            height, width = shrunk_size(image_size(file, reader), shorter_side)
        except DataError:
            continue
        total += height * width * reader.pixels.n_bytes
        counted += 1
    return total // max(1, counted)


PACK_BYTES = 256 * 2**20
SPARE_BYTES = 200 * 2**20
"""Room that the cache leaves on the disk for checkpoints and predictions."""
_WAIT_S = 0.5
_BATCH = 64
_BATCH_BYTES = 256 * 2**20
"""Arrays that are made at the same time: as many as take so much, but at least one."""
_ENTRY_TYPE = np.dtype(
    [
        ("digest", "S64"),
        ("offset", "i8"),
        ("height", "i4"),
        ("width", "i4"),
        ("channels", "i4"),
        ("dtype", "S8"),  # missing in old packs of bytes
        ("checksum", "u4"),  # missing in old packs
    ]
)
_PIECE_BYTES = 4 * 2**20
_checked: dict[tuple[Path, int], tuple[int, ...]] = {}  # entry → the stamp of its pack

Array = NDArray[Any]


class StreamedArray(Protocol):
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
class PackEntry:
    """Something to keep `(H, W, C)`: its digest, about how large it is, and how to make it.

    Where it must be looked up how large it is, `about` does so, for what turns out to be missing.
    """

    digest: str
    about: int | Callable[[], int]
    make: Callable[[], Array | StreamedArray]

    @property
    def n_bytes(self) -> int:
        return self.about if isinstance(self.about, int) else self.about()


@dataclass(frozen=True)
class PackLocation:
    """The pack that holds an array, and the array's place in it."""

    pack: Path
    offset: int
    shape: tuple[int, int, int]
    dtype: str = "uint8"
    checksum: int | None = None

    @property
    def n_bytes(self) -> int:
        height, width, channels = self.shape
        return height * width * channels * np.dtype(self.dtype).itemsize

    @property
    def end(self) -> int:
        """The bytes of the pack up to its last one."""
        return self.offset + self.n_bytes


class PackReader:
    """Reads the arrays of `places`, which may be pickled: worker processes share the memory."""

    def __init__(self, places: Sequence[PackLocation | None]) -> None:
        self._files = sorted({place.pack for place in places if place is not None})
        self._open()

    def array(self, place: PackLocation) -> Array:
        """Return the array `(H, W, C)`, read-only; only sliced parts are read from disk."""
        flat = self._maps[place.pack][place.offset : place.offset + place.n_bytes]
        return np.asarray(flat).view(place.dtype).reshape(place.shape)

    def release(self) -> None:
        """Release the memory of pages that were read; the page cache of the disk serves them again.

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
    folder: Path, entries: Sequence[PackEntry], *, what: str, progress: Progress
) -> tuple[list[PackLocation | None], int]:
    """Return where each entry lies, after making those that are missing, and how many were there.

    A second process that needs the same entries waits for the first one and then reads them. Where
    the disk has too little room, or cannot be written, entries have no place (None).

    Args:
        folder: of the packs.
        entries: the needed arrays; several may share a digest.
        what: named in messages, as "images".
        progress: gets a bar while entries are made.

    Raises:
        DataError: entries cannot be made; all of them are counted, five are named.
    """
    by_digest = {entry.digest: entry for entry in entries}
    known = _intact(_read_index(folder), by_digest, what, progress)
    hits = sum(entry.digest in known for entry in entries)
    if hits < len(entries):
        try:
            known = _complete(folder, by_digest, what, progress)
        except OSError as error:
            if error.errno not in FULL_OR_READ_ONLY:
                raise
            known = _read_index(folder)
            _report_slow(progress, what, f"{folder} cannot be written ({error.strerror})")
    return [known.get(entry.digest) for entry in entries], hits


def _read_index(folder: Path) -> dict[str, PackLocation]:
    """Return where each digest lies, from the packs that are complete."""
    places: dict[str, PackLocation] = {}
    for file in sorted(folder.glob("*.npy")):
        pack = file.with_suffix(".bin")
        try:
            index = np.load(file, allow_pickle=False)
            size = pack.stat().st_size
            places |= {name: one for name, one in _places(pack, index) if one.end <= size}
        except DAMAGED_CACHE:  # what it lists is made again
            continue
    return places


def _places(pack: Path, index: Array) -> Iterator[tuple[str, PackLocation]]:
    for digest, offset, height, width, channels, *rest in index.tolist():
        dtype = rest[0].decode() if rest else "uint8"
        checksum = rest[1] if len(rest) > 1 else None
        place = PackLocation(pack, offset, (height, width, channels), dtype, checksum)
        yield digest.decode(), place


def _intact(
    known: dict[str, PackLocation], needed: Collection[str], what: str, progress: Progress
) -> dict[str, PackLocation]:
    """Return `known` without the packs in which a needed entry is damaged; these are removed."""
    stamps = {place.pack: stamp_of(place.pack) for place in known.values()}
    new = [
        (digest, place)
        for digest in needed
        if (place := known.get(digest)) is not None
        and place.checksum is not None
        and _checked.get((place.pack, place.offset)) != stamps[place.pack]
    ]
    with ThreadPoolExecutor(n_cores()) as pool:
        each = pool.map if len(new) > _BATCH else map
        damaged = {pack for pack in each(_damaged_pack, new) if pack is not None}
    if not damaged:
        return known
    lost = sum(place.pack in damaged for place in known.values())
    progress.say(f"{lost:,} {what} in the cache are damaged, and made again")
    for pack in damaged:
        for file in (pack.with_suffix(".npy"), pack):
            with suppress(OSError):
                file.unlink()
    return {digest: place for digest, place in known.items() if place.pack not in damaged}


def damaged_packs(cache: Path) -> Iterator[Path]:
    """Give each pack below the folder `cache` that has a damaged index or entry."""
    for file in sorted(cache.rglob("*.npy")):
        pack = file.with_suffix(".bin")
        if not pack.is_file():
            continue  # it is something else, or is being written
        try:
            places = list(_places(pack, np.load(file, allow_pickle=False)))
        except DAMAGED_CACHE:
            yield file
            continue
        checked = [(digest, one) for digest, one in places if one.checksum is not None]
        if any(map(_damaged_pack, checked)):
            yield pack


def _damaged_pack(entry: tuple[str, PackLocation]) -> Path | None:
    """Return the pack of an entry whose checksum is not that of its content; None: it is right."""
    digest, place = entry
    found, left = _first_checksum(digest, place.shape, place.dtype), place.n_bytes
    try:
        stamp = stamp_of(place.pack)
        # Read, not mapped: pages of a map count as the process's memory.
        with place.pack.open("rb") as file:
            file.seek(place.offset)
            while left and (piece := file.read(min(left, _PIECE_BYTES))):
                found, left = zlib.crc32(piece, found), left - len(piece)
    except (OSError, ValueError):
        return place.pack
    if left or found != place.checksum:
        return place.pack
    _checked[place.pack, place.offset] = stamp
    return None


def _first_checksum(digest: str, shape: Sequence[int], dtype: str) -> int:
    """Return the checksum of what the index has of an entry, which that of its bytes continues."""
    return zlib.crc32(f"{digest} {tuple(map(int, shape))} {dtype}".encode())


def _complete(
    folder: Path, by_digest: dict[str, PackEntry], what: str, progress: Progress
) -> dict[str, PackLocation]:
    """Return the index after making the missing entries, with the folder locked meanwhile."""
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
            _report_slow(progress, what, reason)
            return known
        _build(folder, missing, what, progress)
        return _read_index(folder)


def _lock_or_wait(
    stack: ExitStack, folder: Path, expected: set[str], what: str, progress: Progress
) -> None:
    """Lock the folder, or wait until the process that holds it has made all expected entries."""
    is_reported = False
    while True:
        try:
            stack.enter_context(locks.hold(folder / ".lock", what=f"the cache of {what}"))
            return
        except RunError as error:
            if not is_reported:
                progress.say(f"waiting: {error.message}")
                is_reported = True
        if expected <= _read_index(folder).keys():
            return
        time.sleep(_WAIT_S)


def _remove_orphans(folder: Path) -> None:
    """Remove packs without an index; a process was killed between writing the two."""
    for pack in folder.glob("*.bin"):
        if not pack.with_suffix(".npy").exists():
            with suppress(OSError):
                pack.unlink()


def _build(folder: Path, missing: list[PackEntry], what: str, progress: Progress) -> None:
    broken: list[DataError] = []

    def make(entry: PackEntry) -> tuple[str, Array | StreamedArray] | DataError:
        try:
            return entry.digest, entry.make()
        except DataError as error:
            return error

    with (
        progress.bar(f"decoding {what}", len(missing)) as advance,
        ThreadPoolExecutor(n_cores()) as pool,
    ):

        def made() -> Iterator[tuple[str, Array | StreamedArray]]:
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


def _batches(entries: Sequence[PackEntry]) -> Iterator[list[PackEntry]]:
    """Split `entries` into batches that are small in memory."""
    batch: list[PackEntry] = []
    n_bytes = 0
    for entry in entries:
        if batch and (len(batch) == _BATCH or n_bytes + entry.n_bytes > _BATCH_BYTES):
            yield batch
            batch, n_bytes = [], 0
        batch.append(entry)
        n_bytes += entry.n_bytes
    if batch:
        yield batch


def _write_pack(folder: Path, stream: Iterator[tuple[str, Array | StreamedArray]]) -> bool:
    """Write arrays into a new pack until it is full; return whether there may be more."""
    current = next(stream, None)
    if current is None:
        return False
    pack = folder / f"{secrets.token_hex(8)}.bin"
    rows: list[tuple[bytes, int, int, int, int, bytes, int]] = []
    offset = 0
    with atomic.replacing(pack) as temporary, temporary.open("wb") as out:
        while current is not None:
            digest, array = current
            padding = -offset % array.dtype.itemsize
            out.write(bytes(padding))
            offset += padding
            dtype = array.dtype.name
            checksum = _write(out, array, _first_checksum(digest, array.shape, dtype))
            rows.append((digest.encode(), offset, *array.shape, dtype.encode(), checksum))
            offset += prod(array.shape) * array.dtype.itemsize
            del array, current
            current = next(stream, None) if offset < PACK_BYTES else None
    with atomic.replacing(pack.with_suffix(".npy")) as temporary, temporary.open("wb") as out:
        np.save(out, np.array(rows, dtype=_ENTRY_TYPE), allow_pickle=False)
    return offset >= PACK_BYTES


def _write(out: BinaryIO, array: Array | StreamedArray, checksum: int) -> int:
    """Write an array, and return the checksum continued over its bytes."""
    for part in [array] if isinstance(array, np.ndarray) else array:
        content = np.ascontiguousarray(part).data
        out.write(content)
        checksum = zlib.crc32(content, checksum)
    return checksum


def _unreadable(broken: list[DataError], total: int, what: str) -> DataError:
    if len(broken) == 1:
        return broken[0]
    shown = "".join(f"\n  - {error.where}: {error.message}" for error in broken[:5])
    rest = f"\n  - and {len(broken) - 5:,} more" if len(broken) > 5 else ""
    return DataError(
        f"{len(broken):,} of {total:,} {what} cannot be read{shown}{rest}", fix=broken[0].fix
    )


def _report_slow(progress: Progress, what: str, reason: str) -> None:
    progress.say(
        f"no cache of {what}: {reason}; {what} are decoded at each access, which is slower "
        "(--scratch DIR moves the cache to another disk)"
    )
