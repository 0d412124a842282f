"""The order of a pass is a pure function, and keeps what its sampling promises."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.errors import RecipeError
from podium.training.data.sampling import pass_order

PASS: dict[str, Any] = {"seed": 0, "phase": 0, "stream": "labelled", "pass_": 0}


@given(n=st.integers(0, 60), seed=st.integers(0, 5), pass_=st.integers(0, 3))
def test_a_shuffle_visits_every_sample_once(n: int, seed: int, pass_: int) -> None:
    rows = pass_order(n, **{**PASS, "seed": seed, "pass_": pass_})
    assert rows.dtype == np.int64
    assert sorted(rows.tolist()) == list(range(n))


def test_every_name_of_the_pass_changes_the_order_and_nothing_else_does() -> None:
    first = pass_order(50, **PASS)
    np.random.default_rng().random(7)
    np.testing.assert_array_equal(first, pass_order(50, **PASS))
    for change in ({"seed": 1}, {"phase": 1}, {"stream": "unlabelled"}, {"pass_": 1}):
        assert not np.array_equal(first, pass_order(50, **{**PASS, **change}))


@given(labels=st.lists(st.integers(-1, 4), min_size=1, max_size=60), pass_=st.integers(0, 3))
def test_balanced_visits_classes_equally_and_no_sample_twice_too_early(
    labels: list[int], pass_: int
) -> None:
    rows = pass_order(
        len(labels), **{**PASS, "pass_": pass_}, sampling="balanced", labels=np.array(labels)
    )
    assert len(rows) == len(labels)
    by_class = Counter(labels[row] for row in rows)
    quotas = [by_class[label] for label in set(labels)]
    assert max(quotas) - min(quotas) <= 1
    for label in set(labels):
        visits = Counter(int(row) for row in rows if labels[row] == label)
        times = [visits[row] for row in range(len(labels)) if labels[row] == label]
        assert max(times) - min(times) <= 1


def test_over_passes_the_odd_draws_go_to_every_class() -> None:
    labels = np.array([0] * 6 + [1, 2])  # 8 draws for 3 classes: two of them get a third one
    visits = np.zeros(3)
    for pass_ in range(300):
        rows = pass_order(8, **{**PASS, "pass_": pass_}, sampling="balanced", labels=labels)
        visits += np.bincount(labels[rows], minlength=3)
    assert np.abs(visits / 300 - 8 / 3).max() < 0.15  # five standard errors of a share of 2/3


def test_a_multilabel_row_counts_for_its_rarest_class() -> None:
    labels = np.array([[1, 0]] * 8 + [[1, 1]] + [[0, 0]])
    rows = pass_order(9 + 1, **PASS, sampling="balanced", labels=labels)
    counts = Counter(rows.tolist())
    assert counts[8] >= 3  # the only row with class 1
    assert counts[9] >= 3  # the only row without any class
    assert sum(counts[r] for r in range(8)) >= 3


def test_weighted_draws_follow_the_weights() -> None:
    weights = np.array([0.0, 1.0, 3.0])
    counts = np.zeros(3)
    for pass_ in range(2000):
        rows = pass_order(3, **{**PASS, "pass_": pass_}, sampling="weighted", weights=weights)
        counts += np.bincount(rows, minlength=3)
    assert counts[0] == 0
    assert counts[2] / counts.sum() == pytest.approx(0.75, abs=5 * np.sqrt(0.75 * 0.25 / 6000))


@pytest.mark.parametrize("sampling", ["shuffle", "balanced", "weighted"])
@pytest.mark.parametrize("share", [0, 0.1, 0.5, 1])
def test_a_pass_has_the_requested_share_of_empty_masks(sampling: Any, share: float) -> None:
    empty = np.arange(40) < 30
    labels = np.where(empty, 0, 1 + np.arange(40) % 2)
    given = {"labels": labels, "weights": 1.0 + np.arange(40), "empty": empty}
    seen = np.zeros(40, dtype=int)
    for pass_ in range(100):
        rows = pass_order(
            40, **{**PASS, "pass_": pass_}, sampling=sampling, empty_share=share, **given
        )
        assert len(rows) == 40
        assert empty[rows].sum() == round(share * 40)
        if sampling == "shuffle":
            for part in (empty, ~empty):
                visits = np.bincount(rows, minlength=40)[part]
                assert visits.max() - visits.min() <= 1
        if sampling == "balanced" and share < 1:
            each = np.bincount(labels[rows], minlength=3)[1:]
            assert abs(each[0] - each[1]) <= 1
        seen += np.bincount(rows, minlength=40)
        assert not np.array_equal(rows, np.sort(rows))
    if sampling != "weighted":
        assert (seen[empty] > 0).all() == (share > 0)
        assert (seen[~empty] > 0).all() == (share < 1)


@given(share=st.floats(0, 1), n_empty=st.integers(1, 9), n=st.integers(10, 20))
def test_empty_masks_are_counted_to_the_nearest_whole_number(
    share: float, n_empty: int, n: int
) -> None:
    empty = np.arange(n) < n_empty
    rows = pass_order(n, **PASS, empty=empty, empty_share=share)
    assert abs(empty[rows].sum() - share * n) <= 0.5


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"empty_share": 0.5}, "no mask is empty"),
        ({"empty_share": 0.5, "empty": [True] * 3}, "no mask is anything but empty"),
        ({"sampling": "balanced"}, "needs classes"),
        ({"sampling": "weighted"}, "needs sample weights"),
        ({"sampling": "weighted", "weights": [0, 0, 0]}, "not all zero"),
        ({"sampling": "weighted", "weights": [1, -1, 1]}, "not negative"),
        ({"sampling": "weighted", "weights": [1, np.nan, 1]}, "finite"),
    ],
)
def test_a_sampling_without_what_it_needs_is_refused(
    options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(RecipeError, match=complaint):
        pass_order(3, **PASS, **options)
