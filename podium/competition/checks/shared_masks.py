"""Masks that several images have, as two views of one scene: their folds must not part these."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks import Finding, Level, line_of
from podium.competition.checks.mask_facts import list_mask_facts, mask_fact_arrays
from podium.competition.checks.name_groups import WITH_GROUPS
from podium.competition.ids.rows import groups_of_rows
from podium.competition.spec import Competition
from podium.competition.truths.masks import n_mask_classes
from podium.errors import DataError
from podium.workspace.layout import Workspace

__all__ = ["check_shared_masks", "group_of_shared_masks", "rows_of_masks"]

_FORMS = (
    "*/{group}.*",
    "*/{group}",
    "{group}/*",
    "{group}_*",
    "{group}-*",
    "*_{group}",
    "*-{group}",
)
"""Parts of ids by which images of one mask may be told, as `flash/a01.jpg` and `dark/a01.jpg`."""


def check_shared_masks(
    workspace: Workspace,
    competition: Competition,
    train: pd.DataFrame,
    folds: NDArray[np.int64],
) -> list[Finding]:
    """Return an error where images of one mask file are in several folds.

    What is validated was learnt from another image then. Masks that are empty or full may be one
    file for many images, which tells nothing of them.

    Args:
        workspace: its cache keeps the facts of each mask.
        competition: configures masks and folds.
        train: its samples.
        folds: `(len(train),)`; -1: in none.
    """
    shared = rows_of_masks(train)
    if not shared or not competition.has_masks:
        return []
    try:
        each = list_mask_facts(workspace, competition, train)
    except DataError:
        return []  # reported where masks are checked
    covered = mask_fact_arrays(each, n_mask_classes(competition), train).coverage
    torn = [
        rows
        for rows in shared
        if 0 < covered[rows[0]] < 1 and len({int(folds[row]) for row in rows} - {-1}) > 1
    ]
    if not torn:
        return []
    names = tuple(" = ".join(map(str, train["id"].iloc[list(rows)])) for rows in torn)
    scheme, key = competition.folds.scheme, group_of_shared_masks(competition, train, shared)
    fix = (
        "what is validated was learnt from another image; where a mask is of one of the images "
        "alone, write a table with a row for each image, its file and its mask"
    )
    by_hand = "write groups.csv, with the columns id and group, and folds.group: groups.csv"
    is_meant = scheme not in WITH_GROUPS or competition.folds.duplicates == "allow"
    level: Level = "warning" if is_meant else "error"
    mend = f"podium choose {shlex.quote(f'folds.group={key}')}, then podium folds --redo"
    return [
        Finding.listing(
            level,
            "images of one mask in several folds",
            names,
            fix if key else f"{by_hand}: {fix}",
            mend=mend if key else "",
            where=line_of(competition, "folds"),
        )
    ]


def rows_of_masks(train: pd.DataFrame) -> list[list[int]]:
    """Return the rows of each mask file, or files of a mask, that several images have."""
    rows = defaultdict[tuple[str, ...], list[int]](list)
    for row, mask in enumerate(train.get("mask", ())):
        if mask is not None and any(mask.files):
            rows[mask.files].append(row)
    return [each for each in rows.values() if len(each) > 1]


def group_of_shared_masks(
    competition: Competition, train: pd.DataFrame, shared: Sequence[Collection[int]]
) -> str | None:
    """Return the finest key of groups that keeps images of one mask together; None: none does.

    Args:
        competition: with the column of ids.
        train: its samples.
        shared: the rows of each mask.
    """
    source = competition.data.train
    is_plain = source.table is not None and source.id is not None and source.id.isidentifier()
    column = str(source.id) if is_plain else "id"
    cells = pd.DataFrame({column: train["id"].astype(str)})
    found = dict[str, int]()
    for form in _FORMS:
        groups = groups_of_rows(cells, f"{column}={form}", strict=False)
        n_groups = len(set(groups))
        are_kept = all(len({groups[row] for row in rows}) == 1 for rows in shared)
        if None not in groups and are_kept and competition.folds.n <= n_groups < len(train):
            found.setdefault(f"{column}={form}", n_groups)
    return max(found, key=lambda key: found[key], default=None)
