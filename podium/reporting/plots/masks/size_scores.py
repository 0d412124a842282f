"""The score of each image against the size of its object."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from podium.reporting.figures.size_scores import MIN_FOR_QUARTILES, size_scores
from podium.reporting.plot import Plot
from podium.reporting.subjects import MaskSubject

TITLE, PLACE = "Masks", 20


def plots(subject: MaskSubject) -> Iterator[Plot]:
    """Yield one plot, a point an image."""
    lens = subject.lens
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
    has_line = (defined & ~empty).sum() >= MIN_FOR_QUARTILES
    caption += "; line: running median, with half of the images in its band." if has_line else "."
    if empty.any():
        stay = int((empty & ~lens.is_touched).sum())
        caption += (
            f" Of {int(empty.sum()):,} images without an object, {stay:,} are predicted empty."
        )
    yield Plot(figure, "mask-sizes", "Score by size", alt, caption)
