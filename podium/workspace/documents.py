"""YAML files read into pydantic models, with every problem of a file told at once, by line.

A document may begin with `extends: other.yaml` and be changed by overrides like
`phases[1].epochs=3`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_jsonable_python

from podium.errors import PodiumError
from podium.workspace import atomic
from podium.workspace.complaints import complaints
from podium.workspace.marked_yaml import Marked, Place, Problem, dump_yaml, merge, parse, plain

__all__ = ["dump", "dumps", "read_document", "read_marked", "steps_of"]

M = TypeVar("M", bound=BaseModel)

_EXTENDS = "extends"
_OVERRIDE = re.compile(r"(?P<path>[^=]*?)\s*=\s*(?P<value>.*)", re.DOTALL)
_STEP = re.compile(r"(?:^|\.)(?P<key>[^.\[\]]+)|\[(?P<index>\d+)\]")


def read_document(
    path: Path,
    model: type[M],
    *,
    error: type[PodiumError],
    overrides: Sequence[str] = (),
    context: Mapping[str, Any] | None = None,
) -> M:
    """Return the document in `path` as a `model`.

    Args:
        path: a YAML file; `extends: other.yaml` in it names a file, relative to it, whose mappings
            it changes key by key and whose lists it replaces.
        model: a pydantic model.
        error: the class to raise.
        overrides: texts such as `optimizer.lr=1e-3` or `phases[1].epochs=3`; the value is YAML.
        context: what the model's validators are told, as pydantic has it.

    Raises:
        PodiumError: of class `error`, with every problem of the file and the line of each.
    """
    problems: list[Problem] = []
    marked = _load(path, error, problems, ())
    for override in overrides:
        marked = _apply(marked, override, problems)
    document = None
    try:
        document = model.model_validate(plain(marked), context=context)
    except ValidationError as invalid:
        problems += complaints(invalid, marked, model)
    if document is None or problems:
        raise _as_error(problems, path, error)
    return document


def dump(document: BaseModel, path: Path) -> None:
    """Write the document with all its defaults to `path`, whole or not at all."""
    atomic.write_text(path, dumps(document))


def dumps(document: BaseModel) -> str:
    """Return the document with all its defaults as YAML that `read_document` reads back."""
    return dump_yaml(
        to_jsonable_python(document.model_dump(by_alias=True), inf_nan_mode="constants")
    )


def _load(
    path: Path, error: type[PodiumError], problems: list[Problem], seen: tuple[Path, ...]
) -> Marked:
    name = _shown(path)
    marked, found = parse(_read_text(path, error), name)
    problems += found
    if marked is None and found:
        raise _as_error(problems, path, error)
    if marked is None or marked.value is None:
        raise error(
            "the file is empty", where=name, fix="write keys and values, as `name: my-competition`"
        )
    if not isinstance(marked.value, dict):
        raise error(
            f"must hold keys with values, is {_kind(marked.value)}",
            where=marked.place,
            fix="write `key: value`",
        )
    parent = marked.value.pop(_EXTENDS, None)
    if parent is None:
        return marked
    return merge(_load_parent(parent, path, error, problems, (*seen, path.resolve())), marked)


def _load_parent(
    parent: Marked,
    path: Path,
    error: type[PodiumError],
    problems: list[Problem],
    seen: tuple[Path, ...],
) -> Marked:
    if not isinstance(parent.value, str):
        raise error(
            f"extends must name one file, got {plain(parent)!r}",
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
            f"extends names {parent.value!r}, and there is no file {_shown(file)}",
            where=parent.place,
            fix="write the path relative to this file",
        )
    return _load(file, error, problems, seen)


def read_marked(path: Path, error: type[PodiumError]) -> Marked | None:
    """Return what stands in a YAML file of any form, every value with its line; None: nothing.

    Raises:
        error: of that type, where it cannot be read or is no YAML; names the line.
    """
    marked, problems = parse(_read_text(path, error), _shown(path))
    if problems:
        raise error(problems[0].message, where=problems[0].place, fix=problems[0].fix)
    return marked


def _read_text(path: Path, error: type[PodiumError]) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as cause:
        near = ", ".join(sorted(one.name for one in path.parent.glob("*.y*ml"))[:5])
        fix = f"choose one of {near}" if near else "check the path"
        raise error("there is no such file", where=_shown(path), fix=fix) from cause
    except IsADirectoryError as cause:
        raise error("this is a folder", where=_shown(path), fix="name a YAML file") from cause
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        line = raw.count(b"\n", 0, cause.start) + 1
        raise error(
            "this line is not UTF-8 text",
            where=Place(_shown(path), line),
            fix="save the file as UTF-8",
        ) from cause


def _apply(marked: Marked, override: str, problems: list[Problem]) -> Marked:
    """Return the document with one override in it; unchanged, with a problem told, if it fails."""
    place = Place(f"-o {override}")
    match = _OVERRIDE.fullmatch(override)
    steps = steps_of(match["path"].strip()) if match else []
    if match is None or not steps:
        problems.append(Problem(place, "an override is key=value", "write it as optimizer.lr=1e-3"))
        return marked
    value, found = parse(match["value"], place.file, numbered=False)
    problems += found
    if found:
        return marked
    changed = copy.deepcopy(marked)
    why = _put(changed, steps, value or Marked(None, place), place)
    if why is not None:
        problems.append(Problem(place, why, "name a key of the document, as phases[0].epochs=3"))
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


def _put(marked: Marked, steps: list[str | int], value: Marked, place: Place) -> str | None:
    """Set the value at `steps`, making mappings on the way; return why it cannot be done."""
    node, done = marked, ""
    for at, step in enumerate(steps):
        if node.value is None:
            node.value = {}
        why = _refusal(node.value, step, done)
        if why is not None:
            return why
        if at == len(steps) - 1:
            node.value[step] = value
        else:
            if isinstance(step, str):
                node.value.setdefault(step, Marked(None, place))
            node = node.value[step]
        done = f"{done}[{step}]" if isinstance(step, int) else f"{done}.{step}".lstrip(".")
    return None


def _refusal(value: Any, step: str | int, done: str) -> str | None:
    if isinstance(step, str):
        if isinstance(value, dict):
            return None
        hint = "; write an index as [0]" if isinstance(value, list) else ""
        return f"{done} is {_kind(value)} and has no key {step!r}{hint}"
    if not isinstance(value, list):
        return f"{done or 'the document'} is not a list in the file: give the whole list"
    if step >= len(value):
        return f"{done} has {len(value)} entries, counted from 0: there is no [{step}]"
    return None


def _as_error(problems: list[Problem], path: Path, error: type[PodiumError]) -> PodiumError:
    unique = list(dict.fromkeys(problems))
    if len(unique) == 1:
        only = unique[0]
        return error(only.message, where=only.place, fix=only.fix)
    lines = [f"{one.place}: {one.message}" + (f" ({one.fix})" if one.fix else "") for one in unique]
    return error(f"{len(unique)} problems\n  " + "\n  ".join(lines), where=_shown(path))


def _shown(path: Path) -> str:
    """Return `path` relative to the current folder where it lies below it."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)


def _kind(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, dict) else f"{value!r}"
