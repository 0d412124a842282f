"""A mask as runs, "start length start length …", or counts; `submission.rle` sets which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.codecs import rle
from podium.submissions.values._value import MaskValue

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["VALUE"]


def _encode(mask: NDArray[np.bool_], form: SubmissionFormat) -> str:
    return rle.encode(mask, **form.rle.options)


def _decode(text: str, form: SubmissionFormat, size: tuple[int, int]) -> NDArray[np.bool_]:
    return rle.decode(text, size, **form.rle.options)


def _misfits(form: SubmissionFormat) -> Iterator[str]:
    # "1 0" is a run of no pixels, which is no mask; "1 1" would be one.
    numbers = form.empty.split()
    if numbers and all(one.isascii() and one.isdecimal() for one in numbers) and int(numbers[-1]):
        yield f"submission.empty {form.empty!r} reads as a mask"


VALUE = MaskValue(
    name="rle",
    description="one mask, as runs of pixels",
    holds=lambda kind: kind.is_of_pixels,
    misfits=_misfits,
    encode=_encode,
    decode=_decode,
)
