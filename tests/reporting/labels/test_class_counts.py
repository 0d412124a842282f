"""Counts of classes against plain loops, the error of their surplus against a bootstrap."""

import numpy as np
import pytest

from podium.reporting.labels.statistics import class_counts, count_by_class, one_hot

RNG = np.random.default_rng(3)
N, C = 240, 5
TRUTH = RNG.integers(0, C - 1, N)  # the last class is not there
SAID = np.where(RNG.random(N) < 0.6, TRUTH, RNG.integers(1, C, N))  # the first is said too rarely


def test_counts_and_extremes_are_those_of_plain_loops():
    found = class_counts(one_hot(TRUTH, C), one_hot(SAID, C))
    truth = [sum(t == c for t in TRUTH) for c in range(C)]
    predicted = [sum(s == c for s in SAID) for c in range(C)]
    assert (found.truth.tolist(), found.predicted.tolist()) == (truth, predicted)
    off = {c: predicted[c] - truth[c] for c in range(C)}
    over, under = found.extremes(2)
    assert over == sorted((c for c in off if off[c] > 0), key=lambda c: -off[c])[:2]
    assert under == sorted((c for c in off if off[c] < 0), key=lambda c: off[c])[:2]
    assert off[C - 1] == predicted[C - 1] > 0, "of a class that is not there"


def test_right_answers_have_neither_surplus_nor_extremes():
    found = class_counts(one_hot(TRUTH, C), one_hot(TRUTH, C))
    assert not found.error.any()
    assert found.extremes(3) == ([], [])


@pytest.mark.parametrize("by_group", [False, True])
def test_errors_are_those_of_a_bootstrap_in_plain_loops(by_group):
    groups = np.arange(N) // 8 if by_group else np.arange(N)
    predicted = np.repeat(SAID[::8], 8) if by_group else SAID
    rng, draws = np.random.default_rng(0), []
    members = [np.flatnonzero(groups == one) for one in range(groups.max() + 1)]
    for _ in range(2000):
        drawn = rng.integers(0, len(members), len(members))
        rows = np.concatenate([members[one] for one in drawn])
        draws.append(
            np.bincount(predicted[rows], minlength=C) - np.bincount(TRUTH[rows], minlength=C)
        )
    found = class_counts(
        one_hot(TRUTH, C), one_hot(predicted, C), groups=groups if by_group else None
    )
    # The standard deviation of 2,000 draws is known to about 1.6 %.
    np.testing.assert_allclose(found.error, 1.96 * np.std(draws, axis=0), rtol=0.07)


def test_several_labels_a_row_are_counted_column_by_column():
    truth, predicted = RNG.random((50, 3)) < 0.4, RNG.random((50, 3)) < 0.5
    found = class_counts(truth, predicted)
    np.testing.assert_array_equal(found.surplus, predicted.sum(axis=0) - truth.sum(axis=0))
    one = class_counts(truth[:, :1], predicted[:, :1])
    assert one.error[0] == found.error[0]


def test_totals_of_one_or_several_labels_a_row():
    assert count_by_class(np.array([2, 0, 2]), 4).tolist() == [1, 0, 2, 0]
    assert count_by_class(np.array([[1, 0], [1, 1]], dtype=np.uint8), 2).tolist() == [2, 1]
