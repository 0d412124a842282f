from __future__ import annotations

import copy

import torch
from torch import nn
from training.handmade import SIZE, network

from podium.training.self_supervised import n_pooled, parameter_groups, pooled


def test_the_deepest_map_is_averaged() -> None:
    net = network("classify")
    features = net.features(torch.randn(2, 3, *SIZE, generator=torch.manual_seed(0)))
    found = pooled(features)
    assert found.shape == (2, n_pooled(net, SIZE))
    torch.testing.assert_close(
        found, features.maps[-1].flatten(2).sum(2) / features.maps[-1][0, 0].numel()
    )


def test_counting_leaves_the_network_as_it_is() -> None:
    net = network("classify")
    net.backbone.stages[0].eval()
    before, modes = copy.deepcopy(net.state_dict()), [one.training for one in net.modules()]
    assert n_pooled(net, SIZE) == 6
    assert [one.training for one in net.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_only_kernels_decay_and_frozen_parameters_are_in_no_group() -> None:
    fixed = nn.Linear(3, 3).requires_grad_(False)
    module = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), fixed)
    kernels, others = parameter_groups(module)
    assert [one.shape for one in kernels["params"]] == [(3, 2)]
    assert [one.shape for one in others["params"]] == [(3,), (3,), (3,)]
    assert "norms" not in kernels
    assert others["norms"] is True


def test_settings_are_those_of_both_groups() -> None:
    groups = list(parameter_groups(nn.Linear(2, 3), is_constant=True))
    assert [group["is_constant"] for group in groups] == [True, True]
