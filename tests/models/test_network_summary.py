"""Parts of networks: what they weigh and give is what the network itself weighs and gives."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from podium.models.network import Network, build_network, set_frozen
from podium.models.network_summary import (
    NETWORK_FILE,
    NetworkPart,
    NetworkSummary,
    read_network_summary,
    write_network_summary,
)
from podium.models.spec import ModelSpec
from podium.models.summarise import frozen_parts, head_inputs, network_parts

BACKBONES = ["test_resnet", "test_vit", "test_convnext", "test_efficientnet", "wide_resnet"]
SMALL = {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 6, 8, 8]}}
SEGFORMER = {"decoder": "segformer"}
TWO: dict[str, Any] = {**SMALL, "heads": {"classify": {"dropout": 0.5}, "segment": SEGFORMER}}
SWIN = {
    "backbone": "swin_tiny_patch4_window7_224",
    "options": {"embed_dim": 24, "depths": [1, 1], "num_heads": [1, 2]},
}
OUTPUTS = {"classify": 3, "segment": 2}


def network(size: tuple[int, int] = (32, 32), **spec: Any) -> Network:
    torch.manual_seed(0)
    model = ModelSpec.model_validate({"pretrained": False, **spec})
    heads = spec.get("heads") or {"classify": {}}
    return build_network(model, n_outputs={one: OUTPUTS[one] for one in heads}, image_size=size)


def outputs_of(net: Network, name: str, images: Tensor) -> list[tuple[int, ...]]:
    """Return the shapes of all outputs of a module."""
    found: list[tuple[int, ...]] = []
    handle = net.get_submodule(name).register_forward_hook(
        lambda _, __, output: found.append(tuple(output.shape[1:]))
    )
    with torch.no_grad():
        net.eval()(images)
    handle.remove()
    return found


@pytest.mark.parametrize("name", BACKBONES)
def test_parts_together_weigh_what_the_network_does(name: str) -> None:
    size = (160, 160) if name.startswith("test_") else (32, 32)
    net = network(size, backbone=name)
    parts = network_parts(net, size)
    assert sum(one.parameters for one in parts) == sum(one.numel() for one in net.parameters())
    assert all(one.shape is not None for one in parts)
    assert len({one.layer for one in parts if one.of == "backbone"}) >= 4
    deepest = [one for one in parts if one.of == "backbone"][-1]
    with torch.no_grad():
        real = net.eval().features(torch.zeros(1, 3, *size)).deepest.shape[1:]
    # Of a transformer the tokens, and the one of the class beside them.
    as_tokens = (real[1] * real[2] + 1, real[0])
    assert deepest.shape in (tuple(real), as_tokens)


def test_each_part_gives_what_its_module_gives() -> None:
    size = (32, 48)
    net = network(size, **TWO)
    images = torch.zeros(1, 3, *size)
    reported = {(one.of, one.name): one.shape for one in network_parts(net, size)}
    modules = {
        ("backbone", "stages.0"): "backbone.stages.0",
        ("backbone", "stages.1"): "backbone.stages.1",
        ("backbone", "stages.2"): "backbone.stages.2",
        ("backbone", "stages.3"): "backbone.stages.3",
        ("classify", "pool"): "heads.classify.pool",
        ("classify", "linear"): "heads.classify.linear",
        ("segment", "decoder"): "heads.segment.decoder",
        ("segment", "convolution"): "heads.segment.convolution",
        ("segment", "logits"): "heads.segment",
    }
    assert list(reported) == list(modules), "dropout changes no shape, and is no part"
    for part, module in modules.items():
        assert [reported[part]] == outputs_of(net, module, images)[-1:], part
    assert reported["backbone", "stages.0"] == (4, 16, 24)
    assert reported["segment", "logits"] == (2, 32, 48)


def test_maps_with_channels_last_are_reported_channels_first() -> None:
    size = (56, 112)
    net = network(size, **SWIN)
    reported = {one.name: one.shape for one in network_parts(net, size)}
    for name, shape in (("layers.0", (24, 14, 28)), ("layers.1", (48, 7, 14))):
        assert (
            outputs_of(net, f"backbone.{name}", torch.zeros(1, 3, *size))[-1]
            == shape[1:] + shape[:1]
        )
        assert reported[name] == shape


SOME = [["backbone[:-1]"], ["backbone[1:2]", "segment"]]


@pytest.mark.parametrize(
    ("spec", "freeze"),
    [
        *((TWO, one) for one in ([], ["backbone"], ["classify"], ["segment"], *SOME)),
        *(({**TWO, "backbone": "test_resnet", "options": {}}, one) for one in SOME),
    ],
)
def test_frozen_parts_are_those_that_freezing_leaves_without_gradient(
    spec: dict[str, Any], freeze: list[str]
) -> None:
    net = network((64, 64), **spec)
    parts = network_parts(net, (64, 64))
    set_frozen(net, freeze)
    frozen = frozen_parts(parts, freeze)
    learnt = sum(one.parameters for one, still in zip(parts, frozen, strict=True) if not still)
    assert learnt == sum(one.numel() for one in net.parameters() if one.requires_grad)
    named = {one.of for one, still in zip(parts, frozen, strict=True) if still}
    assert named == {one.partition("[")[0] for one in freeze}


def test_lora_trains_few_of_the_backbones_numbers() -> None:
    net = network((160, 160), backbone="test_vit", lora={"rank": 2})
    parts = network_parts(net, (160, 160))
    assert sum(one.learnable for one in parts) == sum(
        one.numel() for one in net.parameters() if one.requires_grad
    )
    blocks = [one for one in parts if one.name.startswith("blocks.")]
    assert blocks
    assert all(0 < one.learnable < one.parameters for one in blocks)
    assert frozen_parts(parts, [])[0], "no rank is put beside the patches"


def test_nothing_happens_to_the_network_nor_to_what_is_drawn() -> None:
    net = network(**TWO).train()
    set_frozen(net, ["backbone"])
    before, state = copy.deepcopy(net.state_dict()), torch.get_rng_state()
    modes = [one.training for one in net.modules()]
    learnt = [one.requires_grad for one in net.parameters()]
    network_parts(net, (32, 32))
    assert torch.equal(torch.get_rng_state(), state)
    assert [one.training for one in net.modules()] == modes
    assert [one.requires_grad for one in net.parameters()] == learnt
    for name, value in net.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert not any(one._forward_hooks for one in net.modules())


class Stubborn(nn.Module):
    """A backbone without `group_matcher`, which needs numbers, and draws some."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 5, 3)
        self.scale = nn.Parameter(torch.ones(2))

    def forward(self, images: Tensor) -> Tensor:
        maps: Tensor = self.first(images)
        torch.rand(3)
        return self.second(maps) * float(maps.mean())  # of a tensor without numbers an error


