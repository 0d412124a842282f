"""Predictions on training rows compared with those out of fold: memorisation."""

from __future__ import annotations

from collections.abc import Iterator

from podium.predictions.explanations import read_training_decisions
from podium.reporting.figures.learnt_surplus import learnt_surplus
from podium.reporting.memorisation import memorisation_by_fold
from podium.reporting.plot import Plot
from podium.reporting.subjects import RunSubject

TITLE, PLACE = "Memorisation", 45


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield the classes predicted too often on either side, after `podium explain --learnt`."""
    entry, data = subject.entry, subject.data
    learnt = read_training_decisions(subject.workspace.runs / entry.id)
    if not learnt or entry.predictions is None or data.samples is None:
        return
    each = memorisation_by_fold(subject.competition, entry.predictions, data.samples, learnt)
    first, *others = each
    seen, unseen = first.learnt, first.unseen
    for one in others:
        seen, unseen = seen + one.learnt, unseen + one.unseen
    figure = learnt_surplus(seen.surplus, unseen.surplus, subject.competition.label_names)
    by_fold = "; ".join(
        f"fold {one.fold}: {one.learnt.share} of {one.learnt.n:,} trained on, "
        f"{one.unseen.share} of {one.unseen.n:,} out of fold"
        for one in each
    )
    alt = (
        f"Classes that run {entry.id} predicts too often on training rows and out of fold. "
        f"Correct rows, {by_fold}"
    )
    caption = (
        f"Correct: {seen.share} of the training rows that were predicted, {unseen.share} out of "
        "fold. Far apart: the network memorised its rows. A mark right of the line: the class is "
        "predicted more often than it is true."
    )
    yield Plot(
        figure, "learnt-surplus", "Over-predicted, training rows and out of fold", alt, caption
    )
