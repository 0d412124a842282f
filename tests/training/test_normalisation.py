"""Mean and deviation of images: the backbone's, the recipe's, or the training images' own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from podium.competition.truths.pixels import RGB8, Pixels
from podium.errors import RecipeError
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.training.data import augment
from podium.training.data.augment import Normalisation, measure_normalisation, set_normalisation
from podium.training.data.crops import CropPlan
from podium.training.data.rows import SampleRows
from podium.training.data.streams import Normaliser
from podium.training.recipe import Input
from podium.workspace.progress import SILENT

DEEP = Pixels(2, "uint16", 100, 4100)
FOUND = Normalisation((0.1, 0.2, 0.3, 0.4), (0.5, 0.6, 0.7, 0.8))


class Store(list[NDArray[Any]]):
    """Images in memory, as the cache gives them."""

    def window(self, index: int) -> NDArray[Any]:
        return self[index]


def rows(images: list[NDArray[Any]], **given: Any) -> SampleRows:
    n = len(images)
    return SampleRows(
        Store(images), np.arange(n), list(map(str, range(n))), {}, np.ones(n, np.float32), **given
    )


def network(in_chans: int = 4, **model: Any) -> Network:
    given = {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 6]}, **model}
    spec = ModelSpec.model_validate(given)
    return build_network(spec, n_outputs={"classify": 2}, in_chans=in_chans)


def never() -> Normalisation:
    raise AssertionError("nothing is to be measured")


def test_by_default_the_backbones_normalisation_is_kept() -> None:
    net = network(4)
    before = net.mean, net.std
    set_normalisation(net, Input(), never)
    assert (net.mean, net.std) == before
    assert before[0] == (0.485, 0.456, 0.406, 0.485)


def test_numbers_are_taken_one_a_channel_or_one_for_all() -> None:
    net = network(4)
    set_normalisation(net, Input(mean=[0, 0.1, 0.2, 0.3], std=0.5), never)
    assert net.mean == (0, 0.1, 0.2, 0.3)
    assert net.std == (0.5,) * 4


def test_each_of_the_two_may_be_measured_alone() -> None:
    net = network(4)
    set_normalisation(net, Input(mean="data", std=2), lambda: FOUND)
    assert (net.mean, net.std) == (FOUND.mean, (2,) * 4)
    net = network(4)
    before = net.mean
    set_normalisation(net, Input(std="data"), lambda: FOUND)
    assert (net.mean, net.std) == (before, FOUND.std)


def test_slices_are_normalised_alike_wherever_they_stand() -> None:
    """Three slices of two channels: given once a channel of a slice, or measured of all slices."""
    net = network(6, slices={"channels": 2})
    assert net.mean == (0.485, 0.456) * 3
    set_normalisation(net, Input(mean=[0.1, 0.2], std=0.5), never)
    assert (net.mean, net.std) == ((0.1, 0.2) * 3, (0.5,) * 6)
    with pytest.raises(RecipeError, match="6 numbers for slices of 2 channels"):
        set_normalisation(net, Input(mean=[0.1] * 6), never)
    pixels = Pixels(6, "float32", 0, 1)
    images = [np.random.default_rng(i).random((8, 8, 6), dtype=np.float32) ** 2 for i in range(5)]
    images = [image * np.array([1, 1, 0.5, 0.5, 0.2, 0.2], np.float32) for image in images]
    net = network(6, slices={"channels": 2, "pool": "max"})
    found = measure_normalisation(rows(images), pixels, SILENT)
    set_normalisation(net, Input(mean="data", std="data"), lambda: found)
    for c in range(2):
        values = np.concatenate([image[..., c::2].ravel() for image in images]).astype(float)
        np.testing.assert_allclose(net.mean[c::2], values.mean(), rtol=1e-6)
        np.testing.assert_allclose(net.std[c::2], values.std(), rtol=1e-6)


def test_more_numbers_than_channels_are_refused() -> None:
    with pytest.raises(RecipeError, match="3 numbers for images of 4 channels"):
        set_normalisation(network(4), Input(mean=[0.1, 0.2, 0.3]), never)
    with pytest.raises(RecipeError, match="2 numbers for images of 1 channel\n"):
        set_normalisation(network(1), Input(std=[0.1, 0.2]), never)


@pytest.mark.parametrize("std", [0, -1, [0.5, 0], "images"])
def test_a_deviation_that_cannot_be_is_refused(std: Any) -> None:
    with pytest.raises(ValidationError):
        Input(std=std)


def test_what_is_measured_is_numpys_mean_and_deviation_of_all_pixels() -> None:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 5000, (9, 5 + i, 2)).astype(np.uint16) for i in range(12)]
    pixels = np.concatenate([one.reshape(-1, 2) for one in images]).astype(float)
    unit = ((pixels - 100) / 4000).clip(0, 1)
    found = measure_normalisation(rows(images), DEEP, SILENT)
    np.testing.assert_allclose(found.mean, unit.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found.std, unit.std(axis=0), rtol=1e-5)


def test_images_normalised_with_what_was_measured_have_mean_zero_and_deviation_one() -> None:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (16, 16, 3), dtype=np.uint8) for _ in range(8)]
    found = measure_normalisation(rows(images), RGB8, SILENT)
    made = Normaliser(found.mean, found.std)(torch.from_numpy(np.stack(images)))
    torch.testing.assert_close(made.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(made.std(dim=(0, 2, 3)), torch.ones(3), atol=1e-3, rtol=0)


def test_a_channel_that_is_the_same_everywhere_divides_by_one() -> None:
    image = np.zeros((8, 8, 2), dtype=np.uint16)
    image[..., 1] = np.arange(8) * 500
    found = measure_normalisation(rows([image]), DEEP, SILENT)
    assert found.std[0] == 1
    assert found.mean[0] == 0
    assert found.std[1] < 1


def test_of_many_and_of_large_images_some_are_measured_evenly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(augment, "MOST_IMAGES", 5)
    monkeypatch.setattr(augment, "MOST_PIXELS", 64)
    ramp = np.linspace(100, 4100, 200).astype(np.uint16)
    images = [np.full((60, 200, 2), ramp[None, :, None]) for _ in range(40)]
    images[1][:] = 9000  # is not among the five
    found = measure_normalisation(rows(images), DEEP, SILENT)
    assert found.mean[0] == pytest.approx(0.5, abs=0.06)
    assert found.std[0] == pytest.approx(12**-0.5, abs=0.03)
    tiled = rows(images, tiles=CropPlan((16, 16), [(60, 200)] * 40))
    assert measure_normalisation(tiled, DEEP, SILENT).mean[0] == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_a_batch_of_either_type_is_normalised_alike(dtype: torch.dtype) -> None:
    rng = np.random.default_rng(0)
    whole = torch.from_numpy(rng.integers(0, 256, (2, 5, 6, 7), dtype=np.uint8))
    given = whole if dtype == torch.uint8 else whole.float() / 255
    mean, std = rng.random(7).tolist(), (rng.random(7) + 0.1).tolist()
    made = Normaliser(mean, std)(given)
    expected = whole.double().permute(0, 3, 1, 2) / 255 - torch.tensor(mean).view(7, 1, 1)
    expected = expected / torch.tensor(std).view(7, 1, 1)
    assert made.dtype == torch.float32
    torch.testing.assert_close(made, expected.float(), atol=1e-4, rtol=1e-4)
