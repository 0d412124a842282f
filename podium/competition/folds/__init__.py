"""Folds: the rows that are validated together; `folds_file` keeps them in `folds.csv`.

Every scheme gives each row one fold, 0 to n - 1, or -1: never validated, but in the training of
every fold (of `shared_files`: of those that validate none of its files).

- `stratified`: fold sizes, and the rows of each class in a fold, differ by at most one. With
  `balance: coverage`, the default where there are no labels, the share of foreground of an image
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
- `column`: the values of a column.
- `shared_files`: no image file, group or unit in two folds. Rows that share files, as pairs of
  photographs do, are one group where these are small. Else the files are dealt out: a row whose
  files are of several folds has -1, and trains in the folds that validate none of its files.

Rows of one unit, where units have several, are kept together as those of a group are: `stratified`
and `multilabel_stratified` deal out whole units then, and where there are groups, too, those that
share a unit are one. `time` and `column` ignore units, and are refused where they split one.

Folds depend on the seed and on each row's id, label and group, not on the order of the rows. All
schemes but `group`, `stratified_group`, `holdout` and `shared_files` ignore groups; `ensure_folds`
refuses folds that split one.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.folds.shared_files import cut_rows, tied_rows
from podium.competition.folds.strata import Strata, read_strata
from podium.competition.spelling import name_key
from podium.competition.tables import read_times
from podium.errors import DataError, either, plural, some

if TYPE_CHECKING:
    from podium.competition.spec import FoldScheme

__all__ = [
    "NEVER_VALIDATED",
    "fold_rows",
    "groups_if_any",
    "holdout",
    "make_folds",
    "merge_tied_groups",
    "n_folds",
    "refuse_gaps",
    "shared_units",
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
    told: list[str] | None = None,
) -> NDArray[np.int64]:
    """Return the fold of every row `(N,)`: 0 to n - 1, or -1 for rows that are never validated.

    Args:
        samples: one row a sample; an `id` column makes the folds independent of the order of rows,
            and `images` has the paths of its files (shared_files).
        scheme: see the module.
        n: number of folds (holdout has 1; column as many as its values).
        seed: of the shuffling.
        labels: class indices or names `(N,)`, numbers `(N,)` (cut into tenths), or 0/1 `(N, C)`.
            None: the column `label`; without one, `stratified` is a plain shuffled k-fold.
        strata: strata to balance instead of labels, such as `coverage_strata`.
        group: column whose values must not cross folds (group, stratified_group, holdout); of
            shared_files it is `group`.
        order: column of numbers or ISO dates that orders the rows (time).
        column: column that holds the folds (column).
        fraction: of the rows that are held out (holdout).
        classes: names of the class indices, for messages.
        told: gets a sentence on classes that some fold lacks; None: these are logged.

    Raises:
        DataError: fewer rows, groups or moments than folds; a fold whose rows are of one class
            while the data have more; an id or a unit in two folds; a column that is missing or
            unreadable.

    Example:
        >>> samples = pd.DataFrame({"id": list("abcdef"), "label": [0, 0, 0, 1, 1, 1]})
        >>> make_folds(samples, n=3).tolist()
        [0, 1, 2, 1, 2, 0]
    """
    if not isinstance(samples, pd.DataFrame):
        raise DataError(
            f"samples must be a frame with a row a sample, got {type(samples).__name__}",
            fix="podium.make_folds(y, n_splits=5) takes the labels alone",
        )
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
        folds = grouped(
            by, merge_tied_groups(groups_of(ordered, group), units), np.full(n, 1 / n), rng
        )
    elif scheme == "holdout":
        folds = holdout(
            strata, merge_tied_groups(groups_if_any(ordered, group), units), fraction, rng
        )
    elif scheme == "shared_files":
        folds = by_shared_files(ordered, strata, n, rng)
    elif units is not None:
        folds = grouped(strata, units, np.full(n, 1 / n), rng)
    elif scheme == "multilabel_stratified":
        folds = multilabel(strata, n, rng)
    else:
        folds = stratified(strata, n, seed)
    _refuse_one_class(folds, strata)
    _refuse_torn_units(ordered, folds)
    if told is not None:
        told += strata.rare(folds)
    else:
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
        scheme: of the folds; "time" trains on earlier blocks only, all others on every other row
            (of "shared_files", `leaks.rows_of_fold` leaves out those that share files).

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
        raise DataError(f"{plural(len(array), 'label')} for {plural(len(rows), 'row')}")
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
            f"{either(len(samples), 'row does', 'rows do')} not fill {plural(n, 'fold')}",
            fix=f"set n (n_splits of make_folds) to at most {len(samples)}",
        )


def _refuse_one_class(folds: NDArray[np.int64], strata: Strata) -> None:
    if strata.kind != "classes":
        return
    if len(np.unique(strata.codes)) == 1:
        raise DataError(f"all labels are {strata.names[0]}: a stratified split needs two classes")
    for k in range(n_folds(folds)):
        found = np.unique(strata.codes[folds == k])
        if len(found) == 1:
            # Stratified folds have a row each of every class that has so many.
            *_, most, _ = (0, *sorted(np.bincount(strata.codes)))
            fewer = f"make fewer folds: at most {most}, with a scheme that stratifies"
            raise DataError(
                f"fold {k} has one class only ({strata.names[found[0]]}), so it cannot be scored",
                fix=fewer if most > 1 else "let another class have two rows or more",
            )


def _refuse_torn_units(samples: pd.DataFrame, folds: NDArray[np.int64]) -> None:
    if "unit" not in samples.columns or samples["unit"].isna().all():
        return
    n_in = pd.Series(folds).groupby(samples["unit"].astype(str).to_numpy()).nunique()
    torn = n_in.index[n_in > 1]
    if len(torn):
        raise DataError(
            f"{either(len(torn), 'unit has', 'units have')} rows in different folds, which "
            f"leaks: {some(torn)}",
            fix="folds: {scheme: stratified} keeps units together",
        )


NEVER_VALIDATED = -1  # the fold of rows that are never validated
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
            f"{either(missing.sum(), 'row has', 'rows have')} no {name}: {some(where[missing])}",
            fix="fill the column: a row of its own needs a value of its own",
        )
    return values


def groups_of(samples: pd.DataFrame, name: str) -> NDArray[np.int64]:
    """Return the groups `(N,)` as codes in the order of their names; every row must have one.

    Names that differ by case or blanks alone are one group.
    """
    names = _column(samples, name, "group").astype(str)
    names = names.groupby(names.map(name_key)).transform("min")
    return np.asarray(pd.factorize(names, sort=True)[0], dtype=np.int64)


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


def merge_tied_groups(
    groups: NDArray[np.int64], units: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Return groups `(N,)` in which those that share a unit are one.

    Example:
        >>> merge_tied_groups(np.array([0, 1, 2, 2]), np.array([5, 5, 6, 7])).tolist()
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
            return dealt_in_turn(strata.codes, n, np.random.default_rng(seed))
        parts = StratifiedKFold(n, shuffle=True, random_state=seed).split(
            strata.codes, strata.codes
        )
    folds = np.full(len(strata.codes), NEVER_VALIDATED, dtype=np.int64)
    with warnings.catch_warnings():
        # `Strata.rare` reports it with the class's name.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        for k, (_, valid) in enumerate(parts):
            folds[valid] = k
    return folds


def dealt_in_turn(codes: NDArray[np.int64], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
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
        raise DataError(
            f"{either(len(folds), 'row leaves', 'rows leave')} one of {plural(n, 'fold')} empty",
            fix="make fewer folds",
        )
    return folds


def grouped(
    strata: Strata, groups: NDArray[np.int64], shares: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return folds of whole groups, as even in rows and strata as the groups allow."""
    n_groups = int(groups.max()) + 1
    if n_groups < len(shares):
        raise DataError(
            f"{either(n_groups, 'group does', 'groups do')} not fill {plural(len(shares), 'fold')}",
            fix=f"set n (n_splits of make_folds) to at most {n_groups}",
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
            f"a fraction of {fraction} of {plural(len(part), 'row')} leaves one part empty",
            fix="change the fraction",
        )
    return np.where(part == 0, 0, NEVER_VALIDATED)


