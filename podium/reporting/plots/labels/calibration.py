"""Calibration: the reliability curve and its expected calibration error."""

from __future__ import annotations

from collections.abc import Iterator

from podium.reporting.figures.calibration import calibration
from podium.reporting.label_statistics import reliability
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

TITLE, PLACE = "Calibration", 20


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield the curve; values and ratings have none."""
    lens, kind = subject.lens, subject.lens.competition.kind
    if not kind.is_prob:
        return
    confidence, is_right = lens.confidence()
    ece = reliability(confidence, is_right).ece
    if kind.is_exclusive:
        xlabel, ylabel = "confidence in the most probable class", "share that was right"
        above = "Points above the diagonal are under-confident, below it over-confident"
    else:
        xlabel, ylabel = "probability", "share that was positive"
        above = "Points above the diagonal are under-predicted, below it over-predicted"
    counted = "labels" if kind.is_by_class else "rows"
    figure = calibration(confidence, is_right, xlabel=xlabel, ylabel=ylabel)
    alt = f"Calibration curve; expected calibration error {ece:.3f} over 10 bins"
    caption = (
        f"Expected calibration error {ece:.3f}. {above}; bars show how many {counted} a bin has, "
        "lines are Wilson's 95 % intervals."
    )
    yield Plot(figure, "calibration", "Calibration", alt, caption)
