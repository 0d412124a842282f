"""Folds of rows that share image files, as pairs of photographs that come back in other pairs.

A row ties its files, its group and its unit. Where rows that are tied by others are few, they are
in one fold together. Where nearly all are tied, the files (groups, units) are dealt out to as many
parts as there are folds, so that many rows have all of theirs in one part: these are validated
there. A row whose files are of several parts is never validated, and trains only in the folds that
validate nothing of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.folds.strata import Strata
from podium.competition.spelling import name_key
from podium.errors import DataError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["cut_rows", "tied_rows"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_LEVELS, _PASSES = 60, 20  # ten levels and five passes are usual
_BLOCKS = 2  # that a part is made of, at least
_SLACK = 0.1  # by which a part may be larger or smaller than its share
_NEAR_BEST = 0.5  # of the closest tie of two blocks: a weaker one is looked at later
_LEAST_SHARE = 0.05  # of the rows: a rarer class does not bound how many others are validated


def tied_rows(samples: pd.DataFrame) -> Ints:
    """Return the set `(N,)` of each row: rows of one set are tied by files, groups or units.

    Args:
        samples: with `images`, tuples of paths; of `group` and `unit` those that it has.

    Raises:
        DataError: there are no images.

    Example:
        >>> rows = [("a.png", "b.png"), ("c.png", "d.png"), ("e.png", "b.png")]
        >>> tied_rows(pd.DataFrame({"images": rows})).tolist()
        [0, 1, 0]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    of_row = _holders(samples).tocoo()
    size = sum(of_row.shape)
    links = coo_array((of_row.data, (of_row.row, len(samples) + of_row.col)), shape=(size, size))
    part = connected_components(links, directed=False)[1][: len(samples)]
    return np.unique(part, return_inverse=True)[1].astype(np.int64)


def cut_rows(samples: pd.DataFrame, strata: Strata, n: int, rng: np.random.Generator) -> Ints:
    """Return the fold `(N,)` of each row; -1: its files are of several folds.

    Of classes of which more rows than of others have all of their files in one fold, the rest is
    -1, too: in a fold each class has the share that it has in all rows.

    Args:
        samples: as of `tied_rows`.
        strata: with the classes.
        n: number of folds.
        rng: breaks ties.

    Raises:
        DataError: a fold would have no row.
    """
    of_row = _holders(samples)
    n_of_row = np.asarray(of_row.sum(axis=1)).ravel()
    sizes = np.asarray((of_row / n_of_row[:, None]).sum(axis=0)).ravel()  # sum: N
    ties = _without_own(of_row.T @ of_row)
    blocks = _blocks(ties, sizes, sizes.sum() / (_BLOCKS * n), rng)
    part = _dealt(blocks.ties, blocks.sizes, n, rng)[blocks.of]
    _move(part, ties, sizes, n, rng)
    rows = of_row.tocoo()
    low, high = np.full(len(samples), n), np.full(len(samples), -1)
    np.minimum.at(low, rows.row, part[rows.col])
    np.maximum.at(high, rows.row, part[rows.col])
    folds = _in_shares(np.where(low == high, low, -1), strata, samples, rng)
    empty = np.setdiff1d(np.arange(n), folds)
    if len(empty):
        raise DataError(
            f"rows share so many files that no row has all of its own in fold {empty[0]}",
            fix="set n to 2, or leave a file that most rows have out of data.train.images"
            if n > 2
            else "leave a file that most rows have out of data.train.images",
        )
    return folds


def _holders(samples: pd.DataFrame) -> csr_array:
    """Return which files, groups and units each row has, 0/1 `(N, M)`."""
    from scipy.sparse import coo_array

    if "images" not in samples.columns:
        raise DataError("scheme shared_files needs the image files of the rows")
    rows, names = list[int](), list[tuple[str, str]]()
    for row, paths in enumerate(samples["images"]):
        own = {("file", str(path)) for path in paths if path}
        for column in ("group", "unit"):
            cell = samples[column].iloc[row] if column in samples.columns else None
            if cell is not None and not pd.isna(cell):
                own.add((column, name_key(str(cell)) if column == "group" else str(cell)))
        rows += [row] * len(own)
        names += sorted(own)
    codes, known = pd.factorize(pd.Series(names, dtype=object))
    shape = (len(samples), len(known))
    return coo_array((np.ones(len(rows)), (rows, codes)), shape=shape).tocsr()


def _without_own(ties: csr_array) -> csr_array:
    ties = ties.tocsr()
    ties.setdiag(0)
    ties.eliminate_zeros()
    return ties


@dataclass(frozen=True)
class _Blocks:
    """M files, groups and units in K blocks that are not torn at first.

    Attributes:
        of: the block of each, `(M,)`.
        ties: how many rows tie two of them, `(K, K)`.
        sizes: in rows, `(K,)`.
    """

    of: Ints
    ties: csr_array
    sizes: Floats


