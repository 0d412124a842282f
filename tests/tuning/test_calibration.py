"""TemperatureScaling of probabilities, against truth that was drawn by known probabilities."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit, softmax

from podium.competition.metrics import score
from podium.ensembling import blend
from podium.ensembling.method import Fitted
from podium.ensembling.predicting import blend_probs
from podium.predictions import PredictionSet, write_fold
from podium.tasks.protocols.find import image_kind
from podium.tuning.labels.calibration import TemperatureScaling, fit_calibration

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


def test_a_hundred_rows_of_a_network_that_is_hardly_sure_mend_most_of_it() -> None:
    kind, factors = image_kind("binary"), []
    for seed in range(12):
        probs, truth = drawn(100, 2, seed)
        factors.append(fit_calibration(sharpened(probs, 0.3)[:, 1], truth, kind).scales[0])
    assert np.mean(factors) > 0.75 / 0.3  # 1 / 0.3 is right; a prior of five rows leaves 2.0


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
    again = TemperatureScaling.from_json(json.loads(json.dumps(found.to_json())))
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


def test_temperatures_of_several_labels_name_their_classes() -> None:
    found = TemperatureScaling((2.0, 1.0, 0.5), ((0.0, 0.0),) * 3, is_exclusive=False)
    assert found.describe(["cat", "dog", "fox"]) == "temperature 0.5 of cat, 2 of fox"
    assert str(found) == "temperature 0.5, 2"


def of_columns(n: int, n_columns: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities of columns of yes or no, and the truth that was drawn by them."""
    rng = RNG(seed)
    probs = expit(1.5 * rng.standard_normal((n, n_columns)) - 1)
    return probs, (rng.random(probs.shape) < probs).astype(np.int64)


@pytest.mark.parametrize("positive", [1.0, 2.0, 5.0])
def test_where_positives_weigh_more_the_best_answer_is_above_the_true_probability(
    positive: float,
) -> None:
    probs, truth = of_columns(4000, 3, 11)
    best = positive * probs / (positive * probs + 1 - probs)
    weights = np.where(truth == 1, positive, 1.0)
    found = fit_calibration(probs, truth, image_kind("multilabel"), weights=weights)
    np.testing.assert_allclose(found.calibrated(probs), best, atol=0.03)
    assert found.is_plain == (positive == 1)


@pytest.mark.parametrize("over", ["row", "exam"])
@pytest.mark.parametrize("weights", [None, [1, 1, 7]])
def test_a_blend_sends_what_a_weighted_log_loss_rewards(
    over: str, weights: list[float] | None
) -> None:
    probs, truth = of_columns(1200, 3, 12)
    fresh, fresh_truth = of_columns(4000, 3, 13)
    options = {"over": over, "positive": 2.0, "weights": weights}
    found = blend(
        probs[None], truth, "weighted_log_loss", np.arange(len(truth)) % 5,
        method="mean", n_resamples=50, metric_options=options,
    )  # fmt: skip

    def loss(made: np.ndarray) -> float:
        return score("weighted_log_loss", fresh_truth, made, **options)

    # By hand, the best of all answers that add one number to every logit.
    shifted = min(loss(expit(logit(fresh) + by)) for by in np.linspace(-1, 2, 61))
    assert shifted < loss(fresh) - 0.005
    made = loss(found.how.combined(fresh[None], found.fitted))
    assert made < loss(fresh) - 0.8 * (loss(fresh) - shifted)
    assert found.honest < score("weighted_log_loss", truth, probs, **options) - 0.005


@pytest.mark.parametrize("metric", ["auc", "accuracy"])
def test_a_metric_of_ranks_or_decisions_calibrates_nothing(metric: str) -> None:
    probs, truth = drawn(600, 2, 8)
    members = sharpened(probs, 3)[None, :, 1:]
    found = blend(members, truth, metric, np.arange(len(truth)) % 4, n_resamples=50)
    assert found.params == {}


