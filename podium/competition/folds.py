"""Folds: which rows are validated together; `folds_file` keeps them in `folds.csv`.

Every scheme gives each row one fold, 0 to n - 1, or -1: never validated, but in the training of
every fold.

- `stratified`: fold sizes, and the rows of each class in a fold, differ by at most one. With
  `balance: coverage`, the default where there are no labels, how much of an image is foreground
  takes the place of the class; with masks of several classes, each of them counts, too.
- `group`: no group in two folds; sizes as even as the groups allow.
- `stratified_group`: no group in two folds; classes (multilabel: labels) as even as the groups
  allow.
- `multilabel_stratified`: labels as even as iterative stratification makes them.
- `time`: the rows in order of time are cut into n + 1 blocks. The first has -1, block k + 1 is fold
  k. Fold k trains on all earlier blocks and on nothing later, so its training grows with k, and the
  OOF lacks the first block. Rows of one moment stay in one block.
- `holdout`: fold 0 is `fraction` of the rows, stratified, in whole groups where there are groups;
  the rest has -1.
- `column`: what the column says.

Rows of one unit, where units have several, are kept together as those of a group are: `stratified`
and `multilabel_stratified` deal out whole units then, and where there are groups, too, those that
share a unit are one. `time` and `column` take no notice of units, and are refused where they tear
one.

Folds depend on the seed and on each row's id, label and group, not on the order of the rows. All
schemes but `group`, `stratified_group` and `holdout` take no notice of groups; `ensure_folds`
refuses folds that tear one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.fold_schemes import (
    by_time,
    from_column,
    grouped,
    groups_if_any,
    groups_of,
    holdout,
    multilabel,
    n_folds,
    shared_units,
    stratified,
    tied,
)
from podium.competition.strata import Strata, read_strata
from podium.errors import DataError, some

if TYPE_CHECKING:
    from podium.competition.spec import FoldScheme

__all__ = [
    "fold_rows",
    "make_folds",
    "n_folds",
]

log = logging.getLogger(__name__)


def make_folds(
    samples: pd.DataFrame,
    *,
    scheme: FoldScheme = "stratified",
    n: int = 5,
    seed: int = 42,
    labels: Any = None,
    strata: Strata | None = None,
    group: str = "group",
    order: str = "order",
    column: str = "fold_column",
    fraction: float = 0.2,
    classes: Sequence[str] = (),
) -> NDArray[np.int64]:
    """Return the fold of every row `(N,)`: 0 to n - 1, or -1 for rows that are never validated.

    Args:
        samples: one row a sample; an `id` column makes the folds independent of the order of rows.
        scheme: see the module.
        n: number of folds (holdout has 1; column has as many as it says).
        seed: of the shuffling.
        labels: class indices or names `(N,)`, numbers `(N,)` (cut into tenths), or 0/1 `(N, C)`.
            None: the column `label`; without one, `stratified` is a plain shuffled k-fold.
        strata: what to balance instead of labels, such as `coverage_strata`.
        group: column of what must not cross folds (group, stratified_group, holdout).
        order: column of numbers or ISO dates that orders the rows (time).
        column: column that holds the folds (column).
        fraction: of the rows that are held out (holdout).
        classes: names of the class indices, for messages.

    Raises:
        DataError: fewer rows, groups or moments than folds; a fold whose rows are of one class
            while the data have more; an id or a unit in two folds; a column that is missing or
            unreadable.

    Example:
        >>> samples = pd.DataFrame({"id": list("abcdef"), "label": [0, 0, 0, 1, 1, 1]})
        >>> make_folds(samples, n=3).tolist()
        [0, 1, 2, 1, 2, 0]
    """
    _refuse_sizes(samples, scheme, n, fraction)
    canonical = _row_order(samples)
    ordered = samples.iloc[canonical]
    if strata is not None:
        strata = strata.take(canonical)
    else:
        given = None if labels is None else _take(labels, canonical)
        strata = read_strata(ordered, given, classes=classes)
    rng = np.random.default_rng(seed)
    units = shared_units(ordered)
    if scheme == "column":
        folds = from_column(ordered, column)
    elif scheme == "time":
        folds = by_time(ordered, order, n)
    elif scheme in ("group", "stratified_group"):
        by = strata if scheme == "stratified_group" else Strata.none(len(ordered))
        folds = grouped(by, tied(groups_of(ordered, group), units), np.full(n, 1 / n), rng)
    elif scheme == "holdout":
        folds = holdout(strata, tied(groups_if_any(ordered, group), units), fraction, rng)
    elif units is not None:
        folds = grouped(strata, units, np.full(n, 1 / n), rng)
    elif scheme == "multilabel_stratified":
        folds = multilabel(strata, n, rng)
    else:
        folds = stratified(strata, n, seed)
    _refuse_one_class(folds, strata)
    _refuse_torn_units(ordered, folds)
    for note in strata.rare(folds):
        log.warning("%s", note)
    result = np.empty(len(samples), dtype=np.int64)
    result[canonical] = folds
    return result


def fold_rows(
    folds: NDArray[np.int64], k: int, *, scheme: FoldScheme = "stratified"
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of the rows that fold `k` trains on and of those that it validates.

    Args:
        folds: `(N,)`, as `make_folds` returns them.
        k: the fold.
        scheme: of the folds; "time" trains on earlier blocks only, all others on every other row.

    Raises:
        DataError: there is no such fold, or it has nothing to train on.

    Example:
        >>> train, valid = fold_rows(np.array([-1, 0, 1, 2]), 1, scheme="time")
        >>> train.tolist(), valid.tolist()
        ([0, 1], [2])
    """
    valid = np.flatnonzero(folds == k)
    if k < 0 or len(valid) == 0:
        raise DataError(f"there is no fold {k}", fix=f"folds run from 0 to {n_folds(folds) - 1}")
    train = np.flatnonzero(folds < k if scheme == "time" else folds != k)
    if len(train) == 0:
        raise DataError(f"fold {k} has no rows to train on", fix="make more folds")
    return train, valid


