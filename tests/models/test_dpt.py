"""DPT on transformers of timm: smp's numbers from the same weights, class tokens included."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import segmentation_models_pytorch as smp
import torch
from torch import nn

from podium.errors import RecipeError
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec

NARROW = {"intermediate_channels": [16, 24, 32, 32], "fusion_channels": 16}
VIT = {"embed_dim": 32, "num_heads": 2}


def network(
    backbone: str = "vit_tiny_patch16_224",
    *,
    size: tuple[int, int] = (64, 96),
    n_outputs: dict[str, int] | None = None,
    options: dict[str, Any] | None = None,
    **decoder: Any,
) -> Network:
    spec = ModelSpec.model_validate(
        {
            "backbone": backbone,
            "pretrained": False,
            "options": VIT if options is None else options,
            "heads": {
                "classify": {},
                "segment": {"decoder": "dpt", "options": {**NARROW, **decoder}},
            },
        }
    )
    torch.manual_seed(0)
    return build_network(spec, n_outputs=n_outputs or {"segment": 2}, image_size=size).eval()


def randomise(net: nn.Module) -> None:
    """Away from the start: norms of statistics of their own, tokens that differ from zero."""
    for name, parameter in net.named_parameters():
        if name.endswith(("cls_token", "reg_token", "bias")):
            parameter.data.normal_(std=0.5)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None:
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.8, 1.2)


@pytest.mark.parametrize(
    ("backbone", "options", "readout"),
    [
        *(("vit_tiny_patch16_224", VIT, readout) for readout in ("ignore", "add", "cat")),
        ("vit_base_patch32_clip_224", VIT, "ignore"),
        ("eva02_tiny_patch14_224", {**VIT, "patch_size": 16}, "cat"),
        # It has no class token.
        *(("vit_base_patch16_siglip_224", VIT, readout) for readout in ("ignore", "add", "cat")),
    ],
)
def test_logits_are_those_of_smps_dpt_with_the_same_weights(
    backbone: str, options: dict[str, Any], readout: str
) -> None:
    has_token = "siglip" not in backbone
    if not has_token and readout != "ignore":
        with pytest.raises(RecipeError, match=f"readout: {readout} needs a class token"):
            network(backbone, options=options, readout=readout)
        return
    ours = network(backbone, options=options, readout=readout)
    randomise(ours)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = smp.DPT(
            f"tu-{backbone}",
            encoder_weights=None,
            decoder_readout=readout,
            decoder_intermediate_channels=NARROW["intermediate_channels"],
            decoder_fusion_channels=16,
            classes=2,
            img_size=(64, 96),
            **options,
        ).eval()
    head = ours.heads["segment"]
    missing, _ = peer.encoder.model.load_state_dict(ours.backbone.state_dict(), strict=False)
    assert all(name.startswith(("head", "fc_norm", "attn_pool")) for name in missing), missing
    peer.decoder.load_state_dict(head.decoder.smp.state_dict())
    theirs = peer.segmentation_head.head
    theirs[:-1].load_state_dict(head.decoder.head.state_dict())
    theirs[-1].load_state_dict(head.convolution.state_dict())
    images = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        expected = theirs(peer.decoder(*peer.encoder(images)))
        found = head.logits(ours.features(images))
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
        assert ours(images)["segment"].shape == (2, 2, 64, 96)
    assert found.shape[-2:] == (32, 48)


def test_the_class_token_is_read_out_by_default_and_counts() -> None:
    net = network()
    randomise(net)
    features = net.features(torch.randn(1, 3, 64, 96))
    assert [tuple(one.shape) for one in features.maps] == [(1, 32, 1, 1)] * 4 + [(1, 32, 4, 6)] * 4
    silent = features.map(lambda one: one if one.shape[-1] > 1 else torch.zeros_like(one))
    head = net.heads["segment"]
    assert not torch.allclose(head.logits(features), head.logits(silent))


def test_registers_are_tokens_too_and_the_grid_of_14_pixels_is_scaled() -> None:
    net = network(
        "vit_small_patch14_reg4_dinov2", size=(56, 84), options={**VIT, "depth": 4}, readout="add"
    )
    features = net.features(torch.randn(2, 3, 50, 84))
    assert [tuple(one.shape) for one in features.maps[:4]] == [(2, 32, 5, 1)] * 4
    assert net.stride == 28
    assert net.decode(features)["segment"].shape == (2, 2, 50, 84)


def test_the_classifier_sees_what_it_saw_alone() -> None:
    both = network(n_outputs={"classify": 3, "segment": 2})
    spec = ModelSpec.model_validate(
        {"backbone": "vit_tiny_patch16_224", "pretrained": False, "options": VIT}
    )
    alone = build_network(spec, n_outputs={"classify": 3}, image_size=(64, 96)).eval()
    state = {k: v for k, v in both.state_dict().items() if not k.startswith("heads.segment.")}
    alone.load_state_dict(state)
    images = torch.randn(2, 3, 64, 96)
    torch.testing.assert_close(both(images)["classify"], alone(images)["classify"])


def test_other_decoders_still_read_maps_after_the_last_norm() -> None:
    spec = ModelSpec.model_validate(
        {
            "backbone": "vit_tiny_patch16_224",
            "pretrained": False,
            "options": VIT,
            "heads": {"segment": {"decoder": "segformer"}},
        }
    )
    net = build_network(spec, n_outputs={"segment": 2}, image_size=(64, 96)).eval()
    with torch.no_grad():
        maps = net.features(torch.randn(1, 3, 64, 96)).maps
    assert len(maps) == 4
    for one in maps:  # a layer norm's
        torch.testing.assert_close(one.mean(dim=1), torch.zeros(1, 4, 6), rtol=0, atol=1e-5)


@pytest.mark.parametrize("backbone", ["resnet10t", "test_convnext", "swin_s3_tiny_224"])
def test_maps_of_several_strides_are_refused_with_the_reason(backbone: str) -> None:
    with pytest.raises(RecipeError, match=r"blocks of one stride(?s:.*)strides (2, )?4, 8, 16, 32"):
        network(backbone, options={})


def test_every_weight_learns_and_the_start_is_smps() -> None:
    net = network().train()
    net(torch.randn(2, 3, 64, 96))["segment"].square().mean().backward()
    assert not [n for n, p in net.heads.named_parameters() if p.grad is None]
    convolution = net.heads["segment"].decoder.smp.reassemble_blocks[0].project_to_feature_dim
    bound = (6 / (convolution.in_channels * 9)) ** 0.5  # He et al. 2015, uniform, fan-in
    assert float(convolution.weight.detach().abs().max()) == pytest.approx(bound, rel=1e-2)
