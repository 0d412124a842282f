"""Search spaces over a recipe: keys of the recipe, written as after `-o`, and their values.

    optimizer.lr: {low: 1e-5, high: 1e-2, log: true}
    model.backbone: [resnet18, convnext_tiny]
    input.size: {low: 160, high: 320, step: 32}

`read_space` reads the file. Every end of a range and every choice is put into the recipe, alone,
and read as the recipe is: what it refuses is refused before anything is trained. Whether a range is
of whole numbers follows from the recipe, not from how its ends are written.

`overrides_of` turns drawn values into a recipe's overrides, and `values_of` finds the values that
an earlier recipe has at these places.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from podium.errors import RecipeError, UsageError, suggest
from podium.training import fit
from podium.training.recipe import Recipe, errors_with_lines, load_recipe
from podium.tuning.space import CategoricalValues, NumberRange, SearchParameter, SearchSpace
from podium.workspace.documents import format_path, read_marked, steps_of
from podium.workspace.marked_yaml import MarkedValue, plain_value

__all__ = ["overrides_of", "read_space", "values_of"]


_NOTHING = object()

Tree = dict[str, Any]


def overrides_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return drawn values, by the name of their place, as a recipe's overrides.

    Example:
        >>> overrides_of({"optimizer.lr": 1e-05, "mix": {"mixup": 0.2}})
        ('optimizer.lr=1e-05', 'mix={"mixup": 0.2}')
    """
    # JSON is YAML; its escapes of characters beyond U+FFFF are not.
    return tuple(
        f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in values.items()
    )


def values_of(recipe: Recipe, space: SearchSpace) -> dict[str, Any] | None:
    """Return where `recipe`, with its defaults, stands in `space`, by name; None: outside.

    A choice is one whose recipe is the same, however little of it the choice writes. What is not
    written and has no default in the recipe itself, as an option that a method has by default,
    stands nowhere.
    """
    tree = recipe.model_dump(mode="json", by_alias=True)
    found: dict[str, Any] = {}
    for one in space.parameters:
        steps, domain = steps_of(one.name), one.domain
        if isinstance(domain, CategoricalValues):
            value = _chosen(tree, steps, domain)
        else:
            value = _within(_at(tree, steps), domain)
        if value is _NOTHING:
            return None
        found[one.name] = value
    return found


def _chosen(tree: Tree, steps: list[str | int], domain: CategoricalValues) -> Any:
    for value in domain.values:
        if _resolved(tree, steps, value) == tree:
            return value
    return _NOTHING


def _resolved(tree: Tree, steps: list[str | int], value: Any) -> Tree | None:
    """Return the recipe with `value` at a place; None where it has no such place."""
    changed = copy.deepcopy(tree)
    around = _at(changed, steps[:-1])
    try:
        around[steps[-1]] = value
        return Recipe.model_validate(changed).model_dump(mode="json", by_alias=True)
    except (TypeError, IndexError, ValidationError):
        return None


def _at(tree: Tree, steps: list[str | int]) -> Any:
    node: Any = tree
    for step in steps:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return node


def _within(value: Any, domain: NumberRange) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _NOTHING
    if not domain.low <= value <= domain.high:
        return _NOTHING
    if domain.is_whole and not float(value).is_integer():
        return _NOTHING
    if domain.step is not None:
        n = (value - domain.low) / domain.step
        if not math.isclose(n, round(n), abs_tol=1e-6):  # tenths are no tenths in binary
            return _NOTHING
    return int(value) if domain.is_whole else float(value)


_EXAMPLE = "optimizer.lr: {low: 1e-5, high: 1e-2, log: true}"
_WITHOUT_EFFECT = ("loggers", "predict", "workers")
"""Keys of a recipe that change no weight: trials that differ in them are one and the same run."""
_LARGEST = 2**53
"""Optuna keeps numbers as floats, which hold all whole numbers exactly up to here."""
_MOST_STEPS = 10**9
_RANGE_KEYS = ("low", "high", "log", "step")

Steps = list[str | int]


