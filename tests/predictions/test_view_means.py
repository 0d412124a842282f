"""Means over views against numpy in float64."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from views_by_numpy import TURNS, mean_over, shifted, shifted_back, turned_back

from podium.errors import RecipeError
from podium.predictions import tta
from podium.predictions.tta import ViewAverage
from podium.predictions.views import NAMES, ViewSet

MEANS = ("mean", "geometric", "max", "logits")
each_mean = pytest.mark.parametrize("mean", MEANS)


def drawn(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32) * 3


def prediction_of(values, mean, *, multiclass):
    """Return what a network would output: logits, or probabilities of them along axis -3 or 1."""
    tensor = torch.from_numpy(np.ascontiguousarray(values))
    if mean == "logits":
        return tensor
    return tensor.softmax(1) if multiclass else tensor.sigmoid()


@each_mean
@settings(max_examples=25, deadline=None)
@given(
    n_views=st.integers(1, 6),
    shape=st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)),
    multiclass=st.booleans(),
    half=st.booleans(),
    seed=st.integers(0, 999),
)
def test_a_mean_is_numpys_also_of_half_precision_and_where_a_view_does_not_cover(
    mean, n_views, shape, multiclass, half, seed
):
    total = ViewAverage(mean, is_multiclass=multiclass)
    every = []
    for view in range(n_views):
        predicted = prediction_of(drawn(seed + view, *shape), mean, multiclass=multiclass)
        predicted = predicted.half() if half else predicted
        covered = np.random.default_rng(seed + view).random(shape[2:]) < 0.7
        covered |= view == 0
        total.add(predicted, None if view % 2 == 0 else torch.from_numpy(covered))
        every.append(np.where(covered | (view % 2 == 0), predicted.float().numpy(), np.nan))
    got = total.result()
    assert got.dtype == torch.float32
    expected = mean_over(every, mean, multiclass=multiclass) if shape[0] else np.zeros(shape)
    np.testing.assert_allclose(got.numpy(), expected, rtol=2e-5, atol=1e-6)


@each_mean
def test_a_pixel_that_no_view_covers_is_nan(mean):
    total = ViewAverage(mean)
    covered = torch.tensor([[True, False]])
    total.add(torch.full((1, 1, 1, 2), 0.25), covered)
    total.add(torch.full((1, 1, 1, 2), 0.25), covered)
    assert torch.isnan(total.result())[0, 0, 0].tolist() == [False, True]


@each_mean
@pytest.mark.parametrize("multiclass", [True, False])
def test_what_all_views_predict_is_their_mean(mean, multiclass):
    images = torch.from_numpy(drawn(3, 2, 3, 5, 7))

    def predict(seen):  # one pixel after the other: a turn changes nothing
        if mean == "logits":
            return seen
        return seen.softmax(1) if multiclass else seen.sigmoid()

    got = tta.average_masks(predict, images, ["d4"], mean=mean, is_multiclass=multiclass)
    bare = images.softmax(1) if multiclass else images.sigmoid()
    torch.testing.assert_close(got, bare, rtol=1e-5, atol=1e-6)


@each_mean
@pytest.mark.parametrize("multiclass", [True, False])
@pytest.mark.parametrize("shape", [(5, 7), (6, 4), (1, 1), (1, 6)])
def test_masks_of_turns_and_shifts_are_numpys_over_bare_passes(mean, multiclass, shape):
    torch.manual_seed(0)
    network = nn.Conv2d(3, 4, 3, padding=1).eval()
    images = drawn(5, 2, 3, *shape)

    def predict(seen):
        return prediction_of(network(seen).numpy(), mean, multiclass=multiclass)

    def bare(seen):
        return predict(torch.from_numpy(seen.copy())).numpy()

    with torch.inference_mode():
        names = [*NAMES, "shift:2:-3", "shift:-1:0*rot90"]
        got = tta.average_masks(
            predict, torch.from_numpy(images), names, mean=mean, is_multiclass=multiclass
        )
        every = [turned_back(name, bare(turn(images))) for name, turn in TURNS.items()]
        for turn, *by in (("identity", 2, -3), ("rot90", -1, 0)):
            down, right = (
                max(1 - side, min(side - 1, one)) for one, side in zip(by, shape, strict=True)
            )
            if (down, right) == (0, 0):
                continue  # what the image itself, or its turn, says already
            predicted = bare(TURNS[turn](shifted(images, down, right)))
            every.append(shifted_back(turned_back(turn, predicted), down, right))
    np.testing.assert_allclose(
        got.numpy(), mean_over(every, mean, multiclass=multiclass), rtol=2e-5, atol=1e-6
    )


def test_the_geometric_mean_of_small_halves_is_not_zero():
    """Their product, 1e-4 to the eighth, is 0 in half precision and 1e-32 in float32."""
    small = torch.tensor([[1e-4, 1e-6]], dtype=torch.float16)
    images = torch.zeros(1, 3, 4, 4)
    got = tta.average(lambda _: small, images, ["d4"], mean="geometric", is_multiclass=False)
    torch.testing.assert_close(got, small.float(), rtol=1e-4, atol=0)


def test_views_that_contradict_each_other_have_a_geometric_mean_that_sums_to_one():
    predicted = iter([torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])])
    got = tta.average(
        lambda _: next(predicted), torch.zeros(1, 3, 2, 2), ["hflip"], mean="geometric"
    )
    torch.testing.assert_close(got, torch.tensor([[0.5, 0.5]]))


def test_no_such_mean_is_refused_and_one_view_has_the_plain_one():
    with pytest.raises(RecipeError, match="no mean 'median'"):
        ViewSet.of(["hflip"], "median")
    assert ViewSet.of([], "geometric") == ViewSet()
    assert ViewSet.of(["hflip"], "max").mean == "max"
