"""Arithmetic on named numbers, as `right * iou`: read as a syntax tree, and nothing else is run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache, reduce
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

__all__ = ["evaluate_expression", "expression_names"]

_LONGEST = 1000
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
}
_FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {"min": np.minimum, "max": np.maximum}
_FIX = "write names of parts and numbers with + - * / ( ) min max, as right * iou"


def expression_names(text: str) -> frozenset[str]:
    """Return the names that an expression uses.

    Raises:
        ValueError: it is no expression of names and numbers; names the place.

    Example:
        >>> sorted(expression_names("min(right, 0.5) * (1 - loss)"))
        ['loss', 'right']
    """
    names: set[str] = set()
    _check(_tree(text), names)
    return frozenset(names)


def evaluate_expression(text: str, values: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Return the numbers that an expression makes of arrays of one shape, nan where undefined.

    Args:
        text: as `expression_names` takes it.
        values: an array for each name.

    Raises:
        ValueError: it is no such expression, or names what `values` does not have.

    Example:
        >>> values = {"right": np.array([1, 0]), "iou": np.array([0.5, 1])}
        >>> evaluate_expression("right * iou", values)
        array([0.5, 0. ])
    """
    missing = sorted(expression_names(text) - set(values))
    if missing:
        raise ValueError(f"there is no {missing[0]!r}")
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(_value(_tree(text), values), dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


@cache
def _tree(text: str) -> ast.expr:
    if len(text) > _LONGEST:
        raise ValueError(f"an expression has at most {_LONGEST} characters")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{text!r} is no expression: {_FIX}") from error


def _check(node: ast.expr, names: set[str]) -> None:
    """Collect the names; ValueError: the tree holds anything but arithmetic."""
    if isinstance(node, ast.Name) and node.id not in _FUNCTIONS:
        names.add(node.id)
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        _check(node.left, names)
        _check(node.right, names)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        _check(node.operand, names)
    elif _is_function(node):
        for argument in node.args:
            _check(argument, names)
    elif not _is_number(node):
        raise ValueError(f"{ast.unparse(node)!r} cannot stand in an expression: {_FIX}")


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _is_function(node: ast.expr) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _FUNCTIONS
        and len(node.args) > 1
        and not node.keywords
        and not any(isinstance(one, ast.Starred) for one in node.args)
    )


def _value(node: Any, values: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(node, ast.Name):
        return np.asarray(values[node.id], dtype=np.float64)
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.UnaryOp):
        operand = _value(node.operand, values)
        return -operand if isinstance(node.op, ast.USub) else operand
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        arguments = [_value(one, values) for one in node.args]
        return reduce(_FUNCTIONS[node.func.id], arguments)
    return np.float64(node.value)
