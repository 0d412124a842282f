"""YAML files read into pydantic models; all problems of a file are reported together, by line.

A document may begin with `extends: other.yaml` and be changed by overrides like
`phases[1].epochs=3`. `validation_problems` turns what pydantic finds wrong into sentences that name
the line, the value and the fix.
"""

from __future__ import annotations

import copy
import difflib
import math
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, to_jsonable_python

from podium.errors import PodiumError, either, plural, suggest
from podium.workspace import atomic, digests
from podium.workspace.display import show_path
from podium.workspace.layout import COMPETITION_FILE
from podium.workspace.marked_yaml import (
    DocumentProblem,
    MarkedValue,
    SourceLocation,
    dump_yaml,
    merge_values,
    parse_yaml,
    plain_value,
)
from podium.workspace.other_names import own_name
from podium.workspace.placeholders import find_placeholders

__all__ = [
    "RuleError",
    "dump",
    "dumps",
    "format_path",
    "locate_key",
    "read_document",
    "read_marked",
    "refuse_falling",
    "steps_of",
    "validation_problems",
    "wrong_numbers",
]


M = TypeVar("M", bound=BaseModel)


def refuse_falling(low: float, high: float, key: str = "") -> None:
    """Raise RuleError, of a `key` of a mapping, unless a range of two numbers rises."""
    if low < high:
        return
    fix = f"write [{high:g}, {low:g}]" if high < low else "write [lowest, highest]"
    name = f"{key}: " if key else ""
    raise RuleError(f"{name}the second number must be larger, got [{low:g}, {high:g}]", fix)


class RuleError(ValueError):
    """A rule of a model that a document breaks, with how to mend it.

    Args:
        message: what is wrong, as of the `ValueError` of other rules.
        fix: what to do.
    """

    def __init__(self, message: str, fix: str) -> None:
        self.fix = fix
        super().__init__(message)


_EXTENDS = "extends"
_INSIDE = 2  # steps to an entry, as to `phases[1]`: its line tells where a key is missing
_OVERRIDE = re.compile(r"(?P<path>[^=]*?)\s*=\s*(?P<value>.*)", re.DOTALL)
_STEP = re.compile(r"(?:^|\.)(?P<key>[^.\[\]]+)|\[(?P<index>\d+)\]")


def read_document(
    path: Path,
    model: type[M],
    *,
    error: type[PodiumError],
    overrides: Sequence[str] = (),
    context: Mapping[str, Any] | None = None,
    others: Mapping[str, type[BaseModel]] | None = None,
) -> M:
    """Return the document in `path` as a `model`.

    Args:
        path: a YAML file; `extends: other.yaml` in it names a file, relative to it, whose mappings
            it changes key by key and whose lists it replaces.
        model: a pydantic model.
        error: the class to raise.
        overrides: texts such as `optimizer.lr=1e-3` or `phases[1].epochs=3`; the value is YAML.
        context: the validation context of the model, as pydantic has it.
        others: files by name whose keys may be meant, with their models.

    Raises:
        PodiumError: of class `error`, with every problem of the file and the line of each.
    """
    problems: list[DocumentProblem] = []
    marked = _load(path, error, problems, (), _example(model))
    for override in overrides:
        marked = _apply(marked, override, problems)
    # What else is wrong may follow from these.
    if left := list(find_placeholders(marked)):
        raise _as_error([*problems, *left], path, error)
    document = None
    try:
        document = model.model_validate(plain_value(marked), context=context)
    except ValidationError as invalid:
        problems += validation_problems(invalid, marked, model, others)
    named = {one.message.partition(" must be ")[0] for one in problems}
    wrong = wrong_numbers(marked, model)
    problems += [one for one in wrong if one.message.partition(" must be ")[0] not in named]
    if document is None or problems:
        raise _as_error(problems, path, error)
    return document


def locate_key(path: Path, key: str, *, overrides: Sequence[str] = ()) -> str:
    """Return a key of the document in `path` as `file:line: key`; `key` itself if it has none such.

    Args:
        path: a file that `read_document` has read.
        key: as `phases[1].loss.classify`. Where the end of it is not written, the line is that of
            what is, as of the phase; of a key that is missing at the top there is no line.
        overrides: as of `read_document`; a value of one is placed at the override.
    """
    try:
        marked = _load(path, PodiumError, [], ())
    except PodiumError:  # changed, or removed, since it was read
        return key
    for override in overrides:
        marked = _apply(marked, override, [])
    known, missing = _walk(marked, tuple(steps_of(key)))
    if not known or (missing and len(known) < _INSIDE):
        return key
    return f"{_at(marked, known).place}: {key}"


