"""DICOM: values as a screen would show them, or as they were measured (extra `dicom`: pydicom).

Stored values become measured ones by the file's rescale slope and intercept or its table (PS3.3
C.11.1), and those become grey levels by a window (C.11.2.1.2): with centre c and width w,

    y = clip((x − (c − 0.5)) / (w − 1) + 0.5, 0, 1)            LINEAR
    y = clip((x − c) / w + 0.5, 0, 1)                          LINEAR_EXACT
    y = 1 / (1 + exp(−4 (x − c) / w))                          SIGMOID

of which 0 is the darkest and 1 the brightest level; MONOCHROME1 is inverted.
"""

from __future__ import annotations

import importlib.util
import zlib
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from podium.competition.readers._reader import (
    FileReader,
    FrameOptions,
    conversion,
    describe_format,
    misfit,
    pixels_of,
)
from podium.competition.truths.pixels import ArrayBands, ImageBands, Pixels, refuse_too_large
from podium.errors import DataError, plural

__all__ = ["READER"]

_RANGES = {"uint8": 255, "uint16": 65535, "float32": 1}
_PREAMBLE, _MAGIC = 128, b"DICM"
_GREY = ("MONOCHROME1", "MONOCHROME2")
_DEFLATED = "1.2.840.10008.1.2.1.99"  # all that follows the file's meta information is (A.5)
_LARGEST_INFLATED = 2**29  # bytes; the sizes that a file declares are in what it deflates
_CHUNK = 2**20  # bytes inflated at once
Floats = NDArray[np.float64]


class DicomOptions(FrameOptions):
    """Options of the DICOM reader."""

    window: Literal["file", "none"] | tuple[float, float] = Field(
        default="file",
        description="file: the file's own, else the full range of its bits; [centre, width] in "
        "the file's units, as [40, 400] of Hounsfield; none: the values as they were measured",
    )

    @property
    def _needs_range(self) -> bool:
        return self.window == "none"

    @property
    def n_channels(self) -> int:
        """Number of channels of an image."""
        return self.channels or self.n_taken or 1

    @model_validator(mode="after")
    def _window_is_one(self) -> Self:
        if isinstance(self.window, tuple) and not self.window[1] >= 1:
            raise ValueError(f"window: [centre, width] with a width from 1, got {self.window}")
        if self.window != "none" and self.range is not None:
            raise ValueError("range: it is that of the window; write window: none for your own")
        return self


def _pixels(options: DicomOptions) -> Pixels:
    return pixels_of(options, options.n_channels)


def _require() -> None:
    if importlib.util.find_spec("pydicom") is None:
        raise DataError(
            "the reader 'dicom' needs pydicom, which is not installed",
            where="data.reader",
            fix="pip install podium-kaggle[dicom]",
        )


def _open(path: Path, options: DicomOptions) -> ImageBands:
    dataset = _read(path)
    frames = [_frame(dataset, number, path, options) for number in _numbers(dataset, path, options)]
    image = np.concatenate(frames, axis=2)
    if image.shape[2] != options.n_channels:
        fix = "write data.reader: {name: dicom, channels: …, take: …} as the files have them"
        what = f"{image.shape[2]} channels in {plural(len(frames), 'frame')}"
        raise misfit(path, f"{what}, competition.yaml declares {options.n_channels}", fix)
    return ArrayBands(image, image.dtype)


def _size(path: Path, options: DicomOptions) -> tuple[int, int]:
    dataset = _read(path, stop_before_pixels=True)
    return int(dataset.Rows), int(dataset.Columns)


def _read(path: Path, **how: Any) -> Any:
    """Return the dataset of a file, with sizes that can be."""
    _require()
    import pydicom

    with path.open("rb") as file:
        if file.read(_PREAMBLE + len(_MAGIC))[_PREAMBLE:] != _MAGIC:
            raise describe_format(path, "dicom", "no DICOM file")
    _refuse_bomb(path)
    dataset = pydicom.dcmread(path, **how)
    for name in ("Rows", "Columns"):
        if not isinstance(dataset.get(name), int):
            raise ValueError(f"it has no {name}: no picture is in it")
    refuse_too_large(
        (dataset.Rows, dataset.Columns, int(dataset.get("SamplesPerPixel", 1))), 2, path
    )
    return dataset


