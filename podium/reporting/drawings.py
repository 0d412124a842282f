"""The figures of a page: which there are, what they are called, and what they say in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from podium.reporting.svg import inline_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from podium.reporting.best import Lens
    from podium.reporting.data_summary import DataSummary
    from podium.reporting.entries import BlendEntry, RunEntry
    from podium.reporting.per_class import ClassScores
    from podium.submissions.board import BoardRow

__all__ = [
    "Drawing",
    "draw_balance",
    "draw_calibration",
    "draw_class_scores",
    "draw_confusion",
    "draw_overview",
    "draw_predicted",
    "draw_training",
]


NARROW_PX = 330  # what a phone of 390 has for a figure


@dataclass(frozen=True)
class Drawing:
    """A figure of the page, with its caption; `narrow` is the same for a phone."""

    svg: Markup
    title: str
    caption: str = ""
    narrow: Markup | None = None


def draw_overview(
    runs: Sequence[RunEntry], blends: Sequence[BlendEntry], board: Sequence[BoardRow], metric: str
) -> Drawing | None:
    """Return all scores by the competition's metric on one scale; None without any."""
    from podium.reporting.figures.scores import Scored, scores

    public = {
        source: row.public_score
        for row in reversed(board)
        for source in row.sources
        if row.public_score is not None
    }
    blends = [one for one in blends if one.scored_by is None]
    rows = [
        Scored(
            one.id,
            one.blend.honest,
            tuple(one.blend.by_fold.values()),
            one.blend.honest_interval,
            one.blend.optimistic,
            public.get(one.id),
        )
        for one in blends
    ]
    rows += [
        Scored(run.id, run.oof, tuple(run.folds.values()), public=public.get(run.id))
        for run in runs
        if run.folds
    ]
    if not rows:
        return None
    alt = f"{metric} of {len(blends)} blends and {len(rows) - len(blends)} runs. " + "; ".join(
        f"{row.name}: {row.value:.4f}" for row in rows[:6] if row.value is not None
    )
    caption = (
        "Blends by honest score, then runs by OOF score. The line is the honest score's 95 % "
        "interval; the ticks are folds. Optimistic scores are fitted and scored on the same rows."
    )
    wide = _drawing(scores(rows, label=metric), "overview", "All scores", alt, caption)
    narrow = scores(rows, label=metric, width_px=NARROW_PX)
    return replace(wide, narrow=inline_svg(narrow, name="overview-narrow", alt=alt))


def draw_training(run: RunEntry, number: int, metrics: Sequence[str]) -> list[Drawing]:
    """Return the loss, metrics and learning rate of each epoch, as far as they were written."""
    from podium.reporting.figures.curves import curves

    histories = run.histories
    if not histories:
        return []
    longest = max(histories.values(), key=lambda one: one.n_epochs)

    def column(name: str) -> dict[str, NDArray[np.float64]]:
        return {fold: one.columns[name] for fold, one in histories.items() if name in one.columns}

    def said(values: dict[str, NDArray[np.float64]], what: str) -> str:
        last = ", ".join(f"fold {fold} {_last(one):.4g}" for fold, one in values.items())
        return f"{what} by epoch of run {run.id}; after the last epoch: {last}"

    made = []
    valid, train = column("valid_loss"), column("train_loss")
    if valid or train:
        figure = curves(
            valid or train, label="loss", train=train if valid else None, phases=longest.phases
        )
        caption = "Solid: validation. Dashed: training." if valid and train else "Training."
        made.append(
            _drawing(figure, f"loss-{number}", "Loss", said(valid or train, "Loss"), caption)
        )
    for place, metric in enumerate(metrics):
        score = column(metric)
        if any(np.isfinite(one).any() for one in score.values()):
            start = {k: one.start[metric] for k, one in histories.items() if metric in one.start}
            figure = curves(score, label=metric, start=start, phases=longest.phases)
            title = metric.replace("_", " ").capitalize() if len(metrics) > 1 else "Metric"
            caption = "Validation rows of each fold."
            if start:
                caption += " Epoch 0: before training."
            name = f"metric-{number}-{place}"
            made.append(_drawing(figure, name, title, said(score, metric), caption))
    rate = column("lr")
    if rate:
        fold = next(name for name, one in histories.items() if one is longest)
        figure = curves({"": rate[fold]}, label="learning rate", phases=longest.phases, log=True)
        text = f"Learning rate at the end of each epoch of run {run.id}"
        made.append(
            _drawing(figure, f"lr-{number}", "Learning rate", text, "At the end of each epoch.")
        )
    return made