def dump(document: BaseModel, path: Path) -> None:
    """Write the document with all its defaults to `path`, whole or not at all."""
    atomic.write_text(path, dumps(document))


def dumps(document: BaseModel) -> str:
    """Return the document with all its defaults as YAML that `read_document` reads back."""
    return dump_yaml(
        to_jsonable_python(document.model_dump(by_alias=True), inf_nan_mode="constants")
    )


def _load(
    path: Path,
    error: type[PodiumError],
    problems: list[DocumentProblem],
    seen: tuple[Path, ...],
    example: str = "key: value",
) -> MarkedValue:
    name = show_path(path)
    marked, found = parse_yaml(_read_text(path, error), name)
    problems += found
    if marked is None and found:
        raise _as_error(problems, path, error)
    if marked is None or marked.value is None:
        raise error("the file is empty", where=name, fix=f"write keys and values, as `{example}`")
    if not isinstance(marked.value, dict):
        raise error(
            f"must hold keys with values, is {_kind(marked.value)}",
            where=marked.place,
            fix="write `key: value`",
        )
    parent = marked.value.pop(_EXTENDS, None)
    if parent is None:
        return marked
    return merge_values(
        _load_parent(parent, path, error, problems, (*seen, path.resolve())), marked
    )


def _load_parent(
    parent: MarkedValue,
    path: Path,
    error: type[PodiumError],
    problems: list[DocumentProblem],
    seen: tuple[Path, ...],
) -> MarkedValue:
    if not isinstance(parent.value, str):
        raise error(
            f"extends must name one file, got {plain_value(parent)!r}",
            where=parent.place,
            fix="write extends: other.yaml",
        )
    file = path.parent / Path(parent.value).expanduser()
    if file.resolve() in seen:
        chain = " → ".join(one.name for one in (*seen, file))
        raise error(
            f"extends runs in a circle: {chain}", where=parent.place, fix="remove one extends"
        )
    if not file.is_file():
        raise error(
            f"extends names {parent.value!r}, and there is no file {show_path(file)}",
            where=parent.place,
            fix="write the path relative to this file",
        )
    return _load(file, error, problems, seen)


def read_marked(path: Path, error: type[PodiumError]) -> MarkedValue | None:
    """Return the content of a YAML file of any form, every value with its line; None: it is empty.

    Raises:
        error: of that type, where it cannot be read or is no YAML; names the line.
    """
    marked, problems = parse_yaml(_read_text(path, error), show_path(path))
    if problems:
        raise error(problems[0].message, where=problems[0].place, fix=problems[0].fix)
    return marked


