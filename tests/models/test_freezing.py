"""A frozen part keeps its weights and its batch-norm statistics, whatever training does."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch

from podium.errors import RecipeError
from podium.models.network import Network, build_network, set_frozen, train_mode
from podium.models.spec import ModelSpec


@pytest.fixture
def network() -> Network:
    spec = ModelSpec.model_validate(
        {"backbone": "cnn", "pretrained": False, "heads": {"classify": {"dropout": 0.5}}}
    )
    return build_network(spec, n_outputs={"classify": 3})


def three_steps(
    network: Network, mode: Callable[[Network], None] = train_mode
) -> dict[str, torch.Tensor]:
    before = copy.deepcopy(network.state_dict())
    free = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(free, lr=0.1, weight_decay=0.1)
    torch.manual_seed(0)
    for _ in range(3):
        mode(network)
        optimizer.zero_grad()
        logits = network(torch.randn(8, 3, 32, 32) * 3 + 1)["classify"]
        logits.square().mean().backward()
        optimizer.step()
    return before


def changed(network: Network, before: dict[str, torch.Tensor], part: str) -> set[str]:
    return {
        key
        for key, tensor in network.state_dict().items()
        if key.startswith(part) and not torch.equal(tensor, before[key])
    }


def test_a_frozen_backbone_keeps_weights_and_statistics_to_the_bit(network: Network) -> None:
    set_frozen(network, ["backbone"])
    before = three_steps(network)
    assert not changed(network, before, "backbone")
    assert changed(network, before, "heads")


def test_without_freezing_the_same_steps_move_statistics_too(network: Network) -> None:
    moved = changed(network, three_steps(network), "backbone")
    assert any(key.endswith("running_mean") for key in moved)
    assert any(key.endswith("weight") for key in moved)


def test_a_frozen_head_lets_the_backbone_learn(network: Network) -> None:
    set_frozen(network, ["classify"])
    before = three_steps(network)
    assert not changed(network, before, "heads")
    assert changed(network, before, "backbone")
    assert not network.heads["classify"].dropout.training


def test_the_next_phase_frees_what_it_does_not_name(network: Network) -> None:
    set_frozen(network, ["backbone"])
    network.eval()
    set_frozen(network, [])
    assert not network.backbone.training  # still evaluating: freeing changes no mode
    network.train()
    assert network.backbone.training
    assert changed(network, three_steps(network), "backbone")


def test_frozen_statistics_learn_as_by_a_loop_that_puts_batch_norms_to_eval(
    network: Network,
) -> None:
    three_steps(network)  # so that the statistics are those of some images
    by_hand = copy.deepcopy(network)

    def rest_by_hand(one: Network) -> None:
        one.train()
        for module in one.backbone.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.eval()

    set_frozen(network, [], statistics=True)
    before = three_steps(network)
    three_steps(by_hand, rest_by_hand)
    assert all(
        torch.equal(one, by_hand.state_dict()[key]) for key, one in network.state_dict().items()
    )
    assert changed(network, before, "backbone") == {
        f"backbone.{name}" for name, _ in network.backbone.named_parameters()
    }
    assert network.backbone.training
    assert network.heads["classify"].dropout.training


def test_statistics_are_free_again_in_the_next_phase_and_in_every_head() -> None:
    cosine = {"cosine": {"scale": 16, "size": 8}}  # its embedding has a batch norm
    spec = ModelSpec.model_validate(
        {"backbone": "cnn", "pretrained": False, "heads": {"classify": cosine}}
    )
    network = build_network(spec, n_outputs={"classify": 3})
    set_frozen(network, [], statistics=True)
    moved = changed(network, three_steps(network), "")
    assert {key for key in moved if "running" in key} == {
        f"heads.classify.embedding.1.running_{what}" for what in ("mean", "var")
    }
    copied = network.with_heads(["classify"])
    assert not changed(copied, three_steps(copied), "backbone") & {*dict(copied.named_buffers())}
    set_frozen(network, [])
    moved = changed(network, three_steps(network), "backbone")
    assert any(key.endswith("running_var") for key in moved)


def test_a_network_without_batch_norm_learns_the_same_with_frozen_statistics() -> None:
    spec = ModelSpec.model_validate(
        {
            "backbone": "vit_tiny_patch16_224",
            "pretrained": False,
            "options": {"patch_size": 8, "embed_dim": 12, "depth": 2, "num_heads": 2},
        }
    )
    network = build_network(spec, n_outputs={"classify": 3}, image_size=(32, 32))
    other = copy.deepcopy(network)
    set_frozen(other, [], statistics=True)
    for one in (network, other):
        three_steps(one)
    assert all(
        torch.equal(one, other.state_dict()[key]) for key, one in network.state_dict().items()
    )


def test_a_wrapper_that_calls_train_on_its_children_keeps_the_part_frozen(
    network: Network,
) -> None:
    set_frozen(network, ["backbone"])
    torch.nn.Sequential(network).train()
    assert not network.backbone.training
    assert network.heads["classify"].training


def test_parameters_that_are_never_trained_stay_asleep_when_a_part_is_freed(
    network: Network,
) -> None:
    kernel = next(network.backbone.parameters()).requires_grad_(False)
    rebuilt = Network(network.backbone, network.heads, mean=network.mean, std=network.std)
    set_frozen(rebuilt, ["backbone"])
    set_frozen(rebuilt, [])
    assert not kernel.requires_grad
    assert sum(p.requires_grad for p in rebuilt.parameters()) == len(list(rebuilt.parameters())) - 1


def test_an_unknown_part_is_refused_with_the_names_of_the_parts(network: Network) -> None:
    with pytest.raises(RecipeError, match=r"bakbone is no part(?s:.*)backbone, classify"):
        set_frozen(network, ["bakbone"])


def test_freezing_everything_is_refused(network: Network) -> None:
    with pytest.raises(RecipeError, match="nothing is left to train"):
        set_frozen(network, ["backbone", "classify"])
