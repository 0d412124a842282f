"""Negative codes beside those of classes: -1 among 0 to 5, of which a table names 0 to 5.

labels: image, label_id     legend: label_id, name     README: "Do not use images with label_id -1."
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import match_if_of_train
from podium.competition.infer.labels.cells import known_cells, numbers_of
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.texts import FULL_STOP, texts_as_written
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.sources import Sources
from podium.competition.phrases import any_phrase, plain_text
from podium.errors import plural, some

__all__ = ["with_codes_in_question", "without_codes_of_no_class"]

_WRAPPED = re.compile(r"(?<!\n)\n(?!\s*\n|\s*[-*+•#|]\s)")
"""The end of a line that goes on in the next one."""


def without_codes_of_no_class(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    sample: SampleSubmission | None,
    tables: Mapping[str, pd.DataFrame],
) -> MadeTable | None:
    """Return a table of train without the negative codes that a legend does not name, or None.

    A legend is another table that names all codes from 0, or 1, of a column, and no negative one.
    Where a text states that the code is to be left out, its rows are; else its cells are blank.

    Args:
        sample: the sample submission; what it has is a class.
    """
    match = match_if_of_train(folder, path, table)
    if match is None:
        return None
    made, told, sources = table, list[str](), [path]
    for column in map(str, table.columns):
        codes = [] if column == match.id else _negative_codes(table[column], sample)
        legend = _legend_of(column, table, codes, tables, path) if codes else ""
        if not legend:
            continue
        sources.append(legend)
        has_code = pd.to_numeric(table[column], errors="coerce").isin(codes)
        why = f"{column} {some(list(map(str, codes)), 3)}, which {legend} does not name"
        if text := _text_that_leaves_out(folder, codes):
            made = made[~has_code.loc[made.index]]
            told.append(f"{plural(int(has_code.sum()), 'row')} with {why}, as {text}")
        else:
            made = made.assign(**{column: made[column].mask(has_code, "")})
            told.append(f"{plural(int(has_code.sum()), 'cell')} with {why}")
    if not told:
        return None
    reader = f"{path} without {'; '.join(told)}"
    return MadeTable(tuple(dict.fromkeys(sources)), reader, made.reset_index(drop=True))


def with_codes_in_question(sources: Sources, train: TrainPart) -> tuple[Sources, TrainPart]:
    """Return train with its rows without negative codes as another table that a person may choose.

    So it is where nothing tells whether the code, beside several from 0 or 1 on, is a class; -1
    beside 0 and 1 alone may be a grade of a scale with two sides.
    """
    match, labels = train.match, train.labels
    if match is None or match.join is not None or labels is None or not labels.classes:
        return sources, train
    column = labels.column
    if not isinstance(column, str) or labels.separator is not None or column not in match.table:
        return sources, train
    codes = _negative_codes(match.table[column], sources.sample)
    known = _whole_numbers(match.table[column])
    if not codes or {-one for one in codes} == {one for one in known if one > 0}:
        return sources, train
    has_code = pd.to_numeric(match.table[column], errors="coerce").isin(codes)
    shown = some(list(map(str, codes)), 3)
    reader = f"the rows of {match.path} without those with {column} {shown}"
    made = MadeTable((match.path,), reader, match.table[~has_code].reset_index(drop=True))
    sources, path = sources.written(f"{Path(match.path).stem}_without_negative_codes.csv", made)
    why = (
        f"nothing tells whether {column} {shown}, which {plural(int(has_code.sum()), 'row')} of "
        f"{match.path} has, is a class as those from {min(known - {*codes})} on: where it is none, "
        "choose this table, and take it out of classes"
    )
    return sources, replace(train, other_tables=(*train.other_tables, (path, why)))


def _negative_codes(cells: pd.Series[str], sample: SampleSubmission | None) -> list[int]:
    """Return the negative numbers of a column whose others are all whole ones from 0 or 1 on."""
    known = _whole_numbers(cells)
    codes = sorted(one for one in known if one < 0)
    rest = sorted(known - {*codes})
    if not codes or len(rest) < 2 or rest != list(range(rest[0], rest[0] + len(rest))):
        return []
    if rest[0] > 1:
        return []
    sent = [] if sample is None else [sample.table[one] for one in sample.values]
    are_sent = any(one.nunique() > 1 and _whole_numbers(one) & {*codes} for one in sent)
    return [] if are_sent else codes


def _whole_numbers(cells: pd.Series[str]) -> set[int]:
    """Return the values of a column of whole numbers; none where one is none."""
    numbers = numbers_of(cells) if len(known_cells(cells)) else None
    if numbers is None or bool((numbers % 1 != 0).any()):
        return set()
    return {int(one) for one in numbers.unique()}


def _legend_of(
    column: str,
    table: pd.DataFrame,
    codes: list[int],
    tables: Mapping[str, pd.DataFrame],
    path: str,
) -> str:
    """Return the table that names the other codes of a column, each once; "" without one."""
    classes = _whole_numbers(table[column]) - {*codes}
    for other, one in tables.items():
        for key in map(str, one.columns) if other != path and len(one.columns) > 1 else ():
            named = _whole_numbers(one[key]) if one[key].is_unique else set[int]()
            is_same = named == classes or (key == column and classes <= named)
            if is_same and not named & {*codes}:
                return other
    return ""


def _text_that_leaves_out(folder: DataFolder, codes: list[int]) -> str:
    """Return which text states that rows of a code are to be left out; "" where none does."""
    code = re.compile(rf"(?<![\w.-])[-−](?:{'|'.join(str(-one) for one in codes)})(?![\w.])")
    for path, text in texts_as_written(folder):
        for sentence in FULL_STOP.split(_WRAPPED.sub(" ", text)):
            plain = plain_text(sentence.casefold())
            if code.search(sentence) and any_phrase("leave out").search(plain):
                return f"{path} says {sentence.strip()!r}"
    return ""
