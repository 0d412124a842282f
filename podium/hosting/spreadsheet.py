"""Words of participants in a CSV that somebody opens in a spreadsheet."""

from __future__ import annotations

import re

__all__ = ["defused"]

# A cell that begins so is run as a formula; the wide forms too, which some programs fold.
_RUN = re.compile("\\s*[=+\\-@\\|\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def defused(text: str) -> str:
    """Return `text` as a cell that no spreadsheet runs: behind an apostrophe where it would.

    Example:
        >>> defused("=1+1"), defused("the = sign")
        ("'=1+1", 'the = sign')
    """
    return f"'{text}" if _RUN.match(text) else text
