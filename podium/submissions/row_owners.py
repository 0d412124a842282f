"""Whose row it is, and what the same row of another sample is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass

from podium.submissions.format import Format

__all__ = ["Owner", "owner_pattern"]


@dataclass(frozen=True)
class Owner:
    """The name of a sample within the id of a row.

    Attributes:
        name: of the sample.
        before, after: what stands around it.
    """

    name: str
    before: str
    after: str

    def renamed(self, name: str) -> str:
        """Return the id of the row if it were of `name`."""
        return f"{self.before}{name}{self.after}"


def owner_pattern(form: Format) -> Callable[[str, Container[str]], Owner | None]:
    """Return the function from the id of a row and the known names to its owner, None if unknown.

    Where a class's name ends another's, the name that is known is taken.
    """
    before, _, after = form.id.partition("{id}")
    patterns = [
        re.compile(f"({_regex(before, form)})(.+{lazy})({_regex(after, form)})")
        for lazy in ("?", "")
    ]

    def owner(key: str, names: Container[str]) -> Owner | None:
        for pattern in patterns:
            match = pattern.fullmatch(key)
            if match is not None and match[2] in names:
                return Owner(match[2], match[1], match[match.re.groups])
        return None

    return owner


def _regex(template: str, form: Format) -> str:
    classes = sorted(form.classes, key=len, reverse=True)
    one = {"{class}": "(?:" + "|".join(map(re.escape, classes)) + ")"}
    numbers = dict.fromkeys(("{index}", "{number}", "{row}", "{column}"), r"\d+")
    parts = re.split(r"(\{[a-z]+\})", template)
    return "".join((one | numbers).get(part, re.escape(part)) for part in parts)
