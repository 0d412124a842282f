"""Rows in the groups that a figure tells apart: by class, by value, or those that are of none."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition

__all__ = ["MOST_GROUPS", "RowGroups", "row_groups"]

MOST_GROUPS = 20
_COMMONEST, _STEPS = 7, 6


@dataclass(frozen=True)
class RowGroups:
    """What each row is.

    Attributes:
        codes: `(N,)`, positions in `names`; -1 of none of them.
        names: of the groups.
        rest: what the rows of no group are.
        ordered: whether the groups are steps of one quantity.
        what: what the groups are, in words.
    """

    codes: NDArray[np.int64]
    names: list[str]
    rest: str = "no label"
    ordered: bool = False
    what: str = "class"


def row_groups(labels: NDArray[Any] | None, competition: Competition, n: int) -> RowGroups:
    """Return the groups of `n` rows with these labels.

    Classes are groups, of more than 20 the 7 that most rows are of; a row of several labels is of
    a group where it has one alone. Values are cut into 6 steps of equal width, ratings are not cut
    where they are at most 20.

    Args:
        labels: as `competition.samples.truth` has them, of `n` rows; None: there are none.
        competition: what the labels are.
        n: rows.
    """
    if labels is None:
        return RowGroups(np.full(n, -1), [], what="nothing")
    kind, names = competition.kind, competition.label_names
    if kind == "regression":
        return _of_values(labels.astype(np.float64))
    if kind == "multilabel":
        alone = (labels == 1).sum(axis=1) == 1
        codes = np.where(alone, (labels == 1).argmax(axis=1), -1)
        return _of_classes(codes, names, "several labels or none")
    codes = labels.astype(np.int64)
    if kind == "ordinal" and len(names) <= MOST_GROUPS:
        return RowGroups(codes, names, ordered=True, what="rating")
    return _of_classes(codes, names, "no label")


def _of_classes(codes: NDArray[np.int64], names: list[str], rest: str) -> RowGroups:
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    there = np.flatnonzero(counts)
    if len(there) > MOST_GROUPS:
        most = np.sort(np.argsort(-counts, kind="stable")[:_COMMONEST])
        rest = f"{len(there) - len(most)} other classes"
        there = most
    place = np.full(len(names) + 1, -1)  # the last one is that of code -1
    place[there] = np.arange(len(there))
    return RowGroups(place[codes], [names[i] for i in there], rest)


def _of_values(values: NDArray[np.float64]) -> RowGroups:
    known = np.isfinite(values)
    if not known.any():
        return RowGroups(np.full(len(values), -1), [], what="nothing")
    edges = np.linspace(values[known].min(), values[known].max(), _STEPS + 1)
    if edges[0] == edges[-1]:
        return RowGroups(np.where(known, 0, -1), [f"{edges[0]:.4g}"], ordered=True, what="value")
    codes = np.searchsorted(edges[1:-1], values, side="right")
    names = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges)]
    return RowGroups(np.where(known, codes, -1), names, ordered=True, what="value")
