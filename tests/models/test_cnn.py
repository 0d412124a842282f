"""The network of our own: by stride as ever, or with the max pooling of networks built by hand."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from podium.errors import RecipeError
from podium.models.backbones.cnn import Cnn
from podium.models.network import build_network
from podium.models.spec import ModelSpec

FIFTY_CLASSES = {"widths": [32, 64, 128, 256, 512], "downsample": "max"}


def test_max_pooling_stands_behind_the_convolutions_of_a_stage() -> None:
    torch.manual_seed(0)
    net = Cnn(widths=(4, 8), depth=2, downsample="max").eval()
    images = torch.randn(2, 3, 16, 24)
    expected = images
    for stage in net.stages:
        for at in (0, 3):
            convolution, norm = stage[at], stage[at + 1]
            assert convolution.stride == (1, 1)
            expected = norm(F.conv2d(expected, convolution.weight, padding=1)).relu()
        n, c, height, width = expected.shape
        windows = expected.reshape(n, c, height // 2, 2, width // 2, 2)
        expected = windows.amax(dim=(3, 5))
    with torch.no_grad():
        torch.testing.assert_close(net(images), expected)


@pytest.mark.parametrize("size", [(64, 64), (33, 47), (1, 1)])
def test_both_ways_give_maps_of_the_same_size_from_weights_of_the_same_names(
    size: tuple[int, int],
) -> None:
    by_stride, by_max = (Cnn(depth=2, downsample=way) for way in ("stride", "max"))
    images = torch.randn(1, 3, *size)
    for one, other in zip(
        by_stride.eval().forward_intermediates(images, intermediates_only=True),
        by_max.eval().forward_intermediates(images, intermediates_only=True),
        strict=True,
    ):
        assert one.shape == other.shape
    by_max.load_state_dict(by_stride.state_dict())


def test_by_default_nothing_is_pooled() -> None:
    assert not [one for one in Cnn().modules() if isinstance(one, nn.MaxPool2d)]
    assert [stage[0].stride for stage in Cnn().stages] == [(2, 2)] * 4


def test_the_network_for_fifty_classes() -> None:
    spec = ModelSpec.model_validate(
        {
            "backbone": "cnn",
            "pretrained": False,
            "options": FIFTY_CLASSES,
            "heads": {"classify": {"dropout": 0.5}},
        }
    )
    net = build_network(spec, n_outputs={"classify": 50}, image_size=(64, 64)).eval()
    assert net(torch.randn(2, 3, 64, 64))["classify"].shape == (2, 50)
    by_hand = sum(9 * a * b + 2 * b for a, b in [(3, 32), (32, 64), (64, 128), (128, 256)])
    by_hand += 9 * 256 * 512 + 2 * 512 + 512 * 50 + 50
    assert sum(one.numel() for one in net.parameters()) == by_hand == 1_595_218


def test_another_way_is_refused() -> None:
    with pytest.raises(RecipeError, match="by stride or by max, not by 'avg'"):
        Cnn(downsample="avg")  # type: ignore[arg-type]
