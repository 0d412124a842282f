"""A sample submission of the first rows of the file to send, which shows its form alone.

sample_submission_head.csv   test/1.png … test/90.png   →   a row for each of the 90 images
id,label
1,cat
2,cat
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import as_in_texts, sent_pattern, sentences_beside
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import begins_as
from podium.competition.phrases import any_phrase, one_spelling, plain_signs
from podium.competition.spelling import name_words, numbers_and_words
from podium.errors import plural

__all__ = ["with_rows_of_all"]

_MOST_ROWS = 10
"""Rows that show the form alone, where no name and no text says so."""
_FEWEST_TIMES = 3
"""How often as many are to be predicted at least."""
_HEAD_WORDS = frozenset({"head", "first", "excerpt", "preview", "snippet", "short"})


def with_rows_of_all(data: CompetitionData, sample: SampleSubmission) -> MadeTable | None:
    """Return the sample with a row for each that is to be predicted; None where it has all of them.

    Its own are some of them. They show the form alone where its name or a text calls them the first
    ones, or where they are few, and the first of many. The answers of the others are those that it
    shows, in turn.

    Args:
        data: with the images to predict.
    """
    shown = list(sample.table[sample.id])
    if len({*shown}) < len(shown) or not shown:
        return None
    found = next(_wholes(data, {*shown}), None)
    if found is None:
        return None
    where, ids = found
    told = _called(sample) or _text_on_first_rows(data.folder, sample)
    if not told:
        are_first = {*ids[: len(shown)]} == {*shown}
        are_few = len(shown) <= _MOST_ROWS and _FEWEST_TIMES * len(shown) <= len(ids)
        if sample.runs is not None or not (are_first and are_few):
            return None
        told = "they are few, and the first ones"
    answers = sample.table.set_index(sample.id)
    cells = answers.to_numpy().tolist()
    of_id = dict(zip(answers.index, cells, strict=True))
    rows = [[one, *of_id.get(one, cells[n % len(cells)])] for n, one in enumerate(ids)]
    columns = [sample.id, *answers.columns]
    reader = (
        f"{sample.path} with a row for each of the {len(ids):,} {where}: its own "
        f"{plural(len(shown), 'row')} show the form of a file to send alone, as {told}"
    )
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    return MadeTable((sample.path,), reader, table[list(sample.table.columns)])


def _wholes(data: CompetitionData, shown: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what is to be predicted, in its order, where the rows shown are some of it."""
    for path, table in data.test_tables.items():
        for column in table:
            cells = list(table[column])
            if len({*cells}) == len(cells) and shown < {*cells}:
                yield f"in {path}", cells
    images = sorted(data.folder.of_part("test"), key=lambda one: numbers_and_words(one.path))
    for ids in (
        [one.name for one in images],
        [one.stem for one in images],
        [one.path for one in images],
    ):
        if len({*ids}) == len(ids) and shown < {*ids}:
            yield "to predict", ids


def _called(sample: SampleSubmission) -> str:
    is_called = not _HEAD_WORDS.isdisjoint(name_words(file_stem(sample.path)))
    return "it is called so" if is_called else ""


def _text_on_first_rows(folder: DataFolder, sample: SampleSubmission) -> str:
    """Return which text states that the sample has the first rows alone; "" where none does."""
    name = re.escape(plain_signs(one_spelling(as_in_texts(Path(sample.path).name))))
    asked = sent_pattern(())
    for path, sentence in sentences_beside(folder, one_spelling):
        plain = plain_signs(sentence)
        match = any_phrase("first rows").search(plain)
        if match is None:
            continue
        is_example = any(begins_as(word, "example") for word in re.findall(r"\w+", plain))
        if is_example or re.search(name, plain) or asked.search(plain):
            return f"{path} says {sentence[match.start() : match.end()]!r}"
    return ""
