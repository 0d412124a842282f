"""Names of files that hold numbers and words between signs, as a table.

0_MariaCallas_35_f.jpg    →    image                   piece_2      piece_3  piece_4
1_GlennClose_62_f.jpg          0_MariaCallas_35_f.jpg  MariaCallas  35       f

Bits in square brackets are a column for each class: `17-[1, 0, 1].png`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.columns import PIECE, are_measured
from podium.competition.infer.readme.texts import texts_beside

__all__ = ["pieces_by_place", "table_of_bits", "table_of_pieces"]

_BITS = re.compile(r".*\[ ?([01](?:[, ] ?[01])+) ?\]")
_LISTED = re.compile(r"\[([^\[\]]*[^\W\d][^\[\]]*)\]")

_FEWEST = 3  # pieces of a name


def pieces_by_place(names: Sequence[str], sign: str) -> list[tuple[str, ...]]:
    """Return the pieces between signs of names by their places; [] where names have other numbers.

    Example:
        >>> pieces_by_place(["7_a", "8_b"], "_"), pieces_by_place(["7_a", "8"], "_")
        ([('7', '8'), ('a', 'b')], [])
    """
    rows = [one.split(sign) for one in names]
    return [*zip(*rows, strict=True)] if len({*map(len, rows)}) == 1 else []


def table_of_pieces(folder: DataFolder) -> MadeTable | None:
    """Return what the names of images hold that may be their label, or None.

    Each name has as many pieces. One is a number that many images have otherwise, and no counter;
    another one has few values. What numbers the images, or is a date, is left out. None where a
    file of another form may hold the labels, and where names of images to predict are such.

    Args:
        folder: with images, which no table and no folder labels.
    """
    images = folder.train_images
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


def table_of_bits(folder: DataFolder) -> MadeTable | None:
    """Return the labels of images whose names end with a bit for each class, or None.

    Each name has as many bits in square brackets, and names of other images have none. The classes
    are called as a text lists them in such brackets, the only list of as many words; else by their
    numbers.

    Args:
        folder: with images, which no table and no folder labels.
    """
    images = folder.train_images
    found = [_BITS.fullmatch(image.stem) for image in images]
    rows = [re.findall(r"[01]", one[1]) for one in found if one is not None]
    if not images or len(rows) < len(images) or len({*map(len, rows)}) != 1:
        return None
    if any(_BITS.fullmatch(image.stem) for image in folder.of_part("test", "holdout")):
        return None
    n = len(rows[0])
    if any(len({*cells}) == 1 for cells in zip(*rows, strict=True)):
        return None  # it tells nothing of these images, as flags of what was done to them
    listed = {
        tuple(word.strip() for word in one.split(","))
        for _, text in texts_beside(folder, by_line=True)
        for one in _LISTED.findall(text)
    }
    named = [one for one in listed if len(one) == len({*one} - {""}) == n]
    names = named[0] if len(named) == 1 else tuple(str(k + 1) for k in range(n))
    paths = [image.path for image in images]
    table = pd.DataFrame(rows, columns=list(names), dtype=object)
    table.insert(0, "image", paths)
    reader = f"the bits in brackets that names of images end with, as {images[0].name}"
    return MadeTable(tuple(paths), reader, table)
