"""The score to expect of the mean of fold models: against gains and variances worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from podium.competition.scores.estimates import ExpectedScore
from podium.competition.scores.expected import (
    Gain,
    can_draw_truth,
    expected_interval,
    gain_of_mean,
)
from podium.tasks.protocols.find import image_kind, pixel_kind


def gain(metric, models, kind, honest, decide, error=0.01, **options):
    return gain_of_mean(
        metric,
        np.asarray(models, dtype=np.float32),
        image_kind(kind),
        honest=honest,
        error=error,
        decide=decide,
        **options,
    )


def sharpened(p, t):
    return p ** (1 / t) / (p ** (1 / t) + (1 - p) ** (1 / t))


def two_models(n):
    """Three fifths of the rows are agreed on; of the others each model prefers another class."""
    agreed = np.tile([0.9, 0.1], (3 * n // 5, 1))
    one = np.vstack([agreed, np.tile([0.8, 0.2], (2 * n // 5, 1))])
    other = np.vstack([agreed, np.tile([0.4, 0.6], (2 * n // 5, 1))])
    return np.stack([one, other])


@pytest.mark.parametrize("t", [1.0, 0.7, 2.0])
@pytest.mark.parametrize("kind", ["multiclass", "binary"])
def test_the_gain_of_accuracy_is_made_where_models_disagree(kind, t):
    """By hand: single models are right on 0.6 q(0.9) + 0.2, the mean on 0.6 q(0.9) + 0.4 q(0.6).

    Of 5000 rows and 16 truths the 2000 disputed ones vary by sqrt(0.25 / 32000) = 0.003.
    """
    models, decide = two_models(5000), lambda probs: probs.argmax(axis=1)
    if kind == "binary":
        models, decide = models[:, :, :1], lambda probs: (probs[:, 0] >= 0.5).astype(int)
    sure, unsure = sharpened(0.9, t), sharpened(0.6, t)
    honest = 0.6 * sure + 0.2
    found = gain("accuracy", models, kind, honest, decide)
    assert found.value == pytest.approx(0.4 * unsure - 0.2, abs=0.012)
    # A better honest score is of a sharper truth, and so of a larger gain: numerically, at t.
    step = 0.02
    of_honest = (0.6 * sharpened(0.9, t - step) - 0.6 * sharpened(0.9, t + step)) / (2 * step)
    of_gain = (0.4 * sharpened(0.6, t - step) - 0.4 * sharpened(0.6, t + step)) / (2 * step)
    assert found.slope == pytest.approx(of_gain / of_honest, abs=0.35)


def test_the_gain_of_a_brier_score_is_the_variance_around_the_mean_whatever_is_true():
    """Σ_k (p_k - y)² / K = (p̄ - y)² + Σ_k (p_k - p̄)² / K, here of 0.05 in two classes: 0.005."""
    rng = np.random.default_rng(0)
    middle = rng.uniform(0.2, 0.8, 4000)
    signs = rng.choice([-1, 1], 4000)
    first = np.stack([middle + 0.05 * signs, middle - 0.05 * signs])
    models = np.stack([first, 1 - first], axis=2)
    for honest in (0.3, 0.5):
        found = gain("brier", models, "multiclass", honest, lambda probs: probs)
        assert abs(found.value) == pytest.approx(0.005, rel=0.15)


@pytest.mark.parametrize("honest", [1.0, 2.0])
def test_the_gain_of_numbers_is_what_their_variance_leaves(honest):
    """The models lie 0.6 above and below their mean: rmse² = σ² + 0.36, and that of the mean σ²."""
    rng = np.random.default_rng(1)
    middle, signs = rng.normal(0, 3, 4000), rng.choice([-1, 1], 4000)
    models = np.stack([middle + 0.6 * signs, middle - 0.6 * signs])[:, :, None]
    found = gain("rmse", models, "regression", honest, lambda values: values)
    assert found.value == pytest.approx(np.sqrt(honest**2 - 0.36) - honest, rel=0.06)


def test_models_that_contradict_each_other_more_than_their_score_allows_tell_nothing():
    """Where two of two models disagree on two fifths, both together are right on 80 % at most."""
    decide = lambda probs: probs.argmax(axis=1)  # noqa: E731
    assert gain("accuracy", two_models(1000), "multiclass", 0.95, decide) is None
    assert gain("accuracy", two_models(1000), "multiclass", 0.79, decide) is not None


def test_models_whose_mean_would_be_perfect_tell_nothing():
    """Where they disagree on two fifths and are right on 80 %, the mean is right on every row."""
    decide = lambda probs: probs.argmax(axis=1)  # noqa: E731
    assert gain("accuracy", two_models(1000), "multiclass", 0.81, decide) is None
    same = np.stack([two_models(500)[0]] * 2)
    assert gain("accuracy", same, "multiclass", 1.0, decide).value == 0


def test_one_model_and_equal_models_gain_nothing():
    models = two_models(500)
    for same in (models[:1], np.stack([models[0]] * 3)):
        found = gain("accuracy", same, "multiclass", 0.7, lambda probs: probs.argmax(axis=1))
        assert found.value == 0


def test_a_row_is_of_each_model_as_often_as_out_of_fold():
    """The first model is right where it is sure, and made all rows but a few."""
    models = two_models(2000)
    decide, honest = (lambda probs: probs.argmax(axis=1)), 0.6 * 0.9 + 0.4 * 0.6
    found = gain("accuracy", models, "multiclass", honest, decide, shares=np.array([999.0, 1.0]))
    assert found.value == pytest.approx(0, abs=0.002)


def test_other_kinds_are_drawn_as_their_truth_is():
    rng = np.random.default_rng(0)
    models = rng.uniform(0.05, 0.95, (3, 300, 4))
    found = gain(
        "macro_f1", models, "multilabel", 0.6, lambda p: (p >= 0.5).astype(int), n_classes=4
    )
    assert found.value > 0.02
    ratings = rng.uniform(0, 4, (1, 300, 1)) + rng.normal(0, 0.5, (3, 300, 1))
    found = gain(
        "qwk", ratings, "ordinal", 0.8, lambda r: np.rint(r[:, 0]).clip(0, 4).astype(int),
        n_classes=5,
    )  # fmt: skip
    assert found.value > 0
    assert not can_draw_truth(pixel_kind("binary"))
    assert not can_draw_truth(image_kind("angle"))


@pytest.mark.parametrize(("n_rows", "shares"), [(50, 1 / 100 + 1 / 50), (10**6, 1 / 100)])
def test_the_interval_holds_the_chance_of_both_sets_of_rows(n_rows, shares):
    """80 of 100 are right: variance 0.16 / 100 of what is known, and 0.16 / n of the test set."""
    truth = np.arange(100) % 2
    ours = np.where(np.arange(100) < 80, truth, 1 - truth)
    low, high = expected_interval("accuracy", truth, ours, n_rows=n_rows, n=4000)
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(0.16 * shares), rel=0.1)
    # Two rows that are right by chance pull it down by 2 * 0.3 / 102.
    assert (low + high) / 2 == pytest.approx(0.8 - 0.006, abs=0.015)


def test_a_gain_moves_the_interval_and_widens_it_by_a_third_of_it_and_by_its_slope():
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, 400)
    truth = np.zeros(400)

    def of(gain):
        low, high = expected_interval("mae", truth, values[:, None], n_rows=400, n=8000, gain=gain)
        return (low + high) / 2, (high - low) / 2 / 1.96

    sd = np.abs(values).std() / 20  # of 400 rows
    middle, plain = of(Gain())
    assert plain == pytest.approx(np.sqrt(2) * sd, rel=0.06)
    moved, wide = of(Gain(-0.3, 0.0))
    assert moved == pytest.approx(middle - 0.3, abs=0.01)
    assert wide == pytest.approx(np.hypot(np.sqrt(2) * sd, 0.1), rel=0.06)
    # With a slope of 1 the deviation of the known rows counts twice: 4 + 1 parts of sd².
    _, steep = of(Gain(0.0, 1.0))
    assert steep == pytest.approx(np.sqrt(5) * sd, rel=0.06)


def test_rows_of_one_group_are_one_and_all_right_is_not_certain():
    truth = np.repeat(np.arange(20) % 2, 10)
    ours = np.where(np.repeat(np.arange(20) < 14, 10), truth, 1 - truth)
    alone = expected_interval("accuracy", truth, ours, n_rows=200)
    together = expected_interval(
        "accuracy", truth, ours, groups=np.repeat(np.arange(20), 10), n_rows=200
    )
    ratio = (together[1] - together[0]) / (alone[1] - alone[0])
    assert ratio == pytest.approx(np.sqrt(10), rel=0.2)
    low, high = expected_interval("accuracy", truth[:30], truth[:30], n_rows=30, n=2000)
    assert 0.8 < low < 1 == high


def test_a_row_that_may_be_right_by_chance_is_no_group():
    """Of 6 groups of 30 rows 177 of 180 are right; a test set is as large as 2 groups."""
    truth, groups = np.arange(180) % 2, np.repeat(np.arange(6), 30)
    ours = np.where(np.isin(np.arange(180), [5, 64, 65]), 1 - truth, truth)
    low, high = expected_interval("accuracy", truth, ours, groups=groups, n_rows=60)
    assert 0.75 < low < 0.93
    assert high == 1
    # Wider than of single rows: the groups are few.
    of_rows = expected_interval("accuracy", truth, ours, n_rows=60)
    assert low < of_rows[0]


@pytest.mark.parametrize(("n_groups", "n_fresh"), [(4, 4), (6, 2)])
def test_the_interval_of_few_groups_that_are_nearly_all_right_holds_that_of_others(
    n_groups, n_fresh
):
    rng, n_held, n_draws = np.random.default_rng(0), 0, 60

    def rows(n):
        right = np.repeat(1 / (1 + np.exp(-rng.normal(4, 1, n))), 30)  # a group errs by so much
        truth = rng.integers(0, 2, len(right))
        return truth, np.where(rng.random(len(right)) < right, truth, 1 - truth)

    for seed in range(n_draws):
        (truth, ours), (others, theirs) = rows(n_groups), rows(n_fresh)
        codes = np.repeat(np.arange(n_groups), 30)
        low, high = expected_interval(
            "accuracy", truth, ours, groups=codes, n_rows=len(others), n=200, seed=seed
        )
        n_held += low <= (others == theirs).mean() <= high
        assert high - low < 0.5
    assert n_held >= 0.93 * n_draws


def test_nothing_is_better_than_perfect():
    truth = np.arange(60) % 2
    ours = np.where(np.arange(60) < 50, truth, 1 - truth)
    low, high = expected_interval("accuracy", truth, ours, n_rows=60, gain=Gain(0.15))
    assert low < high == 1
    low, high = expected_interval("mae", np.zeros(60), np.ones((60, 1)), n_rows=60, gain=Gain(-5.0))
    assert low == 0


def test_of_two_rows_no_accuracy_is_expected_below_nothing_or_above_all():
    """Two rows score 0, 1/2 or 1, whatever the gain and its error add to that."""
    truth = np.arange(40) % 2
    ours = np.where(np.arange(40) < 16, truth, 1 - truth)  # 2 of 5 are right: both wrong in .36
    low, high = expected_interval("accuracy", truth, ours, n_rows=2, gain=Gain(0.0, 1.0))
    assert (low, high) == (0.0, 1.0)
    wrong = expected_interval("accuracy", truth, ours, n_rows=2, gain=Gain(-0.3))
    assert wrong is not None
    assert wrong[0] == 0.0
    # Of a gain of errors the far end is open, and the near one is none: nothing is cut there.
    low, high = expected_interval("mae", np.zeros(40), np.ones((40, 1)), n_rows=2, gain=Gain(5.0))
    assert 1 < low < high


def test_an_undefined_score_has_no_interval_and_json_keeps_the_rest():
    assert expected_interval("auc", np.zeros(20, int), np.zeros((20, 1)), n_rows=5) is None
    for found in (
        ExpectedScore(0.7, (0.6, 0.8), 0.02, 5, 800, 240, (0.55, 0.83)),
        ExpectedScore(0.7, None, None, 5, 800),
        ExpectedScore(None, None, None, 5, 800, why_not="no scored row is new"),
    ):
        assert ExpectedScore.from_json(found.to_json()) == found
        assert (found.to_json()["why_not"] is None) == (found.score is not None)


def test_a_score_of_single_models_has_no_range_for_their_mean():
    found = ExpectedScore(0.7, (0.6, 0.8), None, 5, 800, 240, (0.55, 0.83), 6, 2)
    assert str(found) == (
        "to expect of the test set: 0.7000: that of single models, without a range: what the "
        "mean of 5 adds is not known, 800 test rows"
    )
    assert found.to_json()["interval"] == (0.6, 0.8)


def test_a_score_without_an_interval_has_a_note_that_so_few_rows_tell_none():
    found = ExpectedScore(0.97, None, 0.0, 3, 4)
    assert str(found).endswith("mean of 3 models, 4 test rows; no range: so few rows tell none")


@pytest.mark.parametrize(("n_groups", "drawn", "is_told"), [(6, 2, True), (40, 16, False)])
def test_an_interval_of_few_groups_has_a_note_on_why_it_is_wide(n_groups, drawn, is_told):
    found = ExpectedScore(0.93, (-0.69, 0.98), 0.0, 3, 60, n_groups=n_groups, n_groups_drawn=drawn)
    told = "6 groups were scored, and the test set is as large as 2 of them"
    assert (told in str(found)) == is_told
    assert ExpectedScore.from_json(found.to_json()) == found


def test_rows_of_one_group_have_no_interval():
    truth = np.arange(40) % 2
    ours = np.where(np.arange(40) < 10, truth, 1 - truth)
    of_two, of_one = np.arange(40) // 20, np.zeros(40, int)
    assert expected_interval("accuracy", truth, ours, groups=of_one, n_rows=20) is None
    assert expected_interval("accuracy", truth, ours, groups=of_two, n_rows=20) is not None
    found = ExpectedScore(0.97, None, 0.0, 1, 20, n_groups=1, n_groups_drawn=1)
    assert str(found).endswith(
        "0.9700: one prediction of each row, taken to be one model's (docs/importing.md), "
        "20 test rows; no interval, as all rows that were "
        "scored are of one group"
    )


@pytest.mark.parametrize(("n_groups", "n_fresh"), [(2, 4), (4, 4), (8, 4)])
def test_the_interval_of_few_groups_holds_the_score_of_other_groups(n_groups, n_fresh):
    rng, n_held, n_draws = np.random.default_rng(0), 0, 60

    def rows(n):
        scale = np.repeat(np.exp(rng.normal(0, 0.4, n)), 20)  # a group errs by so much
        truth = rng.normal(size=len(scale))
        return truth, truth + rng.normal(size=len(scale)) * scale, np.repeat(np.arange(n), 20)

    for seed in range(n_draws):
        (truth, ours, groups), (others, theirs, _) = rows(n_groups), rows(n_fresh)
        low, high = expected_interval(
            "mae", truth, ours, groups=groups, n_rows=len(others), n=200, seed=seed
        )
        n_held += low <= np.abs(others - theirs).mean() <= high
    assert n_held >= 0.88 * n_draws  # of draws of these groups alone 0.43, 0.87 and 0.83