def by_shared_files(
    samples: pd.DataFrame, strata: Strata, n: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return folds that share no file: of whole sets of rows, or of rows between cut ones."""
    tied = tied_rows(samples)
    if np.bincount(tied).max() * n <= len(samples):
        return grouped(strata, tied, np.full(n, 1 / n), rng)
    return cut_rows(samples, strata, n, rng)


def by_time(samples: pd.DataFrame, name: str, n: int) -> NDArray[np.int64]:
    """Return -1 for the first of n + 1 blocks in order of time, and fold k for block k + 1."""
    moments = read_times(_column(samples, name, "time"))
    rank = np.unique(moments, return_inverse=True)[1]
    sizes = np.bincount(rank)
    if len(sizes) < n + 1:
        raise DataError(
            f"{plural(len(sizes), 'different value')} of {name} do not fill {n + 1} blocks",
            fix=f"set n (n_splits of make_folds) to at most {len(sizes) - 1}",
        )
    return _cuts(sizes, n + 1)[rank] - 1


def _cuts(sizes: NDArray[np.int64], n_blocks: int) -> NDArray[np.int64]:
    """Return the block of every moment; sizes are as even as whole moments allow."""
    ends = np.cumsum(sizes)
    block = np.zeros(len(sizes), dtype=np.int64)
    start = 0
    for b in range(1, n_blocks):
        expected = ends[-1] * b / n_blocks
        # Leave at least one moment for this block and for every later one.
        low, high = start, len(sizes) - (n_blocks - b) - 1
        start = low + int(np.argmin(np.abs(ends[low : high + 1] - expected))) + 1
        block[start:] = b
    return block


def from_column(samples: pd.DataFrame, name: str) -> NDArray[np.int64]:
    """Return the folds that the column holds."""
    values = _column(samples, name, "column")
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        is_fold = (numbers >= NEVER_VALIDATED) & (numbers == np.floor(numbers))
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
    if (folds == 0).all():
        raise DataError("all rows are in fold 0: nothing is left to train on", where=where)


Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_PASSES = 20  # improving passes over all groups; three to six are usual
SWAPS_UP_TO = 400  # groups; a pass over all pairs costs their square


def imbalance(counts: NDArray[np.number], fold_of: Ints, shares: Floats) -> float:
    """Return the chi-square distance of the folds' class counts from their shares; 0 is perfect.

    Args:
        counts: `(G, S)`, how many rows of each kind every group has; a column of zeros counts for
            nothing.
        fold_of: `(G,)`, each group's fold.
        shares: `(F,)`.
    """
    held = np.zeros((len(shares), counts.shape[1]))
    np.add.at(held, fold_of, counts)
    expected = np.outer(shares, counts.sum(axis=0))  # (F, S)
    return float(((held - expected) ** 2 / np.where(expected > 0, expected, 1)).sum())


def deal_groups(counts: NDArray[np.number], shares: Floats, rng: np.random.Generator) -> Ints:
    """Return a fold for each group `(G,)`; no move of one group would make `imbalance` smaller.

    The largest groups are dealt first, each to the fold where it disturbs least (as sklearn's
    StratifiedGroupKFold does); then groups are moved and exchanged until that helps no more. No
    fold stays empty if there are enough groups.

    Args:
        counts: `(G, S)`, how many rows of each kind (all, of class 0, …) every group has.
        shares: `(F,)`.
        rng: breaks ties.
    """
    table: Floats = counts.astype(np.float64)
    expected = np.outer(shares, table.sum(axis=0))
    scale = np.where(expected > 0, 1 / np.where(expected > 0, expected, 1), 0)  # (F, S)
    order = rng.permutation(len(table))
    order = order[np.argsort(-table[order].sum(axis=1), kind="stable")]
    fold_of, excess = _greedy(table, order, expected, scale)
    for _ in range(MAX_PASSES):
        moved = _move(table, order, fold_of, excess, scale)
        if len(table) <= SWAPS_UP_TO:
            moved |= _swap(table, fold_of, excess, scale)
        if not moved:
            break
    return fold_of


def _greedy(counts: Floats, order: Ints, expected: Floats, scale: Floats) -> tuple[Ints, Floats]:
    fold_of = np.full(len(counts), -1, dtype=np.int64)
    excess, n_groups = -expected, np.zeros(len(expected), dtype=np.int64)
    for position, group in enumerate(order):
        cost = _cost_of_adding(excess, counts[group], scale)
        if len(order) - position <= (n_groups == 0).sum():
            # The groups that are left are needed to fill the empty folds.
            cost[n_groups > 0] = np.inf
        fold = int(np.argmin(cost))
        fold_of[group] = fold
        n_groups[fold] += 1
        excess[fold] += counts[group]
    return fold_of, excess


def _cost_of_adding(excess: Floats, count: Floats, scale: Floats) -> Floats:
    """Return by how much the imbalance grows when a group joins each fold `(F,)`."""
    return np.asarray(((2 * excess + count) * count * scale).sum(axis=1))


def _move(counts: Floats, order: Ints, fold_of: Ints, excess: Floats, scale: Floats) -> bool:
    """Move each group to where it disturbs least; return whether anything moved."""
    n_groups = np.bincount(fold_of, minlength=len(excess))
    has_moved = False
    for group in order:
        old, count = fold_of[group], counts[group]
        if n_groups[old] == 1:
            continue
        cost = _cost_of_adding(excess, count, scale)
        cost[old] = ((2 * excess[old] - count) * count * scale[old]).sum()
        new = int(np.argmin(cost))
        # The margin keeps rounding from moving a group to and fro.
        if new != old and cost[new] < cost[old] - 1e-9:
            _transfer(group, new, counts, fold_of, excess)
            n_groups[old] -= 1
            n_groups[new] += 1
            has_moved = True
    return has_moved


def _swap(counts: Floats, fold_of: Ints, excess: Floats, scale: Floats) -> bool:
    """Exchange each group with the one that improves most; return whether any was exchanged."""
    has_moved = False
    for group in range(len(counts)):
        old = fold_of[group]
        change = counts - counts[group]  # (G, S): what the fold `old` gains by each exchange
        gain_here = ((2 * excess[old] + change) * change * scale[old]).sum(axis=1)
        gain_there = ((change - 2 * excess[fold_of]) * change * scale[fold_of]).sum(axis=1)
        gain = np.where(fold_of == old, 0, gain_here + gain_there)
        other = int(np.argmin(gain))
        if gain[other] < -1e-9:
            new = int(fold_of[other])
            _transfer(group, new, counts, fold_of, excess)
            _transfer(other, int(old), counts, fold_of, excess)
            has_moved = True
    return has_moved


def _transfer(group: int, new: int, counts: Floats, fold_of: Ints, excess: Floats) -> None:
    excess[fold_of[group]] -= counts[group]
    excess[new] += counts[group]
    fold_of[group] = new


def deal_labels(labels: NDArray[np.bool_], shares: Floats, rng: np.random.Generator) -> Ints:
    """Return a fold for each row `(N,)` of a multilabel task: iterative stratification.

    Sechidis, Tsoumakas & Vlahavas 2011, "On the stratification of multi-label data", algorithm 1:
    the label with the fewest rows left is dealt first, each of its rows to the fold that still
    wants most of it; ties go to the fold that wants most rows, then to chance. Rows without a label
    come last.

    Args:
        labels: bool `(N, C)`.
        shares: `(F,)`.
        rng: breaks ties.
    """
    n_rows = len(labels)
    fold_of = np.full(n_rows, -1, dtype=np.int64)
    wants_rows = shares * n_rows  # (F,)
    wants = np.outer(shares, labels.sum(axis=0))  # (F, C)
    left = labels.sum(axis=0).astype(np.int64)  # rows of each label that have no fold yet
    order = rng.permutation(n_rows)
    while left.any():
        label = int(np.argmin(np.where(left > 0, left, n_rows + 1)))
        for row in order[(fold_of[order] < 0) & labels[order, label]]:
            fold = _neediest(wants[:, label], wants_rows, rng)
            fold_of[row] = fold
            wants_rows[fold] -= 1
            wants[fold] -= labels[row]
            left -= labels[row]
    for row in order[fold_of[order] < 0]:
        fold = _neediest(wants_rows, wants_rows, rng)
        fold_of[row] = fold
        wants_rows[fold] -= 1
    return fold_of


def _neediest(first: Floats, second: Floats, rng: np.random.Generator) -> int:
    # Wants are sums of shares: equal ones differ by rounding.
    best = np.flatnonzero(first >= first.max() - 1e-9)
    best = best[second[best] >= second[best].max() - 1e-9]
    return int(best[0]) if len(best) == 1 else int(rng.choice(best))


def deal_strata(codes: Ints, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return the held-out rows as bool `(N,)`: `share` of all and, within one row, of every class.

    The rows that are left over after rounding down go to the classes with the largest remainders; a
    class with a single row is never held out, since none would be left to train on.
    """
    sizes = np.bincount(codes)
    exact = sizes * share
    held = np.floor(exact).astype(np.int64)
    n_missing = round(len(codes) * share) - int(held.sum())
    open_classes = np.flatnonzero((sizes > 1) & (exact > held))
    open_classes = open_classes[rng.permutation(len(open_classes))]
    by_remainder = open_classes[np.argsort((held - exact)[open_classes], kind="stable")]
    held[by_remainder[: max(n_missing, 0)]] += 1
    is_held = np.zeros(len(codes), dtype=bool)
    for code, n in enumerate(held):
        is_held[rng.permutation(np.flatnonzero(codes == code))[:n]] = True
    return is_held
