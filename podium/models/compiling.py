"""Backbones through `torch.compile`: fewer and larger steps on a GPU, and other last bits."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models._reading import Read

__all__ = ["ReadMaps", "compiled", "read_maps"]

ReadMaps = Callable[[Read, nn.Module, Tensor], tuple[Tensor, ...]]

BACKEND = "inductor"
# Of training and evaluating, of a teacher, of layers frozen by phase: beyond its usual 8 forms of a
# function torch goes on without compiling.
FORMS = 64


def read_maps(reading: Read, backbone: nn.Module, images: Tensor) -> tuple[Tensor, ...]:
    """Return the maps of `images`, as `reading` has them."""
    return reading(backbone, images)


def compiled() -> ReadMaps:
    """Return `read_maps`, compiled when it is first asked for a backbone and a form of images.

    The backbone is an argument: its weights keep their names, its intermediate maps are compiled
    too, and a copy of a network computes with its own weights.

    Raises:
        RecipeError: this machine cannot compile.
    """
    torch.compiler.reset()  # forms of networks that are gone count, too
    torch._dynamo.config.cache_size_limit = FORMS
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.compile(_trial, backend=BACKEND)(torch.ones(8, device=device))
    except Exception as error:  # of torch, of the compiler, of the linker
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RecipeError(
            f"this machine cannot compile: {reason}",
            where="model.compile",
            fix="install a C++ compiler (g++) and, for a GPU, triton; or write compile: false; to "
            "predict with a network that was compiled, set TORCH_COMPILE_DISABLE=1",
        ) from error
    made: ReadMaps = torch.compile(read_maps, backend=BACKEND)
    return made


def _trial(numbers: Tensor) -> Tensor:
    return numbers.sin() + 1
