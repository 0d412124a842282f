"""Loss, metrics and learning rate of each epoch, as far as they were written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from podium.reporting.entries import column_by_fold, longest_history
from podium.reporting.figures.curves import curves
from podium.reporting.plot import Plot
from podium.reporting.subjects import RunSubject

TITLE, PLACE = "Training", 10


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield the loss, each metric, and the rate, with a line for each fold."""
    identity, histories = subject.entry.id, subject.entry.histories
    if not histories:
        return
    long = longest_history(histories)

    def alt_text(values: dict[str, NDArray[np.float64]], what: str) -> str:
        last = ", ".join(f"fold {fold} {_last(one):.4g}" for fold, one in values.items())
        return f"{what} by epoch of run {identity}; after the last epoch: {last}"

    valid, train = column_by_fold(histories, "valid_loss"), column_by_fold(histories, "train_loss")
    if valid or train:
        below = train if valid else None
        figure = curves(valid or train, label="loss", train=below, phases=long.phases)
        caption = "Solid: validation. Dashed: training." if valid and train else "Training."
        yield Plot(figure, "loss", "Loss", alt_text(valid or train, "Loss"), caption)
    for metric in subject.metrics:
        if score := column_by_fold(histories, metric):
            start = {k: one.start[metric] for k, one in histories.items() if metric in one.start}
            figure = curves(score, label=metric, start=start, phases=long.phases)
            caption = "Validation rows of each fold."
            if start:
                caption += " Epoch 0: before training."
            yield Plot(figure, f"metric-{metric}", metric, alt_text(score, metric), caption)
    if rate := column_by_fold(histories, "lr"):
        fold = max(rate, key=lambda one: len(rate[one]))
        figure = curves({"": rate[fold]}, label="learning rate", phases=long.phases, log=True)
        alt = f"Learning rate at the end of each epoch of run {identity}"
        yield Plot(figure, "rate", "Learning rate", alt, "At the end of each epoch.")


def _last(values: NDArray[np.float64]) -> float:
    """Return the last value that was written; nan without any."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")
