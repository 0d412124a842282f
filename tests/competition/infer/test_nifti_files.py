"""Files of NIfTI, laid out by hand from the standard: voxels, orientation, and what is refused."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from nifti_files import RAS, nifti_bytes, write_nifti

from podium.competition.infer.conversions.volumes.nifti_files import (
    is_nifti,
    read_header,
    read_voxels,
)
from podium.errors import DataError

RNG = np.random.default_rng(5)
VOXELS = RNG.integers(0, 100, (5, 4, 3))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "f4", "f8"])
def test_voxels_are_those_that_were_laid_out(tmp_path: Path, dtype: str, order: str) -> None:
    for name in ("a.nii", "b.nii.gz"):
        write_nifti(tmp_path / name, VOXELS, dtype, order=order)
        read = read_voxels(tmp_path / name)
        assert read.shape == (5, 4, 3, 1)
        np.testing.assert_array_equal(read[..., 0], VOXELS)


def test_slope_and_intercept_are_applied(tmp_path: Path) -> None:
    write_nifti(tmp_path / "a.nii.gz", VOXELS, slope=0.5, inter=-1024.0)
    np.testing.assert_allclose(read_voxels(tmp_path / "a.nii.gz")[..., 0], VOXELS * 0.5 - 1024)


def test_a_fourth_axis_is_of_channels(tmp_path: Path) -> None:
    voxels = RNG.integers(0, 100, (5, 4, 3, 2))
    write_nifti(tmp_path / "a.nii", voxels)
    assert read_header(tmp_path / "a.nii").channels == 2
    np.testing.assert_array_equal(read_voxels(tmp_path / "a.nii"), voxels)
    write_nifti(tmp_path / "b.nii", voxels[..., :1])
    assert read_header(tmp_path / "b.nii").channels == 1


@pytest.mark.parametrize(
    ("rows", "codes", "axial"),
    [
        (RAS, "RAS", 2),
        (((-1, 0, 0), (0, -1, 0), (0, 0, 1)), "LPS", 2),
        (((0, 0, 1), (1, 0, 0), (0, -1, 0)), "AIR", 1),
        (((0, 1, 0), (0, 0, 1), (1, 0, 0)), "SRA", 0),
        (None, "", 2),
    ],
)
def test_the_axis_that_goes_up_is_that_of_the_header(
    tmp_path: Path, rows: tuple[tuple[int, ...], ...] | None, codes: str, axial: int
) -> None:
    write_nifti(tmp_path / "a.nii", VOXELS, rows=rows, spacing=(0.5, 0.75, 3.0))
    header = read_header(tmp_path / "a.nii")
    assert (header.codes, header.axial, header.shape) == (codes, axial, (5, 4, 3))
    assert header.spacing == (0.5, 0.75, 3.0)


def broken(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


WHOLE = nifti_bytes(RNG.integers(0, 9999, (16, 16, 16)))
PACKED = gzip.compress(WHOLE, mtime=0)
WRONG_SUM = PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("short.nii", WHOLE[:-100], "ends early"),
        ("head.nii", WHOLE[:200], "damaged"),
        ("ends.nii.gz", PACKED[: len(PACKED) // 2], "ends early"),
        ("start.nii.gz", PACKED[:15], "ends early"),
        ("sum.nii.gz", WRONG_SUM, "damaged"),
        ("empty.nii", b"", "no NIfTI"),
        ("page.nii.gz", b"<html>404 Not Found</html>", "no NIfTI"),
        ("large.nii.gz", gzip.compress(nifti_bytes(np.zeros((1, 1, 1)))[:42] + b"\x00\x70" * 3
         + nifti_bytes(np.zeros((1, 1, 1)))[48:]), "its header tells of"),
        ("flat.nii", nifti_bytes(np.zeros((8, 9))), "8 × 9, an image of 2 axes"),
        ("time.nii", nifti_bytes(np.zeros((2, 2, 2, 40))), "series in time"),
        ("five.nii", nifti_bytes(np.zeros((2, 2, 2, 2, 2))), "series in time"),
    ],
    ids=lambda one: one if isinstance(one, str) else "bytes",
)  # fmt: skip
def test_what_is_no_volume_is_refused_by_its_name(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = broken(tmp_path, name, content)
    with pytest.raises(DataError, match=told) as raised:
        read_voxels(path)
    assert str(raised.value.where) == str(path)
    assert raised.value.fix


def test_a_file_is_opened_as_what_it_is_whatever_its_ending(tmp_path: Path) -> None:
    path = broken(tmp_path, "a.nii", gzip.compress(nifti_bytes(VOXELS)))
    np.testing.assert_array_equal(read_voxels(path)[..., 0], VOXELS)
    path = broken(tmp_path, "b.nii.gz", nifti_bytes(VOXELS))
    np.testing.assert_array_equal(read_voxels(path)[..., 0], VOXELS)


def test_without_nibabel_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_nifti(tmp_path / "a.nii.gz", VOXELS)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(DataError, match="nibabel, which is not installed") as raised:
        read_header(tmp_path / "a.nii.gz")
    assert "podium-kaggle[nifti]" in (raised.value.fix or "")


def test_files_are_told_by_their_endings() -> None:
    assert is_nifti("imagesTr/x.NII.GZ")
    assert is_nifti("x.nii")
    assert not is_nifti("x.gz")
