"""Files of NIfTI, `.nii` and `.nii.gz`: what their headers tell, and their voxels (extra `nifti`).

Axes stand as nibabel has them, `(X, Y, Z)`, or `(X, Y, Z, C)` with channels; the affine tells which
way each one goes in the patient. A file is read to its end, so that one that was cut off, or whose
checksum does not fit, is refused.
"""

from __future__ import annotations

import gzip
import importlib.util
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, either

__all__ = ["NiftiHeader", "is_nifti", "read_header", "read_voxels", "stem_of"]

_ENDS = (".nii.gz", ".nii")
_GZIP = b"\x1f\x8b"
_HEADER_SIZES = {348: "Nifti1Image", 540: "Nifti2Image"}
_MOST_CHANNELS = 16
_MOST_DEFLATED = 1032  # bytes that one byte of deflate can stand for (zlib's own figure)
_CHUNK = 2**20
_AXES_OF_VOLUME = 3


class NiftiHeader(NamedTuple):
    """What the header of a file tells.

    Attributes:
        path: of the file.
        shape: number of voxels along the three axes.
        channels: of a voxel; 1 without a fourth axis.
        codes: which way the axes go, as "RAS" (to the right, to the front, up); "" where the file
            does not tell.
        spacing: between voxels along each axis, in the file's unit, mostly mm.
        affine: `(4, 4)`, from voxels to the patient.
    """

    path: Path
    shape: tuple[int, int, int]
    channels: int
    codes: str
    spacing: tuple[float, float, float]
    affine: NDArray[np.float64]

    @property
    def axial(self) -> int:
        """Axis that goes up or down in the patient; the last one where the file does not tell."""
        return next((axis for axis, code in enumerate(self.codes) if code in "SI"), 2)


def is_nifti(path: str) -> bool:
    """Return whether a file is called as one of NIfTI."""
    return path.lower().endswith(_ENDS)


def stem_of(path: str) -> str:
    """Return the name of a file of NIfTI without its folders and its ending.

    Example:
        >>> stem_of("imagesTr/case_003.nii.gz"), stem_of("v1.2.nii")
        ('case_003', 'v1.2')
    """
    name = path.rpartition("/")[2]
    end = next((one for one in _ENDS if name.lower().endswith(one)), "")
    return name[: len(name) - len(end)]


def read_header(path: Path) -> NiftiHeader:
    """Return what the header of a file tells, without its voxels.

    Raises:
        DataError: nibabel is not installed, or the file is damaged or no volume.
    """
    with _opened(path) as (_, image):
        return _checked(path, image)


def read_voxels(path: Path) -> NDArray[Any]:
    """Return the voxels of a file, `(X, Y, Z, C)`, as measured: slope and intercept are applied.

    Raises:
        DataError: as `read_header`, or the file ends early.
    """
    with _opened(path) as (stream, image):
        header = _checked(path, image)
        voxels: NDArray[Any] = np.asanyarray(image.dataobj)
        while stream.read(_CHUNK):  # to the checksum at the end of gzip
            pass
    return voxels.reshape(*header.shape, header.channels)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], Any]]:
    """Open a file with nibabel.

    Raises:
        DataError: whatever is raised while it is read.
    """
    if importlib.util.find_spec("nibabel") is None:
        raise DataError(
            "volumes of NIfTI are read with nibabel, which is not installed",
            where=path,
            fix="pip install podium-kaggle[nifti], or pip install nibabel",
        )
    import nibabel
    from nibabel.imageglobals import LoggingOutputSuppressor

    try:
        with path.open("rb") as raw, LoggingOutputSuppressor():
            is_packed = raw.read(len(_GZIP)) == _GZIP
            raw.seek(0)
            stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if is_packed else raw  # type: ignore[assignment]
            size = stream.read(4)
            stream.seek(0)
            orders = (int.from_bytes(size, "little"), int.from_bytes(size, "big"))
            kind = next((_HEADER_SIZES[one] for one in orders if one in _HEADER_SIZES), None)
            if kind is None:
                raise DataError(
                    "the file is no NIfTI: its first number is not 348 or 540, the header's size",
                    where=path,
                    fix="download it again, or take it out of the folder",
                )
            yield stream, getattr(nibabel, kind).from_stream(stream)
    except DataError:
        raise
    except Exception as error:  # of a damaged file nibabel, gzip and zlib raise what they like
        raise _damaged(path, str(error) or type(error).__name__) from error


def _damaged(path: Path, why: str) -> DataError:
    return DataError(
        f"the file is damaged, or ends early: {why}",
        where=path,
        fix="download or copy it again, or take it and its label out of the folder",
    )


def _checked(path: Path, image: Any) -> NiftiHeader:
    """Return what a header tells.

    Raises:
        DataError: it is of no volume, or of more voxels than the file can hold.
    """
    shape, dtype = tuple(map(int, image.shape)), image.get_data_dtype()
    told = " × ".join(map(str, shape)) or "nothing"
    if dtype.kind not in "uif":
        raise DataError(
            f"voxels are of the type {dtype}, and are to be single numbers",
            where=path,
            fix="write it again with one number a voxel, colours as a fourth axis",
        )
    while len(shape) > _AXES_OF_VOLUME and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) < _AXES_OF_VOLUME:
        raise DataError(
            f"the file is of {told}, an image of {either(len(shape), 'axis', 'axes')} and no "
            "volume of slices",
            where=path,
            fix="take it out of the folder, or write it again with a third axis of one slice: "
            "array[:, :, None]",
        )
    if len(shape) > _AXES_OF_VOLUME + 1 or (
        len(shape) > _AXES_OF_VOLUME and shape[3] > _MOST_CHANNELS
    ):
        raise DataError(
            f"the file is of {told}: a fourth axis is read as up to {_MOST_CHANNELS} channels, "
            "and this looks like a series in time",
            where=path,
            fix="write a file of three axes for each time that counts",
        )
    if 0 in shape:
        raise DataError(f"the file is of {told} and holds no voxel", where=path, fix="mend it")
    n_bytes = math.prod(shape) * dtype.itemsize + int(image.dataobj.offset)
    there = path.stat().st_size
    with path.open("rb") as raw:
        is_packed = raw.read(len(_GZIP)) == _GZIP
    if n_bytes > there * (_MOST_DEFLATED if is_packed else 1):
        raise _damaged(path, f"its header tells of {n_bytes:,} bytes, and it has {there:,}")
    x, y, z, *rest = shape
    header = image.header
    is_told = bool(header["qform_code"]) or bool(header["sform_code"])
    return NiftiHeader(
        path,
        (x, y, z),
        rest[0] if rest else 1,
        _codes(image.affine) if is_told else "",
        tuple(float(one) for one in header.get_zooms()[:_AXES_OF_VOLUME]),  # type: ignore[arg-type]
        np.asarray(image.affine, dtype=np.float64),
    )


def _codes(affine: NDArray[np.float64]) -> str:
    """Return which way the axes go; "" where the affine turns two of them alike."""
    from nibabel.orientations import aff2axcodes

    codes = aff2axcodes(affine)
    return "".join(codes) if all(codes) else ""
