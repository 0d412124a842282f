"""UniMatch V2: complementary feature dropout in two strong views (Yang et al. 2024, 2410.10777).

    L_s = Σ 1[shown and confidence ≥ τ] · CE(z(strong), label of the teacher) / Σ 1[shown]
    L   = ½ [objective(labelled) + λ (L_s1 + L_s2) / 2]
    maps of strong view 1 times M, of view 2 times 2 − M;   M ∈ {0, 2} for each channel, or all 1,
    one M for all levels of as many channels: all of a ViT, as its authors have it
    after step k:  θ' ← d θ' + (1 − d) θ,   d = min(1 − 1 / (k + 1), decay)

The teacher predicts the weak view in evaluation mode; its buffers, the statistics of batch norm,
are averaged as its weights are, and integers among them copied. It is the teacher that predicts.

Both strong views are drawn on top of the one weak view. Half of them get a box of another image of
the batch, which is the batch in reversed order: image, pseudo-mask, what is sure and what is shown
are pasted together.

Binary and multilabel masks are the same with two classes for each output. A phase that learns
labels, too, learns them by the same formula with `threshold`, from strong views without a box. One
that learns labels alone has no boxes at all.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from podium.models.network import Network
from podium.training.data.mixing import paste_boxes
from podium.training.fit.averaging import update_average
from podium.training.method import (
    LABELLED,
    UNLABELLED,
    Batch,
    PhaseSetting,
    PoolSizes,
    Step,
    Stream,
)
from podium.training.methods.unimatch import VIEWS, TwoStrong, TwoStrongOptions
from podium.training.semi_supervised import WEAK

__all__ = ["METHOD", "complementary"]


class UniMatchV2Options(TwoStrongOptions):
    """The options of `method: {name: unimatch_v2}`."""

    dropout: Annotated[float, Field(ge=0, le=1)] = 0.5
    """share of the samples whose channels are parted between the strong views"""
    decay: Annotated[float, Field(ge=0, le=1)] = 0.996
    """of the teacher"""


class UniMatchV2(TwoStrong):
    """Learns the mean weights' pseudo-masks from strong views with half of the features each."""

    Options = UniMatchV2Options
    options: UniMatchV2Options

    def __init__(self, options: UniMatchV2Options, setting: PhaseSetting) -> None:
        super().__init__(options, setting, "unimatch_v2")

    def build(self, network: Any, sizes: PoolSizes) -> nn.Module:
        super().build(network, sizes)
        teacher: Network = copy.deepcopy(network).requires_grad_(False).eval()
        self._teacher = teacher
        return teacher

    def streams(self, step: Step) -> tuple[Stream, ...]:
        return self.setting.labelled, self.unlabelled

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        labelled, own = batches[LABELLED], batches[UNLABELLED]
        tasks = self.setting.objective.tasks
        images, targets = self.setting.mixed(labelled, step)
        with torch.no_grad():
            taught = self._teacher(own.views[WEAK], tasks)
        ours = self.predictions(taught, own)
        labelled_logits = self.network(images, tasks)
        boxes = self.boxes(own, step)
        views = [own.views[one] for one in VIEWS]
        strong = self._parted(
            [paste_boxes(one, one.flip(0), boxes[v]) for v, one in zip(VIEWS, views, strict=True)],
            step,
        )
        unlabelled, kept = {}, {}
        for task, pseudo in ours.items():
            found = []
            for view, logits in zip(VIEWS, strong[task].chunk(2), strict=True):
                pasted = pseudo.lying_in(own, view)
                pasted = pasted.pasted(pasted.flipped(), boxes[view])
                found.append(pasted.consistency_loss(logits))
            unlabelled[task] = (found[0][0] + found[1][0]) / 2
            kept[task] = (found[0][1] + found[1][1]) / 2
        losses = self.setting.objective(labelled_logits, targets, labelled.weight)
        return self.halved_losses(losses, own, ours, unlabelled, kept)

    def _parted(self, images: list[Tensor], step: Step) -> dict[str, Tensor]:
        """Return the logits of both views, one after the other, of parted channels."""
        rng = step.rng("dropout")
        n = len(images[0])
        # The same samples on every level: of those that are whole the decoder sees whole maps.
        is_whole = rng.permutation(n) < int(n * (1 - self.options.dropout))
        features = self.network.features(torch.cat(images))
        parted = iter(complementary(features.maps, is_whole, rng))
        features = features.map(lambda _: next(parted))
        logits: dict[str, Tensor] = self.network.decode(features, self.setting.objective.tasks)
        return logits

    def after_step(self, step: Step) -> None:
        decay = min(1 - 1 / (step.index + 1), self.options.decay)
        update_average(self._teacher, self.network, decay=decay, buffers="average")

    def evaluation_network(self) -> nn.Module:
        return self._teacher


def complementary(
    maps: Sequence[Tensor], is_whole: NDArray[np.bool_], rng: np.random.Generator
) -> list[Tensor]:
    """Return the maps of two views of which each keeps the channels that the other loses.

    Args:
        maps: of each level, `(2 N, F, h, w)`; the second view's after the first's.
        is_whole: `(N,)` bool: samples of which both views keep all.
        rng: of the step, so that a resumed run parts them the same.
    """
    factors: dict[int, Tensor] = {}
    for n_channels in dict.fromkeys(level.shape[1] for level in maps):
        one = 2 * rng.integers(2, size=(len(is_whole), n_channels)).astype(np.float32)
        one[is_whole] = 1
        factors[n_channels] = torch.from_numpy(np.concatenate([one, 2 - one]))
    return [
        level * factors[level.shape[1]][..., None, None].to(level, non_blocking=True)
        for level in maps
    ]


METHOD = UniMatchV2
