"""What pydantic finds wrong with a document, in sentences that name line, value and way out."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from podium.workspace.marked_yaml import Marked, Problem, plain

__all__ = ["complaints"]

_Loc = tuple[int | str, ...]

_WANTED = {
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


def complaints(invalid: ValidationError, document: Marked, model: type[BaseModel]) -> list[Problem]:
    """Return the problems that pydantic found, one for all branches of a union."""
    grouped: dict[_Loc, list[tuple[_Loc, ErrorDetails]]] = {}
    for details in invalid.errors(include_url=False):
        known, rest = _walk(document, details["loc"])
        if _counts_wrong_entries(details, _at(document, known)):
            continue
        grouped.setdefault(known, []).append((rest, details))
    return [_problem(known, found, document, model) for known, found in grouped.items()]


def _walk(document: Marked, loc: _Loc) -> tuple[_Loc, _Loc]:
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


def _at(document: Marked, path: _Loc) -> Marked:
    node = document
    for step in path:
        node = node.value[step]
    return node


def _counts_wrong_entries(details: ErrorDetails, node: Marked) -> bool:
    """Tell whether a list is too short only because pydantic does not count its wrong entries.

    Those are problems of their own.
    """
    is_short = details["type"] == "too_short" and isinstance(node.value, list)
    return is_short and len(node.value) >= details["ctx"]["min_length"]


def _child(node: Marked, step: int | str) -> Marked | None:
    if isinstance(node.value, dict):
        found = node.value.get(step)
        return found if isinstance(found, Marked) else None
    if isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
        return typing.cast(Marked, node.value[step])
    return None


def _problem(
    path: _Loc, found: list[tuple[_Loc, ErrorDetails]], document: Marked, model: type[BaseModel]
) -> Problem:
    node = _at(document, path)
    rest, details = found[0]
    if details["type"] == "extra_forbidden" or rest[-1:] == ("[key]",):
        return _unknown_key(path, node, model)
    if details["type"] == "missing" and all(one["type"] == "missing" for _, one in found):
        if isinstance(node.value, list):
            needed = 1 + max(int(one["loc"][-1]) for _, one in found)
            message = f"{_text(path)} needs {needed} entries, got {len(node.value)}"
            return Problem(node.place, message, "write the others, too")
        return _missing_key(path, str(details["loc"][-1]), node)
    if details["type"] in ("value_error", "assertion_error"):
        return _rule_broken(path, details, node)
    return _wrong_value(path, [one for _, one in found], node, model)


def _unknown_key(path: _Loc, node: Marked, model: type[BaseModel]) -> Problem:
    key, holder = str(path[-1]), _text(path[:-1])
    allowed = _allowed_keys(model, path[:-1])
    message = f"unknown key {key!r}" + (f" in {holder}" if holder else "")
    near = difflib.get_close_matches(key, allowed, n=1)
    if near:
        return Problem(node.place, f"{message}, did you mean {near[0]!r}?")
    fix = f"remove it; the keys here are {', '.join(allowed)}" if allowed else "remove it"
    return Problem(node.place, message, fix)


def _missing_key(path: _Loc, key: str, node: Marked) -> Problem:
    message = f"{_text(path)} needs the key {key!r}" if path else f"the key {key!r} is missing"
    return Problem(node.place, message, f"add {key}: …")


def _rule_broken(path: _Loc, details: ErrorDetails, node: Marked) -> Problem:
    message = details["msg"].partition(", ")[2] or details["msg"]
    # A rule of a whole mapping may name the key that it is about: "classes: …".
    key = message.partition(":")[0]
    about = _child(node, key)
    if about is not None:
        return Problem(about.place, message if not path else f"{_text(path)}.{message}")
    return Problem(node.place, f"{_text(path)}: {message}" if path else message)


def _wrong_value(
    path: _Loc, found: list[ErrorDetails], node: Marked, model: type[BaseModel]
) -> Problem:
    value = plain(node)
    wanted = list(dict.fromkeys(_wanted(one, path, model) for one in found))
    where = _text(path) or "the document"
    message = f"{where} must be {' or '.join(wanted)}, got {_shown(value)}"
    return Problem(node.place, message, _fix(found, node))


def _wanted(details: ErrorDetails, path: _Loc, model: type[BaseModel]) -> str:
    kind, ctx = details["type"], details.get("ctx", {})
    if kind in _SIGNS:
        return _interval(model, path, details)
    if kind == "literal_error":
        return f"one of {ctx['expected']}".replace(" or ", ", ")
    if kind == "too_short":
        return _counted(ctx["min_length"], "at least")
    if kind == "too_long":
        return _counted(ctx["max_length"], "at most")
    if kind == "missing":
        return f"a list of more than {details['loc'][-1]} values"
    message = details["msg"].removeprefix("Input should be ").removeprefix("a valid ")
    return _WANTED.get(kind, message)


def _counted(n: int, bound: str) -> str:
    return f"a list of {bound} {n} {'entry' if n == 1 else 'entries'}"


def _interval(model: type[BaseModel], path: _Loc, details: ErrorDetails) -> str:
    """Return both bounds where the schema has two (pydantic tells the broken one only)."""
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


def _fix(found: list[ErrorDetails], node: Marked) -> str | None:
    kinds = {details["type"] for details in found}
    if "string_type" in kinds and isinstance(node.value, int | float):
        return f'put it in quotes: "{node.text}"'
    if "literal_error" in kinds and isinstance(node.value, str):
        choices = [c.strip("' ") for one in found for c in _choices(one)]
        lower = {choice.lower(): choice for choice in choices}
        near = [lower[one] for one in difflib.get_close_matches(node.value.lower(), lower, n=1)]
        return f"write {near[0]}" if near else None
    is_percent = isinstance(node.value, int | float) and 1 < node.value <= 100
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


def _text(path: _Loc) -> str:
    """Return the path as a person writes it.

    Example:
        >>> _text(("phases", 1, "epochs"))
        'phases[1].epochs'
    """
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path).lstrip(".")


def _shown(value: Any) -> str:
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
    """Give the members of a union, without `Annotated`."""
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
