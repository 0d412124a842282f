"""Tables of train in pieces, of other images each: `train_2019.csv` and `train_2020.csv`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from podium.competition.infer.files import DataFolder, guess_part, match_images, name_words
from podium.competition.infer.made_tables import MadeTable

__all__ = ["with_pieces_joined"]


def with_pieces_joined(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame]
) -> tuple[list[str], MadeTable] | None:
    """Return tables of train that are pieces of one, and that one; None without such.

    Their names differ in nothing but numbers, their columns are the same, and no image has rows in
    two of them.

    Args:
        folder: with the images.
        tables: by path, without the sample submission.
    """
    pieces: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for path, table in tables.items():
        where, _, name = path.rpartition("/")
        stem = name.rpartition(".")[0]
        if guess_part(name) in ("train", "other") and any(map(str.isdigit, stem)):
            pieces[(where, *name_words(stem), *map(str, table.columns))].append(path)
    for paths in pieces.values():
        matches = [match_images(folder, one, tables[one], ("train", "other")) for one in paths]
        ids = {None if one is None else one.id for one in matches}
        if len(paths) < 2 or len(ids) > 1 or None in ids:
            continue
        images = [{image for image in one.images if image} for one in matches if one is not None]
        if len(set().union(*images)) < sum(map(len, images)):
            continue
        rows = pd.concat([tables[one] for one in paths], ignore_index=True)
        reader = f"the rows of {', '.join(paths)}, which are of other images each"
        return paths, MadeTable(tuple(paths), reader, rows)
    return None
