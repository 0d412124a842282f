"""All that is wrong with a submission file, found before the quota is touched."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from podium.competition.spec import Competition
from podium.submissions.format import Format
from podium.submissions.keys import KeyCheck
from podium.submissions.problems import Problem, Problems
from podium.submissions.read import Row, read_rows
from podium.submissions.wanted import Wanted, wanted_of_test
from podium.submissions.whole_file import stale_sample, too_large

__all__ = ["check", "check_rows", "check_wanted"]

_SUM_TOLERANCE = 0.01


def check(path: str | Path, competition: Competition) -> list[Problem]:
    """Return every problem of the submission file at `path`, errors first; [] when it may be sent.

    Rows are streamed, and memory does not grow with them. The ids come from the competition's
    sample submission, else from its test set; the sizes that masks must have, from its frame, else
    from the test images.

    Raises:
        DataError: the competition's own sample or spec cannot be used.
    """
    file, wanted = Path(path), wanted_of_test(competition)
    found = [
        *check_wanted(file, wanted),
        *too_large(file, competition),
        *stale_sample(competition, wanted.form),
    ]
    return sorted(found, key=lambda problem: problem.level != "error")


def check_wanted(path: Path, wanted: Wanted) -> list[Problem]:
    """Return every problem of the file at `path` against what is `wanted`, errors first."""
    form, rows, said_by = wanted.form, wanted.rows, wanted.said_by
    if form.rows == "pixel":
        from podium.submissions.pixel_checking import check_pixels

        return check_pixels(path, form, rows, said_by=said_by)
    if form.task == "segment":
        from podium.submissions.instance_cells import holds_objects
        from podium.submissions.instance_checking import check_instances
        from podium.submissions.mask_checking import check_masks

        checked = check_instances if holds_objects(form) else check_masks
        return checked(path, form, rows, wanted.sizes, said_by=said_by)
    return check_rows(path, form, rows, said_by=said_by)


def check_rows(
    path: Path, form: Format, expected: Iterable[str] | None, *, said_by: str
) -> list[Problem]:
    """Return every problem of the file against `form` and the `expected` names of its rows."""
    problems = Problems()
    keys = KeyCheck(expected, said_by, problems)
    sums_to_one = form.wide and form.value == "prob" and form.kind == "multiclass"
    for row in read_rows(path, form, problems):
        keys.see(row.key, row.line)
        if sums_to_one:
            _check_sum(row, problems)
    if not problems.unread:
        keys.finish()
    return problems.listed()


def _check_sum(row: Row, problems: Problems) -> None:
    if row.values is None:
        return
    total = sum(value for value in row.values if not isinstance(value, tuple))
    if abs(total - 1.0) > _SUM_TOLERANCE:
        problems.add(
            "rows whose probabilities do not sum to 1",
            f"{total:.3f}",
            line=row.line,
            fix="divide each row by its sum, unless the metric does",
            level="warning",
        )
