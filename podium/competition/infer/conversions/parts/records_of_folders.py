"""Samples that are a folder each, of several files and a JSON with what is known of them.

S2A_0_45/S2A_0_45_B01.tif
S2A_0_45/S2A_0_45_B8A.tif                 image     pasture  sea
S2A_0_45/S2A_0_45_metadata.json    →      S2A_0_45  1        1
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.records.record_files import content_of
from podium.competition.infer.files import DataFolder
from podium.competition.infer.parts.folders import ends_of_folders
from podium.errors import plural

__all__ = ["table_of_folder_records"]


def table_of_folder_records(folder: DataFolder) -> MadeTable | None:
    """Return what the JSON in the folder of each sample has, a row a sample, or None.

    Every image lies in such a folder, and every folder has one JSON.

    Args:
        folder: with images and JSON.
    """
    images = folder.train_images
    own = set(images)
    if any(one.part != "test" for one in folder.images if one not in own):
        return None
    if not folder.jsons or not ends_of_folders(images):
        return None
    jsons: dict[str, list[str]] = defaultdict(list)
    for path in folder.jsons:
        jsons[path.rpartition("/")[0]].append(path)
    rows, sources = [], list[str]()
    for place in sorted({one.folder for one in images}):
        found = jsons.get(place, [])
        content = content_of(folder.path / found[0]) if len(found) == 1 else None
        if not isinstance(content, dict):
            return None
        sources += found
        rows.append({"image": place.rpartition("/")[2], **content})
    if any(row.keys() != rows[0].keys() for row in rows):
        return None
    table = _with_marks(rows)
    if table is None:
        return None
    reader = (
        f"the {plural(len(sources), 'JSON file')} in the folders of single samples, as {sources[0]}"
    )
    return MadeTable(tuple(sources), reader, table)


def _with_marks(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame | None:
    """Return records as a table, with a column of 0 and 1 for each word of the one list of words.

    None where they have no such list, or several. What lies in further records is left out.
    """
    lists = [name for name in rows[0] if all(_is_of_words(row[name]) for row in rows)]
    if len(lists) != 1:
        return None
    words = sorted({word for row in rows for word in row[lists[0]]})
    plain = [
        name for name in rows[0] if all(isinstance(row[name], str | int | float) for row in rows)
    ]
    if not words or {*words} & {*plain}:
        return None
    cells = [
        [*(str(row[name]) for name in plain), *(str(int(one in row[lists[0]])) for one in words)]
        for row in rows
    ]
    return pd.DataFrame(cells, columns=[*plain, *words], dtype=object)


def _is_of_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one for one in value)
