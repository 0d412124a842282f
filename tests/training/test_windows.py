"""A network asked window by window says what it says of the whole image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from views_by_numpy import TURNS, mean_over, shifted, shifted_back, turned_back

from podium.competition.truths.pixels import RGB8, Pixels
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.predictions.tiles import WeightKind, tile_weights
from podium.predictions.views import ViewSet
from podium.tasks.protocols.find import pixel_kind
from podium.training.data.streams import Normaliser
from podium.training.inference.images import plan_windows, predict_batch, window_bands
from podium.training.recipe import Recipe

Floats = NDArray[np.float32]
RADIUS = 12  # of what a pixel's answer sees: two 3x3 convolutions of stride 2, bilinear from 4


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(0)
    spec = ModelSpec.model_validate(
        {
            "backbone": "cnn",
            "pretrained": False,
            "options": {"widths": [8, 16]},
            "heads": {"segment": {"decoder": "linear"}},
        }
    )
    made = build_network(spec, n_outputs={"segment": 3}).train()
    with torch.no_grad():  # batch norm gets statistics that are not 0 and 1
        made(torch.rand(4, 3, 32, 32) * 3 - 1)
    return made.eval()


def predictor(network: Network, views: ViewSet | None = None) -> Callable[[Tensor], Floats]:
    normalise = Normaliser(network.mean, network.std)

    def say(images: Tensor) -> Floats:
        predicted = predict_batch(
            network,
            normalise(images),
            {"segment": pixel_kind("multiclass")},
            views=views or ViewSet(),
            tasks=["segment"],
        )["segment"]
        return predicted.permute(0, 2, 3, 1).numpy()

    return say


def recipe(**predict: object) -> Recipe:
    return Recipe.model_validate(
        {
            "input": {"size": [64, 48], "fit": "tile"},
            "predict": predict,
            "phases": [{"name": "all", "epochs": 1}],
        }
    )


@pytest.mark.parametrize("size", [(150, 131), (64, 48), (40, 200), (201, 30)])
@pytest.mark.parametrize("weights", ["flat", "gaussian"])
def test_windows_predict_the_same_as_the_whole_image(
    network: Network, size: tuple[int, int], weights: str
) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    say = predictor(network)
    whole = say(torch.from_numpy(image[None]))[0]
    bands = window_bands(
        image, network.stride, recipe(margin=RADIUS, weights=weights), say, batch_size=3
    )
    np.testing.assert_allclose(np.concatenate(list(bands)), whole, atol=1e-5)


def test_without_a_margin_the_edges_of_windows_show(network: Network) -> None:
    image = np.random.default_rng(1).integers(0, 256, (150, 131, 3), dtype=np.uint8)
    say = predictor(network)
    whole = say(torch.from_numpy(image[None]))[0]
    bands = window_bands(image, network.stride, recipe(weights="flat"), say, batch_size=3)
    assert np.abs(np.concatenate(list(bands)) - whole).max() > 1e-3


def test_windows_of_sixteen_bits_predict_what_those_of_eight_predict(network: Network) -> None:
    eight = np.random.default_rng(1).integers(0, 256, (90, 131, 3), dtype=np.uint8)
    sixteen, say = eight.astype(np.uint16) * 257, predictor(network)
    predicted = [
        np.concatenate(
            list(window_bands(one, network.stride, recipe(), say, batch_size=3, pixels=pixels))
        )
        for one, pixels in ((eight, RGB8), (sixteen, Pixels(3, "uint16", 0, 65535)))
    ]
    np.testing.assert_allclose(*predicted, atol=1e-5)


def test_the_mean_over_views_is_in_the_images_own_grid(network: Network) -> None:
    image = np.random.default_rng(2).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    views = ViewSet.of(["hflip", "rot90"])
    predicted = predictor(network, views)(torch.from_numpy(image[None]))[0]
    say = predictor(network)
    turned = np.ascontiguousarray(np.rot90(image))
    flipped = np.ascontiguousarray(image[:, ::-1])
    by_hand = [
        say(torch.from_numpy(image[None]))[0],
        say(torch.from_numpy(flipped[None]))[0][:, ::-1],
        np.rot90(say(torch.from_numpy(turned[None]))[0], -1),
    ]
    np.testing.assert_allclose(predicted, np.mean(by_hand, axis=0), atol=1e-5)


@pytest.mark.parametrize("mean", ["mean", "geometric", "logits"])
@pytest.mark.parametrize("weights", ["flat", "gaussian"])
def test_windows_of_views_are_each_view_of_each_window_put_together_by_hand(
    network: Network, weights: WeightKind, mean: str
) -> None:
    image = np.random.default_rng(3).integers(0, 256, (90, 101, 3), dtype=np.uint8)
    views = ViewSet.of(["hflip", "rot90", "shift:3:-5", "shift:0:4*transpose"], mean)
    spec = recipe(weights=weights, margin=2)
    bands = window_bands(image, network.stride, spec, predictor(network, views), batch_size=3)

    normalise = Normaliser(network.mean, network.std)

    def predicted(pixels: Floats) -> Floats:
        with torch.inference_mode():
            logits = network(normalise(torch.from_numpy(pixels.copy())[None]))["segment"]
            return (logits if mean == "logits" else logits.softmax(1)).numpy()

    def predicted_view(turn: str, down: int, right: int, window: Floats) -> Floats:
        planes = shifted(window.transpose(2, 0, 1)[None], down, right)
        probs = predicted(TURNS[turn](planes)[0].transpose(1, 2, 0))
        return shifted_back(turned_back(turn, probs), down, right)

    asked = [
        ("identity", 0, 0),
        ("hflip", 0, 0),
        ("rot90", 0, 0),
        ("identity", 3, -5),
        ("transpose", 0, 4),
    ]
    total, weight = np.zeros((90, 101, 3)), np.zeros((90, 101, 1))
    for window in plan_windows(spec, (90, 101), network.stride):
        every = [predicted_view(*one, window.of(image)) for one in asked]
        means = mean_over(every, mean, multiclass=True)[0].transpose(1, 2, 0)
        size = (window.height, window.width)
        counts = tile_weights(size, weights, 2, window.inner)[..., None]
        window.of(total)[:] += counts * means
        window.of(weight)[:] += counts
    np.testing.assert_allclose(np.concatenate(list(bands)), total / weight, atol=1e-5)


def test_only_the_batches_windows_are_taken_from_the_image(network: Network) -> None:
    class Watched(np.ndarray):
        """Counts what is read of it in one piece."""

        largest = 0

        def __getitem__(self, key: object) -> object:
            part = np.asarray(super().__getitem__(key))  # type: ignore[index]
            Watched.largest = max(Watched.largest, part.size)
            return part

    image = np.zeros((300, 200, 3), np.uint8).view(Watched)
    rows = sum(
        len(band)
        for band in window_bands(image, network.stride, recipe(), predictor(network), batch_size=2)
    )
    assert rows == 300
    assert 0 < Watched.largest <= 64 * 48 * 3
