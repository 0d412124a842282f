"""Image files as arrays: orientation, colour kinds, damage."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from podium.competition.images import exif_orientation, image_size, read_bands, read_image
from podium.competition.truths import pixels as bands_module
from podium.errors import DataError

# Four corners that tell every flip and turn apart.
CORNERS = np.array(
    [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[255, 255, 0], [0, 255, 255], [255, 0, 255]]],
    dtype=np.uint8,
)  # (H=2, W=3, 3)


def test_rgb_comes_back_as_it_was(tmp_path: Path) -> None:
    Image.fromarray(CORNERS).save(tmp_path / "a.png")
    found = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(found, CORNERS)
    assert found.dtype == np.uint8
    assert found.flags["C_CONTIGUOUS"]
    assert found.flags["WRITEABLE"]


@pytest.mark.parametrize(
    ("orientation", "undo"),
    [
        (1, lambda x: x),
        (2, lambda x: x[:, ::-1]),
        (3, lambda x: x[::-1, ::-1]),
        (4, lambda x: x[::-1]),
        (5, lambda x: x.transpose(1, 0, 2)),
        (6, lambda x: np.rot90(x, 1)),
        (7, lambda x: x[::-1, ::-1].transpose(1, 0, 2)),
        (8, lambda x: np.rot90(x, -1)),
    ],
)
def test_every_exif_orientation_is_set_upright(
    tmp_path: Path, orientation: int, undo: object
) -> None:
    # The camera stored the upright picture turned; `undo` is how EXIF defines the stored one.
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(undo(CORNERS))  # type: ignore[operator]
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), CORNERS)
    assert image_size(tmp_path / "a.png") == (2, 3)


@pytest.mark.parametrize("is_behind", [False, True])
def test_the_turn_of_a_png_counts_wherever_it_stands(tmp_path: Path, is_behind: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "a.png"
    Image.fromarray(CORNERS).save(path, exif=exif)
    if is_behind:
        path.write_bytes(_with_exif_behind_pixels(path.read_bytes()))
    assert read_image(path).shape == (3, 2, 3)
    assert image_size(path) == (3, 2)
    assert exif_orientation(path) == 6


def _with_exif_behind_pixels(png: bytes) -> bytes:
    """Move the chunk eXIf to the place before IEND."""
    start = png.index(b"eXIf") - 4
    stop = start + 12 + int.from_bytes(png[start : start + 4], "big")
    end = png.index(b"IEND") - 4
    return png[:start] + png[stop:end] + png[start:stop] + png[end:]


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp"])
def test_the_size_is_read_without_the_pixels(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(CORNERS).save(path)
    decoded: list[object] = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: decoded.append(image))
    assert image_size(path) == (2, 3)
    assert decoded == []


def test_grey_and_one_bit_are_repeated_to_three_channels(tmp_path: Path) -> None:
    grey = np.array([[0, 100], [200, 255]], dtype=np.uint8)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    np.testing.assert_array_equal(read_image(tmp_path / "grey.png"), np.stack([grey] * 3, axis=2))
    Image.fromarray(grey > 150).save(tmp_path / "bit.png")
    assert set(np.unique(read_image(tmp_path / "bit.png"))) == {0, 255}


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bit_grey_keeps_its_scale(tmp_path: Path, suffix: str) -> None:
    grey = np.array([[0, 257, 128 * 257], [1000, 65535, 40000]], dtype=np.uint16)
    path = tmp_path / f"deep.{suffix}"
    Image.fromarray(grey).save(path)
    expected = np.round(grey / 257).astype(np.uint8)
    np.testing.assert_array_equal(read_image(path)[..., 0], expected)


def test_transparent_pixels_are_grey_whatever_colour_lies_behind(tmp_path: Path) -> None:
    image = np.dstack([CORNERS, np.array([[255, 0, 128], [255, 0, 255]], dtype=np.uint8)])
    Image.fromarray(image).save(tmp_path / "a.png")
    found = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(found[:, 0], CORNERS[:, 0])
    np.testing.assert_array_equal(found[:, 1], np.full((2, 3), 128))
    np.testing.assert_allclose(found[0, 2], [64, 64, 191], atol=1)


def test_palette_images_show_their_colours(tmp_path: Path) -> None:
    Image.fromarray(CORNERS).quantize(6).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), CORNERS)


def test_print_colours_become_screen_colours(tmp_path: Path) -> None:
    Image.new("CMYK", (4, 4), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=100)
    found = read_image(tmp_path / "a.jpg")
    assert found.shape == (4, 4, 3)
    np.testing.assert_allclose(found[0, 0], [255, 0, 0], atol=3)


def _jpeg(size: int = 64) -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (size, size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>log in</html>", "web page"),
        (b"hello, this is text", "begins with b'hello, t'"),
        (_jpeg()[:1500], "truncated"),
        (_jpeg()[:30], ""),
    ],
)
def test_damaged_files_are_named_with_a_way_out(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "bad.jpg").write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_image(tmp_path / "bad.jpg")
    assert message in caught.value.message
    assert str(tmp_path / "bad.jpg") in str(caught.value)
    assert caught.value.fix


@pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")  # before it fails
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_file_that_ends_anywhere_is_refused_or_whole_but_never_half_read(
    tmp_path: Path, kind: str
) -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, kind)
    content = buffer.getvalue()
    (tmp_path / "whole").write_bytes(content)
    whole = read_image(tmp_path / "whole")
    refused = 0
    for length in range(0, len(content), max(1, len(content) // 60)):
        (tmp_path / "bad").write_bytes(content[:length])
        try:
            # Some formats end with a checksum, or with nothing that the pixels need.
            np.testing.assert_array_equal(read_image(tmp_path / "bad"), whole)
        except DataError:
            refused += 1
    assert refused > 50


def test_a_missing_file_and_floating_point_pixels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        read_image(tmp_path / "nothing.png")
    Image.fromarray(np.ones((2, 2), dtype=np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(DataError, match="floating-point"):
        read_image(tmp_path / "a.tif")


def test_a_failing_disk_is_not_called_a_damaged_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: Path) -> Image.Image:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr(Image, "open", failing)
    with pytest.raises(OSError, match="Input/output error"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "I;16"])
def test_bands_of_any_kind_of_pixels_are_the_image(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    if mode == "I;16":
        image = Image.fromarray(rng.integers(0, 2**16, (10, 7)).astype(np.uint16))
    else:
        colours = Image.fromarray(rng.integers(0, 256, (10, 7, 4), dtype=np.uint8))
        image = colours.convert("P" if mode == "PA" else "RGB" if mode == "CMYK" else mode)
    kept = {"transparency": 3} if mode == "PA" else {}
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    image.convert("CMYK" if mode == "CMYK" else image.mode).save(path, **kept)
    whole = read_image(path)
    monkeypatch.setattr(bands_module, "_BAND_ROWS", 3)
    bands = read_bands(path)
    assert bands.shape == (10, 7, 3)
    assert [len(band) for band in bands] == [3, 3, 3, 1]
    np.testing.assert_array_equal(np.concatenate(list(bands)), whole)
    np.testing.assert_array_equal(read_image(path), whole)


def test_pixels_that_cannot_be_shown_are_refused_before_the_first_band(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((2, 3), dtype=np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(DataError, match="floating-point"):
        read_bands(tmp_path / "a.tif")


def test_a_large_image_is_shrunk_band_by_band(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (90, 67, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    bands = read_bands(tmp_path / "a.png")
    np.testing.assert_array_equal(bands.reduced(8), pixels)  # not large
    monkeypatch.setattr(bands_module, "_LARGE_PX", 1000)
    monkeypatch.setattr(bands_module, "_BAND_ROWS", 16)
    np.testing.assert_array_equal(bands.reduced(40), pixels)
    # 67 pixels keep 16 at a scale of 4; what is left over is too little for a pixel.
    found = bands.reduced(16)
    expected = pixels[:88, :64].reshape(22, 4, 16, 4, 3).mean(axis=(1, 3))
    assert found.shape == (22, 16, 3)
    assert np.abs(found - expected).max() <= 0.5
    # A band has 16 rows, so that no scale is larger.
    assert bands.reduced(1).shape == (5, 4, 3)
