"""Levels of quantiles: as `classes` state them, and as columns are named after them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

__all__ = ["level_names", "levels_of_classes", "levels_of_columns"]

_COLUMN = re.compile(
    r"(?:(?P<before>.*?)[ _.-])??(?P<called>q|p|quantile?|[ck]uantil|per[cz]entile?)?[ _.-]?"
    r"(?P<number>\d+(?:[.,]\d+)?)(?P<percent> ?%)?",
    re.IGNORECASE,
)


def levels_of_classes(classes: Sequence[str]) -> tuple[float, ...]:
    """Return the levels that `classes` are.

    Raises:
        ValueError: they are no numbers between 0 and 1 in ascending order.

    Example:
        >>> levels_of_classes(["0.1", "0.5"])
        (0.1, 0.5)
    """
    try:
        found = tuple(map(float, classes))
    except ValueError:
        found = ()
    if not found or not all(0 < one < 1 for one in found) or list(found) != sorted({*found}):
        raise ValueError(
            "classes: they are the levels of quantiles, between 0 and 1 and in ascending order, as "
            f"[0.1, 0.5, 0.9]; got {', '.join(classes)}"
        )
    return found


def level_names(levels: Sequence[float]) -> list[str]:
    """Return levels as `classes` have them.

    Example:
        >>> level_names([0.1, 0.25])
        ['0.1', '0.25']
    """
    return [f"{one:g}" for one in levels]


def levels_of_columns(names: Sequence[str]) -> tuple[float, ...] | None:
    """Return the level that each column is named after; None where not all are, in ascending order.

    Numbers of 1 or more are percents; whole ones of three digits are thousandths, as q025 and q975.

    Example:
        >>> levels_of_columns(["q10", "q50", "q90"]), levels_of_columns(["pred_0.1", "pred_0.9"])
        ((0.1, 0.5, 0.9), (0.1, 0.9))
        >>> levels_of_columns(["area", "q50"]), levels_of_columns(["q1", "q2", "q3"])
        (None, None)
    """
    found = [_COLUMN.fullmatch(one) for one in names]
    if len(names) < 2 or len({one and one["before"] for one in found}) > 1:
        return None
    levels = tuple(0.0 if one is None else _level(one) for one in found)
    # Quartiles, and numbers of models, are counted so.
    are_counted = all(one is None or len(one["number"]) == 1 for one in found)
    if are_counted or min(levels) <= 0 or max(levels) >= 1 or list(levels) != sorted({*levels}):
        return None
    return levels


def _level(column: re.Match[str]) -> float:
    """Return the level of a column; 0 where its number may be anything."""
    number = column["number"].replace(",", ".")
    if "." in number and float(number) < 1:
        return float(number)
    if column["called"] is None and column["percent"] is None:
        return 0.0
    digits = 2 if "." in number else max(2, len(number))
    return float(Decimal(number).scaleb(-digits))
