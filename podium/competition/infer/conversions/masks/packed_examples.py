"""Examples of a ZIP to send that are given as the ZIP: what its pictures are called.

kit/example_submission.zip has T23_r00c00.png, T23_r00c01.png …    →    {id}.png
"""

from __future__ import annotations

import zipfile
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from PIL import Image

from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.files import is_called_example

__all__ = ["PackedExample", "packed_example"]

_SUFFIXES = (".png", ".tif", ".tiff", ".bmp")
_LARGEST = 50_000_000  # pixels of a picture that is looked at
_LOOKED_AT = 20


class PackedExample(NamedTuple):
    """Pictures in a ZIP that is called an example of what is to be sent.

    Attributes:
        path: of the ZIP.
        names: of the pictures, with their folders in the ZIP.
        is_grey: whether those that were looked at have one number a pixel.
        values: the numbers that they have.
    """

    path: str
    names: tuple[str, ...]
    is_grey: bool
    values: frozenset[int]


def packed_example(folder: DataFolder) -> PackedExample | None:
    """Return the one ZIP of pictures that is called an example; None where there is none, or more.

    Args:
        folder: of the data.
    """
    found = []
    for path in folder.archives:
        name = path.rpartition("/")[2]
        if not name.lower().endswith(".zip") or not is_called_example(name[:-4]):
            continue
        # What is no ZIP, or a broken one, is no example.
        with suppress(OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            one = _read(folder, path)
            found += [one] if one is not None else []
    return found[0] if len(found) == 1 else None


def _read(folder: DataFolder, path: str) -> PackedExample | None:
    with zipfile.ZipFile(folder.path / path) as packed:
        every = [one for one in packed.namelist() if not one.endswith("/")]
        files = [one for one in every if not one.startswith(("__MACOSX", ".")) and "/." not in one]
        if not files or not all(one.lower().endswith(_SUFFIXES) for one in files):
            return None
        is_grey, values = True, set[int]()
        for name in files[:: max(1, len(files) // _LOOKED_AT)]:
            with packed.open(name) as file, Image.open(file) as picture:
                is_grey &= picture.mode in ("L", "P", "1")
                if is_grey and picture.width * picture.height <= _LARGEST:
                    values.update(np.unique(np.asarray(picture)).tolist())
    return PackedExample(path, tuple(files), is_grey, frozenset(values))
