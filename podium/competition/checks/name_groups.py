"""Groups that the ids of images name, as patients, and folds that split them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks import Finding, line_of
from podium.competition.ids.rows import groups_of_rows
from podium.competition.infer.groups.names import find_group_in_names
from podium.competition.spec import Competition, FoldScheme
from podium.competition.units import has_units

__all__ = ["WITH_GROUPS", "check_names"]

WITH_GROUPS: dict[FoldScheme, FoldScheme] = {
    "stratified": "stratified_group",
    "multilabel_stratified": "stratified_group",
    "group": "group",
    "stratified_group": "stratified_group",
    "shared_files": "shared_files",
    "holdout": "holdout",
}
"""The scheme that keeps groups together and is else as the one before."""


def check_names(
    competition: Competition, train: pd.DataFrame, test_ids: Sequence[str], folds: NDArray[np.int64]
) -> list[Finding]:
    """Return a warning where folds split what the ids name, as patients; see `name_groups`.

    Args:
        competition: whose folds have no group.
        train: its samples.
        test_ids: of the images to predict.
        folds: `(len(train),)`; -1: in none.
    """
    scheme = WITH_GROUPS.get(competition.folds.scheme)
    if competition.folds.group is not None or scheme is None or has_units(train):
        return []
    source = competition.data.train
    plain = source.table is not None and source.id is not None and source.id.isidentifier()
    column = str(source.id) if plain else "id"
    ids = train["id"].tolist()
    labels = dict(zip(ids, train["label"].astype(str), strict=True))
    found, _ = find_group_in_names(ids, test_ids, column=column, labels=labels)
    if found is None:
        return []
    groups = pd.Series(groups_of_rows(pd.DataFrame({column: ids}), found.column))
    n_folds = pd.Series(folds).groupby(groups).nunique()
    split = tuple(map(str, n_folds.index[n_folds > 1]))
    if not split:
        return []
    return [
        Finding(
            "warning",
            "images of one patient, video or scene in two folds",
            f"{found.why}; {len(split):,} of them are in two folds or more, so that a score is of "
            "images that were nearly seen",
            "keep them together, or leave it where they are nothing of the kind",
            split,
            where=line_of(competition, "folds"),
            mend=f"folds: {{scheme: {scheme}, group: '{found.column}'}}, then podium folds --redo",
        )
    ]
