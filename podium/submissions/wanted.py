"""Which rows a file must have, and how large its masks are: of the test set, or of some samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from podium.competition.spec import Competition
from podium.submissions.expected import expected_rows
from podium.submissions.format import Format, format_of
from podium.submissions.mask_sizes import MaskSizes, sizes_of_test
from podium.submissions.pixel_keys import AllPixels, expected_pixels

__all__ = ["Wanted", "wanted_of_samples", "wanted_of_test"]


@dataclass(frozen=True)
class Wanted:
    """What a file must hold.

    Attributes:
        form: its format.
        rows: the names of its rows in order, gone through several times; None: nobody says which.
        sizes: of its masks.
        said_by: who says so, for messages.
    """

    form: Format
    rows: Iterable[str] | None
    sizes: MaskSizes
    said_by: str


def wanted_of_test(competition: Competition) -> Wanted:
    """Return what a submission must hold: the sample's rows, else those of the test set.

    Raises:
        DataError: the competition's sample or spec cannot be used.
    """
    form, sizes = format_of(competition), sizes_of_test(competition)
    if form.rows == "pixel":
        pixels, said_by = expected_pixels(competition, form, sizes)
        return Wanted(form, pixels, sizes, said_by)
    rows, said_by = expected_rows(competition, form)
    return Wanted(form, rows, sizes, said_by)


def wanted_of_samples(
    competition: Competition,
    ids: Sequence[str],
    images: Callable[[], Mapping[str, Path]],
    *,
    said_by: str,
) -> Wanted:
    """Return what a file of the samples (or units) `ids` holds, in the format of a submission.

    Args:
        competition: its `submission` says the format, its `frame` how large masks are.
        ids: in the order of the rows.
        images: returns the image file of each id; asked where masks have the images' own sizes.
        said_by: who says which ids there are.
    """
    form = format_of(competition)
    frame = None if competition.frame == "native" else competition.frame
    sizes = MaskSizes(frame=frame, images=images, reader=competition.reader)
    rows: Iterable[str] = (
        AllPixels(form, ids, sizes) if form.rows == "pixel" else list(form.keys(ids))
    )
    return Wanted(form, rows, sizes, said_by)
