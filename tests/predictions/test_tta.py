"""Views against numpy, and their mean."""

import numpy as np
import pytest
import torch
from torch import nn
from views_by_numpy import TURNS as BY_NUMPY
from views_by_numpy import shifted

from podium.errors import RecipeError
from podium.predictions import tta
from podium.predictions.views import NAMES


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(0)
    return torch.rand(3, 3, 5, 7, generator=generator)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 3),
        nn.Softmax(1),
    ).eval()


def test_every_view_has_its_numpy_counterpart():
    assert set(BY_NUMPY) == {"identity", *NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_flips_and_turns_are_numpys_to_the_bit(name, images):
    np.testing.assert_array_equal(tta.view(name)(images).numpy(), BY_NUMPY[name](images.numpy()))


def test_the_eight_views_of_a_square_are_eight():
    images = torch.arange(9.0).reshape(1, 1, 3, 3)
    views = [tta.view(name)(images).flatten().tolist() for name in ("identity", *NAMES)]
    assert len({tuple(one) for one in views}) == 8


@pytest.mark.parametrize("name", [*NAMES, "scale:1.25", "scale:0.5"])
def test_what_does_not_depend_on_place_or_size_has_the_same_label_in_every_view(name):
    colours = torch.tensor([[0.9, 0.1, 0.2], [0.1, 0.8, 0.1]])
    images = colours[:, :, None, None].expand(2, 3, 8, 6)
    probs = tta.average(lambda x: x.mean((2, 3)).softmax(1), images, [name])
    torch.testing.assert_close(probs, colours.softmax(1))


@pytest.mark.parametrize("name", NAMES)
def test_a_label_invariant_network_predicts_the_same_for_every_exact_view(name, images):
    def invariant(x):
        return torch.stack([x.amax((1, 2, 3)), x.mean((1, 2, 3)), x.amin((1, 2, 3))], 1).softmax(1)

    torch.testing.assert_close(invariant(tta.view(name)(images)), invariant(images))


def test_the_average_is_the_mean_of_bare_forwards_without_any_inverse(images, network):
    names = [*NAMES, "scale:1.5"]
    with torch.inference_mode():
        got = tta.average(network, images, names)
        bare = [network(images)]
        bare += [network(torch.from_numpy(BY_NUMPY[n](images.numpy()).copy())) for n in NAMES]
        larger = nn.functional.interpolate(images, (8, 10), mode="bilinear", antialias=True)
        bare.append(network(larger))
    torch.testing.assert_close(got, torch.stack(bare).mean(0), rtol=1e-6, atol=1e-7)
    assert got.dtype == torch.float32


def test_it_is_probabilities_that_are_averaged(images):
    predicted = iter([torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])])
    got = tta.average(lambda _: next(predicted), images[:1], ["hflip"])
    np.testing.assert_array_equal(got.numpy(), [[0.5, 0.5]])


def test_half_precision_is_summed_in_single(images):
    got = tta.average(lambda _: torch.tensor([[1e-4]], dtype=torch.float16), images, list(NAMES))
    assert got.dtype == torch.float32
    assert got.item() == pytest.approx(float(np.float16(1e-4)), rel=1e-6)


def test_scales_round_to_whole_pixels_and_keep_at_least_one(images):
    assert tta.view("scale:1.25")(images).shape == (3, 3, 6, 9)
    assert tta.view("scale:0.25")(images[..., :1, :2]).shape == (3, 3, 1, 1)


def test_no_view_changes_its_input(images):
    before = images.clone()
    for name in (*NAMES, "scale:0.5"):
        tta.view(name)(images)
    assert torch.equal(images, before)


def test_unknown_and_repeated_views_are_refused_before_the_network_runs(images):
    def never(_):
        raise AssertionError

    with pytest.raises(RecipeError, match="stands twice"):
        tta.average(never, images, ["hflip", "hflip"])
    with pytest.raises(RecipeError, match="no view"):
        tta.view("mirror")


@pytest.mark.parametrize(("share", "high", "wide", "top"), [("0.6", 3, 4, 1), ("0.75", 4, 5, 0)])
def test_five_crops_are_those_by_hand(share, high, wide, top, images):
    """Of 5 by 7 pixels; in the middle the odd row or column stays below, or on the right."""
    seen = []
    tta.average(lambda x: seen.append(x) or torch.zeros(3, 2), images, [f"five_crop:{share}"])
    assert torch.equal(seen[0], images)
    above, below = images[..., :high, :], images[..., 5 - high :, :]
    corners = [above[..., :wide], above[..., 7 - wide :], below[..., :wide], below[..., 7 - wide :]]
    middle = images[..., top : top + high, 1 : 1 + wide]
    for got, expected in zip(seen[1:], [*corners, middle], strict=True):
        assert torch.equal(got, expected)


def test_ten_crops_are_five_and_their_mirror_images(images):
    names = ["hflip", "five_crop:0.6", "five_crop:0.6*hflip"]
    seen = []
    tta.average(lambda x: seen.append(x) or torch.zeros(3, 2), images, names)
    assert len(seen) == 12
    for plain, mirrored in zip(seen[2:7], seen[7:], strict=True):
        assert torch.equal(plain.flip(-1), mirrored)


@pytest.mark.parametrize(("down", "right"), [(0, 3), (2, 0), (-4, 6), (4, -6), (-1, -2)])
def test_a_shift_is_numpys_with_a_reflected_border(down, right, images):
    got = tta.view(f"shift:{down}:{right}")(images)
    np.testing.assert_array_equal(got.numpy(), shifted(images.numpy(), down, right))


def test_a_shift_by_a_share_is_one_of_whole_pixels_and_never_leaves_the_image(images):
    assert torch.equal(tta.view("shift:0.2:-0.3")(images), tta.view("shift:1:-2")(images))
    assert torch.equal(tta.view("shift:99:-99")(images), tta.view("shift:4:-6")(images))
    assert torch.equal(tta.view("shift:3")(images[..., :1, :1]), images[..., :1, :1])


@pytest.mark.parametrize("name", ["scale:1.05", "shift:0.05:0.04", "crop:0.95:top_left"])
def test_a_view_that_is_the_image_at_this_size_is_run_once(name, images):
    seen = []
    tta.average(lambda x: seen.append(x) or torch.zeros(3, 2), images, [name, f"{name}*hflip"])
    assert len(seen) == 2
    assert torch.equal(seen[1], images.flip(-1))


@pytest.mark.parametrize("name", ["d4", "scale:1.25", "scale:0.4", "shift:2", "five_crop:0.5"])
@pytest.mark.parametrize("shape", [(0, 3, 5, 7), (1, 3, 1, 1), (1, 1, 1, 9), (2, 4, 33, 2)])
def test_no_batch_size_shape_or_precision_crashes(name, shape):
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        images, seen = torch.ones(shape, dtype=dtype), set()

        def predict(views, seen=seen):
            seen.add(views.dtype)
            return views.mean((2, 3)).softmax(1)

        got = tta.average(predict, images, [name])
        assert seen <= {dtype}
        assert got.dtype == torch.float32
        torch.testing.assert_close(got, torch.full(shape[:2], 1 / shape[1]), rtol=0.01, atol=0)
        if not name.startswith("five_crop"):
            masks = tta.average_masks(lambda x: x * 0.5, images, [name])
            torch.testing.assert_close(masks, torch.full(shape, 0.5), rtol=0.01, atol=0)
