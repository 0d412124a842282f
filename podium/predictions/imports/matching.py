"""Imported rows matched with ours by id, in whatever order they come.

Ids are compared as they are written, then without folders, then without file endings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.competition.ids.patterns import without_zeros
from podium.competition.spelling import composed
from podium.errors import DataError, plural, some
from podium.predictions.imports.oof_status import OofStatus, is_same_partition, oof_status_of
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import Fold

__all__ = [
    "ImportSource",
    "OofMatch",
    "TestMatch",
    "match_ids",
    "require_known",
    "require_one_a_row",
    "require_unique",
]


Ints = NDArray[np.int64]


class ImportSource(Protocol):
    """A source of predictions, by position: `ImportedLabels`, `MaskFolder` or `FoldMasks`."""

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
class OofMatch:
    """The rows of the sources that are our training rows, and how their folds stand to ours.

    Attributes:
        rows: `(n,)`, our positions that are predicted and validated, ascending.
        source: `(n,)`, the number of the source of each.
        at: `(n,)`, its row there.
        folds: `(n,)`, our fold of each.
        theirs: `(n,)`, what the sources call its fold; None: they name none.
        oof_status: of their folds to ours.
        notes: what was matched or left out, for people.
    """

    rows: Ints
    source: Ints
    at: Ints
    folds: Ints
    theirs: list[str] | None
    oof_status: OofStatus
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        sources: Sequence[ImportSource],
        ours: Sequence[str],
        folds: Ints,
        *,
        has_answer: NDArray[np.bool_],
        groups: Sequence[Sequence[Any]],
        table: tuple[Path, list[str], list[str]] | None,
        knows_the_past_only: bool,
    ) -> OofMatch:
        """Return the places of the rows in `sources`.

        Args:
            sources: the sources; of several each holds the predictions of one fold model.
            ours: `(N,)`, ids of the training rows.
            folds: `(N,)`, our folds, -1 for rows that are never validated.
            has_answer: `(N,)`, whether a row has what is scored.
            groups: lists of `(N,)` keys whose rows must not be torn apart.
            table: a file, and its ids and folds: by which the sources were made.
            knows_the_past_only: False where our folds are of time and theirs may not be.

        Raises:
            DataError: naming file and row: ids that are blank, doubled or not ours; a row with an
                answer is missing in a fold that is there; the folds are given in two ways.
        """
        source, at, notes = _match_sources(sources, ours, "train")
        missing = (source < 0) & has_answer
        has_rows = np.unique(folds[source >= 0])
        lost = np.flatnonzero(missing & np.isin(folds, has_rows) & (folds >= 0))
        if lost.size:
            raise DataError(
                f"{lost.size} training rows of folds that are there have no prediction: "
                f"{some([ours[int(i)] for i in lost])}",
                where=sources[0].path,
                fix="predict every row of a fold, or leave the fold out whole",
            )
        rows = np.flatnonzero((source >= 0) & (folds >= 0))
        if not rows.size:
            raise DataError("no row is of a fold of folds.csv", where=sources[0].path)
        n_never = int(((source >= 0) & (folds < 0)).sum())
        if n_never:
            notes = (
                *notes,
                f"{plural(n_never, 'row')} that folds.csv never validates are left out",
            )
        if len(has_rows[has_rows >= 0]) < len(np.unique(folds[folds >= 0])):
            there = ", ".join(str(one) for one in has_rows if one >= 0)
            notes = (*notes, f"out-of-fold rows of folds {there} only")
        theirs = _their_folds(sources, source[rows], at[rows])
        if table is not None:
            found, how = _folds_in_table(table, [ours[int(i)] for i in rows])
            notes = (*notes, *how)
            if theirs is not None and not _are_same_partition(theirs, found):
                raise DataError(
                    "these folds are not those that the predictions themselves name",
                    where=table[0],
                    fix="leave --folds-file out, or give the one that they were made with",
                )
            theirs = found
        oof_status = oof_status_of(
            folds[rows],
            theirs,
            [[keys[int(i)] for i in rows] for keys in groups],
            knows_the_past_only=knows_the_past_only,
        )
        return cls(rows, source[rows], at[rows], folds[rows], theirs, oof_status, notes)

    @property
    def fold_numbers(self) -> list[int]:
        """Our folds of which there are rows."""
        return [int(one) for one in np.unique(self.folds)]

    def our_fold(self, label: str) -> int | None:
        """Return our fold that the sources call `label`; None where there is none, or several."""
        if self.oof_status != "ours" or self.theirs is None:
            return None
        mine = {
            fold for fold, other in zip(self.folds.tolist(), self.theirs, strict=True)
            if other == label
        }  # fmt: skip
        return mine.pop() if len(mine) == 1 else None


@dataclass(frozen=True)
class TestMatch:
    """The rows of each source that are our test rows: all of them in each.

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
    def of(
        cls, sources: Sequence[ImportSource], ours: Sequence[str], oof: OofMatch | None
    ) -> TestMatch:
        """Return the places of all of `ours`, `(N,)`.

        Args:
            sources: the sources: one, or one a fold model.
            ours: ids of the test rows.
            oof: places of the training rows, whose folds show which model is of which fold.

        Raises:
            DataError: ids are blank, doubled, not ours, or missing.
        """
        each: list[Ints] = []
        notes: dict[str, None] = {}
        for one in sources:
            source, at, how = _match_sources([one], ours, "test")
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
        return cls(each, _fold_names(sources, oof), tuple(notes))


