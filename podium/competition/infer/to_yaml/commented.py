"""YAML text, each line with a comment on its meaning and reason."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium.workspace.marked_yaml import (
    FURTHER_LINE,
    OTHER_VALUE,
    parse_yaml,
    plain_value,
    yaml_text,
)

__all__ = ["YamlEntry", "other_readings", "render"]

_WIDTH = 100
_INDENT = "  "


@dataclass(frozen=True)
class YamlEntry:
    """A line of the file: its key, its value (a list of entries for a section), and its comment."""

    key: str
    value: Any
    comment: str = ""
    others: tuple[tuple[object, str], ...] = ()
    """Values that fit as well, each with the evidence: they stand below it, as comments."""


def render(entries: Sequence[YamlEntry], heading: str) -> str:
    """Return YAML text with comments.

    Example:
        >>> print(render([YamlEntry("name", "no", "any name will do")], "A competition."), end="")
        # A competition.
        <BLANKLINE>
        name: 'no'  # any name will do
    """
    lines = _comment(heading, "")
    for entry in entries:
        lines += ["", *_lines(entry, "")]
    return "\n".join(lines) + "\n"


def other_readings(lines: Sequence[str], key: str) -> tuple[list[tuple[Any, str]], int]:
    """Return the values that fit as well, each with the evidence, and how many lines they take.

    Args:
        lines: of a file that `render` wrote, from the one behind the key's value on.
        key: the last part of its name.

    Example:
        >>> both = YamlEntry("name", "iou", others=(("f1", "a text names it"),))
        >>> other_readings(render([both], "").splitlines()[3:], "name")
        ([('f1', 'a text names it')], 2)
    """
    found: list[tuple[Any, str]] = []
    at, start = 0, f"{OTHER_VALUE}{yaml_text(key)}: "
    while at < len(lines) and lines[at].lstrip().startswith(start):
        value, why = [lines[at].strip().removeprefix(OTHER_VALUE)], list[str]()
        at += 1
        while at < len(lines) and lines[at].lstrip().startswith(FURTHER_LINE):
            line = lines[at].strip().removeprefix(FURTHER_LINE)
            (why if why or line.startswith("as ") else value).append(line)
            at += 1
        read, _ = parse_yaml("\n".join(value), "")
        if read is not None:  # a person may have changed it
            found.append((plain_value(read)[key], " ".join(why).removeprefix("as ")))
    return found, at


def _lines(entry: YamlEntry, indent: str) -> list[str]:
    if isinstance(entry.value, list) and entry.value and isinstance(entry.value[0], YamlEntry):
        above = _comment(entry.comment, indent) if entry.comment else []
        inner = [line for child in entry.value for line in _lines(child, indent + _INDENT)]
        return [*above, f"{indent}{yaml_text(entry.key)}:", *inner, *_other_lines(entry, indent)]
    body = [*_wrapped(entry, indent), *_other_lines(entry, indent)]
    beside = f"{body[0]}  # {entry.comment}"
    if not entry.comment:
        return body
    if len(body) == 1 and len(beside) <= _WIDTH and "\n" not in entry.comment:
        return [beside]
    return [*_comment(entry.comment, indent), *body]


def _other_lines(entry: YamlEntry, indent: str) -> Iterator[str]:
    for value, why in entry.others:
        first, *rest = _wrapped(YamlEntry(entry.key, value), "")
        yield from (
            f"{indent}{OTHER_VALUE}{first}",
            *(f"{indent}{FURTHER_LINE}{line}" for line in rest),
        )
        if why:
            yield from _comment(f"as {why}", indent, FURTHER_LINE)


def _wrapped(entry: YamlEntry, indent: str) -> list[str]:
    """Return `key: value`, a long list or mapping over several lines."""
    start = f"{indent}{yaml_text(entry.key)}: "
    if isinstance(entry.value, Mapping):
        parts = [f"{yaml_text(key)}: {yaml_text(value)}" for key, value in entry.value.items()]
        opening, closing = "{", "}"
    elif isinstance(entry.value, list):
        parts = [yaml_text(value) for value in entry.value]
        opening, closing = "[", "]"
    else:
        return [start + yaml_text(entry.value)]
    whole = f"{start}{opening}{', '.join(parts)}{closing}"
    if len(whole) <= _WIDTH:
        return [whole]
    # Broken between the parts only: a name with a space must stay whole.
    lines = [start + opening]
    for part in parts:
        if len(lines) > 1 and len(lines[-1]) + len(part) + 2 <= _WIDTH:
            lines[-1] += f" {part},"
        else:
            lines.append(f"{indent}{_INDENT}{part},")
    return [*lines, f"{indent}{closing}"]


def _comment(text: str, indent: str, sign: str = "# ") -> list[str]:
    start = f"{indent}{sign}"
    return [
        (start + line).rstrip()
        for paragraph in text.split("\n")
        for line in textwrap.wrap(
            paragraph, _WIDTH - len(start), break_long_words=False, break_on_hyphens=False
        )
        or [""]
    ]
