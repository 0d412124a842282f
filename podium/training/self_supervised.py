"""Self-supervised learning: two views of an image, pooled vectors, projectors, and their spread.

A method is a `SelfSupervised`. `pooled` averages a backbone's last map to vectors. `mlp` makes
projectors and predictors, all of them linear, batch norm, ReLU, and again; the papers differ in how
many, in biases, and in what follows the last one.

`spread_metrics` measures whether a network still distinguishes images:

    spread(z) = √d · mean_j std_i(u_ij),   u_i = z_i / |z_i|     i: N images, j: d features
    dimensions(z) = (Σ_k λ_k)² / Σ_k λ_k²,     λ: eigenvalues of the covariance of u

Chen & He 2021 (arXiv:2011.10566, §4.1) show the first without its factor: the deviation is about
1 / √d of Gaussian noise in d dimensions, and 0 of vectors that are all alike. Behind a batch norm,
which keeps their mean at 0, vectors that lie on a few lines may still have a spread: the second,
the participation ratio, counts these lines. It is at most d, and at most N - 1.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.features import Features
from podium.models.network import Network
from podium.training.inference.images import evaluation_mode
from podium.training.method import (
    UNLABELLED,
    Batch,
    Method,
    PhaseSetting,
    PoolSizes,
    Step,
    Stream,
    ViewSpec,
)

__all__ = [
    "SelfSupervised",
    "dimensions",
    "mlp",
    "n_pooled",
    "parameter_groups",
    "pooled",
    "spread",
    "spread_metrics",
    "stacked_views_of",
]


class SelfSupervised(Method):
    """Learns a backbone from images alone, which one stream shows in some views.

    A subclass makes modules of its own in `own_modules`, and reads them as `self._own`.

    Attributes:
        compares: whether it compares images of a batch, which takes two at least.

    Raises:
        RecipeError: such a batch is one image, or there is only one.
    """

    needs = (UNLABELLED,)
    compares: ClassVar[bool] = False
    network: Network
    _own: Any

    def __init__(self, options: Any, setting: PhaseSetting) -> None:
        if self.compares and setting.batch_size < 2:
            raise _too_few("batch_size is 1", "batch_size", "write batch_size: 64, or more")
        super().__init__(options, setting)
        views = tuple(self.views())
        self._stream = Stream(UNLABELLED, setting.batch_size, pools=(UNLABELLED,), views=views)

    def views(self) -> Iterable[ViewSpec]:
        """Return the views of an image; by default the two whose policies the options name."""
        return map(ViewSpec, _VIEWS, self.options.views)

    def build(self, network: Any, sizes: PoolSizes) -> nn.Module:
        if self.compares and sizes.unlabelled < 2:
            fix = "write unlabelled: [unlabelled, train, test], or take another method"
            raise _too_few("there is one unlabelled image", "unlabelled", fix)
        super().build(network, sizes)
        own = self._own = self.own_modules(network)
        return own

    @abc.abstractmethod
    def own_modules(self, network: Network) -> nn.Module:
        """Return the modules that are trained or kept beside `network`."""

    def parameter_groups(self) -> Iterable[dict[str, Any]]:
        return parameter_groups(self._own)

    def streams(self, step: Step) -> tuple[Stream, ...]:
        return (self._stream,)


_VIEWS = ("first", "second")


def stacked_views_of(batches: Mapping[str, Batch]) -> tuple[Tensor, Tensor]:
    """Return the images of the two views, `(N, C, h, w)` each."""
    first, second = (batches[UNLABELLED].views[name] for name in _VIEWS)
    return first, second


def _too_few(what: str, where: str, fix: str) -> RecipeError:
    what = f"images are compared within a batch, which takes two at least, and {what}"
    return RecipeError(what, where=where, fix=fix)


def pooled(features: Features) -> Tensor:
    """Return the deepest map of images, averaged: `(N, F)`."""
    return features.deepest.mean(dim=(2, 3))


def n_pooled(network: Network, size: tuple[int, int]) -> int:
    """Return F of `pooled` for images of (height, width) `size`."""
    device = next(network.parameters()).device
    # Batch norm must not learn from emptiness.
    with evaluation_mode(network), torch.no_grad():
        empty = torch.zeros(1, network.in_chans, *size, device=device)
        return int(pooled(network.features(empty)).shape[1])


def parameter_groups(module: nn.Module, **settings: Any) -> Iterable[dict[str, Any]]:
    """Return optimiser groups of `module`'s trained parameters: kernels, then biases and norms.

    `settings` are those of both, as `is_constant`.
    """
    learnt = [one for one in module.parameters() if one.requires_grad]
    kernels = [one for one in learnt if one.ndim > 1]
    others = [one for one in learnt if one.ndim <= 1]
    return {"params": kernels, **settings}, {"params": others, "norms": True, **settings}


LastNorm = Literal["none", "plain", "scaled", "affine"]


def mlp(
    widths: Sequence[int],
    *,
    hidden_bias: bool = False,
    last_bias: bool = False,
    last_norm: LastNorm = "none",
) -> nn.Sequential:
    """Return linear layers with batch norm and ReLU between them.

    From `(N, widths[0])` to `(N, widths[-1])`.

    Args:
        widths: features that come in, of each hidden layer, and that go out.
        hidden_bias: whether hidden linear layers have one, which the norm behind them undoes.
        last_bias: whether the last linear layer has one.
        last_norm: batch norm behind the last layer: "plain" has nothing to learn, "scaled" learns a
            scale and no shift, "affine" both.
    """
    layers: list[nn.Module] = []
    *hidden, last = pairwise(widths)
    for n_in, n_out in hidden:
        linear = nn.Linear(n_in, n_out, bias=hidden_bias)
        layers += [linear, nn.BatchNorm1d(n_out), nn.ReLU(inplace=True)]
    layers.append(nn.Linear(*last, bias=last_bias))
    if last_norm != "none":
        norm = nn.BatchNorm1d(last[1], affine=last_norm != "plain")
        if last_norm == "scaled":
            norm.bias.requires_grad_(False)
        layers.append(norm)
    return nn.Sequential(*layers)


LEAST = 1e-20  # rounding of vectors that are all alike stays below it


def spread_metrics(*vectors: Tensor) -> dict[str, Tensor]:
    """Return "spread" and "dimensions" of `(N, d)` vectors, for a method to record."""
    directions = [_directions(one) for one in vectors]
    return {
        "spread": _mean([_spread(one) for one in directions]),
        "dimensions": _mean([_dimensions(one) for one in directions]),
    }


def spread(*vectors: Tensor) -> Tensor:
    """Return how evenly the rows of `(N, d)` vectors are spread: a float32 scalar in [0, 1].

    1: every feature varies as much as any other; 0: all rows are alike. The deviation is of the
    rows as they are (biased), and no gradient flows. Of several tensors, as of two views, it is the
    mean of each one's.
    """
    return _mean([_spread(_directions(one)) for one in vectors])


def dimensions(*vectors: Tensor) -> Tensor:
    """Return over how many dimensions the rows of `(N, d)` vectors are spread: float32, 1 to d.

    1: all lie on one line; 0: all are alike. No gradient flows, and of several tensors it is the
    mean of each one's.
    """
    return _mean([_dimensions(_directions(one)) for one in vectors])


def _mean(each: list[Tensor]) -> Tensor:
    return sum(each[1:], each[0]) / len(each)


def _spread(directions: Tensor) -> Tensor:
    return directions.std(dim=0, correction=0).mean() * math.sqrt(directions.shape[1])


def _dimensions(directions: Tensor) -> Tensor:
    centred = directions - directions.mean(dim=0)
    # Both matrices of products have the eigenvalues; the smaller one is made.
    with torch.autocast(directions.device.type, enabled=False):
        products = centred @ centred.T if len(centred) < centred.shape[1] else centred.T @ centred
    squares = products.square().sum()
    return products.diagonal().sum().square() / squares.clamp(min=LEAST)


def _directions(vectors: Tensor) -> Tensor:
    # Squares of long vectors overflow in half precision.
    return F.normalize(vectors.detach().float(), dim=1)