def read_space(
    path: Path, recipe_file: Path, overrides: Sequence[str] = (), *, root: Path | None = None
) -> SearchSpace:
    """Return the space that `path` describes, every value of it one that the recipe takes.

    Args:
        path: a YAML mapping from places of the recipe to a range, `{low: 1, high: 9}` with `log:
            true` or `step: 2`, or to a list of choices. A step begins at `low`; the last value is
            the highest that is not above `high`.
        recipe_file: the recipe that is searched around.
        overrides: changes to it, as "optimizer.lr=1e-3".
        root: the workspace's folder, in which `module:object` is looked for first.

    Raises:
        RecipeError: the file or the recipe cannot be meant; names the line of the file.
    """
    base = _Base.load(recipe_file, tuple(overrides), root)
    places: list[tuple[str, Steps, MarkedValue]] = []
    parameters = []
    for name, written in _entries(path).items():
        steps = _place(name, written, places)
        places.append((name, steps, written))
        _require_entries(name, steps, written, base)
        parameters.append(SearchParameter(name, _domain(name, written, base)))
        _require_around(name, steps, written, base)
    return SearchSpace(tuple(parameters))


@dataclass(frozen=True)
class _Base:
    """The recipe that values are put into.

    Attributes:
        tree: the recipe as it is resolved, in plain mappings and lists.
    """

    file: Path
    overrides: tuple[str, ...]
    root: Path | None
    tree: dict[str, Any]

    @classmethod
    def load(cls, file: Path, overrides: tuple[str, ...], root: Path | None) -> _Base:
        recipe = load_recipe(file, overrides)
        with errors_with_lines(file, overrides):
            fit.phase_plans.check_parts(recipe, root)
        return cls(file, overrides, root, recipe.model_dump(mode="json", by_alias=True))

    def refusal(self, name: str, value: Any) -> RecipeError | None:
        """Return why the recipe does not take `value` at the place `name`; None where it does."""
        try:
            recipe = load_recipe(self.file, (*self.overrides, *overrides_of({name: value})))
        except RecipeError as error:  # its place is the override, which no file holds
            return RecipeError(error.message, fix=error.fix)
        try:
            fit.phase_plans.check_parts(recipe, self.root)
        except RecipeError as error:
            # The line of the space names the place in the recipe.
            inner = error
            while isinstance(inner.__cause__, RecipeError):
                inner = inner.__cause__
            where = "" if inner.where is None else f"{inner.where}: "
            return RecipeError(f"{where}{inner.message}", fix=inner.fix)
        return None


def _entries(path: Path) -> dict[str, MarkedValue]:
    marked = read_marked(path, RecipeError)
    if marked is None or not isinstance(marked.value, dict) or not marked.value:
        raise RecipeError(
            "a space maps places of the recipe to what is tried there",
            where=path if marked is None else marked.place,
            fix=f"write {_EXAMPLE}",
        )
    return marked.value


def _place(name: str, written: MarkedValue, earlier: list[tuple[str, Steps, MarkedValue]]) -> Steps:
    """Return the keys and indices that lead to the place `name`, which overlaps no earlier one."""
    steps = [] if "=" in name else steps_of(name)
    if not steps:
        raise RecipeError(
            f"{name!r} is no place of a recipe",
            where=written.place,
            fix="write it as after -o: optimizer.lr, or phases[0].epochs",
        )
    if steps[0] in _WITHOUT_EFFECT:
        raise RecipeError(
            f"{steps[0]} does not change the training: all trials would be the same run",
            where=written.place,
            fix=f"leave {name} out",
        )
    for other, taken, at in earlier:
        shared = min(len(steps), len(taken))
        if steps[:shared] == taken[:shared]:
            is_same = len(steps) == len(taken)
            how = "are the same place" if is_same else "lie one in the other"
            raise RecipeError(
                f"{name} and, on line {at.place.line}, {other} {how}",
                where=written.place,
                fix="keep one of the two",
            )
    return steps


