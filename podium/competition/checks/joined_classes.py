"""Classes whose names are names of other classes, joined by one sign: sets that are read as one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from podium.competition.checks import Finding, line_of
from podium.competition.spec import Competition
from podium.tasks.protocols.find import find_kind
from podium.tasks.protocols.names import IMAGES

__all__ = ["check_joined_classes", "joined_classes"]

_SIGNS = (",", ";", "|", "/", "+", "&", "、", "，", "；", "・", " ")
_FEWEST = 2  # one may be a class of its own, as `red/white`


def check_joined_classes(competition: Competition) -> list[Finding]:
    """Return a warning where labels of one class each look like sets of several classes."""
    kind = competition.tasks.get(IMAGES)
    if kind is None or not find_kind(IMAGES, str(kind)).is_exclusive:
        return []
    sign, joined = joined_classes(competition.classes)
    if not joined:
        return []
    return [
        Finding.listing(
            "warning",
            "classes whose names are names of others, joined",
            joined,
            f"where an image may have several, {sign!r} stands between them: write tasks: "
            f"{{classify: multilabel}}, label_sep: {sign!r} below data.train, and classes without "
            "the joined ones",
            where=line_of(competition, "classes"),
        )
    ]


def joined_classes(classes: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the sign that joins names of classes to those of others, and these; ("", ()) without.

    Example:
        >>> joined_classes(["rust", "rust;scab", "scab", "mould", "mould;rust"])
        (';', ('rust;scab', 'mould;rust'))
    """
    known = {*classes}
    for sign in _SIGNS:
        found = tuple(
            one
            for one in classes
            if len(parts := re.split(rf"\s*{re.escape(sign)}\s*", one)) > 1 and {*parts} <= known
        )
        if len(found) >= _FEWEST:
            return sign, found
    return "", ()
