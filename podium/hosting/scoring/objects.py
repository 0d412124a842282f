"""Objects and pixels at the host: the hidden ones, in the format of submissions, and their scores.

    ImageId,EncodedPixels,height,width,Usage      id,value,Usage
    a.jpg,12 3 40 3,768,768,Public                1_1_1,0.25,Public
    a.jpg,90 2,768,768,Public                     1_2_1,1,Public
    b.jpg,,768,768,Private                        1_1_2,0.5,Public

Beside the columns of a submission stand `Usage` (Public, Private or Ignored, the same in all rows
of an image; without it every image is public) and, of objects, `height` and `width`, unless a
submission has them. An image without objects has a row, its cell is `submission.empty`. Of pixels
every image has all its own. Some images are in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.scores.combination import RowSums
from podium.competition.sections.submission import FileForm
from podium.competition.truths.masks import IGNORE
from podium.errors import SHOWN_AT_MOST, DataError, SubmissionError, UsageError
from podium.hosting.spec import HostSpec
from podium.submissions.format.answers import read_answers
from podium.submissions.format.cells import AnswersOfFile, ExpectedRows
from podium.submissions.format.csv_text import CsvLine, is_count, of_competition, read_lines
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_sizes import MaskSizes, Size
from podium.submissions.format.pixels import locate_pixels
from podium.submissions.format.problems import Problems
from podium.submissions.format.reading import read_body, refuse
from podium.submissions.format.row_names import SampleKeys, owners_of
from podium.submissions.format.spec import SubmissionFormat

__all__ = [
    "USAGES",
    "SolutionRows",
    "UnitSolution",
    "format_few",
    "read_object_solution",
    "read_pixel_solution",
]


_LONGEST_ROW = 1 << 26


@dataclass(frozen=True)
class UnitSolution:
    """The right answers, each read on demand, and whether its image counts as public.

    Attributes:
        expected: what a submission must hold.
        ids: of the images, `(N,)`.
        truth: the objects, or the values of the pixels, of each.
        public, private: bool `(N,)`; an image in neither is not scored.
    """

    expected: ExpectedRows
    ids: tuple[str, ...]
    truth: Sequence[Any]
    public: NDArray[np.bool_]
    private: NDArray[np.bool_]

    @property
    def labels(self) -> None:
        """Nothing: objects and pixels are no labels."""
        return None

    def is_light(self, spec: HostSpec) -> bool:
        """Return False: images are decoded one after the other."""
        del spec
        return False

    def refuse_metric(self, spec: HostSpec) -> None:
        """Raise UsageError where pixels have classes and the metric needs probabilities."""
        form, metric = spec.format, spec.scored_by
        numbers = form.value in ("prob", "scalar", "score")
        if metric.scores_probs and form.rows == "pixel" and not numbers:
            raise UsageError(
                f"metric {metric.name} needs probabilities, the format has a {form.value} in each "
                "cell",
                fix="set submission.value: prob, or choose a metric of decisions",
            )

    def measured(self, path: Path, spec: HostSpec) -> Sequence[Any]:
        """Return the prediction of each image of the submission at `path`, read on demand."""
        del spec
        found: Sequence[Any] = read_answers(path, self.expected)
        return found

    def perfect(self, spec: HostSpec) -> Sequence[Any]:
        """Return the truth of each image."""
        del spec
        return self.truth

    def with_every_row(self) -> tuple[UnitSolution, NDArray[np.bool_]]:
        """Return these answers, and which images are public or private."""
        return self, self.public | self.private

    def row_sums(self, spec: HostSpec, measured: Sequence[Any], rows: NDArray[np.bool_]) -> RowSums:
        """Return the metric's sums of each of the images `rows`."""
        metric, chosen = spec.scored_by, np.flatnonzero(rows).tolist()
        options = dict(spec.metric.options)
        sums = metrics.sums(
            metric,
            [self.truth[row] for row in chosen],
            [measured[row] for row in chosen],
            **options,
        )
        if sums is None or metric.value is None:
            raise DataError(f"a single row has no {metric.name}")
        return RowSums(metric, options, sums)

    def score(self, spec: HostSpec, measured: Sequence[Any], rows: NDArray[np.bool_]) -> float:
        """Return the score of the images `rows`."""
        chosen = np.flatnonzero(rows).tolist()
        metric, form = spec.scored_by, spec.format

        def chosen_of(every: Sequence[Any]) -> Sequence[Any]:
            decided = _decided if metric.scores_decisions else lambda one: one
            return AnswersOfFile(chosen, lambda row: decided(every[row]))

        options = dict(spec.metric.options)
        known = {"kind": form.kind, "n_classes": max(1, len(form.classes))}
        if not form.kind.finds_objects:
            options = metrics.with_known(metric, options, known)
        return metrics.score(metric, chosen_of(self.truth), chosen_of(measured), **options)


