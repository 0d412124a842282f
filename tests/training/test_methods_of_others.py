"""The test-only methods against plain loops: what the protocol carries is what the papers mean."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor
from training.handmade import batches, method, network, step
from training.methods_of_others import dino

from podium.models.network import Network
from podium.training.data.sampling import Batch
from podium.training.method import PoolSizes


def softmax(values: Tensor) -> list[float]:
    exact = [math.exp(v) for v in values.tolist()]
    return [one / sum(exact) for one in exact]


def test_dino_is_its_formula_in_plain_loops() -> None:
    of, net = method(dino.METHOD, "classify", locals=2, local_size=8), network("classify")
    own = of.build(net, PoolSizes(labelled=0, unlabelled=9))
    optimizer = torch.optim.SGD([*net.parameters(), *of.head.parameters()], lr=0.1)
    centre = [0.0] * of.options.outputs
    for number, epoch in enumerate((0, 0, 1, 2)):
        twins = copy.deepcopy((net, of.head, of.teacher, of.teacher_head))
        now = step(number, epoch)
        made = batches(of, now, seed=number)
        by_hand, centre = plain_dino(*twins, made["unlabelled"], centre, epoch)
        losses = of.losses(made, now)
        assert losses["total"].item() == pytest.approx(by_hand, rel=1e-4), number
        assert own.centre.tolist() == pytest.approx(centre, rel=1e-4, abs=1e-7)
        optimizer.zero_grad()
        losses["total"].backward()
        assert (of.head.last.grad is None) == (epoch == 0), "its last layer rests at first"
        optimizer.step()
        of.after_step(now)
        decay = 1 - 0.004 * (math.cos(math.pi * number / 10) + 1) / 2
        _, _, *teachers = twins
        followed = zip(teachers, (of.teacher, of.teacher_head), (net, of.head), strict=True)
        for before, after, student in followed:
            parts = [dict(one.named_parameters()) for one in (before, after, student)]
            for name, value in parts[1].items():
                exact = decay * parts[0][name] + (1 - decay) * parts[2][name]
                torch.testing.assert_close(value, exact)


def plain_dino(
    net: Network,
    head: dino.DinoHead,
    teacher: Network,
    teacher_head: dino.DinoHead,
    batch: Batch,
    centre: list[float],
    epoch: int,
) -> tuple[float, list[float]]:
    """Return the loss, and the centre after it; 2 local views, and 4 samples."""
    hot = 0.04 + 0.03 * min(epoch / 2, 1)
    large = torch.cat([batch.views["global0"], batch.views["global1"]])
    small = torch.cat([batch.views["local0"], batch.views["local1"]])
    assert (large.shape[2:], small.shape[2:]) == ((16, 16), (8, 8))

    def outputs(model: Network, last: dino.DinoHead, images: Tensor) -> list[Tensor]:
        pooled = model.features(images).deepest.mean(dim=(2, 3))
        return list(last(pooled).detach().double().split(4))

    predicted = [*outputs(net, head, large), *outputs(net, head, small)]
    taught = outputs(teacher, teacher_head, large)
    losses = []
    for t in range(2):
        for v in range(4):
            for i in range(4 if t != v else 0):
                wanted = softmax((taught[t][i] - torch.tensor(centre)) / hot)
                logs = [math.log(p) for p in softmax(predicted[v][i] / 0.1)]
                losses.append(-sum(w * p for w, p in zip(wanted, logs, strict=True)))
    mean = torch.cat(taught).mean(0).tolist()
    moved = [0.9 * c + 0.1 * g for c, g in zip(centre, mean, strict=True)]
    return sum(losses) / len(losses), moved
