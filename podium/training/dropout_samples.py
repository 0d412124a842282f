"""Logits to learn from: of one dropout mask, or of several, whose losses are averaged.

    L = 1/K · Σ_k objective(z_k)        z_k: logits under the k-th mask of the pooled features

K is `dropout_samples` of the recipe's head of labels (Inoue 2019, arXiv:1905.09788). `Objective`
takes the mean; in evaluation, and for a head that is frozen, nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Collection

from torch import Tensor, nn

from podium.models.heads.classify import Classify
from podium.models.network import Network

__all__ = ["logits_to_learn"]

CLASSIFY = "classify"


def logits_to_learn(
    network: nn.Module, images: Tensor, tasks: Collection[str]
) -> dict[str, Tensor]:
    """Return what `network(images, tasks)` does, and of labels every answer `(N, K, C)` if K > 1.

    Args:
        network: in training mode.
        images: `(N, in_chans, H, W)`.
        tasks: which heads to ask.
    """
    if isinstance(network, Network) and CLASSIFY in tasks:
        head = network.heads[CLASSIFY]
        if isinstance(head, Classify) and head.dropout_samples > 1 and head.training:
            features = network.features(images)
            others = network.decode(features, set(tasks) - {CLASSIFY})
            return {CLASSIFY: head.each_sample(features), **others}
    logits: dict[str, Tensor] = network(images, tasks)
    return logits
