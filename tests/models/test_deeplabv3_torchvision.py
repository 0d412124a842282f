"""torchvision's DeepLabV3 and ours are one network: the same weights give the same numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision.models import segmentation

from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec


def ours(root: Path = Path(), **start: object) -> Network:
    spec = ModelSpec.model_validate(
        {
            "backbone": "resnet50",
            "pretrained": False,
            "options": {"output_stride": 8},
            "heads": {"segment": {"decoder": "deeplabv3_torchvision"}},
            **start,
        }
    )
    return build_network(spec, n_outputs={"segment": 5}, image_size=(64, 64), weights_root=root)


def randomise_norms(net: nn.Module) -> None:
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None:
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.8, 1.2)


def copy_over(peer: nn.Module, net: Network) -> None:
    """Give `net` the weights of `peer` by the names of torchvision's files, all of them."""
    given = peer.state_dict()
    trunk = {k.removeprefix("backbone."): v for k, v in given.items() if k.startswith("backbone.")}
    net.backbone.load_state_dict(trunk)
    head = {k.removeprefix("classifier."): v for k, v in given.items() if k.startswith("class")}
    last = {k.removeprefix("4."): head.pop(k) for k in list(head) if k.startswith("4.")}
    net.heads["segment"].decoder.load_state_dict(head)
    net.heads["segment"].convolution.load_state_dict(last)


@pytest.mark.parametrize("size", [(64, 64), (96, 72)])
def test_the_numbers_are_torchvisions(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    peer = segmentation.deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=5)
    randomise_norms(peer)
    net = ours()
    copy_over(peer, net)
    images = torch.randn(2, 3, *size)
    with torch.no_grad():
        expected = peer.eval()(images)["out"]
        found = net.eval()(images)["segment"]
    assert net.stride == 8
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_a_file_of_torchvisions_whole_network_starts_all_of_ours(tmp_path: Path) -> None:
    torch.manual_seed(0)
    peer = segmentation.deeplabv3_resnet50(
        weights=None, weights_backbone=None, num_classes=5, aux_loss=True
    )
    randomise_norms(peer)
    torch.save(peer.state_dict(), tmp_path / "w.pth")
    net = ours(tmp_path, weights="w.pth")
    assert net.loaded is not None
    assert set(net.loaded.matched) == set(net.state_dict())
    assert all(name.startswith("aux_classifier.") for name in net.loaded.left)
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = peer.eval()(images)["out"]
        torch.testing.assert_close(net.eval()(images)["segment"], expected, rtol=1e-4, atol=1e-4)
