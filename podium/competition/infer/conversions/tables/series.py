"""Tables of what was measured beside each image, as a series over time: no table of images.

train/10081/10081.jpg
train/10081/10081.csv    hour, temperature, humidity
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.languages import is_called
from podium.errors import plural, some

__all__ = ["series_beside_images"]

_FEWEST = 10


class SeriesBeside(NamedTuple):
    """Tables of the same columns, each of one image, and the note on them."""

    paths: list[str]
    note: str


def series_beside_images(data: CompetitionData) -> Iterator[SeriesBeside]:
    """Yield tables that lie beside an image each, are named as it, and have several rows.

    Tables with a column that is called as labels are may be of its objects, and are none.
    """
    images = {image.path.rpartition(".")[0] for image in data.folder.images}
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, table in data.tables.items():
        columns = tuple(map(str, table.columns))
        is_beside = path.rpartition(".")[0] in images and len(table) > 1
        if is_beside and not any(is_called(one, "label") for one in columns):
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
