"""Device and precision of networks."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments import ClusterEnvironment
from lightning_fabric.strategies import DDPStrategy
from torch import nn

from podium.errors import RecipeError, plural
from podium.training.processes import Processes
from podium.training.recipe import Recipe
from podium.workspace.machine import has_bf16, n_cores

__all__ = [
    "advise_precision",
    "keep_freed_memory",
    "make_fabric",
    "own_random_state",
    "use_all_cores",
]

# The parameters of glibc's mallopt(3). The first is the most that it takes on 64 bits.
_M_MMAP_THRESHOLD, _MAPPED_FROM = -3, 32 * 2**20
_M_TRIM_THRESHOLD, _KEPT = -1, 2**30

_PRECISIONS = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def make_fabric(recipe: Recipe, *, has_idle: bool = True) -> Fabric:
    """Return Fabric on the GPU if there is one, else on the CPU, in the recipe's precision.

    Where processes train together (`fit.devices`) it is that of DDP, on this process's device;
    where they divide the weights (`fit.shards`), too, that of the device alone.

    Args:
        recipe: whose precision.
        has_idle: whether a phase may leave a parameter that learns without a gradient, as that of a
            head it does not run: DDP looks for them in every step then.

    "auto" is float32 on a CPU; on a GPU bfloat16 where the hardware has it, else float16 with a
    loss scaler (bfloat16 is emulated, and slow, on the T4 and P100 of notebook services).

    Raises:
        RecipeError: float16 on a CPU, whose small gradients would vanish without a scaler.
    """
    has_gpu = torch.cuda.is_available()
    precision = recipe.precision
    if precision == "auto":
        precision = "fp32" if not has_gpu else "bf16" if _has_fast_bf16() else "fp16"
    if precision == "fp16" and not has_gpu:
        raise RecipeError(
            "precision: fp16 needs a GPU, and there is none", fix="write precision: auto"
        )
    accelerator, processes = "cuda" if has_gpu else "cpu", Processes.current()
    if processes.count == 1 or recipe.sharded:
        mine = [processes.rank] if has_gpu else 1
        return Fabric(accelerator=accelerator, devices=mine, precision=_PRECISIONS[precision])
    fabric = Fabric(
        accelerator=accelerator,
        devices=processes.count,
        precision=_PRECISIONS[precision],
        strategy=DDPStrategy(
            cluster_environment=_Group(processes),
            find_unused_parameters=has_idle,
            forward_sync_buffers=False,  # they are equal: every process computes them of all rows
        ),
    )
    fabric.launch()
    return fabric


class _Group(ClusterEnvironment):  # type: ignore[misc]  # lightning's types do not tell
    """The group that `fit.devices` has made: nothing is left to start or to find."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    @property
    def creates_processes_externally(self) -> bool:
        return True

    @property
    def main_address(self) -> str:
        return "127.0.0.1"

    @property
    def main_port(self) -> int:
        return 0

    @staticmethod
    def detect() -> bool:
        return False

    def world_size(self) -> int:
        return self._processes.count

    def set_world_size(self, size: int) -> None:
        pass

    def global_rank(self) -> int:
        return self._processes.rank

    def set_global_rank(self, rank: int) -> None:
        pass

    def local_rank(self) -> int:
        return self._processes.rank

    def node_rank(self) -> int:
        return 0


_DEPTHWISE_SHARE = 0.2


def advise_precision(precision: str, network: nn.Module) -> str | None:
    """Return why `precision: bf16` is likely slower than fp32 here; None where it is not.

    On a CPU it is faster where the processor has it and for plain convolutions. Depthwise ones have
    no fast kernels in it: `python benchmarks/precision.py` measures families of networks.

    Args:
        precision: the recipe's.
        network: that is trained.
    """
    if precision != "bf16" or torch.cuda.is_available():
        return None
    if not has_bf16():
        return "this processor has no bf16, torch emulates it: precision: fp32 is faster"
    convolutions = [one for one in network.modules() if isinstance(one, nn.Conv2d)]
    depthwise = [one for one in convolutions if one.groups == one.in_channels > 1]
    if len(depthwise) <= _DEPTHWISE_SHARE * len(convolutions):
        return None
    return (
        f"{len(depthwise)} of {plural(len(convolutions), 'convolution')} "
        f"{'is' if len(depthwise) == 1 else 'are'} "
        "depthwise, which bf16 makes slower on a CPU: precision: fp32 is likely faster"
    )


def use_all_cores() -> None:
    """Give torch the processors that this process may use, unless OMP_NUM_THREADS is set.

    Processes that train together share them.
    """
    if "OMP_NUM_THREADS" in os.environ:
        return
    mine = max(1, n_cores() // Processes.current().count)
    if torch.get_num_threads() != mine:
        torch.set_num_threads(mine)


def keep_freed_memory() -> bool:
    """Let malloc keep what a training step frees for the next one; return whether it can.

    glibc gives blocks of more than some hundred kilobytes back to the system, which hands out empty
    pages for them again in the next step: a page fault for each 4 KiB. What is kept is at most
    1 GiB more than is in use. Other systems' malloc stays as it is. The same numbers are computed.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "gnu_get_libc_version"):
        return False
    mapped = libc.mallopt(_M_MMAP_THRESHOLD, _MAPPED_FROM)
    kept = libc.mallopt(_M_TRIM_THRESHOLD, _KEPT)
    return bool(mapped and kept)


@contextmanager
def own_random_state() -> Iterator[None]:
    """Leave torch's global generators as they were."""
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        yield


def _has_fast_bf16() -> bool:
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))
