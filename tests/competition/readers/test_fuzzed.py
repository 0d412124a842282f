"""Fuzzed files of every reader: read in the declared form, or refused with a message."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from dicom_files import dicom_bytes
from PIL import Image

from podium.competition.checks.image_facts import image_facts
from podium.competition.images import image_size, read_bands
from podium.competition.readers import Reader
from podium.errors import DataError, PodiumError

HEIGHT, WIDTH = 12, 17
RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)
DEEP = RNG.integers(0, 4096, (HEIGHT, WIDTH)).astype(np.uint16)
MUTATIONS = 250
"""Of each kind of file; with thirty times as many nothing else came to light."""


def pillow(kind: str, picture: np.ndarray = PICTURE, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(image: np.ndarray = PICTURE, **options: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, image, **{"photometric": "rgb", **options})
    return buffer.getvalue()


def arrays(save: Callable[..., None], array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    save(buffer, array)
    return buffer.getvalue()


GREY16 = {"channels": 1, "dtype": "uint16"}
KINDS: dict[str, tuple[Any, Callable[[], bytes]]] = {
    "png": ("image", lambda: pillow("PNG")),
    "jpeg": ("image", lambda: pillow("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")),
    "webp": ("image", lambda: pillow("WEBP", lossless=True)),
    "bmp": ("image", lambda: pillow("BMP")),
    "gif": ("image", lambda: pillow("GIF")),
    "image of tiff": ("image", lambda: pillow("TIFF", compression="tiff_lzw")),
    "png of 16 bits": (
        {"name": "image", "mode": "native", **GREY16},
        lambda: pillow("PNG", DEEP),
    ),
    "tiff": ({"name": "tiff"}, lambda: tiff()),
    "tiff in tiles": ({"name": "tiff"}, lambda: tiff(tile=(16, 16), compression="zlib")),
    "tiff of lzw": ({"name": "tiff"}, lambda: pillow("TIFF", compression="tiff_lzw")),
    "tiff of jpeg": ({"name": "tiff"}, lambda: pillow("TIFF", compression="jpeg")),
    "tiff of 16 bits": (
        {"name": "tiff", **GREY16},
        lambda: tiff(DEEP, photometric="minisblack", compression="zlib", predictor=True),
    ),
    "npy": ({"name": "npy"}, lambda: arrays(np.save, PICTURE)),
    "npz": ({"name": "npy"}, lambda: arrays(np.savez_compressed, PICTURE)),
    "dicom": (
        {"name": "dicom"},
        lambda: dicom_bytes(DEEP, RescaleIntercept=-1024, RescaleSlope=1),
    ),
}


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Return `content` cut off, with bytes changed, lost or doubled, or a large number in it."""
    data = bytearray(content)
    at = int(rng.integers(len(data)))
    match int(rng.integers(6)):
        case 0:
            del data[at:]
        case 1:
            for place in rng.integers(len(data), size=int(rng.integers(1, 6))):
                data[place] = int(rng.integers(256))
        case 2:
            # Heads are where the sizes are.
            place = int(rng.integers(min(len(data), 200)))
            data[place] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFF]))
        case 3:
            del data[at : at + int(rng.integers(1, 40))]
        case 4:
            data[at:at] = data[at : at + int(rng.integers(1, 40))]
        case _:
            large = int(rng.choice([0, 2**31 - 1, 2**32 - 1, 100_000]))
            place = int(rng.integers(min(len(data), 400)))
            data[place : place + 4] = struct.pack("<I" if rng.random() < 0.5 else ">I", large)
    return bytes(data)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutated_file_is_read_as_declared_or_refused(tmp_path: Path, kind: str) -> None:
    config, make = KINDS[kind]
    reader, content = Reader.of(config), make()
    rng = np.random.default_rng(len(content))
    path = tmp_path / "a"
    accepted = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries warn before they fail
        path.write_bytes(content)
        assert read_bands(path, reader).shape[:2] == (HEIGHT, WIDTH)
        for number in range(MUTATIONS):
            path.write_bytes(mutated(content, rng))
            found = accepted_or_refused(lambda: read_bands(path, reader))
            if found is not None and found.shape[0] * found.shape[1] < 10**7:
                whole = accepted_or_refused(found.whole)
                if whole is not None:
                    assert whole.shape[2] == reader.pixels.channels
                    assert whole.dtype == reader.pixels.dtype
                    assert whole.shape[:2] == image_size(path, reader)
                    accepted += 1
            accepted_or_refused(lambda: image_size(path, reader))
            if number % 10 == 0:
                image_facts(tmp_path, "a", reader)  # it has an error, and raises none
    assert accepted < MUTATIONS


