"""Tables of what was measured beside each image, as a series over time: no table of images.

train/10081/10081.jpg
train/10081/10081.csv    hour, temperature, humidity

train/image/0001.png
train/meta/0001.csv      time, temperature, CO2
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.ids.times import times_of_cells
from podium.competition.languages import is_called
from podium.errors import plural, some

__all__ = ["series_beside_images"]

_FEWEST = 10


class SeriesBeside(NamedTuple):
    """Tables of the same columns, each of one image, and the note on them."""

    paths: list[str]
    note: str


def series_beside_images(data: CompetitionData) -> Iterator[SeriesBeside]:
    """Yield tables that are named as an image each, and have several rows.

    They lie beside their images, or in a folder beside the one of these: then their rows follow one
    another in time, as tables of points and objects lie there, too. Tables with a column that is
    called as labels are may be of an image's objects, and are none.
    """
    several = {path: one for path, one in data.tables.items() if len(one) > 1}
    images = [image.path.rpartition(".")[0] for image in data.folder.images]
    beside = {*images} if len(several) >= _FEWEST else set()
    near = {one for stem in images for one in _in_other_folders(stem)} if beside else set()
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, table in several.items():
        columns, stem = tuple(map(str, table.columns)), path.rpartition(".")[0]
        if any(is_called(one, "label") for one in columns):
            continue
        is_near = not near.isdisjoint(_in_other_folders(stem))
        if stem in beside or (is_near and _follow_in_time(table)):
            found[columns].append(path)
    for columns, paths in found.items():
        if len(paths) >= _FEWEST:
            note = (
                f"{plural(len(paths), 'table')} beside images, as {paths[0]}, "
                f"{'has' if len(paths) == 1 else 'have'} several rows "
                "of one image each "
                f"({some(list(columns), 3)}): a network sees the image alone"
            )
            yield SeriesBeside(paths, note)


def _in_other_folders(path: str) -> Iterator[tuple[str, ...]]:
    """Yield the levels of a path without one of its folders each."""
    levels = tuple(path.split("/"))
    for at in range(len(levels) - 1):
        yield (*levels[:at], "", *levels[at + 1 :])


def _follow_in_time(table: pd.DataFrame) -> bool:
    """Return whether the first column has times, each later than the one before."""
    return any(
        one.times.is_monotonic_increasing and one.times.is_unique
        for one in times_of_cells([*table.iloc[:, 0].astype(str)])
    )
