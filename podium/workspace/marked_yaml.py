"""YAML whose values remember their file and line, and edits that keep comments and order.

The scalars are those of YAML 1.2: `1e-3` is a number, `yes`, `no`, `on` and `2024-01-01` are text,
`012` is twelve. PyYAML alone reads them as YAML 1.1 did: text, booleans, a date, ten.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from podium.errors import plural

__all__ = [
    "FURTHER_LINE",
    "OTHER_VALUE",
    "DocumentProblem",
    "MarkedValue",
    "SourceLocation",
    "dump_yaml",
    "lines_behind",
    "load_plain_yaml",
    "merge_values",
    "parse_yaml",
    "plain_value",
    "value_at",
    "yaml_comment",
    "yaml_text",
    "yaml_with_values",
    "yaml_without_comment",
    "yaml_without_key",
]


_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_NULL = re.compile(r"~|null|Null|NULL|")
_TAG = "tag:yaml.org,2002:"
# Ten lines of aliases (*) unfold to billions of values, and brackets to a stack without an end.
_MOST_VALUES = 1_000_000
_DEEPEST = 50


@dataclass(frozen=True)
class SourceLocation:
    """A place in a source: a file (or `-o a.b=c`) and a line, counted from 1."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True)
class DocumentProblem:
    """One thing wrong with a document."""

    place: SourceLocation
    message: str
    fix: str | None = None


@dataclass
class MarkedValue:
    """A value with its place; `value` is a dict or list of Marked, or a scalar.

    Args:
        value: what was read.
        place: the line of the value, for a mapping's entry the line of its key.
        text: a scalar as it is written in the file.
    """

    value: Any
    place: SourceLocation
    text: str = ""


_QUICK_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads as `SafeLoader` does, eleven times as fast where PyYAML has libyaml, as its wheels have."""


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
_Dumper.add_multi_representer(str, _quoted_when_odd)
_Dumper.add_representer(list, _flow_when_short)
_Dumper.add_representer(tuple, _flow_when_short)


def dump_yaml(value: Any, *, width: float = 100) -> str:
    """Return `value` (mappings, lists, scalars) as YAML for people, keys in their order."""
    text: str = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=width,
        default_flow_style=False,
    )
    return text.removesuffix("...\n")


class _OneLine(_Dumper):
    """A dumper whose values stay on one line, names of columns that a sheet breaks, too."""


def _unbroken(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if set(text) & set("\n\r\x85\u2028\u2029") else None
    return dumper.represent_scalar(_TAG + "str", text, style=style)


def _flowing(dumper: yaml.SafeDumper, items: Any) -> yaml.SequenceNode:
    return dumper.represent_sequence(_TAG + "seq", items, flow_style=True)


_OneLine.add_representer(str, _unbroken)
_OneLine.add_multi_representer(str, _unbroken)
_OneLine.add_representer(list, _flowing)
_OneLine.add_representer(tuple, _flowing)


def yaml_text(value: Any) -> str:
    """Return a value on one line, as it stands inside of braces, quoted only where it must be."""
    return _text_of_word(value) if type(value) is str else _flow(value)


@lru_cache(10_000)  # the same keys, columns and classes stand in each reading that is tried
def _text_of_word(word: str) -> str:
    return _flow(word)


def _flow(value: Any) -> str:
    text: str = yaml.dump(
        [value],
        Dumper=_OneLine,
        sort_keys=False,
        allow_unicode=True,
        width=math.inf,
        default_flow_style=True,
    )
    return text.strip()[1:-1]


def load_plain_yaml(text: str) -> Any:
    """Return what PyYAML reads, for texts whose lines are not reported: YAML 1.1, quickly.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, Loader=_QUICK_LOADER)  # noqa: S506 — a safe one


