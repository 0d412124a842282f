"""Values set in the text of a YAML file whose comments and order stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from podium.workspace.marked_yaml import dump_yaml, parse, plain

__all__ = ["with_values"]

Path = tuple[str, ...]


def with_values(text: str, values: Mapping[Path, Any]) -> str:
    r"""Return the YAML `text` with `values` at their places; all else is kept to the letter.

    Args:
        text: a document of mappings.
        values: scalars or lists of scalars, by the keys that lead to them. What is missing is
            added: behind the other keys of a mapping in braces, before those of one in lines.

    Raises:
        ValueError: something on the way is no mapping, or comes by an alias.

    Example:
        >>> with_values("a: {b: 1}  # why\n", {("a", "b"): 2, ("a", "c"): "F"})
        'a: {b: 2, c: F}  # why\n'
    """
    for path, value in values.items():
        text = _with_value(text, path, value)
    marked, problems = parse(text, "")
    found = None if marked is None else plain(marked)
    for path, value in values.items():
        if problems or _at(found, path) != value:
            raise ValueError(f"{'.'.join(path)} cannot be written there")
    return text


def _at(document: Any, path: Sequence[str]) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _with_value(text: str, path: Path, value: Any) -> str:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for depth, key in enumerate(path):
        if not isinstance(node, yaml.MappingNode):
            raise ValueError(f"{'.'.join(path[:depth])} is no mapping")
        child = next((value for name, value in node.value if name.value == key), None)
        if child is None:
            return _added(text, node, path[depth:], value)
        node = child
    assert node is not None
    start, end = node.start_mark.index, node.end_mark.index
    # An empty scalar (`key:`) ends where the colon does.
    blank = "" if text[start - 1 : start] in (" ", "\n") or start == 0 else " "
    return text[:start] + blank + _flow(value) + text[end:]


def _added(text: str, node: yaml.MappingNode, path: Path, value: Any) -> str:
    for key in reversed(path[1:]):
        value = {key: value}
    entry = f"{path[0]}: {_flow(value)}"
    if node.flow_style:
        at = node.end_mark.index - 1
        before = text[:at].rstrip()
        comma = "" if before.endswith(("{", ",")) else ","
        space = "" if before.endswith("{") else " "
        return f"{before}{comma}{space}{entry}{text[at:]}"
    first = node.value[0][0].start_mark
    start = first.index - first.column
    return f"{text[:start]}{' ' * first.column}{entry}\n{text[start:]}"


def _flow(value: Any) -> str:
    """Return a value on one line, as it stands inside of braces."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return dump_yaml([value]).strip().removeprefix("[").removesuffix("]")
