from __future__ import annotations

import copy
import math
from functools import partial
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn
from training import handmade

from podium.training.data.sampling import UNLABELLED
from podium.training.methods.barlow_twins import METHOD, redundancy

N, HIDDEN, SIZE = 6, 12, 5
OPTIONS = {"hidden": HIDDEN, "size": SIZE}

built = partial(handmade.built, METHOD, batch_size=N, **OPTIONS)


def pair(n: int = N, size: int = SIZE, seed: int = 0) -> tuple[Tensor, Tensor]:
    one, other = torch.randn(2, n, size, generator=torch.manual_seed(seed))
    other = 0.5 * one + other
    return one.requires_grad_(), other.requires_grad_()


def by_hand(first: Tensor, second: Tensor, weight: float, *, dof: int = 0) -> float:
    """Return the loss number by number, with variances over N − `dof`."""
    views = []
    for rows in (first.tolist(), second.tolist()):
        columns = []
        for column in zip(*rows, strict=True):
            mean = sum(column) / len(column)
            variance = sum((x - mean) ** 2 for x in column) / (len(column) - dof)
            columns.append([(x - mean) / math.sqrt(variance + 1e-5) for x in column])
        views.append(columns)
    total = 0.0
    for i, a in enumerate(views[0]):
        for j, b in enumerate(views[1]):
            c = sum(x * y for x, y in zip(a, b, strict=True)) / len(a)
            total += (1 - c) ** 2 if i == j else weight * c**2
    return total


@pytest.mark.parametrize(("n", "size"), [(8, 5), (8, 40), (4, 4), (3, 1)])
@pytest.mark.parametrize("weight", [0.0051, 0.5])
def test_the_loss_by_hand_with_more_features_than_images_and_fewer(
    n: int, size: int, weight: float
) -> None:
    first, second = pair(n, size)
    found = redundancy(first, second, off_diagonal=weight)
    wanted = by_hand(first, second, weight)
    assert float(found.detach()) == pytest.approx(wanted, rel=1e-4, abs=1e-6)


def test_the_variance_is_over_all_images() -> None:
    first, second = pair(8, 16)
    found = float(redundancy(first, second, off_diagonal=0.0051).detach())
    unbiased = by_hand(first, second, 0.0051, dof=1)
    assert abs(found / unbiased - 1) > 0.02
    assert found == pytest.approx(by_hand(first, second, 0.0051), rel=1e-4)


@pytest.mark.parametrize(("n", "size"), [(16, 8), (8, 64)])
def test_loss_and_gradient_are_lightlys(n: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTLY_DID_VERSION_CHECK", "True")
    theirs = pytest.importorskip("lightly.loss").BarlowTwinsLoss(lambda_param=0.02)
    first, second = pair(n, size)
    ours, wanted = redundancy(first, second, off_diagonal=0.02), theirs(first, second)
    torch.testing.assert_close(ours, wanted, rtol=1e-4, atol=1e-5)
    got = torch.autograd.grad(ours, (first, second))
    torch.testing.assert_close(
        got, torch.autograd.grad(wanted, (first, second)), rtol=1e-3, atol=1e-5
    )


def test_the_method_scales_what_it_makes_of_its_projections() -> None:
    of, own, net = built(off_diagonal=0.3, scale=0.1)
    made = handmade.unlike_views(of)
    again, reference = copy.deepcopy(own), copy.deepcopy(net)
    seen = []
    for images in made[UNLABELLED].views.values():
        deepest = reference.backbone(images)
        seen.append(again(deepest.sum(dim=(2, 3)) / deepest[0, 0].numel()))
    found = of.losses(made, handmade.step())["total"]
    assert float(found.detach()) == pytest.approx(0.1 * by_hand(*seen, 0.3), rel=1e-3)


def test_features_are_standardised_and_images_are_not() -> None:
    first, second = (one.detach() for one in pair(16, 8))
    whole = redundancy(first, second, off_diagonal=0.1)
    moved = 3 * first * torch.arange(1, 9) + torch.arange(8)
    torch.testing.assert_close(
        redundancy(moved, second, off_diagonal=0.1), whole, rtol=1e-3, atol=0
    )
    longer = first * torch.arange(1, 17)[:, None]
    assert abs(float(redundancy(longer, second, off_diagonal=0.1) / whole) - 1) > 0.05


def test_equal_and_independent_features_lose_nothing() -> None:
    signs = torch.tensor([[1, 1], [1, -1], [-1, 1], [-1, -1]], dtype=torch.float32)
    assert float(redundancy(signs, signs, off_diagonal=1.0)) == pytest.approx(0, abs=1e-8)
    assert float(redundancy(signs, -signs, off_diagonal=1.0)) == pytest.approx(8, rel=1e-4)
    one_feature = signs[:, :1].repeat(1, 2)
    lost = float(redundancy(one_feature, one_feature, off_diagonal=1.0))
    assert lost == pytest.approx(2, rel=1e-4)
    # All alike: nothing agrees, and nothing is divided by 0.
    assert float(redundancy(torch.ones(4, 3), torch.ones(4, 3), off_diagonal=1.0)) == 3


def test_both_views_learn_and_neither_comes_first() -> None:
    first, second = pair()
    there = redundancy(first, second, off_diagonal=0.1)
    torch.testing.assert_close(there, redundancy(second, first, off_diagonal=0.1))
    gradients = torch.autograd.grad(there, (first, second))
    assert all(float(one.abs().max()) > 1e-3 for one in gradients)


def test_half_precision_changes_no_digit_but_those_of_the_vectors() -> None:
    first, second = pair(32, 16)
    wanted = redundancy(first, second, off_diagonal=0.1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = redundancy(first, second, off_diagonal=0.1)
    assert torch.equal(found, wanted)
    rounded = redundancy((first * 1e4).half(), (second * 1e4).half(), off_diagonal=0.1)
    assert rounded.dtype == torch.float32
    torch.testing.assert_close(rounded, wanted, rtol=1e-2, atol=0)


def test_each_view_goes_through_by_itself() -> None:
    of, own, net = built()
    made = handmade.unlike_views(of)
    norm = net.backbone.stages[0][1]
    wanted = torch.zeros(4)
    for images in made[UNLABELLED].views.values():
        with torch.no_grad():
            seen = net.backbone.stages[0][0](images).mean(dim=(0, 2, 3))
        wanted = 0.9 * wanted + 0.1 * seen
    of.losses(made, handmade.step())
    counts = [int(one.num_batches_tracked) for one in (norm, own[1], own[4])]
    assert counts == [2, 2, 2]
    torch.testing.assert_close(norm.running_mean, wanted)


def test_the_projector_is_as_in_the_paper() -> None:
    _, own, _ = built()
    block = ["Linear", "BatchNorm1d", "ReLU"]
    assert [type(one).__name__ for one in own] == [*block, *block, "Linear"]
    linear = [one for one in own if isinstance(one, nn.Linear)]
    assert all(one.bias is None for one in linear)
    shapes = [(one.in_features, one.out_features) for one in linear]
    assert shapes == [(6, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, SIZE)]
    defaults = METHOD.Options()
    assert (defaults.hidden, defaults.size) == (8192, 8192)
    assert (defaults.off_diagonal, defaults.scale) == (0.0051, 1)


@pytest.mark.parametrize("wrong", [{"scale": 0}, {"views": ["byol"]}, {"off_diagonal": -1}])
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**wrong)
