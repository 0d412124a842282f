"""CV against LB: lines, rank correlations and residuals by hand."""

import itertools

import numpy as np
import pytest
import scipy.stats

from podium.submissions.board.analysis import cv_lb

HONEST = [0.80, 0.82, 0.84, 0.86, 0.88]


def of(public, honest=HONEST, **options):
    ids = [f"s{k}" for k in range(len(public))]
    return cv_lb(ids, honest, public, **options)


def test_points_on_a_line_have_its_slope():
    found = of([2 * one - 0.9 for one in HONEST])
    assert found.slope == pytest.approx(2)
    assert found.intercept == pytest.approx(-0.9)
    assert found.robust_slope == pytest.approx(2)
    assert found.robust_intercept == pytest.approx(-0.9)
    assert found.rank_correlation == pytest.approx(1)


def test_a_shift_of_all_is_no_residual():
    found = of([one - 0.1 for one in HONEST], intervals=[(0.7, 0.9)] * 5)
    assert [point.residual for point in found.points] == pytest.approx([0] * 5, abs=1e-9)
    assert not any(point.flag for point in found.points)


def test_a_residual_is_in_standard_errors_of_both_scores():
    # By hand: on the line public = honest but for the third, 0.1 too low. The interval of 95 % is
    # 0.0784 wide, which is a standard error of 0.02; a fourth of the units are public, so theirs
    # is 0.04.
    public = [0.80, 0.82, 0.74, 0.86, 0.88]
    intervals = [(one - 0.0392, one + 0.0392) for one in HONEST]
    found = of(public, intervals=intervals, public_per_unit=0.25)
    assert found.robust_slope == pytest.approx(1)
    error = np.sqrt(0.02**2 + 0.04**2)
    assert found.points[2].residual == pytest.approx(-0.1 / error, rel=1e-3)


@pytest.mark.parametrize(
    ("gap", "greater_is_better", "word"),
    [(-0.3, True, "worse"), (0.3, True, "better"), (0.3, False, "worse"), (-0.3, False, "better")],
)
def test_outlier_is_described_in_a_sentence(gap, greater_is_better, word):
    public = [*HONEST[:2], HONEST[2] + gap, *HONEST[3:]]
    intervals = [(one - 0.02, one + 0.02) for one in HONEST]
    found = of(public, intervals=intervals, greater_is_better=greater_is_better)
    assert [bool(point.flag) for point in found.points] == [False, False, True, False, False]
    assert f"much {word} than" in found.points[2].flag


def test_the_p_of_few_ranks_counts_every_order():
    public = [0.81, 0.80, 0.84, 0.83, 0.9]
    seen = abs(scipy.stats.spearmanr(HONEST, public).statistic)
    every = [
        abs(scipy.stats.spearmanr(HONEST, order).statistic)
        for order in itertools.permutations(public)
    ]
    found = of(public)
    assert found.rank_correlation == pytest.approx(0.8)
    assert found.p == pytest.approx(np.mean([one >= seen - 1e-9 for one in every]))


def test_of_many_points_lines_and_p_are_scipys():
    rng = np.random.default_rng(0)
    honest = rng.random(20)
    public = 0.5 * honest + rng.normal(0, 0.1, 20)
    found = of(public.tolist(), honest.tolist())
    line = scipy.stats.linregress(honest, public)
    assert (found.slope, found.intercept) == pytest.approx((line.slope, line.intercept))
    assert found.p == pytest.approx(scipy.stats.spearmanr(honest, public).pvalue)


def test_few_points_give_a_note_and_no_numbers():
    found = of([0.8, None, 0.9], [0.8, 0.9, None])
    assert found.n == 1
    assert found.slope is None
    assert "1 submission has" in found.note


def test_equal_scores_have_no_line_or_no_rank():
    assert "honest" in of([0.1, 0.2, 0.3], [0.5] * 3).note
    flat = of([0.5] * 5)
    assert flat.rank_correlation is None
    assert flat.slope == pytest.approx(0)


@pytest.mark.slow
def test_the_robust_slope_of_thousands_is_that_of_all_pairs_within_its_error():
    rng = np.random.default_rng(0)
    honest = rng.uniform(0.7, 0.9, 3000)
    public = 0.6 * honest + rng.normal(0, 0.02, 3000)
    honest[:50] = honest[0]  # pairs without a slope
    found = of(public.tolist(), honest.tolist())
    assert found.robust_slope == pytest.approx(
        scipy.stats.theilslopes(public, honest).slope, abs=0.01
    )
    assert found == of(public.tolist(), honest.tolist())
