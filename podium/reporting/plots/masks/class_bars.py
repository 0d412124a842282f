"""One score of each class of the masks with its interval."""

from __future__ import annotations

from collections.abc import Iterator

from podium.reporting.figures.class_bars import class_bars
from podium.reporting.plot import Plot
from podium.reporting.subjects import MaskSubject

TITLE, PLACE = "Masks", 10


def plots(subject: MaskSubject) -> Iterator[Plot]:
    """Yield one plot, the lowest score on top."""
    classes, names = subject.classes, subject.names
    figure = class_bars(names, classes.scores, classes.intervals, label=classes.metric)
    texts = ", ".join(
        f"{name} {score:.3f}" for name, score in zip(names[:8], classes.scores, strict=False)
    )
    alt = f"{classes.metric}, {len(names)} classes: {texts}"
    caption = f"Lowest on top; lines are 95 % bootstrap intervals over {subject.units}."
    yield Plot(figure, "mask-classes", "By class", alt, caption)
