"""The processes that train one network together, each on a device of its own.

Every process makes its part of each batch and passes the pixels to the others, so that all of them
have the whole batch. Inside `divided` a `Network` runs on the process's own rows alone, and returns
the logits of all rows: those of others without gradient. So a method sees whole batches, and its
loss, thresholds and running means are those of one device, whatever they are made of. The sum of
the processes' gradients is then the gradient of the whole batch:

    ∂L/∂θ = Σ_r Σ_(i of r) ∂L/∂z_i · ∂z_i/∂θ,   z_i: the logits of row i

Batch norm takes the mean and variance of the rows of all processes. Dropout is drawn by process:
the one thing that is another with another number of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules._functions import SyncBatchNorm
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.overrides import TorchFunctionMode

from podium.errors import RecipeError
from podium.models.network import Network

__all__ = ["ALONE", "Processes", "divided"]


@dataclass(frozen=True)
class Processes:
    """This process's place among those that train together.

    Attributes:
        rank: from 0; the process of rank 0 alone writes files.
        count: number of processes; 1 is alone, and passes nothing on.
    """

    rank: int = 0
    count: int = 1

    @classmethod
    def current(cls) -> Processes:
        """Return the place of this process in torch's group; alone where there is none."""
        if dist.is_available() and dist.is_initialized():
            return cls(dist.get_rank(), dist.get_world_size())
        return ALONE

    def require(self, n: int) -> None:
        """Raise RecipeError where a batch of `n` leaves a process without a row."""
        if n < self.count:
            raise RecipeError(
                f"a batch of {n} cannot be divided among {self.count} devices",
                where="devices",
                fix="write fewer devices, or a larger batch_size",
            )

    def part(self, n: int, rank: int | None = None) -> slice:
        """Return which of `n` rows a process has, by default this one; one more in the first.

        Example:
            >>> [Processes(rank, 2).part(5) for rank in range(2)]
            [slice(0, 3, None), slice(3, 5, None)]
        """
        rank = self.rank if rank is None else rank
        least, more = divmod(n, self.count)
        first = rank * least + min(rank, more)
        return slice(first, first + least + (rank < more))

    def gather(self, own: Tensor, n: int) -> Tensor:
        """Return the `n` rows of all processes, those of others without gradient.

        Args:
            own: the rows `part(n)` of this process.
            n: of all processes; each calls this with the same one.
        """
        if self.count == 1:
            return own
        largest = -(-n // self.count)
        # As bytes: not every library passes on every type.
        sent = own.new_zeros((largest, *own.shape[1:]))
        sent[: len(own)] = own.detach()
        flat = sent.view(-1).view(torch.uint8)
        received = [torch.empty_like(flat) for _ in range(self.count)]
        dist.all_gather(received, flat)
        parts = [one.view(own.dtype).view(sent.shape) for one in received]
        rows = [self.part(n, rank) for rank in range(self.count)]
        kept = [one[: each.stop - each.start] for one, each in zip(parts, rows, strict=True)]
        kept[self.rank] = own
        return torch.cat(kept)

    def exchange(self, own: Any) -> list[Any]:
        """Return what each process passes here, in the order of the processes."""
        if self.count == 1:
            return [own]
        found: list[Any] = [None] * self.count
        dist.all_gather_object(found, own)
        return found


ALONE = Processes()


@contextlib.contextmanager
def divided(processes: Processes) -> Iterator[None]:
    """Run every `Network` that is called inside on this process's rows; return those of all."""
    if processes.count == 1:
        yield
        return
    sizes: list[tuple[int, int]] = []

    def take(module: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...] | None:
        if not isinstance(module, Network):
            return None
        images, *others = given
        processes.require(len(images))
        seed = int(torch.randint(2**62, ()))  # the same in all processes
        sizes.append((len(images), seed))
        torch.manual_seed(seed + processes.rank)
        return (images[processes.part(len(images))], *others)

    def give(module: nn.Module, given: tuple[Any, ...], logits: Any) -> Any:
        if not isinstance(module, Network):
            return None
        n, seed = sizes.pop()
        torch.manual_seed(seed)
        return {task: processes.gather(one, n) for task, one in logits.items()}

    with contextlib.ExitStack() as at_end:
        at_end.enter_context(_CommonBatchNorm(processes))
        before = register_module_forward_pre_hook(take)  # type: ignore[arg-type]
        at_end.callback(before.remove)
        at_end.callback(register_module_forward_hook(give).remove)
        yield


class _CommonBatchNorm(TorchFunctionMode):
    """Makes every batch norm inside, of whatever class, take the statistics of all processes."""

    def __init__(self, processes: Processes) -> None:
        super().__init__()
        self._processes = processes

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is F.batch_norm and kwargs["training"]:
            return _batch_norm(self._processes, *args, **kwargs)
        return func(*args, **kwargs)


def _batch_norm(
    processes: Processes,
    rows: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    *,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> Tensor:
    """Return batch norm of the rows `(N, C, …)` of all processes, and move its running statistics.

    On a GPU by torch's own kernels, which there are none of for a CPU.
    """
    if rows.device.type == "cuda":
        moved = (running_mean, running_var, eps, momentum, dist.group.WORLD, processes.count)
        found: Tensor = SyncBatchNorm.apply(rows, weight, bias, *moved)
        return found
    axes = [axis for axis in range(rows.ndim) if axis != 1]
    shape = [-1 if axis == 1 else 1 for axis in range(rows.ndim)]
    values = rows.float()
    own = values.sum(axes), values.new_tensor([values.numel() / values.shape[1]])
    sums = _sum(torch.cat(own))
    n = float(sums[-1].detach())
    mean = sums[:-1] / n
    apart = values - mean.view(shape)
    var = _sum((apart * apart).sum(axes)) / n
    with torch.no_grad():
        if running_mean is not None:
            running_mean.lerp_(mean.to(running_mean.dtype), momentum)
        if running_var is not None:
            unbiased = var * (n / (n - 1))
            running_var.lerp_(unbiased.to(running_var.dtype), momentum)
    normed = apart * torch.rsqrt(var + eps).view(shape)
    if weight is not None:
        normed = normed * weight.view(shape)
    if bias is not None:
        normed = normed + bias.view(shape)
    return normed.to(rows.dtype)


class _Sum(torch.autograd.Function):
    """The sum over processes; each has a part of the loss, so gradients are summed, too."""

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:
        total = own.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone()
        dist.all_reduce(total)
        return total


def _sum(own: Tensor) -> Tensor:
    found: Tensor = _Sum.apply(own)
    return found
