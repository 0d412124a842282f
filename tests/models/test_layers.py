"""Slices of a backbone's layers: what freezes, and what learns on."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.layers import layers_of
from podium.models.network import Network, build_network, set_frozen
from podium.models.spec import ModelSpec

SMALL = {"embed_dim": 24, "depth": 4, "num_heads": 2}
CLIP = "vit_base_patch32_clip_224"
DINO = "vit_small_patch14_reg4_dinov2"
BACKBONES: list[tuple[str, dict[str, Any], int]] = [
    ("cnn", {"widths": [4, 6, 8]}, 0),
    (CLIP, {**SMALL, "drop_rate": 0.1}, 64),
    (DINO, SMALL, 56),
    ("resnet18", {}, 64),
    ("test_convnext", {}, 64),
    ("test_efficientnet", {}, 64),
]


def network(name: str, options: dict[str, Any], side: int = 0) -> Network:
    torch.manual_seed(0)
    spec = ModelSpec(backbone=name, pretrained=False, options=options, drop_path=0.1)
    size = (side, side) if side else None
    return build_network(spec, n_outputs={"classify": 3}, image_size=size)


def named(net: Network, *, learns: bool) -> set[str]:
    """Return the first names of the backbone's parameters, of blocks and stages two."""
    found = set()
    for name, parameter in net.backbone.named_parameters():
        first, second, *_ = [*name.split("."), ""]
        if parameter.requires_grad == learns:
            is_one_of_many = first in ("blocks", "stages")
            found.add(f"{first}.{second}" if is_one_of_many else first)
    return found


def asleep(net: Network) -> set[str]:
    return {name for name, module in net.backbone.named_modules() if not module.training}


def test_the_tokens_and_the_norm_before_the_blocks_belong_to_the_first_layer() -> None:
    clip, dino = network(CLIP, SMALL, 64), network(DINO, SMALL, 56)
    set_frozen(clip, ["backbone[:1]"])
    set_frozen(dino, ["backbone[:1]"])
    assert named(clip, learns=False) == {"cls_token", "pos_embed", "patch_embed", "norm_pre"}
    assert named(dino, learns=False) == {"cls_token", "reg_token", "pos_embed", "patch_embed"}


@pytest.mark.parametrize(("name", "side"), [(CLIP, 64), (DINO, 56)])
def test_the_last_two_blocks_learn_and_the_last_norm_with_them(name: str, side: int) -> None:
    net = network(name, SMALL, side)
    set_frozen(net, ["backbone[:-2]"])
    assert named(net, learns=True) == {"blocks.2", "blocks.3", "norm"}
    assert {"blocks.0", "blocks.1", "patch_embed"} <= named(net, learns=False)


def test_the_stages_of_a_convolutional_network_are_its_layers() -> None:
    net = network("resnet18", {}, 64)
    set_frozen(net, ["backbone[:-2]"])
    assert named(net, learns=True) == {"layer3", "layer4"}
    assert named(net, learns=False) == {"conv1", "bn1", "layer1", "layer2"}
    tail = network("test_efficientnet", {}, 64)
    set_frozen(tail, ["backbone[:-1]"])
    assert {"conv_head", "bn2"} <= named(tail, learns=True)


def test_exactly_the_modules_of_frozen_layers_are_in_eval_mode() -> None:
    net = network("resnet18", {}, 64).train()
    set_frozen(net, ["backbone[1:3]"])
    inside = {n for n, _ in net.backbone.named_modules() if n.startswith(("layer1", "layer2"))}
    assert asleep(net) == inside
    net.train(False).train()
    assert asleep(net) == inside
    set_frozen(net, ["classify"])
    assert not asleep(net)


def test_dropout_after_the_positions_sleeps_with_them() -> None:
    net = network(CLIP, {**SMALL, "pos_drop_rate": 0.5}, 64).train()
    set_frozen(net, ["backbone[:2]"])
    assert {"pos_drop", "patch_embed", "norm_pre", "blocks.0", "blocks.0.attn"} <= asleep(net)
    assert not {"", "blocks", "blocks.1", "blocks.1.attn", "norm"} & asleep(net)