def parse_yaml(
    text: str, file: str, *, numbered: bool = True
) -> tuple[MarkedValue | None, list[DocumentProblem]]:
    """Return the document in `text`, None when it is empty or broken, and every problem found.

    Args:
        text: the YAML.
        file: what to call it.
        numbered: False leaves line numbers out: the text is not a file's.
    """
    problems: list[DocumentProblem] = []
    try:
        node = yaml.compose(text, Loader=_Loader)
        if node is not None and (refused := _too_large(node, file)) is not None:
            return None, [refused]
        found = None if node is None else _Reader(file, numbered, problems).read(node)
    except RecursionError:
        return None, [_too_deep(SourceLocation(file))]
    except yaml.MarkedYAMLError as error:
        return None, [_syntax_problem(error, text, file)]
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, [
            DocumentProblem(
                SourceLocation(file, line), f"a character is not allowed in YAML: {error.reason}"
            )
        ]
    return found, problems


def merge_values(base: MarkedValue, over: MarkedValue) -> MarkedValue:
    """Return `base` changed by `over`: mappings key by key, everything else whole."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(base.value)
    for key, value in over.value.items():
        merged[key] = merge_values(merged[key], value) if key in merged else value
    return MarkedValue(merged, over.place)


def plain_value(marked: MarkedValue) -> Any:
    """Return the value without places."""
    if isinstance(marked.value, dict):
        return {key: plain_value(child) for key, child in marked.value.items()}
    if isinstance(marked.value, list):
        return [plain_value(child) for child in marked.value]
    return marked.value


class _Reader:
    """Turns PyYAML's nodes into Marked values; problems are collected, not raised."""

    def __init__(self, file: str, numbered: bool, problems: list[DocumentProblem]) -> None:
        self._file = file
        self._numbered = numbered
        self._problems = problems
        self._open: set[int] = set()

    def read(self, node: yaml.Node, place: SourceLocation | None = None) -> MarkedValue:
        place = place or self._place(node)
        if isinstance(node, yaml.ScalarNode):
            return MarkedValue(self._scalar(node), place, node.value)
        if id(node) in self._open:
            self._report(node, "an alias (*) stands inside the value that it repeats")
            return MarkedValue(None, place)
        if node.tag not in (_TAG + "seq", _TAG + "map"):
            self._refuse_tag(node)
            return MarkedValue(None, place)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return MarkedValue([self.read(child) for child in node.value], place)
            return MarkedValue(self._mapping(node), place)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.Node) -> dict[str, MarkedValue]:
        own: dict[str, MarkedValue] = {}
        inherited: dict[str, MarkedValue] = {}
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

    def _merged(self, node: yaml.Node) -> dict[str, MarkedValue]:
        parts = list(node.value) if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, MarkedValue] = {}
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
            self._refuse_tag(node)
            return None
        try:
            return convert(text)
        except ValueError:
            self._report(node, f"{text!r} is not a value of type {kind}")
            return None

    def _refuse_tag(self, node: yaml.Node) -> None:
        self._report(node, f"the tag {node.tag!r} is not allowed", "write the plain value")

    def _place(self, node: yaml.Node) -> SourceLocation:
        return SourceLocation(self._file, node.start_mark.line + 1 if self._numbered else None)

    def _report(self, node: yaml.Node, message: str, fix: str | None = None) -> None:
        self._problems.append(DocumentProblem(self._place(node), message, fix))


def _too_large(root: yaml.Node, file: str) -> DocumentProblem | None:
    """Return what is wrong where aliases unfold to too many values, or nesting is too deep.

    A value inside itself is not counted: whoever reads it names its line.
    """
    counted: dict[int, tuple[int, int]] = {}

    def count(node: yaml.Node) -> tuple[int, int]:
        """Return how many values there are in `node`, and how deep they stand."""
        if isinstance(node, yaml.ScalarNode):
            return 1, 0
        if id(node) not in counted:
            counted[id(node)] = 0, 0
            pairs = isinstance(node, yaml.MappingNode)
            inner = [one for pair in node.value for one in pair] if pairs else node.value
            found = [count(one) for one in inner]
            counted[id(node)] = (
                1 + sum(n for n, _ in found),
                1 + max((depth for _, depth in found), default=0),
            )
        return counted[id(node)]

    place = SourceLocation(file)
    try:
        n, depth = count(root)
    except RecursionError:
        return _too_deep(place)
    if depth > _DEEPEST:
        return _too_deep(place)
    if n > _MOST_VALUES:
        what = (
            f"it has {plural(n, 'value')} once its aliases (*) are unfolded, {_MOST_VALUES:,} at "
            "most"
        )
        return DocumentProblem(place, what, "write fewer aliases")
    return None


