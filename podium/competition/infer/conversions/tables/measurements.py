"""Columns of numbers that were measured on each image, by tens and hundreds: no labels, no ids.

id, species, margin1 … margin64, shape1 … shape64     →   id, species
id, letter, 0, 1, … 783                               →   id, letter

Each of them would be asked whether it names files, lists classes or groups rows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import some

__all__ = ["measurements_of_images"]

_FEWEST_COLUMNS = 50
_FEWEST_OF_A_NAME = 16
_FEWEST_NUMBERS = 20  # fewer may be classes, votes or bits
_COUNTED = re.compile(r"(.*?)(\d+)")


class Measurements(NamedTuple):
    """A table without its columns of measurements, and the note on them."""

    path: str
    rest: pd.DataFrame
    note: str


def measurements_of_images(data: CompetitionData) -> Iterator[Measurements]:
    """Yield tables with tens of columns of numbers that are counted, as `margin1` to `margin64`.

    None of them is to be sent: a sample submission names its columns, which other columns of tables
    are called as, or which are the classes that a column holds.
    """
    sample = data.sample
    if sample is None:
        return
    for path, table in data.tables.items():
        columns = _counted_numbers(table)
        if len(columns) < _FEWEST_COLUMNS or not {sample.id, *sample.values}.isdisjoint(columns):
            continue
        rest = table.drop(columns=columns)
        if any(_has_answers(one, sample) for one in (rest, *data.tables.values())):
            yield Measurements(
                path,
                rest,
                f"{len(columns)} columns of numbers of {path} ({some(columns, 3)}) are not used: a "
                "network sees the image alone",
            )


def _counted_numbers(table: pd.DataFrame) -> list[str]:
    """Return the columns that count up behind a name and hold many different numbers."""
    by_name: dict[str, list[str]] = defaultdict(list)
    if table.shape[1] >= _FEWEST_COLUMNS:
        for column in map(str, table.columns):
            if (found := _COUNTED.fullmatch(column)) is not None:
                by_name[found[1]].append(column)
    counted = list[str]()
    for columns in by_name.values():
        if len(columns) < _FEWEST_OF_A_NAME:
            continue
        numbers = pd.to_numeric(table[columns].to_numpy().ravel(), errors="coerce")
        known = numbers[np.isfinite(numbers)]
        if len(known) == len(numbers) and len(np.unique(known)) >= _FEWEST_NUMBERS:
            counted += columns
    return counted


def _has_answers(table: pd.DataFrame, sample: SampleSubmission) -> bool:
    """Return whether a table has what is to be sent, in columns or as the cells of one."""
    names = {*sample.values}
    return names <= {*map(str, table)} or (
        len(names) > 1
        and table.shape[1] < _FEWEST_COLUMNS
        and any(names <= {*table[one]} for one in table)
    )