def read_object_solution(path: Path, form: SubmissionFormat) -> UnitSolution:
    """Return the hidden objects in the CSV at `path`, whose columns the head of this module shows.

    Raises:
        DataError: a column is missing, or a row has no size, no object or no usage, or contradicts
            another row of its image; all rows are named.
    """
    own = solution_format(path, form)
    rows = _ObjectRows(own)
    fix = f"write {','.join(form.columns)}, and Usage, height and width"
    owner = owners_of(own)
    for line in _lines(path, own):
        names = owner(own.key(line.cells))
        rows.see(names[0] if names else "", line)
    rows.refuse(path, fix=fix)
    if not rows.sizes:
        raise DataError("has no sizes of images", where=f"{path}:1", fix=fix)
    sizes = MaskSizes(rows.sizes)
    return _solution(path, own, expected_of_ids(form, rows.ids, sizes), rows)


def read_pixel_solution(path: Path, form: SubmissionFormat) -> UnitSolution:
    """Return the hidden values of pixels in the CSV at `path`, as the head of this module shows.

    Raises:
        DataError: a column is missing, a row is no pixel or has no value or usage, or an image
            lacks a pixel; all rows are named.
    """
    own = solution_format(path, form)
    rows, sizes = _ObjectRows(own), dict[str, Size]()
    fix = f"write {','.join(form.columns)}, and Usage: a row for each pixel"
    n_pixels = dict[str, int]()
    for line in _lines(path, own):
        (parts, _) = locate_pixels(own, [own.key(line.cells)])
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
    # The rows of the solution are those of a submission, and are gone through in its order.
    expected = ExpectedRows(form, SampleKeys(path, own), MaskSizes(sizes), ids=rows.ids)
    return _solution(path, own, expected, rows)


def _solution(
    path: Path, own: SubmissionFormat, expected: ExpectedRows, rows: SolutionRows
) -> UnitSolution:
    """Return the solution at `path`, of the format `own`, whose rows were seen."""
    itself = replace(expected, form=own, rows_source="the solution")
    truth = _refuse_data(path, lambda: read_answers(path, itself))
    usages = rows.of_usage("public"), rows.of_usage("private")
    return UnitSolution(expected, rows.ids, truth, *usages)


def _lines(path: Path, form: SubmissionFormat) -> Iterator[CsvLine]:
    problems = Problems()
    yield from read_body(path, form, problems, longest=_LONGEST_ROW)
    _refuse_data(path, lambda: refuse(path, problems.listed()))


def _refuse_data(path: Path, call: Callable[[], Any]) -> Any:
    """Return what `call` does; what a file of participants would be refused for is the host's."""
    try:
        return call()
    except SubmissionError as error:
        raise DataError(error.message, where=error.where or path, fix=error.fix) from error


_AT_LEAST = 0.5  # a pixel of a file of probabilities is foreground from here on


def _decided(answer: Any) -> Any:
    """Return the mask of an answer of numbers; any other as it is."""
    if isinstance(answer, np.ndarray) and answer.dtype.kind == "f":
        return np.where(np.isfinite(answer), answer >= _AT_LEAST, IGNORE).astype(np.uint8)
    return answer


USAGES = ("public", "private", "ignored")
_MOST_PIXELS = (1 << 31) - 1


