"""Facts of image files for the data checks, from opening each once: size, bytes, hash, colours.

The sizes and duplicates of the last check are kept for the report:

    .podium/cache/checked/images.parquet    one row a sample; safe to delete

The file is of the last check: samples added since are not in it.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image
from pyarrow import parquet

from podium.competition.checks.checked_tables import metadata_of_tables
from podium.competition.checks.near_duplicates import clusters, distances, is_flat, perceptual_hash
from podium.competition.images import joint_digest, read_bands
from podium.competition.readers import IMAGE, Reader
from podium.competition.readers.image import bands_of
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.workspace import digests
from podium.workspace.atomic import replacing
from podium.workspace.layout import Workspace
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "FEATURES",
    "CheckedImages",
    "DuplicatePair",
    "ImageFacts",
    "read_checked_images",
    "read_image_facts",
    "save_checked_images",
]


THUMBNAIL = 16  # pixels a side
_HASHED_PX = 64  # the side at which colours and detail are measured
_REDUCED_PX = 16 * _HASHED_PX  # large images are shrunk in two steps
_AT_ONCE = 512
# Edges and slopes cancel out in it, noise does not (Immerkaer 1996).
_NOISE = np.outer([1.0, -2.0, 1.0], [1.0, -2.0, 1.0])
FEATURES = (
    "width", "height", "aspect", "bytes per pixel", "red", "green", "blue", "spread of red",
    "spread of green", "spread of blue", "saturation", "detail", "noise", "darkest", "brightest",
    "channels", "JPEG quantisation", "EXIF tags",
)  # fmt: skip


@dataclass(frozen=True)
class ImageFacts:
    """One image: a file, or several whose channels stand one after the other.

    Args:
        path: of the (first) file, as the samples name it.
        error: why it cannot be read; then all below is unknown, except the sha256.
        sha256: of the file, or of those of its files.
        width: in pixels, upright.
        height: in pixels, upright.
        hash: perceptual hash.
        is_flat: whether there is too little structure for the hash to be meaningful.
        thumbnail: uint8 `(16, 16, 3)`.
        features: `(len(FEATURES),)`, cheap numbers that may differ between sources of images.
    """

    path: str
    error: DataError | None = None
    sha256: str = ""
    width: int = 0
    height: int = 0
    hash: int = 0
    is_flat: bool = False
    thumbnail: NDArray[np.uint8] = field(
        default_factory=lambda: np.zeros((THUMBNAIL, THUMBNAIL, 3), dtype=np.uint8), repr=False
    )
    features: NDArray[np.float64] = field(
        default_factory=lambda: np.full(len(FEATURES), np.nan), repr=False
    )


def read_image_facts(
    root: Path,
    paths: Sequence[str | tuple[str, ...]],
    *,
    reader: Reader = IMAGE,
    progress: Progress = SILENT,
) -> list[ImageFacts]:
    """Return the facts of every image, in order; those that cannot be read have an `error`.

    Args:
        root: what paths are relative to.
        paths: the file of each image, or its files; "" is none.
        reader: reads a file.
        progress: gets a bar.
    """
    facts: list[ImageFacts] = []
    with (
        progress.bar("open images", len(paths)) as advance,
        # Pillow decodes and hashlib hashes without the interpreter's lock: threads are enough.
        ThreadPoolExecutor(n_cores()) as pool,
    ):
        for start in range(0, len(paths), _AT_ONCE):
            part = paths[start : start + _AT_ONCE]
            facts.extend(pool.map(lambda path: image_facts(root, path, reader), part))
            advance(len(part))
    return facts


def image_facts(root: Path, path: str | tuple[str, ...], reader: Reader = IMAGE) -> ImageFacts:
    """Return the facts of one image, of a file or several below `root`."""
    paths = (path,) if isinstance(path, str) else path
    named = [one for one in paths if one]
    digests, n_bytes, content = [], 0, b""
    for one in paths:
        try:
            content = (root / one).read_bytes() if one else b""
        except OSError as error:
            reason = DataError(error.strerror or "cannot be read", where=one, fix="mend its path")
            return ImageFacts(named[0], error=reason)
        digests.append(hashlib.sha256(content).hexdigest() if one else "")
        n_bytes += len(content)
    sha256 = joint_digest(digests)
    try:
        if reader.is_plain and len(paths) == 1:
            size, picture, header = _decode(root / named[0], content)
        else:
            size, picture, header = _shown(root, paths, reader)
    except DataError as error:
        return ImageFacts(named[0], error=error, sha256=sha256)
    shown = cv2.resize(picture, (_HASHED_PX, _HASHED_PX), interpolation=cv2.INTER_AREA)
    width, height = size
    return ImageFacts(
        named[0],
        sha256=sha256,
        width=width,
        height=height,
        hash=int(perceptual_hash(shown)),
        is_flat=is_flat(shown),
        thumbnail=cv2.resize(shown, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA),
        features=np.array([*_shape(width, height, n_bytes), *_colours(shown), *header]),
    )


def _shape(width: int, height: int, n_bytes: int) -> list[float]:
    return [width, height, width / height, n_bytes / (width * height)]


_Decoded = tuple[tuple[int, int], NDArray[np.uint8], list[float]]
"""(width, height), the picture (of JPEG and large ones smaller), numbers of the header."""


def _shown(root: Path, paths: Sequence[str], reader: Reader) -> _Decoded:
    """Return an image of any form as people see it.

    Raises:
        DataError: as `read_image` does.
    """
    bands = read_bands([root / path if path else None for path in paths], reader)
    pixels = replace(reader.pixels, channels=bands.shape[2])
    picture = pixels.shown(bands.reduced(_REDUCED_PX))
    return (bands.shape[1], bands.shape[0]), picture, [np.nan, 0.0, 0.0]


def _decode(path: Path, content: bytes) -> _Decoded:
    """Return a picture that Pillow reads.

    Raises:
        DataError: as `read_image` does.
    """
    header = [np.nan, 0.0, 0.0]
    try:
        with Image.open(io.BytesIO(content)) as image:
            size = image.size
            tables = getattr(image, "quantization", None)
            tags = image.getexif()
            quantisation = float(np.mean(next(iter(tables.values())))) if tables else 0.0
            header = [float(len(image.getbands())), quantisation, float(len(tags))]
            if image.format == "JPEG" and image.mode in ("RGB", "L") and tags.get(0x0112, 1) == 1:
                # libjpeg reads the whole stream, so truncation shows, but inverts few frequencies.
                image.draft(image.mode, (_HASHED_PX, _HASHED_PX))
                return size, np.array(image.convert("RGB"), dtype=np.uint8), header
            # The tags of a PNG may stand behind its pixels: it is decoded already.
            bands = bands_of(image, path)
            return (bands.shape[1], bands.shape[0]), bands.reduced(_REDUCED_PX), header
    except Exception:  # Pillow raises any exception on damage; read_bands explains it
        pass
    bands = read_bands(path)
    return (bands.shape[1], bands.shape[0]), bands.reduced(_REDUCED_PX), header


def _colours(shown: NDArray[np.uint8]) -> list[float]:
    pixels = shown.reshape(-1, 3).astype(np.float64)
    saturation = (pixels.max(axis=1) - pixels.min(axis=1)).mean()
    grey = cv2.cvtColor(shown, cv2.COLOR_RGB2GRAY)
    detail = np.abs(cv2.Laplacian(grey, cv2.CV_64F)).mean()
    noise = np.abs(cv2.filter2D(grey.astype(np.float64), -1, _NOISE)).mean()
    ends = np.quantile(grey, [0.05, 0.95])
    return [*pixels.mean(axis=0), *pixels.std(axis=0), saturation, detail, noise, *ends]


_logger = logging.getLogger(__name__)
_MOST_PAIRS, _MOST_COMPARED = 20, 40  # of one cluster: pairs reported, samples compared


@dataclass(frozen=True)
class DuplicatePair:
    """Two samples that show one picture.

    Attributes:
        one, other: their rows.
        distance: bits of 64 in which their hashes differ.
        is_same_file: whether the contents of their files are equal.
    """

    one: int
    other: int
    distance: int
    is_same_file: bool


@dataclass(frozen=True)
class CheckedImages:
    """N samples, in the order of the parts of the data.

    Attributes:
        splits: `(N,)`: "train", "unlabelled", "test", "extra NAME".
        ids: `(N,)`.
        paths: `(N,)`, of the first file of each, as the samples name it.
        sizes: `(N, 2)`, height and width; 0 where the image could not be read.
        cluster: `(N,)`, a number for all samples of one picture; -1: it stands once.
        hashes: `(N,)`, perceptual.
        contents: `(N,)`, of files; equal ones are equal.
    """

    splits: NDArray[Any]
    ids: NDArray[Any]
    paths: NDArray[Any]
    sizes: NDArray[np.int64]
    cluster: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    contents: NDArray[Any]

    def __len__(self) -> int:
        return len(self.ids)

    def duplicates_of(self, row: int) -> list[DuplicatePair]:
        """Return the pairs of `row` with the other samples of its picture, the nearest first."""
        if self.cluster[row] < 0:
            return []
        others = np.flatnonzero(self.cluster == self.cluster[row])
        return self._of(np.full(len(others) - 1, row), others[others != row])

    def pairs(self) -> list[DuplicatePair]:
        """Return the pairs of each cluster in order, of large ones the nearest of the first."""
        members = np.flatnonzero(self.cluster >= 0)
        order = members[np.argsort(self.cluster[members], kind="stable")]
        edges = np.flatnonzero(np.diff(self.cluster[order])) + 1
        found: list[DuplicatePair] = []
        for part in np.split(order, edges) if len(order) else []:
            one, other = np.triu_indices(min(len(part), _MOST_COMPARED), k=1)
            found += self._of(part[one], part[other])
        return found

    def _of(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> list[DuplicatePair]:
        apart = distances(self.hashes[one], self.hashes[other])
        is_same = self.contents[one] == self.contents[other]
        order = np.lexsort((apart, ~is_same.astype(bool)))[:_MOST_PAIRS]
        return [
            DuplicatePair(int(one[at]), int(other[at]), int(apart[at]), bool(is_same[at]))
            for at in order
        ]


def save_checked_images(
    workspace: Workspace,
    competition: Competition,
    images: pd.DataFrame,
    found: Sequence[NDArray[np.int64]],
) -> None:
    """Save the facts of a check; a folder that cannot be written is skipped.

    Args:
        workspace: where.
        competition: whose tables were read.
        images: one row a sample: split, id, path, facts.
        found: rows of one picture, each set of them; a row may be in several.
    """
    facts: list[ImageFacts] = list(images["facts"])
    links = [np.column_stack([rows[:-1], rows[1:]]) for rows in found]
    joined = clusters(np.concatenate(links), len(facts)) if links else []
    cluster = np.full(len(facts), -1, dtype=np.int64)
    for number, rows in enumerate(joined):
        cluster[rows] = number
    table = pd.DataFrame(
        {
            "split": images["split"].to_numpy(),
            "id": images["id"].astype(str).to_numpy(),
            "path": images["path"].to_numpy(),
            "height": [one.height for one in facts],
            "width": [one.width for one in facts],
            "cluster": cluster,
            "hash": np.array([one.hash for one in facts], dtype=np.uint64),
            "sha256": [one.sha256 for one in facts],
        }
    )
    try:
        known = metadata_of_tables(workspace, competition)
    except FileNotFoundError:
        return  # the check reports the table that is not there
    except OSError as error:
        _logger.warning("the facts of the images are not kept: %s", error)
        return
    try:
        kept = pa.Table.from_pandas(table, preserve_index=False)
        kept = kept.replace_schema_metadata({**(kept.schema.metadata or {}), **known})
        with replacing(workspace.checked_images) as temporary:
            parquet.write_table(kept, temporary)
    except OSError as error:
        _logger.warning("the facts of the images are not kept: %s", error)


def read_checked_images(workspace: Workspace) -> CheckedImages | None:
    """Return the facts of the last check; None where there was none.

    Raises:
        DataError: the file is damaged.
    """
    file = workspace.checked_images
    if not file.is_file():
        return None
    digests.check(file)
    try:
        table = pd.read_parquet(file)
        return CheckedImages(
            splits=table["split"].to_numpy(),
            ids=table["id"].to_numpy(),
            paths=table["path"].to_numpy(),
            sizes=table[["height", "width"]].to_numpy(dtype=np.int64),
            cluster=table["cluster"].to_numpy(dtype=np.int64),
            hashes=table["hash"].to_numpy(dtype=np.uint64),
            contents=table["sha256"].to_numpy(),
        )
    except (OSError, ValueError, KeyError) as error:  # pyarrow's own errors are ValueErrors
        fix = "remove the file, and run `podium check` again"
        raise DataError(f"damaged: {error}", where=file, fix=fix) from error
