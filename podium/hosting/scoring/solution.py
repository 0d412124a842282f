"""The hidden solution: the right answer of each sample, and whether it counts as public."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.scores.combination import RowSums
from podium.competition.sections.tasks import written_combination
from podium.errors import DataError, UsageError, plural, some
from podium.hosting.scoring.masks import read_mask_solution
from podium.hosting.scoring.objects import (
    USAGES,
    format_few,
    read_object_solution,
    read_pixel_solution,
)
from podium.hosting.scoring.score import HiddenAnswers
from podium.hosting.scoring.several import read_several_solutions
from podium.hosting.spec import HostSpec
from podium.predictions.decisions.labels import decide
from podium.predictions.top_k import most_confident, rank
from podium.submissions.format.answers import read_answers
from podium.submissions.format.csv_text import read_table
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.values import label_value
from podium.tasks.protocols.needs import are_confident, are_decisions, are_probs, are_ranked
from podium.tasks.protocols.outputs import as_flags, by_output, output_names

__all__ = ["Solution", "read_solution", "solution_digest"]


@dataclass(frozen=True)
class Solution:
    """The right answers.

    `truth` is `(N,)` int64 for classes (-1: none of them, where a file has confidences), `(N, C)`
    uint8 for sets of labels, `(N,)` float64 for values; `public` and `private` are bool `(N,)`; a
    row in neither is not scored. Where cells hold ids of other images, `gallery` has those that are
    right somewhere, and `truth` is int64 `(N, M)`, their numbers in it, filled up with -1.
    """

    ids: tuple[str, ...]
    truth: NDArray[Any]
    public: NDArray[np.bool_]
    private: NDArray[np.bool_]
    gallery: tuple[str, ...] = ()

    def numbered(self, ids: NDArray[Any]) -> NDArray[np.int64]:
        """Return the ids `(N, k)` of a submission as numbers: those of `gallery` first.

        An id that is right nowhere has a number of its own, and a blank -1.
        """
        numbers = {"": -1} | {one: number for number, one in enumerate(self.gallery)}
        flat = [numbers.setdefault(str(one), len(numbers) - 1) for one in ids.reshape(-1)]
        return np.array(flat, dtype=np.int64).reshape(ids.shape)

    @property
    def labels(self) -> NDArray[Any] | None:
        """The right answers, unless they are other images."""
        return None if self.gallery else self.truth

    def is_light(self, spec: HostSpec) -> bool:
        """Return whether no ids of a gallery have to be numbered."""
        del spec
        return not self.gallery

    def refuse_metric(self, spec: HostSpec) -> None:
        """Raise UsageError where the cells of the format do not hold what the metric needs."""
        metric, form = spec.scored_by, spec.format
        if metric.scores_several:
            for one in metric.forms:
                self.refuse_metric(spec.of_form(one))
            return
        source = label_value(form).source(form)
        if metric.scores_probs and not are_probs(source):
            raise UsageError(
                f"metric {metric.name} needs probabilities, the format has a {form.value} in each "
                "cell",
                fix="set submission.value: prob, or choose a metric of decisions",
            )
        if metric.scores_confident and not (are_probs(source) or are_confident(source)):
            raise UsageError(
                f"metric {metric.name} needs a class and how sure it is, the format has a "
                f"{form.value} in each cell",
                fix="set submission.item: '{label} {conf}'",
            )

    def measured(self, path: Path, spec: HostSpec) -> NDArray[Any]:
        """Return the values of the submission at `path` in the form that the metric takes."""
        values = read_answers(path, expected_of_ids(spec.format, self.ids))
        return _as_needed(self.numbered(values) if self.gallery else values, spec)

    def perfect(self, spec: HostSpec) -> NDArray[Any]:
        """Return the values of a submission that is right everywhere, as the metric takes them."""
        metric, truth = spec.scored_by, self.truth
        if metric.scores_several:
            return metric.side_by_side(
                lambda one: self.perfect(spec.of_form(one)), spec.metric.options
            )
        if metric.scores_ranking and self.gallery:
            return truth
        if metric.scores_ranking:
            unknown = len(spec.format.classes)  # of what is none of them, in a ranking
            return np.where(truth == -1, unknown, truth)[:, None]
        if metric.scores_confident:
            return np.column_stack([truth, np.ones(len(truth))])
        if metric.scores_probs and spec.format.kind.is_exclusive:
            return np.asarray(np.eye(len(spec.format.classes))[truth])
        if spec.format.kind.is_by_level:
            return np.repeat(truth[:, None], len(spec.format.classes), axis=1)
        if spec.format.kind.is_by_column:  # any number does where none is scored
            return np.where(np.isnan(truth), 0.0, truth)
        if spec.format.kind.is_by_class:
            truth = np.where(truth == -1, 0, truth)
        return truth.astype(np.float64) if metric.scores_probs else truth

    def with_every_row(self) -> tuple[Solution, NDArray[np.bool_]]:
        """Return answers in which ignored rows borrow one, and that all rows can be scored."""
        counts = self.public | self.private
        known = self.truth[counts]
        truth = self.truth.copy()
        truth[~counts] = np.resize(known, (int((~counts).sum()), *known.shape[1:]))
        return replace(self, truth=truth), np.ones(len(counts), dtype=bool)

    def row_sums(self, spec: HostSpec, measured: NDArray[Any], rows: NDArray[np.bool_]) -> RowSums:
        """Return the metric's sums of each of the samples `rows`."""
        metric, options = spec.scored_by, self._options(spec)
        sums = metrics.sums(metric, self.truth[rows], measured[rows], **options)
        if sums is None or metric.value is None:
            raise DataError(f"a single row has no {metric.name}")
        return RowSums(metric, options, sums)

    def _options(self, spec: HostSpec) -> dict[str, Any]:
        form = spec.format
        # A class that no row shows is a class all the same: kappa of ratings that lack one needs
        # it.
        return metrics.with_classes(
            spec.scored_by, spec.metric.options, form.kind, max(2, len(form.classes))
        )

    def score(self, spec: HostSpec, measured: NDArray[Any], rows: NDArray[np.bool_]) -> float:
        """Return the score of the samples `rows`."""
        metric, options = spec.scored_by, self._options(spec)
        return metrics.score(metric, self.truth[rows], measured[rows], **options)


