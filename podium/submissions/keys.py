"""The rows that a submission must have, against those that it has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from podium.errors import some
from podium.submissions.problems import Problems

__all__ = ["KeyCheck"]


class KeyCheck:
    """Watches the row names of a file go by, then says what is missing.

    Args:
        expected: the names that must be there, once each; None when nobody says which.
        said_by: who says so, for messages (`sample_submission.csv`).
        problems: where the faults go.
    """

    def __init__(self, expected: Sequence[str] | None, said_by: str, problems: Problems) -> None:
        self._expected = expected
        self._known = None if expected is None else set(expected)
        self._said_by = said_by
        self._problems = problems
        self._lines: dict[str, int] = {}
        self._extra: list[tuple[str, int]] = []
        self._first_moved: int | None = None

    def see(self, key: str, line: int) -> None:
        """Take note of the row `key` at `line`."""
        if key in self._lines:
            offender = f"{key!r}, first in line {self._lines[key]},"
            self._problems.add("repeated ids", offender, line=line, fix="write one row for each id")
            return
        if self._known is not None and key not in self._known:
            self._extra.append((key, line))
            return
        position = len(self._lines)
        self._lines[key] = line
        if self._expected is not None and self._first_moved is None:
            moved = position < len(self._expected) and self._expected[position] != key
            self._first_moved = line if moved else None

    def finish(self) -> None:
        """Report what is extra, missing or in another order."""
        if self._expected is None:
            return
        missing = [key for key in self._expected if key not in self._lines]
        if self._extra:
            self._report_extra(missing)
        if missing:
            self._problems.add(
                f"ids of {self._said_by} that are missing ({len(missing):,}): {some(missing)}",
                fix=f"write one row for each id of {self._said_by}",
            )
        if not missing and not self._extra and self._first_moved is not None:
            self._problems.add(
                f"the rows are not in the order of {self._said_by}",
                line=self._first_moved,
                fix="no need where the host matches by id; sort them to be sure",
                level="warning",
            )

    def _report_extra(self, missing: list[str]) -> None:
        key, _ = self._extra[0]
        fix = _likely_slip(key, missing, self._said_by) or f"take the ids from {self._said_by}"
        for extra, line in self._extra:
            self._problems.add(
                f"ids that are not in {self._said_by}", repr(extra), line=line, fix=fix
            )


def _likely_slip(key: str, missing: Iterable[str], said_by: str) -> str | None:
    """Return how `key` probably came to differ from a missing id, as an instruction."""
    for wanted in missing:
        if PurePath(key).stem == wanted:
            return f"drop the extension, as {said_by} has {wanted!r}"
        if PurePath(wanted).stem == key:
            return f"keep the extension, as {said_by} has {wanted!r}"
        if wanted.lstrip("0") == key.lstrip("0") or f"{key.removesuffix('.0').lstrip('0')}" == (
            wanted.lstrip("0")
        ):
            return f"keep ids as text (pandas: dtype=str): {said_by} has {wanted!r}"
        if key.strip().lower() == wanted.lower():
            return f"keep case and spacing, as {said_by} has {wanted!r}"
    return None
