"""Tests of the TIFF reader, against tifffile, Pillow and OpenCV."""

from __future__ import annotations

import io
import math
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from podium.competition.images import image_size, read_bands, read_image
from podium.competition.readers import Reader, tiff
from podium.competition.truths.pixels import ImageBands
from podium.errors import DataError

HEIGHT, WIDTH = 70, 91


def reader(channels: int = 3, dtype: str = "uint8", **options: object) -> Reader:
    config = {"name": "tiff", "channels": channels, "dtype": dtype, **options}
    return Reader.of({**config, "range": [0, 1]} if dtype == "float32" else config)


def smooth(channels: int, dtype: str) -> np.ndarray:
    """Return an image `(H, W, C)` that compresses, as pictures do."""
    rng = np.random.default_rng(channels)
    walk = np.cumsum(rng.normal(size=(HEIGHT, WIDTH, channels)), axis=1)
    scale = {"uint8": 10, "uint16": 2000, "float32": 1}[dtype]
    return (walk * scale + 10 * scale).clip(0, 25 * scale).astype(dtype)


@pytest.mark.other_cases("slow", every=5)
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("tile", [None, (32, 48)])
@pytest.mark.parametrize("compression", [None, "zlib", "lzma"])
@pytest.mark.parametrize(("channels", "dtype"), [(1, "uint16"), (3, "uint8"), (5, "float32")])
def test_what_tifffile_writes_is_read_whole_and_by_window(
    tmp_path: Path,
    channels: int,
    dtype: str,
    compression: str | None,
    tile: tuple[int, int] | None,
    planar: str,
    byteorder: str,
) -> None:
    image, path = smooth(channels, dtype), tmp_path / "a.tif"
    written = image[:, :, 0] if channels == 1 else image
    written = written.transpose(2, 0, 1) if channels > 1 and planar == "separate" else written
    tifffile.imwrite(
        path,
        written,
        photometric="rgb" if channels == 3 else "minisblack",
        planarconfig=planar if channels > 1 else None,
        compression=compression,
        predictor=compression == "zlib" and dtype != "float32",
        tile=tile,
        rowsperstrip=None if tile else 13,
        byteorder=byteorder,
    )
    bands = read_bands(path, reader(channels, dtype))
    np.testing.assert_array_equal(bands.whole(), image)
    np.testing.assert_array_equal(bands[10:45, 20:77], image[10:45, 20:77])
    np.testing.assert_array_equal(bands[60:999, 80:999], image[60:, 80:])
    assert bands.is_lazy
    assert bands.dtype == dtype
    assert image_size(path, reader(channels, dtype)) == (HEIGHT, WIDTH)


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "zstd"])
@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
def test_what_libtiff_compresses_is_read(tmp_path: Path, mode: str, compression: str) -> None:
    image = smooth(3 if mode == "RGB" else 1, "uint16" if mode == "I;16" else "uint8")
    path = tmp_path / "a.tif"
    Image.fromarray(image.squeeze()).save(path, compression=compression)
    found = read_image(path, reader(image.shape[2], str(image.dtype)))
    np.testing.assert_array_equal(found, image)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_differences_of_lzw_are_summed_as_opencv_does(tmp_path: Path, dtype: str) -> None:
    image, path = smooth(3, dtype), tmp_path / "a.tif"
    lzw, differences = 5, 2
    flags = [cv2.IMWRITE_TIFF_COMPRESSION, lzw, cv2.IMWRITE_TIFF_PREDICTOR, differences]
    cv2.imwrite(str(path), image, flags)
    blue_first = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read_image(path, reader(3, dtype))[..., ::-1], blue_first)


def test_floats_of_rearranged_bytes_are_put_together() -> None:
    """The predictor undone, against one written down from the technical note."""
    image = smooth(2, "float32")
    rows = []
    for row in image:
        flat = row.reshape(-1).astype(">f4").view(np.uint8).reshape(-1, 4)
        planes = flat.T.reshape(-1)  # all most significant bytes first
        before = np.concatenate([np.zeros(2, np.uint8), planes[:-2]])
        rows.append((planes - before).astype(np.uint8))
    coding = tiff.SegmentCoding(1, 3, np.dtype("<f4"), 2, 1, None)
    raw = np.concatenate(rows).tobytes()
    np.testing.assert_array_equal(tiff.decoded(raw, coding, HEIGHT, WIDTH), image)


