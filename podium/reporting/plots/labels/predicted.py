"""Predicted against true values of a regression, of each of several columns, or ratings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.errors import plural
from podium.reporting.figures._panel import MUTED, fold_color, legend_above, panel
from podium.reporting.plot import Plot
from podium.reporting.subjects import LabelSubject

__all__ = ["PLACE", "TITLE", "example", "plots", "predicted"]

TITLE, PLACE = "Predicted against actual", 20


def plots(subject: LabelSubject) -> Iterator[Plot]:
    """Yield one plot for tasks whose labels are numbers, one a column where these are several."""
    lens, kind = subject.lens, subject.lens.competition.kind
    if kind.is_prob:
        return
    if kind.is_by_column:
        yield from _by_column(subject)
        return
    # On a circle 1 degree stands beside 359, as 361.
    values = lens.truth + lens.errors if kind.is_circular else lens.values
    figure = predicted(lens.truth, values, lens.folds)
    error = float(np.abs(lens.errors).mean())
    alt = (
        f"Predicted against true values of {plural(len(lens.truth), 'row')}; mean absolute error "
        f"{error:.4g}"
    )
    caption = f"Out of fold; mean absolute error {error:.4g}."
    yield Plot(figure, "predicted", "Predicted against actual", alt, caption)


MOST_COLUMNS = 12


def _by_column(subject: LabelSubject) -> Iterator[Plot]:
    """Yield a plot of each of the first columns, of the rows with a truth in it."""
    lens = subject.lens
    for c, name in enumerate(subject.names[:MOST_COLUMNS]):
        known = np.isfinite(lens.truth[:, c])
        truth, values = lens.truth[known, c], lens.values[known, c]
        figure = predicted(truth, values, lens.folds[known])
        error, spread = float(np.sqrt(((values - truth) ** 2).mean())), float(truth.std())
        alt = (
            f"{name}: predicted against true values of {plural(len(truth), 'row')}; RMSE "
            f"{error:.4g}"
        )
        caption = f"Out of fold; RMSE {error:.4g}, standard deviation of the truth {spread:.4g}."
        yield Plot(figure, f"predicted-{c}", f"Predicted against actual: {name}", alt, caption)


SHOWN, FEW = 4000, 1000  # a few points may be larger


def predicted(truth: ArrayLike, predicted_values: ArrayLike, folds: ArrayLike) -> Figure:
    """Return a point for each row, coloured by fold; of many rows, 4,000 evenly spaced ones.

    Args:
        truth: `(N,)`.
        predicted_values: `(N,)`.
        folds: `(N,)`.
    """
    figure, axes = panel(420, 380)
    right, value, fold = (np.asarray(one) for one in (truth, predicted_values, folds))
    keep = np.linspace(0, len(right) - 1, min(len(right), SHOWN)).astype(int)
    size = 5.5 if len(keep) < FEW else 3.5
    every = np.unique(fold)
    for number, one in enumerate(every):
        rows = keep[fold[keep] == one]
        axes.plot(
            right[rows],
            value[rows],
            "o",
            ms=size,
            mew=0,
            color=fold_color(number, len(every)),
            label=f"fold {one}",
        )
    axes.axline((float(right.mean()),) * 2, slope=1, color=MUTED, lw=1, ls=(0, (3, 3)))
    axes.set(xlabel="actual", ylabel="predicted")
    axes.grid()
    axes.set_axisbelow(True)
    legend_above(figure, axes)
    return figure


def example() -> Figure:
    """Return 400 made-up rows in four folds."""
    rng = np.random.default_rng(0)
    truth = rng.gamma(4, 10, 400)
    predicted_values = 6 + 0.85 * truth + rng.normal(0, 6, 400)
    return predicted(truth, predicted_values, np.arange(400) % 4)