def _read_text(path: Path, error: type[PodiumError]) -> str:
    digests.check(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError as cause:
        there = sorted(one.name for one in path.parent.glob("*.y*ml"))
        # `competition.yaml` lies beside most files, and is meant where the name is like its own.
        near = difflib.get_close_matches(path.name, there) or [
            name for name in there if name != COMPETITION_FILE
        ]
        fix = f"choose one of {', '.join(near[:5])}" if near else "write it, or check the path"
        raise error("there is no such file", where=show_path(path), fix=fix) from cause
    except IsADirectoryError as cause:
        raise error("this is a folder", where=show_path(path), fix="name a YAML file") from cause
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        line = raw.count(b"\n", 0, cause.start) + 1
        raise error(
            "this line is not UTF-8 text",
            where=SourceLocation(show_path(path), line),
            fix="save the file as UTF-8",
        ) from cause


def _apply(marked: MarkedValue, override: str, problems: list[DocumentProblem]) -> MarkedValue:
    """Return the document with one override in it; unchanged if it fails, which is reported."""
    place = SourceLocation(f"-o {override}")
    match = _OVERRIDE.fullmatch(override)
    if match is None or not match["path"].strip():
        is_key = "=" not in override and steps_of(override.strip())
        fix = f"write it as {override.strip()}=VALUE" if is_key else "write it as optimizer.lr=1e-3"
        problems.append(DocumentProblem(place, "an override is key=value", fix))
        return marked
    steps = steps_of(match["path"].strip())
    if not steps:
        no_key = f"{match['path'].strip()} is no key: keys are joined by dots, and [0] is the first"
        problems.append(DocumentProblem(place, no_key, "write it as phases[0].epochs=3"))
        return marked
    value, found = parse_yaml(match["value"], place.file, numbered=False)
    problems += found
    if found:
        return marked
    changed = copy.deepcopy(marked)
    why = _put(changed, steps, value or MarkedValue(None, place), place)
    if why is not None:
        problems.append(
            DocumentProblem(place, why, "name a key of the document, as phases[0].epochs=3")
        )
        return marked
    return changed


def steps_of(path: str) -> list[str | int]:
    """Return the keys and indices of a place in a document; none where it cannot be meant.

    Example:
        >>> steps_of("phases[1].epochs"), steps_of("phases[one]")
        (['phases', 1, 'epochs'], [])
    """
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return []
        steps.append(match["key"] if match["index"] is None else int(match["index"]))
        at = match.end()
    return steps


def _put(
    marked: MarkedValue, steps: list[str | int], value: MarkedValue, place: SourceLocation
) -> str | None:
    """Set the value at `steps`, making mappings on the way; return why it cannot be done."""
    node, done = marked, ""
    for at, step in enumerate(steps):
        if node.value is None:
            node.value = {}
        step = _index_of_name(node.value, step)
        why = _refusal(node.value, step, done)
        if why is not None:
            return why
        if at == len(steps) - 1:
            node.value[step] = value
        else:
            if isinstance(step, str):
                node.value.setdefault(step, MarkedValue(None, place))
            node = node.value[step]
        done = f"{done}[{step}]" if isinstance(step, int) else f"{done}.{step}".lstrip(".")
    return None


def _index_of_name(value: Any, step: str | int) -> str | int:
    """Return the place of the one entry of a list that is called `step`, or has this number.

    Else the step itself: `phases.0` is `phases[0]`, as Hydra has it.
    """
    if isinstance(step, int) or not isinstance(value, list):
        return step
    called = [n for n, name in enumerate(_names(value)) if name == step]
    if not called and step.isdecimal():
        return int(step)
    return called[0] if len(called) == 1 else step


def _names(entries: list[MarkedValue]) -> list[Any]:
    """Return the `name` of each entry of a list; None where it has none."""
    fields = [one.value if isinstance(one.value, dict) else {} for one in entries]
    return [one["name"].value if "name" in one else None for one in fields]


def _refusal(value: Any, step: str | int, done: str) -> str | None:
    if isinstance(step, str):
        if isinstance(value, dict):
            return None
        hint = "; write an index as [0]" if isinstance(value, list) else ""
        if isinstance(value, list) and any(named := [str(one) for one in _names(value) if one]):
            hint += f", or a name: {', '.join(named)}"
        return f"{done} is {_kind(value)} and has no key {step!r}{hint}"
    if not isinstance(value, list):
        return f"{done or 'the document'} is not a list in the file: give the whole list"
    if step >= len(value):
        return (
            f"{done} has {either(len(value), 'entry', 'entries')}, counted from 0: there is no "
            f"[{step}]"
        )
    return None


def _as_error(problems: list[DocumentProblem], path: Path, error: type[PodiumError]) -> PodiumError:
    files = list(dict.fromkeys(one.place.file for one in problems))
    # As one reads them: file by file, from the first line on; what concerns all of a file first.
    unique = sorted(
        dict.fromkeys(problems),
        key=lambda one: (files.index(one.place.file), one.place.line or 0),
    )
    if len(unique) == 1:
        only = unique[0]
        return error(only.message, where=only.place, fix=only.fix)
    lines = [f"{one.place}: {one.message}" + (f" ({one.fix})" if one.fix else "") for one in unique]
    return error(
        f"{plural(len(unique), 'problem')}\n  " + "\n  ".join(lines), where=show_path(path)
    )


def _kind(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, dict) else f"{value!r}"


_Loc = tuple[int | str, ...]

_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a mapping of keys to values",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_attributes_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "none_required": "null",
    "string_type": "text",
    "tuple_type": "a list",
}
_SIGNS = {
    "greater_than": "above",
    "greater_than_equal": "at least",
    "less_than": "below",
    "less_than_equal": "at most",
}


