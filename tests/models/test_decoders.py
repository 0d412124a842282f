"""Every decoder works on every kind of pyramid, and gives what smp's own networks give."""

from __future__ import annotations

from typing import Any

import pytest
import segmentation_models_pytorch as smp
import torch
import torch.nn.functional as F
from torch import nn

from podium.errors import RecipeError
from podium.models import decoders
from podium.models.decoders._decoder import deepest_level, encoder_channels, find_levels, on_levels
from podium.models.features import FeatureShape
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.workspace import extensions

BOTH = {"classify": 3, "segment": 2}
SIZE = (64, 96)
NAMES = extensions.names(decoders)
SMALL: dict[str, dict[str, Any]] = {  # options that make a decoder quick
    "unet": {"decoder_channels": [32, 16, 8, 8]},
    "unetplusplus": {"decoder_channels": [32, 16, 8, 8]},
    "manet": {"decoder_channels": [32, 16, 8, 8]},
    "fpn": {"pyramid_channels": 32, "segmentation_channels": 32},
    "pspnet": {"out_channels": 32},
    "deeplabv3": {"decoder_channels": 32},
    "deeplabv3plus": {"decoder_channels": 32},
    "segformer": {"segmentation_channels": 32},
    "upernet": {"decoder_channels": 32},
    "fcn32s": {"channels": 16},
    "dpt": {"intermediate_channels": [8, 8, 16, 16], "fusion_channels": 16},
}
# Of what cannot read the maps of `cnn`.
BACKBONES: dict[str, dict[str, Any]] = {
    "dpt": {"backbone": "vit_tiny_patch16_224", "options": {"embed_dim": 32, "num_heads": 2}}
}


def network(
    decoder: str, *, size: tuple[int, int] = SIZE, seed: int = 0, **model: object
) -> Network:
    options = model.pop("decoder_options", {})
    model = {**BACKBONES.get(decoder, {}), **model}
    heads = {"classify": {}, "segment": {"decoder": decoder, "options": options}}
    spec = ModelSpec.model_validate(
        {"backbone": "cnn", "pretrained": False, "heads": heads, **model}
    )
    torch.manual_seed(seed)
    return build_network(spec, n_outputs=BOTH, image_size=size)


# What every decoder promises: a new file is tested on the day it appears.


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def side(name: str) -> int:
    return 120 if name == "pan" else 44  # PAN halves the deepest map three times


def test_a_decoder_learns_and_gives_masks_of_any_size(name: str) -> None:
    size = side(name), side(name) + 3
    net = network(name, size=size, decoder_options=SMALL.get(name, {}))
    logits = net(torch.randn(2, 3, *size))
    assert logits["segment"].shape == (2, 2, *size)
    assert logits["classify"].shape == (2, 3)
    logits["segment"].square().mean().backward()
    unused = [n for n, p in net.heads["segment"].named_parameters() if p.grad is None]
    assert not unused
    assert next(net.backbone.parameters()).grad.abs().sum() > 0


