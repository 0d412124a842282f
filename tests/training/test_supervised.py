"""The fair baseline: every labelled image is learnt from in two views at once."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from training.handmade import batches, method, network, step

from podium.training.method import LABELLED
from podium.training.methods.supervised import METHOD


def made(task: str, **options: Any) -> tuple[Any, Any, Any]:
    own, net = method(METHOD, task, **options), network(task)
    own.build(net, None)  # type: ignore[arg-type]
    return own, net, batches(own, step(), seed=0)


@pytest.mark.parametrize("task", ["classify", "segment"])
def test_the_loss_is_the_mean_over_both_views(task: str) -> None:
    own, net, seen = made(task, strong="strong")
    batch = seen[LABELLED]
    assert list(batch.views) == ["train", "strong"]
    # Batch norm sees both views at once.
    logits = net(torch.cat(list(batch.views.values())))[task]
    if task == "classify":
        answers = batch.targets["classify"].tolist() * 2
        rows = logits.tolist()
    else:
        answers = torch.cat([batch.masks["train"], batch.masks["strong"]]).flatten().tolist()
        rows = logits.permute(0, 2, 3, 1).flatten(0, 2).tolist()
    each = [
        math.log(sum(math.exp(z) for z in row)) - row[answer]
        for row, answer in zip(rows, answers, strict=True)
        if answer >= 0
    ]
    found = own.losses(seen, step())["total"]
    assert found.item() == pytest.approx(sum(each) / len(each), rel=1e-4)


def test_without_the_option_there_is_one_view_of_the_recipes_own_policy() -> None:
    own, _, seen = made("classify")
    [stream] = own.streams(step())
    assert stream == own.setting.labelled
    assert list(seen[LABELLED].views) == ["train"]


def test_the_first_view_is_the_same_with_and_without_a_second() -> None:
    [one], [two] = (
        made("classify")[0].streams(step()),
        made("classify", strong="strong")[0].streams(step()),
    )
    assert two.views[0] == one.views[0]
    assert (two.name, two.batch_size) == (one.name, one.batch_size)
