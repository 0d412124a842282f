"""The share of each class in the train part, and in the predictions out of fold and for test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.reporting.figures._panel import GRID, legend_above, name_rows, panel, plain, series

__all__ = ["example", "predicted_shares"]

SHOWN = 20
_MARKERS = ("o", "s", "D")


def predicted_shares(counts: Mapping[str, ArrayLike], names: Sequence[str]) -> Figure:
    """Return a row for each class with a mark for each part; of many those that differ most.

    Args:
        counts: what is counted → `(C,)` rows of each class; each is divided by its own sum.
        names: `(C,)`.
    """
    each = [np.asarray(one, dtype=np.float64) for one in counts.values()]
    shares = 100 * np.stack([one / max(one.sum(), 1) for one in each])
    spread = shares.max(axis=0) - shares.min(axis=0)
    order = np.argsort(-spread, kind="stable")[:SHOWN]
    order = order[np.argsort(-shares[0, order], kind="stable")]
    at = np.arange(len(order))
    figure, axes = panel(420, 80 + 26 * len(order))
    low, high = shares[:, order].min(axis=0), shares[:, order].max(axis=0)
    axes.hlines(at, low, high, color=GRID, lw=5, zorder=1)
    for number, (label, values) in enumerate(zip(counts, shares, strict=True)):
        axes.plot(
            values[order],
            at,
            _MARKERS[number % 3],
            ms=6.5 - number,
            mew=0,
            color=series(number),
            label=label,
        )
    name_rows(axes, [plain(names[i], longest=18) for i in order])
    axes.set_xlabel("per cent of the rows")
    axes.set_xlim(left=0)
    legend_above(figure, axes)
    return figure


def example() -> Figure:
    """Return twelve made-up classes, of which the test part has other shares."""
    rng = np.random.default_rng(0)
    train = rng.integers(20, 200, 12)
    counts = {
        "train labels": train,
        "predicted out of fold": rng.poisson(train),
        "predicted in test": rng.poisson(train * rng.uniform(0.5, 1.6, 12)),
    }
    return predicted_shares(counts, [f"species {i + 1}" for i in range(12)])
