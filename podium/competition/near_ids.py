"""Ids that somebody may have meant who wrote one that there is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["near_ids"]

_MOST, _LONGER = 3, 2


def near_ids(ids: Iterable[str], name: str) -> list[str]:
    """Return up to three of `ids`: those that contain `name` in any case, else the most alike.

    Of a hundred thousand ids, those longer or shorter by more than two characters are not compared.
    """
    known = list(dict.fromkeys(ids))
    inside = [one for one in known if name and name.lower() in one.lower()]
    if inside:
        return inside[:_MOST]
    close = [one for one in known if abs(len(one) - len(name)) <= _LONGER]
    return difflib.get_close_matches(name, close, n=_MOST)
