"""Gradient checkpointing: less is kept for the way back, and nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec

SMALL = {"embed_dim": 24, "depth": 4, "num_heads": 2}
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("resnet18", {}, {"classify": {}}),
    ("resnet18", {}, {"classify": {}, "segment": {"options": {"decoder_channels": [8] * 5}}}),
    ("test_efficientnet", {"drop_rate": 0.2}, {"classify": {}}),
    ("vit_base_patch32_clip_224", {**SMALL, "proj_drop_rate": 0.3}, {"classify": {}}),
    ("test_convnext", {}, {"classify": {}}),
]


def network(name: str, options: dict[str, Any], heads: dict[str, Any], **more: Any) -> Network:
    torch.manual_seed(0)
    spec = ModelSpec.model_validate(
        {"backbone": name, "pretrained": False, "options": options, "drop_path": 0.2}
        | {"heads": heads, **more}
    )
    return build_network(spec, n_outputs=dict.fromkeys(heads, 3), image_size=(64, 64)).train()


def step(net: Network) -> tuple[int, Tensor]:
    """Do a forward and a backward pass; return how many bytes were kept between, and a draw."""
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        if not isinstance(tensor, nn.Parameter):
            kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    torch.manual_seed(5)
    images = torch.randn(4, 3, 64, 64)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda one: one):
        loss = sum((one.square().mean() for one in net(images).values()), torch.zeros(()))
    loss.backward()
    return sum(kept.values()), torch.rand(3)


@pytest.mark.slow
@pytest.mark.other_cases("long", every=3)
@pytest.mark.parametrize(("name", "options", "heads"), CASES)
def test_gradients_statistics_and_draws_are_the_same_to_the_bit(
    name: str, options: dict[str, Any], heads: dict[str, Any]
) -> None:
    plain = network(name, options, heads)
    net = network(name, options, heads, checkpointing=True)
    assert plain.state_dict().keys() == net.state_dict().keys()
    for _ in range(2):
        most, draw = step(plain)
        few, drawn = step(net)
        assert torch.equal(draw, drawn)
    assert few < 0.8 * most
    for (key, one), other in zip(plain.named_parameters(), net.parameters(), strict=True):
        assert one.grad is not None, key
        assert torch.equal(one.grad, other.grad), key
    for (key, one), other in zip(plain.named_buffers(), net.buffers(), strict=True):
        assert torch.equal(one, other), key


def test_without_the_guard_statistics_count_every_batch_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The trap is real: timm's checkpointing alone moves batch norm again on the way back."""
    name, options, heads = CASES[0]
    plain, net = network(name, options, heads), network(name, options, heads)
    net.backbone.set_grad_checkpointing(True)
    step(plain), step(net)
    counts = [one.backbone.layer1[0].bn1.num_batches_tracked.item() for one in (plain, net)]
    assert counts == [1, 2]


@pytest.mark.parametrize("name", ["resnet18", "test_efficientnet"])
def test_two_forward_passes_before_the_way_back(name: str) -> None:
    # Without drop path blocks of EfficientNet end with a batch norm, in which running again ends.
    found = []
    for more in ({}, {"checkpointing": True}):
        net = network(name, {}, {"classify": {}}, drop_path=0, **more)
        torch.manual_seed(1)
        first, second = (net(torch.randn(4, 3, 64, 64))["classify"] for _ in range(2))
        (first - second).square().sum().backward()
        found.append([one.grad for one in net.parameters()] + list(net.buffers()))
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_frozen_layers_and_lora_have_the_same_gradients() -> None:
    found = []
    for more in ({}, {"checkpointing": True}):
        net = network(*CASES[2], lora={"layers": ["conv_pw"]}, **more)
        net.freeze_only(["backbone[:2]"])
        step(net)
        found.append(net)
    pairs = zip(found[0].named_parameters(), found[1].parameters(), strict=True)
    grads = [(key, one.grad, other.grad) for (key, one), other in pairs]
    assert any(one is not None for key, one, _ in grads if key.startswith("backbone"))
    for key, one, other in grads:
        assert (one is None and other is None) or torch.equal(one, other), key  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["cnn", "dla46_c"])
def test_a_network_without_it_is_refused(name: str) -> None:
    with pytest.raises(RecipeError, match=f"{name} has no gradient checkpointing"):
        network(name, {}, {"classify": {}}, drop_path=0, checkpointing=True)
