"""Texts that tell line by line what the images of a list beside them are.

train_name.txt   1.jpg ┐
                 2.jpg │
train_age.txt    35    ├→  image  age
                 7     ┘
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder, guess_part
from podium.competition.spelling import name_words

__all__ = ["columns_by_line"]

_LARGEST = 100_000_000  # bytes
_FEWEST_LINES = 3
_CELL = re.compile(r"[^\s,;]+|[^\W\d]+(?: [^\W\d]+)+")
"""A number, a word or several words, but no box and no row of a table."""
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


def columns_by_line(
    folder: DataFolder, path: str, images: Sequence[str]
) -> dict[str, tuple[str, list[str]]]:
    """Return the text and the cells of each column that texts tell of a list of images; {} without.

    Such a text lies beside the list, is called as the list but for one word, which becomes the
    column, and has as many lines, each with one cell.

    Args:
        path: of the list.
        images: a line of the list each.
    """
    if len(images) < _FEWEST_LINES or len({*images}) < len(images):
        return {}
    where, words = path.rpartition("/")[0], _words(path)
    found: dict[str, tuple[str, list[str]]] = {}
    for other in folder.texts:
        is_beside = other != path and other.rpartition("/")[0] == where
        if not is_beside or (folder.path / other).stat().st_size > _LARGEST:
            continue
        own = _words(other)
        differ = [one for one, of_list in zip(own, words, strict=False) if one != of_list]
        if len(own) != len(words) or len(differ) != 1 or guess_part(differ[0]) != "other":
            continue
        # A blank line among the others would shift what stands below it.
        text = read_text(folder.path / other, folder).rstrip()
        cells = [line.strip() for line in text.splitlines()]
        if len(cells) == len(images) and all(map(_CELL.fullmatch, cells)) and _are_labels(cells):
            found[differ[0]] = other, cells
    return {} if "image" in found else found


def _are_labels(cells: Sequence[str]) -> bool:
    """Return whether lines tell something: some come back, or they are numbers in no order.

    A list of classes or of other images has each line once, and one that counts goes up.
    """
    if len({*cells}) < len(cells):
        return True
    if not all(map(_NUMBER.fullmatch, cells)):
        return False
    numbers = [*map(float, cells)]
    return numbers != sorted(numbers)


def _words(path: str) -> list[str]:
    """Return the words of a file's name."""
    return list(name_words(file_stem(path)))