def validation_problems(
    invalid: ValidationError,
    document: MarkedValue,
    model: type[BaseModel],
    others: Mapping[str, type[BaseModel]] | None = None,
) -> list[DocumentProblem]:
    """Return the problems that pydantic found, one for all branches of a union.

    Args:
        invalid: what pydantic raised.
        document: that it read.
        model: of the document.
        others: as of `read_document`.
    """
    grouped: dict[_Loc, list[tuple[_Loc, ErrorDetails]]] = {}
    for details in invalid.errors(include_url=False):
        known, rest = _walk(document, details["loc"])
        if _counts_wrong_entries(details, _at(document, known)):
            continue
        grouped.setdefault(known, []).append((rest, details))
    meant = {
        (*path[:-1], key)
        for path, found in grouped.items()
        if any(details["type"] == "extra_forbidden" for _, details in found)
        and (key := _meant_key(path, document, model))
    }
    # A key that is misspelt is not missing, too.
    for path, found in list(grouped.items()):
        grouped[path] = [
            (rest, details)
            for rest, details in found
            if details["type"] != "missing" or (*path, *rest) not in meant
        ]
        if not grouped[path]:
            del grouped[path]
    return [
        _problem(known, found, document, model, others or {}) for known, found in grouped.items()
    ]


def wrong_numbers(document: MarkedValue, model: type[BaseModel]) -> list[DocumentProblem]:
    """Return the values that pydantic takes as a number and that are none: true, and infinity."""
    found: list[DocumentProblem] = []

    def visit(node: MarkedValue, path: _Loc) -> None:
        value = node.value
        if isinstance(value, dict | list):
            for step, child in value.items() if isinstance(value, dict) else enumerate(value):
                visit(child, (*path, step))
            return
        is_infinite = isinstance(value, float) and math.isinf(value)
        if not isinstance(value, bool) and not is_infinite:
            return
        parts = [part for one in _annotations(model, path) for part in _parts(one)]
        if {int, float} & set(parts) and not {bool, Any} & set(parts):
            kind = (
                "finite_number" if is_infinite else "float_type" if float in parts else "int_type"
            )
            details = ErrorDetails(type=kind, loc=path, msg="", input=value)
            found.append(_wrong_value(path, [details], node, model))

    visit(document, ())
    return found


def _walk(document: MarkedValue, loc: _Loc) -> tuple[_Loc, _Loc]:
    """Split pydantic's `loc` into the path that stands in the document, and the rest.

    Between the keys pydantic puts names of union branches (`int`, `list[float]`): they are skipped.
    The rest holds a missing key, or nothing.
    """
    node, known, rest = document, [], []
    for step in loc:
        child = _child(node, step)
        if child is None:
            rest.append(step)
        else:
            node = child
            known.append(step)
            rest = []
    return tuple(known), tuple(rest)


def _at(document: MarkedValue, path: _Loc) -> MarkedValue:
    node = document
    for step in path:
        node = node.value[step]
    return node


def _counts_wrong_entries(details: ErrorDetails, node: MarkedValue) -> bool:
    """Return whether a list is too short only because pydantic does not count its wrong entries.

    Those are problems of their own.
    """
    is_short = details["type"] == "too_short" and isinstance(node.value, list)
    return is_short and len(node.value) >= details["ctx"]["min_length"]


def _child(node: MarkedValue, step: int | str) -> MarkedValue | None:
    if isinstance(node.value, dict):
        found = node.value.get(step)
        return found if isinstance(found, MarkedValue) else None
    if isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
        return typing.cast(MarkedValue, node.value[step])
    return None


