"""All that is wrong with a file of masks, and where each of its rows lies; one mask in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.codecs.rle import RleError
from podium.submissions.format import Format
from podium.submissions.keys import KeyCheck
from podium.submissions.mask_cells import decode_cell, fault_of, room_for
from podium.submissions.mask_sizes import MaskSizes
from podium.submissions.problems import Problem, Problems
from podium.submissions.read import read_body

__all__ = ["check_masks", "inspect_masks"]

_HELD_AT_MOST = 256 << 20


def check_masks(
    path: Path, form: Format, expected: Sequence[str] | None, sizes: MaskSizes, *, said_by: str
) -> list[Problem]:
    """Return every problem of the file at `path`, errors first."""
    return inspect_masks(path, form, expected, sizes, said_by=said_by)[0]


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
    problems = Problems()
    keys = KeyCheck(expected, said_by, problems)
    cells = _Cells(form, sizes, problems)
    offsets: dict[str, int] = {}
    for line in read_body(path, form, problems, longest=sizes.longest()):
        key = form.key(line.cells)
        keys.see(key, line.number)
        if key not in offsets:  # a repeated row is refused; its mask would overlap the first
            offsets[key] = line.offset
            cells.see(key, line.cells[form.value_column], line.number)
    if not problems.unread:
        keys.finish()
        cells.finish()
    return problems.listed(), offsets


class _Cells:
    """Watches the masks of a file go by, then says what holds for all of them."""

    def __init__(self, form: Format, sizes: MaskSizes, problems: Problems) -> None:
        self._form, self._sizes, self._problems = form, sizes, problems
        per_sample = form.n_masks if form.rows == "image_class" else 1
        watches = form.kind == "multiclass" and per_sample > 1
        # Whose row it is matters for sizes that differ, and for classes that may not overlap.
        names = [] if sizes.frame is not None and not watches else sizes.ids
        self._owners = {key: names[i // per_sample] for i, key in enumerate(form.keys(names))}
        self._overlaps = _Overlaps(per_sample) if watches else None
        self._n_filled = self._n_sizeless = 0

    def see(self, key: str, text: str, line: int) -> None:
        """Take note of the cell of row `key`."""
        form, owner = self._form, self._owners.get(key)
        if text == form.empty:  # fits every size: no image is opened for it
            self._note(owner, None)
            return
        size = self._sizes.of(owner)
        self._n_filled += 1
        self._n_sizeless += size is None
        try:
            mask = decode_cell(text, form, size or room_for(text, form))
        except RleError as error:
            fault = fault_of(text, form, size, error)
            title = f"column {form.header[form.value_column]!r}: {fault.title}"
            offender = f"{key!r} {fault.detail}"
            self._problems.add(title, offender, line=line, fix=fault.fix)
        else:
            self._note(owner, None if size is None else mask)

    def _note(self, owner: str | None, mask: NDArray[np.bool_] | None) -> None:
        if self._overlaps is not None and owner is not None:
            self._overlaps.see(owner, mask)

    def finish(self) -> None:
        """Report what can be said at the end."""
        if self._n_filled == 0:
            self._warn("every mask is empty", "check the thresholds, unless it is meant so")
        if self._n_sizeless:
            why = f": {self._sizes.problem}" if self._sizes.problem else ""
            self._warn(
                f"it is not known how large the images of {self._n_sizeless:,} masks are, so "
                f"whether these fit was not checked{why}",
                "put the test images in their place, or set frame: [height, width]",
            )
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


class _Overlaps:
    """Counts the images of which two masks share a pixel, in bounded memory.

    What an image's rows have covered so far is kept, a bit for each pixel, until an overlap is
    found; where rows of too many images are far apart, the earliest are given up.
    """

    def __init__(self, per_sample: int) -> None:
        self._per_sample = per_sample
        self._covered: dict[str, NDArray[np.uint8]] = {}
        self._n_seen: dict[str, int] = {}
        self._held = 0
        self.n_images = self.n_dropped = 0

    def see(self, owner: str, mask: NDArray[np.bool_] | None) -> None:
        """Take note of one more mask of `owner`; None is an empty one."""
        n_seen = self._n_seen[owner] = self._n_seen.get(owner, 0) + 1
        if n_seen > self._per_sample:  # settled before its last row
            return
        before = self._covered.pop(owner, None)
        self._held -= 0 if before is None else before.nbytes
        bits = None if mask is None else np.packbits(mask)
        if before is not None and bits is not None:
            if (before & bits).any():
                self.n_images += 1
                self._n_seen[owner] = self._per_sample
                return
            bits |= before
        covered = before if bits is None else bits
        if covered is not None and n_seen < self._per_sample:
            self._covered[owner] = covered
            self._held += covered.nbytes
            self._give_up()

    def _give_up(self) -> None:
        while self._held > _HELD_AT_MOST and len(self._covered) > 1:
            owner = next(iter(self._covered))
            self._held -= self._covered.pop(owner).nbytes
            self._n_seen[owner] = self._per_sample
            self.n_dropped += 1
