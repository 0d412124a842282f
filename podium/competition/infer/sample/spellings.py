"""Names of classes that the sample submission writes otherwise than train: `p_GiveWay`, `give_way`.

Names of columns are matched by their letters. Names in cells are written to files to send, so that
the way to write them is looked for that turns all names of train into what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product

import pandas as pd

from podium.competition.infer.ids.keys import without_common_end, without_common_start
from podium.competition.infer.labels.cells import known_cells
from podium.competition.spelling import letters_of

__all__ = ["are_classes_of", "as_classes", "spelt_as", "ways_to_write"]

_PROBABILITY = re.compile(r"(?:p|prob|pred)(?=[A-Z])")
_BREAKS = re.compile(r"[\W_]+")


def as_classes(names: Sequence[str], classes: Sequence[str]) -> dict[str, str] | None:
    """Return the class of each name, by its letters, or None where they are not one of each.

    What all names begin or end with, up to a sign, may be left out, and so may a `p` or `prob`
    before a capital.

    Example:
        >>> as_classes(["p_GiveWay", "p_Stop"], ["give_way", "stop"])
        {'p_GiveWay': 'give_way', 'p_Stop': 'stop'}
    """
    ways = [list(names), without_common_start(names), without_common_end(names)]
    ways += [without_common_end(ways[1]), [_PROBABILITY.sub("", one) for one in names]]
    for own, theirs in product(ways, (list(classes), without_common_start(classes))):
        by_letters = dict(zip(map(letters_of, theirs), classes, strict=True))
        found = [by_letters.get(letters_of(one), "") for one in own]
        if len(names) == len(by_letters) == len(classes) and set(found) == set(classes):
            return dict(zip(names, found, strict=True))
    return None


def are_classes_of(names: Sequence[str], cells: pd.Series[str]) -> bool:
    """Return whether names are those of the words of a column of train, one for each of several."""
    words = sorted({*known_cells(cells)})
    return 1 < len(names) == len(words) and as_classes(names, words) is not None


def spelt_as(names: Sequence[str], fits: Callable[[list[str]], bool]) -> list[str] | None:
    """Return the names in the one way to write them that fits; None where several do, or none.

    Args:
        names: of classes, as train has them.
        fits: whether the cells of the sample may hold names that are written so.

    Example:
        >>> spelt_as(["give_way", "stop"], lambda names: "GiveWay" in names)
        ['GiveWay', 'Stop']
    """
    found = {tuple(one) for one in ways_to_write(names) if len(set(one)) == len(one) and fits(one)}
    return list(found.pop()) if len(found) == 1 else None


def ways_to_write(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names with other signs between their words, and other capitals."""
    for base in (list(names), without_common_start(names)):
        words = [[one for one in _BREAKS.split(name) if one] for name in base]
        if not all(words):
            continue
        yield base
        for change in (str.lower, str.upper, str.title, str.capitalize):
            yield [change(name) for name in base]
            for sign in ("", " ", "_", "-"):
                yield [sign.join(map(change, one)) for one in words]
        for sign in ("", " ", "_", "-"):
            yield [sign.join(one) for one in words]
