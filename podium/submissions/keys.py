"""The rows that a submission must have, against those that it has.

A file whose rows stand in the expected order is compared name by name as it goes by, and nothing of
it is kept. From the first row on that stands elsewhere the names are looked up in a `KeyIndex`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath

from podium.errors import SHOWN_AT_MOST, some
from podium.submissions.key_index import KeyIndex
from podium.submissions.problems import Problems

__all__ = ["Ahead", "KeyCheck"]

_COMPARED_AT_MOST = 10_000
_READ_AT_ONCE = 1024
_Missing = Iterable[str]


class KeyCheck:
    """Watches the row names of a file go by, then says what is missing.

    Args:
        expected: the names that must be there, gone through more than once; None when nobody says
            which.
        said_by: who says so, for messages (`sample_submission.csv`).
        problems: where the faults go.
        may_repeat: whether a name may have several rows, as an image with several objects has.
        may_be_missing: whether a name may have none.
    """

    def __init__(
        self,
        expected: Iterable[str] | None,
        said_by: str,
        problems: Problems,
        *,
        may_repeat: bool = False,
        may_be_missing: bool = False,
    ) -> None:
        self._expected = expected
        self._said_by = said_by
        self._problems = problems
        self._may_repeat, self._may_be_missing = may_repeat, may_be_missing
        self._ahead = None if expected is None else Ahead(expected)
        self._lines = _Lines()
        self._index = KeyIndex() if expected is None else None
        self._last: str | None = None
        self._n_in_order = self._n_known = self._n_extra = 0
        self._extra: list[tuple[str, int]] = []
        self._first_moved: int | None = None

    def peek(self, n: int) -> Sequence[str]:
        """Return the names of the next rows, at most `n`, as long as all stood in their places."""
        if self._ahead is None or self._index is not None:
            return ()
        return self._ahead.peek(n)

    def advance(self, n: int, line: int) -> None:
        """Take note that the next `n` rows, in the lines from `line` on, have those names."""
        assert self._ahead is not None
        self._lines.note(self._n_in_order, line)
        self._ahead.drop(n)
        self._n_in_order += n
        self._n_known += n

    def see(self, key: str, line: int) -> bool:
        """Take note of the row `key` at `line`; return whether it is the first of its name."""
        if self._may_repeat and key == self._last:
            return False
        self._last = key
        if self._index is None:
            if [key] == list(self.peek(1)):
                self.advance(1, line)
                return True
            self._index = KeyIndex(self._expected or ())
        return self._look_up(self._index, key, line)

    def _look_up(self, index: KeyIndex, key: str, line: int) -> bool:
        if self._expected is None:
            again = index.add(key, line)
            return again is None or self._again(key, line, again.line)
        known = index.find(key)
        if known is None:
            self._n_extra += 1
            if len(self._extra) < SHOWN_AT_MOST:
                self._extra.append((key, line))
            return True
        if known.position < self._n_in_order:
            return self._again(key, line, self._lines.of(known.position))
        if known.line is not None:
            return self._again(key, line, known.line)
        index.mark(key, line)
        if known.position != self._n_known and self._first_moved is None:
            self._first_moved = line
        self._n_known += 1
        return True

    def _again(self, key: str, line: int, first: int | None) -> bool:
        if not self._may_repeat:
            offender = f"{key!r}, first in line {first},"
            self._problems.add("repeated ids", offender, line=line, fix="write one row for each id")
        return False

    def finish(self) -> None:
        """Report what is extra, missing or in another order."""
        if self._ahead is None:
            return
        n_missing, missing = self._missing()
        if self._n_extra:
            self._report_extra(missing)
        if n_missing and not self._may_be_missing:
            self._problems.add(
                f"ids of {self._said_by} that are missing ({n_missing:,}): "
                f"{_few(missing, n_missing)}",
                fix=f"write one row for each id of {self._said_by}",
            )
        if not n_missing and not self._n_extra and self._first_moved is not None:
            self._problems.add(
                f"the rows are not in the order of {self._said_by}",
                line=self._first_moved,
                fix="no need where the host matches by id; sort them to be sure",
                level="warning",
            )

    def _missing(self) -> tuple[int, list[str]]:
        """Return how many names are missing, and the first of them."""
        if self._index is not None:
            index, start = self._index, self._n_in_order
            return index.n_unseen(start), list(islice(index.unseen(start), _COMPARED_AT_MOST))
        assert self._ahead is not None
        first = list(islice(self._ahead.rest(), _COMPARED_AT_MOST))
        return len(first) + sum(1 for _ in self._ahead.rest()), first

    def _report_extra(self, missing: list[str]) -> None:
        key, _ = self._extra[0]
        fix = _likely_slip(key, missing, self._said_by) or f"take the ids from {self._said_by}"
        title = f"ids that are not in {self._said_by}"
        for extra, line in self._extra:
            self._problems.add(title, repr(extra), line=line, fix=fix)
        self._problems.count(title, self._n_extra - len(self._extra))


class Ahead:
    """The names that come next, read a few at a time."""

    def __init__(self, expected: Iterable[str]) -> None:
        self._rest = iter(expected)
        self._next: list[str] = []
        self._at = 0

    def peek(self, n: int) -> list[str]:
        if len(self._next) - self._at < n:
            self._next = self._next[self._at :]
            self._at = 0
            # A few at once, also where they are asked for one by one.
            self._next += islice(self._rest, max(n, _READ_AT_ONCE) - len(self._next))
        return self._next[self._at : self._at + n]

    def drop(self, n: int) -> None:
        self._at += n

    def rest(self) -> Iterator[str]:
        """Give all that come next, each once."""
        waiting, self._next = self._next[self._at :], []
        self._at = 0
        yield from waiting
        yield from self._rest


class _Lines:
    """The line of each row, where nearly all follow one another: what is kept are the jumps."""

    def __init__(self) -> None:
        self._positions: list[int] = []
        self._shifts: list[int] = []

    def note(self, position: int, line: int) -> None:
        shift = line - position
        if not self._shifts or self._shifts[-1] != shift:
            self._positions.append(position)
            self._shifts.append(shift)

    def of(self, position: int) -> int:
        return position + self._shifts[bisect_right(self._positions, position) - 1]


def _few(missing: list[str], n: int) -> str:
    shown = some(missing[:SHOWN_AT_MOST])
    return shown if n <= SHOWN_AT_MOST else f"{shown} and {n - SHOWN_AT_MOST:,} more"


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
