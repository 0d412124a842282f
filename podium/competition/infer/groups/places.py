"""Rows of one place, by their latitude and longitude: photographs of one pond are alike."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from podium.competition.infer.labels.cells import numbers_of
from podium.competition.spelling import name_words

__all__ = ["PLACE", "with_places"]

PLACE = "place"
"""The column of both numbers of a row."""
_LATITUDE = frozenset({"lat", "latitude"})
_LONGITUDE = frozenset({"lon", "long", "lng", "longitude"})


def with_places(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with a column of its places; as it is without latitude and longitude.

    Example:
        >>> rows = pd.DataFrame({"lat": ["1.5", "1.5"], "lon": ["2", "3"]})
        >>> list(with_places(rows)[PLACE])
        ['1.5, 2', '1.5, 3']
    """
    pairs = [_called(table, words) for words in (_LATITUDE, _LONGITUDE)]
    if PLACE in table or any(len(one) != 1 for one in pairs):
        return table
    [north], [east] = pairs
    if any(numbers_of(table[one]) is None for one in (north, east)):
        return table
    return table.assign(**{PLACE: table[north] + ", " + table[east]})


def _called(table: pd.DataFrame, words: Collection[str]) -> list[str]:
    return [one for one in map(str, table) if not {*name_words(one)}.isdisjoint(words)]
