"""Frozen statistics of batch norm stay in every method, and in the copies that it makes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from training import handmade

from podium.models.network import Network
from podium.training.method import Method, PoolSizes
from podium.training.methods import byol, comatch, dino, fixmatch, mean_teacher, supervised

CASES: list[tuple[type[Method], dict[str, Any]]] = [
    (supervised.METHOD, {}),
    (fixmatch.METHOD, {"ratio": 2}),
    (mean_teacher.METHOD, {"ratio": 2}),
    (comatch.METHOD, {"ratio": 2, "size": 16, "bank": 20, "align_batches": 3}),
    (byol.METHOD, {"hidden": 16, "size": 8}),
    (dino.METHOD, {"local_views": 2, "hidden": 8, "bottleneck": 6, "size": 12}),
]


def statistics(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    found = network.named_buffers()
    return {key: one.clone() for key, one in found if key.startswith("backbone")}


@pytest.mark.parametrize(("kind", "options"), CASES)
def test_a_step_moves_no_statistics_of_network_or_teacher_where_these_are_frozen(
    kind: type[Method], options: dict[str, Any]
) -> None:
    for is_frozen in (True, False):
        of = handmade.method(kind, "classify", **options)
        net = handmade.network("classify")
        net.freeze_only([], statistics=is_frozen)
        own = of.build(net, PoolSizes(labelled=30, unlabelled=30))
        copies = [one for one in own.modules() if isinstance(one, Network)]
        before = [statistics(one) for one in (net, *copies)]
        assert before[0]
        net.train()
        of.losses(handmade.batches(of, handmade.step(), seed=1), handmade.step())[
            "total"
        ].backward()
        of.after_step(handmade.step())
        after = [statistics(one) for one in (net, *copies)]
        moved = [
            not torch.equal(one[key], other[key])
            for one, other in zip(before, after, strict=True)
            for key in one
        ]
        assert not any(moved) if is_frozen else any(moved)
