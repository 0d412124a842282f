"""Answers of a file that are too alike: one value in every row, or 0 and 1 for probabilities.

Any host takes such a file, and its score is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from podium.competition import metrics
from podium.competition.sections.tasks import combination_of
from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.submissions.format.problems import Problem, Problems
from podium.submissions.format.reading import lines_of, read_body
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.values import label_value
from podium.tasks.protocols.needs import are_probs

__all__ = ["answers_alike"]

LEAST_ROWS = 10
"""Fewer rows may well have one answer."""
_LONGEST = 1 << 30  # bytes of a line; the file was checked before
_YES_AND_NO = {0.0, 1.0}


def answers_alike(
    file: Path, competition: Competition, *, has_metric: bool = True
) -> list[Problem]:
    """Return a warning for each column with one value in all rows, and one of decided answers.

    The latter is of a file of 0 and 1 alone whose metric scores probabilities. A class of a
    multilabel task may well be absent: of columns of classes those of probabilities are looked at.

    Args:
        file: a submission without errors.
        competition: has its format.
        has_metric: whether the metric is the competition's own, and not made up.
    """
    try:
        form = format_of(competition)
        columns = {
            name: one for one in form.answers if _can_compare(one) for name in one.answer_names
        }
        found = _values_of_columns(file, form, list(columns))
        is_one = has_metric and combination_of(competition.metric) is None
        metric = metrics.of(competition) if is_one else None
    except PodiumError:
        return []  # reported elsewhere
    problems = [
        Problem(
            None,
            f"column {name!r}: the same value in every row, {next(iter(values))!r}",
            "check the predictions and their ids, unless it is meant so",
            "warning",
        )
        for name, values in found.items()
        if len(values) == 1
    ]
    probs = [found[name] for name in found if _has_probs(columns[name])]
    if metric is not None and metric.scores_probs and set().union(*probs) == _YES_AND_NO:
        problems.append(
            Problem(
                None,
                f"every answer is 0 or 1, and {metric.name} scores probabilities",
                "write probabilities, which tell how sure each answer is",
                "warning",
            )
        )
    return problems


def _can_compare(form: SubmissionFormat) -> bool:
    return not form.kind.is_of_pixels and (not form.wide or _has_probs(form))


def _has_probs(form: SubmissionFormat) -> bool:
    return form.kind.is_prob and are_probs(label_value(form).source(form))


def _values_of_columns(
    file: Path, form: SubmissionFormat, names: list[str]
) -> dict[str, set[float | str]]:
    """Return the values of each column, of more than two the first three; {} of few rows."""
    found: dict[str, set[float | str]] = {name: set() for name in names}
    places = {name: form.header.index(name) for name in names}
    n_rows = 0
    for cells in _rows(file, form):
        n_rows += 1
        # A column of many values has been seen: a large file is not read to its end for it.
        open_columns = [name for name in names if len(found[name]) <= len(_YES_AND_NO)]
        if not open_columns:
            return found
        for name in open_columns:
            found[name].add(_value(cells[places[name]]))
    return found if n_rows >= LEAST_ROWS else {}


def _rows(file: Path, form: SubmissionFormat) -> Iterator[list[str]]:
    for line in lines_of(read_body(file, form, Problems(), longest=_LONGEST)):
        yield line.cells


def _value(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell
