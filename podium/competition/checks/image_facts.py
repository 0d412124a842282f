"""What the data checks know of an image file, from opening it once: size, bytes, hash, colours."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.checks.near_duplicates import is_flat, perceptual_hash
from podium.competition.images import joint_digest, read_bands
from podium.competition.readers import IMAGE, Reader
from podium.competition.readers.image import bands_of
from podium.errors import DataError
from podium.workspace.cores import n_cores
from podium.workspace.progress import SILENT, Progress

__all__ = ["FEATURES", "ImageFacts", "look_at", "look_at_all"]

THUMBNAIL = 16  # pixels a side
_LOOK_PX = 64  # the side at which colours and detail are measured
_REDUCED_PX = 16 * _LOOK_PX  # large images are shrunk in two steps
_AT_ONCE = 512
FEATURES = (
    "width", "height", "aspect", "bytes per pixel", "red", "green", "blue", "spread of red",
    "spread of green", "spread of blue", "saturation", "detail", "channels", "JPEG quantisation",
    "EXIF tags",
)  # fmt: skip


@dataclass(frozen=True)
class ImageFacts:
    """One image: a file, or several whose channels stand one after the other.

    Args:
        path: of the (first) file, as the samples name it.
        error: why it cannot be read; then nothing below is known but the bytes.
        sha256: of the file, or of those of its files.
        width: in pixels, upright.
        height: in pixels, upright.
        hash: perceptual hash.
        is_flat: whether there is too little structure for the hash to mean anything.
        thumbnail: uint8 `(16, 16, 3)`.
        features: `(len(FEATURES),)`, cheap numbers that might tell where an image is from.
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


def look_at_all(
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
        progress.bar("look at images", len(paths)) as advance,
        # Pillow decodes and hashlib hashes without the interpreter's lock: threads are enough.
        ThreadPoolExecutor(n_cores()) as pool,
    ):
        for start in range(0, len(paths), _AT_ONCE):
            part = paths[start : start + _AT_ONCE]
            facts.extend(pool.map(lambda path: look_at(root, path, reader), part))
            advance(len(part))
    return facts


def look_at(root: Path, path: str | tuple[str, ...], reader: Reader = IMAGE) -> ImageFacts:
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
    look = cv2.resize(picture, (_LOOK_PX, _LOOK_PX), interpolation=cv2.INTER_AREA)
    width, height = size
    return ImageFacts(
        named[0],
        sha256=sha256,
        width=width,
        height=height,
        hash=int(perceptual_hash(look)),
        is_flat=is_flat(look),
        thumbnail=cv2.resize(look, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA),
        features=np.array([*_shape(width, height, n_bytes), *_colours(look), *header]),
    )


def _shape(width: int, height: int, n_bytes: int) -> list[float]:
    return [width, height, width / height, n_bytes / (width * height)]


_Looked = tuple[tuple[int, int], NDArray[np.uint8], list[float]]
"""(width, height), the picture (of JPEG and large ones smaller), numbers of the header."""


def _shown(root: Path, paths: Sequence[str], reader: Reader) -> _Looked:
    """Return an image of any form as people see it.

    Raises:
        DataError: as `read_image` does.
    """
    bands = read_bands([root / path if path else None for path in paths], reader)
    pixels = replace(reader.pixels, channels=bands.shape[2])
    picture = pixels.shown(bands.reduced(_REDUCED_PX))
    return (bands.shape[1], bands.shape[0]), picture, [np.nan, 0.0, 0.0]


def _decode(path: Path, content: bytes) -> _Looked:
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
                image.draft(image.mode, (_LOOK_PX, _LOOK_PX))
                return size, np.array(image.convert("RGB"), dtype=np.uint8), header
            # The tags of a PNG may stand behind its pixels: it is decoded already.
            bands = bands_of(image, path)
            return (bands.shape[1], bands.shape[0]), bands.reduced(_REDUCED_PX), header
    except Exception:  # Pillow raises what it likes on damage; read_bands says it well
        pass
    bands = read_bands(path)
    return (bands.shape[1], bands.shape[0]), bands.reduced(_REDUCED_PX), header


def _colours(look: NDArray[np.uint8]) -> list[float]:
    pixels = look.reshape(-1, 3).astype(np.float64)
    saturation = (pixels.max(axis=1) - pixels.min(axis=1)).mean()
    detail = np.abs(cv2.Laplacian(cv2.cvtColor(look, cv2.COLOR_RGB2GRAY), cv2.CV_64F)).mean()
    return [*pixels.mean(axis=0), *pixels.std(axis=0), saturation, detail]
