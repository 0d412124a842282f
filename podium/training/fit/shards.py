"""A network whose weights are divided among the processes that train it: `sharded: true`.

Each of K processes keeps 1/K of the weights, of their gradients and of the optimiser's state, and
has a part of the network whole while it computes with it: FSDP (Zhao et al. 2023,
arXiv:2304.11277) by torch's `fully_shard`. AdamW's 16 bytes a parameter become 16/K.

The network outside stays whole, in the processor's memory while steps are done: it gets the weights
at the end of an epoch, and for a checkpoint, so that evaluation, callbacks and files know nothing
of shards.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.optim import Optimizer

from podium.models.network import Network
from podium.training.processes import Processes

__all__ = ["Shards", "load_whole_state", "parts_at_a_time", "whole_state"]

_LARGEST_SHARE = 1 / 8
"""of all parameters, that are whole at a time, where a module of that size can be found"""


class Shards:
    """The sharded copy of `whole` that learns in its place.

    Args:
        whole: the network, with its frozen parts set; on the device that trains.
    """

    def __init__(self, whole: Network) -> None:
        self._whole, self._device = whole, next(whole.parameters()).device
        self.make_room()
        # A shard is a slice of the first axis, and has to lie in one piece.
        self.network = copy.deepcopy(whole).to(memory_format=torch.contiguous_format)
        mesh = init_device_mesh(self._device.type, (Processes.current().count,))
        for part in (*parts_at_a_time(self.network), self.network):
            fully_shard(part, mesh=mesh)  # moves it to the device, a part at a time
        whole.to(self._device)

    def make_room(self) -> None:
        """Put the whole network into the processor's memory while the shards learn."""
        self._whole.to("cpu")

    @torch.no_grad()
    def gather(self) -> None:
        """Give the whole network the weights; all processes call it together."""
        learnt = self.network.state_dict()
        self._whole.load_state_dict({name: _gathered(one) for name, one in learnt.items()})

    def end_steps(self) -> None:
        """Give the whole network the weights, on the device."""
        self.gather()
        self._whole.to(self._device)


def parts_at_a_time(network: nn.Module) -> Iterator[nn.Module]:
    """Yield the modules to have whole one at a time: the largest with an eighth of all parameters.

    A single layer that has more is one, too.
    """
    most = _LARGEST_SHARE * _n_parameters(network)

    def visit(module: nn.Module) -> Iterator[nn.Module]:
        for child in module.children():
            n = _n_parameters(child)
            has_forward = not isinstance(child, (nn.ModuleList, nn.ModuleDict))
            if n and has_forward and (n <= most or not any(map(_n_parameters, child.children()))):
                yield child
            else:
                yield from visit(child)

    return visit(network)


def whole_state(optimizer: Optimizer) -> dict[str, Any]:
    """Return the optimiser's state as that of one device; all processes call it together."""
    found = optimizer.state_dict()
    state = {
        index: {name: _gathered(one) for name, one in of_parameter.items()}
        for index, of_parameter in found["state"].items()
    }
    return {**found, "state": state}


def load_whole_state(optimizer: Optimizer, state: Mapping[str, Any]) -> None:
    """Load the state of one device, each process its shards; all processes call it together."""
    parameters = [one for group in optimizer.param_groups for one in group["params"]]
    divided = {
        index: {name: _divided(one, parameters[index]) for name, one in of_parameter.items()}
        for index, of_parameter in state["state"].items()
    }
    optimizer.load_state_dict({**state, "state": divided})


def _gathered(value: Any) -> Any:
    return value.full_tensor().cpu() if isinstance(value, DTensor) else value


def _divided(value: Any, parameter: Tensor) -> Any:
    if not (isinstance(parameter, DTensor) and isinstance(value, Tensor)):
        return value
    if value.shape != parameter.shape:  # a count of steps
        return value
    return distribute_tensor(
        value.to(parameter.device), parameter.device_mesh, parameter.placements
    )


def _n_parameters(module: nn.Module) -> int:
    return sum(one.numel() for one in module.parameters())