def _problem(
    path: _Loc,
    found: list[tuple[_Loc, ErrorDetails]],
    document: MarkedValue,
    model: type[BaseModel],
    others: Mapping[str, type[BaseModel]],
) -> DocumentProblem:
    node = _at(document, path)
    rest, details = found[0]
    if details["type"] == "extra_forbidden" or rest[-1:] == ("[key]",):
        return _unknown_key(path, document, model, others)
    if details["type"] == "missing" and all(one["type"] == "missing" for _, one in found):
        if isinstance(node.value, list):
            needed = 1 + max(int(one["loc"][-1]) for _, one in found)
            message = f"{format_path(path)} needs {needed} entries, got {len(node.value)}"
            return DocumentProblem(node.place, message, "write the others, too")
        return _missing_key(path, str(details["loc"][-1]), node)
    if details["type"] in ("value_error", "assertion_error"):
        return _rule_broken(path, details, node)
    return _wrong_value(path, [one for _, one in found], node, model)


def _unknown_key(
    path: _Loc,
    document: MarkedValue,
    model: type[BaseModel],
    others: Mapping[str, type[BaseModel]],
) -> DocumentProblem:
    node = _at(document, path)
    key, holder = str(path[-1]), format_path(path[:-1])
    allowed = _allowed_keys(model, path[:-1])
    message = f"unknown key {key!r}" + (f" in {holder}" if holder else "")
    for file, other in others.items():
        if not holder and key in other.model_fields:
            return DocumentProblem(node.place, message, f"{key} is a key of {file}: write it there")
    meant = _meant_key(path, document, model)
    if meant is not None:
        inside, _, own = meant.rpartition(".")
        fix = f"write {own} in {inside}" if inside else f"write {own}"
        return DocumentProblem(node.place, f"{message}, did you mean {meant!r}?", fix)
    fix = f"remove it; the keys here are {', '.join(allowed)}" if allowed else "remove it"
    return DocumentProblem(node.place, message, fix)


_ALMOST = 0.9  # of letters in common, as difflib counts them


def _are_almost_equal(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one, other).ratio() >= _ALMOST


def _meant_key(path: _Loc, document: MarkedValue, model: type[BaseModel]) -> str | None:
    """Return the key that the one at `path` is probably meant as; None where nothing is like it.

    In this order: what other libraries call so, the same key elsewhere, with its path, one that is
    spelt alike and does not stand beside it, and elsewhere what other libraries call so.
    """
    key, holder = str(path[-1]), path[:-1]
    allowed = _allowed_keys(model, holder)
    # Another file, which this one extends, or which -o changes, may have the key that is meant.
    file = _at(document, path).place.file
    beside = [name for name, one in _at(document, holder).value.items() if one.place.file == file]
    if (own := own_name(key, allowed)) is not None:
        return own
    paths = _paths_below(model)
    elsewhere = _nearest_path(
        {one: must for one, must in paths.items() if _last(one) == key}, holder
    )
    if elsewhere is not None:
        return elsewhere
    # One that is spelt almost so is meant all the same: the other may be what it is to replace.
    may_be = [one for one in allowed if one not in beside or _are_almost_equal(key, one)]
    if near := suggest(key, may_be, "{}", otherwise=""):
        return near
    called = {one: must for one, must in paths.items() if own_name(key, [_last(one)]) is not None}
    return _nearest_path(called, holder)


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _nearest_path(paths: Mapping[str, bool], holder: _Loc) -> str | None:
    """Return the one path of the fewest steps that is meant; None: there is none, or not one alone.

    Paths below `holder` count before others, then those that a document must have.
    """
    before = format_path(holder)
    inside = [one for one in paths if before and one.startswith(before)] or list(paths)
    needed = [one for one in inside if paths[one]] or inside
    depth = {one: len(steps_of(one)) for one in needed}
    nearest = [one for one, n in depth.items() if n == min(depth.values())]
    return nearest[0] if len(nearest) == 1 else None


_DEEPEST_KEY = 4
"""Steps, as of `data.train.boxes.table`."""


def _paths_below(model: type[BaseModel]) -> dict[str, bool]:
    """Return the paths of all keys, and whether a document must have them.

    Of a list it is those of the first entry.
    """
    found: dict[str, bool] = {}

    def visit(part: Any, path: str, is_needed: bool, depth: int) -> None:
        if depth == _DEEPEST_KEY:
            return
        if _is_model(part):
            for name, info in part.model_fields.items():
                step = f"{path}.{info.alias or name}".lstrip(".")
                must = is_needed and info.is_required()
                found.setdefault(step, must)
                for inner in _parts(_with_metadata(info)):
                    visit(inner, step, must, depth + 1)
        elif typing.get_origin(part) in (list, tuple) and typing.get_args(part):
            for inner in _parts(typing.get_args(part)[0]):
                visit(inner, f"{path}[0]", is_needed, depth)

    visit(model, "", True, 0)
    return found