def _too_deep(place: SourceLocation) -> DocumentProblem:
    return DocumentProblem(place, f"lists or mappings stand more than {_DEEPEST} deep", "unfold it")


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


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> DocumentProblem:
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else mark.line + 1
    tabbed = _tabbed_lines(text)
    if "\\t" in (error.problem or "") and (line in tabbed or not tabbed):
        return DocumentProblem(
            SourceLocation(file, line), "a tab stands where YAML wants spaces", "indent with spaces"
        )
    if tabbed and line is not None and any(at <= line for at in tabbed):
        at = min(tabbed)
        return DocumentProblem(
            SourceLocation(file, at), "a tab stands where YAML wants spaces", "indent with spaces"
        )
    why = ", ".join(part for part in (error.context, error.problem) if part)
    return DocumentProblem(
        SourceLocation(file, line), f"this is not YAML: {why}", _syntax_fix(error.problem or "")
    )


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


KeyPath = tuple[str, ...]
OTHER_VALUE, FURTHER_LINE = "# or ", "#    "
"""What begins another value of a key, as a comment below it, and the lines that belong to it."""


def yaml_with_values(text: str, values: Mapping[KeyPath, Any]) -> str:
    r"""Return the YAML `text` with `values` at their places; all else is kept to the letter.

    Args:
        text: a document of mappings.
        values: scalars or lists of scalars, by the keys that lead to them. What is missing is
            added: behind the other keys of a mapping in braces, before those of one in lines.

    Raises:
        ValueError: something on the way is no mapping, or comes by an alias.

    Example:
        >>> yaml_with_values("a: {b: 1}  # why\n", {("a", "b"): 2, ("a", "c"): "F"})
        'a: {b: 2, c: F}  # why\n'
    """
    for path, value in values.items():
        text = _text_with_value(text, path, value)
        # Each alone, so that the message names the one that cannot.
        marked, problems = parse_yaml(text, "")
        found = None if marked is None else plain_value(marked)
        if problems or value_at(found, path) != _as_read(value):
            raise ValueError(f"{'.'.join(path)} cannot be written there")
    return text


def yaml_comment(text: str, path: Sequence[str]) -> str:
    r"""Return the comment of a key: above it, and behind its value; "" where there is none.

    Example:
        >>> yaml_comment("a:\n  # why\n  b: 1  # how\n", ("a", "b"))
        'why how'
    """
    found = _entry(text, path)
    if found is None:
        return ""
    name, node = found
    above = text[: text.rfind("\n", 0, name.start_mark.index) + 1].splitlines()
    lines = [*_comments_at_end(above), text[_end(node) :].partition("\n")[0]]
    return " ".join(one.strip().removeprefix("#").strip() for one in lines).strip()


def yaml_without_comment(text: str, path: Sequence[str]) -> str:
    r"""Return the YAML `text` without the comment of a key: above it, and behind its value.

    It stays where the key is not there, or is one of a mapping in braces.

    Example:
        >>> yaml_without_comment("a:\n  # why\n  b: 1  # how\n  c: 2  # so\n", ("a", "b"))
        'a:\n  b: 1\n  c: 2  # so\n'
    """
    found = _entry(text, path)
    if found is None:
        return text
    name, node = found
    at = _end(node)
    behind = text[at:].partition("\n")[0]
    if behind.lstrip().startswith("#"):
        text = text[:at].rstrip(" ") + text[at + len(behind) :]
    start = text.rfind("\n", 0, name.start_mark.index) + 1
    above = text[:start].splitlines(keepends=True)
    return "".join(above[: len(above) - len(_comments_at_end(above))]) + text[start:]


def _comments_at_end(lines: Sequence[str]) -> list[str]:
    """Return the comments that end some lines, without other values of the key before them."""

    def is_comment(line: str) -> bool:
        line = line.lstrip()
        return line.startswith("#") and not line.startswith((OTHER_VALUE, FURTHER_LINE))

    return list(itertools.takewhile(is_comment, lines[::-1]))[::-1]


