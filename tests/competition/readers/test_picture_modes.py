"""Tests of the modes of the reader `image`, against Pillow and OpenCV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from podium.competition.images import image_size, read_bands, read_image
from podium.competition.readers import IMAGE, Reader, canonical
from podium.errors import DataError

RNG = np.random.default_rng(0)
COLOURS = RNG.integers(0, 256, (5, 7, 4)).astype(np.uint8)
DEEP = RNG.integers(0, 2**16, (5, 7, 4)).astype(np.uint16)


def reader(**options: Any) -> Reader:
    return Reader.of({"name": "image", **options})


def test_grey_is_weighed_as_pillow_does(tmp_path: Path) -> None:
    Image.fromarray(COLOURS[..., :3]).save(tmp_path / "a.png")
    found = read_image(tmp_path / "a.png", reader(mode="grey"))
    expected = np.asarray(Image.fromarray(COLOURS[..., :3]).convert("L"))
    np.testing.assert_array_equal(found, expected[..., None])


def test_alpha_is_kept_by_mode_rgba(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png", reader(mode="rgba")), COLOURS)
    Image.fromarray(COLOURS[..., :3]).save(tmp_path / "b.png")
    found = read_image(tmp_path / "b.png", reader(mode="rgba"))
    assert (found[..., 3] == 255).all()


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_of_grey_are_kept_by_native(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(DEEP[..., 0]).save(path)
    own = reader(mode="native", channels=1, dtype="uint16", range=[0, 4095])
    found = read_image(path, own)
    np.testing.assert_array_equal(found[..., 0], DEEP[..., 0])
    assert found.dtype == own.pixels.dtype == "uint16"
    assert own.pixels.high == 4095
    np.testing.assert_array_equal(read_image(path)[..., 0], np.round(DEEP[..., 0] / 257))


def test_big_endian_grey_is_in_this_machine_s_order(tmp_path: Path) -> None:
    import tifffile

    path = tmp_path / "a.tif"
    tifffile.imwrite(path, DEEP[..., 0], byteorder=">", photometric="minisblack")
    with Image.open(path) as opened:
        assert opened.mode == "I;16B"
    found = read_image(path, reader(mode="native", channels=1, dtype="uint16"))
    np.testing.assert_array_equal(found[..., 0], DEEP[..., 0])
    assert found.dtype.isnative
    np.testing.assert_array_equal(read_image(path)[..., 0], np.round(DEEP[..., 0] / 257))


@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bits_of_colour_are_kept_as_opencv_reads_them(
    tmp_path: Path, channels: int
) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), DEEP[..., [2, 1, 0, 3][:channels]])  # OpenCV begins with blue
    own = reader(mode="native", channels=channels, dtype="uint16")
    np.testing.assert_array_equal(read_image(path, own), DEEP[..., :channels])
    assert image_size(path, own) == (5, 7)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match="damaged"):
        read_image(path, own)


@pytest.mark.parametrize(
    ("mode", "channels"), [("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4), ("CMYK", 4), ("1", 1)]
)
def test_native_keeps_the_form_of_the_file(tmp_path: Path, mode: str, channels: int) -> None:
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    picture = Image.fromarray(COLOURS[..., :3]).convert(mode)
    picture.save(path)
    found = read_image(path, reader(mode="native", channels=channels))
    expected = np.asarray(picture.convert("L") if mode == "1" else picture).reshape(5, 7, -1)
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(
        DataError, match=f"{channels} channels of uint8, competition.yaml declares 5"
    ):
        read_image(path, reader(mode="native", channels=5))


def test_a_palette_is_shown_and_not_its_numbers(tmp_path: Path) -> None:
    picture = Image.fromarray(COLOURS[..., :3]).quantize(8)
    picture.save(tmp_path / "a.png")
    found = read_image(tmp_path / "a.png", reader(mode="native", channels=3))
    np.testing.assert_array_equal(found, np.asarray(picture.convert("RGB")))
    picture.save(tmp_path / "b.png", transparency=3)
    shown = read_image(tmp_path / "b.png", reader(mode="native", channels=4))
    np.testing.assert_array_equal(shown[..., 3], np.where(np.asarray(picture) == 3, 0, 255))
    on_grey = read_image(tmp_path / "b.png")
    assert (on_grey[np.asarray(picture) == 3] == 128).all()


@pytest.mark.parametrize("kind", ["WEBP", "GIF"])
def test_the_first_picture_of_an_animation_is_read(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "lime", "blue")]
    path = tmp_path / "a"
    frames[0].save(path, kind, save_all=True, append_images=frames[1:], lossless=True)
    found = read_image(path)
    assert found.shape == (6, 8, 3)
    assert (found == [255, 0, 0]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_native_pictures_are_upright_too(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a.png"
    Image.fromarray(COLOURS[..., :3]).save(path, exif=exif)
    own = reader(mode="native", channels=3)
    np.testing.assert_array_equal(read_image(path, own), read_image(path))
    deep = tmp_path / "b.png"
    cv2.imwrite(str(deep), DEEP[..., [2, 1, 0]])
    content = deep.read_bytes()
    # The tags stand in front of the pixels, as cameras write them.
    with_tags = path.read_bytes()
    start = with_tags.index(b"eXIf") - 4
    stop = start + 12 + int.from_bytes(with_tags[start : start + 4], "big")
    at = content.index(b"IDAT") - 4
    deep.write_bytes(content[:at] + with_tags[start:stop] + content[at:])
    found = read_image(deep, reader(mode="native", channels=3, dtype="uint16"))
    np.testing.assert_array_equal(found >> 8, read_image(deep))  # Pillow keeps the high byte


def test_one_pixel_is_an_image(tmp_path: Path) -> None:
    Image.fromarray(COLOURS[:1, :1, :3]).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), COLOURS[:1, :1, :3])


def test_the_default_is_one_thing_however_it_is_written() -> None:
    assert canonical({"name": "image"}) == canonical({"name": "image", "mode": "rgb"}) == "image"
    assert Reader.of("image").identity == IMAGE.identity == "image"
    assert canonical({"name": "image", "mode": "grey"}) == {"name": "image", "mode": "grey"}
    assert reader(mode="grey").identity != "image"
    # How a network sees the values changes nothing of what is decoded.
    deep = {"mode": "native", "channels": 1, "dtype": "uint16"}
    assert reader(**deep).identity == reader(**deep, range=[0, 4095]).identity


def test_bands_and_windows_are_the_image_in_every_mode(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    for own in (IMAGE, reader(mode="grey"), reader(mode="rgba"), reader(mode="native", channels=4)):
        bands, whole = read_bands(tmp_path / "a.png", own), read_image(tmp_path / "a.png", own)
        np.testing.assert_array_equal(np.concatenate(list(bands)), whole)
        np.testing.assert_array_equal(bands[1:3, 2:6], whole[1:3, 2:6])
        assert bands.resized((2, 3)).shape == (2, 3, own.pixels.channels)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "native"}, "needs channels"),
        ({"mode": "grey", "channels": 3}, "mode grey has 1 channels"),
        ({"dtype": "uint16"}, "write mode: native"),
        ({"mode": "gray"}, "mode"),
        ({"bits": 16}, "no option 'bits'"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        canonical({"name": "image", **options})


def test_an_unknown_reader_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="write one of dicom, image, npy, tiff, or module:object"):
        canonical("picture")
    with pytest.raises(ValueError, match="write tiff, or module:object"):
        canonical("tif")
    with pytest.raises(ValueError, match="a mapping needs name"):
        canonical({"mode": "grey"})


def test_a_tiff_whose_pages_may_be_channels_is_no_picture(tmp_path: Path) -> None:
    colours = np.random.default_rng(2).integers(0, 256, (3, 20, 24)).astype(np.uint8)
    path = tmp_path / "planes.tiff"
    tifffile.imwrite(path, colours, photometric="minisblack")
    with pytest.raises(DataError, match="several pages of one size") as caught:
        Reader.of("image").open(path)
    assert "name: tiff" in str(caught.value.fix)
    found = Reader.of({"name": "tiff", "channels": 3}).open(path).whole()
    np.testing.assert_array_equal(found, colours.transpose(1, 2, 0))


@pytest.mark.parametrize("has_tag", [True, False])
def test_a_smaller_page_of_a_tiff_hides_nothing(tmp_path: Path, has_tag: bool) -> None:
    page = np.random.default_rng(2).integers(0, 256, (20, 24, 3)).astype(np.uint8)
    path = tmp_path / "pyramid.tiff"
    with tifffile.TiffWriter(path) as file:
        file.write(page, photometric="rgb")
        file.write(page[::2, ::2], photometric="rgb", subfiletype=int(has_tag))
    np.testing.assert_array_equal(Reader.of("image").open(path).whole(), page)
