"""Decoded images and masks on disk, memory-mapped: decoded once, read by every fold, run, process.

An image is kept under the sha256 of its file, so renamed and repeated files share an entry and a
changed file gets a new one; a mask under the sha256 of its files or runs and of how they are read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.bands import ArrayBands, Bands, Stacked
from podium.competition.images import first_file, image_size, read_bands, refuse_other_size
from podium.competition.masks import Mask, MaskRef, mask_digests, nearest
from podium.competition.objects import read_target
from podium.competition.packs import Entry, Packs, Place, open_packs
from podium.competition.pixels import RGB8, Pixels
from podium.competition.readers import Reader
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "Images",
    "Masks",
    "open_images",
    "open_masks",
    "pack_folder",
    "shrink",
    "shrunk_size",
]

CACHE_FORMAT = 2
"""Raised when decoding or shrinking changes, so that old packs are not read any more."""
_SIZED_AT_MOST, _READ_AT_MOST = 200, 5
_LARGE_BYTES = 2**26

Files = tuple[Path | None, ...]
"""Of one image, in the order of its channels; None stands for a slice that is not there: zeros."""


class Images(Sequence[NDArray[Any]]):
    """Images by number, `(H, W, C)` of the form `pixels`; each access gives a new writable array.

    May be pickled: worker processes map the same files, and share the memory.

    Attributes:
        pixels: the form of every image.
        hits: how many of the files the cache had already when it was opened.
        n_cached: how many images are read from the cache now; the others are decoded at each
            access.
    """

    def __init__(
        self,
        files: Sequence[Files],
        places: Sequence[tuple[Place | None, ...]],
        *,
        reader: Reader,
        shorter_side: int | None,
        hits: int,
        pixels: Pixels = RGB8,
    ) -> None:
        self.pixels = pixels
        self._files = list(files)
        self._places = [_complete(*one) for one in zip(self._files, places, strict=True)]
        self._reader = reader
        self._shorter_side = shorter_side
        self.hits = hits
        self.n_cached = sum(place is not None for place in self._places)
        self._packs = Packs([one for place in self._places for one in place or ()])

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
        """Return image `index` read-only; only what is sliced of it is read from disk.

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

    def _cached(self, index: int) -> NDArray[Any] | Bands | None:
        places = self._places[index]
        if places is None:
            return None
        if len(places) == 1 and places[0] is not None:
            return self._packs.array(places[0])
        first = next(place for place in places if place is not None)
        nothing = np.broadcast_to(np.zeros((1, 1, 1), dtype=first.dtype), first.shape)
        arrays = (nothing if place is None else self._packs.array(place) for place in places)
        return Stacked([ArrayBands(one, one.dtype, is_lazy=True) for one in arrays])


def _complete(files: Files, places: tuple[Place | None, ...]) -> tuple[Place | None, ...] | None:
    """Return the places of the files of an image; None where one of them has none."""
    pairs = zip(files, places, strict=True)
    return places if all(place or file is None for file, place in pairs) else None


class Masks(Sequence[Mask | None]):
    """Masks by number, in the geometry of the images beside them; None where there is none.

    May be pickled, as `Images`.
    """

    def __init__(
        self,
        makers: Sequence[Callable[[], NDArray[np.uint8]] | None],
        places: Sequence[Place | None],
        *,
        is_flat: bool,
    ) -> None:
        self._makers = list(makers)
        self._places = list(places)
        self._is_flat = is_flat
        self._packs = Packs(places)

    def __len__(self) -> int:
        return len(self._makers)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        found = self.window(index)
        return None if found is None else np.array(found)

    def window(self, index: int) -> Mask | None:
        """Return mask `index` read-only; only what is sliced of it is read from disk."""
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
) -> Images:
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
            the files of one image are not of one size.
    """
    root, reader = competition.root, competition.reader
    each = [(path,) if isinstance(path, str) else path for path in paths]
    images: list[Files] = [tuple(root / one if one else None for one in path) for path in each]
    files = [file for image in images for file in image if file is not None]
    digests = _digests(workspace, files, progress)
    reader.require()
    folder = pack_folder(workspace, f"images/{reader.identity}", shorter_side)
    about = _mean_bytes(files, reader, shorter_side)
    entries = [
        Entry(digest, about, partial(_decode_to_keep, file, reader, shorter_side))
        for digest, file in zip(digests, files, strict=True)
    ]
    found, hits = open_packs(folder, entries, what="images", progress=progress)
    if hits < len(entries):
        _refuse_other_sizes(images, reader)
    rest = iter(found)
    places = [tuple(None if file is None else next(rest) for file in image) for image in images]
    return Images(
        images,
        places,
        reader=reader,
        shorter_side=shorter_side,
        hits=hits,
        pixels=competition.pixels,
    )


def _refuse_other_sizes(images: Sequence[Files], reader: Reader) -> None:
    """Raise DataError where the files of one image are not of one size before they are shrunk."""
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
) -> Masks:
    """Return the masks of `samples`, shrunk as `open_images` shrinks their images (nearest pixel).

    Raises:
        DataError: masks are missing or unreadable, or do not fit their images.
    """
    refs: list[MaskRef | None] = list(samples["mask"])
    files = [competition.root / first_file(paths) for paths in samples["images"]]
    is_flat = competition.mask_kind != "multilabel"
    channels = 1 if is_flat else competition.outputs("segment")
    makers: list[Callable[[], NDArray[np.uint8]] | None] = []
    entries: list[Entry] = []
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
        # The runs of a mask say nothing without the size of the image.
        key = hashlib.sha256(f"{digest} {native}".encode()).hexdigest()
        entries.append(Entry(key, size[0] * size[1] * channels, make))
    folder = pack_folder(workspace, "masks", shorter_side)
    found, _ = open_packs(folder, entries, what="masks", progress=progress)
    rest = iter(found)
    places = [None if make is None else next(rest) for make in makers]
    return Masks(makers, places, is_flat=is_flat)


def shrink(image: Bands, shorter_side: int | None) -> NDArray[Any]:
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


def _decode_to_keep(file: Path, reader: Reader, shorter_side: int | None) -> NDArray[Any] | Bands:
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
    return nearest(read_target(ref, competition, native, image=image), size).reshape(*size, -1)


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
            f"{len(missing):,} images are missing",
            where=missing[0] if missing else cause.filename,
            fix="`podium check` lists them; mend the table, or download the data again",
        ) from cause


def _mean_bytes(files: list[Path], reader: Reader, shorter_side: int | None) -> int:
    """Return about how many bytes a decoded image takes, from the headers of some of them."""
    total, counted = 0, 0
    at_most = _READ_AT_MOST if reader.is_foreign else _SIZED_AT_MOST
    for file in files[:: max(1, len(files) // at_most)]:
        try:
            height, width = shrunk_size(image_size(file, reader), shorter_side)
        except DataError:
            continue
        total += height * width * reader.pixels.n_bytes
        counted += 1
    return total // max(1, counted)
