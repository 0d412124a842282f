"""Calibration of probabilities, against truth that was drawn by known probabilities."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import expit, logit, softmax

from podium.competition.metrics import score
from podium.ensembling import blend
from podium.tasks.protocols.find import image_kind
from podium.tuning.labels.calibration import Calibration, fit_calibration

RNG = np.random.default_rng


def drawn(n: int, n_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and the truth that was drawn by them."""
    rng = RNG(seed)
    probs = softmax(2 * rng.standard_normal((n, n_classes)), axis=1)
    return probs, (probs.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)


def sharpened(probs: np.ndarray, power: float) -> np.ndarray:
    made = probs**power
    return (made / made.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("power", [0.5, 2.0, 3.0])
def test_the_temperature_is_the_power_by_which_probabilities_were_sharpened(power: float) -> None:
    probs, truth = drawn(4000, 5, 1)
    found = fit_calibration(sharpened(probs, power), truth, image_kind("multiclass"))
    assert 1 / found.scales[0] == pytest.approx(power, rel=0.06)
    assert not np.any(found.offsets)
    np.testing.assert_allclose(found.calibrated(sharpened(probs, power)), probs, atol=0.04)


def test_a_column_that_is_too_low_gets_an_offset_and_a_right_one_nothing() -> None:
    rng = RNG(2)
    right = expit(2 * rng.standard_normal((3000, 2)))
    truth = (rng.random(right.shape) < right).astype(np.int64)
    shown = right.copy()
    shown[:, 1] = expit(logit(right[:, 1]) - 1.5)
    found = fit_calibration(shown, truth, image_kind("multilabel"))
    assert found.scales[0] == 1
    assert found.offsets[0] == (0, 0)
    assert found.offsets[1][1] - found.offsets[1][0] == pytest.approx(1.5, abs=0.25)
    made = found.calibrated(shown.astype(np.float32))
    assert made.shape == shown.shape
    np.testing.assert_allclose(made[:, 0], shown[:, 0], atol=1e-6)
    np.testing.assert_allclose(made[:, 1], right[:, 1], atol=0.05)


def test_probabilities_that_are_right_stay_to_the_bit() -> None:
    probs, truth = drawn(2000, 4, 3)
    shown = probs.astype(np.float32)
    found = fit_calibration(shown, truth, image_kind("multiclass"))
    assert found.is_plain
    assert found.calibrated(shown).tobytes() == shown.tobytes()


def test_rows_of_groups_count_as_their_groups() -> None:
    probs, truth = drawn(60, 3, 4)
    shown = sharpened(probs, 2.5)
    kind = image_kind("multiclass")
    assert not fit_calibration(shown, truth, kind).is_plain
    # Each row ten times is no more evidence than it is once, where the copies are a group.
    many, again = np.repeat(shown, 10, axis=0), np.repeat(truth, 10)
    assert fit_calibration(many, again, kind, n_units=5).is_plain


def test_a_calibration_survives_json() -> None:
    probs, truth = drawn(500, 3, 5)
    found = fit_calibration(sharpened(probs, 2), truth, image_kind("multiclass"))
    again = Calibration.from_json(json.loads(json.dumps(found.to_json())))
    assert again == found
    assert "temperature" in str(found)


@pytest.mark.parametrize("n_members", [1, 2])
@pytest.mark.parametrize("method", ["mean", "power"])
def test_a_blend_is_calibrated_where_a_proper_metric_scores_it(n_members: int, method: str) -> None:
    probs, truth = drawn(800, 4, 6)
    rng = RNG(7)
    members = np.stack(
        [
            sharpened(softmax(np.log(probs) + 0.1 * rng.standard_normal(probs.shape), axis=1), 2.5)
            for _ in range(n_members)
        ]
    )
    folds = np.arange(len(truth)) % 5
    tuned = blend(members, truth, "log_loss", folds, method=method, n_resamples=50)
    plain = score("log_loss", truth, members.mean(axis=0))
    assert tuned.honest < 0.8 * plain  # lower is better
    assert tuned.honest == pytest.approx(tuned.optimistic, rel=0.02)
    made = tuned.how.combined(members, tuned.fitted)
    right = np.maximum(np.take_along_axis(made, truth[:, None], axis=1)[:, 0], 1e-7)
    assert -np.log(right).mean() == pytest.approx(tuned.optimistic, rel=1e-5)
    assert any("calibrated (temperature" in one for one in tuned.notes)


@pytest.mark.parametrize("metric", ["auc", "accuracy"])
def test_a_metric_of_ranks_or_decisions_calibrates_nothing(metric: str) -> None:
    probs, truth = drawn(600, 2, 8)
    members = sharpened(probs, 3)[None, :, 1:]
    found = blend(members, truth, metric, np.arange(len(truth)) % 4, n_resamples=50)
    assert found.params == {}
