"""The schemes of `folds.py`: from labels, groups or moments to the fold of every row."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.balance import deal_groups, deal_labels, deal_strata
from podium.competition.moments import read_moments
from podium.competition.strata import Strata
from podium.errors import DataError, some

__all__ = [
    "NEVER",
    "by_time",
    "from_column",
    "grouped",
    "groups_if_any",
    "groups_of",
    "holdout",
    "in_turn",
    "multilabel",
    "n_folds",
    "refuse_gaps",
    "shared_units",
    "stratified",
    "tied",
]

NEVER = -1  # the fold of rows that are never validated
MOST_COLUMNS = 1000  # strata that whole groups are balanced by; the rarest share the last one


def n_folds(folds: NDArray[np.int64]) -> int:
    """Return the number of folds, from the highest."""
    return int(folds.max()) + 1


def _column(samples: pd.DataFrame, name: str, scheme: str) -> pd.Series[Any]:
    if name not in samples.columns:
        raise DataError(f"scheme {scheme} needs the column {name!r}, which the samples do not have")
    values = samples[name]
    missing = values.isna() | (values.astype(str).str.strip() == "")
    if missing.any():
        where = (
            samples["id"] if "id" in samples.columns else pd.Series(samples.index, samples.index)
        )
        raise DataError(
            f"{missing.sum()} rows have no {name}: {some(where[missing])}",
            fix="fill the column: a row of its own needs a value of its own",
        )
    return values


def groups_of(samples: pd.DataFrame, name: str) -> NDArray[np.int64]:
    """Return the groups `(N,)` as codes in the order of their names; every row must have one."""
    return np.asarray(
        pd.factorize(_column(samples, name, "group").astype(str), sort=True)[0], dtype=np.int64
    )


def groups_if_any(samples: pd.DataFrame, name: str) -> NDArray[np.int64]:
    """Return the groups `(N,)` as codes; without any, every row is a group of its own."""
    has_groups = name in samples.columns and samples[name].notna().any()
    return groups_of(samples, name) if has_groups else np.arange(len(samples))


def shared_units(samples: pd.DataFrame) -> NDArray[np.int64] | None:
    """Return the units `(N,)` as codes in the order of their names; None: each row is its own."""
    if "unit" not in samples.columns or samples["unit"].isna().any():
        return None
    codes, names = pd.factorize(samples["unit"].astype(str), sort=True)
    return None if len(names) == len(samples) else np.asarray(codes, dtype=np.int64)


def tied(groups: NDArray[np.int64], units: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Return groups `(N,)` in which those that share a unit are one.

    Example:
        >>> tied(np.array([0, 1, 2, 2]), np.array([5, 5, 6, 7])).tolist()
        [0, 0, 1, 1]
    """
    if units is None:
        return groups
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_groups = int(groups.max()) + 1
    size = n_groups + int(units.max()) + 1
    links = coo_array((np.ones(len(groups)), (groups, n_groups + units)), shape=(size, size))
    part_of = connected_components(links, directed=False)[1]
    return np.unique(part_of[groups], return_inverse=True)[1].astype(np.int64)


def stratified(strata: Strata, n: int, seed: int) -> NDArray[np.int64]:
    """Return sklearn's shuffled folds, stratified where there is something to stratify by.

    Masks are dealt out as groups of one row are: a row has a coverage and several classes.
    """
    # Reading folds.csv needs none of sklearn, which takes a second to import; making it does.
    from sklearn.model_selection import KFold, StratifiedKFold

    if strata.kind == "labels":
        raise DataError(
            "scheme stratified takes one label a row", fix="scheme: multilabel_stratified"
        )
    if strata.kind == "coverage":
        rows = np.arange(len(strata.codes))
        return grouped(strata, rows, np.full(n, 1 / n), np.random.default_rng(seed))
    if strata.kind == "none":
        parts = KFold(n, shuffle=True, random_state=seed).split(strata.codes)
    else:
        if np.bincount(strata.codes).max() < n:
            return in_turn(strata.codes, n, np.random.default_rng(seed))
        parts = StratifiedKFold(n, shuffle=True, random_state=seed).split(
            strata.codes, strata.codes
        )
    folds = np.full(len(strata.codes), NEVER, dtype=np.int64)
    with warnings.catch_warnings():
        # `Strata.rare` says it better: with the class's name.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        for k, (_, valid) in enumerate(parts):
            folds[valid] = k
    return folds


