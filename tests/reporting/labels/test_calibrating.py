"""Bins of confidence against a loop over rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from podium.reporting.labels.statistics import reliability

ROWS = st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=60)


@pytest.mark.slow
@given(ROWS)
def test_bins_are_those_of_a_loop_over_rows(rows):
    confidence, right = [p / 100 for p, _ in rows], [r for _, r in rows]
    bins = reliability(confidence, right, n_bins=10)
    ece = 0.0
    for b in range(10):
        # (b/10, (b + 1)/10] in hundredths, where arithmetic is exact; 0 belongs to the first bin.
        inside = [(p / 100, r) for p, r in rows if 10 * b < p <= 10 * b + 10 or (b == p == 0)]
        assert bins.count[b] == len(inside)
        if inside:
            mean, share = np.mean(inside, axis=0)
            assert bins.confidence[b] == pytest.approx(mean)
            assert bins.share[b] == pytest.approx(share)
            ece += len(inside) * abs(mean - share) / len(rows)
    assert bins.ece == pytest.approx(ece)


def test_the_bounds_are_wilsons():
    bins = reliability([0.7] * 10, [True] * 8 + [False] * 2, n_bins=1)
    expected = binomtest(8, 10).proportion_ci(method="wilson")
    assert bins.share[0] - bins.error[0, 0] == pytest.approx(expected.low)
    assert bins.share[0] + bins.error[1, 0] == pytest.approx(expected.high)


def test_confidence_equal_to_accuracy_is_perfectly_calibrated():
    assert reliability([0.25] * 4 + [0.5] * 2, [1, 0, 0, 0, 1, 0]).ece == 0
