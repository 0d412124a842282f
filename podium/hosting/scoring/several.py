"""Rows of several answers at the host: one solution file, read as one of each answer alone.

    id,label,rle,height,width,Usage
    a.png,cat,12 3 40 3,256,1600,Public
    b.png,dog,,256,1600,Private

The columns of answers are named as in a submission; those that masks need beside their runs
(`height`, `width`, and `class` where an image has several rows) are as in a solution of masks.
Where an image has several rows, its label stands in each of them.

Solution and submissions are divided into files of one answer each, in a folder that goes with the
object, and each is read, checked and scored as if there were no other.
"""

from __future__ import annotations

import csv
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.scores.combination import RowSums, combined_score, row_sums
from podium.competition.sections.tasks import combination_of
from podium.competition.truths.masks import Mask
from podium.errors import DataError, PodiumError
from podium.hosting.scoring.masks import IGNORED_PIXELS, mask_texts
from podium.hosting.scoring.score import HiddenAnswers
from podium.hosting.spec import HostSpec
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import check_expected
from podium.submissions.format.csv_text import read_lines, read_table
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_files import checked_mask
from podium.submissions.format.mask_sizes import MaskSizes, Size
from podium.submissions.format.reading import refuse
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.values import label_value
from podium.workspace.atomic import replacing, temporary_folder

__all__ = ["read_several_solutions", "solutions_of_one_truth", "write_several_solutions"]

_OF_MASKS = ("class", "height", "width", "volume", "slice")
_USAGE = "usage"


class _Folder:
    """A new folder, which is removed together with this object."""

    def __init__(self) -> None:
        stack = ExitStack()
        self.path = stack.enter_context(temporary_folder("podium-answers"))
        weakref.finalize(self, stack.close)