def _require_entries(name: str, steps: Steps, written: MarkedValue, base: _Base) -> None:
    """Refuse a place in a list of the recipe that is not one of its entries."""
    node: Any = base.tree
    for at, step in enumerate(steps):
        n = len(node) if isinstance(node, list) else None
        if n is not None and step not in range(n):
            around = format_path(steps[:at])
            last = [*steps[:at], n - 1, *steps[at + isinstance(step, int) :]]
            raise RecipeError(
                f"{name}: {around} has {n} {'entry' if n == 1 else 'entries'}, counted from 0",
                where=written.place,
                fix=f"write {format_path(last)}",
            )
        if n is None and not (isinstance(node, dict) and step in node):
            return  # reading the recipe itself reports what is wrong with that
        node = node[step]


def _require_around(name: str, steps: Steps, written: MarkedValue, base: _Base) -> None:
    """Refuse a place whose mapping the recipe leaves to a default, which is no mapping of its own.

    Where `model.heads` is not written each task has a head; heads of which only a dropout is
    written are other heads.
    """
    node: Any = base.tree
    for at, step in enumerate(steps[:-1], 1):
        node = node.get(step) if isinstance(node, dict) else node[step]
        if node is None:
            raise RecipeError(
                f"{format_path(steps[:at])} is not written in the recipe, and would be made of "
                f"{name} alone",
                where=written.place,
                fix=f"write {format_path(steps[:at])} in the recipe first",
            )


def _domain(name: str, written: MarkedValue, base: _Base) -> NumberRange | CategoricalValues:
    value = written.value
    if isinstance(value, list):
        return _choice(name, written, base)
    if not isinstance(value, dict):
        raise RecipeError(
            f"{name} has one value, {plain_value(written)!r}, and nothing to choose from",
            where=written.place,
            fix=f"write {{low: …, high: …}} or a list, or give the value as -o {name}=…",
        )
    if list(value) == ["choices"]:
        return _choice(name, value["choices"], base)
    for key in value:
        if key not in _RANGE_KEYS:
            raise _unknown(name, key, value[key])
    return _range(name, written, base)


def _unknown(name: str, key: str, at: MarkedValue) -> RecipeError:
    near = suggest(key, ("choices", *_RANGE_KEYS), otherwise="")
    if key == "choices":
        message, fix = f"{name} has choices beside a range", "keep one of the two"
    elif near:
        message, fix = f"{name} has the unknown key {key!r}", near
    else:
        message = f"{name} is a mapping with the key {key!r}, and no range"
        fix = f"write {{low: …, high: …}} or a list; a place inside it as {name}.{key}"
    return RecipeError(message, where=at.place, fix=fix)


def _choice(name: str, written: MarkedValue, base: _Base) -> CategoricalValues:
    items = written.value
    if not isinstance(items, list) or len(items) < 2:
        n = f"{len(items)} choice{'s' * (not items)}" if isinstance(items, list) else "no list"
        raise RecipeError(
            f"{name} has {n}, and nothing to choose from",
            where=written.place,
            fix="write two values or more, as [weak, strong]",
        )
    values: list[Any] = []
    for item in items:
        value = plain_value(item)
        if value in values:
            raise RecipeError(
                f"{name}: {value!r} stands twice", where=item.place, fix="keep one of the two"
            )
        _require(name, value, item, written, base)
        values.append(value)
    try:
        return CategoricalValues(tuple(values))
    except UsageError as error:
        raise RecipeError(f"{name}: {error.message}", where=written.place, fix=error.fix) from None


