"""Values of a file as the type that `data.reader` says: nothing is lost, and nothing silently."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.pixels import Dtype
from podium.errors import DataError

__all__ = ["fitting", "misfit"]

Array = NDArray[Any]
_EXACT = 2**24  # whole numbers to which float32 is exact


def fitting(found: np.dtype[Any], dtype: Dtype, path: Path, *, fill: float | None = None) -> Any:
    """Return a function that brings values of the type `found` to `dtype`.

    Whole numbers of another width are taken where each of them fits, floating-point ones only as
    float32.

    Args:
        found: of the values in the file.
        dtype: as declared.
        path: of the file, for errors.
        fill: what stands where a value is none (nan); None: such a file is refused.

    Raises:
        DataError: no value of the type fits; or, from the function, one does not.
    """
    if found.kind not in "buif":
        raise DataError(
            f"the values are {found}, not numbers", where=path, fix="write numbers, or a reader"
        )
    if found.kind == "f" and dtype != "float32":
        raise misfit(path, f"values are {found}, competition.yaml says {dtype}", _FLOATS)
    to = np.dtype(dtype)

    def as_declared(values: Array) -> Array:
        if found.kind == "f":
            return _floats(values, path, fill)
        if found.kind != "b" and not np.can_cast(found, to, "safe"):
            _refuse_outside(values, dtype, path)
        return np.ascontiguousarray(values, dtype=to)

    return as_declared


_FLOATS = "write data.reader: {…, dtype: float32, range: [lowest, highest]}"


def _floats(values: Array, path: Path, fill: float | None) -> Array:
    with np.errstate(over="ignore"):  # it is inf then, which is refused
        found = np.array(values, dtype=np.float32)
    is_none = ~np.isfinite(found)
    if is_none.any():
        if fill is None:
            raise misfit(
                path,
                f"{int(is_none.sum()):,} values are nan or infinite",
                "write data.reader: {…, fill: 0}, the value to put there",
            )
        found[is_none] = fill
    return found


def _refuse_outside(values: Array, dtype: Dtype, path: Path) -> None:
    if not values.size:
        return
    low, high = int(values.min()), int(values.max())
    if dtype == "float32":
        least, most = -_EXACT, _EXACT
    else:
        limits = np.iinfo(dtype)
        least, most = int(limits.min), int(limits.max)
    if low < least or high > most:
        fix = f"write a data.reader.dtype that holds them ({_FLOATS})"
        raise misfit(path, f"values lie in {low} … {high}, competition.yaml says {dtype}", fix)


def misfit(path: Path, what: str, fix: str | None = None) -> DataError:
    """Return the error on a file whose pixels are not of the declared form."""
    usual = "mend data.reader in competition.yaml: all images have one form of pixels"
    return DataError(f"the image has another form of pixels: {what}", where=path, fix=fix or usual)


def channels_fit(found: int, declared: int, path: Path, *, what: str = "channels") -> None:
    """Raise DataError unless an image has as many channels as declared."""
    if found != declared:
        raise misfit(path, f"it has {found} {what}, competition.yaml says {declared}")


Form = Callable[[Array], Array]