def solution_format(path: Path, form: SubmissionFormat) -> SubmissionFormat:
    """Return the format of the solution at `path`: that of a submission with columns more.

    `Usage` is Public, Private or Ignored, the same in all rows of an image; `height` and `width`
    are its size, where the submission has no columns for them.

    Raises:
        DataError: a column of the submission is missing, or one has no meaning.
    """
    header = _header(path)
    more = {"usage": "text[]", "height": "height", "width": "width"}
    columns = {name: form.columns.get(name) or more.get(name.lower()) for name in header}
    missing = [name for name in form.columns if name not in columns]
    unknown = [name for name, field in columns.items() if field is None]
    if missing or unknown:
        raise DataError(
            f"a solution has the columns of a submission, {','.join(form.columns)}, and Usage, "
            f"height and width; got {','.join(header)}",
            where=f"{path}:1",
            fix=f"remove {', '.join(unknown)}" if unknown else f"add {', '.join(missing)}",
        )
    known = {name: field for name, field in columns.items() if field is not None}
    # Made anew: a copy would keep what was worked out from the columns of the other.
    fields = {name: getattr(form, name) for name in SubmissionFormat.model_fields}
    return SubmissionFormat(**{**fields, "columns": known, "file": FileForm()})


def _header(path: Path) -> list[str]:
    with of_competition(path):
        line = next(read_lines(path, longest=1 << 20), None)
    return [] if line is None else line.cells


class SolutionRows:
    """Gathers of each image whether it counts and how large it is, and what is wrong with that.

    Args:
        most_pixels: that an image can have.
    """

    def __init__(self, most_pixels: int) -> None:
        self._most_pixels = most_pixels
        self.sizes: dict[str, Size] = {}
        self._usages: dict[str, str] = {}
        self._wrong: dict[str, list[str]] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """The images, in the order of their first rows."""
        return tuple(self._usages)

    def see_usage(self, sample_id: str, text: str, line: int) -> None:
        """Take note of the usage in a row of an image."""
        usage = text.strip().lower()
        if usage not in USAGES:
            self.complain("Usage that is not Public, Private or Ignored", usage, line)
        elif self._usages.setdefault(sample_id, usage) != usage:
            self.complain("images with rows of several Usage", sample_id, line)

    def see_size(self, sample_id: str, height: str, width: str, line: int) -> None:
        """Take note of the size in a row of an image."""
        is_whole = is_count(height) and is_count(width)
        size = (int(height), int(width)) if is_whole else (0, 0)
        if not is_whole or size[0] * size[1] > self._most_pixels:
            self.complain("height and width that are no size", f"{height} x {width}", line)
        elif self.sizes.setdefault(sample_id, size) != size:
            self.complain("images with rows of several sizes", sample_id, line)

    def of_usage(self, usage: str) -> NDArray[np.bool_]:
        """Return which images have that usage, bool `(N,)`."""
        return np.array([one == usage for one in self._usages.values()], dtype=np.bool_)

    def complain(self, what: str, offender: str, line: int) -> None:
        """Note what is wrong with a row."""
        self._wrong.setdefault(what, []).append(f"{offender!r} (line {line})")

    def refuse(self, path: Path, *, fix: str, fix_of_none: str | None = None) -> None:
        """Raise one DataError that holds everything that is wrong, or that there is no row."""
        if self._wrong:
            text = "; ".join(f"{what}: {format_few(each)}" for what, each in self._wrong.items())
            raise DataError(text, where=path, fix=fix)
        if not self._usages:
            raise DataError("holds no rows", where=path, fix=fix_of_none or fix)


class _ObjectRows(SolutionRows):
    """Gathers the rows of a solution of the format `form`."""

    def __init__(self, form: SubmissionFormat) -> None:
        super().__init__(_MOST_PIXELS)
        fields = list(form.columns.values())
        lower = [name.lower() for name in form.columns]
        self._usage_at = lower.index("usage") if "usage" in lower else None
        self._size_at = [fields.index(name) for name in ("height", "width") if name in fields]

    def see(self, sample_id: str, line: CsvLine) -> None:
        """Take note of one row of an image."""
        usage = "public" if self._usage_at is None else line.cells[self._usage_at]
        self.see_usage(sample_id, usage, line.number)
        if len(self._size_at) == 2:
            height, width = (line.cells[i].strip() for i in self._size_at)
            self.see_size(sample_id, height, width, line.number)


def format_few(cells: list[str]) -> str:
    """Return the first of these, which are texts for a person already, and how many more."""
    rest = len(cells) - SHOWN_AT_MOST
    return ", ".join(cells[:SHOWN_AT_MOST]) + (f" and {rest:,} more" if rest > 0 else "")
