"""Masks of views: back in the image's grid, to the bit where no pixel is resized."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from views_by_numpy import TURNS, shifted_back, turned_back

from podium.errors import RecipeError
from podium.predictions import tta
from podium.predictions.views import NAMES

SHAPES = [(5, 7), (7, 5), (6, 6), (1, 9), (9, 1)]


def random(height, width, channels=3):
    return torch.rand(2, channels, height, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", ["identity", *NAMES])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_flip_and_turn_is_undone_to_the_bit(name, shape):
    probs = random(*shape)
    back = tta.inverse(name)(tta.view(name)(probs), shape)
    assert back.shape == probs.shape
    assert torch.equal(back, probs)
    assert torch.equal(tta.view(name)(tta.inverse(name)(probs, shape)), probs)


@pytest.mark.parametrize("name", NAMES)
def test_the_way_back_is_numpys(name):
    probs = random(5, 7)
    np.testing.assert_array_equal(
        tta.inverse(name)(probs, (7, 5)).numpy(), turned_back(name, probs.numpy())
    )


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [("scale:0.5", 0.05), ("scale:0.6", 0.05)]
    + [(f"scale:{s:g}", 0.025) for s in (0.75, 0.8, 0.9, 1.1, 1.25, 1.5, 2, 3, 4)],
)
@pytest.mark.parametrize("shape", [(64, 48), (97, 61), (50, 51)])
def test_a_probability_that_rises_over_sixteen_pixels_survives_a_scale(name, tolerance, shape):
    rows, columns = torch.arange(shape[0])[:, None], torch.arange(shape[1])[None]
    for slope in (0.0, 0.3, 1.0):
        along = (rows + slope * columns - 20) / np.hypot(1, slope)
        rising = (along / 16).clamp(0, 1)
        probs = torch.stack([rising, 1 - rising])[None].float()
        back = tta.inverse(name)(tta.view(name)(probs), shape)
        assert back.shape == probs.shape
        assert (back - probs).abs().max() < tolerance


@pytest.mark.parametrize("name", ["scale:0.25", "scale:0.7", "scale:1.25", "scale:4"])
def test_scaled_probabilities_stay_probabilities(name):
    probs = random(33, 21).softmax(1)
    back = tta.inverse(name)(tta.view(name)(probs), (33, 21))
    assert back.min() >= 0
    assert back.max() <= 1
    torch.testing.assert_close(back.sum(1), torch.ones(2, 33, 21))


@pytest.mark.parametrize("shape", SHAPES)
def test_tta_average_is_the_mean_of_inverted_forward_passes(shape):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Softmax(1)).eval()
    images = random(*shape)
    turn = {name: tta.view(name) for name in NAMES}
    with torch.inference_mode():
        got = tta.average_masks(network, images, [*NAMES, "scale:2"])
        every = [network(images).numpy()]
        every += [turned_back(n, network(turn[n](images)).numpy()) for n in NAMES]
        larger = nn.functional.interpolate(images, scale_factor=2, mode="bilinear")
        back = nn.functional.interpolate(network(larger), shape, mode="bilinear", antialias=True)
        every.append(back.numpy())
    assert got.dtype == torch.float32
    assert got.shape == (2, 4, *shape)
    np.testing.assert_allclose(got.numpy(), np.mean(every, axis=0), rtol=1e-5, atol=1e-7)


def test_a_pixelwise_network_predicts_the_same_in_every_exact_view():
    images = random(5, 7)
    got = tta.average_masks(lambda x: x.softmax(1), images, list(NAMES))
    torch.testing.assert_close(got, images.softmax(1))


def test_network_output_is_not_changed_in_place():
    images = random(4, 4)
    predicted = images.softmax(1)
    before = predicted.clone()
    tta.average_masks(lambda _: predicted, images, ["hflip", "vflip"])
    assert torch.equal(predicted, before)


def test_half_precision_is_summed_in_single():
    images = random(4, 4).half()
    got = tta.average_masks(lambda x: torch.full_like(x, 1e-4), images, list(NAMES))
    assert got.dtype == torch.float32
    torch.testing.assert_close(got, torch.full_like(got, float(np.float16(1e-4))))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(1, 4),
    st.integers(-11, 11),
    st.integers(-11, 11),
    st.sampled_from(list(TURNS)),
)
def test_shifts_and_their_turns_are_undone_to_the_bit_where_they_show_the_image(
    height, width, channels, down, right, turn
):
    probs = random(height, width, channels)
    name = f"shift:{down}:{right}*{turn}"
    back = tta.inverse(name)(tta.view(name)(probs), (height, width))
    lost = [min(abs(by), side - 1) for by, side in ((down, height), (right, width))]
    down = int(np.clip(down, 1 - height, height - 1))
    right = int(np.clip(right, 1 - width, width - 1))
    covered = ~np.isnan(shifted_back(np.ones((height, width)), down, right))
    assert covered.sum() == (height - lost[0]) * (width - lost[1])
    expected = np.where(covered, probs.numpy(), np.nan)
    np.testing.assert_array_equal(back.numpy(), expected)


def test_a_shift_counts_nothing_where_it_shows_no_pixel_of_the_image():
    """The network outputs the number of its pass: the identity 0, the shift 1."""
    passes = iter([0.0, 1.0])
    got = tta.average_masks(
        lambda x: torch.full((1, 1, 2, 3), next(passes)), random(2, 3)[:1], ["shift:0:1"]
    )
    np.testing.assert_array_equal(got[0, 0].numpy(), [[0.5, 0.5, 0.0]] * 2)


def test_a_network_that_outputs_nan_is_not_taken_for_a_view_that_does_not_cover():
    predicted = torch.full((1, 1, 2, 3), torch.nan)
    got = tta.average_masks(lambda _: predicted, random(2, 3)[:1], ["shift:0:1"])
    assert torch.isnan(got).all()


def test_crops_have_no_masks():
    with pytest.raises(RecipeError, match="leaves most"):
        tta.average_masks(lambda x: x, random(4, 4), ["five_crop:0.5"])
    with pytest.raises(RecipeError, match="of labels"):
        tta.inverse("crop:0.5:centre")


def test_unknown_and_repeated_views_are_refused_before_the_network_runs():
    def never(_):
        raise AssertionError

    with pytest.raises(RecipeError, match="stands twice"):
        tta.average_masks(never, random(4, 4), ["hflip", "hflip"])
    with pytest.raises(RecipeError, match="no view"):
        tta.inverse("mirror")
