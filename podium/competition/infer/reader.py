"""The reader for the images of a data folder, inferred from a few of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.readers.tiff import pages_of, shape_of_lines
from podium.errors import plural

__all__ = ["ReaderGuess", "are_grey", "find_reader", "other_frames"]

ReaderGuess = tuple[Any, str]
"""The value of `data.reader`, and the reason for it."""

_PICTURES: ReaderGuess = ("image", "JPEG, PNG, WebP, TIFF …, as RGB of 8 bits")
_MOST_FILES = 20
_MOST_CHANNELS = 4  # of an axis that is taken for channels and not for frames
_MOST_FRAMES = 15  # that are offered
_LARGEST_READ = 64 << 20  # bytes of a file that is read for its highest value
_PNG_HEAD = 26  # bytes, up to the bits and the type of colour
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_CHANNELS = {b"\0": 1, b"\2": 3}  # of grey and of RGB, without alpha


def are_grey(files: Sequence[Path]) -> bool:
    """Return whether the pictures among `files` have no colours, or one alone, as `red.png` may.

    A picture is of one channel, or its three are alike but for what JPEG leaves, or two are blank.
    """
    return not any(_has_colours(file) for file in files)


def _has_colours(file: Path) -> bool:
    # Pillow raises what it likes; of a damaged picture nothing is known.
    with suppress(Exception), Image.open(file) as opened:
        if opened.mode in ("1", "L", "LA", "I", "F") or opened.mode.startswith("I;"):
            return False
        pixels = np.asarray(opened.convert("RGB"), dtype=np.int16).reshape(-1, 3)
        spread = pixels.max(axis=1) - pixels.min(axis=1)
        n_used = int((pixels.max(axis=0) > _NEARLY_BLANK).sum())
        return n_used > 1 and float(np.quantile(spread, _MOST_COLOURED)) > _NEARLY_GREY
    return False


_NEARLY_BLANK, _NEARLY_GREY = 16, 12  # of 255
_MOST_COLOURED = 0.98  # of the pixels may be grey where a small thing has colours


def find_reader(files: Sequence[Path]) -> ReaderGuess:
    """Return the reader that `files` seem to need, with its options, and a comment."""
    some = files[:: max(1, len(files) // _MOST_FILES)]
    suffixes = Counter(file.suffix.lower() for file in some)
    if not suffixes:
        return _PICTURES
    suffix = suffixes.most_common(1)[0][0]
    alike = [file for file in some if file.suffix.lower() == suffix]
    if suffix == ".png":
        return _of_deep_png(alike) or _PICTURES
    find = {
        ".dcm": _of_dicom, ".dicom": _of_dicom, ".npy": _of_array, ".npz": _of_archive,
        ".tif": _of_tiff, ".tiff": _of_tiff,
    }.get(suffix)  # fmt: skip
    if find is None:
        return _PICTURES
    try:
        # Slides of one competition may keep their colours as pixels or as pages: a file that needs
        # more than the image reader decides, as that reader decodes the first page alone.
        guesses = (find(file) for file in (alike if find is _of_tiff else alike[:1]))
        guess = next((guess for guess in guesses if guess != _PICTURES), _PICTURES)
        return _with_range_of_tiffs(guess, alike) if find is _of_tiff else guess
    except Exception as error:  # a damaged file, or of a form that a person must configure
        return "image", f"a guess, because {alike[0].name} could not be read: {error}"


def _of_dicom(_: Path) -> ReaderGuess:
    return "dicom", (
        "the file's own window, in 8 bits; {name: dicom, window: [40, 400]} for one of your own. "
        "Needs pip install podium-kaggle[dicom]"
    )


def _of_deep_png(paths: Sequence[Path]) -> ReaderGuess | None:
    """Return how PNGs of 16 bits are read, or None where `paths` are not all such."""
    heads = []
    for path in paths:
        with path.open("rb") as file:
            heads.append(file.read(_PNG_HEAD))
    is_deep = all(head.startswith(_PNG_SIGNATURE) and head[24:25] == b"\x10" for head in heads)
    colours = {head[25:] for head in heads}
    channels = _PNG_CHANNELS.get(next(iter(colours)))
    if not is_deep or len(colours) != 1 or channels is None:
        return None
    import cv2

    read = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in paths]
    options = {"name": "image", "mode": "native", "channels": channels, "dtype": "uint16"}
    why = f"{paths[0].name} has 16 bits; "
    return _with_range(options, why, [image for image in read if image is not None])


def _with_range(options: dict[str, Any], why: str, read: Sequence[NDArray[Any]]) -> ReaderGuess:
    """Return the guess with the range of as many bits as the images use."""
    high = max((int(image.max()) for image in read), default=0)
    used = max(high.bit_length(), 1)
    why += (
        "range: the values that are 0 and 1 to a network; higher ones are cut off, and no value "
        f"of {plural(len(read), 'file')} is above {high:,}"
    )
    return options | {"range": [0, 2**used - 1]}, why


def _of_tiff(path: Path) -> ReaderGuess:
    import tifffile

    with tifffile.TiffFile(path) as opened:
        pages = pages_of(opened)
        page = pages[0]
        lines = shape_of_lines(pages)
        n_pages = 1 if lines else sum(not one.is_reduced for one in pages)
        channels, dtype = int(page.samplesperpixel), str(page.dtype)
    if lines is not None:
        channels = lines[2]
    if n_pages == 1 and dtype == "uint8" and channels in (1, 3):
        return _PICTURES
    options: dict[str, Any] = {"name": "tiff", "channels": channels * n_pages}
    why = f"{path.name} has {plural(n_pages, 'page')} of {channels} channels, {dtype}"
    if lines is not None:
        why = f"{path.name} has {channels} channels, {dtype}, and a page for each line of pixels"
    if n_pages > _MOST_CHANNELS:
        options |= {"channels": channels, "take": 0}
        why += "; take: which page, or a list of pages that are stacked as channels"
    return _typed(options, dtype, why)


def _with_range_of_tiffs(guess: ReaderGuess, paths: Sequence[Path]) -> ReaderGuess:
    """Return the guess with a range, where pixels have 16 bits or fractions, and files are small.

    Of fractions it reaches from the least to the highest one of the files. The least number that a
    type with a sign holds, as -32768, marks pixels without data, and does not count.
    """
    import tifffile

    options, why = guess
    dtype = options.get("dtype") if isinstance(options, dict) else None
    small = [path for path in paths if path.stat().st_size <= _LARGEST_READ]
    if dtype not in ("uint16", "float32") or not small:
        return guess
    read = [tifffile.imread(path) for path in small]
    if dtype == "float32":
        marks = {np.iinfo(one.dtype).min for one in read if one.dtype.kind == "i"}
        known = (one[np.isfinite(one) & ~np.isin(one, [*marks])] for one in read)
        values = [each for each in known if each.size]
        low = min((float(one.min()) for one in values), default=0.0)
        high = max((float(one.max()) for one in values), default=0.0)
        if high <= low:
            return guess
        about = why.partition("; range")[0]
        told = (
            f"{about}; range: the values that are 0 and 1 to a network, of "
            f"{plural(len(read), 'file')}"
        )
        return options | {"range": [low, high]}, told
    return _with_range(options, f"{why}; ", read) if any(map(np.any, read)) else guess


def _of_array(path: Path) -> ReaderGuess:
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    axes, options = _axes_of(array.shape)
    why = f"{path.name} is {array.shape} of {array.dtype}"
    if "T" in axes:
        why += (
            "; axes and take are a guess: which axis counts frames, and which frame is the image?"
        )
    return _typed({"name": "npy", "axes": axes, **options}, str(array.dtype), why, array)


def other_frames(guess: ReaderGuess, file: Path) -> list[dict[str, Any]]:
    """Return the readers of all frames together and of each other one; [] of single images.

    Args:
        guess: of `find_reader`.
        file: one of the images.
    """
    options, _ = guess
    axes = options.get("axes", "") if isinstance(options, dict) else ""
    if "T" not in axes or not isinstance(options.get("take"), int) or file.suffix != ".npy":
        return []
    n = np.load(file, mmap_mode="r", allow_pickle=False).shape[axes.index("T")]
    frames = [frame for frame in range(n) if frame != options["take"]][:_MOST_FRAMES]
    together = [list(range(n))] if 1 < n <= _MOST_FRAMES else []
    return [{**options, "take": one} for one in [*together, *frames]]


def _axes_of(shape: Sequence[int]) -> tuple[str, dict[str, Any]]:
    if len(shape) == 2:
        return "HW", {}
    if len(shape) != 3:
        raise ValueError(
            f"arrays of {plural(len(shape), 'axis')} need data.reader: {{name: npy, axes: …}}"
        )
    if shape[2] <= _MOST_CHANNELS:
        return "HWC", {"channels": shape[2]}
    if shape[0] <= _MOST_CHANNELS:
        return "CHW", {"channels": shape[0]}
    return ("HWT" if shape[0] == shape[1] else "THW"), {"take": 0}


def _of_archive(path: Path) -> ReaderGuess:
    with np.load(path, allow_pickle=False) as opened:
        keys = list(opened.files)
        array = opened[keys[0]]
    axes, options = _axes_of(array.shape)
    key = {} if len(keys) == 1 else {"key": keys[0]}
    why = f"{path.name} has {', '.join(keys[:5])}; {keys[0]} is {array.shape} of {array.dtype}"
    return _typed({"name": "npy", **key, "axes": axes, **options}, str(array.dtype), why, array)


def _typed(options: dict[str, Any], dtype: str, why: str, array: Any = None) -> ReaderGuess:
    """Return the guess with a type that holds `dtype`, and the range of floats."""
    if dtype in ("uint8", "uint16"):
        options["dtype"] = dtype
    else:
        known = array is not None and np.isfinite(array).any()
        low, high = (float(np.nanmin(array)), float(np.nanmax(array))) if known else (0.0, 1.0)
        options |= {"dtype": "float32", "range": [low, high if high > low else low + 1]}
        why += (
            "; range: the values that are 0 and 1 to a network, of this file"
            if known
            else ("; range: write what a network should see as 0 and as 1")
        )
    return options, why
