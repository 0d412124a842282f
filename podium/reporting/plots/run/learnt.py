"""What the networks say of rows that they learnt from, beside those out of fold."""

from __future__ import annotations

from collections.abc import Iterator

from podium.predictions.explanations import read_training_decisions
from podium.reporting.figures.learnt_surplus import learnt_surplus
from podium.reporting.memorisation import memorisation_by_fold
from podium.reporting.plot import Plot
from podium.reporting.subjects import RunSubject

TITLE, PLACE = "Learnt and unseen", 45


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield which classes are said too often of either, where `podium explain` asked."""
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
        f"fold {one.fold}: {one.learnt.share} of {one.learnt.n:,} learnt, "
        f"{one.unseen.share} of {one.unseen.n:,} out of fold"
        for one in each
    )
    alt = (
        f"Which classes run {entry.id} says too often of rows that it learnt from and out of fold. "
        f"Rows that are right, {by_fold}"
    )
    caption = (
        f"Right: {seen.share} of the rows that a network learnt from and was asked about, "
        f"{unseen.share} out of fold. Far apart: it knows its rows by heart. A mark right of the "
        "line: the class is said more often than it is there."
    )
    yield Plot(figure, "learnt-surplus", "Too often, learnt and unseen", alt, caption)
