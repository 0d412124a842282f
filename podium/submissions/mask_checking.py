"""All that is wrong with a file of masks, and where each of its rows lies; one mask in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.codecs import rle
from podium.codecs.rle import RleError
from podium.submissions.blocks import Block
from podium.submissions.format import Format
from podium.submissions.keys import KeyCheck
from podium.submissions.lines import Line
from podium.submissions.mask_cells import decode_cell, fault_of, room_for
from podium.submissions.mask_sizes import MaskSizes, Size, warn_of_unknown_sizes
from podium.submissions.owners import owners_of
from podium.submissions.problems import Problem, Problems
from podium.submissions.read import read_body_in_blocks

__all__ = ["check_masks", "inspect_masks"]

_HELD_AT_MOST = 256 << 20
_SPACE = 32


def check_masks(
    path: Path, form: Format, expected: Iterable[str] | None, sizes: MaskSizes, *, said_by: str
) -> list[Problem]:
    """Return every problem of the file at `path`, errors first; memory does not grow with it."""
    return _inspected(path, form, expected, sizes, None, said_by=said_by).listed()


def inspect_masks(
    path: Path, form: Format, expected: Sequence[str] | None, sizes: MaskSizes, *, said_by: str
) -> tuple[list[Problem], dict[str, int]]:
    """Return every problem of the file, and the byte at which the row of each name begins.

    Args:
        path: the submission file.
        form: its format, of value `rle`.
        expected: the names of the rows that must be there; None when nobody says which.
        sizes: of the masks; runs of a mask whose size is not known may end anywhere.
        said_by: who says what is expected.
    """
    offsets: dict[str, int] = {}
    problems = _inspected(path, form, expected, sizes, offsets, said_by=said_by)
    return problems.listed(), offsets


def _inspected(
    path: Path,
    form: Format,
    expected: Iterable[str] | None,
    sizes: MaskSizes,
    offsets: dict[str, int] | None,
    *,
    said_by: str,
) -> Problems:
    """Return what is wrong; `offsets` gets the byte at which the row of each name begins."""
    problems = Problems()
    keys = KeyCheck(expected, said_by, problems)
    cells = _Cells(form, sizes, problems)
    is_simple = offsets is None and len(form.key_columns) == 1 and not cells.watches
    is_simple &= form.value == "rle"
    for part in read_body_in_blocks(path, form, problems, longest=sizes.longest()):
        if isinstance(part, Block) and is_simple:
            _see_block(part, form, keys, cells)
            continue
        for line in [part] if isinstance(part, Line) else map(part.line, range(len(part))):
            key = form.key(line.cells)
            # A repeated row is refused; its mask would overlap the first.
            if keys.see(key, line.number):
                if offsets is not None:
                    offsets[key] = line.offset
                cells.see(key, line.cells[form.value_column], line.number)
    if not problems.unread:
        keys.finish()
        cells.finish()
    return problems


def _see_block(block: Block, form: Format, keys: KeyCheck, cells: _Cells) -> None:
    names = block.column(form.key_columns[0])
    if names == keys.peek(len(names)):
        keys.advance(len(names), block.number)
        cells.see_block(block, names, np.arange(len(block)))
        return
    firsts = [i for i, name in enumerate(names) if keys.see(name, block.number + i)]
    cells.see_block(block, names, np.array(firsts, dtype=np.int64))


class _Cells:
    """Watches the masks of a file go by, then says what holds for all of them."""

    def __init__(self, form: Format, sizes: MaskSizes, problems: Problems) -> None:
        self._form, self._sizes, self._problems = form, sizes, problems
        self._owners = owners_of(form)
        per_sample = form.n_masks if form.rows == "image_class" else 1
        self.watches = form.kind == "multiclass" and per_sample > 1
        """Whether the classes of an image may not overlap."""
        self._overlaps = _Overlaps(per_sample) if self.watches else None
        self._n_filled = self._n_sizeless = 0

    def see(self, key: str, text: str, line: int) -> None:
        """Take note of the cell of row `key`."""
        form, owner = self._form, self._owner(key) if self.watches else None
        if text == form.empty:  # fits every size: no image is opened for it
            self._note(owner, None)
            return
        size = self._size(key)
        self._n_filled += 1
        self._n_sizeless += size is None
        try:
            mask = decode_cell(text, form, size or room_for(text, form))
        except RleError as error:
            fault = fault_of(text, form, size, error)
            title = f"column {form.header[form.value_column]!r}: {fault.title}"
            offender = f"{key!r} {fault.detail}"
            self._problems.add(title, offender, line=line, fix=fault.fix)
            self._note(owner, None)
        else:
            self._note(owner, None if size is None else mask)

    def see_block(self, block: Block, names: list[str], rows: NDArray[np.int64]) -> None:
        """Take note of the cells of the lines `rows` of a block, whose rows have those names."""
        form, column = self._form, self._form.value_column
        starts, stops = block.starts(column)[rows], block.stops(column)[rows]
        is_filled = ~_equal(block.data, starts, stops, form.empty)
        rows, starts, stops = rows[is_filled], starts[is_filled], stops[is_filled]
        frame = self._sizes.frame
        if frame is None:
            found = [self._size(names[i]) for i in rows.tolist()]
            n_pixels = np.array([0 if one is None else one[0] * one[1] for one in found], np.int64)
        else:
            n_pixels = np.full(len(rows), frame[0] * frame[1], dtype=np.int64)
        is_plain = rle.are_valid(
            block.data, starts, stops, n_pixels, base=form.rle.base, relative=form.rle.relative
        )
        # A cell of blanks decodes to nothing, and is no mask all the same.
        is_plain &= (stops > starts) & (block.data[starts] > _SPACE)
        self._n_filled += int(np.count_nonzero(is_plain))
        for i in rows[~is_plain].tolist():
            line = block.line(i)
            self.see(names[i], line.cells[column], line.number)

    def _owner(self, key: str) -> str | None:
        """Return the sample of the row `key`, or None where nobody knows."""
        known = [one for one in self._owners(key) if self._sizes.of(one) is not None]
        return known[0] if known else None

    def _size(self, key: str) -> Size | None:
        if self._sizes.frame is not None:
            return self._sizes.frame
        return self._sizes.of(self._owner(key))

    def _note(self, owner: str | None, mask: NDArray[np.bool_] | None) -> None:
        if self._overlaps is not None and owner is not None:
            self._overlaps.see(owner, mask)

    def finish(self) -> None:
        """Report what can be said at the end."""
        if self._n_filled == 0:
            self._warn("every mask is empty", "check the thresholds, unless it is meant so")
        warn_of_unknown_sizes(self._problems, self._sizes, self._n_sizeless)
        if self._overlaps is not None and self._overlaps.n_images:
            self._warn(
                f"classes overlap in {self._overlaps.n_images:,} images, and a pixel of a "
                "multiclass mask has one class",
                "decide by argmax; the host may refuse them or score one class only",
            )
        if self._overlaps is not None and self._overlaps.n_dropped:
            self._warn(
                f"whether classes overlap was not checked in {self._overlaps.n_dropped:,} images: "
                "their rows lie too far apart",
                "write the rows of an image one after the other",
            )

    def _warn(self, message: str, fix: str) -> None:
        self._problems.add(message, fix=fix, level="warning")


@dataclass
class _Seen:
    """What is known of an image whose rows are not all there yet; settled: nothing more to find."""

    n: int = 0
    covered: NDArray[np.uint8] | None = None
    is_settled: bool = False


class _Overlaps:
    """Counts the images of which two masks share a pixel, in bounded memory.

    What an image's rows have covered so far is kept, a bit for each pixel, until an overlap is
    found or its last row was seen; where rows of too many images are far apart, the earliest are
    given up.
    """

    def __init__(self, per_sample: int) -> None:
        self._per_sample = per_sample
        self._open: dict[str, _Seen] = {}
        self._held = 0
        self.n_images = self.n_dropped = 0

    def see(self, owner: str, mask: NDArray[np.bool_] | None) -> None:
        """Take note of one more mask of `owner`; None is an empty one."""
        seen = self._open.setdefault(owner, _Seen())
        seen.n += 1
        if not seen.is_settled and mask is not None:
            self._cover(seen, np.packbits(mask))
        if seen.n == self._per_sample:  # no name stands twice: this was the last one
            self._forget(seen)
            del self._open[owner]

    def _cover(self, seen: _Seen, bits: NDArray[np.uint8]) -> None:
        if seen.covered is not None and (seen.covered & bits).any():
            self.n_images += 1
            self._forget(seen)
            return
        if seen.covered is None:
            seen.covered = bits
            self._held += bits.nbytes
        else:
            seen.covered |= bits
        if self._held > _HELD_AT_MOST:
            others = [one for one in self._open.values() if one is not seen]
            for first in others:
                if first.covered is not None and self._held > _HELD_AT_MOST:
                    self._forget(first)
                    self.n_dropped += 1

    def _forget(self, seen: _Seen) -> None:
        self._held -= 0 if seen.covered is None else seen.covered.nbytes
        seen.covered, seen.is_settled = None, True


def _equal(
    data: NDArray[np.uint8], starts: NDArray[np.int64], stops: NDArray[np.int64], text: str
) -> NDArray[np.bool_]:
    """Return which of the cells are `text`, `(N,)`."""
    wanted = np.frombuffer(text.encode(), dtype=np.uint8)
    is_equal = stops - starts == len(wanted)
    at = np.flatnonzero(is_equal)
    if len(wanted) and len(at):
        is_equal[at] = (data[starts[at, None] + np.arange(len(wanted))] == wanted).all(axis=1)
    return np.asarray(is_equal)