def without_jfif(jpeg: bytes) -> bytes:
    """Remove the JFIF marker of YCbCr colours: in a TIFF only the tag defines them."""
    if jpeg[2:4] != b"\xff\xe0":
        return jpeg
    return jpeg[:2] + jpeg[4 + int.from_bytes(jpeg[4:6], "big") :]


@pytest.mark.parametrize("photometric", ["rgb", "ycbcr"])
def test_tiles_of_jpeg_are_decoded_alone(tmp_path: Path, photometric: str) -> None:
    y, x = np.mgrid[0:128, 0:96]
    image = np.stack([x * 2, y, 255 - x - y // 2], axis=-1).clip(0, 255).astype(np.uint8)
    tiles = []
    for top in (0, 64):
        for left in (0, 48):
            buffer = io.BytesIO()
            part = Image.fromarray(image[top : top + 64, left : left + 48])
            kept = {"keep_rgb": True} if photometric == "rgb" else {"subsampling": 0}
            part.save(buffer, "JPEG", quality=98, **kept)
            tiles.append(without_jfif(buffer.getvalue()))
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        iter(tiles),
        shape=image.shape,
        dtype=np.uint8,
        tile=(64, 48),
        photometric="rgb",
        compression="zlib",
    )
    with tifffile.TiffFile(path, mode="r+b") as written:  # tifffile alone writes no JPEG
        tags = written.pages.first.tags
        tags["Compression"].overwrite(7)
        tags["PhotometricInterpretation"].overwrite(2 if photometric == "rgb" else 6)
    bands = read_bands(path, reader())
    assert np.abs(bands.whole().astype(int) - image).max() <= 4
    np.testing.assert_array_equal(bands[70:100, 50:90], bands.whole()[70:100, 50:90])


def test_only_the_tiles_of_a_window_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "slide.tif"
    side = 30_000
    one = zlib.compress(np.full((512, 512), 7, dtype=np.uint8).tobytes())
    n_tiles = math.ceil(side / 512) ** 2
    tifffile.imwrite(
        path,
        (one for _ in range(n_tiles)),
        shape=(side, side),
        dtype=np.uint8,
        tile=(512, 512),
        compression="zlib",
    )
    decoded: list[object] = []
    real = tiff.decoded

    def counting(*args: object, **how: object) -> object:
        decoded.append(args)
        return real(*args, **how)

    monkeypatch.setattr("podium.competition.readers.tiff.decoded", counting)
    bands = read_bands(path, reader(1))
    assert bands.shape == (side, side, 1)
    window = bands[20_000:20_300, 15_000:15_200]
    assert window.shape == (300, 200, 1)
    assert (window == 7).all()
    assert len(decoded) <= 1 + 4  # one to see that the file can be read, and those of the window


def test_pixels_that_lie_in_the_file_as_they_are_are_mapped(tmp_path: Path) -> None:
    path, image = tmp_path / "a.tif", smooth(4, "uint16")
    tifffile.imwrite(path, image, photometric="minisblack", planarconfig="contig", byteorder=">")
    bands = read_bands(path, reader(4, "uint16"))
    assert isinstance(bands.array, np.memmap)
    np.testing.assert_array_equal(bands[5:9, 3:7], image[5:9, 3:7])


def pages(path: Path, n: int = 5) -> np.ndarray:
    volume = np.random.default_rng(0).integers(0, 4096, (n, 20, 30)).astype(np.uint16)
    tifffile.imwrite(path, volume, photometric="minisblack")
    return volume


def test_pages_are_stacked_in_the_order_of_take(tmp_path: Path) -> None:
    volume = pages(tmp_path / "a.tif")
    found = read_image(tmp_path / "a.tif", reader(2, "uint16", take=[3, 1]))
    np.testing.assert_array_equal(found, volume[[3, 1]].transpose(1, 2, 0))
    one = Reader.of({"name": "tiff", "channels": 1, "dtype": "uint16", "take": 4})
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif", one)[..., 0], volume[4])
    every = read_bands(tmp_path / "a.tif", reader(5, "uint16"))
    np.testing.assert_array_equal(every[2:9, 4:8], volume.transpose(1, 2, 0)[2:9, 4:8])


def test_a_page_that_is_not_there_and_too_many_pages_are_refused(tmp_path: Path) -> None:
    pages(tmp_path / "a.tif")
    with pytest.raises(DataError, match="it has 5 pages, take has number 5"):
        read_image(tmp_path / "a.tif", reader(1, "uint16", take=5))
    with pytest.raises(DataError, match="5 channels in 5 pages, ") as caught:
        read_image(tmp_path / "a.tif", reader(3, "uint16"))
    assert "take: 0" in (caught.value.fix or "")


def test_the_levels_of_a_pyramid_are_no_pages(tmp_path: Path) -> None:
    image = smooth(3, "uint8")
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(image, photometric="rgb")
        writer.write(image[::2, ::2], photometric="rgb", subfiletype=1)
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif", reader()), image)


def test_another_form_is_refused_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, smooth(4, "uint16"), photometric="minisblack", planarconfig="contig")
    with pytest.raises(DataError, match="4 channels, "):
        read_image(path, reader(3, "uint16"))
    tifffile.imwrite(path, smooth(3, "uint16") + 300, photometric="rgb")
    with pytest.raises(DataError, match=r"values lie in .* competition.yaml declares uint8"):
        read_image(path, reader(3, "uint8"))
    tifffile.imwrite(path, smooth(3, "float32"), photometric="rgb")
    with pytest.raises(DataError, match="values are float32"):
        read_image(path, reader(3, "uint8"))


