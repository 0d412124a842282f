"""Masks come out at the size of the images, from the maps that the recipe's decoder needs."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from pydantic import ValidationError

from podium.errors import RecipeError
from podium.models.features import Features, pad_to_stride
from podium.models.network import Network, build_network, set_frozen, train_mode
from podium.models.spec import ModelSpec

BOTH = {"classify": 3, "segment": 4}


def network(n_outputs: dict[str, int] | None = None, **model: object) -> Network:
    spec = ModelSpec.model_validate({"backbone": "cnn", "pretrained": False, **model})
    return build_network(spec, n_outputs=n_outputs or BOTH)


def linear(**model: object) -> Network:
    return network(heads={"classify": {}, "segment": {"decoder": "linear"}}, **model)


@pytest.mark.parametrize("size", [(32, 48), (33, 47), (1, 1), (16, 31)])
def test_a_linear_head_is_a_weighted_sum_of_channels_scaled_up_and_cut(
    size: tuple[int, int],
) -> None:
    net = linear().eval()
    images = torch.randn(2, 3, *size)
    padded = torch.nn.functional.pad(images, (0, -size[1] % 16, 0, -size[0] % 16), mode="replicate")
    deepest = net.backbone(padded)
    weight, bias = (p.detach() for p in net.heads["segment"].convolution.parameters())
    low = torch.einsum("cf,nfhw->nchw", weight[:, :, 0, 0], deepest) + bias[None, :, None, None]
    high = F.interpolate(low, size=padded.shape[-2:], mode="bilinear", align_corners=False)
    logits = net(images)
    torch.testing.assert_close(logits["segment"], high[..., : size[0], : size[1]])
    assert logits["segment"].shape == (2, 4, *size)
    pooled = deepest.mean(dim=(2, 3))
    torch.testing.assert_close(logits["classify"], net.heads["classify"].linear(pooled))


def test_only_the_deepest_map_is_kept_for_a_linear_head() -> None:
    features = linear().features(torch.zeros(1, 3, 20, 30))
    assert len(features.maps) == 1
    assert features.size == (20, 30)
    assert features.padded == (32, 32)


def test_padding_repeats_the_last_row_and_column_only_as_far_as_the_stride() -> None:
    images = torch.arange(6.0).reshape(1, 1, 2, 3)
    padded = pad_to_stride(images, 4)
    assert padded[0, 0].tolist() == [[0, 1, 2, 2], [3, 4, 5, 5], [3, 4, 5, 5], [3, 4, 5, 5]]
    assert pad_to_stride(padded, 4) is padded


def test_a_tile_that_ends_with_its_image_is_padded_as_the_image_is() -> None:
    images = torch.randn(1, 3, 35, 50)
    for top, left in [(0, 16), (32, 48), (16, 0)]:
        tile = pad_to_stride(images[..., top:, left:], 16)
        assert torch.equal(tile, pad_to_stride(images, 16)[..., top:, left:])


@pytest.mark.parametrize("decoder", ["linear", "unet"])
def test_a_tile_gives_what_the_whole_image_gives_beyond_its_edges_reach(decoder: str) -> None:
    # Two stages: 3 pixels to either side; the decoder adds at most 2 * (1 + 2 + 4).
    options = {"decoder_channels": [4, 4]} if decoder == "unet" else {}
    head = {"decoder": decoder, "options": options}
    net = network(heads={"segment": head}, options={"widths": [4, 8]}).eval()
    images = torch.randn(1, 3, 61, 90)
    reach = 20
    with torch.no_grad():
        whole, tile = net(images)["segment"], net(images[..., 16:, 24:])["segment"]
    torch.testing.assert_close(tile[..., reach:, reach:], whole[..., 16 + reach :, 24 + reach :])


def test_without_a_segment_head_nothing_is_padded() -> None:
    net = network({"classify": 3})
    assert net.stride == 1
    assert linear().stride == 16
    assert net.features(torch.zeros(1, 3, 20, 30)).padded == (20, 30)


def test_a_function_on_the_features_reaches_every_map() -> None:
    maps = torch.ones(1, 2, 4, 4), torch.ones(1, 3, 2, 2)
    doubled = Features(maps, (8, 8), (8, 8)).map(lambda one: one * 2)
    assert all(torch.equal(one, torch.full_like(one, 2)) for one in doubled.maps)
    assert doubled.deepest.shape == (1, 3, 2, 2)


def test_only_the_heads_that_are_named_and_have_outputs_are_built() -> None:
    named = {"segment": {"decoder": "linear"}}
    assert list(network(heads=named).heads) == ["segment"]
    assert list(linear().heads) == ["classify", "segment"]
    assert list(network({"classify": 3}, heads={"classify": {}, **named}).heads) == ["classify"]
    with pytest.raises(RecipeError, match=r"no head(?s:.*)classify: \{pool: avg\}"):
        network({"classify": 3}, heads=named)


@pytest.mark.parametrize("frozen", [["backbone"], ["classify", "backbone"], ["segment"]])
def test_frozen_parts_of_a_two_headed_network_keep_weights_and_statistics_to_the_bit(
    frozen: list[str],
) -> None:
    net = linear()
    set_frozen(net, frozen)
    before = copy.deepcopy(net.state_dict())
    optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
    for _ in range(2):
        train_mode(net)
        optimizer.zero_grad()
        sum(one.square().mean() for one in net(torch.randn(4, 3, 33, 32) * 3).values()).backward()
        optimizer.step()
    for part in net.parts:
        prefix = "backbone." if part == "backbone" else f"heads.{part}."
        keys = [key for key in before if key.startswith(prefix)]
        is_as_before = all(torch.equal(net.state_dict()[key], before[key]) for key in keys)
        assert is_as_before == (part in frozen)


def test_an_unknown_decoder_is_refused_when_the_recipe_is_read() -> None:
    with pytest.raises(ValidationError, match=r"no 'liner' among the decoders.*linear"):
        ModelSpec.model_validate({"heads": {"segment": {"decoder": "liner"}}})


def test_options_that_a_decoder_does_not_take_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"options: .*linear.*width"):
        network(heads={"segment": {"decoder": "linear", "options": {"width": 3}}})
