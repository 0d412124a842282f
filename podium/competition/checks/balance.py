"""How rows or whole groups are dealt out to folds so that every fold gets its share of every class.

Pure functions on arrays. `shares (F,)` say what part of all rows each fold should get; they add up
to 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["deal_groups", "deal_labels", "deal_strata", "imbalance"]

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
    wanted = np.outer(shares, counts.sum(axis=0))  # (F, S)
    return float(((held - wanted) ** 2 / np.where(wanted > 0, wanted, 1)).sum())


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
    wanted = np.outer(shares, table.sum(axis=0))
    scale = np.where(wanted > 0, 1 / np.where(wanted > 0, wanted, 1), 0)  # (F, S)
    order = rng.permutation(len(table))
    order = order[np.argsort(-table[order].sum(axis=1), kind="stable")]
    fold_of, excess = _greedy(table, order, wanted, scale)
    for _ in range(MAX_PASSES):
        moved = _move(table, order, fold_of, excess, scale)
        if len(table) <= SWAPS_UP_TO:
            moved |= _swap(table, fold_of, excess, scale)
        if not moved:
            break
    return fold_of


def _greedy(counts: Floats, order: Ints, wanted: Floats, scale: Floats) -> tuple[Ints, Floats]:
    fold_of = np.full(len(counts), -1, dtype=np.int64)
    excess, n_groups = -wanted, np.zeros(len(wanted), dtype=np.int64)
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
    """Return which rows are held out `(N,)`: `share` of all and, within one row, of every class.

    The rows that are left over after rounding down go to the classes with the largest remainders; a
    class with a single row is never held out, since nothing could be learnt of it.
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
