"""Values of scans as grey levels of 8 or 16 bits, the same for all volumes where a unit is fixed.

Hounsfield's units of CT mean the same in each scan, and so do values that nothing names: they are
counted from the least one, or stretched, all volumes alike. Values of magnetic resonance depend on
the scan: each is stretched by itself, without its highest and lowest values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podium.competition.infer.conversions.images.numbers_as_pixels import HIGHEST, NumberScale
from podium.errors import plural

__all__ = ["MR", "GreyLevels", "ValuesOfChannel", "grey_levels", "scaled"]

MR = re.compile(r"(?:mri?|cine|flair|adc|dwi|pd|t[12])(?![a-z]{4})", re.IGNORECASE)
"""Names of channels of magnetic resonance."""
_QUANTILES = (0.5, 99.5)  # % of the values of a scan
_BYTE = 255


class ValuesOfChannel:
    """Values of a channel over the volumes that were added.

    Attributes:
        low, high: the least and the highest; inf and -inf before the first number.
        are_whole: whether all are whole numbers.
        n_unknown: how many are no numbers.
    """

    def __init__(self) -> None:
        self.low, self.high = np.inf, -np.inf
        self.are_whole = True
        self.n_unknown = 0

    def add(self, voxels: NDArray[Any]) -> None:
        """Add the values of a volume."""
        if voxels.dtype.kind == "f":
            is_known = np.isfinite(voxels)
            if not is_known.all():
                self.n_unknown += int(voxels.size - np.count_nonzero(is_known))
                voxels = voxels[is_known]
            self.are_whole = self.are_whole and bool(np.all(voxels == np.rint(voxels)))
        if voxels.size:
            self.low = min(self.low, float(voxels.min()))
            self.high = max(self.high, float(voxels.max()))


class GreyLevels(NamedTuple):
    """How values become grey levels.

    Attributes:
        scales: of each channel; None: each volume has its own.
        bits: 8 or 16.
        note: what was done; "" where values stay.
    """

    scales: Sequence[NumberScale | None]
    bits: int
    note: str


def grey_levels(
    values: Sequence[ValuesOfChannel], names: Sequence[str], source: str = "dataset.json"
) -> GreyLevels:
    """Return how the values of channels become grey levels.

    Args:
        values: of each channel.
        names: of the channels; [] where nothing names them.
        source: that names them.
    """
    known = [one for one in values if one.low <= one.high]
    low = min((one.low for one in known), default=0.0)
    high = max((one.high for one in known), default=0.0)
    are_whole = all(one.are_whole for one in values)
    n_unknown = sum(one.n_unknown for one in values)
    unknown = f"; {plural(n_unknown, 'voxel')} that hold no number are black" if n_unknown else ""
    if are_whole and low >= 0 and high <= _BYTE:
        return GreyLevels([NumberScale(0.0, 1.0, _BYTE, "")] * len(values), 8, unknown)
    if len(names) == len(values) and all(map(MR.match, names)):
        least, most = _QUANTILES
        note = (
            f"; as {' and '.join(names)} in {source} mean magnetic resonance, whose values "
            f"depend on the scan, those between the {least} % and {most} % quantile of each volume "
            f"are written as 0 to {HIGHEST:,}"
        )
        return GreyLevels([None] * len(values), 16, note + unknown)
    start = min(low, 0.0)
    if are_whole and high - start <= HIGHEST:
        note = f"; grey level 0 is the value {start:g}, {-start:g} is 0" if start else ""
        common = NumberScale(start, 1.0, HIGHEST, "")
        return GreyLevels([common] * len(values), 16, note + unknown)
    ends = [(one.low, one.high) if one.low < one.high else (low, low + 1.0) for one in values]
    scales = [NumberScale(least, HIGHEST / (most - least), HIGHEST, "") for least, most in ends]
    told = " and ".join(dict.fromkeys(f"{least:.4g} to {most:.4g}" for least, most in ends))
    note = f"; values from {told} are written as 0 to {HIGHEST:,}, in all volumes alike"
    return GreyLevels(scales, 16, note + unknown)


def scaled(voxels: NDArray[Any], scale: NumberScale | None) -> NDArray[Any]:
    """Return voxels as grey levels; what is no number is black.

    Args:
        voxels: of one channel of a volume.
        scale: None: the volume's own.
    """
    scale = scale or _own_scale(voxels)
    known = np.nan_to_num(
        voxels.astype(np.float64), nan=scale.low, posinf=scale.low, neginf=scale.low
    )
    dtype = np.uint8 if scale.highest == _BYTE else np.uint16
    return np.clip(np.rint((known - scale.low) * scale.factor), 0, scale.highest).astype(dtype)


def _own_scale(voxels: NDArray[Any]) -> NumberScale:
    known = voxels[np.isfinite(voxels)]
    low, high = map(float, np.percentile(known, _QUANTILES)) if known.size else (0.0, 1.0)
    if high <= low:  # nearly all voxels have one value
        high = max(float(known.max()), low + 1.0)
    return NumberScale(low, HIGHEST / (high - low), HIGHEST, "")
