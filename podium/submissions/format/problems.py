"""Problems of a submission file: one entry for each kind of fault, which names its lines."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from podium.errors import SHOWN_AT_MOST

__all__ = ["Problem", "Problems", "absent_file"]


@dataclass(frozen=True)
class Problem:
    """One kind of fault: its first line (1 is the header), what is wrong, and how to mend it.

    A warning is no reason for a host to refuse the file.

    Example:
        >>> import podium
        >>> print(podium.Problem(3, "unknown classes: 'cow' (line 3)", "known are cat, dog"))
        line 3: unknown classes: 'cow'
          fix: known are cat, dog
    """

    line: int | None
    message: str
    fix: str | None = None
    level: Literal["error", "warning"] = "error"
    n: int = field(default=1, compare=False)
    """How many rows or cells have it."""

    def __str__(self) -> str:
        place, text = "" if self.line is None else f"line {self.line}: ", self.message
        own = f" (line {self.line})"
        if text.count(" (line ") == 1:
            text = text.removesuffix(own)
        elif own in text:  # each of several has its own
            place = ""
        mark = "" if self.level == "error" else "warning: "
        return f"{mark}{place}{text}" + ("" if self.fix is None else f"\n  fix: {self.fix}")


def absent_file(path: Path) -> Problem:
    """Return the problem of a path to no file; the fix has the nearest name of its folder."""
    folder = path.parent
    names = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
    names.sort(key=lambda one: Path(one).suffix == path.suffix)
    of_stem = {Path(one).stem: one for one in names}  # one of the same ending comes last
    # Endings are alike anyway: `nofile.csv` is no slip of `nohead.csv`.
    near = difflib.get_close_matches(path.stem, of_stem, n=1, cutoff=_VERY_NEAR)
    fix = f"correct the path {path}" + (f": there is {folder / of_stem[near[0]]}" if near else "")
    return Problem(None, "there is no such file", fix)


_VERY_NEAR = 0.75


@dataclass
class _Kind:
    title: str
    fix: str | None
    level: Literal["error", "warning"]
    count: int = 0
    first_line: int | None = None
    shown: list[str] = field(default_factory=list)


class Problems:
    """Faults by kind, in order of appearance; memory does not grow with the file.

    Args:
        place: returns the name of the place of a line, where lines are not those of the file.
    """

    def __init__(self, place: Callable[[int], str] | None = None) -> None:
        self._place = place
        self._kinds: dict[str, _Kind] = {}
        self.unread = False
        """Whether the file could not be read to its end, so that missing rows are unknown."""

    def stop(self, title: str, *, line: int | None = None, fix: str | None) -> None:
        """Add a fault that keeps the rest of the file from being read."""
        self.unread = True
        self.add(title, line=line, fix=fix)
        self._kinds[title].first_line = line  # of the file itself, whatever other lines are

    def add(
        self,
        title: str,
        offender: str | None = None,
        *,
        line: int | None = None,
        fix: str | Callable[[], str] | None = None,
        level: Literal["error", "warning"] = "error",
    ) -> None:
        """Count `offender` as one of kind `title`; the first few are shown with their lines."""
        kind = self._kinds.get(title)
        first = line if self._place is None else None
        if kind is None:  # a fix may cost something, and the first one stands for its kind
            fix_text = fix() if callable(fix) else fix
            kind = self._kinds[title] = _Kind(title, fix_text, level, first_line=first)
        kind.count += 1
        if offender is not None and len(kind.shown) < SHOWN_AT_MOST:
            kind.shown.append(offender if line is None else f"{offender} ({self._named(line)})")

    def _named(self, line: int) -> str:
        return f"line {line}" if self._place is None else self._place(line)

    def count(self, title: str, n: int) -> None:
        """Count `n` more of a kind that was added before, without showing them."""
        self._kinds[title].count += n

    def listed(self) -> list[Problem]:
        """Return one Problem a kind, errors first, else by their first lines; without one last."""
        found = [
            Problem(kind.first_line, _message(kind), kind.fix, kind.level, kind.count)
            for kind in self._kinds.values()
        ]
        return sorted(found, key=lambda one: (one.level != "error", one.line or math.inf))


def _message(kind: _Kind) -> str:
    if not kind.shown:
        return kind.title
    rest = kind.count - len(kind.shown)
    more = f" and {rest:,} more" if rest else ""
    return f"{kind.title}: {', '.join(kind.shown)}{more}"
