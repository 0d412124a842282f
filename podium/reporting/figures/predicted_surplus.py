"""Classes predicted too often, and classes predicted too rarely."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.errors import either
from podium.reporting.figures._panel import INK, MUTED, panel, plain, series, tint

__all__ = ["example", "predicted_surplus"]

SHOWN = 24


def predicted_surplus(
    truth: ArrayLike, predicted: ArrayLike, names: Sequence[str], *, error: ArrayLike | None = None
) -> Figure:
    """Return a bar for each class, the largest surplus on top; of many the 12 at either end.

    Beside each is the ratio of predicted to true rows.

    Args:
        truth: `(C,)`, rows of each class.
        predicted: `(C,)`, rows predicted as each class.
        names: `(C,)`.
        error: `(C,)`, half of the 95 % interval of predicted - truth; None: of Poisson counts.
    """
    right, other = (np.asarray(one, dtype=np.float64) for one in (truth, predicted))
    half = 1.96 * np.sqrt(right + other) if error is None else np.asarray(error, dtype=np.float64)
    surplus = other - right
    order = np.argsort(-surplus, kind="stable")
    n_between = max(len(order) - SHOWN, 0)
    if n_between:
        order = np.concatenate([order[: SHOWN // 2], order[-(SHOWN // 2) :]])
    at = np.arange(len(order), dtype=np.float64)
    if n_between:
        at[SHOWN // 2 :] += 1.2  # space for a line with the number of classes left out
    figure, axes = panel(420, 70 + 24 * (len(order) + (1.2 if n_between else 0)))
    shown = surplus[order]
    axes.barh(
        at,
        shown,
        height=0.64,
        color=[tint(series(1 if one > 0 else 0), [0.75])[0] for one in shown],
    )
    axes.hlines(at, shown - half[order], shown + half[order], color=INK, lw=1.3)
    high = max(float((shown + half[order]).max(initial=1)), 0.0)
    low = min(float((shown - half[order]).min(initial=-1)), 0.0)
    reach = high - low
    for place, i in zip(at, order, strict=True):
        ratio = f"×{other[i] / right[i]:.2f}" if right[i] else "none there"
        axes.annotate(
            ratio if other[i] else "never predicted",
            (1, place),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
            fontsize=9.5,
            color=MUTED,
        )
    if n_between:
        axes.annotate(
            f"{either(n_between, 'class', 'classes')} between",
            (0.5, SHOWN // 2 + 0.1),
            xycoords=("axes fraction", "data"),
            ha="center",
            va="center",
            fontsize=9.5,
            color=MUTED,
        )
    axes.axvline(0, color=MUTED, lw=1)
    axes.set_yticks(at, [plain(names[i], longest=18) for i in order])
    axes.set(
        xlim=(low - 0.03 * reach, high + 0.3 * reach),
        ylim=(at.max(initial=0) + 0.6, -0.6),
        xlabel="predicted rows - actual rows",
    )
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    return figure


def example() -> Figure:
    """Return 60 made-up classes, rare ones of which are predicted too rarely."""
    rng = np.random.default_rng(0)
    truth = np.round(np.exp(rng.normal(4, 1.1, 60))).astype(int) + 1
    predicted = rng.poisson(truth * (truth / 60.0) ** 0.15)
    return predicted_surplus(truth, predicted, [f"species {i + 1}" for i in range(60)])