def _fold_names(sources: Sequence[ImportSource], oof: OofMatch | None) -> list[Fold]:
    if len(sources) == 1 and (oof is None or oof.our_fold(sources[0].label) is None):
        return ["full"]
    fold_of_source = [None if oof is None else oof.our_fold(one.label) for one in sources]
    numbers = [one for one in fold_of_source if one is not None]
    if len(set(numbers)) == len(sources):
        return list(numbers)
    return list(range(len(sources)))


def _match_sources(
    sources: Sequence[ImportSource], ours: Sequence[str], part: str
) -> tuple[Ints, Ints, tuple[str, ...]]:
    """Return of each of `ours` the source and the row there, -1 where there is none; and notes."""
    source = np.full(len(ours), -1, dtype=np.int64)
    at = np.full(len(ours), -1, dtype=np.int64)
    notes: dict[str, None] = {}
    for number, one in enumerate(sources):
        require_unique(one.ids, one.row, one.path)
        found = match_ids(one.ids, ours)
        require_known(found, one.ids, ours, one.row, where=one.path, part=part)
        notes.update(dict.fromkeys(one.notes))
        if found.how:
            notes[f"ids of {one.path.name} are matched {found.how}"] = None
        again = np.flatnonzero(source[found.at] >= 0)
        if again.size:
            i = int(again[0])
            other = sources[int(source[found.at[i]])].path
            raise DataError(
                f"{one.ids[i]!r} ({one.row(i)}) is in {other}, too ({again.size} such rows)",
                where=one.path,
                fix="several files are one a fold: name each row in one of them; average seeds "
                "first",
            )
        source[found.at] = number
        at[found.at] = np.arange(len(one.ids))
    return source, at, tuple(notes)


def _their_folds(sources: Sequence[ImportSource], source: Ints, at: Ints) -> list[str] | None:
    """Return what the sources call the fold of each row; None where one of them names none."""
    if len(sources) == 1 and sources[0].folds is None and not sources[0].label:
        return None
    named = [one.folds for one in sources]
    if any(one is not None for one in named) and any(one is None for one in named):
        return None
    found = []
    for number, row in zip(source.tolist(), at.tolist(), strict=True):
        folds = named[number]
        found.append(sources[number].label if folds is None else folds[row])
    return found


def _folds_in_table(
    table: tuple[Path, list[str], list[str]], expected: Sequence[str]
) -> tuple[list[str], tuple[str, ...]]:
    """Return the folds of `expected` in a table that may have further rows."""
    path, ids, folds = table
    require_unique(ids, lambda i: f"row {i + 2}", path)
    found = match_ids(expected, ids)
    lost = np.flatnonzero(found.at < 0)
    if lost.size:
        raise DataError(
            f"{lost.size} predicted rows have no fold: {some([expected[int(i)] for i in lost])}",
            where=path,
            fix="give the folds that the predictions were made with",
        )
    how = (f"ids of {path.name} are matched {found.how}",) if found.how else ()
    return [folds[int(i)] for i in found.at], how


def _are_same_partition(one: Sequence[str], other: Sequence[str]) -> bool:
    numbers = {name: i for i, name in enumerate(dict.fromkeys(one))}
    return is_same_partition(np.array([numbers[name] for name in one]), other)


_ENDING = re.compile(
    r"\.(png|jpe?g|jp2|tiff?|bmp|webp|gif|dcm|dicom|npy|npz|nii|nii\.gz)$", re.IGNORECASE
)

Row = Callable[[int], str]
"""The place of a row as text, from its number: "row 7"."""