def _blocks(ties: csr_array, sizes: Floats, largest: float, rng: np.random.Generator) -> _Blocks:
    """Return blocks of at most `largest` rows, merged in pairs along the closest ties.

    Heavy-edge matching, level by level (Karypis and Kumar 1998, "A fast and high quality multilevel
    scheme for partitioning irregular graphs", section 3.1); ties count by the blocks' sizes.
    """
    from scipy.sparse import coo_array

    found = _Blocks(np.arange(len(sizes)), ties, sizes)
    for _ in range(_LEVELS):
        edges = found.ties.tocoo()
        fits = (edges.row < edges.col) & (
            found.sizes[edges.row] + found.sizes[edges.col] <= largest
        )
        one, other, weight = edges.row[fits], edges.col[fits], edges.data[fits]
        if not len(weight):
            break
        closeness = weight / (found.sizes[one] * found.sizes[other])
        best = np.zeros(len(found.sizes))
        np.maximum.at(best, one, closeness)
        np.maximum.at(best, other, closeness)
        is_near = closeness >= _NEAR_BEST * np.maximum(best[one], best[other])
        one, other, closeness = one[is_near], other[is_near], closeness[is_near]
        merged, is_taken = np.arange(len(found.sizes)), np.zeros(len(found.sizes), dtype=bool)
        for edge in np.lexsort((rng.random(len(closeness)), -closeness)):
            a, b = one[edge], other[edge]
            if not (is_taken[a] or is_taken[b]):
                is_taken[a] = is_taken[b] = True
                merged[b] = a
        merged = np.unique(merged, return_inverse=True)[1]
        k = int(merged.max()) + 1
        joins = coo_array((np.ones(len(merged)), (np.arange(len(merged)), merged)))
        found = _Blocks(
            merged[found.of],
            _without_own(joins.T @ found.ties @ joins),
            np.bincount(merged, found.sizes, minlength=k).astype(np.float64),
        )
    return found


def _ties_to_parts(ties: csr_array, one: int, part: Ints, n: int) -> Floats:
    at = slice(ties.indptr[one], ties.indptr[one + 1])
    of_tied, weight = part[ties.indices[at]], ties.data[at]
    is_dealt = of_tied >= 0
    return np.bincount(of_tied[is_dealt], weight[is_dealt], minlength=n).astype(np.float64)


def _dealt(ties: csr_array, sizes: Floats, n: int, rng: np.random.Generator) -> Ints:
    """Return a part for each block `(K,)`, the largest first: of those with room the closest."""
    part, load = np.full(len(sizes), -1, dtype=np.int64), np.zeros(n)
    largest = (1 + _SLACK / 2) * sizes.sum() / n
    for block in np.lexsort((rng.random(len(sizes)), -sizes)):
        has_room = load + sizes[block] <= largest
        order = np.lexsort((load, -_ties_to_parts(ties, block, part, n), ~has_room))
        if not has_room.any():
            order = np.argsort(load, kind="stable")
        part[block] = order[0]
        load[order[0]] += sizes[block]
    return part


def _move(part: Ints, ties: csr_array, sizes: Floats, n: int, rng: np.random.Generator) -> None:
    """Move files to the part with most of their ties, where sizes allow, until none moves."""
    load = np.bincount(part, sizes, minlength=n)
    least, largest = ((1 + sign * _SLACK) * sizes.sum() / n for sign in (-1, 1))
    for _ in range(_PASSES):
        n_moved = 0
        for one in rng.permutation(len(part)):
            own, near = part[one], _ties_to_parts(ties, one, part, n)
            has_room = load + sizes[one] <= largest
            has_room[own] = True
            new = int(np.argmax(np.where(has_room, near, -1)))
            if near[new] > near[own] and load[own] - sizes[one] >= least:
                part[one] = new
                load[own] -= sizes[one]
                load[new] += sizes[one]
                n_moved += 1
        if not n_moved:
            break


def _in_shares(
    folds: Ints, strata: Strata, samples: pd.DataFrame, rng: np.random.Generator
) -> Ints:
    """Return the folds with -1 for rows of classes that would be too frequent among the others.

    Rows with the same files stay together.
    """
    if strata.kind != "classes":
        return folds
    total = np.bincount(strata.codes, minlength=len(strata.names))
    kept = np.bincount(strata.codes[folds >= 0], minlength=len(strata.names))
    is_common = total >= _LEAST_SHARE * len(folds)
    if not is_common.any() or not kept[is_common].min():
        return folds
    share = (kept[is_common] / total[is_common]).min()
    most = np.ceil(share * total).astype(np.int64)
    alike = pd.factorize(samples["images"].map(frozenset))[0]
    drawn = rng.random(len(folds))[alike]
    folds = folds.copy()
    for code in range(len(total)):
        rows = np.flatnonzero((strata.codes == code) & (folds >= 0))
        rows = rows[np.argsort(drawn[rows], kind="stable")]
        n = min(most[code], len(rows))
        while 0 < n < len(rows) and alike[rows[n]] == alike[rows[n - 1]]:
            n -= 1
        folds[rows[n:]] = -1
    return folds
