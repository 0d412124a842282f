"""The classification head: pool the map, drop, one linear layer, or links of ratings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models._own import WANTED, built, described, tried
from podium.models.features import Features, FeatureShape
from podium.models.spec import ClassifyHead
from podium.workspace import extensions

__all__ = ["HEAD", "Classify", "CumulativeLinks", "GeM"]


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


class CumulativeLinks(nn.Module):
    """Logits `(N, C - 1)` of P(y > k): one score of all, a bias of each.

        logit P(y > k) = w · x + b_k        (Cao et al. 2020, arXiv:1901.07884, eq. 3)

    The biases begin where all C classes are equally frequent.
    """

    def __init__(self, n_features: int, n_links: int) -> None:
        super().__init__()
        self.score = nn.Linear(n_features, 1, bias=False)
        above = 1 - torch.arange(1, n_links + 1) / (n_links + 1)
        self.biases = nn.Parameter(above.logit())

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.score(features) + self.biases
        return logits  # (N, C - 1)


class Classify(nn.Module):
    """Logits `(N, C)` from the deepest map `(N, F, h, w)`."""

    def __init__(
        self, n_features: int, n_outputs: int, *, pool: str, dropout: float, shared: bool = False
    ) -> None:
        super().__init__()
        self.pool = GeM() if pool == "gem" else _Pool(pool)
        self.dropout = nn.Dropout(dropout)
        last = CumulativeLinks if shared else nn.Linear
        self.linear = last(n_features, n_outputs)

    def embed(self, features: Features) -> Tensor:
        """Return the pooled features `(N, F)`, what the linear layer sees without dropout."""
        pooled: Tensor = self.pool(features.deepest)
        return pooled

    def forward(self, features: Features) -> Tensor:
        logits: Tensor = self.linear(self.dropout(self.embed(features)))
        return logits  # (N, C)


def build(
    shape: FeatureShape, n_outputs: int, spec: ClassifyHead, *, root: Path | None = None
) -> nn.Module:
    """Return the head that `spec` describes.

    Raises:
        RecipeError: the user's own cannot be built, or gives no logits.
    """
    if spec.head is not None:
        return _own(spec.head, shape, n_outputs, spec.options, root)
    return Classify(
        shape.n_features,
        n_outputs,
        pool=spec.pool,
        dropout=spec.dropout,
        shared=spec.link == "cumulative",
    )


def _own(
    name: str, shape: FeatureShape, n_outputs: int, options: dict[str, Any], root: Path | None
) -> nn.Module:
    build_own = extensions.load_foreign(name, error=RecipeError, root=root, wanted=WANTED)
    where = "model.heads.classify"
    head = built(lambda: build_own(shape, n_outputs, **options), name, where, root)
    maps = tuple(torch.zeros(2, n, 8, 8) for n in shape.channels)
    with torch.no_grad():
        logits = tried(lambda: head.eval()(Features(maps, (64, 64), (64, 64))), name, where, root)
    if not isinstance(logits, Tensor) or logits.shape != (2, n_outputs):
        raise RecipeError(
            f"{name} gives {described(logits)} for two images, not logits {(2, n_outputs)}",
            where=where,
            fix="map Features to (N, n_outputs)",
        )
    return head.train()


HEAD = build
