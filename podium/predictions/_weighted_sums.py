"""Weighted sums of stored probabilities, compiled: loaded when they are asked.

numpy takes 5 ns to make a half a float, more than reading it from the disk's cache takes. Most
processors have an instruction that does it for eight at once; elsewhere the float is looked up in a
table of all 65,536 halves, as that of a byte is in one of 256.
"""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
from llvmlite import binding, ir  # type: ignore[import-untyped]  # it has no stubs
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from podium.codecs._kernels import compiled

__all__ = ["add_weighted", "divide"]

_HALVES = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32)
_HAS_HALVES = platform.machine().lower() in ("arm64", "aarch64") or bool(
    binding.get_host_cpu_features().get("f16c", False)
)


def add_weighted(
    total: NDArray[np.float64],
    stored: NDArray[Any],
    weight: float,
    levels: NDArray[np.float32],
) -> None:
    """Add `weight` times what is stored to `total`, as numpy does it of floats in float64.

    Args:
        total: `(n,)`, changed.
        stored: `n` values, contiguous: float16, or uint8 that point into `levels`.
        weight: of what is stored.
        levels: `(256,)`, what the numbers of uint8 mean; nan of a pixel makes the total nan.
    """
    flat = stored.reshape(-1)
    if stored.dtype.itemsize == 1:
        _add_from(total, flat, weight, levels)
        return
    # Of the host's byte order: what is stored is little-endian everywhere.
    halves = flat.astype(np.float16, copy=False).view(np.uint16)
    if _HAS_HALVES:
        _add_halves(total, halves, weight)
    else:
        _add_from(total, halves, weight, _HALVES)


def divide(total: NDArray[np.float64], by: float, quotient: NDArray[np.float32]) -> bool:
    """Put `total / by` into `quotient`, and return whether all of it are numbers."""
    return bool(_divide(total, by, quotient))


@intrinsic  # type: ignore[untyped-decorator]
def _float_of(_: Any, bits: Any) -> Any:
    """Return the float32 of a half, given as its 16 bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fpext(builder.bitcast(arguments[0], ir.HalfType()), ir.FloatType())

    return types.float32(types.uint16), generate


def _add_halves_one_by_one(total: Any, halves: Any, weight: Any) -> None:
    for i in range(halves.size):
        total[i] += np.float64(_float_of(halves[i])) * weight


def _add_one_by_one(total: Any, stored: Any, weight: Any, table: Any) -> None:
    for i in range(stored.size):
        total[i] += np.float64(table[stored[i]]) * weight


def _divide_one_by_one(total: Any, by: Any, quotient: Any) -> bool:
    n_bare = 0
    for i in range(total.size):
        quotient[i] = np.float32(total[i] / by)
        n_bare += total[i] != total[i]
    return n_bare == 0


_add_halves = compiled(_add_halves_one_by_one)
_add_from = compiled(_add_one_by_one)
_divide = compiled(_divide_one_by_one)
