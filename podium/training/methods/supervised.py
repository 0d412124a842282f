"""Supervised learning: the objective on labelled batches, mixed where the phase says so.

L = objective(network(x̃), ỹ),   (x̃, ỹ) = mix(x, y)
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from podium.training.methods._protocol import LABELLED, Batch, Method, Step
from podium.training.mixing import mix, soft_targets

__all__ = ["METHOD"]


class Supervised(Method):
    """Learns from labels alone."""

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        batch = batches[LABELLED]
        images, targets = self._mixed(batch, step)
        return self.setting.objective(self.network(images), targets, batch.weight)

    def _mixed(self, batch: Batch, step: Step) -> tuple[Tensor, dict[str, Tensor]]:
        setting = self.setting
        if setting.mix.mixup == 0 and setting.mix.cutmix == 0:
            return batch.images, batch.targets
        soft = soft_targets(
            batch.targets["classify"], kind=setting.kind, n_outputs=setting.n_outputs
        )
        images, mixed = mix(batch.images, soft, setting.mix, step.rng("mix"))
        return images, {**batch.targets, "classify": mixed}


METHOD = Supervised
