from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from podium.training.self_supervised import dimensions, spread, spread_metrics


def by_hand(vectors: Tensor) -> float:
    rows = vectors.tolist()
    units = [[x / math.sqrt(sum(y * y for y in row)) for x in row] for row in rows]
    deviations = []
    for column in zip(*units, strict=True):
        mean = sum(column) / len(column)
        deviations.append(math.sqrt(sum((x - mean) ** 2 for x in column) / len(column)))
    return math.sqrt(len(deviations)) * sum(deviations) / len(deviations)


def test_it_is_the_mean_deviation_of_directions_times_the_root_of_the_features() -> None:
    made = torch.randn(5, 3, generator=torch.manual_seed(0)) + 0.5
    assert float(spread(made)) == pytest.approx(by_hand(made), rel=1e-5)
    longer = made * torch.tensor([[1.0], [2.0], [3.0], [4.0], [5.0]])
    assert float(spread(longer)) == pytest.approx(by_hand(made), rel=1e-5)


def test_axes_in_both_senses_are_spread_evenly_and_equal_rows_are_not_spread() -> None:
    axes = torch.cat([torch.eye(4), -torch.eye(4)])
    assert float(spread(axes)) == pytest.approx(1)
    alike = torch.ones(6, 1) * torch.randn(4, generator=torch.manual_seed(0))
    assert float(spread(alike)) == pytest.approx(0, abs=1e-6)
    noise = torch.randn(2000, 64, generator=torch.manual_seed(0))
    assert float(spread(noise)) == pytest.approx(1, abs=0.01)


def test_of_several_it_is_the_mean_and_takes_no_gradient() -> None:
    one, other = torch.randn(2, 5, 3, requires_grad=True)
    assert float(spread(one, other)) == pytest.approx((by_hand(one) + by_hand(other)) / 2, rel=1e-5)
    assert not spread(one, other).requires_grad


def test_long_vectors_in_half_precision_do_not_overflow() -> None:
    made = torch.randn(8, 16, generator=torch.manual_seed(0))
    found = spread((made * 1e4).half())
    assert found.dtype == torch.float32
    assert float(found) == pytest.approx(by_hand(made), rel=1e-2)
    assert float(spread(torch.zeros(3, 4))) == 0


def test_dimensions_are_the_participation_ratio_of_the_covariances_eigenvalues() -> None:
    for n, d in ((5, 3), (4, 9)):  # either matrix of products
        made = torch.randn(n, d, generator=torch.manual_seed(1)) + 0.5
        units = made / made.norm(dim=1, keepdim=True)
        each = torch.linalg.eigvalsh(torch.cov(units.T.double()))
        wanted = float(each.sum() ** 2 / each.square().sum())
        assert float(dimensions(made)) == pytest.approx(wanted, rel=1e-4)


def test_a_line_has_one_dimension_whatever_its_spread() -> None:
    line = torch.tensor([[1.0], [-1.0]]).repeat(20, 16)  # of mean 0, as batch norm leaves it
    assert float(spread(line)) == pytest.approx(1)
    assert float(dimensions(line)) == pytest.approx(1)
    axes = torch.cat([torch.eye(4), -torch.eye(4)])
    assert float(dimensions(axes)) == pytest.approx(4)
    noise = torch.randn(4000, 16, generator=torch.manual_seed(0))
    assert float(dimensions(noise)) == pytest.approx(16, rel=0.02)


def test_equal_rows_have_none_and_half_precision_does_not_overflow() -> None:
    assert float(dimensions(torch.zeros(3, 4))) == 0
    made = torch.randn(8, 16, generator=torch.manual_seed(0))
    assert float(dimensions((made * 1e4).half())) == pytest.approx(
        float(dimensions(made)), rel=0.01
    )
    assert set(spread_metrics(made, made)) == {"spread", "dimensions"}
    assert not dimensions(made.requires_grad_()).requires_grad