def _missing_key(path: _Loc, key: str, node: MarkedValue) -> DocumentProblem:
    message = (
        f"{format_path(path)} needs the key {key!r}" if path else f"the key {key!r} is missing"
    )
    return DocumentProblem(node.place, message, f"add {key}: …")


_ADVISED = re.compile(
    r"(.*? .*?)[:;] ((?:choose|keep|leave|list|name|set|take|write) .*)", re.DOTALL
)
"""A rule's message that says how to mend it behind what is wrong."""


def _rule_broken(path: _Loc, details: ErrorDetails, node: MarkedValue) -> DocumentProblem:
    message = details["msg"].partition(", ")[2] or details["msg"]
    error = details.get("ctx", {}).get("error")
    fix = error.fix if isinstance(error, RuleError) else None
    if fix is None and (advised := _ADVISED.fullmatch(message)):
        message, fix = advised.groups()
    # A rule of a whole mapping may name the key that it is about: "classes: …", "data.train: …".
    known, _ = _walk(node, tuple(steps_of(message.partition(":")[0])))
    if known:
        place = _at(node, known).place
        return DocumentProblem(place, f"{format_path(path)}.{message}" if path else message, fix)
    if path:
        message = f"{format_path(path)}: {message.removeprefix(f'{path[-1]}: ')}"
    return DocumentProblem(node.place, message, fix)


def _wrong_value(
    path: _Loc, found: list[ErrorDetails], node: MarkedValue, model: type[BaseModel]
) -> DocumentProblem:
    value = plain_value(node)
    expected = list(dict.fromkeys(_expected(one, path, model) for one in found))
    where = format_path(path) or "the document"
    message = f"{where} must be {' or '.join(expected)}, got {_format_value(value)}"
    fix = _fix(found, node)
    if fix is None and not isinstance(value, list | dict):
        fix = _number_fix(found, path, model) or _named_fix(value, path, model)
        fix = fix or _mixed_fix(found, path, model)
    if fix is None and any(details["type"] == "too_short" for details in found):
        entries = (part for one in _annotations(model, (*path, 0)) for part in _parts(one))
        fix = next((f"write {path[-1]}: [{form}]" for one in entries if (form := _form(one))), None)
    return DocumentProblem(node.place, message, fix or _plain_fix(path, found, expected, model))


def _plain_fix(
    path: _Loc, found: Sequence[ErrorDetails], expected: Sequence[str], model: type[BaseModel]
) -> str | None:
    """Return the advice to write what may stand there, where no better one is known."""
    if not path:
        return None
    kinds = {details["type"] for details in found}
    if kinds == {"literal_error"}:
        return f"write one of them{_page_of(path, model)}"
    parts = [part for one in _annotations(model, path) for part in _parts(one)]
    if form := next((form for part in parts if (form := _form_of(part))), None):
        return f"write {form}" if isinstance(path[-1], int) else f"write {path[-1]}: {form}"
    return f"write {'a number ' if kinds & {*_SIGNS} else ''}{' or '.join(expected)}"


def _page_of(path: _Loc, model: type[BaseModel]) -> str:
    """Return where the values of a key are described; "" where the model names no such page."""
    page = getattr(model, "page", "")
    holders = [part for one in _annotations(model, path[:-1]) for part in _parts(one)]
    fields = [one.model_fields.get(str(path[-1])) for one in holders if _is_model(one)]
    is_described = any(one is not None and one.description for one in fields)
    # Of sections within sections the page has other headings.
    if not page or not is_described or len(path) != len(("section", "key")):
        return ""
    return f": {page}#{path[0]} describes each"


def _form_of(part: Any) -> str | None:
    """Return how a list or a mapping is written, as YAML; None for what is neither."""
    origin, args = typing.get_origin(part), typing.get_args(part)
    if origin is tuple and args[-1] is not ...:
        return f"[{', '.join('…' for _ in args)}]"
    if origin in (list, tuple):
        return "[…, …]"
    if origin is dict:
        return f"{{{next(_literals(args[0]), 'key')}: …}}"
    first = next(iter(part.model_fields), None) if _is_model(part) else None
    return _form(part) or (first and f"{{{first}: …}}")


