"""Scores a submission against the hidden answers, with messages that do not give these away.

`HiddenAnswers` is what every kind of them can do.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.scores.combination import RowSums
from podium.errors import DataError, SubmissionError, naming_place, some
from podium.hosting.spec import HostSpec

__all__ = [
    "HiddenAnswers",
    "SubmissionScores",
    "refuse_unscorable",
    "score_file",
    "step_of_one_image",
]


class HiddenAnswers(Protocol):
    """The right answers: labels, masks, objects, or values of pixels.

    Attributes:
        ids: of the samples, `(N,)`.
        public, private: bool `(N,)`; a sample in neither is not scored.
        labels: the truth as one array `(N, …)`, where labels or numbers are scored; else None.
    """

    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def public(self) -> NDArray[np.bool_]: ...
    @property
    def private(self) -> NDArray[np.bool_]: ...
    @property
    def labels(self) -> NDArray[Any] | None: ...

    def is_light(self, spec: HostSpec) -> bool:
        """Return whether a file of moderate size is scored in a moment, in little memory."""

    def refuse_metric(self, spec: HostSpec) -> None:
        """Raise UsageError where the cells of the format do not hold what the metric needs."""

    def measured(self, path: Path, spec: HostSpec) -> Any:
        """Return what the metric scores of a submission: its values, or counts of its pixels.

        Of volumes it is their sums; of objects and of pixels the prediction of each image, read on
        demand.

        Raises:
            SubmissionError: the file does not fit the format; one error with all problems.
        """

    def perfect(self, spec: HostSpec) -> Any:
        """Return `measured` of a submission that is right everywhere."""

    def with_every_row(self) -> tuple[HiddenAnswers, NDArray[np.bool_]]:
        """Return answers for the rows without one too, and which rows can be scored, `(N,)`."""

    def row_sums(self, spec: HostSpec, measured: Any, rows: NDArray[np.bool_]) -> RowSums:
        """Return the metric's sums of each of the samples `rows`, one by one.

        Raises:
            DataError: the metric has none of single rows.
        """

    def score(self, spec: HostSpec, measured: Any, rows: NDArray[np.bool_]) -> float:
        """Return the score of the samples `rows`, a bool `(N,)`.

        Raises:
            DataError: the metric is undefined for them.
        """


@dataclass(frozen=True)
class SubmissionScores:
    """Scores of one submission; None where the solution has no rows of that usage."""

    public: float | None
    private: float | None


def score_file(path: Path, spec: HostSpec, solution: HiddenAnswers) -> SubmissionScores:
    """Return the scores of the submission file at `path`.

    Raises:
        SubmissionError: the file does not fit the format, or its values have no score; the message
            names lines, ids and classes of the file, and nothing of the solution but which ids it
            has.
    """
    try:
        predicted = solution.measured(path, spec)
    except SubmissionError as error:
        text = error.message.replace(f"{path}: ", "")
        fix = "" if error.fix is None else f" Fix: {error.fix}."
        raise SubmissionError(f"{_place(path, error.where)}{text}.{fix}") from error
    try:
        return _scores_of_values(spec, solution, predicted)
    except DataError as error:
        if isinstance(error.__cause__, MemoryError):  # of a metric of the organiser's own
            raise error.__cause__ from None
        # The solution can be scored (`refuse_unscorable`), so it is the values. The metric's words
        # name rows of the hidden split, so not those.
        hint = _odd_values(spec, solution, predicted)
        raise SubmissionError(
            f"{spec.scored_by.name} is undefined for these values{hint}"
        ) from None


_LARGEST = 1e100


def _odd_values(spec: HostSpec, solution: HiddenAnswers, predicted: Any) -> str:
    """Return in words which rows no metric can take, "" where none shows; all parts alike."""
    if solution.labels is None or not isinstance(predicted, np.ndarray):
        return ""
    rows = predicted.reshape(len(solution.ids), -1)
    has_sums = spec.scored_by.scores_probs and spec.format.kind.is_exclusive and rows.shape[1] > 1
    for is_odd, what in (
        (has_sums & (rows.sum(axis=1) == 0), "no positive probability"),
        ((np.abs(rows) > _LARGEST).any(axis=1), f"values beyond {_LARGEST:g}"),
    ):
        if is_odd.any():  # in the order of the ids: that of the solution may tell
            named = sorted(np.array(solution.ids)[is_odd].tolist())
            return f": {what} in the rows of {some(named)}"
    return ""


def refuse_unscorable(spec: HostSpec, solution: HiddenAnswers) -> None:
    """Refuse a host whose metric cannot score its format or its solution: better now than in class.

    Raises:
        DataError: the metric does not fit the task, or is undefined on the public or private rows;
            or hidden masks cannot be read.
        UsageError: the metric needs probabilities, or how sure a class is, and the format has
            labels.
    """
    of_answers = spec.of_answers if spec.format.parts else [spec]
    _ = spec.scored_by  # refuses parts of other directions
    for one in of_answers:
        form = one.format
        metrics.fitting(one.scored_by, form.kind, one.metric.options, task=form.task)
    solution.refuse_metric(spec)
    _scores(spec, solution, solution.perfect(spec))


_PROBED = 10
"""Answers of which one image is taken to be wrong, the rarest first: they cost most."""


def step_of_one_image(spec: HostSpec, solution: HiddenAnswers) -> float | None:
    """Return by how much one wrong public image can move the score of a perfect submission.

    Of labels an image gets the answer of another one. Of masks and objects it has the worst score,
    and counts as much as each other. None: no row is public, or the metric has no two ends.
    """
    metric, public = spec.scored_by, np.flatnonzero(solution.public)
    every_row = np.flatnonzero(solution.public | solution.private)
    if not len(public) or metric.perfect is None or metric.worst is None or metric.scores_volumes:
        return None
    each = abs(metric.perfect - metric.worst) / len(public)
    if solution.labels is None or not isinstance(right := solution.perfect(spec), np.ndarray):
        return each
    best, steps, values = solution.score(spec, right, solution.public), [0.0], right.copy()
    of_each, of_others = (_rarest_answers(solution.labels[rows]) for rows in (public, every_row))
    for row in public[of_each]:
        for other in every_row[of_others]:
            values[row] = right[other]
            with suppress(DataError):
                steps.append(abs(best - solution.score(spec, values, solution.public)))
        values[row] = right[row]
    return max(steps)


def _rarest_answers(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Return a row of each of the rarest answers, and of the first and last, as of ratings."""
    _, first, counts = np.unique(labels, axis=0, return_index=True, return_counts=True)
    return np.union1d(first[np.argsort(counts, kind="stable")[:_PROBED]], first[[0, -1]])


