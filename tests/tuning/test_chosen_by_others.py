"""The honest score of a choice: by hand, by a loop, and on trials that differ by luck alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from podium.errors import UsageError
from podium.tuning.cross_fit import describe_gain_over_recipe, honest_choice, paired_gain

TABLES = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(2, 5)),
    elements=st.integers(0, 4).map(float) | st.floats(-1, 1, width=16),
)


def by_loop(scores: np.ndarray, greater_is_better: bool) -> tuple[float, list[int]]:
    picks = []
    for fold in range(scores.shape[1]):
        best = None
        for trial in range(len(scores)):
            kept = [x for k, x in enumerate(scores[trial]) if k != fold]
            mean = sum(kept) / len(kept)
            if best is None or (mean > best[0] if greater_is_better else mean < best[0]):
                best = (mean, trial)
        assert best is not None
        picks.append(best[1])
    return sum(scores[t, k] for k, t in enumerate(picks)) / len(picks), picks


def test_by_hand() -> None:
    # Fold 0 is judged by folds 1 and 2: means 0.3 and 0.6; fold 1: 0.7 and 0.55; fold 2: 0.5, 0.55.
    mean, picks = honest_choice([[0.9, 0.1, 0.5], [0.5, 0.6, 0.6]])
    assert picks.tolist() == [1, 0, 1]
    assert mean == pytest.approx((0.5 + 0.1 + 0.6) / 3)


@given(scores=TABLES, greater=st.booleans())
def test_it_is_the_plain_loop(scores: np.ndarray, greater: bool) -> None:
    mean, picks = honest_choice(scores, greater_is_better=greater)
    expected, rows = by_loop(scores, greater)
    # Two means that differ in the last bit may be summed in another order by numpy.
    if picks.tolist() == rows:
        assert mean == pytest.approx(expected)
    else:
        for fold, (one, other) in enumerate(zip(picks, rows, strict=True)):
            rest = np.delete(scores, fold, axis=1).mean(axis=1)
            assert rest[one] == pytest.approx(rest[other], abs=1e-12)


@given(scores=TABLES)
def test_it_never_exceeds_the_best_score_of_each_fold(scores: np.ndarray) -> None:
    mean, _ = honest_choice(scores)
    assert mean <= scores.max(axis=0).mean() + 1e-12


def test_a_trial_that_was_stopped_is_not_chosen() -> None:
    scores = [[9.0, 9.0, np.nan], [1.0, 2.0, 3.0], [2.0, 1.0, 3.0]]
    mean, picks = honest_choice(scores)
    assert picks.tolist() == [1, 2, 1]
    assert mean == pytest.approx((1 + 1 + 3) / 3)


def test_the_choice_among_equals_is_unbiased_and_that_of_the_best_is_not() -> None:
    # 20 trials that are all worth 0: the best of them looks good, the honest score does not.
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(2000, 20, 5))
    honest = np.array([honest_choice(one)[0] for one in drawn])
    optimistic = drawn.mean(axis=2).max(axis=1)
    standard_error = honest.std(ddof=1) / np.sqrt(len(honest))
    assert abs(honest.mean()) < 4 * standard_error
    assert optimistic.mean() > 0.7  # the expected largest of 20 means of 5 is 0.835


@pytest.mark.parametrize("scores", [[[1.0], [2.0]], [1.0, 2.0], np.zeros((3, 0))])
def test_choice_by_other_folds_needs_two_folds(scores: object) -> None:
    with pytest.raises(UsageError, match="two folds at least"):
        honest_choice(scores)  # type: ignore[arg-type]


def test_without_a_whole_trial_there_is_no_choice() -> None:
    with pytest.raises(UsageError, match="no trial was scored on all folds"):
        honest_choice([[1.0, np.nan], [np.nan, 1.0]])


@given(data=st.data(), n=st.integers(2, 6))
def test_the_paired_error_is_that_of_scipys_paired_test(data: st.DataObject, n: int) -> None:
    numbers = hnp.arrays(np.float64, n, elements=st.floats(-1, 1, width=16))
    one, other = data.draw(numbers), data.draw(numbers)
    gain, error = paired_gain(one, other, greater_is_better=False)
    assert gain == pytest.approx((other - one).mean())
    assert error == pytest.approx(stats.sem(one - other))


def test_one_fold_gives_no_standard_error() -> None:
    assert paired_gain([0.5], [0.25]) == (0.25, np.inf)


def test_a_gain_is_more_than_chance_only_above_its_error() -> None:
    assert "more than the standard error over folds, 0.0100." in describe_gain_over_recipe(
        (0.03, 0.01)
    )
    assert describe_gain_over_recipe((0.01, 0.03)).endswith(
        "no more than the standard error over folds, 0.0300: it may be chance."
    )
    assert "the recipe as it stands is better than it, by 0.0079" in describe_gain_over_recipe(
        (-0.0079, 0.02)
    )
    assert "one fold" in describe_gain_over_recipe(paired_gain([0.6], [0.5]))
