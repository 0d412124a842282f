from __future__ import annotations

import copy

import pytest
import timm
import torch
from torch import nn

from podium.training.fit.averaging import AveragedNetwork, update_average


def student() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))


def moved(network: nn.Module) -> None:
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter))
    network.train()(torch.randn(8, 3))


def test_parameters_follow_the_formula_and_buffers_are_copied() -> None:
    network = student()
    average = AveragedNetwork(network, decay=0.5)
    by_hand = [p.detach().clone().double() for p in network.parameters()]
    for t in range(6):
        moved(network)
        average.update()
        decay = min(0.5, (1 + t) / (10 + t))
        by_hand = [
            decay * a + (1 - decay) * p.detach().double()
            for a, p in zip(by_hand, network.parameters(), strict=True)
        ]
    for got, wanted in zip(average.network.parameters(), by_hand, strict=True):
        torch.testing.assert_close(got.double(), wanted, atol=1e-6, rtol=1e-5)
    for got, wanted in zip(average.network.buffers(), network.buffers(), strict=True):
        assert torch.equal(got, wanted)


def test_the_first_updates_leave_the_initial_weights_quickly() -> None:
    network = student()
    average = AveragedNetwork(network, decay=0.999)
    start = network[0].weight.detach().clone()
    moved(network)
    average.update()
    after = network[0].weight.detach()
    share = (average.network[0].weight - start).norm() / (after - start).norm()
    assert abs(float(share) - 0.9) < 1e-5


def test_a_frozen_parameter_keeps_its_bits() -> None:
    network = student()
    network[0].requires_grad_(False)
    average = AveragedNetwork(network, decay=0.9)
    before = network[0].weight.clone()
    for _ in range(5):
        average.update()
    assert torch.equal(average.network[0].weight, before)


def test_a_restored_average_continues_as_the_unbroken_one() -> None:
    network = student()
    unbroken, broken = (AveragedNetwork(network, decay=0.9) for _ in range(2))
    for _ in range(3):
        moved(network)
        unbroken.update()
        broken.update()
    restored = AveragedNetwork(network, decay=0.9)
    restored.load_state_dict(broken.state_dict())
    moved(network)
    unbroken.update()
    restored.update()
    pairs = zip(unbroken.network.parameters(), restored.network.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_follower_moves_by_the_rest_of_its_decay() -> None:
    network = student()
    teacher = copy.deepcopy(network)
    moved(network)
    before = [p.detach().clone().double() for p in teacher.parameters()]
    update_average(teacher, network, decay=0.97)
    for got, old, theirs in zip(teacher.parameters(), before, network.parameters(), strict=True):
        wanted = 0.97 * old + 0.03 * theirs.detach().double()
        torch.testing.assert_close(got.detach().double(), wanted, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("buffers", ["copy", "own"])
def test_a_followers_buffers_are_copied_or_its_own(buffers: str) -> None:
    network = student()
    teacher = copy.deepcopy(network)
    moved(network)
    own = [one.clone() for one in teacher.buffers()]
    update_average(teacher, network, decay=0.5, buffers=buffers)  # type: ignore[arg-type]
    theirs = list(network.buffers())
    assert not torch.equal(own[0], theirs[0])
    wanted = theirs if buffers == "copy" else own
    assert all(torch.equal(a, b) for a, b in zip(teacher.buffers(), wanted, strict=True))


def test_statistics_may_be_averaged_as_parameters_are_and_integers_are_copied() -> None:
    network = student()
    teacher = copy.deepcopy(network)
    moved(network)
    before = copy.deepcopy(teacher)
    update_average(teacher, network, decay=0.7, buffers="average")
    named = zip(teacher.state_dict().items(), before.state_dict().values(), strict=True)
    for ((name, got), old), theirs in zip(named, network.state_dict().values(), strict=True):
        wanted = 0.7 * old + 0.3 * theirs if old.is_floating_point() else theirs
        assert not torch.equal(got, old)
        torch.testing.assert_close(got, wanted, msg=name)


def test_following_leaves_no_trace_in_the_gradient() -> None:
    network = student()
    teacher = copy.deepcopy(network)
    update_average(teacher, network, decay=0.5)
    teacher(torch.randn(4, 3)).sum().backward()
    assert all(p.grad is None for p in network.parameters())


def test_the_copy_evaluates_and_takes_no_gradient() -> None:
    average = AveragedNetwork(student(), decay=0.9)
    assert not average.network.training
    assert not any(p.requires_grad for p in average.network.parameters())


def test_a_copy_in_evaluation_mode_forgets_what_attention_made_of_its_old_weights() -> None:
    torch.manual_seed(0)
    network = timm.create_model("levit_128s", num_classes=0, img_size=64, pretrained=False)
    images = torch.randn(2, 3, 64, 64)
    copied = copy.deepcopy(network).requires_grad_(False).eval()
    with torch.no_grad():
        copied(images)  # from here on it has tables of positions
        for name, parameter in network.named_parameters():
            if name.endswith("attention_biases"):
                parameter.add_(torch.randn_like(parameter))
        update_average(copied, network, decay=0.0, buffers="own")
        fresh = copy.deepcopy(copied).train().eval()
        assert torch.equal(copied(images), fresh(images))
