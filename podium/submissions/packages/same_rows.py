"""Two files of submissions, row by row: of a test set, and of the same several times over."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from podium.submissions.format import Format
from podium.submissions.row_owners import owner_pattern

__all__ = ["CLOSE", "Sameness", "compare_rows"]

CLOSE = 1e-5
"""Up to here numbers are the same: sums of float32 in another order differ in the last bits."""
_NAMED_AT_MOST = 1000
Key = tuple[str, ...]


@dataclass(frozen=True)
class Sameness:
    """How the rows of the larger file compare with those of the smaller one.

    Attributes:
        n_rows: of the larger file.
        n_exact: that are the same text.
        n_close: that differ in numbers, by `CLOSE` at most.
        worst: the largest difference of those.
        different: ids of the rows that differ by more or are of nothing in the smaller file, the
            first thousand.
        n_different: how many these are.
        missing: rows of the smaller file that have nothing in the larger one.
    """

    n_rows: int
    n_exact: int
    n_close: int
    worst: float
    different: tuple[str, ...]
    n_different: int
    missing: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return not self.n_different and not self.missing


def compare_rows(
    larger: Path, smaller: Path, form: Format, originals: Mapping[str, str]
) -> Sameness:
    """Return how the rows of `larger` compare with those of their originals in `smaller`.

    Args:
        larger: a file in the format `form`.
        smaller: another.
        form: of both.
        originals: name of a copy → name of its original; a name that is not here is its own.
    """
    position = list(form.columns.values()).index("id")
    said: dict[Key, list[list[str]]] = {}
    for key, rest in _rows(smaller, form):
        said.setdefault(key, []).append(rest)
    owner = owner_pattern(form)
    at = form.key_columns.index(position)
    found: dict[Key, list[list[str]]] = {}
    for key, rest in _rows(larger, form):
        found.setdefault(key, []).append(rest)
    n_exact = n_close = n_rows = n_different = 0
    worst, seen = 0.0, set()
    different: list[str] = []
    for key, rows in found.items():
        mine = owner(key[at], originals)
        old = key if mine is None else _replaced(key, at, mine.renamed(originals[mine.name]))
        seen.add(key)
        n_rows += len(rows)
        others = said.get(old)
        gap = _gap(rows, others)
        if rows == others:
            n_exact += len(rows)
        elif gap <= CLOSE:
            n_close += len(rows)
            worst = max(worst, gap)
        else:
            n_different += len(rows)
            if len(different) < _NAMED_AT_MOST:
                different.append(" / ".join(key))
    missing = tuple(" / ".join(key) for key in said if key not in seen)
    return Sameness(n_rows, n_exact, n_close, worst, tuple(different), n_different, missing)


def _rows(path: Path, form: Format) -> Iterator[tuple[Key, list[str]]]:
    keys = form.key_columns
    with path.open(newline="", encoding="utf-8") as stream:
        lines = csv.reader(stream)
        next(lines, None)
        for row in lines:
            if row:
                key = tuple(row[i] for i in keys)
                yield key, [cell for i, cell in enumerate(row) if i not in keys]


def _replaced(key: Key, at: int, cell: str) -> Key:
    return (*key[:at], cell, *key[at + 1 :])


def _gap(rows: list[list[str]], others: list[list[str]] | None) -> float:
    """Return the largest difference of the cells' numbers; infinite where they are other text."""
    if others is None or len(rows) != len(others):
        return math.inf
    worst = 0.0
    for row, other in zip(rows, others, strict=True):
        for cell, told in zip(row, other, strict=True):
            if cell != told:
                worst = max(worst, _difference(cell, told))
    return worst


def _difference(cell: str, told: str) -> float:
    try:
        gap = abs(float(cell) - float(told))
    except ValueError:
        return math.inf
    return math.inf if math.isnan(gap) else gap  # nan is greater than nothing, and so would pass
