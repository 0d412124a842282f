"""Random numbers by name: what happens to a sample depends on its names, never on what ran before.

    derive("augment", seed, phase, epoch, stream, index) -> the same 64 bits on every machine

No generator is handed on: each draw names what it is for.
"""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["derive", "generator"]


def derive(*names: str | int) -> int:
    """Return 64 bits that depend on `names`, their order and their types, and on nothing else.

    Args:
        names: texts and integers of any size; `1` and `"1"` are different names.

    Example:
        >>> derive("order", 0, 3) == derive("order", 0, 3)
        True
        >>> derive("order", 0, 3) == derive("order", 3, 0)
        False
    """
    digest = hashlib.blake2b(digest_size=8)
    for name in names:
        kind = "s" if isinstance(name, str) else "i"
        text = str(name) if isinstance(name, str) else str(int(name))
        # The length stands before each name, so that ("ab", "c") and ("a", "bc") differ.
        digest.update(f"{kind}{len(text)}:{text}".encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest(), "little")


def generator(*names: str | int) -> np.random.Generator:
    """Return a fresh generator seeded by `derive(*names)`."""
    return np.random.Generator(np.random.PCG64(derive(*names)))
