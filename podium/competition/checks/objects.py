"""Checks of the objects of train: their number and size, and objects that share pixels or touch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks import Finding, Level, count_with_examples
from podium.competition.checks.mask_facts import MaskFact, ObjectFact
from podium.competition.spec import Competition

__all__ = ["check_objects"]

TINY = 10  # pixels: an object of fewer is as likely a slip of the pen
FEW = 0.01  # share of the objects


def check_objects(
    each: Sequence[MaskFact], competition: Competition, train: pd.DataFrame
) -> list[Finding]:
    """Return findings on oddities and facts of the objects.

    Args:
        each: the facts of all samples, as `list_mask_facts` returns them.
        competition: its `data.train.border` is the border between objects that touch.
        train: the samples.
    """
    known = [
        (str(name), fact.objects)
        for name, fact in zip(train["id"], each, strict=True)
        if fact.objects is not None
    ]
    areas = np.array([area for _, one in known for area in one.areas], dtype=np.int64)
    if not len(areas):
        return []
    findings = [_overview([one for _, one in known], areas)]
    findings += _tiny(areas)
    overlapping = tuple(name for name, one in known if one.shared)
    if overlapping:
        fix = "look at them; where a format forbids it, the surer object keeps the pixels"
        what = count_with_examples(overlapping)
        findings.append(
            Finding("warning", "images with objects that share pixels", what, fix, overlapping)
        )
    findings += _touching([one for _, one in known], len(areas), competition)
    in_pieces = sum(one.in_pieces for _, one in known)
    if in_pieces:
        names = tuple(name for name, one in known if one.in_pieces)
        share = in_pieces / len(areas)
        what = f"{in_pieces:,} of {len(areas):,} ({share:.1%}), in {count_with_examples(names)}"
        fix = "nothing, if they are covered in part; each area that is found counts as an object"
        findings.append(Finding("note", "objects in several pieces", what, fix, names))
    return findings


def _overview(known: Sequence[ObjectFact], areas: NDArray[np.int64]) -> Finding:
    n = np.array([len(one.areas) for one in known])
    least, middle, most = np.quantile(areas, [0, 0.5, 1]).round().astype(np.int64).tolist()
    what = (
        f"{len(areas):,} in {len(known):,} images, {(n == 0).sum():,} without one; an image has "
        f"{np.median(n):g} in the median, {n.max():,} at most; pixels of an object: least "
        f"{least:,}, median {middle:,}, most {most:,}"
    )
    return Finding("note", "objects", what)


def _tiny(areas: NDArray[np.int64]) -> list[Finding]:
    n_tiny = int((areas < TINY).sum())
    if not n_tiny:
        return []
    what = f"{n_tiny:,} of {len(areas):,} have fewer than {TINY} pixels"
    fix = "look at them: stray pixels beside an object count as objects that no model can find"
    level: Level = "warning" if n_tiny >= FEW * len(areas) else "note"
    return [Finding(level, "objects of a few pixels", what, fix)]


def _touching(known: Sequence[ObjectFact], n: int, competition: Competition) -> list[Finding]:
    touching = sum(one.touching for one in known)
    if touching < FEW * n:
        return []
    border = competition.data.train.border
    what = f"{touching:,} of {n:,} ({touching / n:.0%}) touch another one of their class"
    if border:
        beside = (
            "1 pixel beside each edge is"
            if border == 1
            else f"{border} pixels beside each edge are"
        )
        fix = f"nothing: {beside} background in the training target (border)"
        return [Finding("note", "objects that touch", what, fix)]
    fix = "data.train.border: 1 teaches the network to leave a gap between them"
    return [Finding("warning", "objects that touch", what, fix)]