@dataclass(frozen=True)
class IdMatch:
    """The places of ids among ours.

    Attributes:
        at: `(n,)`, -1 for those that we do not have.
        how: in words, where they were matched otherwise than as they stand; else "".
    """

    at: NDArray[np.int64]
    how: str = ""


def bare_id(one: str) -> str:
    """Return an id without folders and without the ending of an image or array file.

    Example:
        >>> bare_id("train/img_1.5.PNG")
        'img_1.5'
    """
    return _ENDING.sub("", _last(one))


def _last(one: str) -> str:
    return one.replace("\\", "/").rpartition("/")[2]


def _without_ending(one: str) -> str:
    return _ENDING.sub("", one)


_ID_FORMS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("", str),
    ("without their file endings", _without_ending),
    ("without their folders", _last),
    ("without folders and file endings", bare_id),
    ("with accents composed as Unicode's form NFC has them", composed),
)


def match_ids(theirs: Sequence[str], ours: Sequence[str]) -> IdMatch:
    """Return where each of `theirs` stands in `ours`.

    All of them are read in one form: as they stand where that finds them all, else without file
    endings, folders or both, where that finds more and confuses no two of either side.
    """
    best = IdMatch(np.full(len(theirs), -1, dtype=np.int64))
    n_best = 0
    for how, form in _ID_FORMS:
        sources, known = [form(one) for one in theirs], [form(one) for one in ours]
        if how and (_merges(theirs, sources) or _merges(ours, known)):
            continue
        at = positions(known, sources)
        n_found = int((at >= 0).sum())
        if n_found > n_best:
            best, n_best = IdMatch(at, how), n_found
        if n_found == len(theirs):
            break
    return best


def _merges(ids: Sequence[str], forms: Sequence[str]) -> bool:
    return len(set(forms)) < len(set(ids))


def require_unique(ids: Sequence[str], row: Row, where: object) -> None:
    """Raise DataError where an id is blank or stands twice, with the rows."""
    blank = [row(i) for i, one in enumerate(ids) if one == ""]
    if blank:
        raise DataError(f"there is no id in {_format_rows(blank)}", where=where)
    repeated = [one for one, n in Counter(ids).items() if n > 1]
    if repeated:
        first = repeated[0]
        rows = [row(i) for i, one in enumerate(ids) if one == first]
        raise DataError(
            f"ids stand twice: {some(repeated)} ({first!r} in {_format_rows(rows)})",
            where=where,
            fix="keep one row an id; if folds or seeds each predict a row, take their mean first, "
            "or give a file a fold",
        )


def require_one_a_row(ids: Sequence[str], n_most: int, row: Row, where: object) -> None:
    """Raise DataError where there are more rows than samples, with the rows of an id twice."""
    if len(ids) > n_most:
        require_unique(ids, row, where)
        raise DataError(
            f"there are more rows than samples ({n_most:,})",
            where=where,
            fix="keep one row an id, and no rows of other data; a file a fold is named beside the "
            "others",
        )


def require_known(
    found: IdMatch, ids: Sequence[str], ours: Sequence[str], row: Row, *, where: object, part: str
) -> None:
    """Raise DataError where an id is none of ours, or two are the same one."""
    lost = np.flatnonzero(found.at < 0)
    if lost.size:
        named = [ids[int(i)] for i in lost]
        raise DataError(
            f"{len(lost)} of {plural(len(ids), 'id')} {'is' if len(lost) == 1 else 'are'} not in "
            f"the {part} data: "
            f"{some(named)} (the first in "
            f"{row(int(lost[0]))})",
            where=where,
            fix=f"write the ids of competition.yaml, which look like {some(ours[:2])}"
            + _zeros(named[0], ours)
            + "; leave rows of other images out",
        )
    numbers, counts = np.unique(found.at, return_counts=True)
    if (counts > 1).any():
        one = int(numbers[counts > 1][0])
        rows = [row(int(i)) for i in np.flatnonzero(found.at == one)]
        raise DataError(
            f"{ours[one]!r} is in {_format_rows(rows)}", where=where, fix="keep one of them"
        )


def _format_rows(rows: Sequence[str]) -> str:
    return " and ".join(rows[:3]) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")


def _zeros(one: str, ours: Sequence[str]) -> str:
    """Return the advice for ids that lost their leading zeros in a table of numbers."""
    if one.isdigit() and any(mine != one and without_zeros(mine) == one for mine in ours):
        return " (read them as text, or the leading zeros are lost)"
    return ""
