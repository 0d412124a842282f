from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.training.data.sampling import LABELLED, UNLABELLED, Batch, ViewSpec
from podium.training.fit.averaging import target_decay
from podium.training.fit.optim import build_optimizer
from podium.training.method import PhaseSetting, PoolSizes, Step
from podium.training.methods.byol import METHOD, cosine_distance
from podium.training.objective import build_objective
from podium.training.recipe import Mix, OptimizerSpec

N, SIDE, HIDDEN, SIZE = 6, 16, 12, 5


def method(batch_size: int = N, **options: Any) -> Any:
    kinds = {"classify": image_kind("multiclass"), "segment": pixel_kind("binary")}
    objective = build_objective(None, kinds=kinds)
    setting = PhaseSetting(
        kinds,
        {"classify": 3, "segment": 1},
        objective,
        batch_size,
        "shuffle",
        Mix(),
        size=(SIDE, SIDE),
    )
    return METHOD(METHOD.Options(**{"hidden": HIDDEN, "size": SIZE, **options}), setting)


def network() -> Network:
    torch.manual_seed(0)
    spec = {
        "backbone": "cnn",
        "pretrained": False,
        "options": {"widths": [4, 8]},
        "heads": {
            "classify": {},
            "segment": {"decoder": "unet", "options": {"decoder_channels": [8, 4], "depth": 2}},
        },
    }
    outputs = {"classify": 3, "segment": 1}
    model = ModelSpec.model_validate(spec)
    return build_network(model, n_outputs=outputs, image_size=(SIDE, SIDE)).train()


def step(index: int = 0, total: int = 10) -> Step:
    return Step(seed=0, phase=0, epoch=0, index=index, micro=0, per_epoch=5, total=total)


def batches(seed: int = 1) -> dict[str, Batch]:
    draw = torch.Generator().manual_seed(seed)
    views = {
        name: torch.randn(N, 3, SIDE, SIDE, generator=draw) + shift
        for name, shift in (("first", 0.0), ("second", 1.0))
    }
    return {UNLABELLED: Batch(views, {}, torch.ones(N), torch.arange(N))}


def built(**options: Any) -> tuple[Any, Any, Network]:
    of, net = method(**options), network()
    own: Any = of.build(net, PoolSizes(labelled=0, unlabelled=30))
    with torch.no_grad():  # a target equal to the network would hide which one is run
        for parameter in (*own.target.parameters(), *own.target_projector.parameters()):
            parameter.add_(0.1 * torch.randn_like(parameter))
    return of, own, net


def embedding(net: Network, projector: nn.Module, images: Tensor) -> Tensor:
    deepest = net.backbone(images)
    pooled = torch.stack([deepest[..., r, c] for r in range(4) for c in range(4)]).mean(0)
    return projector(pooled)  # type: ignore[no-any-return]


def squared(one: Tensor, other: Tensor) -> float:
    """Return |a/|a| − b/|b||² of two vectors, number by number."""
    a, b = one.tolist(), other.tolist()
    long_a, long_b = (math.sqrt(sum(x * x for x in v)) for v in (a, b))
    return sum((x / long_a - y / long_b) ** 2 for x, y in zip(a, b, strict=True))


def test_the_loss_is_the_sum_of_both_directions_averaged_over_the_batch() -> None:
    of, own, net = built()
    made = batches()
    first, second = made[UNLABELLED].views.values()
    again: Any = copy.deepcopy(own)
    reference = copy.deepcopy(net)
    each = []
    for one, other in ((first, second), (second, first)):
        predicted = again.predictor(embedding(reference, again.projector, one))
        aim = embedding(again.target, again.target_projector, other)
        each.append([squared(predicted[i], aim[i]) for i in range(N)])
    by_hand = sum(each[0][i] + each[1][i] for i in range(N)) / N
    assert float(of.losses(made, step())["total"].detach()) == pytest.approx(by_hand, rel=1e-4)


