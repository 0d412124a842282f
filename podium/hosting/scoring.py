"""Scoring a submission against the hidden solution, with messages that do not give it away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.errors import DataError, SubmissionError, UsageError
from podium.hosting.mask_scoring import count_perfect, count_pixels, score_of_counts
from podium.hosting.mask_solution import MaskSolution
from podium.hosting.object_solution import UnitSolution
from podium.hosting.solution import Solution
from podium.hosting.spec import HostSpec
from podium.hosting.unit_scoring import refuse_needs, score_of_units
from podium.hosting.volume_scoring import measure_perfect, measure_volumes, score_of_volumes
from podium.predictions.rankings import rank, surest
from podium.submissions.read import read_submission
from podium.submissions.values import label_value

__all__ = ["Scores", "refuse_unscorable", "score_file"]

AnySolution = Solution | MaskSolution | UnitSolution


@dataclass(frozen=True)
class Scores:
    """Scores of one submission; None where the solution has no rows of that usage."""

    public: float | None
    private: float | None


def score_file(path: Path, spec: HostSpec, solution: AnySolution) -> Scores:
    """Return the scores of the submission file at `path`.

    Raises:
        SubmissionError: the file is not as the format asks, or its values have no score; the
            message names lines, ids and classes of the file, and nothing of the solution but which
            ids it has.
    """
    try:
        said = _read(path, spec, solution)
    except SubmissionError as error:
        text = error.message.replace(f"{path}: ", "")
        fix = "" if error.fix is None else f" Fix: {error.fix}."
        raise SubmissionError(f"{_place(path, error.where)}{text}.{fix}") from error
    try:
        return _scores(spec, solution, said)
    except DataError:
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
        if metric.needs == "volumes":
            _scores(spec, solution, measure_perfect(spec, solution))
        else:
            _scores(spec, solution, count_perfect(solution))
        return
    if isinstance(solution, UnitSolution):
        refuse_needs(spec)
        _scores(spec, solution, solution.truth)
        return
    source = label_value(form).source(form)
    if metric.needs == "probs" and source != "probs":
        raise UsageError(
            f"metric {metric.name} needs probabilities, the format has a {form.value} in each cell",
            fix="set submission.value: prob, or choose a metric of decisions",
        )
    if metric.needs == "confident" and source not in ("probs", "confident"):
        raise UsageError(
            f"metric {metric.name} needs a class and how sure it is, the format has a "
            f"{form.value} in each cell",
            fix="set submission.item: '{label} {conf}'",
        )
    _scores(spec, solution, _perfect(solution, spec, needs=metric.needs))


def _read(path: Path, spec: HostSpec, solution: AnySolution) -> Any:
    """Return what is scored of a file: values as the metric needs them, or counts of pixels.

    Of volumes it is their sums. Of objects and of pixels it is what the file says of each image,
    read when it is asked for.
    """
    if isinstance(solution, MaskSolution):
        if spec.scored_by.needs == "volumes":
            return measure_volumes(path, spec, solution)
        return count_pixels(path, solution)
    if isinstance(solution, UnitSolution):
        return solution.said(path)
    submission = read_submission(path, spec.format, solution.ids, said_by="the test set")
    said = solution.numbered(submission.values) if solution.gallery else submission.values
    return _as_needed(said, spec)


def _scores(spec: HostSpec, solution: AnySolution, said: Any) -> Scores:
    form = spec.format
    # A class that no row shows is a class all the same: kappa of ratings that lack one needs it.
    options = metrics.with_classes(
        spec.scored_by, spec.metric.options, form.kind, max(2, len(form.classes))
    )

    def of(rows: NDArray[np.bool_], name: str) -> float | None:
        if not rows.any():
            return None
        if isinstance(solution, MaskSolution) and spec.scored_by.needs == "volumes":
            return score_of_volumes(spec, solution, said, rows, where=f"the {name} rows")
        if isinstance(solution, MaskSolution):
            return score_of_counts(spec, said, rows, where=f"the {name} rows")
        if isinstance(solution, UnitSolution):
            return score_of_units(spec, solution, said, rows, where=f"the {name} rows")
        return metrics.score(
            spec.scored_by,
            solution.truth[rows],
            said[rows],
            where=f"the {name} rows",
            **options,
        )

    if not (solution.public.any() or solution.private.any()):
        raise DataError("no row of the solution is public or private")
    return Scores(of(solution.public, "public"), of(solution.private, "private"))


def _as_needed(values: NDArray[Any], spec: HostSpec) -> NDArray[Any]:
    """Return a submission's values in the form that the metric takes."""
    form, metric = spec.format, spec.scored_by
    source = label_value(form).source(form)
    if source == metric.needs or form.value in ("scalar", "score"):
        return values
    if source in ("ranking", "confident"):  # the first place, the class alone
        first = values[:, 0].astype(np.int64)
        return first[:, None] if metric.needs == "ranking" else first
    if source == "decisions":
        return values[:, None]
    if metric.needs == "ranking":
        return rank(values, int(metric.complete(spec.metric.options).get("k", 1)))
    if metric.needs == "confident":
        return surest(values)
    if form.kind == "multiclass":
        return np.asarray(values.argmax(axis=1))
    decisions = (values >= 0.5).astype(np.uint8)
    return np.asarray(decisions[:, 0]) if form.kind == "binary" else decisions


def _perfect(solution: Solution, spec: HostSpec, *, needs: str) -> NDArray[Any]:
    if needs == "ranking" and solution.gallery:
        return solution.truth
    if needs == "ranking":
        unknown = len(spec.format.classes)  # what is none of them has their number in a ranking
        return np.where(solution.truth == -1, unknown, solution.truth)[:, None]
    if needs == "confident":
        return np.column_stack([solution.truth, np.ones(len(solution.truth))])
    if needs == "probs" and spec.format.kind == "multiclass":
        return np.asarray(np.eye(len(spec.format.classes))[solution.truth])
    return solution.truth.astype(np.float64) if needs == "probs" else solution.truth


def _place(path: Path, where: str | None) -> str:
    line = (where or "").removeprefix(str(path)).lstrip(":")
    return f"line {line}: " if line else ""