def test_a_decoder_starts_the_same_from_the_same_seed(name: str) -> None:
    size, options = (side(name), side(name)), SMALL.get(name, {})
    first, again = (network(name, size=size, decoder_options=options) for _ in range(2))
    for one, other in zip(first.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_a_decoder_does_not_care_about_the_memory_format(name: str) -> None:
    size = side(name), side(name)
    net = network(name, size=size, decoder_options=SMALL.get(name, {})).eval()
    images = torch.randn(1, 3, *size)
    with torch.no_grad():
        expected = net(images)["segment"]
        net.to(memory_format=torch.channels_last)
        found = net(images.to(memory_format=torch.channels_last))["segment"]
    # Float32 sums in another order.
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_an_unknown_option_is_named(name: str) -> None:
    with pytest.raises(RecipeError, match=rf"decoder {name} cannot be built(?s:.*)blokcs"):
        network(name, decoder_options={"blokcs": 3})


# The independent truth: smp's networks with the same weights.

PEERS: dict[str, tuple[type[nn.Module], dict[str, Any], dict[str, Any]]] = {
    "unet": (smp.Unet, {"decoder_attention_type": "scse"}, {"attention_type": "scse"}),
    "unetplusplus": (smp.UnetPlusPlus, {}, {}),
    "manet": (smp.MAnet, {}, {}),
    "linknet": (smp.Linknet, {}, {}),
    "fpn": (smp.FPN, {}, {}),
    "pspnet": (smp.PSPNet, {}, {}),
    "segformer": (smp.Segformer, {}, {}),
    "upernet": (smp.UPerNet, {}, {}),
    "pan": (smp.PAN, {"encoder_output_stride": 16}, {}),
    "deeplabv3": (smp.DeepLabV3, {"encoder_output_stride": 8}, {}),
    "deeplabv3plus": (smp.DeepLabV3Plus, {}, {"atrous_rates": [12, 24, 36]}),
}


def test_every_decoder_but_ours_has_a_peer() -> None:
    assert set(NAMES) - set(PEERS) == {
        "linear",
        "fcn32s",
        # Theirs have files of their own.
        "deeplabv3_torchvision",
        "dpt",
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PEERS))
@pytest.mark.parametrize(
    "backbone", ["test_resnet", pytest.param("test_convnext", marks=pytest.mark.long)]
)
def test_logits_are_those_of_smps_network_with_the_same_weights(name: str, backbone: str) -> None:
    build, smp_options, options = PEERS[name]
    stride = smp_options.get("encoder_output_stride", 16 if name == "deeplabv3plus" else 32)
    # smp takes no stride of 32 for some decoders, which then ask the backbone to dilate.
    dilated = {"output_stride": stride} if stride < 32 else {}
    peer = build(
        f"tu-{backbone}", encoder_weights=None, in_channels=3, classes=2, **smp_options
    ).eval()
    size = (128, 160) if name == "pan" else SIZE
    ours = network(name, size=size, backbone=backbone, options=dilated, decoder_options=options)
    randomise_norms(ours)
    ours.eval()
    head = ours.heads["segment"]
    # timm calls the parts of a network that gives features alone a little differently.
    theirs = peer.encoder.state_dict().keys()
    own = {key.replace("stages.", "stages_"): v for key, v in ours.backbone.state_dict().items()}
    own |= {key.replace("stem.", "stem_"): v for key, v in own.items()}
    peer.encoder.load_state_dict({k: own[k.removeprefix("model.")] for k in theirs})
    peer.decoder.load_state_dict(head.decoder.smp.state_dict())
    convolution = peer.segmentation_head[0]
    convolution.load_state_dict(head.convolution.state_dict())
    images = torch.randn(2, 3, *size)
    with torch.no_grad():
        low = convolution(peer.decoder(peer.encoder(images)))
        expected = F.interpolate(low, size=size, mode="bilinear", align_corners=False)
        torch.testing.assert_close(ours(images)["segment"], expected, rtol=1e-5, atol=1e-5)
        if low.shape[-2:] == size:  # no up-sampling of logits: the whole of smp's network
            torch.testing.assert_close(ours(images)["segment"], peer(images), rtol=1e-5, atol=1e-5)


