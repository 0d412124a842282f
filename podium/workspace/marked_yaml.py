"""YAML whose values remember the file and line that they stand on.

The scalars are those of YAML 1.2: `1e-3` is a number, `yes`, `no`, `on` and `2024-01-01` are text,
`012` is twelve. PyYAML alone reads them as YAML 1.1 did: text, booleans, a date, ten.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

__all__ = ["Marked", "Place", "Problem", "dump_yaml", "merge", "parse", "plain"]

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_NULL = re.compile(r"~|null|Null|NULL|")
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Place:
    """Where something is written: a file (or `-o a.b=c`) and a line, counted from 1."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document."""

    place: Place
    message: str
    fix: str | None = None


@dataclass
class Marked:
    """A value with its place; `value` is a dict or list of Marked, or a scalar.

    Args:
        value: what was read.
        place: the line of the value, for a mapping's entry the line of its key.
        text: a scalar as it is written in the file.
    """

    value: Any
    place: Place
    text: str = ""


class _Loader(yaml.SafeLoader):
    """Resolves plain scalars as YAML 1.2 does."""


class _Dumper(yaml.SafeDumper):
    """Quotes whatever YAML 1.1 or 1.2 would not read back as the same text."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _full(pattern: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{pattern.pattern})\\Z")


_Loader.yaml_implicit_resolvers = {}
for _rules in (_Loader, _Dumper):
    for _name, _pattern, _first in (
        ("bool", _BOOL, "tTfF"),
        ("int", _INT, "-+0123456789"),
        ("float", _FLOAT, "-+.0123456789"),
        ("null", _NULL, ["~", "n", "N", ""]),
    ):
        _rules.add_implicit_resolver(_TAG + _name, _full(_pattern), list(_first))
_Loader.add_implicit_resolver(_TAG + "merge", re.compile(r"<<\Z"), ["<"])


def _flow_when_short(dumper: yaml.SafeDumper, items: Any) -> yaml.SequenceNode:
    every = list(items)
    flow = all(not isinstance(item, list | tuple | dict) for item in every)
    return dumper.represent_sequence(_TAG + "seq", every, flow_style=flow)


def _quoted_when_odd(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # PyYAML folds these line breaks into blanks when it reads them in plain or single quotes.
    style = '"' if set(text) & set("\x85\u2028\u2029") else None
    return dumper.represent_scalar(_TAG + "str", text, style=style)


_Dumper.add_representer(str, _quoted_when_odd)
_Dumper.add_representer(list, _flow_when_short)
_Dumper.add_representer(tuple, _flow_when_short)


def dump_yaml(value: Any) -> str:
    """Return `value` (mappings, lists, scalars) as YAML for people, keys in their order."""
    text: str = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=False,
    )
    return text.removesuffix("...\n")


def parse(text: str, file: str, *, numbered: bool = True) -> tuple[Marked | None, list[Problem]]:
    """Return the document in `text`, None when it is empty or broken, and every problem found.

    Args:
        text: the YAML.
        file: what to call it.
        numbered: False leaves line numbers out: the text is not a file's.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        return None, [_syntax_problem(error, text, file)]
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, [
            Problem(Place(file, line), f"a character is not allowed in YAML: {error.reason}")
        ]
    if node is None:
        return None, []
    problems: list[Problem] = []
    return _Reader(file, numbered, problems).read(node), problems