def _scores(spec: HostSpec, solution: HiddenAnswers, predicted: Any) -> SubmissionScores:
    if not (solution.public.any() or solution.private.any()):
        raise DataError("no row of the solution is public or private")
    return SubmissionScores(
        _score(spec, solution, predicted, solution.public, "public"),
        _score(spec, solution, predicted, solution.private, "private"),
    )


def _scores_of_values(spec: HostSpec, solution: HiddenAnswers, predicted: Any) -> SubmissionScores:
    """Return the scores of a submission, in which any value may be out of the metric's range.

    Whether such a value stands in a public, a private or an ignored row makes no difference:
    otherwise submissions that cost nothing would show which rows count. Where all rows together
    have a score, but the private ones alone have none, there is no private score.
    """
    public = _score(spec, solution, predicted, solution.public, "public")
    answers, every_row = solution.with_every_row()
    if (every_row & ~(solution.public | solution.private)).any():
        _score(spec, answers, predicted, every_row, "all")
    try:
        private = _score(spec, solution, predicted, solution.private, "private")
    except DataError:
        if public is None:
            raise
        _score(spec, answers, predicted, every_row, "all")
        private = None
    return SubmissionScores(public, private)


def _score(
    spec: HostSpec, solution: HiddenAnswers, predicted: Any, rows: NDArray[np.bool_], name: str
) -> float | None:
    if not rows.any():
        return None
    with naming_place(f"the {name} rows"), np.errstate(all="ignore"):
        score = solution.score(spec, predicted, rows)
        if not np.isfinite(score):
            raise DataError(f"{spec.scored_by.name} is {score}, no finite number")
        return score


def _place(path: Path, where: str | None) -> str:
    line = (where or "").removeprefix(str(path)).lstrip(":")
    return f"line {line}: " if line else ""
