"""What the mean of fold models adds to masks, against truths that are drawn and scored in loops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from podium.competition import metrics
from podium.competition.scores.expected import Gain
from podium.competition.scores.expected_masks import (
    SHARPNESS,
    DecidedPixels,
    gain_on_masks,
    probs_with_presence,
)
from podium.tasks.protocols.find import pixel_kind

K, SIDE = 3, 6
SIXTEENTHS = (np.arange(16) + 0.5) / 16  # of one image sixteen truths are drawn


def plain(probs: np.ndarray, kind: str) -> np.ndarray:
    """Return the plain decision of probabilities `(..., C)`."""
    if kind == "multiclass":
        return probs.argmax(axis=-1).astype(np.uint8)
    yes = (probs >= 0.5).astype(np.uint8)
    return yes if kind == "multilabel" else yes[..., 0]


def an_image(kind: str, seed: int, channels: int = 1) -> DecidedPixels:
    """Return an image of which three models disagree; probabilities are sixteenths."""
    rng = np.random.default_rng(seed)
    models = rng.integers(1, 16, (K, SIDE * SIDE, channels)) / 16
    if kind == "multiclass":
        models = models / models.sum(axis=-1, keepdims=True)
    mean = models.mean(axis=0)
    if kind != "multiclass":
        mean = np.rint(mean * 16).clip(1, 15) / 16
    return DecidedPixels(mean, np.stack([*(plain(one, kind) for one in models), plain(mean, kind)]))


def gain(metric: str, images: list[DecidedPixels], kind: str, honest: float, **given: Any) -> Any:
    known = {"error": 0.01, "shares": np.ones(K), "n_images": len(images), **given}
    return gain_on_masks(metric, images, pixel_kind(kind), honest=honest, **known)


def accuracy(mask: np.ndarray, probs: np.ndarray) -> float:
    """Return the expected share of right pixels, yes or no."""
    return float(np.where(mask.reshape(probs.shape) == 1, probs, 1 - probs).mean())


@pytest.mark.parametrize(("kind", "channels"), [("binary", 1), ("multilabel", 2)])
def test_pixels_are_right_as_often_as_the_mean_predicts_and_common_errors_shrink_the_gain(
    kind, channels
):
    image = an_image(kind, 0, channels)
    single = np.mean([accuracy(mask, image.mean) for mask in image.decided[:-1]])
    of_mean = accuracy(image.decided[-1], image.mean)
    assert of_mean > single
    found = gain("pixel_accuracy", [image], kind, honest=single / 2)
    assert found.value == pytest.approx((of_mean - single) / 2)
    assert found.slope == pytest.approx((of_mean - single) / single)


def test_models_count_by_their_share_of_the_out_of_fold_images():
    image, shares = an_image("binary", 1), np.array([1.0, 5.0, 2.0])
    scores = [accuracy(mask, image.mean) for mask in image.decided]
    single = np.average(scores[:-1], weights=shares)
    found = gain("pixel_accuracy", [image], "binary", honest=0.3, shares=shares)
    assert found.value == pytest.approx((scores[-1] - single) * 0.3 / single)


def test_probabilities_of_classes_are_those_of_the_pixels():
    images = [an_image("multiclass", seed, 3) for seed in range(60)]

    def right(m: int) -> float:
        at = [
            np.take_along_axis(one.mean, one.decided[m][:, None].astype(int), 1) for one in images
        ]
        return float(np.mean(at))

    single, of_mean = np.mean([right(m) for m in range(K)]), right(-1)
    found = gain("pixel_accuracy", images, "multiclass", honest=single / 2)
    # 60 images of 13 truths, each of all its pixels together.
    assert found.value == pytest.approx((of_mean - single) / 2, abs=0.02)
    assert found.value > 0


@pytest.mark.parametrize("metric", ["mean_dice", "mean_iou", "global_dice"])
@pytest.mark.parametrize("step", [0, 2])
def test_gains_are_those_of_truths_that_are_drawn_and_scored_one_by_one(metric, step):
    image = an_image("binary", 2)
    odds = np.log(image.mean / (1 - image.mean))[:, 0]
    noise = np.log(SIXTEENTHS / (1 - SIXTEENTHS))
    truths = [(odds / SHARPNESS[step] + one > 0).astype(np.uint8) for one in noise]

    def score(m: int) -> float:
        masks = [image.decided[m].reshape(SIDE, SIDE)] * len(truths)
        return metrics.score(metric, [one.reshape(SIDE, SIDE) for one in truths], masks)

    def pooled(of: list[int]) -> float:
        """Return the score of single models, one a truth, as all of them together have it."""
        right = [one.reshape(SIDE, SIDE) for one in truths] * len(of)
        masks = [image.decided[m].reshape(SIDE, SIDE) for m in of for _ in truths]
        return metrics.score(metric, right, masks)

    single = pooled(list(range(K)))
    found = gain(metric, [image], "binary", honest=single)
    assert found.value == pytest.approx(score(-1) - single)


def test_a_truth_that_every_model_finds_empty_is_empty_in_the_draws_too():
    """Where all predict nothing, most truths are empty, and Dice of both empty is 1."""
    probs = np.full((SIDE * SIDE, 1), 1 / 16)
    image = DecidedPixels(probs, np.zeros((K + 1, SIDE * SIDE), np.uint8))
    found = gain("mean_dice", [image], "binary", honest=15 / 16, error=1e-6)
    assert found == Gain(0.0, 0.0)
    # Sharper than any truth that is drawn: 16 of 16 would be empty.
    assert gain("mean_dice", [image], "binary", honest=1.0) is not None


def test_models_that_agree_gain_nothing():
    image = an_image("multiclass", 3, 4)
    same = replace(image, decided=np.repeat(image.decided[-1:], K + 1, axis=0))
    assert gain("mean_iou", [same], "multiclass", honest=0.2, n_classes=3).value == 0


@pytest.mark.parametrize(("kind", "channels"), [("multiclass", 3), ("multilabel", 2)])
def test_a_pixel_of_weight_three_is_three_pixels(kind, channels):
    image = an_image(kind, 4, channels)
    times = np.random.default_rng(0).integers(1, 4, SIDE * SIDE)
    weighted = replace(image, weights=times.astype(float))
    repeated = DecidedPixels(image.mean.repeat(times, axis=0), image.decided.repeat(times, axis=1))
    one, other = (gain("mean_dice", [each], kind, honest=0.3) for each in (weighted, repeated))
    assert one.value == pytest.approx(other.value)


def test_models_that_differ_more_than_their_score_allows_have_no_gain():
    image = an_image("binary", 5)
    assert gain("pixel_accuracy", [image], "binary", honest=0.99, error=0.001) is None


def test_a_metric_of_which_less_is_better_has_no_gain():
    worse = replace(metrics.get("pixel_accuracy"), greater_is_better=False)
    assert gain(worse, [an_image("binary", 6)], "binary", honest=0.3) is None


def test_a_classifier_shares_out_the_foreground_of_exclusive_classes():
    probs, presence = np.array([[0.4, 0.3, 0.3], [0.1, 0.6, 0.3]]), np.array([0.9, 0.1])
    found = probs_with_presence(probs, presence, pixel_kind("multiclass"))
    expected = [[0.4, 0.6 * 0.27 / 0.30, 0.6 * 0.03 / 0.30], [0.1, 0.9 * 54 / 57, 0.9 * 3 / 57]]
    np.testing.assert_allclose(found, expected)


def test_no_pixel_is_likelier_than_its_class_is_in_the_image():
    probs, presence = np.array([[0.8, 0.1], [0.4, 0.2]]), np.array([0.2, 0.9])
    found = probs_with_presence(probs, presence, pixel_kind("multilabel"))
    np.testing.assert_allclose(found, [[0.2, 0.1], [0.1, 0.2]])
