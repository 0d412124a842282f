"""Building blocks of the compiled loops of `rle`: numba's decorators, words and vectors of bytes.

numba loads in half a second, so this file and those that use it are imported on first use. Code is
compiled once and kept on disk, runs without the GIL (threads encode side by side), and processes 64
bytes in one step: a vector of bytes becomes a word with a bit for each. Each function on words is
one or a few machine instructions, and none checks that what it reads or writes lies inside the
array. Bit or byte 0 of a word is the first one in memory.

Two traps. numba does not check this file when it decides whether a loop compiled in another file is
still valid: after a change here, delete the `.nbi` and `.nbc` files in `__pycache__`. And a helper
that takes an array counts references at each call, which slows an inner loop: such helpers take
words instead, or are called once for many pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir  # type: ignore[import-untyped]  # it has no stubs
from numba.core import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

__all__ = [
    "FLAG",
    "FLAGS",
    "NUMBER",
    "NUMBERS",
    "PIXELS",
    "READABLE",
    "READABLE_IMAGE",
    "STEP",
    "bits_of_others",
    "bits_of_set",
    "bits_of_spaces",
    "compiled",
    "compiled_for",
    "inlined",
    "load_word",
    "lowest_bit",
    "store_word",
    "xor_into",
]

STEP = 64
"""Bytes processed in one step."""

NUMBER, FLAG, PIXELS = types.int64, types.boolean, types.uint8[::1]
READABLE, READABLE_IMAGE = (types.Array(types.uint8, n, "C", readonly=True) for n in (1, 2))
"""Bytes that are not written, in an array that may be read-only: `(P,)` and `(H, W)`."""

FLAGS, NUMBERS = types.boolean[::1], types.Array(types.int64, 1, "C", readonly=True)
"""Array types `(N,)`: flags that are written, and int64 numbers that are read only."""

_WORD = ir.IntType(64)
_BYTES = ir.VectorType(ir.IntType(8), STEP)
_ZERO, _SPACE = 48, 32


def compiled(function: Callable[..., Any], *signature: Any) -> Any:
    """Return `function` compiled: at once for a signature, else for the types of each call."""
    try:
        return numba.njit(*signature, cache=True, nogil=True)(function)
    except RuntimeError:  # a cache can be written neither beside the file nor in the user's folder
        return numba.njit(*signature, nogil=True)(function)


def compiled_for(*arguments: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator for functions called by Python, compiled at once for these types alone."""
    return lambda function: compiled(function, arguments)


def inlined(function: Callable[..., Any]) -> Any:
    """Return `function` for use in inner loops."""
    return numba.njit(function, nogil=True, forceinline=True)


def _intrinsic(function: Callable[..., Any]) -> Any:
    return intrinsic(function)


def _address(context: Any, builder: Any, kind: Any, array: Any, offset: Any, of: Any) -> Any:
    """Return a pointer into a flat uint8 array at `offset`."""
    first = make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(first, [offset]), of.as_pointer())


def _load(context: Any, builder: Any, signature: Any, arguments: Any, of: Any) -> Any:
    array, offset = arguments
    return builder.load(_address(context, builder, signature.args[0], array, offset, of), align=1)


def _each(value: int) -> Any:
    return ir.Constant(_BYTES, [value] * STEP)


@_intrinsic
def bits_of_set(typing_context: Any, pixels: Any, offset: Any) -> Any:
    """Return in bits which of the 64 bytes from `offset` on are not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        loaded = _load(context, builder, signature, arguments, _BYTES)
        return builder.bitcast(builder.icmp_unsigned("!=", loaded, _each(0)), _WORD)

    return types.uint64(pixels, types.int64), generate


@_intrinsic
def bits_of_others(typing_context: Any, text: Any, offset: Any) -> Any:
    """Return in bits which of the 64 characters from `offset` on are no digits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = builder.sub(_load(context, builder, signature, arguments, _BYTES), _each(_ZERO))
        return builder.bitcast(builder.icmp_unsigned(">", value, _each(9)), _WORD)

    return types.uint64(text, types.int64), generate


@_intrinsic
def bits_of_spaces(typing_context: Any, text: Any, offset: Any) -> Any:
    """Return in bits which of the 64 characters from `offset` on are spaces."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        loaded = _load(context, builder, signature, arguments, _BYTES)
        return builder.bitcast(builder.icmp_unsigned("==", loaded, _each(_SPACE)), _WORD)

    return types.uint64(text, types.int64), generate


@_intrinsic
def xor_into(typing_context: Any, pixels: Any, source: Any, target: Any) -> Any:
    """Replace the 64 bytes from `target` on by their XOR with those from `source` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, source, target = arguments
        address = _address(context, builder, signature.args[0], array, target, _BYTES)
        other = _load(context, builder, signature, (array, source), _BYTES)
        builder.store(builder.xor(other, builder.load(address, align=1)), address, align=1)
        return context.get_dummy_value()

    return types.void(pixels, types.int64, types.int64), generate


@_intrinsic
def load_word(typing_context: Any, text: Any, offset: Any) -> Any:
    """Return the 8 bytes from `offset` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _load(context, builder, signature, arguments, _WORD)

    return types.uint64(text, types.int64), generate


@_intrinsic
def store_word(typing_context: Any, text: Any, offset: Any, word: Any) -> Any:
    """Write 8 bytes from `offset` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, offset, word = arguments
        address = _address(context, builder, signature.args[0], array, offset, _WORD)
        builder.store(word, address, align=1)
        return context.get_dummy_value()

    return types.void(text, types.int64, types.uint64), generate


@_intrinsic
def lowest_bit(typing_context: Any, word: Any) -> Any:
    """Return the number of the lowest bit that is set; the word must not be 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate
