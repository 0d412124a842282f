from __future__ import annotations

from typing import Any

import pytest
import torch
from training import handmade

from podium.errors import RecipeError
from podium.training import methods
from podium.training.data.sampling import LABELLED, UNLABELLED, ViewSpec
from podium.training.method import PoolSizes
from podium.training.self_supervised import stacked_views_of
from podium.workspace import extensions

NAMES = ("byol", "simclr", "simsiam", "barlow_twins")
SMALL = {"hidden": 12, "size": 5}


def method(name: str, **options: Any) -> Any:
    kind = extensions.load(methods, name, "METHOD")
    return handmade.method(kind, "classify", **{**SMALL, **options})


def test_the_stream_shows_unlabelled_images_by_two_policies() -> None:
    [stream] = method("simclr", batch_size=6, views=("byol", "flip")).streams(handmade.step())
    assert (stream.pools, stream.batch_size, stream.masks) == ((UNLABELLED,), 6, False)
    assert stream.views == (ViewSpec("first", "byol"), ViewSpec("second", "flip"))


@pytest.mark.parametrize(
    ("name", "policies"),
    [
        ("byol", ("byol", "byol_solarize")),
        ("barlow_twins", ("byol", "byol_solarize")),
        ("simclr", ("simclr", "simclr")),
        ("simsiam", ("moco_v2", "moco_v2")),
    ],
)
def test_views_are_those_of_the_paper_unless_the_recipe_has_others(
    name: str, policies: tuple[str, str]
) -> None:
    def of(one: Any) -> tuple[str, ...]:
        [stream] = one.streams(handmade.step())
        return tuple(view.policy for view in stream.views)

    assert of(method(name)) == policies
    assert of(method(name, views=("flip", "none"))) == ("flip", "none")
    kind = extensions.load(methods, name, "METHOD")
    assert kind.needs == (UNLABELLED,)
    assert method(name).epoch_steps({LABELLED: 0, UNLABELLED: 40}) == 10


@pytest.mark.parametrize("name", NAMES)
def test_few_images_are_refused_by_every_method(name: str) -> None:
    with pytest.raises(RecipeError, match="batch_size is 1"):
        method(name, batch_size=1)
    with pytest.raises(RecipeError, match="there is one unlabelled image"):
        method(name).build(handmade.network("classify"), PoolSizes(labelled=9, unlabelled=1))


@pytest.mark.parametrize("name", NAMES)
def test_every_method_records_the_spread_of_its_vectors(name: str) -> None:
    of, net = method(name, batch_size=16), handmade.network("classify")
    of.build(net, PoolSizes(labelled=0, unlabelled=40))
    made = handmade.batches(of, handmade.step(), seed=0)
    losses = of.losses(made, handmade.step())
    assert 0.2 < float(losses["spread"]) <= 1
    assert not losses["spread"].requires_grad
    assert losses["total"].dtype == losses["spread"].dtype == torch.float32


@pytest.mark.parametrize("name", NAMES)
def test_the_backbone_learns_and_heads_do_not(name: str) -> None:
    of, net = method(name), handmade.network("classify")
    own = of.build(net, PoolSizes(labelled=0, unlabelled=40))
    of.losses(handmade.batches(of, handmade.step(), seed=0), handmade.step())["total"].backward()
    assert all(one.grad is not None for one in net.backbone.parameters())
    assert all(one.grad is None for one in net.heads.parameters())
    learnt = {id(one) for group in of.parameter_groups() for one in group["params"]}
    assert learnt == {id(one) for one in own.parameters() if one.requires_grad}
    assert all(one.grad is not None for one in own.parameters() if one.requires_grad)


def test_the_views_of_a_batch_come_in_their_order() -> None:
    of = method("simclr")
    made = handmade.batches(of, handmade.step(), seed=0)
    first, second = stacked_views_of(made)
    assert first is made[UNLABELLED].views["first"]
    assert second is made[UNLABELLED].views["second"]
