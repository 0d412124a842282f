"""Classes that are confused: blocks that were planted are found, and an order that is a tree's."""

import itertools

import numpy as np
import pytest

from podium.reporting.labels.statistics import normalise_rows, order_by_confusion


def planted(sizes, *, seed=0, inside=6.0, outside=0.02):
    """Return (group of each class, counts): members of a group are confused, in a random order."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    rate = np.where(group[:, None] == group, inside, outside) + 40 * np.eye(len(group))
    return group, rng.poisson(rate)


def found_groups(found):
    return {frozenset(found.order[a:b].tolist()) for a, b in found.blocks}


@pytest.mark.parametrize("sizes", [[4, 4, 4], [2, 3, 5, 7, 11], [4] * 60])
def test_planted_groups_are_the_blocks(sizes):
    group, counts = planted(sizes)
    expected = {frozenset(np.flatnonzero(group == g).tolist()) for g in range(len(sizes))}
    assert found_groups(order_by_confusion(counts)) == expected


def test_classes_that_nobody_confuses_are_in_no_block():
    group, counts = planted([3, 4, 1, 1, 1], outside=0)
    found = found_groups(order_by_confusion(counts))
    assert found == {frozenset(np.flatnonzero(group == g).tolist()) for g in (0, 1)}


@pytest.mark.parametrize("seed", range(5))
def test_mistakes_at_random_are_no_blocks(seed):
    counts = np.random.default_rng(seed).poisson(0.4 + 30 * np.eye(60))
    assert order_by_confusion(counts).blocks == ()


@pytest.mark.parametrize("seed", range(20))
def test_blocks_hold_more_confusion_than_leaves_them(seed):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(0.3, 2.0, (30, 30)) + 10 * np.eye(30))
    counts[3] = 0  # of a class that is not there
    counts[:, 4] = 0  # of one that is never predicted
    found = order_by_confusion(counts)
    assert sorted(found.order) == list(range(30))
    stops = [0, *itertools.chain(*found.blocks)]
    assert stops == sorted(stops), "none over another"
    shares = normalise_rows(counts)
    for start, stop in found.blocks:
        rows = found.order[start:stop].tolist()
        alike = {(i, j): shares[i, j] + shares[j, i] for i in rows for j in range(30) if i != j}
        inside = sum(s for (_, j), s in alike.items() if j in rows)
        assert inside > sum(s for (_, j), s in alike.items() if j not in rows)


def test_confused_classes_are_neighbours_in_the_best_order_of_the_tree():
    # A chain: each class is confused with the next one only. Shuffled, it is found again.
    n, rng = 9, np.random.default_rng(1)
    chain = np.zeros((n, n), dtype=int)
    for i, weight in enumerate([20, 2, 18, 2, 16, 2, 14, 2]):
        chain[i, i + 1] = chain[i + 1, i] = weight
    chain += 100 * np.eye(n, dtype=int)
    shuffled = rng.permutation(n)
    order = order_by_confusion(chain[np.ix_(shuffled, shuffled)]).order
    place = {int(shuffled[one]): at for at, one in enumerate(order)}
    pairs = [(0, 1), (2, 3), (4, 5), (6, 7)]
    assert all(abs(place[a] - place[b]) == 1 for a, b in pairs)


@pytest.mark.parametrize("counts", [np.eye(5), np.zeros((5, 5)), [[3, 1], [2, 3]], [[1]]])
def test_without_confusion_or_choice_the_order_stays(counts):
    found = order_by_confusion(counts)
    assert found.order.tolist() == list(range(len(counts)))
    assert found.blocks == ()
