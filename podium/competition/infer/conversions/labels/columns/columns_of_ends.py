"""Columns of labels that the rows of a sample submission name by one of their words.

image  kl_left  kl_right        image  left  right        id       kl
a      2        3           →   a      2     3        of  a_left   0
                                                          a_right  0
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import may_be_train_table
from podium.competition.infer.ids.keys import find_split
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import name_words
from podium.errors import some

__all__ = ["with_columns_of_ends"]

_MOST_ENDS = 12


def with_columns_of_ends(data: CompetitionData) -> dict[str, MadeTable]:
    """Return the tables of train with columns called as what rows of the sample end with.

    A row of the sample is an image and an end (`a_left`; or `left` in a column of its own). Each
    end is a word of one column, as of `kl_left`, whose other words are the same for all ends, and
    of no column the whole name.
    """
    if data.sample is None:
        return {}
    found = {}
    for ends in _ends(data, data.sample):
        for path, table in data.tables.items():
            if path == data.sample.path or not may_be_train_table(path):
                continue
            if names := _columns_by_end(table, ends):
                reader = f"{path} with {some(list(names))} called {some(list(names.values()))}"
                reader += f", as the rows of {data.sample.path} end"
                found[path] = MadeTable((path,), reader, table.rename(columns=names))
        if found:
            break
    return found


def _ends(data: CompetitionData, sample: SampleSubmission) -> Iterator[Sequence[str]]:
    """Yield what stands in all rows beside an image: behind it in the ids, or in a column."""
    if len(sample.values) == 1 and sample.table[sample.id].is_unique:
        split = find_split(list(sample.table[sample.id]), data.folder.named)
        if split is not None and not split.n_other and 1 < len(split.names) <= _MOST_ENDS:
            yield split.names
    elif not sample.table[sample.id].is_unique:
        for column in sample.values:
            cells = list(dict.fromkeys(sample.table[column]))
            is_key = not sample.table.duplicated([sample.id, column]).any()
            if is_key and 1 < len(cells) <= _MOST_ENDS:
                yield cells


def _columns_by_end(table: pd.DataFrame, ends: Sequence[str]) -> Mapping[str, str]:
    """Return the end that each of these columns has as a word; {} where they are not of one kind.

    Example:
        >>> _columns_by_end(pd.DataFrame(columns=["id", "kl_left", "kl_right"]), ["left", "right"])
        {'kl_left': 'left', 'kl_right': 'right'}
    """
    words = {str(name): name_words(str(name)) for name in table}
    found, rests = dict[str, str](), set[tuple[str, ...]]()
    for end in ends:
        named = [name for name, each in words.items() if end.casefold() in each]
        if end in words or len(named) != 1 or len(words[named[0]]) == 1:
            return {}
        found[named[0]] = end
        rests.add(tuple(one for one in words[named[0]] if one != end.casefold()))
    return found if len(found) == len(ends) and len(rests) == 1 else {}
