"""The classification head: pool the map, drop, linear layers, cosines, or links of ratings."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, normalize

from podium.errors import RecipeError
from podium.models.features import Features, FeatureShape
from podium.models.spec import ClassifyHead, Cosine
from podium.models.user_modules import (
    MODULE_BUILDER,
    build_user_module,
    call_user_code,
    describe_object,
)
from podium.workspace import extensions

__all__ = [
    "HEAD",
    "Classify",
    "ColumnUnits",
    "Cosines",
    "CumulativeLinks",
    "GeM",
    "with_column_units",
]


class GeM(nn.Module):
    """Generalised-mean pooling with a trained exponent (Radenović et al. 2018, arXiv:1711.02512).

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


class Cosines(nn.Module):
    """Logits `(N, C)`, float32: a scale times the cosine of an embedding and a class's weight.

    z_c = s <w_c, x> / (|w_c| |x|)      (Deng et al. 2019, arXiv:1801.07698)
    """

    def __init__(self, n_features: int, n_classes: int, *, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.weight = nn.Parameter(torch.empty(n_classes, n_features))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, embedding: Tensor) -> Tensor:
        kind = embedding.device.type
        # bfloat16 resolves cosines to 0.004, which are 0.1 of a logit. Export has no autocast.
        is_mixed = torch.is_autocast_enabled(kind)
        with torch.autocast(kind, enabled=False) if is_mixed else nullcontext():
            each = linear(normalize(embedding.float()), normalize(self.weight.float()))
        return self.scale * each


class ColumnUnits(nn.Module):
    """Numbers `(N, C)`, float32, in the units of their columns: s_c z_c + m_c.

    The layers before give z, which is standard: mean m and deviation s are those of the rows that
    are learnt from, and part of the weights. A prediction (in evaluation mode) lies between low and
    high: a row unlike all others would otherwise count more than all others.
    """

    mean: Tensor
    scale: Tensor
    low: Tensor
    high: Tensor

    def __init__(self, n_columns: int) -> None:
        super().__init__()
        most = torch.finfo(torch.float32).max
        self.register_buffer("mean", torch.zeros(n_columns))
        self.register_buffer("scale", torch.ones(n_columns))
        self.register_buffer("low", torch.full((n_columns,), -most))
        self.register_buffer("high", torch.full((n_columns,), most))

    def unbounded(self, standard: Tensor) -> Tensor:
        """Return the numbers without bounds, as losses take them."""
        return standard * self.scale + self.mean

    def forward(self, standard: Tensor) -> Tensor:
        numbers = self.unbounded(standard)
        if self.training:
            return numbers
        return torch.maximum(torch.minimum(numbers, self.high), self.low)