def _named_fix(value: Any, path: _Loc, model: type[BaseModel]) -> str | None:
    """Return the advice to write a mapping where a name alone stands, and `name` is a key of it."""
    parts = [part for one in _annotations(model, path) for part in _parts(one)]
    has_name = any(_is_model(part) and "name" in part.model_fields for part in parts)
    return f"write {{name: {value}}}" if has_name and isinstance(value, str) else None


def _is_model(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)


def _form(part: Any) -> str | None:
    """Return the keys that a mapping of a model needs, as YAML; None for what is no model."""
    fields = part.model_fields if _is_model(part) else {}
    needed = [key for key, info in fields.items() if info.is_required()]
    return "{" + ", ".join(f"{key}: …" for key in needed) + "}" if needed else None


def _example(model: type[BaseModel]) -> str:
    """Return the first key that a document needs, with what stands there."""
    key = next((key for key, info in model.model_fields.items() if info.is_required()), "key")
    entries = (part for one in _annotations(model, (key, 0)) for part in _parts(one))
    return next((f"{key}: [{form}]" for one in entries if (form := _form(one))), f"{key}: …")


_NUMBERS = frozenset(
    {
        "float_parsing",
        "float_type",
        "int_from_float",
        "int_parsing",
        "int_type",
        "finite_number",
        *_SIGNS,
    }
)


def _number_fix(found: list[ErrorDetails], path: _Loc, model: type[BaseModel]) -> str | None:
    """Return the advice to write a number, as the default; None where other values may stand there.

    Args:
        found: what is wrong at `path`.
        path: of the value.
        model: of the document.
    """
    if {details["type"] for details in found} - _NUMBERS:
        return None
    is_beyond = found[0]["type"] in _SIGNS
    expected = _expected(found[0], path, model)
    advice = f"write a number {expected}" if is_beyond else f"write {expected} in digits"
    parts = [part for one in _annotations(model, path[:-1]) for part in _parts(one)]
    models = [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
    for fields in (one.model_fields for one in models):
        default = fields[str(path[-1])].default if path[-1] in fields else None
        if isinstance(default, int | float):
            return f"{advice}, as {default}"
    return None if is_beyond else advice  # which the message has


def _mixed_fix(found: list[ErrorDetails], path: _Loc, model: type[BaseModel]) -> str | None:
    """Return the advice to write a number or a word, where both may stand; else None."""
    numbers = [one for one in found if one["type"] in _NUMBERS]
    words = [
        word.strip("' ")
        for details in found
        if details["type"] == "literal_error"
        for word in _choices(details)
    ]
    if not numbers or not words:
        return None
    number = _expected(numbers[0], path, model)
    number = f"a number {number}" if numbers[0]["type"] in _SIGNS else f"{number} in digits"
    return f"write {number}, or {' or '.join(words)}"


def _expected(details: ErrorDetails, path: _Loc, model: type[BaseModel]) -> str:
    kind, ctx = details["type"], details.get("ctx", {})
    if kind in _SIGNS:
        return _interval(model, path, details)
    if kind == "literal_error":
        return f"one of {ctx['expected']}".replace(" or ", ", ")
    if kind == "string_too_short":
        n = ctx["min_length"]
        return f"a text of {n} {'character' if n == 1 else 'characters'} at least"
    if kind == "too_short":
        return _counted(ctx["min_length"], "at least")
    if kind == "too_long":
        return _counted(ctx["max_length"], "at most")
    if kind == "missing":
        return f"a list of more than {details['loc'][-1]} values"
    message = details["msg"].removeprefix("Input should be ").removeprefix("a valid ")
    return _EXPECTED.get(kind, message)


def _counted(n: int, bound: str) -> str:
    return f"a list of {bound} {n} {'entry' if n == 1 else 'entries'}"


def _interval(model: type[BaseModel], path: _Loc, details: ErrorDetails) -> str:
    """Return both bounds where the schema has two (pydantic reports the broken one only)."""
    low = high = None
    for annotation in _annotations(model, path):
        for bound in _metadata(annotation):
            low = bound if hasattr(bound, "ge") or hasattr(bound, "gt") else low
            high = bound if hasattr(bound, "le") or hasattr(bound, "lt") else high
    if low is not None and high is not None:
        left = f"[{low.ge}" if hasattr(low, "ge") else f"({low.gt}"
        right = f"{high.le}]" if hasattr(high, "le") else f"{high.lt})"
        return f"in {left}, {right}"
    bound = next(iter(details.get("ctx", {}).values()))
    return f"{_SIGNS[details['type']]} {bound:g}"


def _fix(found: list[ErrorDetails], node: MarkedValue) -> str | None:
    kinds = {details["type"] for details in found}
    if "string_type" in kinds and isinstance(node.value, int | float):
        return f'put it in quotes: "{node.text}"'
    value = plain_value(node)
    if "string_type" in kinds and isinstance(value, dict) and [*value.values()] == [None]:
        return f"put it in quotes: '{{{next(iter(value))}}}'"
    if "literal_error" in kinds and isinstance(node.value, str):
        choices = [c.strip("' ") for one in found for c in _choices(one)]
        return suggest(node.value, choices, otherwise="", any_case=True) or None
    # A smaller number, or one with a fraction, is a slip of another sort.
    is_percent = isinstance(node.value, int) and 5 <= node.value <= 100
    if is_percent and any(_is_share(details) for details in found):
        return f"write {node.value / 100:g}"
    return None


def _choices(details: ErrorDetails) -> list[str]:
    expected = str(details.get("ctx", {}).get("expected", ""))
    return expected.replace(" or ", ", ").split(", ")


def _is_share(details: ErrorDetails) -> bool:
    ctx = details.get("ctx", {})
    return details["type"] in ("less_than", "less_than_equal") and 1 in (
        ctx.get("lt"),
        ctx.get("le"),
    )


def format_path(path: Sequence[int | str]) -> str:
    """Return the path as a person writes it, which `steps_of` reads.

    Example:
        >>> format_path(("phases", 1, "epochs"))
        'phases[1].epochs'
    """
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path).lstrip(".")


