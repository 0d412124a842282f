"""LARS moves weights by its formula, worked number by number, and as lightly's does."""

from __future__ import annotations

import math
import os
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from podium.training.fit.optim import LARS

RATES = (0.5, 0.25, 0.05)
MOMENTUM, DECAY, LITTLE, TRUST = 0.9, 0.1, 1e-9, 0.02


def weights() -> list[nn.Parameter]:
    draw = torch.Generator().manual_seed(0)
    return [nn.Parameter(torch.randn(shape, generator=draw)) for shape in ((3, 2), (2,), (4,))]


def gradients(step: int) -> list[Tensor]:
    draw = torch.Generator().manual_seed(1 + step)
    return [torch.randn(shape, generator=draw) for shape in ((3, 2), (2,), (4,))]


def groups(own: list[nn.Parameter]) -> list[dict[str, Any]]:
    """Return a kernel that is adapted, a bias that is neither adapted nor decayed, and one only
    decayed."""
    return [
        {"params": [own[0]], "weight_decay": DECAY},
        {"params": [own[1]], "is_adapted": False},
        {"params": [own[2]], "is_adapted": False, "weight_decay": DECAY},
    ]


def by_hand(
    weight: list[float], step_gradients: list[list[float]], decay: float, adapted: bool
) -> list[float]:
    buffer = [0.0] * len(weight)
    for lr, gradient in zip(RATES, step_gradients, strict=True):
        decayed = [g + decay * w for g, w in zip(gradient, weight, strict=True)]
        long_w, long_g = (math.sqrt(sum(x * x for x in v)) for v in (weight, decayed))
        trust = TRUST * long_w / long_g if adapted and long_w > 0 and long_g > 0 else 1.0
        buffer = [MOMENTUM * b + trust * g for b, g in zip(buffer, decayed, strict=True)]
        weight = [w - lr * b for w, b in zip(weight, buffer, strict=True)]
    return weight


def move(optimizer: LARS, own: list[nn.Parameter]) -> None:
    for step, lr in enumerate(RATES):
        for group in optimizer.param_groups:
            group["lr"] = lr  # outside the momentum: a new rate acts at once
        for one, gradient in zip(own, gradients(step), strict=True):
            one.grad = gradient
        optimizer.step()


def test_three_steps_at_falling_rates_are_the_formulas() -> None:
    own = weights()
    before = [one.detach().flatten().tolist() for one in own]
    move(LARS(groups(own), lr=1.0, momentum=MOMENTUM, trust=TRUST), own)
    for index, (decay, adapted) in enumerate([(DECAY, True), (0.0, False), (DECAY, False)]):
        each = [gradients(step)[index].flatten().tolist() for step in range(len(RATES))]
        wanted = by_hand(before[index], each, decay, adapted)
        assert own[index].detach().flatten().tolist() == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_a_weight_or_a_gradient_of_length_zero_is_not_adapted(dtype: torch.dtype) -> None:
    born, still = (
        nn.Parameter(torch.zeros(2, dtype=dtype)),
        nn.Parameter(torch.ones(2, dtype=dtype)),
    )
    born.grad, still.grad = torch.ones_like(born), torch.zeros_like(still)
    LARS([born, still], lr=0.5, momentum=0.0, trust=TRUST).step()
    assert born.tolist() == [-0.5, -0.5]  # the plain gradient: a share of nothing would stay there
    assert still.tolist() == [1.0, 1.0]


def test_a_parameter_without_gradient_stays() -> None:
    own = weights()
    optimizer = LARS(own, lr=0.5, weight_decay=DECAY)
    own[0].grad = torch.ones_like(own[0])
    before = own[1].detach().clone()
    optimizer.step()
    assert torch.equal(own[1], before)
    assert own[1] not in optimizer.state


def test_a_restored_optimiser_goes_on_to_the_bit() -> None:
    whole, parted = weights(), weights()
    one = LARS(groups(whole), lr=0.5, trust=TRUST)
    two = LARS(groups(parted), lr=0.5, trust=TRUST)
    for step in range(4):
        if step == 2:
            state = two.state_dict()
            two = LARS(groups(parted), lr=9.0, trust=9.0)
            two.load_state_dict(state)
        for own in (whole, parted):
            for parameter, gradient in zip(own, gradients(step), strict=True):
                parameter.grad = gradient
        one.step()
        two.step()
    for a, b in zip(whole, parted, strict=True):
        assert torch.equal(a, b)


def test_it_moves_as_lightlys_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "LIGHTLY_DID_VERSION_CHECK", "True")
    theirs = pytest.importorskip("lightly.utils.lars").LARS
    mine, other = weights(), weights()
    optimizer = LARS(
        [
            {"params": [mine[0]], "weight_decay": LITTLE},
            {"params": mine[1:], "is_adapted": False},
        ],
        lr=0.5,
        momentum=MOMENTUM,
        trust=TRUST,
    )
    # Theirs adapts what decays, and nothing else; its trust is η |w| / (|g| + λ |w|).
    peer = theirs(
        [
            {"params": [other[0]], "weight_decay": LITTLE},
            {"params": other[1:], "weight_decay": 0.0},
        ],
        lr=0.5,
        momentum=MOMENTUM,
        trust_coefficient=TRUST,
        eps=0.0,
    )
    for step in range(3):
        for own in (mine, other):
            for parameter, gradient in zip(own, gradients(step), strict=True):
                parameter.grad = gradient.clone()
        optimizer.step()
        peer.step()
    for a, b in zip(mine, other, strict=True):
        torch.testing.assert_close(a, b)