def in_turn(codes: NDArray[np.int64], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the folds of rows whose classes have all fewer rows than there are folds.

    Class after class they are dealt out in turn: no fold gets two rows of one class, and the sizes
    of folds differ by at most one. (sklearn refuses such classes.)
    """
    order = rng.permutation(len(codes))
    order = order[np.argsort(rng.permutation(int(codes.max()) + 1)[codes[order]], kind="stable")]
    folds = np.empty(len(codes), dtype=np.int64)
    folds[order] = np.arange(len(codes)) % n
    return folds


def multilabel(strata: Strata, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return folds by iterative stratification."""
    if strata.kind not in ("labels", "coverage"):
        raise DataError(
            "scheme multilabel_stratified needs labels of shape (N, C), or masks",
            fix="scheme: stratified",
        )
    folds = deal_labels(strata.table.astype(bool), np.full(n, 1 / n), rng)
    if len(np.unique(folds)) < n:
        raise DataError(f"{len(folds)} rows leave one of {n} folds empty", fix="make fewer folds")
    return folds


def grouped(
    strata: Strata, groups: NDArray[np.int64], shares: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return folds of whole groups, as even in rows and strata as the groups allow."""
    n_groups = int(groups.max()) + 1
    if n_groups < len(shares):
        raise DataError(
            f"{n_groups} groups do not fill {len(shares)} folds", fix=f"set n to at most {n_groups}"
        )
    by_stratum = strata.with_at_most(MOST_COLUMNS).counts(groups, n_groups)
    counts = np.column_stack([np.bincount(groups, minlength=n_groups), by_stratum])
    return deal_groups(counts, shares, rng)[groups]


def holdout(
    strata: Strata, groups: NDArray[np.int64], fraction: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return fold 0 for `fraction` of the rows (whole groups) and -1 for the rest."""
    shares = np.array([fraction, 1 - fraction])
    if groups.max() + 1 < len(groups) or strata.kind == "coverage":
        part = grouped(strata, groups, shares, rng)
    elif strata.kind == "labels":
        part = deal_labels(strata.table.astype(bool), shares, rng)
    else:
        part = np.where(deal_strata(strata.codes, fraction, rng), 0, 1)
    if len(np.unique(part)) < 2:
        raise DataError(
            f"a fraction of {fraction} of {len(part)} rows leaves one part empty",
            fix="change the fraction",
        )
    return np.where(part == 0, 0, NEVER)


def by_time(samples: pd.DataFrame, name: str, n: int) -> NDArray[np.int64]:
    """Return -1 for the first of n + 1 blocks in order of time, and fold k for block k + 1."""
    moments = read_moments(_column(samples, name, "time"))
    rank = np.unique(moments, return_inverse=True)[1]
    sizes = np.bincount(rank)
    if len(sizes) < n + 1:
        raise DataError(
            f"{len(sizes)} different values of {name} do not fill {n + 1} blocks",
            fix=f"set n to at most {len(sizes) - 1}",
        )
    return _cuts(sizes, n + 1)[rank] - 1


def _cuts(sizes: NDArray[np.int64], n_blocks: int) -> NDArray[np.int64]:
    """Return the block of every moment; sizes are as even as whole moments allow."""
    ends = np.cumsum(sizes)
    block = np.zeros(len(sizes), dtype=np.int64)
    start = 0
    for b in range(1, n_blocks):
        wanted = ends[-1] * b / n_blocks
        # Leave at least one moment for this block and for every later one.
        low, high = start, len(sizes) - (n_blocks - b) - 1
        start = low + int(np.argmin(np.abs(ends[low : high + 1] - wanted))) + 1
        block[start:] = b
    return block


def from_column(samples: pd.DataFrame, name: str) -> NDArray[np.int64]:
    """Return the folds that the column holds."""
    values = _column(samples, name, "column")
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        is_fold = (numbers >= NEVER) & (numbers == np.floor(numbers))
    if not is_fold.all():
        raise DataError(
            f"column {name}: folds are whole numbers from -1, got {some(values[~is_fold].unique())}"
        )
    folds = numbers.astype(np.int64)
    refuse_gaps(folds, f"column {name}")
    return folds


def refuse_gaps(folds: NDArray[np.int64], where: object) -> None:
    """Raise a DataError unless there is a fold and every number up to the highest has rows."""
    missing = sorted(set(range(n_folds(folds))) - set(folds.tolist()))
    if missing or folds.max() < 0:
        what = f"fold {some(missing)} has no rows" if missing else "no row has a fold"
        raise DataError(
            what, where=where, fix="number the folds from 0 without gaps; -1 is never validated"
        )
    if n_folds(folds) == 1 and (folds == 0).all():
        raise DataError("all rows are in fold 0: nothing is left to train on", where=where)
