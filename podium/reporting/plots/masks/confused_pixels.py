"""Which classes of masks are taken for one another: pixels by actual and by predicted class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from podium.errors import either
from podium.reporting.figures.confusion import WRITTEN_UP_TO, confusion
from podium.reporting.labels.statistics import order_by_confusion
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import MaskSubject

TITLE, PLACE = "Confusion of pixels", 15
BACKGROUND = "background"


def plots(subject: MaskSubject) -> Iterator[Plot]:
    """Yield one matrix, of masks whose pixels have one of several classes each."""
    pixels = subject.lens.pixels
    if pixels is None or not pixels.any():
        return
    names = [BACKGROUND, *subject.names]
    is_small = len(names) <= WRITTEN_UP_TO
    order = np.arange(len(names)) if is_small else order_by_confusion(pixels).order

    def drawn(width_px: float | None = None) -> Figure:
        return confusion(pixels, names, normalise=True, order=order, width_px=width_px)

    right = float(np.trace(pixels) / pixels.sum())
    alt = (
        f"Pixels of {either(len(names), 'class', 'classes')}, background among them: "
        f"{100 * right:.1f} % are right"
    )
    caption = "Rows: actual. Columns: predicted. Per cent of the pixels of each actual class."
    narrow = None if is_small else drawn(NARROW_PX)
    yield Plot(drawn(), "mask-confusion", "Pixels by class", alt, caption, narrow=narrow)