def test_a_network_that_cannot_run_without_numbers_has_parts_without_shapes() -> None:
    net = network(**SMALL)
    net.backbone = Stubborn()
    state = torch.get_rng_state()
    parts = network_parts(net, (16, 16))
    assert torch.equal(torch.get_rng_state(), state)
    backbone = [(one.name, one.parameters, one.layer) for one in parts if one.of == "backbone"]
    assert backbone == [("backbone", 2, None), ("first", 112, None), ("second", 185, None)]
    assert parts[2].shape == (5, 12, 12), "what was seen before it failed"
    assert [(one.name, one.shape) for one in parts[3:]] == [("linear", None)]
    assert frozen_parts(parts, ["backbone"])[:3] == (True, True, True)


UNET = {"decoder": "unet", "options": {"decoder_channels": [8, 8, 8, 4], "depth": 4}}
CNN = [f"stages.{number}" for number in range(4)]
RESNET = ["stem", "layer1", "layer2", "layer3", "layer4"]
CONVNEXT = [*CNN, "stages.3"]  # before its last norm, and behind it


@pytest.mark.slow
@pytest.mark.other_cases("long", every=3)
@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ({**SMALL, "heads": {"segment": UNET}}, CNN),
        ({**SMALL, "heads": {"classify": {}, "segment": SEGFORMER}}, CNN),
        ({**SMALL, "heads": {"classify": {}, "segment": {"decoder": "linear"}}}, CNN[-1:]),
        ({"backbone": "test_resnet", "heads": {"segment": {"decoder": "unet"}}}, RESNET),
        ({"backbone": "test_resnet", "heads": {"segment": {"decoder": "deeplabv3plus"}}}, RESNET),
        (
            {
                "backbone": "test_convnext",
                "heads": {"classify": {}, "segment": {"decoder": "upernet"}},
            },
            CONVNEXT,
        ),
    ],
)
def test_a_head_reads_the_maps_that_change_its_output(
    spec: dict[str, Any], names: list[str]
) -> None:
    side = 160 if spec["backbone"] == "test_convnext" else 64
    net = network((side, side), **spec)
    before = {name: one.clone() for name, one in net.state_dict().items()}
    parts = network_parts(net, (side, side))
    found = head_inputs(net, (side, side), parts)
    assert net.training
    assert all(torch.equal(one, before[name]) for name, one in net.state_dict().items())
    net.eval()
    with torch.no_grad():
        features = net.features(torch.randn(1, 3, side, side))
        assert len(features.maps) == len(names)
        for task, head in net.heads.items():
            predicted, read = head(features), set()
            for number, name in enumerate(names):
                maps = list(features.maps)
                maps[number] = maps[number] + torch.randn_like(maps[number])
                if not torch.equal(head(replace(features, maps=tuple(maps))), predicted):
                    read.add(name)
            assert {parts[at].name for at in found[task]} == read, task