@pytest.mark.parametrize(("name", "options", "side"), BACKBONES)
def test_steps_move_the_layers_that_are_free_and_nothing_else(
    name: str, options: dict[str, Any], side: int
) -> None:
    net = network(name, options, side)
    set_frozen(net, ["backbone[:-1]"])
    layers = layers_of(net.backbone)
    last = layers.parameters({layers.n - 1})
    before = copy.deepcopy(net.backbone.state_dict())
    step(net, side or 32)
    norms = {n for n, m in net.backbone.named_modules() if isinstance(m, nn.BatchNorm2d)}
    for key, tensor in net.backbone.state_dict().items():
        is_same = torch.equal(tensor, before[key])
        if key in before and key in dict(net.backbone.named_parameters()):
            assert is_same == (key not in last), key
        elif key.rpartition(".")[0] in norms:  # statistics
            assert is_same == (f"{key.rpartition('.')[0]}.weight" not in last), key


def step(net: Network, side: int) -> None:
    learnt = [p for p in net.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(learnt, lr=0.1, weight_decay=0.1)
    for _ in range(2):
        net.train()
        images = torch.randn(4, 3, side, side)
        (net(images)["classify"] * torch.tensor([1.0, 2, 3])).square().mean().backward()
        optimizer.step()


def test_slices_add_up_and_stand_beside_parts() -> None:
    net = network("cnn", {"widths": [4, 6, 8]})
    set_frozen(net, ["backbone[:1]", "backbone[-1:]", "classify"])
    assert named(net, learns=True) == {"stages.1"}
    assert not any(p.requires_grad for p in net.heads.parameters())
    assert not net.train().heads["classify"].training


def test_a_copy_without_heads_keeps_the_slice() -> None:
    net = network("cnn", {"widths": [4, 6, 8]}).train()
    set_frozen(net, ["backbone[:-1]", "classify"])
    copied = net.with_heads(()).train()
    assert set(copied.parts) == {"backbone"}
    assert copied.frozen == {"backbone[:-1]"}
    assert asleep(copied) == asleep(net) != set()
    assert list(net.heads) == ["classify"]


@pytest.mark.parametrize("wrong", ["backbone[:9]", "backbone[:]", "backbone[-9:]"])
def test_a_slice_that_is_the_whole_backbone_is_refused(wrong: str) -> None:
    with pytest.raises(RecipeError, match=r"all of the backbone's 3 layers(?s:.*)write backbone,"):
        set_frozen(network("cnn", {"widths": [4, 6, 8]}), [wrong])


@pytest.mark.parametrize("wrong", ["backbone[:-3]", "backbone[5:]", "backbone[2:1]"])
def test_a_slice_without_a_layer_is_refused(wrong: str) -> None:
    with pytest.raises(RecipeError, match=r"(?s)the backbone has 3.*backbone\[:2\], or"):
        set_frozen(network("cnn", {"widths": [4, 6, 8]}), [wrong])


@pytest.mark.parametrize("wrong", ["backbone[1]", "backbone[::2]", "classify[:-1]", "backbone[a:]"])
def test_what_is_no_slice_is_no_part(wrong: str) -> None:
    with pytest.raises(RecipeError, match=r"is no part(?s:.*)backbone\[:-2\]"):
        set_frozen(network("cnn", {"widths": [4, 6, 8]}), [wrong])


class Silent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3)

    def forward(self, images: Tensor) -> Tensor:
        made: Tensor = self.convolution(images)
        return made


def test_a_backbone_that_does_not_group_its_layers_is_refused_with_a_fix() -> None:
    net = Network(Silent(), {"classify": nn.Linear(4, 2)}, mean=(0.5,) * 3, std=(0.5,) * 3)
    with pytest.raises(RecipeError, match=r"does not group its layers(?s:.*)group_matcher"):
        set_frozen(net, ["backbone[:-1]"])
    set_frozen(net, ["backbone"])
