"""A table that `podium init` makes of other files, and what it is called.

It becomes a CSV in the workspace's `made/tables/`, which podium then reads as any other: the data
folder is never written to.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

__all__ = ["LARGEST", "MadeTable", "name_of_copy", "stem_of_table"]


LARGEST = 500_000_000  # bytes of a file that is read whole


class MadeTable(NamedTuple):
    """A table, the files that it is made of, and as what these were read."""

    sources: tuple[str, ...]
    reader: str
    table: pd.DataFrame
    sep: str = ","
    decimal: str = ""
    """The sign before the fractions of numbers; "" where there are none."""
    encoding: str = "utf-8"
    """Of its letters."""
    header: bool = True
    """Whether its first line names the columns, or is a row."""
    digits: tuple[tuple[str, str], ...] = ()
    """The columns whose digits were those of another script, each with the 0 of it."""
    blanks_are_unknown: bool = False
    """Whether blank cells beside 0 and 1 are labels that nobody knows."""


def stem_of_table(path: str) -> str:
    """Return the name of a file before its first point, which a table made of it is called by."""
    return path.rpartition("/")[2].split(".")[0]


def name_of_copy(path: str) -> str:
    """Return what a table of the data is called where it is written again, with its folders."""
    return f"{path.replace('/', '_').rpartition('.')[0]}.csv"
