"""Facts of every mask of the train part: sizes, pixels of each class, areas of objects, contacts.

The facts of a mask are kept in the workspace's cache under the contents of mask and image and how
the mask is read, so that a mended mask is read again and everything else is not.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.images import first_file, image_size
from podium.competition.readers import Reader
from podium.competition.spec import Competition
from podium.competition.truths.instances import Instances
from podium.competition.truths.masks import (
    IGNORE,
    Mask,
    MaskRef,
    mask_digests,
    n_mask_classes,
    read_mask,
)
from podium.competition.truths.objects import border_pixels, read_objects, shared_pixels
from podium.errors import DataError, plural
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "MaskFact",
    "MaskFacts",
    "ObjectFact",
    "classes_in_masks",
    "list_mask_facts",
    "read_mask_facts",
]


FACTS_FORMAT = 1
"""Raised when what is counted changes, so that old facts are not read any more."""
_AT_ONCE = 256
_COUNTED_AT_ONCE = 2**20  # pixels
_WAIT_FOR_DATABASE_S = 10.0
_TABLE = "CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT)"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MaskFact:
    """One sample's mask.

    Attributes:
        size: (height, width) of the image.
        pixels: of each mask class; empty where there is no mask.
        foreground: pixels of any class.
        unknown: unlabelled pixels (`IGNORE`).
        error: why the mask cannot be read.
        digest: of the mask's contents.
        objects: facts of the objects, for a task of objects.
    """

    size: tuple[int, int] = (0, 0)
    pixels: tuple[int, ...] = ()
    foreground: int = 0
    unknown: int = 0
    error: DataError | None = None
    digest: str = ""
    objects: ObjectFact | None = None


@dataclass(frozen=True)
class MaskFacts:
    """Facts of the masks of N samples; K mask classes.

    Attributes:
        present: bool `(N,)`, whether the sample has a mask.
        sizes: int64 `(N, 2)`, height and width of the image.
        pixels: int64 `(N, K)`, pixels of each mask class; 0 where there is no mask.
        unknown: int64 `(N,)`, unlabelled pixels (`IGNORE`).
        coverage: float64 `(N,)`, share of the labelled pixels that are of any class; nan where
            there is no mask, or no pixel is labelled.
        has_class: uint8 `(N, K)`, whether there is any pixel of the class.
    """

    present: NDArray[np.bool_]
    sizes: NDArray[np.int64]
    pixels: NDArray[np.int64]
    unknown: NDArray[np.int64]
    coverage: NDArray[np.float64]
    has_class: NDArray[np.uint8]


def read_mask_facts(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    *,
    progress: Progress = SILENT,
) -> MaskFacts:
    """Return the facts of the masks of `samples`; masks that are not cached are read.

    Args:
        workspace: its cache keeps the facts.
        competition: configures the masks.
        samples: as `load_samples` returns the train part.
        progress: gets a bar while masks are read.

    Raises:
        DataError: masks cannot be read; the first is explained, all are counted.
    """
    facts = list_mask_facts(workspace, competition, samples, progress=progress)
    broken = [fact.error for fact in facts if fact.error is not None]
    if len(broken) == 1:
        raise broken[0]
    if broken:
        raise DataError(
            f"{len(broken):,} of {plural(len(facts), 'mask')} cannot be used: {broken[0].message}",
            where=broken[0].where,
            fix=broken[0].fix or "`podium check` lists them",
        )
    return mask_fact_arrays(facts, n_mask_classes(competition), samples)


def mask_fact_arrays(facts: Sequence[MaskFact], n_classes: int, samples: pd.DataFrame) -> MaskFacts:
    """Return single facts as arrays; a mask with an error counts as missing."""
    present = np.array(
        [
            ref is not None and fact.error is None
            for ref, fact in zip(samples["mask"], facts, strict=True)
        ],
        dtype=bool,
    )
    sizes = np.array([fact.size for fact in facts], dtype=np.int64).reshape(len(facts), 2)
    nothing = (0,) * n_classes
    rows = [fact.pixels or nothing for fact in facts]
    pixels = np.array(rows, dtype=np.int64).reshape(len(facts), n_classes)
    unknown = np.array([fact.unknown for fact in facts], dtype=np.int64)
    foreground = np.array([fact.foreground for fact in facts], dtype=np.float64)
    known = np.where(present, sizes.prod(axis=1) - unknown, 0)
    coverage = np.full(len(facts), np.nan)
    np.divide(foreground, known, out=coverage, where=known > 0)
    return MaskFacts(present, sizes, pixels, unknown, coverage, (pixels > 0).astype(np.uint8))


def classes_in_masks(
    workspace: Workspace, competition: Competition, samples: pd.DataFrame
) -> list[NDArray[np.uint8] | None]:
    """Return the mask classes with a pixel in each sample, uint8 `(K,)`; None where unknown.

    That is where there is no mask, or none of its pixels is labelled.

    Raises:
        DataError: a mask file cannot be read.
    """
    refs: list[MaskRef | None] = list(samples["mask"])
    if all(ref is None or ref.is_table for ref in refs):
        # A row with runs suffices; whether its runs are valid is checked when they are read.
        return [None if ref is None else _named(ref, n_mask_classes(competition)) for ref in refs]
    facts = read_mask_facts(workspace, competition, samples)
    is_known = ~np.isnan(facts.coverage)
    return [row if known else None for row, known in zip(facts.has_class, is_known, strict=True)]


def _named(ref: MaskRef, n_classes: int) -> NDArray[np.uint8]:
    found = np.zeros(n_classes, dtype=np.uint8)
    found[[number for number, _, _ in ref.runs]] = 1
    return found


def list_mask_facts(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    *,
    progress: Progress = SILENT,
) -> list[MaskFact]:
    """Return the facts of each sample, in order; masks that cannot be read have an `error`.

    Raises:
        DataError: a mask file or an image vanished since the samples were loaded, or the user's own
            reader cannot be loaded.
    """
    competition.reader.require()
    digests = mask_digests(workspace, competition, samples)
    images = [competition.root / first_file(paths) for paths in samples["images"]]
    keys = _keys(workspace, images, digests, competition.reader)
    cache = _Cache(workspace.cache / "mask_facts.db")
    known = cache.read()
    todo = [row for row, key in enumerate(keys) if key not in known]
    refs: list[MaskRef | None] = list(samples["mask"])
    fresh: dict[int, MaskFact] = {}

    def read_fact(row: int) -> MaskFact:
        return _read_fact(refs[row], competition, images[row])

    if todo:
        # Pillow decodes and numpy counts without the interpreter's lock: threads are enough.
        with (
            progress.bar("read masks", len(todo)) as advance,
            ThreadPoolExecutor(n_cores()) as pool,
        ):
            for start in range(0, len(todo), _AT_ONCE):
                part = todo[start : start + _AT_ONCE]
                fresh |= zip(part, pool.map(read_fact, part), strict=True)
                advance(len(part))
        cache.write({keys[row]: fact for row, fact in fresh.items() if fact.error is None})
    each = [fresh[row] if row in fresh else known[key] for row, key in enumerate(keys)]
    return [replace(fact, digest=digest) for fact, digest in zip(each, digests, strict=True)]


def _read_fact(ref: MaskRef | None, competition: Competition, image: Path) -> MaskFact:
    size = (0, 0)
    try:
        size = image_size(image, competition.reader)
        if ref is None:
            return MaskFact(size)
        if not competition.has_objects:
            return _count(read_mask(ref, competition, size, image=image), competition)
        mask, objects = read_objects(ref, competition, size, image=image)
        return replace(_count(mask, competition), objects=count_objects(objects))
    except DataError as error:
        return MaskFact(size, error=error)


def _count(mask: Mask, competition: Competition) -> MaskFact:
    size = (mask.shape[0], mask.shape[1])
    if competition.mask_kind.is_by_class:
        is_class = mask == 1  # (H, W, C)
        pixels = is_class.sum(axis=(0, 1)).tolist()
        is_any = is_class.any(axis=-1)
        unknown = int(((mask == IGNORE).any(axis=-1) & ~is_any).sum())
        return MaskFact(size, tuple(pixels), int(is_any.sum()), unknown)
    # Strip by strip, because bincount turns every pixel into 8 bytes.
    strips = np.array_split(mask.ravel(), mask.size // _COUNTED_AT_ONCE + 1)
    counts = np.sum([np.bincount(strip, minlength=IGNORE + 1) for strip in strips], axis=0)
    pixels = counts[1 : n_mask_classes(competition) + 1].tolist()
    return MaskFact(size, tuple(pixels), sum(pixels), int(counts[IGNORE]))


def _keys(
    workspace: Workspace, images: Sequence[Path], digests: Sequence[str], reader: Reader
) -> list[str]:
    try:
        contents = FileDigests(workspace).each(images)
    except FileNotFoundError as cause:
        raise DataError(
            "an image is missing", where=cause.filename, fix="`podium check` lists what is wrong"
        ) from cause
    # The image counts, too: its size decides whether the mask fits.
    by = "" if reader.is_plain else f" {reader.identity}"
    texts = (
        f"{FACTS_FORMAT} {image} {mask}{by}" for image, mask in zip(contents, digests, strict=True)
    )
    return [hashlib.sha256(text.encode("ascii")).hexdigest() for text in texts]


class _Cache:
    """The facts on disk; where they cannot be kept, masks are only read again."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[str, MaskFact]:
        if not self._file.is_file():
            return {}
        try:
            with closing(self._connect()) as connection:
                rows = connection.execute("SELECT key, value FROM fact").fetchall()
            return {key: _from_json(value) for key, value in rows}
        except (sqlite3.DatabaseError, ValueError) as error:
            self._give_up_on(error)
            return {}

    def write(self, facts: Mapping[str, MaskFact]) -> None:
        rows = [(key, _to_json(fact)) for key, fact in facts.items()]
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as connection, connection:
                connection.execute(_TABLE)
                connection.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", rows)
        except (OSError, sqlite3.DatabaseError) as error:
            self._give_up_on(error)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, timeout=_WAIT_FOR_DATABASE_S)

    def _give_up_on(self, error: Exception) -> None:
        _logger.warning("facts of masks are not cached in %s: %s", self._file, error)
        # OperationalError: locked, read-only or full, and the file may be good. Else it is broken.
        if not isinstance(error, OSError | sqlite3.OperationalError):
            with suppress(OSError):
                self._file.unlink(missing_ok=True)