def _as_needed(values: NDArray[Any], spec: HostSpec) -> NDArray[Any]:
    """Return a submission's values in the form that the metric takes."""
    form, metric = spec.format, spec.scored_by
    if metric.scores_several:
        return metric.side_by_side(
            lambda one: _as_needed(values, spec.of_form(one)), spec.metric.options
        )
    source = label_value(form).source(form)
    if source == metric.needs or form.kind.is_continuous or form.value == "score":
        return values
    if form.kind.is_by_output:
        return values.astype(np.float64) if metric.scores_probs else decide(values, None, form.kind)
    if are_ranked(source) or are_confident(source):  # the first place, the class alone
        first = values[:, 0].astype(np.int64)
        return first[:, None] if metric.scores_ranking else first
    if are_decisions(source):
        return values[:, None]
    if metric.scores_ranking:
        return rank(values, metric.n_ranked(spec.metric.options))
    if metric.scores_confident:
        return most_confident(values)
    if form.kind.is_exclusive:
        return np.asarray(values.argmax(axis=1))
    decisions = (values >= 0.5).astype(np.uint8)
    return np.asarray(decisions[:, 0]) if form.kind.is_single else decisions


def read_solution(path: Path, form: SubmissionFormat) -> HiddenAnswers:
    """Return the solution in the CSV at `path`.

    That of masks is described in `masks`, that of objects and pixels in `objects`, that of several
    answers a row in `several`, all in this folder.

    Its first column is the sample's id. A column `Usage` holds Public, Private or Ignored; without
    one every row is public. The rest is the answer: one column with the class (name or index), the
    labels or the value; or one column for each class, named as it, of 0 and 1, or of numbers; of
    several labels and of numbers an empty cell is not scored; or one column for each of several
    outputs, with its class, empty where it is not scored. Of an ignored row nothing is read, so
    that rows which only keep people from labelling the test set need no answer.

    Raises:
        DataError: ids are repeated, or an answer or a usage cannot be read; all rows are named.
    """
    if form.parts:
        return read_several_solutions(path, form, read_solution)
    if form.rows == "pixel":
        return read_pixel_solution(path, form)
    if form.kind.finds_objects:
        return read_object_solution(path, form)
    if form.kind.is_of_pixels:
        return read_mask_solution(path, form)
    header, rows = read_table(path)
    if not rows:
        raise DataError("holds no rows", where=path, fix="write one row for each sample")
    ids = [row[0] for row in rows]
    repeated = [one for one, count in Counter(ids).items() if count > 1]
    if repeated:
        raise DataError(f"ids stand more than once: {some(repeated)}", where=path)
    usage_at = next((i for i, name in enumerate(header) if name.lower() == "usage"), None)
    answers = [i for i in range(1, len(header)) if i != usage_at]
    usages = ["public"] * len(rows) if usage_at is None else [row[usage_at].lower() for row in rows]
    strange = [
        f"{one!r} (line {line})" for line, one in enumerate(usages, start=2) if one not in USAGES
    ]
    if strange:
        raise DataError(f"Usage must be Public, Private or Ignored: {some(strange)}", where=path)
    usage = np.array(usages)
    scored = np.flatnonzero(usage != "ignored")
    cells = {i + 2: [rows[i][at] for at in answers] for i in scored.tolist()}
    gallery = _gallery(cells, form)
    known = _truth(path, [header[i] for i in answers], cells, form, gallery)
    truth = np.zeros((len(rows), *known.shape[1:]), dtype=known.dtype)
    truth[scored] = known
    return Solution(tuple(ids), truth, usage == "public", usage == "private", gallery)


