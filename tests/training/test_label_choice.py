"""The images chosen for labelling: against plain loops, whatever the order of the rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.training.active_learning import NEAR_THE_TOP, choose_images


def sorted_by_hand(ids, scores):
    return sorted(range(len(ids)), key=lambda i: (-scores[i], ids[i]))


def far_by_hand(order, points, n):
    """Return the first, then always who is farthest from all taken, among the best scores."""
    near = order[: NEAR_THE_TOP * n]
    taken = [near[0]]
    while len(taken) < n:
        best, best_distance = None, -1.0
        for row in near:
            if row in taken:
                continue
            distance = min(
                sum((a - b) ** 2 for a, b in zip(points[row], points[other], strict=True))
                for other in taken
            )
            if distance > best_distance:
                best, best_distance = row, distance
        taken.append(best)
    return taken


def shares_by_hand(classes, n):
    """Return how many of each class: one after the other, round by round."""
    sizes = {c: classes.count(c) for c in set(classes)}
    full_rounds = dict.fromkeys(sizes, 0)
    while n >= sum(full_rounds[c] < sizes[c] for c in sizes) > 0:
        for c in sizes:
            if full_rounds[c] < sizes[c]:
                full_rounds[c] += 1
                n -= 1
    return full_rounds, n


@given(st.lists(st.sampled_from([0.0, 0.5, 0.5000001, 1.0]), min_size=1), st.integers(0, 9))
def test_the_highest_scores_and_of_equal_ones_the_first_id(scores, n):
    ids = [f"{(7 * i) % len(scores):03d}" for i in range(len(scores))]
    ids = [f"{one}-{i}" for i, one in enumerate(ids)]
    chosen = choose_images(ids, np.array(scores), n)
    assert chosen.tolist() == sorted_by_hand(ids, scores)[:n]


@pytest.mark.parametrize("n", [1, 3, 6])
def test_far_from_each_other(n):
    rng = np.random.default_rng(n)
    ids, scores = [f"{i:02d}" for i in range(40)], rng.uniform(size=40)
    points = rng.integers(0, 4, size=(40, 2)).astype(float)  # with equal distances
    chosen = choose_images(ids, scores, n, space=lambda at: points[at])
    wanted = far_by_hand(sorted_by_hand(ids, scores), points.tolist(), n)
    assert sorted(chosen.tolist()) == sorted(wanted)
    assert np.all(np.diff(scores[chosen]) <= 0)


def test_equal_images_are_not_taken_before_others_and_none_twice():
    points = np.array([[0.0], [0.0], [0.0], [5.0]])
    chosen = choose_images(
        list("abcd"), np.array([4.0, 3.0, 2.0, 1.0]), 2, space=lambda at: points[at]
    )
    assert chosen.tolist() == [0, 3]
    chosen = choose_images(list("abcd"), np.ones(4), 3, space=lambda at: np.zeros((len(at), 1)))
    assert chosen.tolist() == [0, 1, 2]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(0, 35))
def test_as_many_of_each_class_as_there_are(classes, n):
    rng = np.random.default_rng(len(classes) + n)
    ids, scores = [f"{i:02d}" for i in range(len(classes))], rng.uniform(size=len(classes))
    predicted = choose_images(ids, scores, n, classes=np.array(classes)).tolist()
    assert len(predicted) == min(n, len(classes))
    base, rest = shares_by_hand(classes, min(n, len(classes)))
    for one, share in base.items():
        mine = [row for row in predicted if classes[row] == one]
        assert len(mine) in (share, share + 1)
        order = [row for row in sorted_by_hand(ids, scores) if classes[row] == one]
        assert mine == order[: len(mine)]
    more = [c for c in base if sum(classes[row] == c for row in predicted) > base[c]]
    assert len(more) == rest
    # What does not divide goes to the classes whose next image has the highest score.
    nexts = {}
    for one in base:
        order = [row for row in sorted_by_hand(ids, scores) if classes[row] == one]
        if base[one] < len(order):
            nexts[one] = scores[order[base[one]]]
    assert set(more) == set(sorted(nexts, key=lambda c: -nexts[c])[:rest])


def test_balanced_and_far_apart_within_each_class():
    points = np.array([[0.0], [0.1], [9.0], [0.0], [0.1], [9.0]])
    classes = np.array([0, 0, 0, 1, 1, 1])
    scores = np.array([6.0, 5.0, 1.0, 4.0, 3.0, 2.0])
    chosen = choose_images(list("abcdef"), scores, 4, classes=classes, space=lambda at: points[at])
    assert chosen.tolist() == [0, 3, 5, 2]


def test_the_order_of_the_rows_changes_nothing():
    rng = np.random.default_rng(0)
    ids = [f"{i:02d}" for i in range(30)]
    scores = rng.integers(0, 3, 30).astype(float)
    points, classes = rng.integers(0, 3, (30, 2)).astype(float), rng.integers(0, 3, 30)
    for options in ({}, {"space": True}, {"classes": True}, {"space": True, "classes": True}):
        found = []
        for order in (np.arange(30), rng.permutation(30)):
            chosen = choose_images(
                [ids[i] for i in order],
                scores[order],
                7,
                classes=classes[order] if "classes" in options else None,
                space=(lambda at, order=order: points[order][at]) if "space" in options else None,
            )
            found.append([ids[order[i]] for i in chosen])
        assert found[0] == found[1]
