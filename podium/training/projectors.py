"""Projectors and predictors: the layers between a backbone's vectors and what methods compare.

All are linear, batch norm, ReLU, and again; the papers differ in how many, in biases, and in what
follows the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from torch import nn

__all__ = ["LastNorm", "mlp"]

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
