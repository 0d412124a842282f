"""Weighted scores by hand and against rows that are written out, and draws that are seeded."""

from dataclasses import replace

import numpy as np
import pytest

from podium.cli.blends import describe_estimate
from podium.competition import metrics
from podium.competition.scores.bootstrap import interval
from podium.competition.scores.estimates import OnTestLike
from podium.competition.scores.on_test_like import resampled_counts, score_on_test_like


def binary(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.4).astype(np.int64)
    return truth, np.clip(rng.normal(0.3 + 0.3 * truth, 0.2), 0.01, 0.99)


def test_a_weighted_accuracy_by_hand():
    """Hard rows, of which a quarter are right, count four times as often."""
    truth = np.ones(200, dtype=np.int64)
    decided = np.concatenate([np.ones(90), np.zeros(10), np.ones(25), np.zeros(75)]).astype(int)
    weights = np.repeat([0.5, 2.0], 100)
    found = score_on_test_like("accuracy", weights, truth, decided)
    assert found.score == pytest.approx((0.5 * 90 + 2 * 25) / 250)
    assert found.n_effective == pytest.approx(250**2 / (100 * 0.25 + 100 * 4))
    assert found.interval is not None
    assert found.interval[0] < found.score < found.interval[1]


@pytest.mark.parametrize("name", ["log_loss", "accuracy", "f1", "mcc", "auc", "brier"])
def test_whole_weights_are_rows_written_out(name):
    truth, probs = binary(150)
    times = np.random.default_rng(1).integers(0, 4, 150)
    given = (probs >= 0.5).astype(int) if metrics.get(name).scores_decisions else probs
    rows = np.repeat(np.arange(150), times)
    expected = metrics.score(name, truth[rows], given[rows])
    found = score_on_test_like(name, times.astype(float), truth, given)
    # A draw of 150 rows is not exactly their 225: of ranks it varies.
    assert found.score == pytest.approx(expected, abs=0.01 if name == "auc" else 1e-9)


def test_the_mean_of_dice_takes_weights():
    truth = np.zeros((80, 4, 4), dtype=np.uint8)
    truth[:, :2] = 1
    drawn = truth.copy()
    drawn[40:, 1] = 0  # half of each mask: Dice 2 · 4 / (4 + 8)
    weights = np.repeat([0.5, 1.5], 40)
    found = score_on_test_like("mean_dice", weights, truth, drawn, kind="binary")
    assert found.score == pytest.approx(0.25 * 1 + 0.75 * 2 / 3)


@pytest.mark.parametrize("name", ["accuracy", "auc"])
def test_without_drift_it_is_the_honest_score_and_its_interval(name):
    truth, probs = binary(300)
    given = (probs >= 0.5).astype(int) if name == "accuracy" else probs
    found = score_on_test_like(name, np.ones(300), truth, given)
    assert found.score == metrics.score(name, truth, given)
    assert found.n_effective == 300
    low, high = interval(name, truth, given, n=1000)
    assert found.interval == pytest.approx((low, high), abs=0.015)


def test_a_small_effective_size_has_no_number():
    truth, probs = binary(200)
    weights = np.full(200, 0.01)
    weights[:10] = 20.0
    found = score_on_test_like("log_loss", weights, truth, probs)
    assert found.score is None
    assert found.interval is None
    assert found.n_effective == pytest.approx((200 + 1.9) ** 2 / (4000 + 0.019), rel=1e-6)
    assert "too few train rows" in found.why_not
    assert "of the 200 that have a score, 10 are effective rows" in found.why_not


def test_fewer_rows_than_are_needed_are_not_blamed_for_their_looks():
    few = score_on_test_like("accuracy", np.ones(28), np.zeros(28, int), np.zeros(28, int))
    assert few.score is None
    assert few.why_not == "only 28 train rows have a score, and 30 at least are needed"


def test_the_rows_of_one_fold_of_a_small_competition_suffice_with_their_wide_interval():
    """One of 5 folds of 240 images. By the binomial distribution, 36 right ones of 48 have an
    error of 0.0625, and so an interval of 0.245."""
    truth, right = np.ones(48, int), np.repeat([0, 1], [12, 36])
    found = score_on_test_like("accuracy", np.ones(48), truth, right)
    assert (found.score, found.n_effective) == (0.75, 48)
    assert found.interval is not None
    assert np.ptp(found.interval) == pytest.approx(2 * 1.96 * np.sqrt(0.75 * 0.25 / 48), rel=0.2)


def test_an_undefined_score_is_none_with_its_reason():
    found = score_on_test_like("auc", np.ones(60), np.zeros(60, dtype=int), np.linspace(0, 1, 60))
    assert found.score is None
    assert "auc" in found.why_not


def test_equal_seeds_draw_equal_rows():
    truth, probs = binary(200)
    weights = np.random.default_rng(2).random(200)
    one, same = (score_on_test_like("auc", weights, truth, probs, seed=5) for _ in range(2))
    other = score_on_test_like("auc", weights, truth, probs, seed=6)
    assert one == same
    assert one.interval != other.interval


def test_draws_have_the_weights_shares():
    weights = np.array([0.0, 0.5, 1.0, 2.5])
    counts = resampled_counts(weights, None, 400, seed=0)
    assert set(counts.sum(axis=1)) == {4}
    assert (counts >= np.floor(weights)).all()
    assert (counts <= np.ceil(weights)).all()
    assert counts.mean(axis=0) == pytest.approx(weights, abs=0.1)


def test_groups_are_drawn_together():
    weights, codes = np.ones(6), np.array([0, 0, 0, 1, 1, 1])
    for row in resampled_counts(weights, codes, 50, seed=0):
        assert set(row[:3]) | set(row[3:]) <= {0, 1, 2}
        assert len(set(row[:3])) == 1
        assert len(set(row[3:])) == 1


def test_grouped_rows_have_a_wider_interval():
    rng = np.random.default_rng(0)
    truth = np.ones(400, dtype=np.int64)
    decided = np.repeat(rng.random(40) < 0.6, 10).astype(np.int64)  # right or wrong by group
    weights = np.repeat(rng.uniform(0.5, 1.5, 40), 10)
    alone = score_on_test_like("accuracy", weights, truth, decided)
    grouped = score_on_test_like(
        "accuracy", weights, truth, decided, groups=np.repeat(np.arange(40), 10)
    )
    assert alone.interval is not None
    assert grouped.interval is not None
    assert np.ptp(grouped.interval) > 2 * np.ptp(alone.interval)
    assert alone.score == grouped.score


def test_json_is_read_back():
    found = OnTestLike(0.5, (0.25, 0.75), 100.0, "accuracy")
    assert OnTestLike.from_json(found.to_json()) == found
    none = OnTestLike(None, None, 3.0, "accuracy", "too few")
    assert OnTestLike.from_json(none.to_json()) == none
    before = {name: value for name, value in found.to_json().items() if name != "n_rows"}
    assert OnTestLike.from_json(before) == found


def test_the_line_has_the_effective_rows_of_all_that_were_weighted():
    truth, probs = binary(200)
    weights = np.repeat([1.0, 3.0], 100)  # (Σ w)² / Σ w² = 400² / 1000
    found = score_on_test_like("log_loss", weights, truth, probs)
    assert "(effective rows: 160 of 200)" in describe_estimate(found)
    before = replace(found, n_rows=None)
    assert "(effective rows: 160)" in describe_estimate(before)