def _to_json(fact: MaskFact) -> str:
    objects = [] if fact.objects is None else [fact.objects.to_list()]
    return json.dumps([*fact.size, fact.foreground, fact.unknown, *fact.pixels, *objects])


def _from_json(text: str) -> MaskFact:
    height, width, foreground, unknown, *pixels = json.loads(text)
    has_objects = bool(pixels) and isinstance(pixels[-1], list)
    objects = ObjectFact.from_list(pixels.pop()) if has_objects else None
    return MaskFact((height, width), tuple(pixels), foreground, unknown, objects=objects)


@dataclass(frozen=True)
class ObjectFact:
    """The objects of one image.

    Attributes:
        areas: pixels of each object.
        shared: pixels of more than one object.
        touching: objects that touch another one of their class, by a side or a corner.
        in_pieces: objects of several areas that do not touch.
    """

    areas: tuple[int, ...] = ()
    shared: int = 0
    touching: int = 0
    in_pieces: int = 0

    def to_list(self) -> list[int]:
        """Return the same as numbers, for a cache."""
        return [self.shared, self.touching, self.in_pieces, *self.areas]

    @classmethod
    def from_list(cls, numbers: Sequence[int]) -> ObjectFact:
        """Return the object that `to_list` wrote."""
        shared, touching, in_pieces, *areas = numbers
        return cls(tuple(areas), shared, touching, in_pieces)


def count_objects(objects: Instances) -> ObjectFact:
    """Return the fact of the objects of an image."""
    pieces = [
        cv2.connectedComponents(np.ascontiguousarray(crop).view(np.uint8), connectivity=8)[0] - 1
        for crop in objects.crops
    ]
    return ObjectFact(
        areas=tuple(objects.areas.tolist()),
        shared=int(shared_pixels(objects).sum()),
        touching=sum(
            _touching(objects.take(np.flatnonzero(objects.classes == number)))
            for number in np.unique(objects.classes).tolist()
        ),
        in_pieces=sum(n > 1 for n in pieces),
    )


def _touching(objects: Instances) -> int:
    is_border = border_pixels(objects, 1)
    return sum(
        bool((crop & is_border[top:bottom, left:right]).any())
        for (top, left, bottom, right), crop in zip(objects.boxes, objects.crops, strict=True)
    )
