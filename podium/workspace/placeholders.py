"""Placeholders of a YAML file that a person completes, as `<write the label's column>`.

A file in which one is left is refused before anything else of it is looked at. They begin with the
word "write", so that a class that is called `<none>` is none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from podium.workspace.marked_yaml import DocumentProblem, MarkedValue

__all__ = ["find_placeholders", "placeholder"]


_PLACEHOLDER = re.compile(r"<write [^<>]+>")


def placeholder(what: str) -> str:
    """Return the placeholder of something, as `<write the kind>` of "the kind"."""
    return f"<write {what}>"


def find_placeholders(marked: MarkedValue) -> Iterator[DocumentProblem]:
    """Yield a problem for each placeholder in the keys and values of a document."""
    value = marked.value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _in_text(key, child)
            yield from find_placeholders(child)
    elif isinstance(value, list):
        for child in value:
            yield from find_placeholders(child)
    else:
        yield from _in_text(value, marked)


def _in_text(text: object, marked: MarkedValue) -> Iterator[DocumentProblem]:
    if isinstance(text, str) and (found := _PLACEHOLDER.search(text)) is not None:
        yield DocumentProblem(
            marked.place,
            f"{found[0]} is a placeholder to complete",
            "put the value in its place; the comment beside it says what may stand there",
        )
