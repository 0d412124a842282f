"""Scores a submission against the hidden solution, with messages that do not give it away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.errors import DataError, SubmissionError, UsageError
from podium.hosting.scoring.masks import MaskSolution, count_perfect, count_pixels, score_of_counts
from podium.hosting.scoring.objects import UnitSolution, refuse_unsupported_metric, score_of_units
from podium.hosting.scoring.solution import Solution
from podium.hosting.scoring.volumes import measure_perfect, measure_volumes, score_of_volumes
from podium.hosting.spec import HostSpec
from podium.predictions.top_k import most_confident, rank
from podium.submissions.format.reading import read_submission
from podium.submissions.values import label_value
from podium.tasks.protocols.needs import are_confident, are_decisions, are_probs, are_ranked

__all__ = ["SubmissionScores", "refuse_unscorable", "score_file"]

AnySolution = Solution | MaskSolution | UnitSolution


@dataclass(frozen=True)
class SubmissionScores:
    """Scores of one submission; None where the solution has no rows of that usage."""

    public: float | None
    private: float | None


def score_file(path: Path, spec: HostSpec, solution: AnySolution) -> SubmissionScores:
    """Return the scores of the submission file at `path`.

    Raises:
        SubmissionError: the file does not fit the format, or its values have no score; the message
            names lines, ids and classes of the file, and nothing of the solution but which ids it
            has.
    """
    try:
        predicted = _read(path, spec, solution)
    except SubmissionError as error:
        text = error.message.replace(f"{path}: ", "")
        fix = "" if error.fix is None else f" Fix: {error.fix}."
        raise SubmissionError(f"{_place(path, error.where)}{text}.{fix}") from error
    try:
        return _scores_of_values(spec, solution, predicted)
    except DataError as error:
        if isinstance(error.__cause__, MemoryError):  # of a metric of the organiser's own
            raise error.__cause__ from None
        # The solution can be scored (`refuse_unscorable`), so it is the values: a row of zeros that
        # log loss cannot rescale. The metric's words name rows of the hidden split, so not those.
        hint = "; does each row hold a positive probability?" * (spec.format.value == "prob")
        raise SubmissionError(f"{spec.metric.name} is undefined for these values{hint}") from None


def refuse_unscorable(spec: HostSpec, solution: AnySolution) -> None:
    """Refuse a host whose metric cannot score its format or its solution: better now than in class.

    Raises:
        DataError: the metric does not fit the task, or is undefined on the public or private rows;
            or hidden masks cannot be read.
        UsageError: the metric needs probabilities, or how sure a class is, and the format has
            labels.
    """
    form = spec.format
    metric = metrics.fitting(spec.scored_by, form.kind, spec.metric.options, task=form.task)
    if isinstance(solution, MaskSolution):
        if metric.scores_volumes:
            _scores(spec, solution, measure_perfect(spec, solution))
        else:
            _scores(spec, solution, count_perfect(solution))
        return
    if isinstance(solution, UnitSolution):
        refuse_unsupported_metric(spec)
        _scores(spec, solution, solution.truth)
        return
    source = label_value(form).source(form)
    if metric.scores_probs and not are_probs(source):
        raise UsageError(
            f"metric {metric.name} needs probabilities, the format has a {form.value} in each cell",
            fix="set submission.value: prob, or choose a metric of decisions",
        )
    if metric.scores_confident and not (are_probs(source) or are_confident(source)):
        raise UsageError(
            f"metric {metric.name} needs a class and how sure it is, the format has a "
            f"{form.value} in each cell",
            fix="set submission.item: '{label} {conf}'",
        )
    _scores(spec, solution, _perfect(solution, spec))


def _read(path: Path, spec: HostSpec, solution: AnySolution) -> Any:
    """Return the data of a file that the metric scores: values, or counts of pixels.

    Of volumes it is their sums. Of objects and of pixels it is the prediction of each image, read
    on demand.
    """
    if isinstance(solution, MaskSolution):
        if spec.scored_by.scores_volumes:
            return measure_volumes(path, spec, solution)
        return count_pixels(path, solution)
    if isinstance(solution, UnitSolution):
        return solution.said(path)
    submission = read_submission(path, spec.format, solution.ids, said_by="the test set")
    predicted = solution.numbered(submission.values) if solution.gallery else submission.values
    return _as_needed(predicted, spec)


def _scores(spec: HostSpec, solution: AnySolution, predicted: Any) -> SubmissionScores:
    if not (solution.public.any() or solution.private.any()):
        raise DataError("no row of the solution is public or private")
    return SubmissionScores(
        _score(spec, solution, predicted, solution.public, "public"),
        _score(spec, solution, predicted, solution.private, "private"),
    )


def _scores_of_values(spec: HostSpec, solution: AnySolution, predicted: Any) -> SubmissionScores:
    """Return the scores of a submission, in which any value may be out of the metric's range.

    Whether such a value stands in a public, a private or an ignored row makes no difference:
    otherwise submissions that cost nothing would show which rows count. Where all rows together
    have a score, but the private ones alone have none, there is no private score.
    """
    public = _score(spec, solution, predicted, solution.public, "public")
    if isinstance(solution, Solution) and not (solution.public | solution.private).all():
        _score_of_all(spec, solution, predicted)
    try:
        private = _score(spec, solution, predicted, solution.private, "private")
    except DataError:
        if public is None:
            raise
        _score_of_all(spec, solution, predicted)
        private = None
    return SubmissionScores(public, private)


def _score_of_all(spec: HostSpec, solution: AnySolution, predicted: Any) -> None:
    """Raise DataError where all rows together have no score; ignored ones borrow an answer."""
    counts = solution.public | solution.private
    if isinstance(solution, Solution):
        known = solution.truth[counts]
        truth = solution.truth.copy()
        truth[~counts] = np.resize(known, (int((~counts).sum()), *known.shape[1:]))
        everyone = np.ones(len(counts), dtype=bool)
        _score(spec, replace(solution, truth=truth), predicted, everyone, "all")
    else:
        _score(spec, solution, predicted, counts, "all")


def _score(
    spec: HostSpec, solution: AnySolution, predicted: Any, rows: NDArray[np.bool_], name: str
) -> float | None:
    if not rows.any():
        return None
    where = f"the {name} rows"
    if isinstance(solution, MaskSolution) and spec.scored_by.scores_volumes:
        return score_of_volumes(spec, solution, predicted, rows, where=where)
    if isinstance(solution, MaskSolution):
        return score_of_counts(spec, predicted, rows, where=where)
    if isinstance(solution, UnitSolution):
        return score_of_units(spec, solution, predicted, rows, where=where)
    form = spec.format
    # A class that no row shows is a class all the same: kappa of ratings that lack one needs it.
    options = metrics.with_classes(
        spec.scored_by, spec.metric.options, form.kind, max(2, len(form.classes))
    )
    return metrics.score(
        spec.scored_by, solution.truth[rows], predicted[rows], where=where, **options
    )


def _as_needed(values: NDArray[Any], spec: HostSpec) -> NDArray[Any]:
    """Return a submission's values in the form that the metric takes."""
    form, metric = spec.format, spec.scored_by
    source = label_value(form).source(form)
    if source == metric.needs or form.value in ("scalar", "score"):
        return values
    if are_ranked(source) or are_confident(source):  # the first place, the class alone
        first = values[:, 0].astype(np.int64)
        return first[:, None] if metric.scores_ranking else first
    if are_decisions(source):
        return values[:, None]
    if metric.scores_ranking:
        return rank(values, int(metric.complete(spec.metric.options).get("k", 1)))
    if metric.scores_confident:
        return most_confident(values)
    if form.kind.is_exclusive:
        return np.asarray(values.argmax(axis=1))
    decisions = (values >= 0.5).astype(np.uint8)
    return np.asarray(decisions[:, 0]) if form.kind.is_single else decisions


def _perfect(solution: Solution, spec: HostSpec) -> NDArray[Any]:
    metric = spec.scored_by
    if metric.scores_ranking and solution.gallery:
        return solution.truth
    if metric.scores_ranking:
        unknown = len(spec.format.classes)  # what is none of them has their number in a ranking
        return np.where(solution.truth == -1, unknown, solution.truth)[:, None]
    if metric.scores_confident:
        return np.column_stack([solution.truth, np.ones(len(solution.truth))])
    if metric.scores_probs and spec.format.kind.is_exclusive:
        return np.asarray(np.eye(len(spec.format.classes))[solution.truth])
    return solution.truth.astype(np.float64) if metric.scores_probs else solution.truth


def _place(path: Path, where: str | None) -> str:
    line = (where or "").removeprefix(str(path)).lstrip(":")
    return f"line {line}: " if line else ""
