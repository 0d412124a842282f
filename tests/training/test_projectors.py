from __future__ import annotations

import pytest
import torch
from torch import nn

from podium.training.self_supervised import mlp


def names(module: nn.Sequential) -> list[str]:
    return [type(one).__name__ for one in module]


def test_the_layers_of_each_paper() -> None:
    hidden = ["Linear", "BatchNorm1d", "ReLU"]
    assert names(mlp([5, 7, 3])) == [*hidden, "Linear"]
    assert names(mlp([5, 7, 6, 3])) == [*hidden, *hidden, "Linear"]
    assert names(mlp([5, 7, 3], last_norm="plain")) == [*hidden, "Linear", "BatchNorm1d"]
    assert names(mlp([5, 3], last_norm="affine")) == ["Linear", "BatchNorm1d"]
    shapes = [tuple(one.weight.shape) for one in mlp([5, 7, 6, 3]) if isinstance(one, nn.Linear)]
    assert shapes == [(7, 5), (6, 7), (3, 6)]


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("last", [False, True])
def test_biases_are_only_where_requested(hidden: bool, last: bool) -> None:
    made = mlp([5, 7, 6, 3], hidden_bias=hidden, last_bias=last)
    has_bias = [one.bias is not None for one in made if isinstance(one, nn.Linear)]
    assert has_bias == [hidden, hidden, last]


@pytest.mark.parametrize(
    ("last_norm", "learnt"), [("plain", []), ("scaled", ["3"]), ("affine", ["3", "3"])]
)
def test_the_last_norm_learns_only_the_requested_parameters(
    last_norm: str, learnt: list[str]
) -> None:
    norm = mlp([5, 7, 3], last_norm=last_norm)[-1]  # type: ignore[arg-type]
    found = [str(len(one)) for one in norm.parameters() if one.requires_grad]
    assert found == learnt
    out = norm(torch.randn(9, 3, generator=torch.manual_seed(0)))
    torch.testing.assert_close(out.mean(0), torch.zeros(3), atol=1e-6, rtol=0)


def test_byols_names_and_draws_are_what_they_were() -> None:
    def before() -> nn.Sequential:
        return nn.Sequential(
            nn.Linear(5, 7), nn.BatchNorm1d(7), nn.ReLU(inplace=True), nn.Linear(7, 3, bias=False)
        )

    torch.manual_seed(0)
    wanted = before().state_dict()
    torch.manual_seed(0)
    found = mlp([5, 7, 3], hidden_bias=True).state_dict()
    assert list(found) == list(wanted)
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)
