"""The classification head: pool the map, drop, one linear layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from podium.models.features import Features, FeatureShape
from podium.models.spec import ClassifyHead

__all__ = ["HEAD", "Classify", "GeM"]


class GeM(nn.Module):
    """Generalised-mean pooling with a learnt exponent (Radenović et al. 2018, arXiv:1711.02512).

        f_c = (mean_hw max(x_chw, eps)^p)^(1/p)         (eq. 3)

    p = 1 is the average of what is positive, p to infinity the maximum.
    """

    def __init__(self, p: float = 3.0, eps: float = 1e-6) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.tensor([p]))
        self.eps = eps

    def forward(self, features: Tensor) -> Tensor:
        # Powers of small numbers underflow in half precision.
        positive = features.float().clamp(min=self.eps)
        return positive.pow(self.p).mean(dim=(2, 3)).pow(1 / self.p)  # (N, F)


class _Pool(nn.Module):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, features: Tensor) -> Tensor:
        if self.name == "avg":
            return features.mean(dim=(2, 3))
        if self.name == "max":
            return features.amax(dim=(2, 3))
        return (features.mean(dim=(2, 3)) + features.amax(dim=(2, 3))) / 2


class Classify(nn.Module):
    """Logits `(N, C)` from the deepest map `(N, F, h, w)`."""

    def __init__(self, n_features: int, n_outputs: int, *, pool: str, dropout: float) -> None:
        super().__init__()
        self.pool = GeM() if pool == "gem" else _Pool(pool)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(n_features, n_outputs)

    def embed(self, features: Features) -> Tensor:
        """Return the pooled features `(N, F)`, what the linear layer sees without dropout."""
        pooled: Tensor = self.pool(features.deepest)
        return pooled

    def forward(self, features: Features) -> Tensor:
        logits: Tensor = self.linear(self.dropout(self.embed(features)))
        return logits  # (N, C)


def build(shape: FeatureShape, n_outputs: int, spec: ClassifyHead) -> Classify:
    """Return the head that `spec` describes."""
    return Classify(shape.n_features, n_outputs, pool=spec.pool, dropout=spec.dropout)


HEAD = build
