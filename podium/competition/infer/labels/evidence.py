"""What speaks for a column of train as the label, beside its name and its place.

Cells of the sample submission, a table that lists the classes, and a README that marks the column:

    label_master.tsv: toukyu_id, name     README: "toukyu_id: the grade. To be predicted."
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.columns import SampleHints
from podium.competition.infer.labels.lists import LIST_SIGNS
from podium.competition.infer.readme.texts import as_in_texts, texts_beside
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import is_called, meaning_words, run_phrases
from podium.competition.phrases import (
    any_phrase,
    bounded,
    number_in,
    one_spelling,
    phrase_pattern,
    plain_signs,
    plain_text,
    words_pattern,
)
from podium.errors import plural

__all__ = ["hints_of_sample", "holder_of_words", "label_evidence", "readme_amounts"]

_AT_LEAST_ZERO = re.compile(r"(?:>=|≥|⩾) ?0(?![\d.,]*\d)|(?<![\d.,])0 ?(?:<=|≤|⩽)")
_MOST_LISTED = 1_000


def hints_of_sample(sample: SampleSubmission | None) -> SampleHints:
    """Return what a sample submission asks for: nothing without one."""
    if sample is None:
        return SampleHints()
    return SampleHints(sample.values, sample.has_fractions, sample.has_numbers)


def label_evidence(data: CompetitionData, path: str, used: Collection[str]) -> dict[str, list[str]]:
    """Return the reasons for columns of a train table to be the label.

    These are: of all columns it alone has the cells of the sample's one column of values; another
    table lists its values, each once and no other, and without a sample is called as a list of
    classes; a text beside the data marks it alone. Where it lacks a cell of the sample's column,
    there are none, but for a text where the sample has one cell in all rows.

    Args:
        path: of the train table.
        used: columns that are something else.
    """
    tables, sample = data.tables, data.sample
    table = tables[path]
    columns = [column for column in map(str, table) if column not in used]
    values = {column: frozenset(table[column]) - {""} for column in columns}
    found: dict[str, list[str]] = {column: [] for column in columns}
    against = set[str]()
    if sample is not None and len(sample.values) == 1:
        holding, _ = _holding(table, columns, sample)
        against = {column for column in columns if column not in holding}
        if len(holding) == 1:
            found[holding[0]].append(f"{holding[0]} alone has the values of {sample.path}")
    for column in columns:
        lists = [
            other
            for other in tables
            if other != path
            and (sample is None or other != sample.path)
            and _lists(tables[other], values[column])
        ]
        if lists:
            found[column].append(
                f"{lists[0]} lists the {plural(len(values[column]), 'value')} of {column}"
            )
        called = [one for one in lists if is_called(Path(one).stem, "class list", "label")]
        if called and sample is None:
            found[column].append(f"{called[0]} is called as lists of classes are")
    marked = _marked(data.folder, columns)
    if len(marked) == 1:
        ((column, reasons),) = marked.items()
        found[column] += reasons
        # The same cell in all rows may be a placeholder, where a text calls the column the label.
        is_same = sample is not None and sample.table[sample.values[0]].nunique() == 1
        against -= {column} if is_same and len(reasons) > 1 else set()
    each = found.items()
    return {column: reasons for column, reasons in each if reasons and column not in against}


def holder_of_words(
    table: pd.DataFrame, used: Collection[str], sample: SampleSubmission | None
) -> tuple[str, int]:
    """Return the one column that has the sample's values, where these are words, and how many.

    "" and 0 without one.

    Args:
        table: of train.
        used: columns that are something else.
    """
    if sample is None or len(sample.values) != 1 or sample.has_numbers:
        return "", 0
    columns = [one for one in map(str, table) if one not in used]
    holding, words = _holding(table, columns, sample)
    return (holding[0], len(words)) if len(holding) == 1 else ("", 0)


def _holding(
    table: pd.DataFrame, columns: Sequence[str], sample: SampleSubmission
) -> tuple[list[str], set[str]]:
    """Return the columns that have all cells of the sample's one column of values, and these.

    Where no column has them, cells may list answers between the same signs. One of these may stand
    for none of the others, as `new_whale`, and be no cell of train.
    """
    sent = set(sample.table[sample.values[0]]) - {""}
    values = {column: set(table[column]) for column in columns}
    found = [column for column in columns if sent and sent <= values[column]]
    if found or not sent:
        return found, sent
    known = set[str]().union(*values.values())
    for sign in LIST_SIGNS:
        listed = {part.strip() for cell in sent for part in cell.split(sign)} - {""}
        inside = listed & known
        if all(sign in cell for cell in sent) and len(listed) - 1 <= len(inside) > 1:
            found = [column for column in columns if inside <= values[column]]
            if found:
                return found, inside
    return [], set()


def _lists(table: pd.DataFrame, values: Collection[str]) -> bool:
    """Return whether a column of a table has each of the values once, and no other cell.

    Where its name is one of the values, it is the first row of a list without a header.
    """
    if not 1 < len(values) <= _MOST_LISTED or not 0 <= len(values) - len(table) <= 1:
        return False
    is_bare = len(table) < len(values)
    return any({*table[column], *([str(column)] * is_bare)} == {*values} for column in table)


def _marked(folder: DataFolder, columns: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns that are to be predicted as a text states, and its words.

    The text does in a line that begins with the column, or, for two reasons, right behind its name.
    """
    named = {as_in_texts(one): one for one in columns}
    names = "|".join(map(re.escape, sorted(named, key=len, reverse=True)))
    if not names:
        return {}
    begins = re.compile(rf"\W*(?P<name>{bounded(names)})")
    behind = re.compile(rf"(?P<name>{bounded(names)})\W*")
    target, is_label = words_pattern(meaning_words("target")), any_phrase("is the label")
    denied = [phrase_pattern(one["not"]) for one in run_phrases()]
    found: dict[str, list[str]] = {}
    for path, text in texts_beside(folder, by_line=True):
        for line in text.split("\n"):
            match = begins.match(line)
            word = None if match is None else target.search(line, match.end())
            if match is not None and word is not None:
                plain = plain_text(line[match.end() :])
                if not any(one.search(plain) for one in denied):
                    column = named[match["name"]]
                    found.setdefault(column, [f"{path} says {word[0]!r} of {column}"])
            for match in behind.finditer(line):
                if (phrase := is_label.match(plain_text(line[match.end() :]))) is not None:
                    words, column = line[match.end() :][: phrase.end()], named[match["name"]]
                    found[column] = [f"{path} says {words!r} of {column}", "and of no other column"]
    return found


def readme_amounts(folder: DataFolder) -> str:
    """Return which text in the data folder states that no number is below 0; "" without one."""
    for path, text in texts_beside(folder):
        found = _AT_LEAST_ZERO.search(text)
        if found is not None:
            return f"{path} says {found[0]!r}"
        spelt = one_spelling(text)
        for match in any_phrase("zero or more").finditer(plain_signs(spelt)):
            if match.lastgroup is None or number_in(match, "") == 0:
                return f"{path} says {spelt[match.start() : match.end()]!r}"
    return ""
