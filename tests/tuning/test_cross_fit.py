"""No row's parameters ever saw the row or its group."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.errors import DataError, UsageError
from podium.tuning import cross_fit
from podium.tuning.cross_fit import check_groups

many_folds = st.lists(st.integers(0, 5), min_size=2, max_size=60).filter(lambda f: len(set(f)) > 1)


@given(many_folds)
def test_fold_k_is_predicted_by_a_fit_that_never_saw_its_rows(folds):
    folds = np.array(folds)
    fits = []

    def spy_fit(rows):
        fits.append(set(rows.tolist()))
        return len(fits) - 1

    fitted = cross_fit(spy_fit, lambda fit, rows: np.full(len(rows), fit), folds=folds)
    for row, fit in enumerate(fitted.prediction.tolist()):
        assert row not in fits[fit]
        assert fits[fit] == set(np.flatnonzero(folds != folds[row]).tolist())
    assert fits[fitted.final] == set(range(len(folds)))
    assert len(fits) == len(set(folds.tolist())) + 1


@given(many_folds, st.integers(2, 7), st.randoms())
def test_no_group_is_in_a_fit_that_is_applied_to_it(folds, n_groups, random):
    groups = [f"g{fold}-{random.randrange(n_groups)}" for fold in folds]

    def fit(rows):
        return {groups[row] for row in rows}

    def apply(seen, rows):
        return np.array([groups[row] in seen for row in rows])

    fitted = cross_fit(fit, apply, folds=np.array(folds), groups=groups)
    assert not fitted.prediction.any()


def test_a_planted_leak_is_refused_with_the_group_named():
    with pytest.raises(DataError, match=r"1 group lies in two folds.*'patient 7'"):
        cross_fit(
            lambda rows: None,
            lambda _, rows: rows,
            folds=np.array([0, 0, 1]),
            groups=["patient 7", "patient 8", "patient 7"],
        )


def test_rows_of_no_group_may_be_anywhere():
    check_groups(np.array([0, 1, 0, 1]), [None, None, float("nan"), float("nan")])


def test_predictions_of_any_shape_come_back_in_the_rows_order():
    folds = np.array([2, 0, 1, 0, 2])
    fitted = cross_fit(lambda rows: 10, lambda p, rows: np.stack([rows, rows * p], 1), folds=folds)
    np.testing.assert_array_equal(fitted.prediction, [[i, 10 * i] for i in range(5)])
    assert set(fitted.by_fold) == {0, 1, 2}


def test_every_fit_gets_its_rows_in_ascending_order():
    seen = []
    folds = np.array([1, 0, 2, 0, 1, 2])
    cross_fit(lambda rows: seen.append(rows.tolist()), lambda _, rows: rows, folds=folds)
    assert seen == [[0, 2, 4, 5], [1, 2, 3, 5], [0, 1, 3, 4], [0, 1, 2, 3, 4, 5]]


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        ([0, 0, 0], "at least two folds"),
        ([0, 1, -1], "1 row is in no fold"),
        ([0.0, 1.0], "must be integers"),
        ([[0, 1]], "must be integers"),
    ],
)
def test_folds_that_cannot_be_crossed_are_refused(folds, message):
    with pytest.raises(UsageError, match=message):
        cross_fit(lambda rows: None, lambda _, rows: rows, folds=np.array(folds))


def test_a_prediction_that_is_not_one_a_row_is_refused():
    with pytest.raises(UsageError, match="one prediction a row"):
        cross_fit(lambda rows: 0, lambda p, rows: np.zeros(1), folds=np.array([0, 0, 1]))
    with pytest.raises(UsageError, match="2 groups for 3 rows"):
        cross_fit(lambda r: 0, lambda p, r: r, folds=np.array([0, 0, 1]), groups=["a", "b"])
