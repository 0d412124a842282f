"""Which files to choose: expected maxima and regrets against arithmetic by hand."""

import numpy as np
import pytest

from podium.errors import UsageError
from podium.submissions.board.finals import best_subset, choose_finals, naive_choices
from podium.submissions.board.private_scores import evidence_of_draws, shake_up

N = 40_000


def evidence(honest, public, cov, *, greater_is_better=True):
    """Return evidence whose draws of a test set have this covariance around the honest scores."""
    rng = np.random.default_rng(0)
    draws = rng.multivariate_normal(honest, cov, size=(2000, 3))
    return evidence_of_draws(
        [f"s{k}" for k in range(len(honest))],
        honest,
        public,
        draws,
        greater_is_better=greater_is_better,
        sizes=(1000, 300, 700),
    )


def samples(mean, cov, seed=1):
    return np.random.default_rng(seed).multivariate_normal(mean, cov, N)


def alike(rho, k, width=0.01):
    cov = np.full((k, k), rho)
    np.fill_diagonal(cov, 1)
    return cov * width**2


def test_the_second_is_good_and_errs_otherwise():
    # s1 is nearly as good as s0 and moves with it; s2 is a little worse and moves by itself; s3 is
    # far worse. By hand: E max(X, Y) = mean + sd of the difference × φ and Φ terms; only s2 adds.
    cov = (
        np.array([[1, 0.999, 0.2, 0], [0.999, 1, 0.2, 0], [0.2, 0.2, 1, 0], [0, 0, 0, 1]]) * 0.01**2
    )
    good = samples([0.900, 0.8999, 0.896, 0.80], cov)
    assert best_subset(good, n=2, is_unreliable=[False] * 4) == [0, 2]
    assert best_subset(good, n=3, is_unreliable=[False] * 4) == [0, 2, 1]


def test_unreliable_submission_is_never_first_but_may_be_second():
    good = samples([0.9, 0.89, 0.7], alike(0.5, 3))
    assert best_subset(good, n=2, is_unreliable=[True, False, False]) == [1, 0]
    assert best_subset(good, n=1, is_unreliable=[True, True, True]) == [0]


def test_expected_maximum_and_regret_are_those_of_two_equal_gaussians():
    # E max of two independent N(m, s²) is m + s/√π; a choice of both has no regret.
    known = evidence([0.8, 0.8], [0.8, 0.8], alike(0, 2))
    found = choose_finals(known, samples=samples([0.8, 0.8], alike(0, 2)))
    assert found.expected_best == pytest.approx(0.8 + 0.01 / np.sqrt(np.pi), abs=2e-4)
    assert found.choice.regret == 0
    alone = {one.name: one for one in found.naive}["best OOF twice"]
    assert alone.regret == pytest.approx(0.01 / np.sqrt(np.pi), abs=2e-4)


def test_lower_is_better_turns_everything_round():
    known = evidence([0.5, 0.4, 0.6], [0.5, 0.4, 0.6], alike(0.5, 3), greater_is_better=False)
    found = choose_finals(known)
    assert found.chosen[0] == "s1"
    assert found.expected_best <= min(one.private for one in found.candidates) + 1e-4
    assert [one.id for one in found.candidates] == ["s1", "s0", "s2"]
    assert all(one.regret >= 0 for one in (found.choice, *found.naive))


def test_naive_choices_are_what_their_names_tell():
    known = evidence([0.8, 0.9, 0.7, 0.6], [0.7, 0.6, 0.9, None], alike(0.5, 4))
    assert naive_choices(known) == {
        "two best public": [2, 0],
        "best OOF twice": [1],
        "best OOF + best public": [1, 2],
    }


def test_reasons_name_honest_scores_and_what_the_second_adds():
    known = evidence([0.90, 0.89, 0.80], [0.90, 0.89, 0.80], alike(0.3, 3))
    found = choose_finals(known, unknown=["all that matters"])
    assert found.chosen == ("s0", "s1")
    assert "the best honest score, 0.9000" in found.reasons[0]
    assert "more than any other" in found.reasons[1]
    assert found.unknown == ("all that matters",)


def test_the_best_honest_one_gives_way_where_its_public_score_fell():
    known = evidence([0.90, 0.895, 0.89, 0.885], [0.80, 0.895, 0.89, 0.885], alike(0.9, 4, 0.005))
    found = choose_finals(known)
    assert "s0" not in found.chosen
    assert "s0 has the best honest one" in found.reasons[0]


def test_one_submission_is_no_choice():
    known = evidence([0.9], [0.9], np.array([[1e-4]]))
    with pytest.raises(UsageError, match="needs two"):
        choose_finals(known)
    two = evidence([0.9, 0.8], [0.9, 0.8], alike(0, 2))
    with pytest.raises(UsageError, match="at least 1"):
        choose_finals(two, n=0)


def test_shake_up_counts_what_turns_round():
    # Public: s0 above s1. By hand: the difference of private scores is N(0.005, 2 · 0.01²).
    known = evidence([0.8, 0.8], [0.81, 0.80], alike(0, 2))
    found = shake_up(known, samples([0.805, 0.80], alike(0, 2)))
    from scipy.stats import norm

    share = norm.cdf(-0.005 / (0.01 * np.sqrt(2)))
    assert found.turned == pytest.approx(share, abs=0.01)
    assert found.best_public == "s0"
    assert found.keeps_best == pytest.approx(1 - share, abs=0.01)
    first = found.submissions[0]
    assert first.private == pytest.approx(0.805, abs=1e-3)
    assert first.private_interval == pytest.approx((0.805 - 0.0196, 0.805 + 0.0196), abs=1e-3)
    assert first.moved_sd == pytest.approx(0.01 * np.sqrt(2), rel=0.06)
    assert first.moved == pytest.approx((-0.0277, 0.0277), abs=2e-3)


def test_equal_best_scores_share_the_chance_of_being_the_best():
    known = evidence([0.9, 0.9, 0.8], [None] * 3, alike(0, 3))
    drawn = np.array([[1.0, 1.0, 0.8], [1.0, 1.0, 1.0], [0.9, 1.0, 0.9], [1.0, 0.9, 0.8]])
    best = [one.best for one in shake_up(known, drawn).submissions]
    assert best == pytest.approx([(1 / 2 + 1 / 3 + 1) / 4, (1 / 2 + 1 / 3 + 1) / 4, 1 / 3 / 4])


def test_shake_up_is_estimated_without_public_scores():
    known = evidence([0.8, 0.7], [None, None], alike(0.5, 2))
    found = shake_up(known)
    assert found.turned is None
    assert found.best_public is None
    assert found.submissions[0].best > 0.9
