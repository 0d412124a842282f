"""Files of NIfTI-1, laid out by hand from the offsets of the standard's header of 348 bytes.

`dim` is at byte 40, `datatype` at 70, `bitpix` at 72, `pixdim` at 76, `vox_offset` at 108,
`scl_slope` at 112, `scl_inter` at 116, `sform_code` at 254, `srow_x` at 280, `magic` at 344
(nifti1.h). Voxels stand from byte 352 on, the first axis fastest.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

CODES = {"u1": 2, "i2": 4, "i4": 8, "f4": 16, "f8": 64, "i1": 256, "u2": 512}
"""`datatype` of the types of numpy."""
RAS = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def nifti_bytes(
    voxels: np.ndarray,
    dtype: str = "i2",
    *,
    order: str = "<",
    slope: float = 0.0,
    inter: float = 0.0,
    spacing: Sequence[float] = (1.0, 1.0, 1.0),
    rows: Sequence[Sequence[float]] | None = RAS,
) -> bytes:
    """Return a file with `voxels` as stored, in one byte order.

    Args:
        voxels: of two to five axes.
        dtype: that they are stored in.
        order: "<" or ">".
        slope, inter: of `scl_slope` and `scl_inter`; a slope of 0 means none.
        spacing: along the first axes.
        rows: directions of the patient by axis, as `srow` has them before the spacing; None for a
            header that tells no orientation.
    """
    head = bytearray(352)
    shape = voxels.shape
    struct.pack_into(order + "i", head, 0, 348)
    struct.pack_into(order + "8h", head, 40, len(shape), *shape, *[1] * (7 - len(shape)))
    struct.pack_into(order + "2h", head, 70, CODES[dtype], 8 * np.dtype(dtype).itemsize)
    steps = [*spacing, *[1.0] * 7][:7]
    struct.pack_into(order + "8f", head, 76, 1.0, *steps)
    struct.pack_into(order + "3f", head, 108, 352.0, slope, inter)
    if rows is not None:
        struct.pack_into(order + "2h", head, 252, 0, 1)
        for n, row in enumerate(rows):
            turned = [one * step for one, step in zip(row, spacing, strict=True)]
            struct.pack_into(order + "4f", head, 280 + 16 * n, *turned, 0.0)
    head[344:348] = b"n+1\0"
    return bytes(head) + voxels.astype(order + dtype).tobytes(order="F")


def write_nifti(path: Path, voxels: np.ndarray, dtype: str = "i2", **header: object) -> None:
    """Write a file, compressed where its name ends in `.gz`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = nifti_bytes(voxels, dtype, **header)  # type: ignore[arg-type]
    path.write_bytes(gzip.compress(raw, mtime=0) if path.name.endswith(".gz") else raw)
