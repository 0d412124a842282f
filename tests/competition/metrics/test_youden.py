"""Youden's J: by hand, and against sklearn's balanced accuracy."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from podium.competition.metrics import score
from podium.errors import DataError


def test_worked_by_hand():
    # 2 of 3 positives are found, 3 of 4 negatives are left alone.
    truth, predicted = [1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0]
    assert score("youden", truth, predicted) == pytest.approx(2 / 3 + 3 / 4 - 1, rel=1e-15)
    assert score("youden", [0, 1], [0, 1]) == 1
    assert score("youden", [0, 1], [1, 0]) == -1
    assert score("youden", [0, 1, 1], [1, 1, 1]) == 0


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=30))
def test_it_is_twice_the_balanced_accuracy_less_one(rows):
    truth, predicted = np.array([(0, 0), (1, 1), *rows]).T
    expected = 2 * sklearn.metrics.balanced_accuracy_score(truth, predicted) - 1
    assert score("youden", truth, predicted) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        ([1, 1], [0, 1], "youden is undefined: one class only in the truth"),
        ([0, 0], [0, 1], "youden is undefined"),
        ([0, 2], [0, 1], "the truth of row 1 is 2, not 0 or 1"),
        ([0, 1], [0.5, 1], r"the decision of row 0 is 0\.5"),
        ([[0, 1]], [[0, 1]], "one label a row, got 2 columns"),
    ],
)
def test_an_undefined_score_is_named(truth, predicted, message):
    with pytest.raises(DataError, match=message):
        score("youden", truth, predicted)
