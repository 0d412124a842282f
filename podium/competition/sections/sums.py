"""The name of a weighted sum of metrics of one task: `0.5 auc + 0.5 f1`, `r2 - 0.1 rmse`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction

__all__ = ["sum_labels", "sum_name", "sum_terms"]

_NUMBER = r"(?:\d+/[1-9]\d*|(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)"
_LARGEST_DENOMINATOR = 99  # of a weight that is written as a fraction, as 1/3
_HYPHEN = re.compile(r"[^\W\d]-[^\W\d]")  # of a name, as in ROC-AUC, and no minus
_TERM = re.compile(rf"\s*([+-]?)\s*(?:({_NUMBER})\s*\*?\s*)?([^\W\d][\w.]*(?::[\w.]+)?)\s*")


def sum_terms(name: str) -> list[tuple[float, str]] | None:
    """Return the weight and the metric of each term of a sum; None: `name` is no sum.

    Example:
        >>> sum_terms("0.5 auc + 0.5 f1"), sum_terms("r2 - .1*rmse"), sum_terms("auc")
        ([(0.5, 'auc'), (0.5, 'f1')], [(1.0, 'r2'), (-0.1, 'rmse')], None)
    """
    if _HYPHEN.search(name):
        return None
    found: list[tuple[float, str]] = []
    at = 0
    while at < len(name):
        term = _TERM.match(name, at)
        # The first term may have a minus, each other one a plus or a minus.
        if term is None or (not term[1] if found else term[1] == "+"):
            return None
        above, _, below = (term[2] or "1").partition("/")
        weight = float(above) / float(below or 1) * (-1 if term[1] == "-" else 1)
        if weight == 0 or not math.isfinite(weight):
            return None
        found.append((weight, term[3]))
        at = term.end()
    return found if len(found) > 1 else None


def sum_name(terms: Sequence[tuple[float, str]]) -> str:
    """Return the name of a sum of metrics, each with its weight; `sum_terms` reads it.

    Example:
        >>> sum_name([(0.5, "auc"), (0.5, "f1")]), sum_name([(1 / 3, "r2"), (-1, "rmse")])
        ('0.5 auc + 0.5 f1', '1/3 r2 - rmse')
    """
    (first, name), *rest = terms
    text = f"{'-' if first < 0 else ''}{_times(first)}{name}"
    return text + "".join(f" {'-' if one < 0 else '+'} {_times(one)}{name}" for one, name in rest)


def _times(weight: float) -> str:
    size = abs(weight)
    if size == 1:
        return ""
    short, share = f"{size:g}", Fraction(size).limit_denominator(_LARGEST_DENOMINATOR)
    if float(short) == size:
        return f"{short} "
    return f"{share if float(share) == size else repr(float(size))} "


def sum_labels(names: Sequence[str]) -> list[str]:
    """Return what the options of each term of a sum are called: its metric, numbered once again.

    Example:
        >>> sum_labels(["f1", "auc", "f1"])
        ['f1', 'auc', 'f1_2']
    """
    found: list[str] = []
    for at, name in enumerate(names):
        n = names[:at].count(name)
        found.append(f"{name}_{n + 1}" if n else name)
    return found
