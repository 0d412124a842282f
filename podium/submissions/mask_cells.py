"""A cell of a submission as the mask of one class, and what is wrong with one that is none."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.codecs import coco64, rle
from podium.errors import SubmissionError
from podium.submissions import values
from podium.submissions.cells import MISSING
from podium.submissions.format import Format
from podium.submissions.mask_sizes import LARGEST_UNKNOWN, Size

if TYPE_CHECKING:
    from podium.competition.masks import Mask

__all__ = [
    "CellFault",
    "assembled",
    "decode_cell",
    "decode_mask",
    "encoded",
    "fault_of",
    "plane_of",
    "room_for",
]

_EMPTY_ELSEWHERE = frozenset({"-1", "-", "1 0", "0 0", "0", "1 -1"})
_OTHER_SIZE = "masks of another size than the image"
_SIZE_FIX = (
    "bring masks to the size of `frame` in competition.yaml, native: the image's own "
    "(height, width); PIL's size is (width, height)"
)
_MOST_DIGITS = 15
_LEAST_ROOM = 1 << 16


@dataclass(frozen=True)
class CellFault:
    """Why a cell is no mask: the kind of fault, the cell's part in it, and how to mend it."""

    title: str
    detail: str
    fix: str


def decode_cell(text: str, form: Format, size: Size) -> NDArray[np.bool_]:
    """Return the mask `(H, W)` in a cell.

    Raises:
        RleError: the text is neither a mask of that size, nor what stands for an empty one.
    """
    if text == form.empty:
        return np.zeros(size, dtype=np.bool_)
    if not text.strip():
        raise rle.RleError("the cell is blank", column=1)
    return decode_mask(text, form, size)


def decode_mask(text: str, form: Format, size: Size) -> NDArray[np.bool_]:
    """Return the mask `(H, W)` that a text describes, which is no mark of an empty one.

    Raises:
        RleError: the text is no mask of that size.
    """
    return _value(form.value).decode(text, form, size)


def encoded(plane: NDArray[np.bool_], form: Format) -> str:
    """Return the text of one mask `(H, W)`; it was decoded again and found to be that mask.

    Raises:
        SubmissionError: the text does not decode to the mask, which would be a fault of the codec.
    """
    text = _value(form.value).encode(plane, form)
    if not text:
        is_same = not plane.any()
    else:
        back = decode_mask(text, form, (plane.shape[0], plane.shape[1]))
        # In its own place: a third array of the size of the mask would cost more than the rest.
        is_same = not np.not_equal(back, plane, out=back).any()
    if not is_same:
        raise SubmissionError(
            f"the text {text[:40]!r} does not decode to the mask that it was made of",
            fix="report it with the mask, please",
        )
    return text or form.empty


@functools.cache  # a cell should not cost a search for its codec
def _value(name: str) -> values.MaskValue:
    found = values.get(name)
    if not isinstance(found, values.MaskValue):
        raise SubmissionError(f"the format holds a {name} in each cell, not a mask")
    return found


def plane_of(mask: Mask, form: Format, index: int) -> NDArray[np.bool_]:
    """Return the pixels `(H, W)` of class `index`; of a binary mask without a copy."""
    if form.kind == "multilabel":
        return mask[:, :, index].astype(np.bool_)
    if form.kind == "multiclass":
        return np.asarray(mask == index + 1)
    return mask.view(np.bool_)


def assembled(planes: Iterable[tuple[int, NDArray[np.bool_]]], form: Format, size: Size) -> Mask:
    """Return the mask of an image from (class index, pixels `(H, W)`) of the classes it has.

    A pixel of several classes of a multiclass task becomes that of the last one given.
    """
    if form.kind == "binary":
        for _, plane in planes:
            return plane.view(np.uint8)
        return np.zeros(size, dtype=np.uint8)
    is_deep = form.kind == "multilabel"
    mask = np.zeros((*size, form.n_masks) if is_deep else size, dtype=np.uint8)
    for index, plane in planes:
        if is_deep:
            mask[:, :, index] = plane
        else:
            mask[plane] = index + 1
    return mask


def room_for(text: str, form: Format) -> Size:
    """Return a size in which the mask in `text` fits, where its own is not known."""
    if form.value == "coco64":
        try:
            return 1, coco64.n_pixels(text, at_most=LARGEST_UNKNOWN)
        except rle.RleError:
            return 1, _LEAST_ROOM
    return 1, min(max(_last_pixel(text, form) + 1, _LEAST_ROOM), LARGEST_UNKNOWN)


def fault_of(text: str, form: Format, size: Size | None, error: rle.RleError) -> CellFault:
    """Return what is wrong with a cell that `decode_cell` refused, and how to mend it.

    Args:
        text: the cell.
        form: says base, order, and what stands for an empty mask.
        size: (height, width) of the mask; None where it is not known.
        error: what the decoder said.
    """
    detail = f"character {error.column}: {error.message}"
    plain = text.strip()
    if plain == form.empty and plain:
        return CellFault("cells with spaces around them", repr(text[:20]), "strip the cells")
    nothing = f"write {form.empty!r} for an empty mask" if form.empty else "leave the cell blank"
    if plain.lower() in MISSING:
        return CellFault("blank or missing cells", repr(text[:20]), nothing)
    if plain in _EMPTY_ELSEWHERE:
        return CellFault(f"empty masks that are not {form.empty!r}", repr(plain), nothing)
    if form.value == "coco64":
        return _fault_of_counts(plain, size, detail)
    if form.rle.base == 1 and plain.split(maxsplit=1)[0] == "0":
        fix = "add 1 to each start, as submission.rle.base is 1; or correct it in competition.yaml"
        return CellFault("runs that count pixels from 0", detail, fix)
    last = _last_pixel(text, form)
    if size is not None and last >= size[0] * size[1]:
        detail += f"; the last run ends at pixel {last + 1:,} of {size[0] * size[1]:,}"
        return CellFault(_OTHER_SIZE, detail, _SIZE_FIX)
    fix = f"write pairs of start and length, ascending, such as {3 + form.rle.base} 2"
    return CellFault("runs that cannot be read", detail, fix)


def _fault_of_counts(text: str, size: Size | None, detail: str) -> CellFault:
    try:
        n_pixels = coco64.n_pixels(text, at_most=LARGEST_UNKNOWN)
    except rle.RleError:
        fix = "write base64(zlib.compress(pycocotools.mask.encode(…)['counts']))"
        return CellFault("masks that cannot be read", detail, fix)
    of = "" if size is None else f" of {size[0] * size[1]:,}"
    return CellFault(_OTHER_SIZE, f"{detail}; the mask is of {n_pixels:,} pixels{of}", _SIZE_FIX)


def _last_pixel(text: str, form: Format) -> int:
    """Return the pixel (from 0) at which the last run ends, or -1 where the text does not say."""
    tail = text[-4 * _MOST_DIGITS :].split()[-2:]
    if len(tail) < 2 or not all(
        one.isascii() and one.isdecimal() and len(one) <= _MOST_DIGITS for one in tail
    ):
        return -1
    return int(tail[0]) - form.rle.base + int(tail[1]) - 1
