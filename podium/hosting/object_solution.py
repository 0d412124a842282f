"""The hidden objects or pixels of a competition, in the format of its submissions.

    ImageId,EncodedPixels,height,width,Usage      id,value,Usage
    a.jpg,12 3 40 3,768,768,Public                1_1_1,0.25,Public
    a.jpg,90 2,768,768,Public                     1_2_1,1,Public
    b.jpg,,768,768,Private                        1_1_2,0.5,Public

Beside the columns of a submission stand `Usage` (Public, Private or Ignored, the same in all rows
of an image; without it every image is public) and, of objects, `height` and `width`, unless a
submission has them. An image without objects has a row, its cell as `submission.empty` says. Of
pixels every image has all its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, SubmissionError
from podium.hosting.usage import Rows, solution_form
from podium.submissions.expected import SampleKeys
from podium.submissions.format import Format
from podium.submissions.instance_checking import inspect_instances
from podium.submissions.instance_reading import ObjectsOfFile, open_instances
from podium.submissions.lines import Line
from podium.submissions.mask_sizes import MaskSizes, Size
from podium.submissions.owners import owners_of
from podium.submissions.pixel_keys import places_of
from podium.submissions.pixel_reading import open_pixels
from podium.submissions.problems import Problems
from podium.submissions.read import read_body, refuse

__all__ = ["UnitSolution", "read_object_solution", "read_pixel_solution"]

_LONGEST_ROW = 1 << 26


@dataclass(frozen=True)
class UnitSolution:
    """The right answers, each read when asked for, and whether its image counts as public.

    Attributes:
        form: of submissions.
        ids: of the images, `(N,)`.
        truth: the objects, or the values of the pixels, of each.
        public, private: bool `(N,)`; an image in neither is not scored.
        said: from a submission file to what it says of each image; raises SubmissionError.
    """

    form: Format
    ids: tuple[str, ...]
    truth: Sequence[Any]
    public: NDArray[np.bool_]
    private: NDArray[np.bool_]
    said: Callable[[Path], Sequence[Any]]


def read_object_solution(path: Path, form: Format) -> UnitSolution:
    """Return the hidden objects in the CSV at `path`, whose columns the head of this module shows.

    Raises:
        DataError: a column is missing, or a row has no size, no object or no usage, or contradicts
            another row of its image; all rows are named.
    """
    own = solution_form(path, form)
    rows = Rows(own)
    fix = f"write {','.join(form.columns)}, and Usage, height and width"
    owner = owners_of(own)
    for line in _lines(path, own):
        names = owner(own.key(line.cells))
        rows.see(names[0] if names else "", line)
    rows.refuse(path, fix=fix)
    if not rows.sizes:
        raise DataError("says no sizes of images", where=f"{path}:1", fix=fix)
    sizes = MaskSizes(rows.sizes)
    keys = list(form.keys(rows.ids))
    problems, places = inspect_instances(path, own, keys, sizes, said_by="the solution")
    _refuse_data(path, lambda: refuse(path, problems))

    def said(file: Path) -> Sequence[Any]:
        return open_instances(file, form, rows.ids, sizes, said_by="the test set")

    return UnitSolution(
        form=form,
        ids=rows.ids,
        truth=ObjectsOfFile(path, own, rows.ids, sizes, places),
        public=rows.of_usage("public"),
        private=rows.of_usage("private"),
        said=said,
    )


def read_pixel_solution(path: Path, form: Format) -> UnitSolution:
    """Return the hidden values of pixels in the CSV at `path`, as the head of this module shows.

    Raises:
        DataError: a column is missing, a row is no pixel or has no value or usage, or an image
            lacks a pixel; all rows are named.
    """
    own = solution_form(path, form)
    rows, sizes = Rows(own), dict[str, Size]()
    fix = f"write {','.join(form.columns)}, and Usage: a row for each pixel"
    n_pixels = dict[str, int]()
    for line in _lines(path, own):
        (parts, _) = places_of(own, [own.key(line.cells)])
        if not parts or parts[0].rows[0] < 0 or parts[0].columns[0] < 0:
            rows.complain("ids that are no pixel's", own.key(line.cells), line.number)
            continue
        one = parts[0].sample_id
        rows.see(one, line)
        height, width = sizes.get(one, (0, 0))
        place = int(parts[0].rows[0]), int(parts[0].columns[0])
        sizes[one] = max(height, place[0] + 1), max(width, place[1] + 1)
        n_pixels[one] = n_pixels.get(one, 0) + 1
    for one, (height, width) in sizes.items():
        if n_pixels[one] != height * width:
            rows.complain(f"images that have not all pixels of {height} x {width}", one, 1)
    rows.refuse(path, fix=fix)
    known = MaskSizes(sizes)
    # The rows of the solution are those of a submission, and are gone through in its order.
    expected = SampleKeys(path, own)
    truth = _refuse_data(
        path,
        lambda: open_pixels(path, own, rows.ids, known, expected=expected, said_by="the solution"),
    )

    def said(file: Path) -> Sequence[Any]:
        return open_pixels(file, form, rows.ids, known, expected=expected, said_by="the test set")

    return UnitSolution(
        form=form,
        ids=rows.ids,
        truth=truth,
        public=rows.of_usage("public"),
        private=rows.of_usage("private"),
        said=said,
    )


def _lines(path: Path, form: Format) -> Iterator[Line]:
    problems = Problems()
    yield from read_body(path, form, problems, longest=_LONGEST_ROW)
    _refuse_data(path, lambda: refuse(path, problems.listed()))


def _refuse_data(path: Path, call: Callable[[], Any]) -> Any:
    """Return what `call` does; what a file of participants would be refused for is the host's."""
    try:
        return call()
    except SubmissionError as error:
        raise DataError(error.message, where=error.where or path, fix=error.fix) from error
