"""Columns of train that the rows of a sample submission name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pandas as pd

from podium.competition.infer.ids.keys import SIGNS
from podium.competition.infer.labels.cells import holds_numbers

__all__ = ["columns_in_rows", "names_beside_images"]


def columns_in_rows(
    sample: pd.DataFrame,
    table: pd.DataFrame,
    used: Sequence[str],
    is_image: Callable[[str], object],
) -> list[str]:
    """Return the columns of numbers of `table` that the rows of a sample name, [] where none do.

    A row is then of an image and one of its numbers: `RowId` as `face7_nose_tip_x`, or a column of
    these names beside one of images. Where the rest of each key is an image, rows of some pairs may
    be lacking, and one column, of numbers or of classes, may be all that is named.

    Args:
        sample: of ids and values.
        table: of train.
        used: columns of the table that are something else.
        is_image: whether a text names an image.
    """
    numeric = [name for name in map(str, table.columns) if name not in used]
    numeric = [name for name in numeric if holds_numbers(table[name])]
    ids = sample.iloc[:, 0]
    if len(sample.columns) == 3 and not ids.is_unique:
        for name in sample.columns[1:]:
            if len(values := set(sample[name])) > 1 and values <= set(numeric):
                return [one for one in numeric if one in values]
    if len(sample.columns) > 2:
        return []
    rest = [name for name in map(str, table.columns) if name not in used]
    longest = sorted(rest, key=len, reverse=True)
    named = names_beside_images(list(ids), longest, is_image)
    if len(named) == 1 or (named and named <= set(numeric)):
        return [one for one in rest if one in named]
    if len(numeric) < 2:
        return []
    longest = sorted(numeric, key=len, reverse=True)
    ends = [next((one for one in longest if cell.endswith(one)), "") for cell in ids]
    found = set(ends)
    starts = {cell[: len(cell) - len(end)] for cell, end in zip(ids, ends, strict=True)}
    if "" in found or len(found) < 2 or len(starts) * len(found) != len(ids):
        return []
    return [one for one in numeric if one in found]


def names_beside_images(
    cells: Sequence[str], names: Sequence[str], is_image: Callable[[str], object]
) -> set[str]:
    """Return the names that stand behind an image in each cell, or in front of it, after a sign.

    Between image and name is the same sign in every cell; {} where a cell is of another form, or
    all cells are images.
    """
    if all(map(is_image, cells)):
        return set()
    for in_front in (False, True):
        pairs = {_name_and_sign(cell, names, is_image, in_front) for cell in cells}
        if "" not in {name for name, _ in pairs} and len({sign for _, sign in pairs}) == 1:
            return {name for name, _ in pairs}
    return set()


def _name_and_sign(
    cell: str, names: Sequence[str], is_image: Callable[[str], object], in_front: bool
) -> tuple[str, str]:
    """Return the name beside an image in a key, and the sign between them; "" for no name."""
    for name in names:
        if in_front and cell.startswith(name):
            found = SIGNS.match(cell, len(name))
            if found is not None and is_image(cell[found.end() :]):
                return name, found[0]
        elif not in_front and cell.endswith(name):
            rest = cell[: len(cell) - len(name)]
            image = re.sub(f"{SIGNS.pattern}$", "", rest)
            if image != rest and is_image(image):
                return name, rest[len(image) :]
    return "", ""