def _format_value(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}" if len(value) > 5 else repr(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "nothing" if value is None else repr(value)


def _allowed_keys(model: type[BaseModel], path: _Loc) -> list[str]:
    keys: dict[str, None] = {}
    for annotation in _annotations(model, path):
        for part in _parts(annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                keys |= {(f.alias or name): None for name, f in part.model_fields.items()}
            elif typing.get_origin(part) is dict:
                keys |= {str(k): None for k in _literals(typing.get_args(part)[0])}
    return list(keys)


def _literals(annotation: Any) -> Iterator[Any]:
    for part in _parts(annotation):
        if typing.get_origin(part) is typing.Literal:
            yield from typing.get_args(part)


def _annotations(model: Any, path: _Loc) -> list[Any]:
    """Return the types that the schema allows at `path`; several where it passes a union."""
    current: list[Any] = [model]
    for step in path:
        current = [after for one in current for part in _parts(one) for after in _step(part, step)]
    return current


def _step(part: Any, step: int | str) -> Iterator[Any]:
    origin, args = typing.get_origin(part), typing.get_args(part)
    if isinstance(part, type) and issubclass(part, BaseModel):
        for name, info in part.model_fields.items():
            if step in (name, info.alias):
                yield _with_metadata(info)
    elif origin is dict and isinstance(step, str):
        yield args[1]
    elif origin in (list, tuple) and isinstance(step, int) and args:
        yield args[min(step, len(args) - 1)] if origin is tuple and args[-1] is not ... else args[0]


def _with_metadata(info: FieldInfo) -> Any:
    return typing.Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield the members of a union, without `Annotated`."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _parts(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for member in typing.get_args(annotation):
            yield from _parts(member)
    else:
        yield annotation


def _metadata(annotation: Any) -> Iterator[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        inner, *extras = typing.get_args(annotation)
        for extra in extras:
            yield from _constraints(extra)
        yield from _metadata(inner)
    elif origin in (typing.Union, types.UnionType):
        for member in typing.get_args(annotation):
            yield from _metadata(member)


def _constraints(extra: Any) -> Iterator[Any]:
    if isinstance(extra, FieldInfo):
        yield from extra.metadata
    else:
        yield extra
