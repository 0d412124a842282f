"""Masks in the cells of a submission: a cell as the mask of one class, and all that is wrong.

The checker also notes where each row lies in the file. One mask is in memory at a time, and neither
pandas nor torch is imported.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.codecs import coco, coco64, rle
from podium.errors import SubmissionError, TextError, plural
from podium.submissions import values
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.csv_text import MISSING, CellError, CsvBlock, CsvLine
from podium.submissions.format.mask_sizes import LARGEST_UNKNOWN, Size, warn_of_unknown_sizes
from podium.submissions.format.png_files import UNREAD
from podium.submissions.format.problems import Problems
from podium.submissions.format.reading import CellFaults, lines_of
from podium.submissions.format.row_names import KeyCheck, owners_of
from podium.submissions.format.spec import SubmissionFormat

if TYPE_CHECKING:
    from podium.competition.truths.masks import Mask

__all__ = [
    "MaskChecker",
    "assemble_mask",
    "class_plane",
    "decode_cell",
    "decode_mask",
    "describe_fault",
    "encode_mask",
    "size_bound",
]


_EMPTY_ELSEWHERE = frozenset({"-1", "-", "1 0", "0 0", "0", "1 -1"})
_OTHER_SIZE = "masks of another size than the image"
_SIZE_FIX = (
    "bring masks to the size of their image (height, width), or to that of `frame` where "
    "competition.yaml has one; PIL's size is (width, height)"
)
_END_FIX = (
    "shorten the run to end at the last pixel; where many cells are so, see base and order below "
    "submission.rle, and whether each mask has the size of its image (height, width)"
)
_LEAST_ROOM = 1 << 16


def decode_cell(text: str, form: SubmissionFormat, size: Size) -> NDArray[np.bool_]:
    """Return the mask `(H, W)` in a cell.

    Raises:
        CodecError: the text is neither a mask of that size, nor what stands for an empty one.
    """
    if text == form.empty_cell:
        return np.zeros(size, dtype=np.bool_)
    if not text.strip():
        raise rle.RleError("the cell is blank", column=1)
    return decode_mask(text, form, size)


def decode_mask(text: str, form: SubmissionFormat, size: Size) -> NDArray[np.bool_]:
    """Return the mask `(H, W)` that a text describes, which is no mark of an empty one.

    Raises:
        CodecError: the text is no mask of that size.
    """
    return _value(form.value).decode(text, form, size)


def encode_mask(plane: NDArray[np.bool_], form: SubmissionFormat) -> str:
    """Return the text of one mask `(H, W)`; it was decoded again and found to be that mask.

    Raises:
        SubmissionError: the text does not decode to the mask, which would be a fault of the codec.
    """
    text = _value(form.value).encode(plane, form)
    if form.rle.counts and form.empty and not plane.any():
        text = ""  # the host has a word for it
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


def class_plane(mask: Mask, form: SubmissionFormat, index: int) -> NDArray[np.bool_]:
    """Return the pixels `(H, W)` of class `index`; of a binary mask without a copy."""
    if form.kind.is_by_class:
        return mask[:, :, index].astype(np.bool_)
    if form.kind.is_exclusive:
        return np.asarray(mask == index + 1)
    return mask.view(np.bool_)


def assemble_mask(
    planes: Iterable[tuple[int, NDArray[np.bool_]]], form: SubmissionFormat, size: Size
) -> Mask:
    """Return the mask of an image from (class index, pixels `(H, W)`) of the classes it has.

    A pixel of several classes of a multiclass task gets the last of them.
    """
    if form.kind.is_yes_no:
        for _, plane in planes:
            return plane.view(np.uint8)
        return np.zeros(size, dtype=np.uint8)
    is_deep = form.kind.is_by_class
    mask = np.zeros((*size, form.n_masks) if is_deep else size, dtype=np.uint8)
    for index, plane in planes:
        if is_deep:
            mask[:, :, index] = plane
        else:
            mask[plane] = index + 1
    return mask


def size_bound(text: str, form: SubmissionFormat) -> Size:
    """Return a size in which the mask in `text` fits, where its own is unknown."""
    if _counts_of(form) is not None:
        try:
            return 1, _n_pixels(text, form)
        except rle.RleError:
            return 1, _LEAST_ROOM
    return 1, min(max(_n_reached(text, form), _LEAST_ROOM), LARGEST_UNKNOWN)


def describe_fault(
    text: str, form: SubmissionFormat, size: Size | None, error: TextError
) -> CellError:
    """Return the fault of a cell that `decode_cell` refused, and how to mend it.

    Args:
        text: the cell.
        form: its base, order, and text of an empty mask.
        size: (height, width) of the mask; None where it is unknown.
        error: the decoder's.
    """
    detail = error.at_character
    plain = text.strip()
    if plain == form.empty_cell and plain:
        return CellError("cells with spaces around them", "strip the cells", detail=repr(text[:20]))
    nothing = f"write {form.empty!r} for an empty mask" if form.empty else "leave the cell blank"
    if form.empty_cell is None:
        nothing = "write the number of pixels, width × height, for an empty mask"
    if plain.lower() in MISSING:
        return CellError("blank or missing cells", nothing, detail=repr(text[:20]))
    if plain in _EMPTY_ELSEWHERE:
        right = "counts of all pixels" if form.empty_cell is None else repr(form.empty)
        return CellError(f"empty masks that are not {right}", nothing, detail=repr(plain))
    if _counts_of(form) is not None:
        return _describe_count_fault(plain, form, size, detail)
    if not isinstance(error, rle.RleError):
        fix = error.fix or f"write masks as the value {form.value} describes them"
        return CellError("masks that cannot be read", fix, detail=detail)
    numbers = plain.replace(form.rle.join, " ").replace(form.rle.between, " ").split()
    if form.rle.base == 1 and numbers[:1] == ["0"]:
        what = "start" if form.rle.second == "length" else "number"
        fix = (
            f"add 1 to each {what}, as submission.rle.base is 1; or correct it in competition.yaml"
        )
        return CellError("runs that count pixels from 0", fix, detail=detail)
    n_reached = _n_reached(text, form)
    if size is not None and n_reached > size[0] * size[1]:
        detail += f"; the last run ends at pixel {n_reached:,} of {size[0] * size[1]:,}"
        n_in_last = n_reached - int(numbers[-2]) + form.rle.base
        # A run that starts inside, and is not as long as the whole image, is of a mask of its size.
        if n_reached - n_in_last < size[0] * size[1] > n_in_last:
            return CellError("runs that end beyond the image", _END_FIX, detail=detail)
        return CellError(_OTHER_SIZE, _SIZE_FIX, detail=detail)
    example = form.rle.pair(3 + form.rle.base, 4 + form.rle.base)
    if form.rle.between != " ":
        example += form.rle.between + form.rle.pair(7 + form.rle.base, 7 + form.rle.base)
    pairs = "start and length" if form.rle.second == "length" else f"start and {form.rle.second}"
    fix = f"write pairs of {pairs}, ascending, such as {example}"
    return CellError("runs that cannot be read", fix, detail=detail)


class _PixelCounter(Protocol):
    def __call__(self, text: str, *, at_most: int) -> int: ...


_COUNTS: dict[str, tuple[_PixelCounter, str]] = {
    "coco": (coco.n_pixels, "write pycocotools.mask.encode(…)['counts'].decode()"),
    "coco64": (
        coco64.n_pixels,
        "write base64(zlib.compress(pycocotools.mask.encode(…)['counts']))",
    ),
}
"""Values that hold counts: what reads the number of their pixels, and how to write them."""

_PLAIN_COUNTS = (
    rle.n_counted,
    "write how many pixels in turn are background and are of the mask, as 12 3 85, and 0 first "
    "where the first pixel is of the mask",
)


def _counts_of(form: SubmissionFormat) -> tuple[_PixelCounter, str] | None:
    """Return what reads the number of pixels of counts, and how to write them; None of runs."""
    if form.value == "rle" and form.rle.counts:
        return _PLAIN_COUNTS
    return _COUNTS.get(form.value)


def _n_pixels(text: str, form: SubmissionFormat) -> int:
    found = _counts_of(form)
    assert found is not None
    return found[0](text, at_most=LARGEST_UNKNOWN)


def _describe_count_fault(
    text: str, form: SubmissionFormat, size: Size | None, detail: str
) -> CellError:
    try:
        n_pixels = _n_pixels(text, form)
    except rle.RleError:
        found = _counts_of(form)
        fix = "" if found is None else found[1]
        return CellError("masks that cannot be read", fix, detail=detail)
    if form.value == "rle":
        fix = "count the background behind the last run, too; else the mask has another size"
        return CellError("counts that do not sum to the pixels of the image", fix, detail=detail)
    of = "" if size is None else f" of {size[0] * size[1]:,}"
    return CellError(
        _OTHER_SIZE, _SIZE_FIX, detail=f"{detail}; the mask is of {plural(n_pixels, 'pixel')}{of}"
    )


def _n_reached(text: str, form: SubmissionFormat) -> int:
    """Return the number of pixels up to the end of the last run, or 0 where the text has none."""
    runs = form.rle
    return rle.last_pixel(
        text, base=runs.base, second=runs.second, join=runs.join, between=runs.between
    )


_HELD_AT_MOST = 256 << 20
_SPACE = 32


class MaskChecker:
    """Checks the masks of a file one by one, then reports what concerns all of them.

    Args:
        expected: what the file must hold; runs of a mask of unknown size may end anywhere.
        problems: where the faults go.
        offsets: gets the byte at which the row of each name begins; None: not needed.
    """

    in_blocks = True

    def __init__(
        self,
        expected: ExpectedRows,
        problems: Problems,
        offsets: dict[str, int] | None = None,
    ) -> None:
        form = expected.form
        self._form, self._sizes, self._problems = form, expected.sizes, problems
        self._offsets = offsets
        self._faults = CellFaults(form, problems)
        self._owners = owners_of(form)
        per_sample = form.n_masks if form.rows == "image_class" else 1
        # The classes of an image may not overlap.
        watches = form.kind.is_exclusive and per_sample > 1
        self._overlaps = _Overlaps(per_sample) if watches else None
        self._is_simple = offsets is None and len(form.key_columns) == 1 and not watches
        self._is_simple &= form.value == "rle" and form.rle.is_plain
        fields = list(form.columns.values())
        # A PNG has a size of its own, which is in these columns of its plain text.
        is_png = form.file.kind == "png"
        self._size_at = [fields.index(one) for one in ("height", "width")] if is_png else []
        self._is_simple &= not is_png
        self._of_other_size: str | None = None
        self._n_filled = self._n_sizeless = 0

    @property
    def longest(self) -> int:
        """How many bytes a line may have."""
        return self._sizes.longest()

    def see(self, parts: Iterator[CsvLine | CsvBlock], keys: KeyCheck) -> None:
        """Take note of all rows; of a repeated one its mask would overlap the first."""
        for part in parts:
            if isinstance(part, CsvBlock) and self._is_simple:
                self._see_block(part, keys)
                continue
            for line in lines_of([part]):
                key = self._form.key(line.cells)
                if keys.see(key, line.number):
                    if self._offsets is not None:
                        self._offsets[key] = line.offset
                    if self._has_other_size(key, line):
                        continue
                    if self._size_at and line.cells[self._form.value_column] == UNREAD:
                        self._n_filled += 1  # its file has a fault of its own
                        continue
                    cell = line.cells[self._form.value_column]
                    self._see_cell(key, cell, line.number, keys)

    def _has_other_size(self, key: str, line: CsvLine) -> bool:
        """Return whether a mask file has another size than its image, after reporting it once."""
        if not self._size_at:
            return False
        size, owner = self._size(key), self._owner(key)
        height, width = (line.cells[place] for place in self._size_at)
        if size is None or not height or [height, width] == [str(size[0]), str(size[1])]:
            return False
        if owner is None or owner != self._of_other_size:
            self._problems.add(
                f"{self._form.file.picture}s of another size than the image (height × width)",
                f"{height} × {width}, not {size[0]} × {size[1]}",
                line=line.number,
                fix="bring each mask to the size of its image with nearest neighbours",
            )
        self._of_other_size = owner
        return True

    def _see_block(self, block: CsvBlock, keys: KeyCheck) -> None:
        names = block.column(self._form.key_columns[0])
        if names == keys.peek(len(names)):
            keys.advance(len(names), block.number)
            self._see_cells(block, names, np.arange(len(block)), keys)
            return
        firsts = [i for i, name in enumerate(names) if keys.see(name, block.number + i)]
        self._see_cells(block, names, np.array(firsts, dtype=np.int64), keys)

    def _see_cell(self, key: str, text: str, line: int, keys: KeyCheck) -> None:
        """Take note of the cell of row `key`."""
        form, owner = self._form, self._owner(key) if self._overlaps is not None else None
        if text == form.empty_cell:  # fits every size: no image is opened for it
            self._note(owner, None)
            if form.empty_mask == "forbid":
                self._faults.add(
                    CellError("empty masks, on which the host fails", "predict at least a pixel"),
                    line,
                    row_name=key,
                )
            return
        size = self._size(key)
        self._n_filled += 1
        self._n_sizeless += size is None and keys.expects(key)
        try:
            mask = decode_cell(text, form, size or size_bound(text, form))
        except TextError as error:
            self._faults.add(describe_fault(text, form, size, error), line, row_name=key)
            self._note(owner, None)
        else:
            self._note(owner, None if size is None else mask)

    def _see_cells(
        self, block: CsvBlock, names: list[str], rows: NDArray[np.int64], keys: KeyCheck
    ) -> None:
        """Take note of the cells of the lines `rows` of a block, whose rows have those names."""
        form, column = self._form, self._form.value_column
        starts, stops = block.starts(column)[rows], block.stops(column)[rows]
        is_filled = ~_equal(block.data, starts, stops, form.empty) | (form.empty_mask == "forbid")
        rows, starts, stops = rows[is_filled], starts[is_filled], stops[is_filled]
        fixed = self._sizes.fixed
        if fixed is None:
            found = [self._size(names[i]) for i in rows.tolist()]
            n_pixels = np.array([0 if one is None else one[0] * one[1] for one in found], np.int64)
        else:
            n_pixels = np.full(len(rows), fixed[0] * fixed[1], dtype=np.int64)
        is_plain = rle.are_valid(
            block.data, starts, stops, n_pixels, base=form.rle.base, relative=form.rle.relative
        )
        # A cell of blanks decodes to nothing, and is no mask all the same.
        is_plain &= (stops > starts) & (block.data[starts] > _SPACE)
        self._n_filled += int(np.count_nonzero(is_plain))
        for i in rows[~is_plain].tolist():
            line = block.line(i)
            self._see_cell(names[i], line.cells[column], line.number, keys)

    def _owner(self, key: str) -> str | None:
        """Return the sample of the row `key`, or None where it is unknown."""
        return self._sizes.owner(self._owners(key))

    def _size(self, key: str) -> Size | None:
        if self._sizes.fixed is not None:
            return self._sizes.fixed
        return self._sizes.of(self._owner(key))

    def _note(self, owner: str | None, mask: NDArray[np.bool_] | None) -> None:
        if self._overlaps is not None and owner is not None:
            self._overlaps.see(owner, mask)

    def finish(self) -> None:
        """Report the problems that show only at the end."""
        if self._n_filled == 0:
            self._warn("every mask is empty", "check the thresholds, unless it is meant so")
        warn_of_unknown_sizes(self._problems, self._sizes, self._n_sizeless)
        if self._overlaps is not None and self._overlaps.n_images:
            self._warn(
                f"classes overlap in {plural(self._overlaps.n_images, 'image')}, and a pixel of a "
                "multiclass mask has one class",
                "decide by argmax; the host may refuse them or score one class only",
            )
        if self._overlaps is not None and self._overlaps.n_dropped:
            self._warn(
                f"whether classes overlap was not checked in "
                f"{plural(self._overlaps.n_dropped, 'image')}: "
                "their rows lie too far apart",
                "write the rows of an image one after the other",
            )

    def _warn(self, message: str, fix: str) -> None:
        self._problems.add(message, fix=fix, level="warning")


@dataclass
class _ImageMasks:
    """State of an image whose rows are not all read yet; settled: nothing more to find."""

    n: int = 0
    covered: NDArray[np.uint8] | None = None
    is_settled: bool = False


class _Overlaps:
    """Counts the images of which two masks share a pixel, in bounded memory.

    The pixels that an image's rows cover so far are kept, a bit each, until an overlap is found or
    its last row was read; where rows of too many images are far apart, the earliest are dropped.
    """

    def __init__(self, per_sample: int) -> None:
        self._per_sample = per_sample
        self._open: dict[str, _ImageMasks] = {}
        self._held = 0
        self.n_images = self.n_dropped = 0

    def see(self, owner: str, mask: NDArray[np.bool_] | None) -> None:
        """Take note of one more mask of `owner`; None is an empty one."""
        seen = self._open.setdefault(owner, _ImageMasks())
        seen.n += 1
        if not seen.is_settled and mask is not None:
            self._cover(seen, np.packbits(mask))
        if seen.n == self._per_sample:  # no name stands twice: this was the last one
            self._forget(seen)
            del self._open[owner]

    def _cover(self, image: _ImageMasks, bits: NDArray[np.uint8]) -> None:
        if image.covered is not None and (image.covered & bits).any():
            self.n_images += 1
            self._forget(image)
            return
        if image.covered is None:
            image.covered = bits
            self._held += bits.nbytes
        else:
            image.covered |= bits
        if self._held > _HELD_AT_MOST:
            others = [one for one in self._open.values() if one is not image]
            for first in others:
                if first.covered is not None and self._held > _HELD_AT_MOST:
                    self._forget(first)
                    self.n_dropped += 1

    def _forget(self, image: _ImageMasks) -> None:
        self._held -= 0 if image.covered is None else image.covered.nbytes
        image.covered, image.is_settled = None, True


def _equal(
    data: NDArray[np.uint8], starts: NDArray[np.int64], stops: NDArray[np.int64], text: str
) -> NDArray[np.bool_]:
    """Return which of the cells are `text`, `(N,)`."""
    expected = np.frombuffer(text.encode(), dtype=np.uint8)
    is_equal = stops - starts == len(expected)
    at = np.flatnonzero(is_equal)
    if len(expected) and len(at):
        is_equal[at] = (data[starts[at, None] + np.arange(len(expected))] == expected).all(axis=1)
    return np.asarray(is_equal)