@pytest.mark.slow
def test_of_equal_maps_only_the_last_is_reported() -> None:
    heads = {"classify": {}, "segment": {"decoder": "dpt"}}
    net = network((160, 160), backbone="test_vit", heads=heads)
    parts = network_parts(net, (160, 160))
    found = head_inputs(net, (160, 160), parts)
    assert found.keys() == heads.keys()
    for of in found.values():
        assert [parts[at].name for at in of] == ["blocks.5"]


def test_without_a_forward_pass_no_head_has_inputs() -> None:
    net = network(**SMALL)
    net.heads["classify"].forward = lambda _: 1 / 0  # type: ignore[method-assign]
    assert head_inputs(net, (32, 32), network_parts(net, (32, 32))) == {}


def anatomy(**changes: Any) -> NetworkSummary:
    parts = (
        NetworkPart("stem", "backbone", (4, 8, 8), 30, 30, 0),
        NetworkPart("own", "classify", None, 5, 5),
    )
    reported: dict[str, Any] = {"phases": ("a", "b"), "frozen": ((True, False), (False, False))}
    reported |= {"reads": {"classify": (0,)}, **changes}
    return NetworkSummary("cnn", (3, 16, 16), parts, **reported)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_network_summary(tmp_path, anatomy())
    assert read_network_summary(tmp_path) == anatomy()
    assert anatomy().parameters == 35
    facts = json.loads((tmp_path / NETWORK_FILE).read_text())
    del facts["reads"]  # as it was written before
    (tmp_path / NETWORK_FILE).write_text(json.dumps(facts))
    assert read_network_summary(tmp_path) == anatomy(reads={})


@pytest.mark.parametrize(
    "change",
    [
        {"parts": None},
        {"frozen": [[True], [True]]},
        {"phases": ["a"]},
        {"image": [3, 4]},
        {"format": 2},
        {"reads": {"classify": [2]}},
        {"reads": [0]},
    ],
)
def test_a_damaged_file_has_no_network_summary(tmp_path: Path, change: dict[str, Any]) -> None:
    write_network_summary(tmp_path, anatomy())
    facts = json.loads((tmp_path / NETWORK_FILE).read_text())
    (tmp_path / NETWORK_FILE).write_text(json.dumps({**facts, **change}))
    assert read_network_summary(tmp_path) is None
    (tmp_path / NETWORK_FILE).write_text("{")
    assert read_network_summary(tmp_path) is None
    assert read_network_summary(tmp_path / "nowhere") is None
