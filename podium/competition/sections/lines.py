"""The line of `competition.yaml` that a message is about."""

from __future__ import annotations

from podium.competition.spec import Competition
from podium.errors import DataError
from podium.workspace.documents import read_marked
from podium.workspace.layout import COMPETITION_FILE
from podium.workspace.marked_yaml import MarkedValue

__all__ = ["line_of"]


def line_of(competition: Competition, *keys: str | int) -> str:
    """Return the place of a key, as `competition.yaml:12`; of the last that the file has of `keys`.

    Without any of them, or where the file cannot be read any more, it is the file alone.

    Args:
        competition: whose file it is.
        keys: that lead to it, as `"metric", "name"`; a number is a place in a list, from 0.
    """
    try:
        node = read_marked(competition.root / COMPETITION_FILE, DataError)
    except DataError:
        return COMPETITION_FILE
    line = None
    for key in keys:
        below = None if node is None else _below(node, key)
        if below is None:
            break
        node = below
        line = node.place.line
    return COMPETITION_FILE if line is None else f"{COMPETITION_FILE}:{line}"


def _below(node: MarkedValue, key: str | int) -> MarkedValue | None:
    """Return what stands under a key of a mapping, or at a place of a list; None: there is none."""
    if isinstance(key, int):
        is_there = isinstance(node.value, list) and key < len(node.value)
    else:
        is_there = isinstance(node.value, dict) and key in node.value
    found: MarkedValue | None = node.value[key] if is_there else None
    return found