def merge(base: Marked, over: Marked) -> Marked:
    """Return `base` changed by `over`: mappings key by key, everything else whole."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(base.value)
    for key, value in over.value.items():
        merged[key] = merge(merged[key], value) if key in merged else value
    return Marked(merged, over.place)


def plain(marked: Marked) -> Any:
    """Return the value without places."""
    if isinstance(marked.value, dict):
        return {key: plain(child) for key, child in marked.value.items()}
    if isinstance(marked.value, list):
        return [plain(child) for child in marked.value]
    return marked.value


class _Reader:
    """Turns PyYAML's nodes into Marked values; problems are collected, not raised."""

    def __init__(self, file: str, numbered: bool, problems: list[Problem]) -> None:
        self._file = file
        self._numbered = numbered
        self._problems = problems
        self._open: set[int] = set()

    def read(self, node: yaml.Node, place: Place | None = None) -> Marked:
        place = place or self._place(node)
        if isinstance(node, yaml.ScalarNode):
            return Marked(self._scalar(node), place, node.value)
        if id(node) in self._open:
            self._report(node, "an alias (*) stands inside the value that it repeats")
            return Marked(None, place)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return Marked([self.read(child) for child in node.value], place)
            return Marked(self._mapping(node), place)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.Node) -> dict[str, Marked]:
        own: dict[str, Marked] = {}
        inherited: dict[str, Marked] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                inherited |= self._merged(value_node)
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._report(key_node, "a key must be a single word, not a list or a mapping")
                continue
            key, place = key_node.value, self._place(key_node)
            if key in own:
                self._report(
                    key_node,
                    f"{key!r} stands twice, first on line {own[key].place.line}",
                    "keep one of the two",
                )
            own[key] = self.read(value_node, place)
        return inherited | own

    def _merged(self, node: yaml.Node) -> dict[str, Marked]:
        parts = list(node.value) if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Marked] = {}
        for part in reversed(parts):
            if isinstance(part, yaml.MappingNode):
                merged |= self.read(part).value or {}
            else:
                self._report(part, "<< must be followed by mappings")
        return merged

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text, kind = node.value, node.tag.removeprefix(_TAG)
        convert = _SCALARS.get(kind)
        if convert is None:
            self._report(node, f"the tag {node.tag!r} is not allowed", "write the plain value")
            return None
        try:
            return convert(text)
        except ValueError:
            self._report(node, f"{text!r} is not a value of type {kind}")
            return None

    def _place(self, node: yaml.Node) -> Place:
        return Place(self._file, node.start_mark.line + 1 if self._numbered else None)

    def _report(self, node: yaml.Node, message: str, fix: str | None = None) -> None:
        self._problems.append(Problem(self._place(node), message, fix))


def _bool(text: str) -> bool:
    if not _BOOL.fullmatch(text):
        raise ValueError(text)
    return text.lower() == "true"


def _int(text: str) -> int:
    # int(text, 0) would refuse 012.
    return int(text, 0) if text[:2].lower() in ("0x", "0o") else int(text)


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _null(text: str) -> None:
    del text


_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "bool": _bool,
    "int": _int,
    "float": _float,
    "null": _null,
    "merge": str,
}


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else mark.line + 1
    tabbed = _tabbed_lines(text)
    if "\\t" in (error.problem or "") and (line in tabbed or not tabbed):
        return Problem(
            Place(file, line), "a tab stands where YAML wants spaces", "indent with spaces"
        )
    if tabbed and line is not None and any(at <= line for at in tabbed):
        at = min(tabbed)
        return Problem(
            Place(file, at), "a tab stands where YAML wants spaces", "indent with spaces"
        )
    why = ", ".join(part for part in (error.context, error.problem) if part)
    return Problem(Place(file, line), f"this is not YAML: {why}", _syntax_fix(error.problem or ""))


def _tabbed_lines(text: str) -> list[int]:
    return [
        at
        for at, line in enumerate(text.splitlines(), 1)
        if re.match(r" *\t", line) and line.strip()
    ]


def _syntax_fix(problem: str) -> str:
    if "mapping values are not allowed" in problem:
        return "put quotes around a text that holds ': ', and check the indentation"
    if "expected ',' or ']', but got '['" in problem:
        return "put quotes around a text that holds brackets, as 'backbone[:-2]'"
    if "expected ',' or" in problem or "<stream end>" in problem:
        return "close every [, { and quote"
    if "single document" in problem:
        return "keep one document a file: remove the line ---"
    return "check the indentation and the quotes around this line"
