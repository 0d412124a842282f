"""A mask as COCO's run lengths, as compressed text: the `counts` of a COCO result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.codecs import coco
from podium.submissions.values._value import MaskValue

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["VALUE"]


def _encode(mask: NDArray[np.bool_], form: SubmissionFormat) -> str:
    del form
    return coco.encode(mask) if mask.any() else ""


def _decode(text: str, form: SubmissionFormat, size: tuple[int, int]) -> NDArray[np.bool_]:
    del form
    return coco.decode(text, size)


def _misfits(form: SubmissionFormat) -> Iterator[str]:
    if form.empty.strip("0") != form.empty:
        yield f"submission.empty {form.empty!r} reads as counts"


VALUE = MaskValue(
    name="coco",
    description="one mask, as COCO's run lengths in compressed text",
    holds=lambda kind: kind.is_of_pixels,
    misfits=_misfits,
    encode=_encode,
    decode=_decode,
)
