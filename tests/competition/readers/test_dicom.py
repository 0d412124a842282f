"""Tests of the DICOM reader, against pydicom's own windowing and values worked by hand."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from dicom_files import dicom_bytes
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from podium.competition.images import image_size, read_image
from podium.competition.readers import Reader, canonical, dicom
from podium.competition.readers.dicom import windowed
from podium.errors import DataError

CT = np.random.default_rng(0).integers(0, 4096, (12, 17)).astype(np.uint16)  # stored; HU is −1024


def write(path: Path, pixels: np.ndarray, **tags: Any) -> Path:
    path.write_bytes(dicom_bytes(pixels, **tags))
    return path


def reader(**options: Any) -> Reader:
    return Reader.of({"name": "dicom", **options})


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("interpretation", ["MONOCHROME1", "MONOCHROME2"])
def test_the_window_of_the_file_is_that_of_pydicom(
    tmp_path: Path, interpretation: str, function: str
) -> None:
    path = write(
        tmp_path / "a.dcm",
        CT,
        BitsStored=12,
        HighBit=11,
        RescaleSlope=1,
        RescaleIntercept=-1024,
        WindowCenter=[40, 500],
        WindowWidth=[400, 1500],
        VOILUTFunction=function,
        PhotometricInterpretation=interpretation,
    )
    dataset = pydicom.dcmread(path)
    measured = apply_modality_lut(dataset.pixel_array, dataset)
    theirs = apply_voi_lut(measured, dataset)
    least, most = -1024, 4095 - 1024  # the range over which pydicom spreads it
    level = (theirs - least) / (most - least)
    level = 1 - level if interpretation == "MONOCHROME1" else level
    for dtype, high in (("uint8", 255), ("uint16", 65535)):
        found = read_image(path, reader(dtype=dtype))
        assert found.dtype == dtype
        np.testing.assert_allclose(found[..., 0], level * high, atol=0.51)
    np.testing.assert_allclose(read_image(path, reader(dtype="float32"))[..., 0], level, atol=1e-6)


def test_a_window_of_ones_own_by_hand(tmp_path: Path) -> None:
    hounsfield = np.array([[-1000, -160, 40, 240, 1000]], dtype=np.int16)
    path = write(tmp_path / "a.dcm", hounsfield)
    # −160 lies just below the window of 401 around 40.5, 240 just above.
    found = read_image(path, reader(window=[40.5, 401]))
    assert found[0, :, 0].tolist() == [0, 0, 128, 255, 255]


def test_a_window_of_width_one_is_a_threshold() -> None:
    assert windowed(np.array([4.4, 4.5, 4.6]), 5, 1, "LINEAR").tolist() == [0, 0, 1]


def test_measured_values_come_as_they_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", CT, RescaleSlope=2, RescaleIntercept=-1024)
    own = reader(window="none", dtype="float32", range=[-1024, 3000])
    np.testing.assert_array_equal(read_image(path, own)[..., 0], CT * 2.0 - 1024)
    assert (own.pixels.low, own.pixels.high) == (-1024, 3000)
    with pytest.raises(DataError, match="declares uint16"):
        read_image(path, reader(window="none", dtype="uint16"))


def test_without_a_window_the_full_range_of_bits_is_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", CT, BitsStored=12, HighBit=11)
    np.testing.assert_allclose(read_image(path, reader())[..., 0], CT / 4095 * 255, atol=0.51)
    inverted = write(
        tmp_path / "b.dcm", CT, BitsStored=12, HighBit=11, PhotometricInterpretation="MONOCHROME1"
    )
    np.testing.assert_allclose(
        read_image(inverted, reader())[..., 0], 255 - CT / 4095 * 255, atol=0.51
    )
    raw = read_image(inverted, reader(window="none", dtype="uint16"))
    np.testing.assert_array_equal(raw[..., 0], 4095 - CT)


def test_a_table_of_grey_levels_is_looked_up(tmp_path: Path) -> None:
    table = pydicom.Dataset()
    table.LUTDescriptor = [256, 0, 8]
    table.add_new("LUTData", "US", list(range(255, -1, -1)))
    pixels = np.arange(200, dtype=np.uint8).reshape(10, 20)
    path = write(tmp_path / "a.dcm", pixels, VOILUTSequence=[table])
    np.testing.assert_array_equal(read_image(path, reader())[..., 0], 255 - pixels)


def test_frames_are_taken_and_stacked(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (5, 6, 7)).astype(np.uint8)
    path = write(tmp_path / "a.dcm", frames, NumberOfFrames=5)
    two = reader(take=[4, 0])
    assert two.pixels.channels == 2
    np.testing.assert_array_equal(read_image(path, two), frames[[4, 0]].transpose(1, 2, 0))
    np.testing.assert_array_equal(read_image(path, reader(take=2))[..., 0], frames[2])
    assert image_size(path, two) == (6, 7)
    with pytest.raises(DataError, match="it has 5 frames") as caught:
        read_image(path, reader())
    assert "take: 0" in (caught.value.fix or "")
    with pytest.raises(DataError, match="take has number 5"):
        read_image(path, reader(take=5))


def test_grey_may_stand_as_three_channels_and_colours_as_they_are(tmp_path: Path) -> None:
    grey = np.arange(42, dtype=np.uint8).reshape(6, 7)
    path = write(tmp_path / "a.dcm", grey)
    assert reader(channels=3).pixels.is_rgb8
    np.testing.assert_array_equal(read_image(path, reader(channels=3)), np.stack([grey] * 3, -1))
    colours = np.random.default_rng(0).integers(0, 256, (6, 7, 3)).astype(np.uint8)
    path = write(tmp_path / "b.dcm", colours)
    np.testing.assert_array_equal(read_image(path, reader(channels=3)), colours)
    with pytest.raises(DataError, match="3 channels in 1 frame, "):
        read_image(path, reader())


def test_a_palette_shows_its_colours(tmp_path: Path) -> None:
    tables = {
        f"{name}PaletteColorLookupTable{what}": value
        for number, name in enumerate(("Red", "Green", "Blue"))
        for what, value in (
            ("Descriptor", [256, 0, 16]),
            ("Data", (np.arange(256, dtype=np.uint16) * (number + 1) * 80).tobytes()),
        )
    }
    index = np.arange(42, dtype=np.uint8).reshape(6, 7)
    path = write(tmp_path / "a.dcm", index, PhotometricInterpretation="PALETTE COLOR", **tables)
    expected = np.stack([index.astype(int) * (c + 1) * 80 / 65535 * 255 for c in range(3)], -1)
    np.testing.assert_allclose(read_image(path, reader(channels=3)), expected, atol=0.51)


def test_a_declared_size_that_no_memory_has_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", CT, Rows=65535, Columns=65535)
    with pytest.raises(DataError, match="65,535 × 65,535"):
        read_image(path, reader())
    with pytest.raises(DataError, match="too large"):
        image_size(path, reader())


def deflated(path: Path, pixels: np.ndarray, n_further: int = 0) -> Path:
    """Write pixels as a file whose data set is deflated, with some further zeros in an element."""
    dataset = pydicom.dcmread(write(path, pixels))
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    if n_further:
        dataset.add_new(0x7FE11010, "OB", bytes(n_further))
    dataset.save_as(path)
    return path


def test_a_deflated_file_is_read_as_it_was_before(tmp_path: Path) -> None:
    plain = read_image(write(tmp_path / "a.dcm", CT), reader())
    np.testing.assert_array_equal(read_image(deflated(tmp_path / "b.dcm", CT), reader()), plain)


def test_a_deflated_file_that_no_memory_has_is_refused_before_it_is_inflated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicom, "_LARGEST_INFLATED", 64 * 2**20)
    path = deflated(tmp_path / "a.dcm", CT, n_further=65 * 2**20)
    assert path.stat().st_size < 2**17
    tracemalloc.start()
    for read in (read_image, image_size):
        with pytest.raises(DataError, match="more than 64 MiB") as caught:
            read(path, reader())
        assert caught.value.where == str(path)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


def test_a_file_that_is_no_picture_is_named_so(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(b"\xff\xd8\xff" + b"x" * 200)
    with pytest.raises(DataError, match="a JPEG file") as caught:
        read_image(tmp_path / "a.dcm", reader())
    assert "mend the pattern" in (caught.value.fix or "")


def test_without_pydicom_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pydicom" else real(name)
    )
    with pytest.raises(DataError) as caught:
        reader().require()
    assert caught.value.fix == "pip install podium-kaggle[dicom]"


def test_a_spec_of_dicom_loads_without_pydicom() -> None:
    code = (
        "import sys; from podium.competition.readers import Reader;"
        "Reader.of({'name': 'dicom', 'window': [40, 400]}).pixels;"
        "assert not {'pydicom', 'tifffile', 'cv2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": [40, 0]}, "a width from 1"),
        ({"window": "none", "dtype": "float32"}, "range"),
        ({"window": [40, 400], "range": [0, 1]}, "it is that of the window"),
        ({"windows": "file"}, "no option 'windows'"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        canonical({"name": "dicom", **options})
