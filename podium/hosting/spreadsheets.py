"""Text of participants as cells that no spreadsheet runs."""

from __future__ import annotations

import re

__all__ = ["escape_formula"]

# A cell that begins so is run as a formula; the wide forms too, which some programs fold.
_RUN = re.compile("\\s*[=+\\-@\\|\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def escape_formula(text: str) -> str:
    """Return `text` as a cell that no spreadsheet runs: behind an apostrophe where it would.

    Example:
        >>> escape_formula("=1+1"), escape_formula("the = sign")
        ("'=1+1", 'the = sign')
    """
    return f"'{text}" if _RUN.match(text) else text
