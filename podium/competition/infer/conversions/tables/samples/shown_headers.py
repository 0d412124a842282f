"""A sample of answers alone, whose header a text shows: its rows are in the order of the test list.

task.txt: Send a CSV, a line an image, with the header   test.csv        file    nose_x,nose_y
          nose_x,nose_y                                  id          →   0       31.5,40.2
                                                         0 …
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.samples.samples_without_ids import SampleInOrder
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import names_images
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.readme.texts import is_of_train, sent_pattern, texts_and_lists
from podium.competition.phrases import plain_text

__all__ = ["find_shown_header"]

_FEWEST = 2  # columns of a header


def find_shown_header(data: CompetitionData) -> SampleInOrder | None:
    """Return the sample of the header that a text shows, with the ids of the list of test; or None.

    The columns are all those of numbers that a table of train has and the one list of test lacks,
    in any order. The line before speaks of what is sent, and not of train. The list names an image
    a row. Cells are those of a row of train.

    Args:
        data: without a sample submission.
    """
    if len(data.test_tables) != 1:
        return None
    [(listed, to_predict)] = data.test_tables.items()
    named = [str(one) for one in to_predict if _names_an_image_each(data.folder, to_predict[[one]])]
    found = dict[tuple[str, ...], tuple[str, pd.DataFrame]]()
    for path, table in data.tables.items() if named else ():
        rest = [str(one) for one in table if one not in to_predict]
        if path == listed or len(rest) < _FEWEST:
            continue
        if any(numbers_of(table[one]) is None for one in rest):
            continue
        for text, header in _headers(data.folder):
            if sorted(header) == sorted(rest):
                found[tuple(header)] = (text, table)
    if len(found) != 1:
        return None
    [(columns, (text, table))] = found.items()
    cells = {one: [table[one].iloc[0]] * len(to_predict) for one in columns}
    whole = pd.DataFrame({named[0]: [*to_predict[named[0]]], **cells}, dtype=object)
    reader = f"the header that {text} shows, with the ids of {listed} and cells of train"
    return SampleInOrder(MadeTable((text, listed), reader, whole), listed, named[0])


def _headers(folder: DataFolder) -> Iterator[tuple[str, list[str]]]:
    """Yield path and names of the lines of names behind one that speaks of what is sent."""
    asked = sent_pattern(())
    for path, text in texts_and_lists(folder):
        lines = [line.strip() for line in text.splitlines()]
        lines = [line for line in lines if line.strip("`")]
        for before, line in pairwise(lines):
            header = [one.strip() for one in line.strip("`").split(",")]
            if len(header) < _FEWEST or len({*header}) < len(header):
                continue
            plain = plain_text(before)
            if asked.search(plain) is not None and not is_of_train(plain):
                yield path, header


def _names_an_image_each(folder: DataFolder, column: pd.DataFrame) -> bool:
    return bool(column.iloc[:, 0].is_unique) and names_images(folder, column)
