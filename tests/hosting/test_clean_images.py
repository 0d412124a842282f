"""Image files without what may say more than their pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps, PngImagePlugin

from podium.competition.images import read_image
from podium.errors import DataError
from podium.hosting.setup.participant_files import clean_image

SECRET = b"this-is-a-dog"
PIXELS = np.random.default_rng(0).integers(0, 255, (24, 40, 3), dtype=np.uint8)


def _exif(turn=1):
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()  # ImageDescription
    exif[0x0112] = turn
    return exif


def _saved(path, **options):
    Image.fromarray(PIXELS).save(path, **options)
    return path


def _upright(content):
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB"))


@pytest.mark.parametrize("turn", [1, 3, 6, 8])
@pytest.mark.parametrize(
    "options",
    [
        {"quality": 90},
        {"quality": 90, "progressive": True, "comment": SECRET},
        {"quality": 60, "subsampling": 0, "icc_profile": SECRET * 20, "dpi": (300, 300)},
        {"quality": 90, "xmp": b"<x>" + SECRET + b"</x>"},
    ],
    ids=["plain", "comment", "profile", "xmp"],
)
def test_a_jpeg_keeps_its_pixels_and_its_turn_and_nothing_else(tmp_path, turn, options):
    path = _saved(tmp_path / "a.jpg", exif=_exif(turn), **options)
    with path.open("ab") as file:
        file.write(SECRET)  # behind the end, as films of phones are
    found = clean_image(path)
    assert SECRET in path.read_bytes()
    assert SECRET not in found.content
    np.testing.assert_array_equal(_upright(found.content), _upright(path.read_bytes()))
    assert set(Image.open(io.BytesIO(found.content)).getexif()) <= {0x0112}
    assert found.removed
    again = tmp_path / "again.jpg"
    again.write_bytes(found.content)
    assert clean_image(again).content == found.content
    assert clean_image(again).removed == ()
    np.testing.assert_array_equal(read_image(again), read_image(path))


@pytest.mark.parametrize("turn", [1, 6])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "I;16"])
def test_a_png_keeps_its_pixels_and_its_turn_and_nothing_else(tmp_path, mode, turn):
    image = Image.fromarray(PIXELS)
    if mode == "I;16":
        image = Image.fromarray(PIXELS[:, :, 0].astype(np.uint16) * 200)
    elif mode != "RGB":
        image = image.convert(mode)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", SECRET.decode())
    texts.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    path = tmp_path / "a.png"
    image.save(path, pnginfo=texts, exif=_exif(turn), dpi=(72, 72), icc_profile=SECRET)
    with path.open("ab") as file:
        file.write(SECRET)
    found = clean_image(path)
    assert SECRET not in found.content
    shown, wanted = (Image.open(io.BytesIO(one)) for one in (found.content, path.read_bytes()))
    assert shown.mode == wanted.mode
    np.testing.assert_array_equal(np.asarray(shown), np.asarray(wanted))
    assert shown.getexif().get(0x0112, 1) == turn
    again = tmp_path / "again.png"
    again.write_bytes(found.content)
    assert clean_image(again).content == found.content
    assert clean_image(again).removed == ()


def test_a_file_with_nothing_to_remove_is_the_same_to_the_byte(tmp_path):
    png = _saved(tmp_path / "a.png")
    assert clean_image(png).content == png.read_bytes()
    jpg = _saved(tmp_path / "a.jpg")
    assert clean_image(jpg).content == jpg.read_bytes()
    assert clean_image(jpg).removed == ()


@pytest.mark.parametrize("name", ["a.webp", "a.bmp", "a.gif", "a.tiff"])
def test_other_pictures_become_png_with_the_same_pixels(tmp_path, name):
    options = {"lossless": True, "exif": _exif()} if name == "a.webp" else {}
    path = _saved(tmp_path / name, **options)
    found = clean_image(path)
    assert (found.suffix, SECRET in found.content) == (".png", False)
    np.testing.assert_array_equal(_upright(found.content), _upright(path.read_bytes()))


@pytest.mark.parametrize("content", [b"", b"no image", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_named(tmp_path, content):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.jpg: the image cannot be read"):
        clean_image(path)
