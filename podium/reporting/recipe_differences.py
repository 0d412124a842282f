"""What differs between two recipes, line by line of the resolved YAML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

__all__ = ["Line", "Sign", "differences", "lines_apart"]

Sign = Literal["same", "added", "removed", "changed"]
_KEY = re.compile(r"(?P<indent> *)(?P<item>- )?(?:(?P<key>[^\s:][^:]*?):(?: (?P<value>.*))?)?")


@dataclass(frozen=True)
class Line:
    """A line of a recipe beside another one.

    Attributes:
        sign: `removed` lines are the other recipe's only.
        text: as it stands in the file.
        path: which key it sets, as `phases[joint].optimizer.lr`; "" where that cannot be told.
        value: what it sets it to; "" of a line that others are below.
        was: the value in the other recipe, of a `changed` line.
    """

    sign: Sign
    text: str
    path: str
    value: str
    was: str = ""


def differences(old: str, new: str) -> list[Line]:
    """Return the lines of `new`, and where they stood those of `old` that it does not have.

    Lines are matched by difflib. Of what it would replace, lines that set the same key to another
    value are `changed`, the rest is `removed` and `added`.
    """
    before, after = list(_read(old)), list(_read(new))
    found: list[Line] = []
    for is_same, gone, come in _matched(before, after, [x.text for x in before + after]):
        found += come if is_same else _replaced(gone, come)
    return found


def lines_apart(old: str, new: str) -> int:
    """Return how many lines only one of two recipes has; cheap, and 0 of equal ones."""
    before, after = (Counter(one.splitlines()) for one in (old, new))
    return ((before - after) + (after - before)).total()


def _replaced(before: list[Line], after: list[Line]) -> Iterator[Line]:
    for is_same, gone, come in _matched(before, after, [_key(x) for x in before + after]):
        if is_same:
            for was, now in zip(gone, come, strict=True):
                yield Line("changed", now.text, now.path, now.value, was.value)
        else:
            yield from (Line("removed", one.text, one.path, one.value) for one in gone)
            yield from (Line("added", one.text, one.path, one.value) for one in come)


def _matched(
    before: list[Line], after: list[Line], by: list[str]
) -> Iterator[tuple[bool, list[Line], list[Line]]]:
    """Yield pieces of both and whether they are the same `by` the texts of all their lines."""
    matcher = SequenceMatcher(None, by[: len(before)], by[len(before) :], autojunk=False)
    for tag, i, j, first, end in matcher.get_opcodes():
        yield tag == "equal", before[i:j], after[first:end]


def _key(line: Line) -> str:
    """Return what a line sets, without to what; lines that set nothing are themselves."""
    return line.text.removesuffix(line.value) if line.value else line.text


def _read(text: str) -> Iterator[Line]:
    """Yield each line with the path of its key; an item of a list goes by its name, if it has one.

    It reads what podium writes (block style, two spaces a level), and of any other text no more
    than a wrong path can come of it.
    """
    stack: list[tuple[int, str]] = []
    for number, line in enumerate(lines := text.splitlines()):
        found = _KEY.match(line)
        assert found is not None  # it matches the empty text
        indent, value = len(found["indent"]), (found["value"] or "").strip()
        stack = [one for one in stack if one[0] < indent]
        if found["item"]:
            stack.append((indent, f"[{_name_of_item(lines, number, indent)}]"))
            indent += 2
        if found["key"]:
            stack.append((indent, found["key"]))
        path = "".join(one if one.startswith("[") else f".{one}" for _, one in stack)
        yield Line("same", line, path.removeprefix("."), value)


def _name_of_item(lines: list[str], number: int, indent: int) -> str:
    """Return the name of the item that begins in a line, or its place in the list from 0."""
    name = re.fullmatch(r" *- name: (.*)", lines[number])
    if name:
        return name[1].strip("'\"")
    place, prefix = 0, " " * indent
    for line in reversed(lines[:number]):
        if line.startswith(f"{prefix}- "):
            place += 1
        elif not line.startswith(f"{prefix} "):
            break
    return str(place)