class Classify(nn.Module):
    """Logits `(N, C)` from the deepest map `(N, F, h, w)`."""

    def __init__(
        self,
        n_features: int,
        n_outputs: int,
        *,
        pool: str,
        dropout: float,
        layers: Sequence[int] = (),
        dropout_samples: int = 1,
        shared: bool = False,
        cosine: Cosine | None = None,
    ) -> None:
        super().__init__()
        self.pool = GeM() if pool == "gem" else _Pool(pool)
        self.dropout = nn.Dropout(dropout)
        self.dropout_samples = dropout_samples
        self.embedding: nn.Module = nn.Identity()
        self.units: ColumnUnits | None = None
        if cosine is not None:
            if cosine.size is not None:
                # Batch norm takes away what a bias adds.
                own = nn.Linear(n_features, cosine.size, bias=False)
                self.embedding = nn.Sequential(own, nn.BatchNorm1d(cosine.size))
            self.linear: nn.Module = Cosines(
                cosine.size or n_features, n_outputs, scale=cosine.scale
            )
        else:
            if layers:
                sizes = itertools.pairwise((n_features, *layers))
                hidden = [(nn.Linear(n, m), nn.ReLU()) for n, m in sizes]
                self.embedding = nn.Sequential(*itertools.chain.from_iterable(hidden))
            last = CumulativeLinks if shared else nn.Linear
            self.linear = last(layers[-1] if layers else n_features, n_outputs)

    def embed(self, features: Features) -> Tensor:
        """Return the input of the last layer, without dropout: the pooled features `(N, F)`.

        With `layers` it is the output of the last hidden one; with `cosine` it is the embedding
        `(N, size)`. Its length is not made 1: a caller that compares embeddings does that, and of
        several views each first.
        """
        embedding: Tensor = self.embedding(self.pool(features.deepest))
        return embedding

    def forward(self, features: Features) -> Tensor:
        pooled = self.dropout(self.pool(features.deepest))
        logits: Tensor = self.linear(self.embedding(pooled))
        return logits if self.units is None else self.units(logits)  # (N, C)

    def in_units(self, outputs: Tensor) -> Tensor:
        """Return what `linear` gives in the units of their columns, if any, without bounds."""
        return outputs if self.units is None else self.units.unbounded(outputs)

    def each_sample(self, features: Features) -> Tensor:
        """Return the logits `(N, K, C)` of K = `dropout_samples` masks of the pooled features.

        Multi-sample dropout (Inoue 2019, arXiv:1905.09788) averages the losses of the K outputs,
        which estimates the loss of one mask more steadily. (The mean of K logits would be something
        else: with one linear layer behind the dropout, only a dropout that drops less.)
        """
        pooled = self.pool(features.deepest).unsqueeze(1)
        masked: Tensor = self.dropout(pooled.expand(-1, self.dropout_samples, -1))
        logits = self.in_units(self.linear(self.embedding(masked.flatten(0, 1))))
        return logits.reshape(-1, self.dropout_samples, logits.shape[1])


def build(
    shape: FeatureShape, n_outputs: int, spec: ClassifyHead, *, root: Path | None = None
) -> nn.Module:
    """Return the head that `spec` describes.

    Raises:
        RecipeError: the user's own cannot be built, or gives no logits; or cosines are requested of
            what has no classes that exclude each other.
    """
    if spec.head is not None:
        return _user_layer(spec.head, shape, n_outputs, spec.options, root)
    if spec.cosine is not None and (n_outputs == 1 or spec.link not in (None, "classes")):
        rating = spec.link not in (None, "classes")
        raise RecipeError(
            "cosine outputs one number a class, and the labels are trained as "
            + ("ratings" if rating else "one number"),
            where="model.heads.classify.cosine",
            fix="write link: classes beside it" if rating else "leave cosine out",
        )
    return Classify(
        shape.n_features,
        n_outputs,
        pool=spec.pool,
        dropout=spec.dropout,
        layers=spec.layers,
        dropout_samples=spec.dropout_samples,
        cosine=spec.cosine,
        shared=spec.link == "cumulative",
    )


def with_column_units(head: nn.Module, n_columns: int) -> nn.Module:
    """Return `head` with outputs in the units of their columns, which are to be measured yet."""
    units = ColumnUnits(n_columns)
    if not isinstance(head, Classify):
        return nn.Sequential(head, units)
    head.units = units
    return head


def _user_layer(
    name: str, shape: FeatureShape, n_outputs: int, options: dict[str, Any], root: Path | None
) -> nn.Module:
    build_own = extensions.load_user_object(
        name, error=RecipeError, root=root, contract=MODULE_BUILDER
    )
    where = "model.heads.classify"
    head = build_user_module(lambda: build_own(shape, n_outputs, **options), name, where)
    maps = tuple(torch.zeros(2, n, 8, 8) for n in shape.channels)
    with torch.no_grad():
        logits = call_user_code(
            lambda: head.eval()(Features(maps, (64, 64), (64, 64))), name, where
        )
    if not isinstance(logits, Tensor) or logits.shape != (2, n_outputs):
        raise RecipeError(
            f"{name} gives {describe_object(logits)} for two images, not logits {(2, n_outputs)}",
            where=where,
            fix="map Features to (N, n_outputs)",
        )
    return head.train()


HEAD = build
