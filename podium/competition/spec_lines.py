"""The line of `competition.yaml` that a message is about."""

from __future__ import annotations

from podium.competition.spec import Competition
from podium.errors import DataError
from podium.workspace.documents import read_marked
from podium.workspace.layout import COMPETITION_FILE

__all__ = ["line_of"]


def line_of(competition: Competition, *keys: str) -> str:
    """Return the place of a key, as `competition.yaml:12`; of the last that the file has of `keys`.

    Without any of them, or where the file cannot be read any more, it is the file alone.

    Args:
        competition: whose file it is.
        keys: that lead to it, as `"metric", "name"`.
    """
    try:
        node = read_marked(competition.root / COMPETITION_FILE, DataError)
    except DataError:
        return COMPETITION_FILE
    line = None
    for key in keys:
        if node is None or not isinstance(node.value, dict) or key not in node.value:
            break
        node = node.value[key]
        line = node.place.line
    return COMPETITION_FILE if line is None else f"{COMPETITION_FILE}:{line}"
