"""DICOM files made for tests."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

__all__ = ["dicom_bytes"]


def dicom_bytes(pixels: np.ndarray, **tags: Any) -> bytes:
    """Return a file of `pixels` `(H, W)`, `(H, W, 3)` or, with NumberOfFrames, `(N, H, W)`."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["podium"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("made", {}, file_meta=meta, preamble=b"\0" * 128)
    at = 1 if "NumberOfFrames" in tags else 0
    dataset.Rows, dataset.Columns = pixels.shape[at : at + 2]
    dataset.SamplesPerPixel = 3 if pixels.ndim - at == 3 else 1
    if dataset.SamplesPerPixel == 3:
        dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = "RGB" if dataset.SamplesPerPixel == 3 else "MONOCHROME2"
    bits = 8 * pixels.dtype.itemsize
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    for name, value in tags.items():
        setattr(dataset, name, value)
    content = pixels.tobytes()
    dataset.PixelData = content + b"\0" * (len(content) % 2)
    dataset["PixelData"].VR = "OW" if bits == 16 else "OB"
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