def test_values_of_another_width_are_taken_where_they_fit(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    image = np.random.default_rng(0).integers(-1000, 3000, (9, 7)).astype(np.int16)
    tifffile.imwrite(path, image, photometric="minisblack")
    found = read_image(path, reader(1, "float32"))
    np.testing.assert_array_equal(found[..., 0], image)
    with pytest.raises(DataError, match="values lie in -"):
        read_image(path, reader(1, "uint16"))


def test_nan_is_refused_or_filled(tmp_path: Path) -> None:
    path, image = tmp_path / "a.tif", smooth(1, "float32")[..., 0]
    image[3, 4] = np.nan
    tifffile.imwrite(path, image, photometric="minisblack")
    with pytest.raises(DataError, match="1 value is nan") as caught:
        read_image(path, reader(1, "float32"))
    assert "fill: 0" in (caught.value.fix or "")
    assert read_image(path, reader(1, "float32", fill=-1))[3, 4, 0] == -1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turn_is_applied_as_pillow_does(tmp_path: Path, orientation: int) -> None:
    path, image = tmp_path / "a.tif", smooth(3, "uint8")
    tifffile.imwrite(path, image, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
    expected = read_image(path)  # the default reader: Pillow
    np.testing.assert_array_equal(read_image(path, reader()), expected)
    assert image_size(path, reader()) == expected.shape[:2]


def test_white_is_zero_and_palettes_are_decoded(tmp_path: Path) -> None:
    path, grey = tmp_path / "a.tif", smooth(1, "uint8")[..., 0]
    tifffile.imwrite(path, grey, photometric="miniswhite")
    np.testing.assert_array_equal(read_image(path, reader(1))[..., 0], 255 - grey)
    picture = Image.fromarray(smooth(3, "uint8")).quantize(16)
    picture.save(path)
    np.testing.assert_array_equal(read_image(path, reader()), np.asarray(picture.convert("RGB")))


def test_tiles_that_were_never_written_are_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tiles = [b""] * 16
    tiles[5] = zlib.compress(np.full((32, 32), 9, dtype=np.uint8).tobytes())
    tifffile.imwrite(
        path, iter(tiles), shape=(100, 100), dtype=np.uint8, tile=(32, 32), compression="zlib"
    )
    expected = np.zeros((100, 100, 1))
    expected[32:64, 32:64] = 9
    np.testing.assert_array_equal(read_image(path, reader(1)), expected)


def test_unsupported_kinds_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(np.ones((9, 9), bool)).save(path)
    with pytest.raises(DataError, match="its numbers have 1 bits"):
        read_image(path, reader(1))


def test_bands_cut_windows_as_numpy_does(tmp_path: Path) -> None:
    path, image = tmp_path / "a.tif", smooth(3, "uint8")
    tifffile.imwrite(path, image, photometric="rgb", tile=(16, 32), compression="zlib")
    bands: ImageBands = read_bands(path, reader())
    for part in [np.s_[:5, :5], np.s_[-9:, -9:], np.s_[30:30, :], np.s_[500:, 2:3], np.s_[:, :]]:
        np.testing.assert_array_equal(bands[part], image[part])
    np.testing.assert_array_equal(np.asarray(bands), image)
    np.testing.assert_array_equal(np.concatenate(list(bands)), image)
