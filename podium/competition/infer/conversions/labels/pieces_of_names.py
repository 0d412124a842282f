"""Names of files that hold numbers and words between signs, as a table.

0_MariaCallas_35_f.jpg    →    image                   piece_2      piece_3  piece_4
1_GlennClose_62_f.jpg          0_MariaCallas_35_f.jpg  MariaCallas  35       f
"""

from __future__ import annotations

import pandas as pd

from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.columns import PIECE, are_measured

__all__ = ["table_of_pieces"]

_FEWEST = 3  # pieces of a name


def table_of_pieces(folder: DataFolder) -> MadeTable | None:
    """Return what the names of images hold that may be their label, or None.

    Each name has as many pieces. One is a number that many images have otherwise, and no counter;
    another one has few values. What numbers the images, or is a date, is left out. None where a
    file of another form may hold the labels, and where names of images to predict are such.

    Args:
        folder: with images, which no table and no folder labels.
    """
    images = folder.of_part("train") or folder.of_part("other")
    if folder.unread or folder.archives or folder.jsons or folder.channels or not images:
        return None
    for sign in "_-":
        rows = [one.name.split(sign) for one in images]
        n = len(rows[0])
        if n < _FEWEST or {*map(len, rows)} != {n}:
            continue
        if any(one.name.count(sign) == n - 1 for one in folder.of_part("test", "holdout")):
            return None
        last = [one.split(".")[0] for *_, one in rows]
        cells = [*zip(*(row[:-1] for row in rows), strict=True), tuple(last)]
        measured = [k for k, each in enumerate(cells) if are_measured(each)]
        few = [k for k, each in enumerate(cells) if 1 < len({*each}) <= max(2, len(rows) // 5)]
        if not measured or not {*few} - {*measured}:
            continue
        kept = {f"{PIECE}{k + 1}": cells[k] for k in sorted({*few, *measured})}
        paths = [one.path for one in images]
        table = pd.DataFrame({"image": paths, **kept}, dtype=object)
        reader = f"the pieces between {sign!r} of the names of images, as {images[0].name}"
        return MadeTable(tuple(paths), reader, table)
    return None
