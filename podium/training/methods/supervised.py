"""Supervised learning: the objective on labelled batches, mixed where the phase says so.

L = objective(network(x̃), ỹ),   (x̃, ỹ) = mix(x, y)

A sample with a label and no mask, or the reverse, counts for the answer that it has.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from podium.training.method import LABELLED, Batch, Method, Step

__all__ = ["METHOD"]


class Supervised(Method):
    """Learns from labels and masks alone."""

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        batch, setting = batches[LABELLED], self.setting
        images, targets = setting.mixed(batch, step)
        # A head that this phase does not learn is not asked: nothing of it moves.
        logits = self.network(images, setting.objective.tasks)
        return setting.objective(logits, targets, batch.weight)


METHOD = Supervised