def _gallery(cells: dict[int, list[str]], form: SubmissionFormat) -> tuple[str, ...]:
    """Return the ids in the cells, each once; () where cells do not hold ids of other images."""
    if form.value != "topk" or form.item != "{id}":
        return ()
    return tuple(dict.fromkeys(one for row in cells.values() for one in _parts(row[0], form)))


def _parts(text: str, form: SubmissionFormat) -> list[str]:
    return [] if text == form.empty else text.split(form.sep)


def _truth(
    path: Path,
    names: list[str],
    cells: dict[int, list[str]],
    form: SubmissionFormat,
    gallery: tuple[str, ...],
) -> NDArray[Any]:
    """Return the answers in the `cells` of the columns `names`, by their lines."""
    if form.kind.is_by_output and set(names) == set(output_names(form.classes)):
        return _of_outputs(path, names, cells, form)
    if len(names) > 1 and set(names) == set(form.classes):
        order = [names.index(one) for one in form.classes]
        if form.kind.is_by_column:
            numbers = [
                [_number(path, line, row[i], may_lack=True) for i in order]
                for line, row in cells.items()
            ]
            return np.array(numbers, dtype=np.float64).reshape(-1, len(order))
        flags = np.array([[row[i] for i in order] for row in cells.values()]).reshape(
            -1, len(order)
        )
        is_unknown = np.isin(flags, ["", "-1", "-1.0"]) & form.kind.is_by_class
        if not (np.isin(flags, ["0", "1", "0.0", "1.0"]) | is_unknown).all():
            blank = ", or nothing where it is unknown" if form.kind.is_by_class else ""
            raise DataError(f"columns of classes must hold 0 or 1{blank}", where=path)
        if is_unknown.any():
            return np.where(is_unknown, "-1", flags).astype(np.float64).astype(np.int64)
        sets = flags.astype(np.float64).astype(np.uint8)
        return sets if form.kind.is_by_class else sets.argmax(axis=1).astype(np.int64)
    if len(names) != 1:
        raise DataError(
            f"needs one column with the answer, or one for each class; got {some(names)}",
            where=f"{path}:1",
            fix="write id, answer, Usage",
        )
    column = {line: row[0] for line, row in cells.items()}
    if form.kind.is_continuous and not form.kind.is_by_column:
        return np.array([_number(path, line, text) for line, text in column.items()])
    if form.kind.is_by_column:
        raise DataError(
            f"one column of answers, {names[0]!r}, for {plural(len(form.classes), 'number')}",
            where=f"{path}:1",
            fix=f"write a column for each of {some(form.classes)}",
        )
    if form.kind.is_by_class:
        return _sets(path, column, form)
    if gallery:
        number = {one: i for i, one in enumerate(gallery)}
        right = [[number[one] for one in _parts(text, form)] for text in column.values()]
        most = max(map(len, right))
        return np.array([one + [-1] * (most - len(one)) for one in right], dtype=np.int64)
    return np.array(_indices(path, column, form), dtype=np.int64)


