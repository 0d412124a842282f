"""Tests of the reader of numpy's arrays: axes, frames, archives, and what is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podium.competition.images import image_size, read_bands, read_image
from podium.competition.readers import Reader, canonical
from podium.errors import DataError

ARRAY = np.random.default_rng(0).integers(0, 256, (6, 7, 3, 4)).astype(np.uint8)  # H, W, C, T


def reader(**options: Any) -> Reader:
    return Reader.of({"name": "npy", **options})


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("axes", ["HWC", "CHW", "HCW", "HW"])
def test_axes_are_reordered(tmp_path: Path, axes: str, order: str) -> None:
    image = ARRAY[:, :, :, 0] if "C" in axes else ARRAY[:, :, :1, 0]
    stored = image.transpose(["HWC".index(axis) for axis in axes]) if "C" in axes else image[..., 0]
    path = tmp_path / "a.npy"
    np.save(path, np.asarray(stored, order=order))
    own = reader(axes=axes)
    np.testing.assert_array_equal(read_image(path, own), image)
    assert image_size(path, own) == (6, 7)
    assert own.pixels.channels == image.shape[2]


@pytest.mark.parametrize("axes", ["HWT", "THW", "HTW"])
def test_frames_are_taken_in_the_order_of_take(tmp_path: Path, axes: str) -> None:
    """As in contrails: `band_11.npy` is (H, W, T), and one frame of T has a label."""
    frames = ARRAY[:, :, 0]  # (H, W, T)
    path = tmp_path / "band_11.npy"
    np.save(path, frames.transpose(["HWT".index(axis) for axis in axes]))
    for take in (2, [1, 2, 3], [3, 0]):
        own = reader(axes=axes, take=take)
        expected = frames[:, :, [take] if isinstance(take, int) else take]
        np.testing.assert_array_equal(read_image(path, own), expected)
        assert own.pixels.channels == expected.shape[2]
    with pytest.raises(DataError, match="it has 4 images, take has number 4"):
        read_image(path, reader(axes=axes, take=4))


def test_channels_of_frames_stand_frame_by_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, ARRAY)
    found = read_image(path, reader(axes="HWCT", take=[3, 1], channels=6))
    expected = np.concatenate([ARRAY[..., 3], ARRAY[..., 1]], axis=2)
    np.testing.assert_array_equal(found, expected)


def test_a_window_is_read_from_the_mapped_file(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, ARRAY[..., 0])
    bands = read_bands(path, reader())
    assert bands.is_lazy
    np.testing.assert_array_equal(bands[2:5, 1:4], ARRAY[2:5, 1:4, :, 0])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_gives_the_array_of_its_key(tmp_path: Path, save: Any) -> None:
    path = tmp_path / "a.npz"
    save(path, image=np.asfortranarray(ARRAY[..., 0]), mask=ARRAY[:, :, 0, 0])
    np.testing.assert_array_equal(read_image(path, reader(key="image")), ARRAY[..., 0])
    assert image_size(path, reader(key="image")) == (6, 7)
    with pytest.raises(DataError, match="several arrays; its arrays are 'image', 'mask'"):
        read_image(path, reader())
    with pytest.raises(DataError, match="no array 'images'"):
        read_image(path, reader(key="images"))
    save(path, only=ARRAY[..., 0])
    np.testing.assert_array_equal(read_image(path, reader()), ARRAY[..., 0])


@pytest.mark.parametrize("dtype", [">f4", "<f8", "f2", "i2", "bool"])
def test_numbers_of_other_types_become_floats(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "a.npy"
    values = np.random.default_rng(0).normal(280, 10, (5, 6)).astype(dtype)
    np.save(path, values)
    own = reader(axes="HW", dtype="float32", range=[243, 303])
    found = read_image(path, own)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found[..., 0], values.astype(np.float32))
    np.testing.assert_allclose(own.pixels.unit(found), np.clip((found - 243) / 60, 0, 1), atol=1e-6)


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    class Bad:
        def __reduce__(self) -> Any:
            return (Path(tmp_path / "run").touch, ())

    for name, save in (("a.npy", np.save), ("a.npz", np.savez)):
        save(tmp_path / name, np.array([Bad()], dtype=object))
        with pytest.raises(DataError, match="a pickle"):
            read_image(tmp_path / name, reader(axes="HW"))
    assert not (tmp_path / "run").exists()


def header(shape: tuple[int, ...], dtype: str = "|u1") -> bytes:
    buffer = io.BytesIO()
    facts = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, facts)
    return buffer.getvalue()


def test_a_header_that_declares_what_is_not_there_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(header((100_000, 100_000)) + b"x" * 50)
    with pytest.raises(DataError, match=r"cut off: \(100000, 100000\)"):
        read_image(path, reader(axes="HW"))


def test_an_archive_that_unpacks_to_far_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", header((100_000, 100_000)) + bytes(10**6))
    with pytest.raises(DataError, match="too large, or cut off"):
        read_image(path, reader(axes="HW"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"axes": "WC"}, "H and W"),
        ({"axes": "HWHC"}, "each once"),
        ({"take": 1}, "frames need T among axes"),
        ({"axes": "HWT"}, "set the frames"),
        ({"dtype": "float32"}, "float32 has none of its own"),
        ({"range": [5, 5]}, "the second number must be larger"),
        ({"take": [], "axes": "HWT"}, "name at least one"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        canonical({"name": "npy", **options})
