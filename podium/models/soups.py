"""The mean of several networks' weights: one network of the same size (a soup).

Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves
accuracy without increasing inference time". It is of use where the networks were trained from the
same weights, so that they lie in one basin of the loss; networks from different random weights do
not, and their mean knows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from podium.errors import DataError, some

__all__ = ["mean_state"]

State = Mapping[str, Tensor]


def mean_state(states: Sequence[State], names: Sequence[str]) -> dict[str, Tensor]:
    """Return the mean of each tensor of `states`, in its own dtype, summed in float64.

    Running means and variances of batch norms are averaged like weights. Whole numbers, which count
    batches, are those of the first network.

    Args:
        states: `state_dict` of M networks.
        names: `(M,)`, for messages.

    Raises:
        DataError: the networks are not of one architecture, or a weight is not finite.
    """
    first = states[0]
    for state, name in zip(states[1:], names[1:], strict=True):
        _refuse_another(first, state, names[0], name)
    return {key: _mean([state[key] for state in states], key, names) for key in first}


def _refuse_another(first: State, other: State, name: str, other_name: str) -> None:
    apart = sorted(set(first) ^ set(other))
    apart = apart or [key for key in first if first[key].shape != other[key].shape]
    if apart:
        raise DataError(
            f"{name} and {other_name} are networks of different architectures: {some(apart)}",
            fix="a soup takes runs whose `model` is the same",
        )


def _mean(tensors: list[Tensor], key: str, names: Sequence[str]) -> Tensor:
    if not tensors[0].is_floating_point():
        return tensors[0].clone()
    for tensor, name in zip(tensors, names, strict=True):
        if not bool(torch.isfinite(tensor).all()):
            raise DataError(f"{key} of {name} is not finite", fix="leave this run out")
    total = torch.zeros_like(tensors[0], dtype=torch.float64)
    for tensor in tensors:
        total += tensor
    return (total / len(tensors)).to(tensors[0].dtype)
