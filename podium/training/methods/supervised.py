"""Supervised learning: the objective on labelled batches, mixed where the phase has `mix:`.

L = objective(network(x̃), ỹ),   (x̃, ỹ) = mix(x, y)

With `strong` every image comes in two views, by the recipe's own policy and by that one, and x
holds both: the baseline of a method that learns strong views of unlabelled images.

A sample with a label and no mask, or the reverse, counts for the target that it has.

With `dropout_samples: K` of the recipe's head of labels (Inoue 2019, arXiv:1905.09788) the loss is
the mean over K dropout masks of the pooled features; in evaluation, and for a head that is frozen,
nothing is dropped:

    L = 1/K · Σ_k objective(z_k)        z_k: logits under the k-th mask
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from podium.models.heads.classify import Classify
from podium.models.network import Network
from podium.tasks.protocols.names import IMAGES, PIXELS, has_images
from podium.training.method import LABELLED, Batch, Method, Options, Step, Stream, ViewSpec
from podium.training.semi_supervised import STRONG

__all__ = ["METHOD", "training_logits"]


def training_logits(
    network: nn.Module, images: Tensor, tasks: Collection[str]
) -> dict[str, Tensor]:
    """Return `network(images, tasks)`, with the logits `(N, K, C)` of all dropout masks if K > 1.

    Args:
        network: in training mode.
        images: `(N, in_chans, H, W)`.
        tasks: the heads to run.
    """
    if isinstance(network, Network) and has_images(tasks):
        head = network.heads[IMAGES]
        if isinstance(head, Classify) and head.dropout_samples > 1 and head.training:
            features = network.features(images)
            others = network.decode(features, set(tasks) - {IMAGES})
            return {IMAGES: head.each_sample(features), **others}
    logits: dict[str, Tensor] = network(images, tasks)
    return logits


TRAIN = "train"


class SupervisedOptions(Options):
    """The options of `method: {name: supervised}`."""

    strong: str | None = None
    """policy of a second view of every image, which is learnt beside the recipe's; default: none"""


class Supervised(Method):
    """Learns from labels and masks alone."""

    Options = SupervisedOptions
    divides_batches = True
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
        # A head that this phase does not learn is not run: nothing of it moves.
        logits = training_logits(self.network, images, setting.objective.tasks)
        return setting.objective(logits, targets, batch.weight)


def _side_by_side(batch: Batch) -> Batch:
    """Return a batch whose samples are the views of `batch`, one view after the other."""
    n = len(batch.views)
    targets = {task: torch.cat([target] * n) for task, target in batch.targets.items()}
    if batch.masks:
        targets[PIXELS] = torch.cat([batch.masks[view] for view in batch.views])
    images = torch.cat(list(batch.views.values()))
    return Batch({TRAIN: images}, targets, batch.weight.repeat(n), batch.index.repeat(n))


METHOD = Supervised
