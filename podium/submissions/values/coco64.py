"""A mask as COCO's run lengths, deflated and in base64; an image's cell lists all its objects.

So Open Images 2019, Human Protein Atlas (single cell) and HuBMAP 2023 write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.codecs import coco64
from podium.submissions.values._value import MaskValue

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["VALUE"]

_FIELD = re.compile(r"\{(.*?)\}")
_FIELDS = ("label", "index", "number", "conf", "mask")


def _encode(mask: NDArray[np.bool_], form: SubmissionFormat) -> str:
    del form
    return coco64.encode(mask) if mask.any() else ""


def _decode(text: str, form: SubmissionFormat, size: tuple[int, int]) -> NDArray[np.bool_]:
    del form
    return coco64.decode(text, size)


def _misfits(form: SubmissionFormat) -> Iterator[str]:
    if form.item is None or form.rows != "image" or not form.kind.finds_objects:
        return
    words = form.item.split(form.sep)
    fields = [_FIELD.fullmatch(word) for word in words]
    names = [found[1] for found in fields if found]
    unknown = [one for one in _FIELD.findall(form.item) if one not in _FIELDS]
    glued = [word for word, found in zip(words, fields, strict=True) if not found and "{" in word]
    if unknown or glued:
        yield (
            f"submission.item {form.item!r} may hold {', '.join(f'{{{one}}}' for one in _FIELDS)} "
            "and plain words, with submission.sep between them"
        )
    elif names.count("mask") != 1 or len(set(names)) != len(names):
        yield f"submission.item {form.item!r} needs {{mask}} once, and nothing twice"
    elif len(form.classes) > 1 and not {"label", "index", "number"} & set(names):
        yield f"submission.item {form.item!r} lacks the class: add {{label}}"
    of_class = {"label", "index", "number"} & set(names)
    if "label" in of_class and any(form.sep in name for name in form.classes):
        yield f"names of classes hold the separator {form.sep!r}: write {{index}} for {{label}}"


VALUE = MaskValue(
    name="coco64",
    description="masks as COCO's run lengths, deflated and in base64",
    holds=lambda kind: kind.is_of_pixels,
    misfits=_misfits,
    encode=_encode,
    decode=_decode,
    many=True,
)
