"""`podium check`: checks of the data before anything is trained on them.

A check returns findings: level, fault, place, and how to mend it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from podium.competition.spec import Competition
from podium.errors import DataError, some
from podium.workspace.documents import read_marked
from podium.workspace.layout import COMPETITION_FILE
from podium.workspace.marked_yaml import MarkedValue

__all__ = [
    "SHOWN_CLASSES",
    "SHOWN_OF_ONE",
    "Finding",
    "Level",
    "count_with_examples",
    "finding_from_error",
    "joined",
    "line_of",
]

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Args:
        level: an `error` must be mended before training, a `warning` should be understood, a `note`
            is information on the data.
        title: the finding in a few words.
        detail: amount and place; one sentence.
        fix: what to do; empty where nothing is to be done.
        items: every affected file, id or class.
        count: how many are affected, where that is not the number of `items`; 0: see there, -1: it
            is of the data as a whole.
        where: the line of `competition.yaml` that it is about, as `competition.yaml:12`.
        mend: one command, or one line of `competition.yaml`, that mends it; empty: see `fix`.
        pictures: paths of the images to look at, those of one row side by side.
        beside: what `detail` has beside the names of `items`, where they are listed; None: it names
            none.
        reasons: why each of `items` is among them; () where the title states it for all.
    """

    level: Level
    title: str
    detail: str
    fix: str = ""
    items: tuple[str, ...] = ()
    count: int = 0
    where: str = ""
    mend: str = ""
    pictures: tuple[tuple[str, ...], ...] = ()
    beside: str | None = None
    reasons: tuple[str, ...] = ()

    @classmethod
    def listing(
        cls,
        level: Level,
        title: str,
        items: tuple[str, ...],
        fix: str = "",
        *,
        where: str = "",
        mend: str = "",
        pictures: tuple[tuple[str, ...], ...] = (),
        examples: Sequence[str] | None = None,
    ) -> Finding:
        """Return a finding whose detail is how many items there are, and the first five.

        Args:
            level, title, items, fix, where, mend, pictures: as in `Finding`.
            examples: the items in short, as the detail names them; None: as they are.
        """
        detail = count_with_examples(items if examples is None else examples)
        return cls(
            level, title, detail, fix, items, where=where, mend=mend, pictures=pictures, beside=""
        )

    def to_json(self) -> dict[str, Any]:
        """Return what `podium check --json` prints of it."""
        of_the_screen = ("beside", "reasons")
        return {key: value for key, value in asdict(self).items() if key not in of_the_screen}

    @property
    def n(self) -> int:
        """How many files, ids or classes are affected; 0: it is of the data as a whole."""
        return max(self.count or len(self.items), 0)


SHOWN_OF_ONE = 3
"""How many paths of one picture a sentence names."""
SHOWN_CLASSES = 12


def joined(paths: Sequence[str]) -> str:
    """Return the paths of one picture as text, of many the first.

    Example:
        >>> joined(["a.png", "b.png", "c.png", "d.png", "e.png"])
        'a.png = b.png = c.png and 2 more'
    """
    rest = len(paths) - SHOWN_OF_ONE
    shown = " = ".join(paths[:SHOWN_OF_ONE])
    return shown if rest <= 0 else f"{shown} and {rest:,} more"


def count_with_examples(names: Sequence[str]) -> str:
    """Return how many names there are, and the first five."""
    return f"{len(names):,}: {some(names)}"


def finding_from_error(error: DataError, title: str) -> Finding:
    """Return a finding with the message of `error`."""
    where = "" if error.where is None else f"{error.where}: "
    return Finding("error", title, f"{where}{error.message}", error.fix or "")


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