def draw_confusion(counts: NDArray[np.int64], names: Sequence[str]) -> list[Drawing]:
    """Return the matrix as counts and as shares of its rows."""
    from podium.reporting.figures.confusion import WRITTEN_UP_TO, confusion

    right = int(np.diag(counts).sum())
    alt = f"Confusion matrix of {len(names)} classes: {right} of {int(counts.sum())} rows right"
    made = [
        _drawing(
            confusion(counts, names),
            "confusion",
            "Counts",
            alt,
            "Rows: truth. Columns: what was said. Strength: share of the row.",
        )
    ]
    if len(names) <= WRITTEN_UP_TO:
        figure = confusion(counts, names, normalise=True)
        text = f"{alt}, as shares of each true class"
        caption = "Per cent of each true class; the diagonal is recall."
        made.append(_drawing(figure, "confusion-shares", "Row-normalised", text, caption))
    return made


def draw_class_scores(scores: ClassScores, names: Sequence[str]) -> Drawing:
    """Return recall, precision and F1 of each class with their intervals."""
    from podium.reporting.figures.class_scores import class_scores

    lowest = int(np.nanargmin(np.nan_to_num(scores.values[:, 2], nan=2.0)))
    alt = (
        f"Recall, precision and F1 of {len(names)} classes; lowest F1: "
        f"{names[lowest]} with {scores.values[lowest, 2]:.3f}"
    )
    figure = class_scores(names, scores.values, scores.intervals)
    return _drawing(
        figure, "classes", "By class", alt, "Lowest F1 on top; lines are 95 % bootstrap intervals."
    )


def draw_calibration(lens: Lens) -> Drawing:
    """Return the reliability curve with its expected calibration error."""
    from podium.reporting.calibrating import reliability
    from podium.reporting.figures.calibration import calibration

    confidence, came_true = lens.confidence()
    ece = reliability(confidence, came_true).ece
    if lens.competition.kind == "multiclass":
        xlabel, ylabel = "confidence in the most probable class", "share that was right"
    else:
        xlabel, ylabel = "probability", "share that was positive"
    figure = calibration(confidence, came_true, xlabel=xlabel, ylabel=ylabel)
    alt = f"Calibration curve; expected calibration error {ece:.3f} over 10 bins"
    caption = (
        f"Expected calibration error {ece:.3f}. Points above the diagonal are under-confident; "
        "bars show how many rows a bin has, lines are Wilson's 95 % intervals."
    )
    return _drawing(figure, "calibration", "Calibration", alt, caption)


def draw_predicted(lens: Lens) -> Drawing:
    """Return predicted against true values of a regression, or ratings."""
    from podium.reporting.figures.predicted import predicted

    figure = predicted(lens.truth, lens.values, lens.folds)
    error = float(np.abs(lens.values - lens.truth).mean())
    alt = (
        f"Predicted against true values of {len(lens.truth)} rows; mean absolute error {error:.4g}"
    )
    return _drawing(
        figure,
        "predicted",
        "Said against truth",
        alt,
        f"Out of fold; mean absolute error {error:.4g}.",
    )


def draw_balance(data: DataSummary) -> Drawing | None:
    """Return the rows of each class by fold; None without classes."""
    from podium.reporting.figures.class_balance import class_balance

    if data.counts is None or not data.counts.size:
        return None
    figure = class_balance(data.counts, data.classes, data.fold_names)
    totals = data.counts.sum(axis=1)
    alt = (
        f"Rows of each of {len(totals)} classes, by fold; from {int(totals.min())} to "
        f"{int(totals.max())} a class"
    )
    return _drawing(figure, "balance", "Classes by fold", alt)


def _last(values: NDArray[np.float64]) -> float:
    """Return the last value that was written; nan without any."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")


def _drawing(figure: Figure, name: str, title: str, alt: str, caption: str = "") -> Drawing:
    return Drawing(inline_svg(figure, name=name, alt=alt), title, caption)
