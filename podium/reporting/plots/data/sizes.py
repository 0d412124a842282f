"""Image sizes of each part, as the last `podium check` read them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from podium.reporting.figures.image_sizes import image_sizes
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import DataSubject

TITLE, PLACE = "Images", 20


def plots(subject: DataSubject) -> Iterator[Plot]:
    """Yield width by height; nothing where all images have one size."""
    looked = subject.data.looked
    if looked is None:
        return
    is_known = (looked.sizes > 0).all(axis=1)
    known = looked.sizes[is_known]
    if len(np.unique(known, axis=0)) < 2:
        return
    names = list(dict.fromkeys(looked.splits[is_known].tolist()))
    sizes = {name: known[looked.splits[is_known] == name] for name in names}
    medians = (f"{name} {_median(one[:, 0])} × {_median(one[:, 1])}" for name, one in sizes.items())
    alt = (
        f"Height by width of {len(known):,} images, {subject.data.sizes} pixels; medians: "
        f"{', '.join(medians)}"
    )
    caption = "The larger the dot, the more images have the size."
    narrow = image_sizes(sizes, width_px=NARROW_PX)
    yield Plot(image_sizes(sizes), "image-sizes", "Image sizes", alt, caption, narrow)


def _median(sides: NDArray[np.int64]) -> str:
    return f"{float(np.median(sides)):g}"