def _of_outputs(
    path: Path, names: list[str], cells: dict[int, list[str]], form: SubmissionFormat
) -> NDArray[Any]:
    """Return 0 and 1 of each class, -1 in the block of an output whose cell is empty.

    A cell has the name of a class, or its index among those of the output.
    """
    classes = by_output(form.classes)
    indices = np.full((len(cells), len(classes)), -1)
    for at, (output, own) in enumerate(classes.items()):
        known = {str(index): index for index in range(len(own))}
        known |= {name: index for index, name in enumerate(own)} | {"": -1}
        texts = {line: row[names.index(output)].strip() for line, row in cells.items()}
        unknown = [f"{one!r} (line {line})" for line, one in texts.items() if one not in known]
        if unknown:
            raise DataError(
                f"answers of {output} that are no class: {format_few(unknown)}",
                where=path,
                fix=f"its classes are {some(own)}; nothing is an answer that is not scored",
            )
        indices[:, at] = [known[one] for one in texts.values()]
    return as_flags(indices, form.kind.sizes)


def _number(path: Path, line: int, text: str, *, may_lack: bool = False) -> float:
    if may_lack and text.strip().lower() in ("", "nan"):
        return np.nan
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise DataError(f"the answer must be a finite number, got {text!r}", where=f"{path}:{line}")
    return number


def _sets(path: Path, column: dict[int, str], form: SubmissionFormat) -> NDArray[np.uint8]:
    sets = np.zeros((len(column), len(form.classes)), dtype=np.uint8)
    for row, (line, text) in enumerate(column.items()):
        parts = _parts(text, form)
        unknown = [part for part in parts if part not in form.classes]
        if unknown:
            raise DataError(f"unknown classes: {some(unknown)}", where=f"{path}:{line}")
        sets[row, [form.classes.index(part) for part in parts]] = 1
    return sets


def _indices(path: Path, column: dict[int, str], form: SubmissionFormat) -> list[int]:
    n = len(form.classes) or 2
    known = {str(index): index for index in range(n)}
    known |= {name: index for index, name in enumerate(form.classes)}
    if are_confident(label_value(form).source(form)):
        known[form.empty] = -1  # a row that shows none of the classes
    if form.unknown is not None:
        known[form.unknown] = -1
    unknown = [f"{one!r} (line {i})" for i, one in column.items() if one not in known]
    if unknown:
        raise DataError(
            f"answers that are no class: {format_few(unknown)}",
            where=path,
            fix=f"the classes are {some(form.classes)}" if form.classes else None,
        )
    return [known[one] for one in column.values()]


def solution_digest(solution: Path, spec: HostSpec) -> str:
    """Return what scores depend on, as text: the solution's bytes, the metric and its options."""
    metric = json.dumps([spec.metric.name, dict(spec.metric.options)], sort_keys=True, default=str)
    if written_combination(spec.metric) is not None:
        metric = json.dumps(spec.metric.model_dump(mode="json"), sort_keys=True, default=str)
    return hashlib.sha256(solution.read_bytes() + metric.encode()).hexdigest()
