"""Predicted against true values of a regression, or ratings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from podium.reporting.figures.predicted import predicted
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

TITLE, PLACE = "Predicted against truth", 20


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield one plot, for tasks whose labels are numbers."""
    lens = subject.lens
    if lens.competition.kind not in ("regression", "ordinal"):
        return
    figure = predicted(lens.truth, lens.values, lens.folds)
    error = float(np.abs(lens.values - lens.truth).mean())
    alt = (
        f"Predicted against true values of {len(lens.truth)} rows; mean absolute error {error:.4g}"
    )
    caption = f"Out of fold; mean absolute error {error:.4g}."
    yield Plot(figure, "predicted", "Predicted against truth", alt, caption)
