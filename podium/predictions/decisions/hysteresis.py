"""Hysteresis: which regions above a low threshold are kept, by their pixels above a high one.

A rule keeps a region of pixels with `p >= low` where at least `area` of its pixels have
`p >= high`. A region is a component (pixels that touch by a side or a corner) or the whole image:

    mask = ∪ over rules { R : R a region of {p >= low},  |R ∩ {p >= high}| >= area }

All of these are cases of it:

    {"low": 0.3, "high": 0.6}                                     hysteresis (Canny 1986)
    {"low": 0.3, "high": 0.7, "area": 400, "within": "image"}     empty below 400 pixels of p >= 0.7
    [{"low": 0.6}, {"low": 0.4, "area": 500}]                     small components: threshold 0.6,
                                                                  those from 500 pixels on: 0.4

`high` is `low` where it is left out, `area` 1, and `within` component. Several rules give the union
of what each keeps. Each value is one number or one a class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.errors import UsageError
from podium.predictions import decisions
from podium.predictions.decisions.parameters import numbers, one_per_class, per_class

__all__ = ["HysteresisRule", "HysteresisRules", "regions_with_evidence"]

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

KEYS = ("low", "high", "area", "within")
MOST_RULES = 100
EXAMPLE = "{low: 0.3, high: 0.6}"


@dataclass(frozen=True)
class HysteresisRule:
    """The hysteresis rule of one class: what a region needs to be kept.

    Attributes:
        low: probability of a pixel of the region, at least.
        high: probability of a pixel that is evidence, at least; >= low.
        area: how many pixels of evidence a region needs; 0 needs none.
        within: what a region is.
    """

    low: float
    high: float
    area: float = 1
    within: Literal["component", "image"] = "component"


@dataclass(frozen=True)
class HysteresisRules:
    """The rules of each class, and all probabilities that they compare with.

    Attributes:
        by_class: `(C,)`, for each class its rules.
        levels: `(T, C)`, float32, ascending in each column.
    """

    by_class: tuple[tuple[HysteresisRule, ...], ...]
    levels: NDArray[np.float32]

    @classmethod
    def of(cls, parameter: Any, n_classes: int) -> HysteresisRules:
        """Return the rules in the step's parameter, one mapping or a list of them.

        Raises:
            UsageError: it cannot be meant; names the key.
        """
        given = [parameter] if isinstance(parameter, Mapping) else parameter
        is_list = isinstance(given, Sequence) and not isinstance(given, str)
        if not is_list or not 1 <= len(given) <= MOST_RULES:
            raise UsageError(
                f"decide: hysteresis needs a rule, or a list of them, got {parameter!r}",
                fix=f"write hysteresis: {EXAMPLE}",
            )
        each = [_rules_of(one, n_classes) for one in given]
        by_class = tuple(zip(*each, strict=True))
        levels = [sorted(t for rule in one for t in (rule.low, rule.high)) for one in by_class]
        return cls(by_class, np.array(levels, dtype=np.float32).T)

    def reached(self, band: NDArray[np.floating[Any]], is_open: Bools) -> Bytes:
        """Return how many of its class's levels each value of `band` `(h, W, C)` reaches.

        Args:
            band: nan, not covered, reaches none.
            is_open: `(C,)`; what is not open reaches none.
        """
        levels = np.where(is_open, self.levels, np.float32(np.inf))
        # Whole rows at once: numpy is slow over a short last axis.
        values = band.astype(np.float32, copy=False).reshape(len(band), -1)
        found = np.zeros(values.shape, np.uint8)
        for level in levels:
            found += (values >= np.tile(level, band.shape[1])).view(np.uint8)
        return found.reshape(band.shape)

    def mask(self, reached: Bytes, c: int) -> Bytes:
        """Return the mask of class `c`, `(H, W)` of 0 and 1.

        Args:
            reached: `(H, W)`, the result of `reached` for the class.
            c: its number from 0.
        """
        found, levels = [], self.levels[:, c]
        for rule in self.by_class[c]:
            low, high = np.searchsorted(levels, np.array([rule.low, rule.high], np.float32))
            found.append(
                regions_with_evidence(reached > low, reached > high, rule.area, rule.within)
            )
            # Not all at once: there may be many rules.
            found = [found[0] | found[1]] if len(found) == 2 else found
        return found[0].view(np.uint8)


def regions_with_evidence(weak: Bools, strong: Bools, area: float, within: str) -> Bools:
    """Return the pixels `weak` of regions that hold at least `area` pixels `strong`.

    Args:
        weak: `(H, W)`.
        strong: `(H, W)`, some of `weak`.
        area: pixels; 0 keeps every region.
        within: component, or image: then the region is all of `weak`.
    """
    import cv2

    if area <= 0:
        return weak
    if within == "image":
        return weak if np.count_nonzero(strong) >= area else np.zeros_like(weak)
    if not strong.any():
        return np.zeros_like(weak)
    n, found = cv2.connectedComponents(weak.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    labels = np.asarray(found, dtype=np.int32)
    n_sure = np.zeros(n, np.int64)
    for rows in decisions.regions.strips(labels):
        evidence = np.flatnonzero(strong[rows])
        n_sure += np.bincount(labels[rows].ravel()[evidence], minlength=n)
    keep = n_sure >= area
    keep[0] = False
    return decisions.regions.spread(keep, labels)


def _rules_of(given: Any, n_classes: int) -> list[HysteresisRule]:
    """Return one rule, for each class."""
    if not isinstance(given, Mapping) or set(given) - set(KEYS) or "low" not in given:
        raise UsageError(
            f"decide: hysteresis takes {', '.join(KEYS)}, and needs low, got {given!r}",
            fix=f"write hysteresis: {EXAMPLE}",
        )
    shapes, what = [(n_classes,), ()], "one a class, or one for all"
    found = {"high": given["low"], "area": 1, **given}
    for key in ("low", "high", "area"):
        numbers(f"hysteresis.{key}", found[key], shapes, what)
    low, high, area = (per_class(found[key], n_classes) for key in ("low", "high", "area"))
    if (high < low).any():
        raise UsageError(
            f"decide: hysteresis needs high >= low, got low {found['low']!r} and high "
            f"{found['high']!r}",
            fix=f"write hysteresis: {EXAMPLE}",
        )
    if (area < 0).any():
        raise UsageError(f"decide: hysteresis.area is in pixels, >= 0, got {found['area']!r}")
    within = one_per_class("hysteresis.within", found.get("within", "component"), n_classes)
    if any(one not in ("component", "image") for one in within):
        raise UsageError(
            f"decide: hysteresis.within is component or image, got {found['within']!r}",
            fix="leave it out for components",
        )
    each = zip(low.tolist(), high.tolist(), area.tolist(), within, strict=True)
    return [HysteresisRule(*one) for one in each]