def randomise_norms(net: nn.Module) -> None:
    """Give every batch norm statistics that differ from its start, so that a mix-up shows."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None:
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.8, 1.2)


def test_the_start_weights_are_smps() -> None:
    net = network("unet", backbone="resnet18")
    convolution = net.heads["segment"].decoder.smp.blocks[0].conv1[0]
    bound = (6 / (convolution.in_channels * 9)) ** 0.5  # He et al. 2015, uniform, fan-in
    assert float(convolution.weight.detach().abs().max()) == pytest.approx(bound, rel=1e-3)
    assert not net.heads["segment"].convolution.bias.any()


# Which map becomes which level.


def shape(*strides: int, channels: tuple[int, ...] | None = None, behind: bool = False) -> Any:
    n = len(strides) - behind
    return FeatureShape(channels or tuple(range(8, 8 + len(strides))), strides, tuple(range(n)))


@pytest.mark.parametrize(
    ("strides", "octaves", "sources"),
    [
        ((2, 4, 8, 16, 32), (1, 2, 3, 4, 5), (0, 1, 2, 3, 4)),  # ResNet
        ((4, 8, 16, 32), (1, 2, 3, 4, 5), (None, 0, 1, 2, 3)),  # Swin
        ((8, 16, 32), (1, 2, 3, 4, 5), (None, 0, 0, 1, 2)),  # Visformer
        ((16, 16, 16, 16), (1, 2, 3, 4, 5), (None, 0, 1, 2, 3)),  # ViT
        ((14, 14, 14, 14), (1, 2, 3, 4, 5), (None, 0, 1, 2, 3)),  # DINOv2
        ((16, 32, 64), (2, 3, 4, 5, 6), (None, 0, 0, 1, 2)),  # LeViT
        ((2, 4, 8, 16, 16), (1, 2, 3, 4, 4), (0, 1, 2, 3, 4)),  # a dilated ResNet
        ((2, 4), (1, 2), (0, 1)),
    ],
)
def test_levels_are_octaves(
    strides: tuple[int, ...], octaves: tuple[int, ...], sources: tuple[int | None, ...]
) -> None:
    levels = find_levels(shape(*strides))
    assert tuple(level.octave for level in levels) == octaves
    assert tuple(level.source for level in levels) == sources
    assert [c == 0 for c in encoder_channels(levels)[1:]] == [s is None for s in sources]


def test_of_stages_that_share_a_stride_the_last_one_counts_where_levels_must_double() -> None:
    levels = find_levels(shape(2, 4, 8, 16, 16), is_doubling=True)
    assert [(level.octave, level.source) for level in levels] == [(1, 0), (2, 1), (3, 2), (4, 4)]


def test_a_decoder_that_needs_channels_everywhere_gets_the_finest_map_scaled_up() -> None:
    assert find_levels(shape(4, 8, 16, 32), is_full=True)[0].source == 0


def test_a_decoder_without_skips_reads_one_map() -> None:
    assert deepest_level(shape(2, 4, 8, 16, 32), 3)[::2] == (3, 2)
    assert deepest_level(shape(16, 16, 16, 16), 3)[::2] == (4, 3)  # as it is, not scaled


def test_maps_of_odd_sizes_are_resized_to_sizes_that_double() -> None:
    seen: list[tuple[int, ...]] = []

    class Spy(nn.Module):
        def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
            seen.extend(tuple(one.shape[1:]) for one in maps)
            return maps[-1]

    inception = shape(2, 4, 8, 16, 32)
    sizes = [(45, 61), (20, 28), (9, 13), (4, 6), (1, 2)]  # without padding, of 96 x 128
    maps = [torch.ones(1, 8 + i, *size) for i, size in enumerate(sizes)]
    on_levels(Spy(), inception, find_levels(inception), channels=12).module(maps)
    doubling = [(96, 128), (48, 64), (24, 32), (12, 16), (6, 8), (3, 4)]
    assert seen == [(c, *size) for c, size in zip([0, 8, 9, 10, 11, 12], doubling, strict=True)]


def test_too_few_levels_are_refused_with_a_way_out() -> None:
    with pytest.raises(RecipeError, match=r"needs 4 levels, and gets 2(?s:.*)choose unet"):
        network("fpn", options={"widths": [8, 8]})


def test_maps_that_are_too_small_are_refused_before_training() -> None:
    with pytest.raises(RecipeError, match=r"maps of 32 x 32 images(?s:.*)output_stride"):
        network("pan", size=(32, 32))


@pytest.mark.slow
@pytest.mark.other_cases("long", every=5)
@pytest.mark.parametrize(
    ("backbone", "stride", "maps"),
    [
        ("resnet18", 32, [(64, 2), (64, 4), (128, 8), (256, 16), (512, 32)]),
        # A convolution behind the last stage is the classifier's.
        ("mobilenetv3_small_050", 32, [(16, 2), (8, 4), (16, 8), (24, 16), (288, 32), (1024, 32)]),
        # Behind ConvNeXt's last stage is a norm.
        ("test_convnext", 32, [(24, 4), (32, 8), (48, 16), (64, 32), (64, 32)]),
        ("test_vit", 32, [(64, 16)] * 4),
        ("swin_s3_tiny_224", 32, [(96, 4), (192, 8), (384, 16), (768, 32), (768, 32)]),
        ("levit_128s", 64, [(128, 16), (256, 32), (384, 64)]),
        ("vit_tiny_r_s16_p8_224", 32, [(192, 32)] * 4),
        ("test_efficientnet", 32, [(16, 2), (24, 4), (32, 8), (48, 16), (64, 32), (256, 32)]),
        ("regnetx_002", 32, [(32, 2), (24, 4), (56, 8), (152, 16), (368, 32)]),
        ("edgenext_xx_small", 32, [(24, 4), (48, 8), (88, 16), (168, 32), (168, 32)]),
        ("mobilevit_xxs", 32, [(16, 2), (24, 4), (48, 8), (64, 16), (320, 32)]),
        ("dla34", 32, [(32, 2), (64, 4), (128, 8), (256, 16), (512, 32)]),
        ("inception_next_atto", 32, [(40, 4), (80, 8), (160, 16), (320, 32)]),
        ("tresnet_m", 32, [(64, 4), (128, 8), (1024, 16), (2048, 32)]),
        ("coat_tiny", 32, [(152, 4), (152, 8), (152, 16), (152, 32)]),
    ],
)
def test_timms_families_give_their_pyramid_and_the_classifier_sees_what_it_saw(
    backbone: str, stride: int, maps: list[tuple[int, int]]
) -> None:
    size = (stride * 2, stride * 4)
    net = network("unet", size=size, backbone=backbone).eval()
    alone = ModelSpec.model_validate({"backbone": backbone, "pretrained": False})
    classifier = build_network(alone, n_outputs={"classify": 3}, image_size=size).eval()
    images = torch.randn(1, 3, *size)
    found = [(one.shape[1], size[1] // one.shape[3]) for one in net.features(images).maps]
    assert found == maps
    assert net.stride == stride
    state = {k: v for k, v in net.state_dict().items() if not k.startswith("heads.segment.")}
    classifier.load_state_dict(state)  # the same names
    with torch.no_grad():
        # Pooling adds up in another order where the map lies otherwise in memory.
        torch.testing.assert_close(
            net(images)["classify"], classifier(images)["classify"], rtol=1e-5, atol=1e-6
        )
