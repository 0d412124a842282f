"""The names of rows that are pixels: from image, row and column to a name, and back.

`1_2_3` is the pixel in the second row and the third column of the image `1`, with the template
`{id}_{row}_{column}` and `index_base: 1`. There are millions of them, so they come in parts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import numpy as np
from numpy.typing import NDArray

from podium.codecs.rle import AxisOrder
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.submissions.expected import SampleKeys
from podium.submissions.format import Format
from podium.submissions.header import sample_with_rows
from podium.submissions.mask_sizes import MaskSizes

__all__ = ["AllPixels", "Part", "expected_pixels", "images_of", "parts_of", "places_of"]

PART_ROWS = 1 << 16
_FIELD = re.compile(r"\{(id|row|column)\}")
_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_PATTERNS = {"id": "(?P<id>.*)", "row": f"(?P<row>{_NUMBER})", "column": f"(?P<column>{_NUMBER})"}


@dataclass(frozen=True)
class Part:
    """Pixels of one image: `rows` and `columns` are int64 `(n,)`, from 0.

    Attributes:
        names: of the rows of the file, `(n,)`.
        at: where the part begins among all the names that it was made of.
    """

    sample_id: str
    names: Sequence[str]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    at: int


@dataclass(frozen=True)
class AllPixels:
    """The names of all pixels of the images `ids`; may be gone through many times.

    Args:
        form: of rows of pixels; `rle.order` says what runs fastest: "F" rows, "C" columns.
        ids: of the images.
        sizes: of them; all must be known.
    """

    form: Format
    ids: Sequence[str]
    sizes: MaskSizes

    def __iter__(self) -> Iterator[str]:
        for sample_id in self.ids:
            size = self.sizes.of(sample_id)
            if size is None:
                why = f": {self.sizes.problem}" if self.sizes.problem else ""
                raise DataError(
                    f"the size of the image {sample_id!r} is not known{why}",
                    fix="put the test images in their place, or set frame: [height, width]",
                )
            yield from _names(self.form, sample_id, size, self.form.rle.order)


def _names(form: Format, sample_id: str, size: tuple[int, int], order: AxisOrder) -> Iterator[str]:
    base, (height, width) = form.index_base, size
    # One pixel's name with marks in the places of its numbers: a template without the id's braces.
    row, column = "\0", "\1"
    text = form.id.replace("{row}", row).replace("{column}", column).replace("{id}", sample_id)
    if order == "F":
        for c in range(base, base + width):
            down = text.replace(column, str(c))
            yield from (down.replace(row, str(r)) for r in range(base, base + height))
    else:
        for r in range(base, base + height):
            along = text.replace(row, str(r))
            yield from (along.replace(column, str(c)) for c in range(base, base + width))


def expected_pixels(
    competition: Competition, form: Format, sizes: MaskSizes
) -> tuple[Iterable[str], str]:
    """Return the rows that a submission must have, in order, and where that is said.

    They are the sample's, in its order; without a sample all pixels of the test images.
    """
    sample = sample_with_rows(competition)
    if sample is not None:
        return SampleKeys(sample, form), sample.name
    return AllPixels(form, sizes.ids, sizes), "the test set"


def images_of(form: Format, names: Iterable[str]) -> list[str]:
    """Return the ids of the images that `names` are pixels of, each once, in order.

    Raises:
        DataError: a name is no pixel's.
    """
    found: dict[str, None] = {}
    for part in parts_of(form, names):
        found[part.sample_id] = None
    return list(found)


def parts_of(form: Format, names: Iterable[str]) -> Iterator[Part]:
    """Yield `names` image by image, some at a time.

    Raises:
        DataError: a name is no pixel's.
    """
    rest = iter(names)
    while some := list(islice(rest, PART_ROWS)):
        parts, wrong = places_of(form, some)
        if wrong:
            raise DataError(
                f"{some[wrong[0]]!r} is the name of no pixel: submission.id is {form.id!r}, which "
                f"counts from {form.index_base}",
                fix="mend submission.id or submission.index_base in competition.yaml",
            )
        yield from parts


def places_of(form: Format, names: Sequence[str]) -> tuple[list[Part], list[int]]:
    """Return the pixels that `names` are, image by image, and which names are those of none."""
    match = _pattern(form.id).fullmatch
    matches = [match(name) for name in names]
    wrong: list[int] = []
    parts: list[Part] = []
    base = form.index_base
    at = 0
    for sample_id, found in groupby(matches, key=_image):
        each = list(found)
        if sample_id is None:
            wrong += range(at, at + len(each))
        else:
            places = np.array([(one["row"], one["column"]) for one in each if one], dtype=np.int64)
            places -= base
            if (places < 0).any():
                wrong += (at + np.flatnonzero((places < 0).any(axis=1))).tolist()
            named = names[at : at + len(each)]
            parts.append(Part(sample_id, named, places[:, 0], places[:, 1], at))
        at += len(each)
    return parts, wrong


def _image(found: re.Match[str] | None) -> str | None:
    return None if found is None else found["id"]


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    pieces, at = [], 0
    for field in _FIELD.finditer(template):
        pieces += [re.escape(template[at : field.start()]), _PATTERNS[field[1]]]
        at = field.end()
    return re.compile("".join([*pieces, re.escape(template[at:])]), re.DOTALL)
