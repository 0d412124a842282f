"""Cells that stand in several rows each, as ids of groups do."""

from __future__ import annotations

import re

import pandas as pd

from podium.competition.languages import is_called

__all__ = [
    "FEWEST_GROUPS",
    "are_apart",
    "are_shared_ids",
    "is_group_name",
    "may_only_group",
    "repeats",
]

FEWEST_GROUPS = 4


def may_only_group(cells: pd.Series[str]) -> bool:
    """Return whether cells are many ids with digits that stand in several rows each, as of lots."""
    return are_shared_ids(cells) and not 1 < cells.nunique() <= len(cells) // 5


def is_group_name(column: str) -> bool:
    """Return whether a column is called as groups of images are."""
    return is_called(column, "group")


def are_shared_ids(cells: pd.Series[str]) -> bool:
    """Return whether texts with digits, as `PAT-811`, mostly stand in several cells each."""
    texts = cells.unique()
    are_ids = all(re.search(r"\d", one) and re.search(r"[^\W\d]", one) for one in texts)
    are_words = any(" " in one for one in texts)
    return len(cells) > 0 and are_ids and not are_words and repeats(cells.value_counts())


def are_apart(cells: pd.Series[str], test: pd.Series[str]) -> bool:
    """Return whether cells mostly share their value, and test has several values and none of them.

    Args:
        cells: of train, one for each finer group.
        test: of the images to predict.
    """
    train = set(cells) - {""}
    is_other = test.nunique() > 1 and not test.isin(train | {""}).any()
    return bool(is_other) and repeats(cells[cells != ""].value_counts())


def repeats(sizes: pd.Series[int], *, at_least: float = 0.5, fewest: int = FEWEST_GROUPS) -> bool:
    """Return whether rows share their value with another row, over enough values.

    Args:
        sizes: the number of rows of each value.
        at_least: the share of rows that do; some must.
        fewest: values.
    """
    shared, total = int(sizes[sizes > 1].sum()), int(sizes.sum())
    return (
        len(sizes) >= fewest and "" not in sizes.index and shared > 0 and shared >= at_least * total
    )
