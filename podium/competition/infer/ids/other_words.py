"""Ids of a sample submission that have other words around the numbers than the files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from podium.competition.infer.ids.keys import common_start
from podium.competition.sections.data import DataSource
from podium.competition.spec import Competition

__all__ = ["naming_as_sent"]

_ANY_FILE = re.compile(r"(?P<folder>[^*?{}]*/)?\*(?P<end>\.\w+)")


def naming_as_sent(competition: Competition, ids: Sequence[str], sent: Sequence[str]) -> str:
    """Return the command that calls test images as the sample does; "" where more is other.

    As `teste-1` for `folha_1.png`: what stands between the words is equal, each once.

    Args:
        competition: whose test images are the files of a folder, without a table.
        ids: of the test images, the names of their files.
        sent: the ids of the sample.
    """
    source, known = competition.data.test, list(dict.fromkeys(sent))
    pattern = _pattern(source)
    is_plain = competition.submission.id in (None, "{id}")
    if source is None or pattern is None or not is_plain or min(len(ids), len(known)) < 2:
        return ""
    (start, end), (other_start, other_end) = _around(ids), _around(known)
    between = {one[len(start) : len(one) - len(end)] for one in ids}
    others = {one[len(other_start) : len(one) - len(other_end)] for one in known}
    if between != others or "" in between or set("{}*?") & {*start, *end, *other_start, *other_end}:
        return ""
    images = f"{pattern['folder'] or ''}{start}{{n}}{end}{pattern['end']}"
    values = (f"data.test.images={images}", f"data.test.id={other_start}{{n}}{other_end}")
    return f"podium choose {shlex.join(values)}"


def _pattern(source: DataSource | None) -> re.Match[str] | None:
    """Return the parts of the pattern of images that are called by their files, or None."""
    if source is None or source.table is not None or source.id not in (None, "{stem}"):
        return None
    return _ANY_FILE.fullmatch(source.images) if isinstance(source.images, str) else None


def _around(names: Sequence[str]) -> tuple[str, str]:
    """Return what all names begin and end with, without the digits that a number shares."""
    start = re.sub(r"\d+$", "", common_start(names))
    backwards = [one[len(start) :][::-1] for one in names]
    return start, re.sub(r"^\d+", "", common_start(backwards)[::-1])