@dataclass(frozen=True)
class SeveralAnswers:
    """What the metrics score of a submission, by answer; files of one answer lie in `folder`."""

    parts: tuple[Any, ...]
    folder: _Folder | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SeveralSolutions:
    """The right answers of each column of a submission.

    Attributes:
        form: of submissions.
        parts: the solution of each part of the format.
        sizes: (height, width) of the masks by id.
        folder: of the solutions of one answer each.
    """

    form: SubmissionFormat
    parts: tuple[HiddenAnswers, ...]
    sizes: dict[str, Size]
    folder: _Folder = field(repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the images."""
        return self.parts[0].ids

    @property
    def public(self) -> NDArray[np.bool_]:
        """Whether each counts for the public score, `(N,)`."""
        return self.parts[0].public

    @property
    def private(self) -> NDArray[np.bool_]:
        """Whether each counts for the private score, `(N,)`."""
        return self.parts[0].private

    @property
    def labels(self) -> NDArray[Any] | None:
        """The labels or numbers among the answers."""
        return next((one.labels for one in self.parts if one.labels is not None), None)

    def is_light(self, spec: HostSpec) -> bool:
        """Return whether each of the answers is scored in a moment."""
        return all(one.is_light(own) for one, own in self._scored(spec))

    def refuse_metric(self, spec: HostSpec) -> None:
        """Raise UsageError where the cells of an answer do not hold what its metric needs."""
        for one, own in self._scored(spec):
            for answer, of_form in self._forms(one, own):
                answer.refuse_metric(of_form)

    def measured(self, path: Path, spec: HostSpec) -> SeveralAnswers:
        """Return what each metric scores of the submission at `path`.

        The whole file is checked first: one error has all problems of all columns.
        """
        expected = expected_of_ids(spec.format, self.ids, MaskSizes(self.sizes))
        refuse(path, check_expected(path, expected))
        folder = _Folder()
        files = _submissions_of_one(path, expected, folder.path)
        formats = list(self.form.parts)

        def measured(answer: HiddenAnswers, own: HostSpec) -> Any:
            return answer.measured(files[formats.index(own.format)], own)

        found = []
        for one, own in self._scored(spec):
            metric, forms = own.scored_by, self._forms(one, own)
            each = [measured(*pair) for pair in forms]
            if metric.scores_several:
                made = dict(zip(metric.forms, each, strict=True))
                each = [metric.side_by_side(made.__getitem__, own.metric.options)]
            found += each
        return SeveralAnswers(tuple(found), folder)

    def perfect(self, spec: HostSpec) -> SeveralAnswers:
        """Return `measured` of a submission that is right everywhere."""
        return SeveralAnswers(tuple(one.perfect(own) for one, own in self._scored(spec)))

    def with_every_row(self) -> tuple[SeveralSolutions, NDArray[np.bool_]]:
        """Return answers for the rows without one too, as far as all columns have them."""
        parts, rows = zip(*(one.with_every_row() for one in self.parts), strict=True)
        return replace(self, parts=parts), np.logical_and.reduce(rows)

    def score(self, spec: HostSpec, measured: SeveralAnswers, rows: NDArray[np.bool_]) -> float:
        """Return the score of the samples `rows`: the weighted sum of the parts, or by row."""
        scored, combination = self._scored(spec), combination_of(spec.metric)
        pairs = list(zip(scored, measured.parts, strict=True))
        if combination is None:
            ((one, own), values) = pairs[0]
            return one.score(own, values, rows)
        if combination.expression is None:
            return combined_score(
                combination, [one.score(own, values, rows) for (one, own), values in pairs]
            )
        sums = [one.row_sums(own, values, rows).alone() for (one, own), values in pairs]
        metric, combined = row_sums(combination, sums, root=spec.root)
        assert metric.value is not None
        return float(metric.value(combined))

    def row_sums(self, spec: HostSpec, measured: Any, rows: NDArray[np.bool_]) -> RowSums:
        """Refuse: the parts have sums of rows, all of them together have none."""
        raise DataError("several answers have no sums of their own")

    def _scored(self, spec: HostSpec) -> list[tuple[HiddenAnswers, HostSpec]]:
        """Return the solution of each part of the score, and its settings as if it were alone."""
        forms = list(self.form.parts)
        return [(self.parts[forms.index(own.format)], own) for own in spec.of_answers]

    def _forms(self, one: HiddenAnswers, own: HostSpec) -> list[tuple[HiddenAnswers, HostSpec]]:
        """Return an answer and its settings for each form that its metric scores.

        A sum may score probabilities and decisions of one task, and a file have a column for each.
        """
        if not own.scored_by.scores_several:
            return [(one, own)]
        found = []
        for form in own.scored_by.forms:
            alike = [
                (answer, format)
                for answer, format in zip(self.parts, self.form.parts, strict=True)
                if format.task == own.format.task and label_value(format).source(format) == form
            ]
            answer, format = alike[0] if alike else (one, own.format)
            found.append((answer, own.of_form(form).model_copy(update={"format": format})))
        return found


def read_several_solutions(
    path: Path,
    form: SubmissionFormat,
    read: Callable[[Path, SubmissionFormat], HiddenAnswers],
) -> SeveralSolutions:
    """Return the solution in the CSV at `path`, whose columns the head of this module shows.

    Args:
        path: the file.
        form: of submissions; it has parts.
        read: returns the solution of one answer from a file of it alone.

    Raises:
        DataError: a column is missing, or as `read` of any answer.
    """
    header, rows = read_table(path)
    names = [name.strip() for name in header]
    absent = [name for one in form.parts for name in one.answer_names if name not in names]
    if absent:
        raise DataError(
            f"a solution has the columns of answers of a submission; there is no {absent[0]!r}",
            where=f"{path}:1",
            fix=f"write {','.join(_expected_header(form))}",
        )
    folder = _Folder()
    parts, sizes = [], dict[str, Size]()
    for number, one in enumerate(form.parts):
        file = folder.path / f"{number}.csv"
        _write(file, _solution_of_one(path, form, one, names, rows))
        try:
            found = read(file, one)
        except PodiumError as error:
            text = error.message.replace(str(file), str(path))
            raise DataError(
                f"column {', '.join(one.answer_names)}: {text}",
                where=(error.where or str(path)).replace(str(file), str(path)),
                fix=error.fix,
            ) from error
        parts.append(found)
        sizes |= dict(getattr(found, "sizes", {}))
    first = parts[0]
    for other in parts[1:]:
        is_same = other.ids == first.ids and np.array_equal(other.public, first.public)
        if not is_same or not np.array_equal(other.private, first.private):
            raise DataError(
                "rows of an image are of several Usage",
                where=path,
                fix="write the same Usage in all rows of an image",
            )
    return SeveralSolutions(form, tuple(parts), sizes or _sizes_in(names, rows), folder)


def solutions_of_one_truth(form: SubmissionFormat, solution: HiddenAnswers) -> SeveralSolutions:
    """Return the solution of files whose columns all answer the same, as a probability and a label.

    Args:
        form: of submissions; none of its parts holds masks.
        solution: the right answers.
    """
    return SeveralSolutions(form, (solution,) * len(form.parts), {}, _Folder())


def write_several_solutions(
    path: Path,
    form: SubmissionFormat,
    masks: Iterable[tuple[str, Mask]],
    answers: Mapping[str, Mapping[str, Any]],
    usage: Mapping[str, str],
) -> Path:
    """Write the truth of rows with a mask and other answers as a host's `solution.csv`.

    Args:
        path: the CSV to write, atomically.
        form: of submissions; one of its parts holds masks.
        masks: (id, truth) of each image, in the frame, gone through once; `IGNORE` pixels are not
            scored.
        answers: of each image, by the column that holds them: a class's index, 0 or 1 of each
            class, or a number.
        usage: Public, Private or Ignored, by id.

    Raises:
        SubmissionError: a mask is none of the task.
        DataError: an image has no usage, or the answers are objects.
    """
    of_masks = [one for one in form.parts if one.kind.is_of_pixels]
    others = [one for one in form.parts if not one.kind.is_of_pixels]
    if any(one.kind.finds_objects for one in of_masks):
        raise DataError(
            "a solution of objects is no mask of each image",
            fix="write it by hand, with the columns of a submission, Usage, height and width",
        )
    columns = [name for one in others for name in one.answer_names]
    runs_in = [name for one in of_masks for name in one.answer_names]
    header = ["id", "class", *columns, *runs_in, "height", "width", "Usage"]
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for one, mask in masks:
            if one not in usage:
                raise DataError(f"{one!r} has no usage", fix="write Public, Private or Ignored")
            truth = checked_mask(one, mask, of_masks[0], None, ignore=True)
            size, rows = truth.shape[:2], [list(mask_texts(truth, part)) for part in of_masks]
            for cells in zip(*rows, strict=True):
                name = cells[0][0]
                texts = [
                    text
                    for part in others
                    for text in _answer_texts(answers[part.answer_names[0]][one], name, part)
                ]
                writer.writerow(
                    [one, name, *texts, *(runs for _, runs in cells), *size, usage[one]]
                )
    return path


def _answer_texts(answer: Any, of_class: str, form: SubmissionFormat) -> list[str]:
    """Return the cells of one answer in a solution, for a row of a class of its image."""
    if form.kind.is_by_column and form.wide:
        return [repr(float(answer[at])) for at in form.prob_columns.values()]
    if form.kind.is_continuous:
        return [repr(float(answer))]
    if form.kind.is_exclusive and form.rows == "image_class":
        return [str(int(form.classes[int(answer)] == of_class))]
    if not form.kind.is_by_class:
        index = int(answer)
        return [form.classes[index] if form.classes else str(index)] * len(form.answer_names)
    if form.wide:
        return [str(int(answer[at])) for at in form.prob_columns.values()]
    if (np.asarray(answer) < 0).any():
        raise DataError(
            "labels that are unknown for some classes cannot be written as lists, or as rows",
            fix="give each class a column in submission.columns, where a cell of -1 is not scored",
        )
    if form.rows == "image_class":
        known = of_class in form.classes
        return [str(int(answer[form.classes.index(of_class)])) if known else "0"]
    named = [name for name, flag in zip(form.classes, answer, strict=True) if flag]
    return [form.sep.join(named) or form.empty]


def _expected_header(form: SubmissionFormat) -> list[str]:
    answers = [name for one in form.parts for name in one.answer_names]
    has_masks = any(one.kind.is_of_pixels for one in form.parts)
    several = form.rows != "image" or any(one.n_masks > 1 for one in form.parts)
    more = ["height", "width"] if has_masks else []
    return ["id", *(["class"] if has_masks and several else []), *answers, *more, "Usage"]


def _sizes_in(names: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Size]:
    lower = [name.lower() for name in names]
    if "height" not in lower or "width" not in lower:
        return {}
    height, width = lower.index("height"), lower.index("width")
    return {row[0]: (int(row[height]), int(row[width])) for row in rows if row[height].isdecimal()}


def _solution_of_one(
    path: Path,
    form: SubmissionFormat,
    one: SubmissionFormat,
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Iterator[Sequence[str]]:
    """Yield the lines of the solution of one answer, the header first."""
    lower = [name.lower() for name in names]
    answers = [names.index(name) for name in one.answer_names]
    usage = [lower.index(_USAGE)] if _USAGE in lower else []
    if one.kind.is_of_pixels:
        mine = {*one.header, *_OF_MASKS}
        keep = [0, *(
            at for at in range(1, len(names))
            if at in answers or at in usage or names[at] in mine or lower[at] in mine
        )]  # fmt: skip
        yield [names[at] for at in keep]
        yield from ([row[at] for at in keep] for row in rows)
        return
    if form.rows == "image_class" and "class" in lower:
        yield from _by_class(path, one, rows, lower.index("class"), answers[0], usage)
        return
    keep = [0, *answers, *usage]
    yield [names[at] for at in keep]
    seen: dict[str, list[str]] = {}
    for number, row in enumerate(rows, start=2):
        cells = [row[at] for at in keep]
        if seen.setdefault(row[0], cells) is cells:
            yield cells
        elif seen[row[0]] != cells:
            raise DataError(
                f"{row[0]!r} has another answer than in its first row",
                where=f"{path}:{number}",
                fix=f"write the same {', '.join(one.answer_names)} in all rows of an image",
            )


def _by_class(
    path: Path,
    one: SubmissionFormat,
    rows: Sequence[Sequence[str]],
    of_class: int,
    answer: int,
    usage: Sequence[int],
) -> Iterator[Sequence[str]]:
    """Yield a row an image with a column a class, from a row of each class with 0 or 1."""
    classes = {str(at + 1): name for at, name in enumerate(one.classes)}
    classes |= {name: name for name in one.classes}
    by_image: dict[str, dict[str, str]] = {}
    usages: dict[str, list[str]] = {}
    for number, row in enumerate(rows, start=2):
        name = classes.get(row[of_class])
        if name is None and row[of_class] == IGNORED_PIXELS:
            continue
        if name is None:
            raise DataError(f"unknown class {row[of_class]!r}", where=f"{path}:{number}")
        by_image.setdefault(row[0], {})[name] = row[answer]
        usages.setdefault(row[0], [row[at] for at in usage])
    yield ["id", *one.classes, *(["Usage"] if usage else [])]
    for image, flags in by_image.items():
        yield [image, *(flags.get(name, "0") for name in one.classes), *usages[image]]


def _submissions_of_one(path: Path, expected: ExpectedRows, folder: Path) -> list[Path]:
    """Write the file of each answer of a submission that was checked, and return their paths."""
    files = []
    for number, one in enumerate(expected.of_answers):
        file = folder / f"{number}.csv"
        _write(file, _lines_of_one(path, one))
        files.append(file)
    return files


def _lines_of_one(path: Path, expected: ExpectedRows) -> Iterator[Sequence[str]]:
    yield expected.form.header
    lines = read_lines(path, longest=path.stat().st_size + 1)
    next(lines)
    # A label that is repeated for each object of its image has one row in a file of its own.
    repeats = expected.of_file.rows_are_objects and not expected.form.rows_are_objects
    seen: set[str] = set()
    for line in lines:
        if not line.cells:
            continue
        cells = expected.own_cells(line.cells)
        key = expected.form.key(cells)
        if repeats and key in seen:
            continue
        if repeats:
            seen.add(key)
        yield cells


def _write(file: Path, lines: Iterator[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(lines)