def models_of(n: int, n_models: int, noise: float, power: float, seed: int) -> tuple:
    """Return what single models show of yes or no `(K, n)`, and the truth.

    Their log odds are those of the truth with an error of their own, times `power`.
    """
    rng = RNG(seed)
    odds = 1.5 * rng.standard_normal(n)
    truth = (rng.random(n) < expit(odds)).astype(np.int64)
    shown = power * (odds + noise * rng.standard_normal((n_models, n)))
    return expit(shown).astype(np.float32), truth


@pytest.mark.parametrize(("noise", "power"), [(0.3, 1.0), (1.0, 1.0), (1.0, 2.5), (2.0, 0.8)])
def test_means_get_the_temperature_that_their_own_truth_would_give_them(
    noise: float, power: float
) -> None:
    each, truth = models_of(20_000, 5, noise, power, 9)
    kind = image_kind("binary")
    single = fit_calibration(each[0], truth, kind)
    mean = each.mean(axis=0)
    found, asked = single.of_means(each, mean), fit_calibration(mean, truth, kind)
    # Attenuation is exact for a straight line, and nearly so for log odds.
    assert found.scales[0] == pytest.approx(asked.scales[0], rel=0.16)
    losses = [score("log_loss", truth, one.calibrated(mean)) for one in (found, asked, single)]
    assert losses[0] == pytest.approx(losses[1], rel=4e-3)
    assert losses[0] < losses[2]


def test_models_that_agree_are_calibrated_as_one() -> None:
    each, truth = models_of(4000, 1, 0.5, 2.0, 10)
    single = fit_calibration(each[0], truth, image_kind("binary"))
    found = single.of_means(np.repeat(each, 4, axis=0), each[0])
    assert found.scales[0] == pytest.approx(single.scales[0], rel=1e-3)


def test_a_fit_is_calibrated_for_means_where_there_are_two_models_or_more() -> None:
    each, truth = models_of(2000, 3, 1.0, 2.0, 5)
    single = fit_calibration(each[0], truth, image_kind("binary"))
    fitted = Fitted.equal(2).calibrated_by(single)
    for n_models in (2, 3):
        mean = each[:n_models].mean(axis=0)
        found = fitted.calibrated_for_means(each[:n_models], mean)
        assert found.calibration == single.of_means(each[:n_models], mean)
        assert found.calibration != single
        assert found.weights == fitted.weights
    assert fitted.calibrated_for_means(each[:1], each[0]) == fitted
    assert Fitted.equal(2).calibrated_for_means(each, each[0]) == Fitted.equal(2)


def test_the_test_set_of_a_blend_is_calibrated_as_means_of_fold_models(tmp_path: Path) -> None:
    """Four fold models of two members; the OOF of a row is of one of them."""
    n, n_test, n_folds = 1200, 6000, 4
    folds = np.arange(n) % n_folds
    each, truth = models_of(n + n_test, 2 * n_folds, 1.0, 2.0, 11)
    ids, test_ids = [f"i{i:05d}" for i in range(n)], [f"t{i:05d}" for i in range(n_test)]
    sets = []
    for member in range(2):
        sets.append(tmp_path / f"runs/m{member}-0000000{member}/predictions/aabbccdd")
        for fold in range(n_folds):
            shown = each[member * n_folds + fold]
            given = {"task": "classify", "fold": fold, "model": f"m/{fold}"}
            inside = np.flatnonzero(folds == fold)
            held = [ids[i] for i in inside]
            write_fold(sets[-1], "oof", **given, ids=held, probs=shown[inside][:, None])
            write_fold(sets[-1], "test", **given, ids=test_ids, probs=shown[n:][:, None])
    made = blend(
        [PredictionSet(one) for one in sets],
        truth[:n],
        "log_loss",
        folds,
        ids=ids,
        method="mean",
        n_resamples=20,
    )
    got_ids, got = blend_probs(made, sets, "test")
    assert got_ids == test_ids
    hidden = truth[n:]
    mean = each[:, n:].mean(axis=0)
    best = fit_calibration(mean, hidden, image_kind("binary")).calibrated(mean)
    as_single = made.how.combined([mean[:, None]] * 2, made.fitted)
    losses = [score("log_loss", hidden, one.reshape(-1)) for one in (got, best, mean, as_single)]
    assert losses[0] == pytest.approx(losses[1], rel=0.01)
    assert losses[0] < min(losses[2:])