def _refuse_bomb(path: Path) -> None:
    """Raise DataError where a file becomes too large that pydicom inflates all at once."""
    from pydicom.filereader import read_dataset, read_preamble

    with path.open("rb") as file:
        read_preamble(file, force=False)
        meta = read_dataset(
            file,
            is_implicit_VR=False,
            is_little_endian=True,
            stop_when=lambda tag, _vr, _length: tag.group != 2,
        )
        if meta.get("TransferSyntaxUID") != _DEFLATED:
            return
        inflating, n_bytes = zlib.decompressobj(-zlib.MAX_WBITS), 0
        while data := inflating.unconsumed_tail or file.read(_CHUNK):
            n_bytes += len(inflating.decompress(data, _CHUNK))
            if n_bytes > _LARGEST_INFLATED:
                raise DataError(
                    f"inflated, it has more than {_LARGEST_INFLATED // 2**20} MiB",
                    where=path,
                    fix="write it without compression, a file a frame",
                )


def _numbers(dataset: Any, path: Path, options: DicomOptions) -> list[int]:
    n = int(dataset.get("NumberOfFrames", 1) or 1)
    take = options.take
    if take is None:
        if n > options.n_channels:
            fix = "write data.reader: {name: dicom, take: 0} for the first, or a list"
            raise misfit(path, f"it has {plural(n, 'frame')}", fix)
        return list(range(n))
    numbers = [take] if isinstance(take, int) else list(take)
    if max(numbers) >= n:
        raise misfit(path, f"it has {plural(n, 'frame')}, take has number {max(numbers)} (from 0)")
    return numbers


def _frame(dataset: Any, number: int, path: Path, options: DicomOptions) -> NDArray[Any]:
    """Return a frame `(H, W, C)` of the declared type."""
    from pydicom.pixels import pixel_array

    try:
        stored = pixel_array(dataset, index=number)
    except RuntimeError as cause:  # no decoder for its compression
        raise DataError(
            f"its pixels cannot be decompressed: {cause}",
            where=path,
            fix="pip install pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg python-gdcm",
        ) from cause
    if stored.shape[:2] != (dataset.Rows, dataset.Columns):
        raise ValueError(f"its pixels are {stored.shape}")
    kind = str(dataset.get("PhotometricInterpretation", "MONOCHROME2"))
    if kind in _GREY:
        grey = _grey(stored, dataset, kind, path, options)
        return np.repeat(grey[:, :, None], _copies(options), axis=2)
    return _colours(stored, dataset, kind, path, options)


def _copies(options: DicomOptions) -> int:
    """Return how often a grey frame stands in the image: as red, green and blue, or once."""
    return 3 if options.n_channels == 3 and (options.n_taken or 1) == 1 else 1


def _grey(
    stored: NDArray[Any], dataset: Any, kind: str, path: Path, options: DicomOptions
) -> NDArray[Any]:
    from pydicom.pixels import apply_modality_lut

    if kind == "MONOCHROME1" and options.window == "none" and stored.dtype.kind in "ui":
        least, most = _stored_range(dataset)
        stored = (least + most) - stored.astype(np.int64)
    measured = np.asarray(apply_modality_lut(stored, dataset))
    if options.window == "none":
        return np.asarray(conversion(measured.dtype, options.dtype, path)(measured))
    level = _levels(measured, dataset, path, options)
    if kind == "MONOCHROME1":
        level = 1 - level
    return _scaled(level, options)


