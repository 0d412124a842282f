"""Codes of train that a legend replaces by others, or has as ended, while none of them is sent.

photo,code                 code,name,until,replaced_by               photo,code
p1,13           and        11,brood,,                           →    p1,11
p1,22                      13,drone brood,2021,11                    p1,22
p2,90                      22,pollen,,
                           90,blurred,2021,
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, is_test_table
from podium.competition.infer.image_tables import match_if_of_train
from podium.competition.infer.labels.lists import SEPARATORS, separator_between, split_cells
from podium.competition.infer.labels.negatives import is_called_none
from podium.competition.infer.readme.texts import sentences_beside
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import is_called
from podium.competition.phrases import plain_text
from podium.competition.spelling import name_words
from podium.errors import plural, some

__all__ = ["CurrentCodes", "with_current_codes"]

_FEWEST_CODES = 2


@dataclass(frozen=True)
class CurrentCodes:
    """A table of train with the current codes of a legend.

    Attributes:
        path: of the table that it stands for.
        legend: the path of the legend.
        made: the table.
        note: on codes that may have ended, which nothing tells; "" without.
    """

    path: str
    legend: str
    made: MadeTable
    note: str


@dataclass(frozen=True)
class _Legend:
    """Codes of a table by which other codes of train are replaced.

    Attributes:
        path: of the table.
        table: with a row a code.
        key, successor: its columns of codes, and of those that replace them.
        replaced: each code that has a successor, and the last one.
    """

    path: str
    table: pd.DataFrame
    key: str
    successor: str
    replaced: Mapping[str, str]


def with_current_codes(data: CompetitionData) -> CurrentCodes | None:
    """Return a table of train with the current codes of a legend for older ones, or None.

    The legend has a row for each code of train. A column that is called as what replaces a code is
    blank for those that are current; the sample submission has some of these and none of the
    others. A code without a successor is left out where the legend or a text tells that it ended:
    by a word, or as a column is filled for all replaced codes and blank for all that are sent.
    """
    sent = _codes_sent(data.sample)
    legends = [*_legends(data, sent)] if sent else []
    for path, table in data.tables.items() if legends else ():
        match = match_if_of_train(data.folder, path, table)
        if match is None or match.several:
            continue
        for column in (str(one) for one in table if one != match.id):
            for legend in legends:
                sep = _separator({*table[column]}, {*legend.table[legend.key]})
                if legend.path == path or sep is None:
                    continue
                codes = {*_codes_of(table[column], sep)}
                if len(codes) >= _FEWEST_CODES and codes & {*legend.replaced}:
                    ended, open_ = _ended(data.folder, legend, codes, sent)
                    made = _mapped(path, table, match.id, column, sep, legend, ended)
                    note = ""
                    if open_:
                        has = "has" if len(open_) == 1 else "have"
                        note = (
                            f"{some(open_)} of {column} in {path} {has} no successor in "
                            f"{legend.path}, and the sample submission has all other codes: a "
                            "class, as nothing tells that it ended"
                        )
                    return CurrentCodes(path, legend.path, made, note)
    return None


def _codes_sent(sample: SampleSubmission | None) -> frozenset[str]:
    """Return what a sample asks for: its columns, or the parts of the cells of its one column."""
    if sample is None:
        return frozenset()
    if len(sample.values) > 1:
        return frozenset(sample.values)
    cells = {*sample.table[sample.values[0]]}
    split = re.compile(f"[{re.escape(''.join(SEPARATORS))}]+")
    return frozenset(part for cell in cells for part in split.split(cell) if part) | (cells - {""})


def _legends(data: CompetitionData, sent: Collection[str]) -> Iterator[_Legend]:
    """Yield each legend that replaces codes, of which none is sent, by others, and some are."""
    for path, table in data.tables.items():
        if is_test_table(path):
            continue
        for successor in map(str, table):
            if not is_called(successor, "successor"):
                continue
            is_old = table[successor].ne("")
            for key in (str(one) for one in table if one != successor):
                keys = {*table[key]}
                if not table[key].is_unique or "" in keys or not keys & {*sent}:
                    continue
                pairs = dict(zip(table.loc[is_old, key], table.loc[is_old, successor], strict=True))
                last = {one: _last(one, pairs) for one in pairs}
                is_known = bool(last) and {*last.values()} <= keys - {*pairs}
                if is_known and not {*pairs} & {*sent}:
                    yield _Legend(path, table, key, successor, last)


def _last(code: str, successors: Mapping[str, str]) -> str:
    """Return the code that replaces another one in the end; one of a circle is replaced itself."""
    for _ in successors:
        code = successors.get(code, code)
    return code


def _separator(cells: Collection[str], codes: Collection[str]) -> str | None:
    """Return the sign between the codes of a cell, "" where each is one; None: they are others."""
    of_some = [one for one in cells if not _is_for_none(one, codes)]
    return "" if {*_codes_of(of_some, "")} <= {*codes} else separator_between(of_some, codes)


def _is_for_none(cell: str, codes: Collection[str]) -> bool:
    """Return whether a cell tells that there is no code."""
    return cell not in codes and is_called_none(cell)


def _codes_of(cells: Collection[str] | pd.Series[str], sep: str) -> list[str]:
    if sep:
        return [code for row in split_cells(cells, sep) for code in row]
    return [one.strip() for one in cells if one.strip()]


def _ended(
    folder: DataFolder, legend: _Legend, codes: Collection[str], sent: Collection[str]
) -> tuple[dict[str, str], list[str]]:
    """Return the codes without a successor that ended, and why; and those that may have ended.

    Of these there is one alone, where all other current codes are sent.
    """
    rows = legend.table.set_index(legend.key)
    current = {*legend.replaced, *sent}
    rest = [one for one in rows.index if one in codes and one not in current]
    old = list(legend.replaced)
    known = [one for one in rows.index if one in sent]
    ends = [
        name
        for name in map(str, rows)
        if name != legend.successor
        and rows.loc[old, name].ne("").all()
        and rows.loc[known, name].eq("").all()
    ]
    # A column that is filled in every row has names, of which a word may be any.
    remarks = [name for name in map(str, rows) if rows.loc[known, name].eq("").any()]
    found = dict[str, str]()
    for one in rest:
        by_cell = [name for name in ends if rows.loc[one, name]]
        cells = map(str, rows.loc[one, remarks])
        by_word = [cell for cell in cells if is_called(cell, "ended")]
        if by_word:
            found[one] = f"{legend.path} says {by_word[0]!r}"
        elif by_cell:
            found[one] = f"{legend.path} has {rows.loc[one, by_cell[0]]!r} as its {by_cell[0]}"
        elif told := _readme_ended(folder, legend, one):
            found[one] = told
    left = [one for one in rest if one not in found]
    is_all_others = {*rows.index} - {*legend.replaced, *found, *left} <= {*sent}
    return found, left if is_all_others and len(left) == 1 else []


def _readme_ended(folder: DataFolder, legend: _Legend, code: str) -> str:
    """Return which text tells of one code alone that it ended, and its sentence; "" for none."""
    names = "|".join(map(re.escape, name_words(legend.key)))
    called = re.compile(rf"(?<!\w)(?:{names})s?\W{{0,3}}{re.escape(plain_text(code))}(?!\w)")
    others = {*map(plain_text, legend.table[legend.key])} - {plain_text(code)}
    for path, sentence in sentences_beside(folder):
        plain = plain_text(sentence)
        words = {*re.findall(r"\w+", plain)}
        if called.search(plain) and not words & others:
            is_ended = any(is_called(one, "ended") for one in words)
            if is_ended and not any(is_called(one, "negation") for one in words):
                return f"{path} says {' '.join(sentence.split())!r}"
    return ""


def _mapped(
    path: str,
    table: pd.DataFrame,
    image: str,
    column: str,
    sep: str,
    legend: _Legend,
    ended: Mapping[str, str],
) -> MadeTable:
    """Return a table with current codes, each once in an image."""
    keys = {*legend.table[legend.key]}
    nothing = {one for one in table[column] if _is_for_none(one, keys)}
    none, cells = nothing.pop() if len(nothing) == 1 else "", list[str]()
    for cell in table[column]:
        codes = [one for one in _codes_of([cell], sep) if one not in ended]
        current = sep.join(dict.fromkeys(legend.replaced.get(one, one) for one in codes))
        cells.append(current or (none if sep else ""))
    made = table.assign(**{column: cells})
    is_again = made.duplicated([image, column]) & ~table.duplicated([image, column])
    is_gone = made[column].eq("") & table[column].ne("")
    # An image that has no code left keeps its row where a cell lists all that it has.
    gone = is_again | is_gone if not sep else is_again & False
    own = {*_codes_of(table[column], sep)}
    used = {old: new for old, new in legend.replaced.items() if old in own}
    told = f"{path} with {', '.join(f'{new} for {old}' for old, new in used.items())} in {column}"
    told += f", as {legend.successor} of {legend.path} has them"
    told += (
        f", without {', '.join(f'{one} ({why})' for one, why in ended.items())}" if ended else ""
    )
    told += f": {plural(int(gone.sum()), 'row')} less" if gone.any() else ""
    rows = made[~gone].reset_index(drop=True).astype(object)
    return MadeTable((path, legend.path), told, rows)
