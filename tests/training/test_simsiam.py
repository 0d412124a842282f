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

from podium.models.network import Network
from podium.training.data.sampling import UNLABELLED
from podium.training.fit.optim import build_optimizer, schedule, set_lr
from podium.training.methods.simsiam import METHOD, agreement
from podium.training.recipe import OptimizerSpec

N, HIDDEN, SIZE, BOTTLENECK = 6, 12, 5, 4
OPTIONS = {"hidden": HIDDEN, "size": SIZE, "bottleneck": BOTTLENECK}

built = partial(handmade.built, METHOD, batch_size=N, **OPTIONS)


def vectors(own: Any, net: Network, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return z and p of one view."""
    deepest = net.backbone(images)
    z = own.projector(deepest.sum(dim=(2, 3)) / deepest[0, 0].numel())
    return z, own.predictor(z)


def cosine(one: Tensor, other: Tensor) -> float:
    a, b = one.tolist(), other.tolist()
    lengths = [math.sqrt(sum(x * x for x in v)) for v in (a, b)]
    return sum(x * y for x, y in zip(a, b, strict=True)) / math.prod(lengths)


def test_the_loss_is_half_the_negative_cosine_of_both_directions() -> None:
    of, own, net = built()
    made = handmade.unlike_views(of)
    again, reference = copy.deepcopy(own), copy.deepcopy(net)
    seen = [vectors(again, reference, one) for one in made[UNLABELLED].views.values()]
    (z1, p1), (z2, p2) = seen
    each = [-(cosine(p1[i], z2[i]) + cosine(p2[i], z1[i])) / 2 for i in range(N)]
    found = of.losses(made, handmade.step())["total"]
    assert float(found.detach()) == pytest.approx(sum(each) / N, rel=1e-4)


def test_loss_and_gradient_are_lightlys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose criterion stops no gradient: its users detach."""
    monkeypatch.setenv("LIGHTLY_DID_VERSION_CHECK", "True")
    negative_cosine = pytest.importorskip("lightly.loss").NegativeCosineSimilarity()
    of, own, net = built()
    made = handmade.unlike_views(of)
    again, reference = copy.deepcopy(own), copy.deepcopy(net)
    (z1, p1), (z2, p2) = (vectors(again, reference, one) for one in made[UNLABELLED].views.values())
    wanted = 0.5 * (negative_cosine(p1, z2.detach()) + negative_cosine(p2, z1.detach()))
    found = of.losses(made, handmade.step())["total"]
    torch.testing.assert_close(found, wanted)
    found.backward()
    wanted.backward()
    for ours, theirs in ((net.backbone, reference.backbone), (own, again)):
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(p.grad, q.grad, atol=1e-6, rtol=1e-4)


def test_no_gradient_flows_through_what_is_predicted() -> None:
    prediction, aim = torch.randn(2, 3, 4, generator=torch.manual_seed(0)).requires_grad_()
    prediction, aim = (one.detach().requires_grad_() for one in (prediction, aim))
    agreement(prediction, aim).sum().backward()
    assert aim.grad is None
    assert prediction.grad is not None


def test_directions_of_rows_are_compared_in_float32() -> None:
    a = torch.tensor([[3.0, 0.0], [0.0, 2.0], [1.0, 1.0], [5.0, 0.0]])
    b = torch.tensor([[9.0, 0.0], [0.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])
    torch.testing.assert_close(agreement(a, b), torch.tensor([1, -1, 0, math.sqrt(0.5)]))
    # A length of 89,443 overflows float16.
    long = torch.full((1, 5), 4e4, dtype=torch.float16)
    assert float(agreement(long, -long)) == pytest.approx(-1.0)


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
    counts = [norm, own.projector[1], own.projector[-1], own.predictor[1]]
    assert [int(one.num_batches_tracked) for one in counts] == [2, 2, 2, 2]
    torch.testing.assert_close(norm.running_mean, wanted)


@pytest.mark.parametrize("layers", [2, 3])
def test_projector_and_predictor_are_as_in_the_paper(layers: int) -> None:
    _, own, _ = built(layers=layers)
    block = ["Linear", "BatchNorm1d", "ReLU"]
    assert [type(one).__name__ for one in own.projector] == [*block * (layers - 1), *block[:2]]
    assert all(one.bias is None for one in own.projector if isinstance(one, nn.Linear))
    affine = [one.affine for one in own.projector if isinstance(one, nn.BatchNorm1d)]
    assert affine == [True] * (layers - 1) + [False]
    assert [type(one).__name__ for one in own.predictor] == [*block, "Linear"]
    shapes = [tuple(one.shape) for one in own.predictor.parameters()]
    hidden = [(BOTTLENECK, SIZE), (BOTTLENECK,), (BOTTLENECK,)]
    assert shapes == [*hidden, (SIZE, BOTTLENECK), (SIZE,)]
    defaults = METHOD.Options()
    assert (defaults.hidden, defaults.size, defaults.bottleneck) == (2048, 2048, 512)
    assert defaults.layers == 3


def test_the_rate_of_the_predictor_is_constant_under_cosine() -> None:
    of, own, net = built()
    spec = OptimizerSpec(name="sgd", lr=0.4, weight_decay=1e-4, warmup_epochs=1)
    optimizer = build_optimizer(net, spec, extra_groups=list(of.parameter_groups()))
    for step in (0, 4, 5, 30, 49):
        set_lr(optimizer, schedule(spec, step, 50, 5))
        rates = {id(p): g["lr"] for g in optimizer.param_groups for p in g["params"]}
        cosine_rate = (
            0.4 * (step + 1) / 5 if step < 5 else 0.2 * (1 + math.cos(math.pi * (step - 5) / 45))
        )
        for one in own.predictor.parameters():
            assert rates[id(one)] == 0.4
        for one in (*own.projector.parameters(), *net.parameters()):
            assert rates[id(one)] == pytest.approx(cosine_rate)


@pytest.mark.parametrize("decay_norms", [False, True])
def test_norms_decay_where_the_recipe_sets_it(decay_norms: bool) -> None:
    of, own, net = built()
    spec = OptimizerSpec(name="sgd", lr=0.4, weight_decay=1e-4, decay_norms=decay_norms)
    optimizer = build_optimizer(net, spec, extra_groups=list(of.parameter_groups()))
    decays = {id(p): g["weight_decay"] for g in optimizer.param_groups for p in g["params"]}
    for one in (*own.parameters(), *net.parameters()):
        assert decays[id(one)] == (1e-4 if decay_norms or one.ndim > 1 else 0)


@pytest.mark.parametrize("wrong", [{"bottleneck": 0}, {"views": ["moco_v2"]}, {"layers": 0}])
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**wrong)
