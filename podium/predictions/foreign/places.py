"""Where the rows of foreign predictions belong among ours: found by id, in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, some
from podium.predictions.foreign.ids import found_among, require_known, require_once
from podium.predictions.foreign.standing import Standing, is_same_partition, standing_of
from podium.predictions.reading import Fold

__all__ = ["OofPlaces", "Said", "TestPlaces"]

Ints = NDArray[np.int64]


class Said(Protocol):
    """A source of predictions, as far as places go: `LabelsSaid`, `MaskFolder` or `FoldMasks`."""

    @property
    def path(self) -> Path: ...
    @property
    def ids(self) -> list[str]: ...
    @property
    def folds(self) -> list[str] | None: ...
    @property
    def label(self) -> str: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def row(self) -> Any: ...


@dataclass(frozen=True)
class OofPlaces:
    """Where our training rows stand in the sources.

    Attributes:
        rows: `(n,)`, our positions that are predicted and validated, ascending.
        source: `(n,)`, the number of the source of each.
        at: `(n,)`, its row there.
        folds: `(n,)`, our fold of each.
        theirs: `(n,)`, what the sources call its fold; None: they do not say.
        standing: of their folds to ours.
        notes: what was matched or left out, for people.
    """

    rows: Ints
    source: Ints
    at: Ints
    folds: Ints
    theirs: list[str] | None
    standing: Standing
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        said: Sequence[Said],
        ours: Sequence[str],
        folds: Ints,
        *,
        has_answer: NDArray[np.bool_],
        groups: Sequence[Sequence[Any]],
        table: tuple[Path, list[str], list[str]] | None,
        knows_the_past_only: bool,
    ) -> OofPlaces:
        """Return the places of the rows that `said` has.

        Args:
            said: the sources; several are the words of one fold model each.
            ours: `(N,)`, ids of the training rows.
            folds: `(N,)`, our folds, -1 for rows that are never validated.
            has_answer: `(N,)`, whether a row has what is scored.
            groups: lists of `(N,)` keys whose rows must not be torn apart.
            table: a file, and its ids and folds: by which the sources were made.
            knows_the_past_only: False where our folds are of time and theirs may not be.

        Raises:
            DataError: naming file and row: ids that are blank, doubled or not ours; a row with an
                answer is missing in a fold that is there; the folds are said in two ways.
        """
        source, at, notes = _places(said, ours, "train")
        missing = (source < 0) & has_answer
        has_rows = np.unique(folds[source >= 0])
        lost = np.flatnonzero(missing & np.isin(folds, has_rows) & (folds >= 0))
        if lost.size:
            raise DataError(
                f"{lost.size} training rows of folds that are there have no prediction: "
                f"{some([ours[int(i)] for i in lost])}",
                where=said[0].path,
                fix="predict every row of a fold, or leave the fold out whole",
            )
        rows = np.flatnonzero((source >= 0) & (folds >= 0))
        if not rows.size:
            raise DataError("no row is of a fold of folds.csv", where=said[0].path)
        n_never = int(((source >= 0) & (folds < 0)).sum())
        if n_never:
            notes = (*notes, f"{n_never} rows that folds.csv never validates are left out")
        if len(has_rows[has_rows >= 0]) < len(np.unique(folds[folds >= 0])):
            there = ", ".join(str(one) for one in has_rows if one >= 0)
            notes = (*notes, f"out-of-fold rows of folds {there} only")
        theirs = _their_folds(said, source[rows], at[rows])
        if table is not None:
            found, how = _of_table(table, [ours[int(i)] for i in rows])
            notes = (*notes, *how)
            if theirs is not None and not _same(theirs, found):
                raise DataError(
                    "these folds are not those that the predictions themselves say",
                    where=table[0],
                    fix="leave --folds-file out, or give the one that they were made with",
                )
            theirs = found
        standing = standing_of(
            folds[rows],
            theirs,
            [[keys[int(i)] for i in rows] for keys in groups],
            knows_the_past_only=knows_the_past_only,
        )
        return cls(rows, source[rows], at[rows], folds[rows], theirs, standing, notes)

    @property
    def fold_numbers(self) -> list[int]:
        """Our folds of which there are rows."""
        return [int(one) for one in np.unique(self.folds)]

    def our_fold(self, label: str) -> int | None:
        """Return which of our folds they call `label`; None: none, or it is not known."""
        if self.standing != "ours" or self.theirs is None:
            return None
        mine = {
            fold for fold, other in zip(self.folds.tolist(), self.theirs, strict=True)
            if other == label
        }  # fmt: skip
        return mine.pop() if len(mine) == 1 else None


@dataclass(frozen=True)
class TestPlaces:
    """Where our test rows stand in each source: all of them in each.

    Attributes:
        at: for each source `(N,)`, the row of each of our test rows.
        folds: the fold under which each source is kept; "full" for one that is no fold's.
        notes: what was matched otherwise than as it stands.
    """

    at: list[Ints]
    folds: list[Fold]
    notes: tuple[str, ...]

    __test__ = False  # no test, though pytest would take its name for one

    @classmethod
    def of(cls, said: Sequence[Said], ours: Sequence[str], oof: OofPlaces | None) -> TestPlaces:
        """Return the places of all of `ours`, `(N,)`.

        Args:
            said: the sources: one, or one a fold model.
            ours: ids of the test rows.
            oof: places of the training rows, whose folds say which is whose model.

        Raises:
            DataError: ids are blank, doubled, not ours, or missing.
        """
        each: list[Ints] = []
        notes: dict[str, None] = {}
        for one in said:
            source, at, how = _places([one], ours, "test")
            lost = np.flatnonzero(source < 0)
            if lost.size:
                raise DataError(
                    f"{lost.size} test rows have no prediction: "
                    f"{some([ours[int(i)] for i in lost])}",
                    where=one.path,
                    fix="predict every test row",
                )
            each.append(at)
            notes.update(dict.fromkeys(how))
        return cls(each, _fold_names(said, oof), tuple(notes))


def _fold_names(said: Sequence[Said], oof: OofPlaces | None) -> list[Fold]:
    if len(said) == 1 and (oof is None or oof.our_fold(said[0].label) is None):
        return ["full"]
    known = [None if oof is None else oof.our_fold(one.label) for one in said]
    numbers = [one for one in known if one is not None]
    if len(set(numbers)) == len(said):
        return list(numbers)
    return list(range(len(said)))


def _places(
    said: Sequence[Said], ours: Sequence[str], part: str
) -> tuple[Ints, Ints, tuple[str, ...]]:
    """Return of each of `ours` the source and the row there, -1 where there is none; and notes."""
    source = np.full(len(ours), -1, dtype=np.int64)
    at = np.full(len(ours), -1, dtype=np.int64)
    notes: dict[str, None] = {}
    for number, one in enumerate(said):
        require_once(one.ids, one.row, one.path)
        found = found_among(one.ids, ours)
        require_known(found, one.ids, ours, one.row, where=one.path, part=part)
        notes.update(dict.fromkeys(one.notes))
        if found.how:
            notes[f"ids of {one.path.name} are matched {found.how}"] = None
        again = np.flatnonzero(source[found.at] >= 0)
        if again.size:
            i = int(again[0])
            other = said[int(source[found.at[i]])].path
            raise DataError(
                f"{one.ids[i]!r} ({one.row(i)}) is in {other}, too ({again.size} such rows)",
                where=one.path,
                fix="several files are one a fold: name each row in one of them; average seeds "
                "first",
            )
        source[found.at] = number
        at[found.at] = np.arange(len(one.ids))
    return source, at, tuple(notes)


def _their_folds(said: Sequence[Said], source: Ints, at: Ints) -> list[str] | None:
    """Return what the sources call the fold of each row; None where one of them does not say."""
    if len(said) == 1 and said[0].folds is None and not said[0].label:
        return None
    named = [one.folds for one in said]
    if any(one is not None for one in named) and any(one is None for one in named):
        return None
    found = []
    for number, row in zip(source.tolist(), at.tolist(), strict=True):
        folds = named[number]
        found.append(said[number].label if folds is None else folds[row])
    return found


def _of_table(
    table: tuple[Path, list[str], list[str]], wanted: Sequence[str]
) -> tuple[list[str], tuple[str, ...]]:
    """Return the folds of `wanted` in a table that may have further rows."""
    path, ids, folds = table
    require_once(ids, lambda i: f"row {i + 2}", path)
    found = found_among(wanted, ids)
    lost = np.flatnonzero(found.at < 0)
    if lost.size:
        raise DataError(
            f"{lost.size} predicted rows have no fold: {some([wanted[int(i)] for i in lost])}",
            where=path,
            fix="give the folds that the predictions were made with",
        )
    how = (f"ids of {path.name} are matched {found.how}",) if found.how else ()
    return [folds[int(i)] for i in found.at], how


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    numbers = {name: i for i, name in enumerate(dict.fromkeys(one))}
    return is_same_partition(np.array([numbers[name] for name in one]), other)
