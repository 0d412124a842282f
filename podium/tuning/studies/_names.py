"""What is said of a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from podium.errors import UsageError

__all__ = ["check_known"]


def check_known(what: str, name: str, known: Sequence[str]) -> None:
    """Raise a UsageError that names the nearest of `known` where `name` is not one of them."""
    if name in known:
        return
    near = difflib.get_close_matches(name.lower(), known, n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    raise UsageError(
        f"there is no {what} {name!r}", fix=f"{meant}There are {', '.join(known)}".strip()
    )