def _require(name: str, value: Any, at: MarkedValue, written: MarkedValue, base: _Base) -> None:
    """Check that the recipe takes `value`, which stands `at` a line, at the place `name`."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        raise RecipeError(
            f"{name}: {value!r} is not finite", where=at.place, fix="write a finite number"
        ) from None
    refused = base.refusal(name, value)
    if refused is None:
        return
    if "unknown key" in refused.message:  # no value would do
        raise RecipeError(refused.message, where=written.place, fix=refused.fix)
    fix = refused.fix
    if isinstance(written.value, dict) and ", got " in refused.message:
        fix = "write another range, or a list of choices"  # no end is mended by quotes
    raise RecipeError(refused.message, where=at.place, fix=fix or "write another value")


def _range(name: str, written: MarkedValue, base: _Base) -> NumberRange:
    of = written.value
    for key in ("low", "high"):
        if key not in of:
            raise RecipeError(f"{name} has no {key}", where=written.place, fix=f"write {_EXAMPLE}")
    low, high = _number(name, "low", of["low"]), _number(name, "high", of["high"])
    step = None if "step" not in of else _number(name, "step", of["step"])
    log = of.get("log", MarkedValue(False, written.place))
    _check_range(name, low, high, step, log, of)
    for key, value in (("low", low), ("high", high)):
        _require(name, value, of[key], written, base)
    if _is_whole(name, low, high, base):
        return _whole(name, int(low), int(high), step, log.value, of)
    if step is not None:
        high = _last(low, high, step)
    return NumberRange(float(low), float(high), log.value, None if step is None else float(step))


def _number(name: str, key: str, written: MarkedValue) -> float:
    value = written.value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return value
    raise RecipeError(
        f"{key} of {name} must be a number, got {plain_value(written)!r}",
        where=written.place,
        fix="write a number without quotes, as 1e-3",
    )


def _check_range(
    name: str,
    low: float,
    high: float,
    step: float | None,
    log: MarkedValue,
    of: dict[str, MarkedValue],
) -> None:
    def refuse(key: str, message: str, fix: str) -> None:
        raise RecipeError(f"{name}: {message}", where=of[key].place, fix=fix)

    if not isinstance(log.value, bool):
        refuse("log", f"log must be true or false, got {plain_value(log)!r}", "write log: true")
    if low == high:
        refuse("high", f"low and high are both {low}", "leave it out, or widen the range")
    if low > high:
        refuse("high", f"high {high} is below low {low}", f"write low: {high}, high: {low}")
    if log.value and low <= 0:
        refuse("low", f"a logarithmic range begins above 0, not at {low}", "leave out log: true")
    if step is None:
        return
    if log.value:
        refuse("step", "a logarithmic range has no step", "leave out log or step")
    if step <= 0:
        refuse("step", f"a step must be above 0, got {step}", "write step: 1, or leave it out")
    if (high - low) / step > _MOST_STEPS:
        refuse("step", f"a step of {step} is nearly none", "leave it out")
    span = Decimal(str(high)) - Decimal(str(low))  # 0.03 - 0.02 is 0.01 to its author
    if Decimal(str(step)) > span:
        refuse(
            "step",
            f"a step of {step} leaves one value between {low} and {high}",
            f"write a step of at most {span}",
        )


def _is_whole(name: str, low: float, high: float, base: _Base) -> bool:
    """Return whether the recipe takes whole numbers only between the ends, which it takes.

    Where it takes anything, as among the options of a decoder, the ends are as they are written.
    """
    if not (float(low).is_integer() and float(high).is_integer()):
        return False
    if base.refusal(name, low + 0.5) is not None:
        return True
    takes_anything = base.refusal(name, "a text") is None
    return takes_anything and isinstance(low, int) and isinstance(high, int)


def _whole(
    name: str, low: int, high: int, step: float | None, log: bool, of: dict[str, MarkedValue]
) -> NumberRange:
    if step is None:
        return NumberRange(low, high, log)
    if not float(step).is_integer():
        raise RecipeError(
            f"{name} is a whole number, and a step of {step} leaves the whole numbers",
            where=of["step"].place,
            fix="write a whole step",
        )
    return NumberRange(low, int(_last(low, high, step)), log, int(step))


def _last(low: float, high: float, step: float) -> float:
    """Return the highest value of steps from `low` that is not above `high`.

    Example:
        >>> _last(0, 1, 0.1), _last(160, 330, 32)
        (1.0, 320.0)
    """
    first, width = Decimal(str(low)), Decimal(str(step))  # 0.1 is a tenth to its author
    return float(first + (Decimal(str(high)) - first) // width * width)
