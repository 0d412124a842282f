"""Columns of frames by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podium.errors import UsageError, some
from podium.workflows.api.arguments.plain import Array, array

__all__ = [
    "column_names",
    "in_order",
    "named_columns",
    "with_columns",
]


def in_order(given: Any, names: Sequence[Any], argument: str = "y_pred") -> Array:
    """Return `given` as an array, of a frame that has the columns `names` these, in their order."""
    return array(with_columns(given, names, argument), argument)


def with_columns(given: Any, names: Sequence[Any], argument: str) -> Any:
    """Return the columns `names` of a frame that has them; anything else as it is.

    Raises:
        UsageError: a frame has some of them.
    """
    columns, wanted = column_names(given), set(names)
    if columns and wanted <= set(columns):
        return given[list(names)]
    if any(one in wanted and not isinstance(one, int) for one in columns):
        raise UsageError(
            f"{argument} has the columns {some(columns)}, the classes are {some(names)}",
            fix="call the columns as the classes are, or pass an array in the order of the classes",
        )
    return given


def column_names(given: Any) -> list[Any]:
    """Return the names of the columns of a frame with several; [] of anything else."""
    columns = list(getattr(given, "columns", ()))
    return columns if len(columns) > 1 else []


def named_columns(*frames: Any) -> list[Any] | None:
    """Return the names of the columns of the first of them that names its columns; None: none.

    Numbers that count the columns name them, too: they may stand in another order in another one.
    """
    for given in frames:
        columns = column_names(given)
        if columns and all(isinstance(one, str) for one in columns):
            return columns
    for given in frames:
        columns = column_names(given)
        if columns and set(columns) == set(range(len(columns))):
            return list(range(len(columns)))
    return None
