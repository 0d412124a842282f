"""torchvision's DeepLabV3 and ours are one network: the same weights give the same numbers."""

from __future__ import annotations

import pytest
import torch
from models import torchvisions
from torch import nn

from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec


def ours() -> Network:
    spec = ModelSpec.model_validate(
        {
            "backbone": "resnet50",
            "pretrained": False,
            "options": {"output_stride": 8, "layers": torchvisions.LAYERS},
            "heads": {"segment": {"decoder": "deeplabv3_torchvision"}},
        }
    )
    return build_network(spec, n_outputs={"segment": 5}, image_size=(64, 64))


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


@pytest.fixture(scope="module")
def pair() -> tuple[nn.Module, Network]:
    """Torchvision's network and ours with its weights."""
    torch.manual_seed(0)
    peer = torchvisions.deeplabv3(5)
    randomise_norms(peer)
    net = ours()
    copy_over(peer, net)
    return peer.eval(), net.eval()


# That a file of it starts all of ours is in `test_whole_weights.py`.
@pytest.mark.parametrize("size", [(64, 64), (96, 72)])
def test_the_numbers_are_torchvisions(
    pair: tuple[nn.Module, Network], size: tuple[int, int]
) -> None:
    peer, net = pair
    images = torch.randn(2, 3, *size)
    with torch.no_grad():
        expected = peer(images)["out"]
        found = net(images)["segment"]
    assert net.stride == 8
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