def test_the_distance_of_directions() -> None:
    a = torch.tensor([[3.0, 0.0], [0.0, 2.0], [1.0, 1.0], [5.0, 0.0]])
    b = torch.tensor([[9.0, 0.0], [0.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])
    wanted = torch.tensor([0.0, 4.0, 2.0, 2 - math.sqrt(2)])
    torch.testing.assert_close(cosine_distance(a, b), wanted)
    # A length of 89,443 overflows float16.
    long = torch.full((1, 5), 4e4, dtype=torch.float16)
    assert float(cosine_distance(long, -long)) == pytest.approx(4.0)


def test_it_moves_four_times_as_far_as_lightlys_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example averages two negative cosines; here is the sum of two squared distances."""
    monkeypatch.setenv("LIGHTLY_DID_VERSION_CHECK", "True")
    negative_cosine = pytest.importorskip("lightly.loss").NegativeCosineSimilarity()
    of, own, net = built()
    made = batches()
    first, second = made[UNLABELLED].views.values()
    ours = of.losses(made, step())["total"]
    ours.backward()
    weight = own.predictor[0].weight
    gradient, weight.grad = weight.grad, None
    terms = []
    for one, other in ((first, second), (second, first)):
        aim = embedding(own.target, own.target_projector, other).detach()
        terms.append(negative_cosine(own.predictor(embedding(net, own.projector, one)), aim))
    theirs = 0.5 * (terms[0] + terms[1])
    theirs.backward()
    torch.testing.assert_close(ours, 4 + 4 * theirs)
    torch.testing.assert_close(gradient, 4 * weight.grad, atol=1e-5, rtol=1e-4)


def test_the_spread_of_the_compared_vectors_is_recorded() -> None:
    of, own, _ = built()
    assert 0.2 < float(of.losses(batches(), step())["spread"]) < 1
    with torch.no_grad():
        own.predictor[1].bias.add_(1000)  # what is added to all images
    assert float(of.losses(batches(), step())["spread"]) < 0.01


def test_no_gradient_reaches_the_target() -> None:
    of, own, net = built()
    made = batches()
    first, second = made[UNLABELLED].views.values()
    reference, again = copy.deepcopy(net), copy.deepcopy(own)
    of.losses(made, step())["total"].backward()
    targets = (*own.target.parameters(), *own.target_projector.parameters())
    assert all(p.grad is None and not p.requires_grad for p in targets)
    loss = torch.zeros(())
    for one, other in ((first, second), (second, first)):
        aim = embedding(again.target, again.target_projector, other).detach()
        predicted = again.predictor(embedding(reference, again.projector, one))
        loss = loss + (2 - 2 * nn.functional.cosine_similarity(predicted, aim)).mean()
    loss.backward()
    learnt = [(net.backbone, reference.backbone), (own.projector, again.projector)]
    for got, wanted in [*learnt, (own.predictor, again.predictor)]:
        for p, q in zip(got.parameters(), wanted.parameters(), strict=True):
            # Sums of 256 pixels in another order; the gradients are about 0.1.
            torch.testing.assert_close(p.grad, q.grad, atol=1e-5, rtol=1e-4)


def test_no_gradient_flows_to_the_target() -> None:
    prediction, aim = (torch.randn(3, 4, requires_grad=True) for _ in range(2))
    cosine_distance(prediction, aim).sum().backward()
    assert aim.grad is None
    assert prediction.grad is not None


def test_the_target_normalises_by_the_batch_even_of_a_network_that_was_evaluated() -> None:
    of, net = method(), network().eval()
    own: Any = of.build(net, PoolSizes(labelled=0, unlabelled=30))
    assert not net.training
    norms = [m for m in own.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
    assert len(norms) == 2 + 3
    assert all(one.training for one in norms)


def test_the_target_keeps_statistics_of_what_it_saw() -> None:
    of, own, net = built()
    made = batches()
    theirs, ours = own.target.backbone.stages[0], net.backbone.stages[0]
    before = theirs[1].running_mean.clone()
    with torch.no_grad():
        views = made[UNLABELLED].views
        means = {name: theirs[0](one).mean(dim=(0, 2, 3)) for name, one in views.items()}
    wanted = before
    for name in ("second", "first"):  # what the first view is compared with comes first
        wanted = 0.9 * wanted + 0.1 * means[name]
    of.losses(made, step())
    of.after_step(step())
    torch.testing.assert_close(theirs[1].running_mean, wanted)
    assert not torch.allclose(ours[1].running_mean, wanted)
    # Each view goes through by itself, in both networks.
    assert int(theirs[1].num_batches_tracked) == int(ours[1].num_batches_tracked) == 2


def test_the_target_follows_the_weights_that_have_moved() -> None:
    of, own, net = built(decay=0.9)
    pairs = [(own.target.backbone, net.backbone), (own.target_projector, own.projector)]
    olds = [[p.clone() for p in target.parameters()] for target, _ in pairs]
    optimizer = torch.optim.SGD([*net.parameters(), *own.projector.parameters()], lr=0.5)
    of.losses(batches(), step(3))["total"].backward()
    for (target, _), old in zip(pairs, olds, strict=True):
        assert all(torch.equal(p, q) for p, q in zip(target.parameters(), old, strict=True))
    optimizer.step()
    of.after_step(step(3))
    decay = 1 - 0.1 * (1 + math.cos(math.pi * 3 / 10)) / 2
    for (target, student), old in zip(pairs, olds, strict=True):
        moved = zip(target.parameters(), student.parameters(), old, strict=True)
        for now, theirs, before in moved:
            torch.testing.assert_close(now, decay * before + (1 - decay) * theirs)


def test_the_target_slows_down_until_it_stands_still() -> None:
    decays = [target_decay(k, 1000, 0.996) for k in range(1000)]
    assert decays[0] == pytest.approx(0.996, abs=1e-12)
    assert decays[500] == pytest.approx(0.998, abs=1e-12)
    assert decays[-1] == pytest.approx(1.0, abs=1e-7)
    assert decays == sorted(decays)


@pytest.mark.parametrize("name", ["adamw", "sgd"])
def test_heads_do_not_move_and_only_kernels_are_decayed(name: Any) -> None:
    of, own, net = built()
    heads = copy.deepcopy(net.heads.state_dict())
    backbone = copy.deepcopy(net.backbone.state_dict())
    spec = OptimizerSpec(name=name, lr=0.1, weight_decay=0.5)
    optimizer = build_optimizer(net, spec, extra_groups=list(of.parameter_groups()))
    of.losses(batches(), step())["total"].backward()
    optimizer.step()
    assert all(torch.equal(one, heads[key]) for key, one in net.heads.state_dict().items())
    assert not all(torch.equal(v, backbone[k]) for k, v in net.backbone.state_dict().items())
    decays = {
        id(p): group["weight_decay"] for group in optimizer.param_groups for p in group["params"]
    }
    for mlp in (own.projector, own.predictor):
        assert [decays[id(p)] for p in mlp.parameters()] == [0.5, 0, 0, 0, 0.5]
    targets = (*own.target.parameters(), *own.target_projector.parameters())
    assert not any(id(p) in decays for p in targets)


def test_projector_and_predictor_are_as_in_the_paper() -> None:
    own: Any = method(hidden=4096, size=256).build(network(), PoolSizes(labelled=0, unlabelled=30))
    for mlp, n_features in ((own.projector, 8), (own.predictor, 256)):
        assert [type(one).__name__ for one in mlp] == ["Linear", "BatchNorm1d", "ReLU", "Linear"]
        shapes = [tuple(p.shape) for p in mlp.parameters()]
        assert shapes == [(4096, n_features), (4096,), (4096,), (4096,), (256, 4096)]
    assert (METHOD.Options().hidden, METHOD.Options().size) == (4096, 256)


def test_building_leaves_the_network_as_it_is_and_copies_no_head() -> None:
    of, net = method(), network()
    net.freeze_only(["classify"])
    before = copy.deepcopy(net.state_dict())
    own: Any = of.build(net, PoolSizes(labelled=0, unlabelled=30))
    assert net.training
    assert net.frozen == {"classify"}
    assert all(torch.equal(one, before[key]) for key, one in net.state_dict().items())
    assert not any("heads" in key for key in own.state_dict())
    assert float(of.losses(batches(), step())["total"].detach()) > 0


def test_a_restored_method_goes_on_as_the_unbroken_one() -> None:
    def three_steps(of: Any, net: Network, first: int) -> list[float]:
        own = of.own_of_test
        learnt = [*net.parameters(), *own.projector.parameters(), *own.predictor.parameters()]
        optimizer, seen = torch.optim.SGD(learnt, lr=0.1), []
        for index in range(first, first + 3):
            loss = of.losses(batches(index), step(index))["total"]
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            of.after_step(step(index))
            seen.append(float(loss.detach()))
        return seen

    unbroken, own, net = built()
    unbroken.own_of_test = own
    three_steps(unbroken, net, 0)
    restored, again = method(), copy.deepcopy(net)
    restored.own_of_test = restored.build(again, PoolSizes(labelled=0, unlabelled=30))
    restored.own_of_test.load_state_dict(copy.deepcopy(own.state_dict()))
    restored.load_state_dict(copy.deepcopy(unbroken.state_dict()))
    assert three_steps(restored, again, 3) == three_steps(unbroken, net, 3)
    states = own.state_dict(), restored.own_of_test.state_dict()
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


def test_its_stream_has_two_views_of_unlabelled_images_without_masks() -> None:
    [stream] = method().streams(step())
    assert METHOD.needs == (UNLABELLED,)
    assert (stream.pools, stream.batch_size, stream.masks) == ((UNLABELLED,), N, False)
    assert stream.views == (ViewSpec("first", "byol"), ViewSpec("second", "byol_solarize"))
    assert method().epoch_steps({LABELLED: 0, UNLABELLED: 60}) == 10


def test_one_image_a_batch_is_refused() -> None:
    with pytest.raises(RecipeError, match="batch_size is 1"):
        method(batch_size=1)
    with pytest.raises(RecipeError, match="there is one unlabelled image"):
        method().build(network(), PoolSizes(labelled=9, unlabelled=1))


@pytest.mark.parametrize("wrong", [{"decay": 1.5}, {"views": ["byol"]}, {"hidden": 0}])
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**wrong)
