"""Scores by class against sklearn, their intervals against a bootstrap in plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from podium.reporting.labels.statistics import (
    class_scores,
    confused_pairs,
    confusion_counts,
    one_hot,
)

RNG = np.random.default_rng(3)
TRUTH = RNG.integers(0, 4, 200)
SAID = np.where(RNG.random(200) < 0.7, TRUTH, RNG.integers(0, 4, 200))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_scores_are_sklearns_and_undefined_ones_are_nan(pairs):
    truth, predicted = np.array(pairs).T
    scores = class_scores(one_hot(truth, 4), one_hot(predicted, 4), n=3)
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=range(4), zero_division=np.nan
    )
    np.testing.assert_allclose(scores.values, np.stack([recall, precision, f1], axis=1))
    np.testing.assert_array_equal(scores.truth, support)
    np.testing.assert_array_equal(confusion_counts(truth, predicted, 4), confusion_matrix(
        truth, predicted, labels=range(4)
    ))  # fmt: skip


@pytest.mark.parametrize("by_group", [False, True])
def test_intervals_are_those_of_a_bootstrap_in_plain_loops(by_group):
    groups = np.arange(200) // 10 if by_group else np.arange(200)
    rng, recalls = np.random.default_rng(0), []
    for _ in range(1000):
        drawn = rng.integers(0, groups.max() + 1, groups.max() + 1)
        rows = np.concatenate([np.flatnonzero(groups == one) for one in drawn])
        is_two = TRUTH[rows] == 2
        recalls.append((SAID[rows][is_two] == 2).mean())
    scores = class_scores(
        one_hot(TRUTH, 4), one_hot(SAID, 4), groups=groups if by_group else None, n=1000
    )
    # Two estimates of a quantile from 1,000 draws each differ by about 0.01.
    np.testing.assert_allclose(
        scores.intervals[2, 0], np.quantile(recalls, [0.025, 0.975]), atol=0.02
    )


def test_intervals_are_wider_when_rows_of_a_group_are_alike():
    truth = np.repeat(RNG.integers(0, 2, 20), 10)
    predicted = np.repeat(RNG.integers(0, 2, 20), 10)
    args = one_hot(truth, 2), one_hot(predicted, 2)
    alone = class_scores(*args).intervals
    together = class_scores(*args, groups=np.arange(200) // 10).intervals
    assert (np.diff(together) > 1.5 * np.diff(alone)).all()


def test_several_labels_a_row_are_scored_column_by_column():
    truth = RNG.random((50, 3)) < 0.4
    predicted = RNG.random((50, 3)) < 0.5
    scores = class_scores(truth, predicted, n=10)
    precision, recall, f1, _ = precision_recall_fscore_support(truth, predicted)
    np.testing.assert_allclose(scores.values, np.stack([recall, precision, f1], axis=1))


def test_the_pairs_confused_most_stand_first_and_the_diagonal_is_none():
    truth = np.repeat([0, 0, 1, 1, 2, 2], [9, 2, 5, 9, 2, 18])
    predicted = np.repeat([0, 1, 0, 1, 1, 2], [9, 2, 5, 9, 2, 18])
    # Of equally many rows, 2 of 11 are a larger share than 2 of 20.
    assert confused_pairs(truth, predicted) == [
        (1, 0, 5, 5 / 14),
        (0, 1, 2, 2 / 11),
        (2, 1, 2, 0.1),
    ]
    assert confused_pairs(truth, predicted, n=1) == [(1, 0, 5, 5 / 14)]
    assert confused_pairs(truth, truth) == []


def test_the_pairs_are_those_of_the_whole_table():
    counts = confusion_counts(TRUTH, SAID, 4)
    found = confused_pairs(TRUTH, SAID, n=99)
    assert {(t, s): n for t, s, n, _ in found} == {
        (t, s): n for (t, s), n in np.ndenumerate(counts) if t != s and n
    }
    assert [one[2] for one in found] == sorted((one[2] for one in found), reverse=True)
