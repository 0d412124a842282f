"""Networks for images of one channel, or of seven, from random weights or from those for three."""

from __future__ import annotations

from pathlib import Path

import pytest
import timm
import torch

from podium.models.network import build_network
from podium.models.spec import ModelSpec

BOTH = {"classify": 2, "segment": 3}
HEADS = {"classify": {}, "segment": {"decoder": "unet"}}


@pytest.mark.parametrize("in_chans", [1, 7])
@pytest.mark.parametrize("backbone", ["cnn", "resnet10t"])
def test_a_network_with_both_heads_takes_any_number_of_channels(
    backbone: str, in_chans: int
) -> None:
    heads = HEADS if backbone != "cnn" else {**HEADS, "segment": {"decoder": "linear"}}
    spec = ModelSpec.model_validate({"backbone": backbone, "pretrained": False, "heads": heads})
    network = build_network(spec, n_outputs=BOTH, in_chans=in_chans, image_size=(64, 64)).eval()
    assert network.in_chans == len(network.mean) == len(network.std) == in_chans
    with torch.no_grad():
        predicted = network(torch.randn(2, in_chans, 64, 64))
    assert predicted["classify"].shape == (2, 2)
    assert predicted["segment"].shape == (2, 3, 64, 64)


@pytest.mark.parametrize("in_chans", [1, 7])
def test_weights_for_three_channels_start_a_network_of_others(
    tmp_path: Path, in_chans: int
) -> None:
    """Red, green and blue of equal values, and a grey of that value, start with equal outputs.

    Of more channels each has the weight of red, green or blue in turn, times 3 / 7.
    """
    torch.manual_seed(0)
    rgb = timm.create_model("resnet10t", num_classes=0, global_pool="").eval()
    torch.save(rgb.state_dict(), tmp_path / "w.pth")
    spec = ModelSpec(backbone="resnet10t", weights="w.pth")
    network = build_network(
        spec,
        n_outputs={"classify": 2},
        in_chans=in_chans,
        image_size=(64, 64),
        weights_root=tmp_path,
    ).eval()
    grey = torch.randn(2, 1, 64, 64)
    images = grey.expand(-1, in_chans, -1, -1)
    # What each colour is seen with: of 7 channels red has 3, green and blue 2 each.
    share = [sum(c % 3 == colour for c in range(in_chans)) * 3 / in_chans for colour in range(3)]
    colours = torch.tensor(share if in_chans > 1 else [1.0, 1, 1]).view(1, 3, 1, 1)
    with torch.no_grad():
        mine, theirs = network.features(images).deepest, rgb(grey * colours)
    torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-4)
    expected = timm.data.resolve_data_config(model=rgb)["mean"]
    assert network.mean == tuple(expected[c % 3] for c in range(in_chans))
