"""Supervised learning: the objective on labelled batches, mixed where the phase says so.

L = objective(network(x̃), ỹ),   (x̃, ỹ) = mix(x, y)

With `strong` every image is seen twice, by the recipe's own policy and by that one, and x holds
both views: what a method is compared with that learns strong views of unlabelled images.

A sample with a label and no mask, or the reverse, counts for the answer that it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from podium.training.dropout_samples import logits_to_learn
from podium.training.method import LABELLED, Batch, Method, Options, Step, Stream, ViewSpec
from podium.training.weak_strong import STRONG

__all__ = ["METHOD"]

TRAIN = "train"


class SupervisedOptions(Options):
    """The options of `method: {name: supervised}`."""

    strong: str | None = None
    """policy of a second view of every image, which is learnt beside the recipe's; default: none"""


class Supervised(Method):
    """Learns from labels and masks alone."""

    Options = SupervisedOptions
    options: SupervisedOptions
    averages_dropout = True

    def streams(self, step: Step) -> tuple[Stream, ...]:
        labelled = self.setting.labelled
        if self.options.strong is None:
            return (labelled,)
        views = (ViewSpec(TRAIN), ViewSpec(STRONG, self.options.strong))
        return (replace(labelled, views=views),)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        batch, setting = batches[LABELLED], self.setting
        if self.options.strong is not None:
            batch = _side_by_side(batch)
        images, targets = setting.mixed(batch, step)
        # A head that this phase does not learn is not asked: nothing of it moves.
        logits = logits_to_learn(self.network, images, setting.objective.tasks)
        return setting.objective(logits, targets, batch.weight)


def _side_by_side(batch: Batch) -> Batch:
    """Return a batch whose samples are the views of `batch`, one view after the other."""
    n = len(batch.views)
    targets = {task: torch.cat([target] * n) for task, target in batch.targets.items()}
    if batch.masks:
        targets["segment"] = torch.cat([batch.masks[view] for view in batch.views])
    images = torch.cat(list(batch.views.values()))
    return Batch({TRAIN: images}, targets, batch.weight.repeat(n), batch.index.repeat(n))


METHOD = Supervised
