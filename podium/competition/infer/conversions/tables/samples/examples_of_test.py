"""Examples of a table of test and its answers, which show the form of a file to send alone.

test.csv    test_example.csv   test_example_out.csv       test.csv is to be predicted, and
page,file   page,file          page,lines                 the sample has a row for each page of it:
7,7.png     9,9.png            9,31                   →   7,31
8,8.png                                                   8,31
9,9.png                                                   9,31
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import is_test_table, may_be_train_table
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import begins_as
from podium.errors import plural

__all__ = [
    "PieceOfTest",
    "is_called_example",
    "is_example_with_answers",
    "pieces_of_test",
    "with_all_rows",
]

_WHY = "it is called {called}, and answers rows of {test} with {columns}, as train has them"

_WHY_NEW = "it is called random, and has numbers for each row of {test} which no other table has"


class PieceOfTest(NamedTuple):
    """A table of test some of whose rows are all rows of another one.

    Attributes:
        path: of the table with fewer rows.
        whole: the path of the table with all rows.
        key: the column whose cells name the rows of both.
    """

    path: str
    whole: str
    key: str

    def describe(self, tables: Mapping[str, pd.DataFrame]) -> str:
        """Return what the two tables have in common."""
        return (
            f"the {plural(len(tables[self.path]), 'row')} of {self.path} "
            f"{'is' if len(tables[self.path]) == 1 else 'are'} among the "
            f"{len(tables[self.whole]):,} of {self.whole}"
        )


def pieces_of_test(tables: Mapping[str, pd.DataFrame]) -> Iterator[PieceOfTest]:
    """Yield each table of test that is a piece of another one, which has the same cells there.

    Of several that have all its rows, the largest is the whole.
    """
    of_test = {path: one for path, one in tables.items() if is_test_table(path) and len(one)}
    for path, table in of_test.items():
        key = str(table.columns[0])
        whole = [
            other
            for other, one in of_test.items()
            if len(one) > len(table) and _has_rows_of(one, table, key)
        ]
        if whole:
            yield PieceOfTest(path, max(whole, key=lambda other: len(of_test[other])), key)


def _has_rows_of(whole: pd.DataFrame, table: pd.DataFrame, key: str) -> bool:
    """Return whether a table has each row of another one, by the cells of all its columns."""
    if not {*table.columns} <= {*whole.columns}:
        return False
    if not (whole[key].is_unique and table[key].is_unique and {*table[key]} <= {*whole[key]}):
        return False
    rows = whole.set_index(key, drop=False).loc[list(table[key]), list(table.columns)]
    return bool((rows.to_numpy() == table.to_numpy()).all())


def is_example_with_answers(path: str, tables: Mapping[str, pd.DataFrame]) -> str:
    """Return why a table that is called an example is a sample submission; "" where it is none.

    Answers that are called random are one, too: `y_test_random_c9TzY4p.csv`. Its first column has
    ids of a table of test, and all others are columns of a table of train which no table of test
    has. Where no table of train has any of them, random numbers for all of test are one as well:
    what train has of these may stand in masks.
    """
    table = tables[path]
    called = "an example" if is_called_example(path) else "random" * _is_called_random(path)
    if len(table.columns) < 2 or not len(table) or not called:
        return ""
    key, *answers = map(str, table.columns)
    of_test = {
        other: one
        for other, one in tables.items()
        if other != path and is_test_table(other) and not is_called_example(other)
    }
    if not table[key].is_unique or any({*answers} & {*one.columns} for one in of_test.values()):
        return ""
    ids = {*table[key]}
    asked = [
        other
        for other, one in of_test.items()
        if key in one and one[key].is_unique and ids <= {*one[key]}
    ]
    are_learnt = any(
        {key, *answers} <= {*one.columns} and ids.isdisjoint(one[key])
        for other, one in tables.items()
        if other != path and may_be_train_table(other)
    )
    known = {str(one) for other, table in tables.items() if other != path for one in table}
    are_numbers = all(numbers_of(table[one]) is not None for one in answers)
    is_of_all = any(len(tables[other]) == len(ids) for other in asked)
    are_new = called == "random" and are_numbers and is_of_all and known.isdisjoint(answers)
    if not asked or not (are_learnt or are_new):
        return ""
    if not are_learnt:
        return _WHY_NEW.format(test=asked[0])
    test = max(asked, key=lambda other: len(tables[other]))
    return _WHY.format(called=called, test=test, columns=", ".join(answers))


def is_called_example(path: str) -> bool:
    """Return whether the name of a file has a word for an example."""
    return begins_as(file_stem(path), "example")


def _is_called_random(path: str) -> bool:
    return begins_as(file_stem(path), "random")


def with_all_rows(sample: SampleSubmission, tables: Mapping[str, pd.DataFrame]) -> MadeTable | None:
    """Return the sample with a row for each row of a table of test that it shows some of, or None.

    The answers of the others are those that it shows, in turn.

    Args:
        sample: of rows of a table of test, an example of which is called so.
    """
    key = sample.id
    shown = {*sample.table[key]}
    whole = [
        path
        for path, one in tables.items()
        if is_test_table(path) and key in one and one[key].is_unique and shown < {*one[key]}
    ]
    if len(whole) != 1 or not sample.table[key].is_unique:
        return None
    [path] = whole
    answers = sample.table.set_index(key)
    rows = [
        [name, *(answers.loc[name] if name in shown else answers.iloc[place % len(answers)])]
        for place, name in enumerate(tables[path][key])
    ]
    n = len(sample.table)
    reader = (
        f"{sample.path} with a row for each of the {plural(len(rows), 'row')} of {path}: its own "
        f"{n:,}, which are some of them, show the form of a file to send"
    )
    table = pd.DataFrame(rows, columns=list(sample.table.columns), dtype=object)
    return MadeTable((sample.path, path), reader, table)