def _row_order(samples: pd.DataFrame) -> NDArray[np.int64]:
    """Return the positions of the rows in order of their ids (as they stand, where there are none).

    Raises:
        DataError: an id stands twice.
    """
    if "id" not in samples.columns:
        return np.arange(len(samples))
    ids = samples["id"].astype(str).to_numpy(dtype=object)
    if len(set(ids)) < len(ids):
        repeated = samples["id"][samples["id"].duplicated()].unique()
        raise DataError(f"ids stand more than once: {some(repeated)}", fix="make every id unique")
    return np.argsort(ids, kind="stable")


def _take(labels: Any, rows: NDArray[np.int64]) -> Any:
    array = labels.to_numpy() if hasattr(labels, "to_numpy") else np.asarray(labels)
    if len(array) != len(rows):
        raise DataError(f"{len(array)} labels for {len(rows)} rows")
    return array[rows]


def _refuse_sizes(samples: pd.DataFrame, scheme: str, n: int, fraction: float) -> None:
    if len(samples) == 0:
        raise DataError("there are no rows to make folds of")
    if scheme in ("column", "holdout"):
        if scheme == "holdout" and not 0 < fraction < 1:
            raise DataError(f"fraction must be in (0, 1), got {fraction}")
        return
    least = 1 if scheme == "time" else 2
    if n < least:
        raise DataError(
            f"scheme {scheme} needs at least {least} folds, got {n}", fix="scheme: holdout"
        )
    if len(samples) < n:
        raise DataError(
            f"{len(samples)} rows do not fill {n} folds", fix=f"set n to at most {len(samples)}"
        )


def _refuse_one_class(folds: NDArray[np.int64], strata: Strata) -> None:
    if strata.kind != "classes":
        return
    if len(np.unique(strata.codes)) == 1:
        raise DataError(f"all labels are {strata.names[0]}: there is nothing to tell apart")
    for k in range(n_folds(folds)):
        found = np.unique(strata.codes[folds == k])
        if len(found) == 1:
            raise DataError(
                f"fold {k} has one class only ({strata.names[found[0]]}), so it cannot be scored",
                fix="make fewer folds, or choose a scheme that stratifies",
            )


def _refuse_torn_units(samples: pd.DataFrame, folds: NDArray[np.int64]) -> None:
    if "unit" not in samples.columns or samples["unit"].isna().all():
        return
    n_in = pd.Series(folds).groupby(samples["unit"].astype(str).to_numpy()).nunique()
    torn = n_in.index[n_in > 1]
    if len(torn):
        raise DataError(
            f"{len(torn)} units have rows in different folds, which leaks: {some(torn)}",
            fix="folds: {scheme: stratified} keeps units together",
        )