def _scaled(level: Floats, options: DicomOptions) -> NDArray[Any]:
    """Return levels 0 … 1 as the declared type, over its whole range."""
    high = _RANGES[options.dtype]
    return (np.rint(level * high) if high > 1 else level).astype(options.dtype)


def _levels(measured: NDArray[Any], dataset: Any, path: Path, options: DicomOptions) -> Floats:
    """Return grey levels, 0 to 1."""
    function = str(dataset.get("VOILUTFunction", "LINEAR") or "LINEAR")
    if isinstance(options.window, tuple):
        return windowed(measured, *options.window, function)
    if "VOILUTSequence" in dataset and dataset.VOILUTSequence:
        from pydicom.pixels import apply_voi

        bits = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
        levels = np.asarray(apply_voi(measured, dataset), dtype=np.float64)
        return np.asarray(levels / (2**bits - 1))
    centre, width = _first(dataset.get("WindowCenter")), _first(dataset.get("WindowWidth"))
    if centre is not None and width is not None:
        if width < 1 and function != "LINEAR_EXACT":
            raise ValueError(f"its window has the width {width}")
        return windowed(measured, centre, width, function)
    if measured.dtype.kind == "f" and "PixelData" not in dataset:
        raise misfit(path, "it has floating-point values and no window", "write window: [c, w]")
    from pydicom.pixels import apply_modality_lut

    ends = np.array([_stored_range(dataset)])
    low, high = np.sort(np.asarray(apply_modality_lut(ends, dataset), dtype=np.float64)[0])
    level = (measured.astype(np.float64) - low) / max(high - low, 1e-9)
    return np.asarray(np.clip(level, 0, 1))


def windowed(values: NDArray[Any], centre: float, width: float, function: str) -> Floats:
    """Return the grey levels, 0 to 1, of measured values under a window.

    Args:
        values: as measured, of any shape.
        centre: of the window.
        width: of it, from 1 on.
        function: LINEAR, LINEAR_EXACT or SIGMOID.

    Example:
        >>> windowed(np.array([-160, 40, 240]), 40.5, 401, "LINEAR").tolist()
        [0.0, 0.5, 1.0]
    """
    x = values.astype(np.float64)
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * (x - centre) / width, -700, 700))))
    if function == "LINEAR_EXACT":
        return np.asarray(np.clip((x - centre) / width + 0.5, 0, 1))
    if width == 1:  # a threshold: C.11.2.1.2.1
        return (x > centre - 0.5).astype(np.float64)
    return np.asarray(np.clip((x - (centre - 0.5)) / (width - 1) + 0.5, 0, 1))


def _stored_range(dataset: Any) -> tuple[int, int]:
    """Return the least and the largest value that the bits of a pixel can hold."""
    bits = int(dataset.BitsStored)
    if int(dataset.get("PixelRepresentation", 0)) == 1:
        return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return 0, 2**bits - 1


def _first(value: Any) -> float | None:
    """Return a number of a tag that may have none, one or several."""
    if value is None or value == "":
        return None
    try:
        return float(value)
    except TypeError:
        return float(value[0]) if len(value) else None


def _colours(
    stored: NDArray[Any], dataset: Any, kind: str, path: Path, options: DicomOptions
) -> NDArray[Any]:
    """Return a coloured frame; a palette's colours, and RGB, which YBR has become already."""
    if kind == "PALETTE COLOR":
        from pydicom.pixels import apply_color_lut

        bits = int(dataset.RedPaletteColorLookupTableDescriptor[2])
        stored = np.asarray(apply_color_lut(stored, dataset))
    else:
        bits = int(dataset.BitsStored)
    if stored.ndim != 3 or stored.shape[2] != 3:
        raise misfit(path, f"its pixels are {kind} {stored.shape}")
    if options.window == "none":
        return np.asarray(conversion(stored.dtype, options.dtype, path)(stored))
    return _scaled(np.clip(stored.astype(np.float64) / (2**bits - 1), 0, 1), options)


READER = FileReader(DicomOptions, _pixels, _open, _size, _require)
