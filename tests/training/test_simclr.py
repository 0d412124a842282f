from __future__ import annotations

import copy
import math
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn
from training import handmade

from podium.training.data.sampling import UNLABELLED
from podium.training.methods.simclr import METHOD, contrast

N, HIDDEN, SIZE, TEMPERATURE = 6, 12, 5, 0.3
OPTIONS = {"hidden": HIDDEN, "size": SIZE, "temperature": TEMPERATURE}

built = partial(handmade.built, METHOD, batch_size=N, **OPTIONS)


def pair(n: int = N, size: int = SIZE, seed: int = 0) -> tuple[Tensor, Tensor]:
    one, other = torch.randn(2, n, size, generator=torch.manual_seed(seed))
    return one.requires_grad_(), other.requires_grad_()


def by_hand(first: Tensor, second: Tensor, temperature: float) -> list[float]:
    """Return l_i of the 2N views, number by number."""
    rows = [*first.tolist(), *second.tolist()]
    units = [[x / math.sqrt(sum(y * y for y in row)) for x in row] for row in rows]
    n, losses = len(first), []
    for i, one in enumerate(units):
        products = [sum(x * y for x, y in zip(one, u, strict=True)) for u in units]
        similar = [math.exp(product / temperature) for product in products]
        partner = similar[(i + n) % (2 * n)]
        losses.append(-math.log(partner / (sum(similar) - similar[i])))
    return losses


def test_the_loss_is_the_mean_over_both_views_in_one_batch() -> None:
    of, own, net = built()
    made = handmade.unlike_views(of)
    again, reference = copy.deepcopy(own), copy.deepcopy(net)
    deepest = reference.backbone(torch.cat(list(made[UNLABELLED].views.values())))
    z = again(deepest.sum(dim=(2, 3)) / deepest[0, 0].numel())
    wanted = by_hand(z[:N], z[N:], TEMPERATURE)
    found = of.losses(made, handmade.step())["total"]
    assert float(found.detach()) == pytest.approx(sum(wanted) / (2 * N), rel=1e-4)


@pytest.mark.parametrize("temperature", [0.07, 0.5, 1.0])
def test_it_is_lightlys_and_half_of_what_the_official_code_has(
    temperature: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIGHTLY_DID_VERSION_CHECK", "True")
    theirs = pytest.importorskip("lightly.loss").NTXentLoss(temperature=temperature)
    first, second = pair(16, 8)
    ours = contrast(first, second, temperature)
    wanted = theirs(first, second)
    torch.testing.assert_close(ours, wanted, rtol=1e-5, atol=1e-5)
    got = torch.autograd.grad(ours, (first, second))
    torch.testing.assert_close(got, torch.autograd.grad(wanted, (first, second)))
    each = by_hand(first, second, temperature)
    official = sum(each[:16]) / 16 + sum(each[16:]) / 16
    assert 2 * float(ours.detach()) == pytest.approx(official, rel=1e-4)


def test_a_view_is_not_compared_with_itself() -> None:
    alike = torch.ones(N, SIZE)
    assert float(contrast(alike, alike, 0.1)) == pytest.approx(math.log(2 * N - 1), rel=1e-5)
    # Of opposite views: with itself in the sum the loss would be 20.
    axes = torch.eye(2)
    wanted = math.log(2 + math.exp(-10)) + 10
    assert float(contrast(axes, -axes, 0.1)) == pytest.approx(wanted, rel=1e-5)


def test_directions_of_rows_are_compared() -> None:
    first, second = (one.detach() for one in pair())
    whole = contrast(first, second, 0.2)
    longer = first * torch.arange(1, N + 1)[:, None]
    torch.testing.assert_close(contrast(longer, second, 0.2), whole)
    wider = first * torch.arange(1, SIZE + 1)
    assert abs(float(contrast(wider, second, 0.2) - whole)) > 0.01


def test_both_views_learn_and_neither_comes_first() -> None:
    first, second = pair()
    there, back = contrast(first, second, 0.2), contrast(second, first, 0.2)
    torch.testing.assert_close(there, back)
    gradients = torch.autograd.grad(there, (first, second))
    assert all(float(one.abs().max()) > 1e-3 for one in gradients)
    turned = torch.autograd.grad(back, (second, first))
    torch.testing.assert_close(gradients[0], turned[1])


def test_half_precision_changes_no_digit_but_those_of_the_vectors() -> None:
    first, second = pair(32, 16)
    wanted = contrast(first, second, 0.05)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = contrast(first, second, 0.05)
    assert torch.equal(found, wanted)
    long = [(one.detach() * 1e4).half().requires_grad_() for one in (first, second)]
    rounded = contrast(long[0], long[1], 0.05)
    assert rounded.dtype == torch.float32
    torch.testing.assert_close(rounded, wanted, rtol=1e-2, atol=1e-3)
    rounded.backward()
    assert all(bool(one.grad.isfinite().all()) for one in long if one.grad is not None)


def test_batch_norm_normalises_both_views_together() -> None:
    of, own, net = built()
    made = handmade.unlike_views(of)
    norm = net.backbone.stages[0][1]
    with torch.no_grad():
        seen = net.backbone.stages[0][0](torch.cat(list(made[UNLABELLED].views.values())))
    wanted = 0.1 * seen.mean(dim=(0, 2, 3))
    of.losses(made, handmade.step())
    assert int(norm.num_batches_tracked) == int(own[1].num_batches_tracked) == 1
    torch.testing.assert_close(norm.running_mean, wanted)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_projector_is_as_in_the_papers(layers: int) -> None:
    _, own, _ = built(layers=layers)
    block = ["Linear", "BatchNorm1d", "ReLU"]
    assert [type(one).__name__ for one in own] == [*block * (layers - 1), *block[:2]]
    linear = [one for one in own if isinstance(one, nn.Linear)]
    assert all(one.bias is None for one in linear)
    widths = [6, *[HIDDEN] * (layers - 1), SIZE]
    shapes = [(one.in_features, one.out_features) for one in linear]
    assert shapes == list(pairwise(widths))
    assert own[-1].weight.requires_grad
    assert not own[-1].bias.requires_grad
    defaults = METHOD.Options()
    assert (defaults.hidden, defaults.size, defaults.layers) == (2048, 128, 2)
    assert defaults.temperature == 0.1


@pytest.mark.parametrize("wrong", [{"temperature": 0}, {"views": ["simclr"]}, {"layers": 0}])
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**wrong)