def accepted_or_refused(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except PodiumError as error:
        if not (error.where and error.fix):
            raise AssertionError("it does not say where, and how to mend it") from error
        return None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["image", "tiff", "dicom", "npy"])
def test_a_file_under_the_wrong_reader_is_refused_with_its_format(
    tmp_path: Path, kind: str, name: str
) -> None:
    config, make = KINDS[kind]
    if Reader.of(config).name == name or (name, kind.split()[0]) in (("tiff", "image"),):
        return
    if name == "image" and "tiff" in kind:
        return  # Pillow reads them, too
    path = tmp_path / "a.png"
    path.write_bytes(make())
    with pytest.raises(DataError) as caught:
        read_bands(path, Reader.of(name))
    assert caught.value.fix
    assert f"reader '{name}' does not read" in caught.value.message


def png_of(width: int, height: int) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def large_tiff(tmp_path: Path) -> bytes:
    path = tmp_path / "large.tif"
    tifffile.imwrite(path, PICTURE, photometric="rgb", compression="zlib", rowsperstrip=HEIGHT)
    with tifffile.TiffFile(path, mode="r+b") as opened:
        tags = opened.pages.first.tags
        for name in ("ImageWidth", "ImageLength", "RowsPerStrip"):
            tags[name].overwrite(100_000 if name != "RowsPerStrip" else 65_535)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["image", "tiff"])
def test_a_declared_size_of_ten_billion_pixels_takes_no_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(png_of(100_000, 100_000) if name == "image" else large_tiff(tmp_path))
    with pytest.raises(DataError, match="too large") as caught:
        read_bands(path, Reader.of(name))
    assert caught.value.fix
    with pytest.raises(DataError):
        image_size(path, Reader.of(name))


def test_a_tile_that_unpacks_to_far_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    bomb = zlib.compress(bytes(200 * 2**20))
    tifffile.imwrite(
        path, iter([bomb]), shape=(16, 16), dtype=np.uint8, tile=(16, 16), compression="zlib"
    )
    with pytest.raises(DataError, match="a segment has more than its 256 bytes"):
        read_bands(path, Reader.of({"name": "tiff", "channels": 1}))


def test_pages_that_lead_back_to_one_another_end(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((3, 8, 8), np.uint8), photometric="minisblack")
    with tifffile.TiffFile(path) as opened:
        first, last = opened.pages[0].offset, opened.pages[2]
        place = last.offset + 2 + 12 * len(last.tags)  # of the offset of the next page
    content = bytearray(path.read_bytes())
    assert content[place : place + 4] == bytes(4)
    content[place : place + 4] = struct.pack("<I", first)
    path.write_bytes(content)
    for options in ({"channels": 3}, {"channels": 1, "take": 1}):
        with pytest.raises(DataError, match="lead back to one another"):
            read_bands(path, Reader.of({"name": "tiff", **options}))


@pytest.mark.parametrize("tag", ["ImageWidth", "BitsPerSample", "StripOffsets", "StripByteCounts"])
@pytest.mark.parametrize("value", [0, 1, 65_535])
def test_a_tiff_with_a_corrupt_tag_is_refused(tmp_path: Path, tag: str, value: int) -> None:
    path = tmp_path / "a.tif"
    image = np.ascontiguousarray(PICTURE[..., 0])
    tifffile.imwrite(path, image, photometric="minisblack", compression="zlib")
    with tifffile.TiffFile(path, mode="r+b") as opened:
        opened.pages.first.tags[tag].overwrite(value)
    with pytest.raises(PodiumError):
        read_bands(path, Reader.of({"name": "tiff", "channels": 1})).whole()


@pytest.mark.parametrize("kind", KINDS)
def test_one_pixel_is_an_image(tmp_path: Path, kind: str) -> None:
    name = {"jpeg": "JPEG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP"}.get(kind, "PNG")
    one = PICTURE[:1, :1]
    if kind == "npy":
        content, config = arrays(np.save, one), "npy"
    elif kind.startswith("tiff"):
        content, config = tiff(one), "tiff"
    elif kind == "dicom":
        content, config = dicom_bytes(DEEP[:1, :1]), "dicom"
    else:
        content, config = pillow(name, one), "image"
    (tmp_path / "a").write_bytes(content)
    assert read_bands(tmp_path / "a", Reader.of(config)).whole().shape[:2] == (1, 1)
