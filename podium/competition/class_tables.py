"""Classes that are read from a table: thousands of names are no part of a YAML file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationInfo

from podium.competition.tables import read_table
from podium.errors import DataError

__all__ = ["class_names", "in_order"]

_NUMBER = re.compile(r"0|[1-9]\d*")


def class_names(said: Mapping[str, Any], info: ValidationInfo) -> list[str]:
    """Return the classes that `{table, column}` names, in order, without `open_set` and blanks.

    Args:
        said: the mapping in the place of the list.
        info: its context has the folder of `competition.yaml` as "root".

    Raises:
        ValueError: another key, no such table or column, or no folder to look for it in.
    """
    if set(said) != {"table", "column"}:
        raise ValueError("write a list of names, or {table: data/train.csv, column: label}")
    root = (info.context or {}).get("root")
    if root is None:
        raise ValueError("the classes of a table are read with the file: use load_competition")
    column = str(said["column"])
    try:
        table = read_table(Path(root) / str(said["table"]), where=str(said["table"]))
    except DataError as error:
        raise ValueError(str(error)) from None
    if column not in table.columns:
        raise ValueError(f"{said['table']} has no column {column!r}; it has {list(table.columns)}")
    return in_order(set(table[column]) - {"", info.data.get("open_set")})


def in_order(names: set[str]) -> list[str]:
    """Return the names in ascending order: by number, where all of them are whole numbers.

    Example:
        >>> in_order({"10", "9", "100"}), in_order({"10", "9", "x"})
        (['9', '10', '100'], ['10', '9', 'x'])
    """
    if all(_NUMBER.fullmatch(name) for name in names):
        return sorted(names, key=int)
    return sorted(names)
