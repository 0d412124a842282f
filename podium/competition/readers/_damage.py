"""What is wrong with an image file that cannot be read, in words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from podium.errors import DataError, PodiumError

__all__ = ["BROKEN_FIX", "telling", "what_is_it"]

BROKEN_FIX = "download the file again, or take its row out of the table"
_KINDS = {
    b"DICM": ("a DICOM file", "dicom"),
    b"\x93NUMPY": ("an array of numpy", "npy"),
    b"PK\x03\x04": ("a ZIP archive, or arrays of numpy (.npz)", "npy"),
    b"II*\x00": ("a TIFF file", "tiff"),
    b"MM\x00*": ("a TIFF file", "tiff"),
    b"II+\x00": ("a large TIFF file", "tiff"),
    b"MM\x00+": ("a large TIFF file", "tiff"),
    b"\x89PNG": ("a PNG file", "image"),
    b"\xff\xd8\xff": ("a JPEG file", "image"),
    b"RIFF": ("a WebP file", "image"),
    b"GIF8": ("a GIF file", "image"),
    b"BM": ("a BMP file", "image"),
}


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Raise what a library raises on a file as a DataError that names it.

    Libraries raise what they like on damage, so that everything is taken for damage but what the
    disk or the mount says.

    Raises:
        DataError: the file is missing, may not be read, or is not what its reader reads.
        OSError: the disk failed.
    """
    try:
        yield
    except PodiumError:
        raise
    except FileNotFoundError as cause:
        fix = "mend the path in the table or in competition.yaml, or download the file again"
        raise DataError("the image is missing", where=path, fix=fix) from cause
    except PermissionError as cause:
        fix = "give this user the right to read it"
        raise DataError("the image may not be read", where=path, fix=fix) from cause
    except IsADirectoryError as cause:
        fix = "mend the pattern of the images in competition.yaml"
        raise DataError("this is a folder, not an image", where=path, fix=fix) from cause
    except MemoryError as cause:
        fix = "cut the image into tiles, or shrink it"
        raise DataError("the image does not fit in memory", where=path, fix=fix) from cause
    except Exception as cause:
        # Invalid: a place in the file that the file itself says, and that cannot be.
        if isinstance(cause, OSError) and cause.errno not in (None, errno.EINVAL):
            raise  # of the disk or the mount, not of the file
        message = f"the image is truncated or damaged: {cause or type(cause).__name__}"
        raise DataError(message, where=path, fix=BROKEN_FIX) from cause


def what_is_it(path: Path, reader: str, known: str) -> DataError:
    """Return what a file is that is of no format that `reader` reads, from how it begins.

    Args:
        path: of the file.
        reader: the name of the reader.
        known: what it reads, in words, as "no image format that Pillow knows".
    """
    with path.open("rb") as file:
        start = file.read(132)
    if not start:
        return DataError("the file is empty", where=path, fix=BROKEN_FIX)
    if start.lstrip().lower().startswith((b"<!doc", b"<html")):
        message = "this is a web page, not an image: the download needed a login"
        return DataError(message, where=path, fix=BROKEN_FIX)
    is_called_so = path.suffix.lower() in (".dcm", ".dicom") and reader == "image"
    is_dicom = start[128:132] == b"DICM" or is_called_so
    head = b"DICM" if is_dicom else start
    for magic, (what, better) in _KINDS.items():
        if head.startswith(magic) and better != reader:
            return DataError(
                f"this is {what}, which the reader {reader!r} does not read",
                where=path,
                fix=f"write data.reader: {better} in competition.yaml, or mend the pattern of the "
                "images",
            )
    return DataError(f"{known}; the file begins with {start[:8]!r}", where=path, fix=BROKEN_FIX)
