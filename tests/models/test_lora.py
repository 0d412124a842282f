"""Low-rank adaptation: the start is the pretrained network, and only the additions learn."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import timm
import torch
from torch import nn

from podium.errors import RecipeError
from podium.models.lora import LoraConv, LoraLinear, add_lora, is_lora, lora_facts
from podium.models.network import Network, build_network, set_frozen, train_mode
from podium.models.spec import LoraSpec, ModelSpec

SMALL = {"embed_dim": 24, "depth": 3, "num_heads": 2}
CLIP = "vit_base_patch32_clip_224"
DINO = "vit_small_patch14_dinov2"


def network(
    name: str, options: dict[str, Any], side: int, lora: dict[str, Any] | None, **heads: Any
) -> Network:
    torch.manual_seed(0)
    spec = ModelSpec.model_validate(
        {
            "backbone": name,
            "pretrained": False,
            "options": options,
            "lora": lora,
            "heads": heads or {"classify": {}},
        }
    )
    n_outputs = dict.fromkeys(heads or {"classify": {}}, 3)
    return build_network(spec, n_outputs=n_outputs, image_size=(side, side))


def learns(net: Network) -> set[str]:
    return {name for name, p in net.named_parameters() if p.requires_grad}


def steps(net: Network, side: int, n: int = 2) -> None:
    optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.5)
    for _ in range(n):
        train_mode(net)
        net(torch.randn(4, 3, side, side))["classify"].square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()


def by_loops(layer: LoraLinear, x: list[float], alpha: float) -> list[float]:
    """Return W x + b + (alpha / r) B (A x) in plain Python."""
    w, a, b = layer.base_weight.tolist(), layer.lora_a.tolist(), layer.lora_b.tolist()
    low = [sum(a[k][j] * x[j] for j in range(len(x))) for k in range(len(a))]
    return [
        sum(w[i][j] * x[j] for j in range(len(x)))
        + layer.bias[i].item()
        + alpha / len(a) * sum(b[i][k] * low[k] for k in range(len(a)))
        for i in range(len(w))
    ]


def test_a_layer_computes_equation_3() -> None:
    backbone = nn.Sequential(nn.Linear(5, 4))
    add_lora(backbone, LoraSpec(rank=2, alpha=6, layers=("0",)))
    layer = backbone[0]
    assert isinstance(layer, LoraLinear)
    nn.init.normal_(layer.lora_b)
    x = torch.randn(3, 5)
    expected = [by_loops(layer, one.tolist(), 6) for one in x]
    torch.testing.assert_close(layer(x), torch.tensor(expected))
    torch.testing.assert_close(x @ layer.weight.T + layer.bias, torch.tensor(expected))


def test_a_convolution_of_one_pixel_is_a_linear_layer_of_every_pixel() -> None:
    backbone = nn.Sequential(nn.Conv2d(4, 6, 1, stride=2, padding=1))
    linear = nn.Sequential(nn.Linear(4, 6))
    linear[0].load_state_dict(
        {k: v.flatten(1) if v.ndim > 1 else v for k, v in backbone[0].state_dict().items()}
    )
    for one in (backbone, linear):
        add_lora(one, LoraSpec(rank=2, alpha=3, layers=("0",)))
    assert isinstance(backbone[0], LoraConv)
    nn.init.normal_(backbone[0].lora_b)
    linear[0].load_state_dict(
        {k: v.flatten(1) if v.ndim > 1 else v for k, v in backbone[0].state_dict().items()}
    )
    maps = torch.randn(2, 4, 5, 7)
    padded = nn.functional.pad(maps, (1, 1, 1, 1))[:, :, ::2, ::2]
    expected = linear(padded.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    torch.testing.assert_close(backbone(maps), expected)
    merged = nn.functional.conv2d(maps, backbone[0].weight, backbone[0].bias, 2, 1)
    torch.testing.assert_close(merged, expected)


@pytest.mark.parametrize(
    ("name", "options", "side", "lora"),
    [
        (CLIP, SMALL, 64, {}),
        (DINO, SMALL, 56, {"rank": 4, "layers": ["qkv", "proj", "fc1", "fc2"]}),
        ("test_convnext", {}, 64, {"layers": ["fc1"]}),
        ("test_efficientnet", {}, 64, {"layers": ["conv_pw"]}),
        ("resnet18", {}, 64, {"layers": ["0"]}),
    ],
)
def test_the_start_is_the_network_without_lora_to_the_bit(
    name: str, options: dict[str, Any], side: int, lora: dict[str, Any]
) -> None:
    plain, net = network(name, options, side, None), network(name, options, side, lora)
    state = net.state_dict()
    assert {key for key in state if not is_lora(key)} == plain.state_dict().keys()
    assert any(is_lora(key) for key in state)
    assert all(torch.equal(state[key], one) for key, one in plain.state_dict().items())
    images = torch.randn(2, 3, side, side)
    assert torch.equal(net.eval()(images)["classify"], plain.eval()(images)["classify"])
    a = [one for key, one in state.items() if key.endswith("lora_a")]
    b = [one for key, one in state.items() if key.endswith("lora_b")]
    assert all(one.std() > 0 for one in a)
    assert not any(one.any() for one in b)
    steps(net, side)
    assert not torch.equal(net.eval()(images)["classify"], plain(images)["classify"])


def test_default_layers_are_those_of_attention() -> None:
    net = network(CLIP, SMALL, 64, {})
    found = {name for name in learns(net) if name.startswith("backbone")}
    assert found == {
        f"backbone.blocks.{k}.attn.{layer}.lora_{one}"
        for k in range(3)
        for layer in ("qkv", "proj")
        for one in "ab"
    }
    apart = network("eva02_base_patch16_clip_224", SMALL, 64, {})
    layers = {name.split(".")[-2] for name in learns(apart) if name.startswith("backbone")}
    assert layers == {"q_proj", "k_proj", "v_proj", "proj"}


def test_only_the_additions_and_the_head_move_and_batch_norm_stays() -> None:
    net = network("test_efficientnet", {}, 64, {"layers": ["conv_pw"]}).train()
    before = copy.deepcopy(net.state_dict())
    steps(net, 64)
    for key, one in net.state_dict().items():
        is_free = is_lora(key) or key.startswith("heads.")
        assert torch.equal(one, before[key]) != is_free, key
    norms = [one for one in net.backbone.modules() if isinstance(one, nn.BatchNorm2d)]
    assert norms
    assert not any(one.training for one in norms)
    assert net.backbone.training


def test_statistics_rest_before_and_after_phases_and_in_copies() -> None:
    net = network("test_efficientnet", {}, 64, {"layers": ["conv_pw"]})
    for one in (net, copy.deepcopy(net).train(), net.with_heads(()).train()):
        for frozen in (["backbone[:-1]"], []):
            norms = [m for m in one.backbone.modules() if isinstance(m, nn.BatchNorm2d)]
            assert not any(m.training for m in norms)
            one.freeze_only(frozen)


def test_phases_freeze_additions_like_the_layers_they_are_in() -> None:
    net = network(DINO, SMALL, 56, {})
    set_frozen(net, ["backbone[:-1]"])
    assert {n.split(".")[2] for n in learns(net) if n.startswith("backbone")} == {"2"}
    assert all(is_lora(name) for name in learns(net) if name.startswith("backbone"))
    set_frozen(net, ["backbone"])
    assert not any(name.startswith("backbone") for name in learns(net))
    set_frozen(net, [])
    assert {n.split(".")[2] for n in learns(net) if n.startswith("backbone")} == {"0", "1", "2"}
    assert all(is_lora(name) for name in learns(net) if name.startswith("backbone"))


def test_a_network_that_reads_the_weight_itself_learns_all_the_same() -> None:
    # BEiT multiplies by qkv.weight with a bias that it makes of two.
    net = network("beit_base_patch16_224", SMALL, 32, {"layers": ["qkv"]})
    net(torch.randn(2, 3, 32, 32))["classify"].square().mean().backward()
    gradients = [p.grad for name, p in net.named_parameters() if name.endswith("lora_b")]
    assert len(gradients) == 3
    assert all(one is not None and one.any() for one in gradients)


def test_attention_over_slices_is_not_pretrained_and_learns() -> None:
    spec = ModelSpec.model_validate(
        {"backbone": DINO, "pretrained": False, "options": SMALL, "lora": {}}
        | {"slices": {"channels": 3, "pool": "attention"}}
    )
    net = build_network(spec, n_outputs={"classify": 3}, in_chans=6, image_size=(28, 28))
    assert "backbone.slice_attention.query" in learns(net)


def test_a_checkpoint_loads_back() -> None:
    net = network(CLIP, SMALL, 64, {})
    steps(net, 64)
    again = network(CLIP, SMALL, 64, {})
    again.load_state_dict(net.state_dict())
    images = torch.randn(2, 3, 64, 64)
    assert torch.equal(net.eval()(images)["classify"], again.eval()(images)["classify"])


def test_half_precision_of_autocast_and_double() -> None:
    net = network(CLIP, SMALL, 64, {})
    with torch.autocast("cpu", dtype=torch.bfloat16):
        net(torch.randn(2, 3, 64, 64))["classify"].float().square().mean().backward()
    assert all(p.grad is not None for p in net.parameters() if p.requires_grad)
    assert net.double()(torch.randn(2, 3, 64, 64).double())["classify"].dtype == torch.float64


@pytest.mark.parametrize(
    ("name", "options", "side", "lora", "message"),
    [
        (CLIP, SMALL, 64, {"layers": ["qkw"]}, r"named qkw(?s:.*)has fc1 .* proj .*, qkv \(3,"),
        (CLIP, SMALL, 64, {"layers": ["qkv", "fc3"]}, r"named fc3(?s:.*)blocks\.0\.attn\.qkv\)"),
        ("resnet18", {}, 64, {}, r'of attention(?s:.*)has "0" \(3, as layer2\.0\.downsample\.0\):'),
        ("cnn", {"widths": [4]}, 32, {}, r"convolution of attention(?s:.*)leave model.lora out"),
    ],
)
def test_layers_that_are_not_there_are_refused_with_those_that_are(
    name: str, options: dict[str, Any], side: int, lora: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        network(name, options, side, lora)


def test_what_learns_of_a_backbone_is_counted() -> None:
    backbone = timm.create_model("resnet18", pretrained=False, num_classes=0)
    n = sum(one.numel() for one in backbone.parameters())
    assert lora_facts(backbone) == {}
    add_lora(backbone, LoraSpec(rank=3, layers=("0",)))
    learnt = 3 * ((64 + 128) + (128 + 256) + (256 + 512))  # from and to the channels of a stage
    required = {"rank": 3, "layers": {"0": 3}, "learnt": learnt, "weights": n + learnt}
    assert lora_facts(backbone) == required