def yaml_without_key(text: str, path: Sequence[str]) -> str:
    r"""Return the YAML `text` without a key, its value and its comment.

    It stays where the key is not there, or is one of a mapping in braces.

    Example:
        >>> yaml_without_key("a:\n  # why\n  b: [1,\n    2]  # how\n  c: 2\n", ("a", "b"))
        'a:\n  c: 2\n'
    """
    text = yaml_without_comment(text, path)
    found = _entry(text, path)
    if found is None:
        return text
    before = text[: found[0].start_mark.index].rpartition("\n")
    return "".join(before[:2]) + "".join(lines_behind(text, path)).removeprefix("\n")


def lines_behind(text: str, path: Sequence[str]) -> list[str]:
    r"""Return the lines below the value of a key, with their ends; none where it is not there.

    Example:
        >>> lines_behind("a:\n  b: [1,\n    2]  # how\n  # or b: [3]\n", ("a", "b"))
        ['  # or b: [3]\n']
    """
    found = _entry(text, path)
    return [] if found is None else text[_end(found[1]) :].splitlines(keepends=True)[1:]


def _entry(text: str, path: Sequence[str]) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the name and the value of a key of mappings in lines; None where it is not there."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    found: tuple[yaml.Node, yaml.Node] | None = None
    for key in path:
        pairs = node.value if isinstance(node, yaml.MappingNode) and not node.flow_style else ()
        found = next((pair for pair in pairs if pair[0].value == key), None)
        if found is None:
            return None
        node = found[1]
    return found


def _end(node: yaml.Node) -> int:
    """Return where a value ends: PyYAML ends one in lines behind the comments below it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _as_read(value: Any) -> Any:
    """Return a value as a document has it: the keys of a mapping are text."""
    if isinstance(value, Mapping):
        return {str(key): _as_read(one) for key, one in value.items()}
    return [*map(_as_read, value)] if isinstance(value, list | tuple) else value


def value_at(document: Any, path: Sequence[str]) -> Any:
    """Return the value of a key of a document of mappings; None where it has none.

    Example:
        >>> value_at({"a": {"b": 1}}, ("a", "b")), value_at({"a": 2}, ("a", "b"))
        (1, None)
    """
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _text_with_value(text: str, path: KeyPath, value: Any) -> str:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for depth, key in enumerate(path):
        if not isinstance(node, yaml.MappingNode):
            raise ValueError(f"{'.'.join(path[:depth])} is no mapping")
        child = next((value for name, value in node.value if name.value == key), None)
        if child is None:
            return _text_with_key(text, node, path[depth:], value)
        node = child
    assert node is not None
    start, end = node.start_mark.index, _end(node)
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:  # behind its key instead
        start = text.rindex(":", 0, start) + 1
    # An empty scalar (`key:`) ends where the colon does.
    blank = "" if text[start - 1 : start] in (" ", "\n") or start == 0 else " "
    return text[:start] + blank + yaml_text(value) + text[end:]


def _text_with_key(text: str, node: yaml.MappingNode, path: KeyPath, value: Any) -> str:
    for key in reversed(path[1:]):
        value = {key: value}
    entry = f"{_flow_key(path[0])}: {yaml_text(value)}"
    if node.flow_style:
        at = node.end_mark.index - 1
        before = text[:at].rstrip()
        comma = "" if before.endswith(("{", ",")) else ","
        space = "" if before.endswith("{") else " "
        return f"{before}{comma}{space}{entry}{text[at:]}"
    first = node.value[0][0].start_mark
    start = first.index - first.column
    return f"{text[:start]}{' ' * first.column}{entry}\n{text[start:]}"


def _flow_key(key: object) -> str:
    """Return a key as it stands before a colon, in quotes where its signs need them."""
    text = str(key)
    return text if _WORD.fullmatch(text) else yaml_text(text)


_WORD = re.compile(r"[A-Za-z0-9_]+")  # a key is text, be it true or 7
