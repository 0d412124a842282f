"""FCN-32s in both forms: its sizes, its start as interpolation, its sums worked by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from podium.errors import RecipeError
from podium.models.decoders.fcn32s import DECODER, _interpolation
from podium.models.features import FeatureShape
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec

WAYS: dict[str, dict[str, Any]] = {
    "bilinear": {"upsampling": "bilinear", "channels": 16},
    "steps": {"upsampling": "steps", "decoder_channels": [32, 16, 16, 8, 8]},
}
SMALL_VGG = {"backbone": "vgg11", "options": {"mlp_ratio": 0.002}}  # its classifier is not asked


def network(decoder_options: dict[str, Any], *, n_outputs: int = 3, **model: Any) -> Network:
    heads = {"segment": {"decoder": "fcn32s", "options": decoder_options}}
    spec = ModelSpec.model_validate({"pretrained": False, "heads": heads, **model})
    torch.manual_seed(0)
    return build_network(spec, n_outputs={"segment": n_outputs}, image_size=(64, 96))


@pytest.mark.other_cases("long", of="quick", every=3)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "model", [SMALL_VGG, {"backbone": "test_resnet"}, {"backbone": "mobilenetv3_small_050"}]
)
def test_the_deepest_map_of_stride_32_comes_back_to_the_image(
    way: str, model: dict[str, Any]
) -> None:
    net = network(WAYS[way], **model).eval()
    images = torch.randn(2, 3, 64, 96)
    features = net.features(images)
    assert [one.shape[-2:] for one in features.maps] == [(2, 3)]
    assert net.heads["segment"].logits(features).shape == (2, 3, 64, 96)  # nothing is interpolated
    assert net(torch.randn(1, 3, 61, 70))["segment"].shape == (1, 3, 61, 70)


def test_vgg16_is_read_at_its_fifth_pooling() -> None:
    net = network(WAYS["bilinear"], **{**SMALL_VGG, "backbone": "vgg16"})
    assert net.stride == 32
    assert net.heads["segment"].decoder[0].weight.shape == (16, 512, 7, 7)


def test_by_default_it_has_the_papers_4096_channels() -> None:
    with torch.device("meta"):
        decoding = DECODER.build(FeatureShape((512,), (32,), (0,)))
    assert [tuple(one.weight.shape) for one in decoding.module if isinstance(one, nn.Conv2d)] == [
        (4096, 512, 7, 7),
        (4096, 4096, 1, 1),
    ]
    assert decoding.channels == 4096


def test_the_papers_layers_worked_by_hand() -> None:
    net = network(WAYS["bilinear"], backbone="test_resnet").eval()
    head = net.heads["segment"]
    images = torch.randn(2, 3, 64, 96)
    deepest = net.backbone(images)
    fc6, fc7 = head.decoder[0], head.decoder[3]
    windows = F.unfold(F.pad(deepest, (3, 3, 3, 3)), 7)  # (2, channels * 49, 6)
    six = (fc6.weight.flatten(1) @ windows + fc6.bias[:, None]).relu()
    seven = (fc7.weight.flatten(1) @ six + fc7.bias[:, None]).relu()
    scores = head.convolution.weight.flatten(1) @ seven + head.convolution.bias[:, None]
    expected = by_hand(scores.view(2, 3, 2, 3), head.after.weight)
    with torch.no_grad():
        torch.testing.assert_close(net(images)["segment"], expected, rtol=1e-4, atol=1e-4)


def by_hand(low: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Lay the 64x64 kernels down with stride 32, add them up and cut 16 pixels of every side."""
    n, _, height, width = low.shape
    whole = torch.zeros(n, weight.shape[1], 32 * height + 32, 32 * width + 32)
    for i in range(height):
        for j in range(width):
            stamp = torch.einsum("nc,cdab->ndab", low[:, :, i, j], weight)
            whole[:, :, 32 * i : 32 * i + 64, 32 * j : 32 * j + 64] += stamp
    return whole[:, :, 16:-16, 16:-16]


@pytest.mark.parametrize("stride", [32, 16, 14, 7])
def test_the_transposed_convolution_starts_as_bilinear_interpolation(stride: int) -> None:
    layer = _interpolation(stride, 3)
    if stride == 32:
        assert layer.weight.shape == (3, 3, 64, 64)
    low = torch.randn(2, 3, 4, 5)
    expected = F.interpolate(low, scale_factor=stride, mode="bilinear", align_corners=False)
    found = layer(low)
    assert found.shape == expected.shape
    inner = (..., slice(stride, -stride), slice(stride, -stride))  # beyond the edges lie zeros
    torch.testing.assert_close(found[inner], expected[inner])
    assert layer.weight.requires_grad
    assert not layer.weight[0, 1].any()


def test_the_steps_are_five_doublings_with_relu_and_then_batch_norm() -> None:
    net = network({"upsampling": "steps"}, backbone="test_resnet")
    layers = list(net.heads["segment"].decoder)
    assert [type(one) for one in layers] == [nn.ConvTranspose2d, nn.ReLU, nn.BatchNorm2d] * 5
    assert [one.out_channels for one in layers[::3]] == [512, 256, 128, 64, 32]
    assert net.heads["segment"].convolution.weight.shape == (3, 32, 1, 1)


@pytest.mark.parametrize("way", WAYS)
def test_every_weight_learns(way: str) -> None:
    net = network(WAYS[way], backbone="test_resnet")
    net(torch.randn(2, 3, 64, 96))["segment"].square().mean().backward()
    heads = dict(net.heads.named_parameters())
    assert all(one.grad is not None and one.grad.any() for one in heads.values())


def test_other_decoders_keep_the_names_of_their_weights() -> None:
    spec = ModelSpec.model_validate(
        {"backbone": "cnn", "pretrained": False, "heads": {"segment": {"decoder": "linear"}}}
    )
    net = build_network(spec, n_outputs={"segment": 3})
    names = [name for name in net.state_dict() if name.startswith("heads.")]
    assert names == ["heads.segment.convolution.weight", "heads.segment.convolution.bias"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"upsampling": "nearest"}, "by bilinear or by steps, not by 'nearest'"),
        ({"upsampling": "steps", "channels": 8}, "steps does not take channels"),
        ({"decoder_channels": [8]}, "bilinear does not take decoder_channels"),
        ({"upsampling": "steps", "decoder_channels": [8, 8]}, r"doubles 5 times(?s:.*)write 5"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(RecipeError, match=complaint):
        network(options, backbone="test_resnet")
