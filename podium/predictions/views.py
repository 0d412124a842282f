"""The names of test-time views, checked without torch: run identities and recipes need no more.

A name is one of the dihedral group's (`hflip`, `rot90` …), or `scale:S` with a factor S from 0.25
to 4. The identity is always the first view and is not written.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from podium.errors import RecipeError

__all__ = ["IDENTITY", "NAMES", "canonical_views", "scale_of"]

IDENTITY = "identity"
NAMES = ("hflip", "vflip", "rot90", "rot180", "rot270", "transpose", "antitranspose")
SCALES = (0.25, 4.0)


def canonical_views(names: Sequence[str]) -> tuple[str, ...]:
    """Return `names` in one spelling, with the identity in front.

    Raises:
        RecipeError: a view is unknown, its scale is out of range, or it stands twice.

    Example:
        >>> canonical_views(["hflip", "scale:1.250"])
        ('identity', 'hflip', 'scale:1.25')
    """
    views = [IDENTITY, *(_canonical(name) for name in names)]
    for position, name in enumerate(views):
        if name in views[:position]:
            what = "the identity is always a view" if name == IDENTITY else f"{name} stands twice"
            raise RecipeError(f"predict.tta: {what}", fix=f"remove {names[position - 1]!r}")
    return tuple(views)


def scale_of(name: str) -> float | None:
    """Return the factor of a `scale:S` view, None for the others."""
    return float(name.removeprefix("scale:")) if name.startswith("scale:") else None


def _canonical(name: str) -> str:
    if name in NAMES or name == IDENTITY:
        return name
    if name.startswith("scale:"):
        return _canonical_scale(name)
    near = difflib.get_close_matches(name, NAMES, n=1)
    hint = f"write {near[0]}" if near else f"choose of {', '.join(NAMES)}, scale:1.25"
    raise RecipeError(f"predict.tta: there is no view {name!r}", fix=hint)


def _canonical_scale(name: str) -> str:
    low, high = SCALES
    try:
        factor = float(name.removeprefix("scale:"))
    except ValueError:
        factor = float("nan")
    if not low <= factor <= high:  # also catches nan
        raise RecipeError(
            f"predict.tta: {name!r} needs a factor in [{low:g}, {high:g}]", fix="write scale:1.25"
        )
    return IDENTITY if factor == 1.0 else f"scale:{factor:g}"
