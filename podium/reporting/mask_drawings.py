"""The figures of masks: what they are called on the page, and what they say in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from podium.reporting.drawings import Drawing
from podium.reporting.svg import inline_svg

if TYPE_CHECKING:
    from podium.reporting.data_summary import DataSummary
    from podium.reporting.mask_classes import MaskClasses
    from podium.reporting.mask_lens import MaskLens

__all__ = ["draw_class_bars", "draw_mask_balance", "draw_size_scores"]


def draw_class_bars(classes: MaskClasses, names: Sequence[str], units: str) -> Drawing:
    """Return one score of each class with its interval; `units`: what a bootstrap draws."""
    from podium.reporting.figures.class_bars import class_bars

    figure = class_bars(names, classes.scores, classes.intervals, label=classes.metric)
    said = ", ".join(
        f"{name} {score:.3f}" for name, score in zip(names[:8], classes.scores, strict=False)
    )
    alt = f"{classes.metric}, {len(names)} classes: {said}"
    caption = f"Lowest on top; lines are 95 % bootstrap intervals over {units}."
    return Drawing(inline_svg(figure, name="mask-classes", alt=alt), "By class", caption)


def draw_size_scores(lens: MaskLens) -> Drawing:
    """Return the score of each image against the size of its object."""
    from podium.reporting.figures.size_scores import MIN_FOR_MEDIAN, size_scores

    figure = size_scores(lens.sizes, lens.scores, label=f"{lens.metric} of the image")
    defined = np.isfinite(lens.scores)
    empty = (lens.sizes == 0) & defined
    alt = (
        f"{lens.metric} of each of {int(defined.sum())} images against the share of it that "
        f"is an object; median {np.median(lens.scores[defined]):.3f}"
        if defined.any()
        else "No image has a score by itself"
    )
    caption = "One point an image, out of fold"
    caption += "; line: running median." if (defined & ~empty).sum() >= MIN_FOR_MEDIAN else "."
    if empty.any():
        stay = int((empty & ~lens.is_touched).sum())
        caption += f" Of {int(empty.sum()):,} images without an object, {stay:,} are said to be so."
    return Drawing(inline_svg(figure, name="mask-sizes", alt=alt), "Score by size", caption)


def draw_mask_balance(data: DataSummary) -> Drawing | None:
    """Return in how many masks of each fold a class is; None without masks."""
    from podium.reporting.data_summary import EMPTY
    from podium.reporting.figures.class_balance import class_balance

    masks = data.masks
    if masks is None or masks.n_masks == 0:
        return None
    names, counts = list(masks.names), masks.counts
    if masks.n_empty:
        names.append(EMPTY)
    counts = counts[: len(names)]
    figure = class_balance(counts, names, data.fold_names)
    totals = zip(names[:8], counts.sum(axis=1).tolist(), strict=False)
    alt = f"Masks with each class, by fold: {', '.join(f'{name} {n}' for name, n in totals)}"
    return Drawing(
        inline_svg(figure, name="mask-balance", alt=alt),
        "Masks by fold",
        "Images whose mask has the class.",
    )
