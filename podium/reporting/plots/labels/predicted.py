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
    lens, kind = subject.lens, subject.lens.competition.kind
    if kind.is_prob:
        return
    # On a circle 1 degree stands beside 359, as 361.
    values = lens.truth + lens.errors if kind.is_circular else lens.values
    figure = predicted(lens.truth, values, lens.folds)
    error = float(np.abs(lens.errors).mean())
    alt = (
        f"Predicted against true values of {len(lens.truth)} rows; mean absolute error {error:.4g}"
    )
    caption = f"Out of fold; mean absolute error {error:.4g}."
    yield Plot(figure, "predicted", "Predicted against truth", alt, caption)
