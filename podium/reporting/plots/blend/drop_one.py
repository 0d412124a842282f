"""Loss of a blend's score without each of its members."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.ensembling.members import kept_members
from podium.reporting.figures._panel import (
    ACCENT,
    INK,
    MUTED,
    SERIES,
    legend_above,
    member_rows,
    plain,
)
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendSubject

__all__ = ["PLACE", "TITLE", "drop_one", "plots"]

TITLE, PLACE = "What members bring", 30


def plots(subject: BlendSubject) -> Iterator[Plot]:
    """Yield what `podium show BLEND --members` has kept: of three blends a member, none is made."""
    entry = subject.entry
    table = kept_members(subject.workspace.blends / entry.id, entry.blend)
    if table is None:
        return
    kept = [(one.name, one.dropped) for one in table.members if one.dropped is not None]
    if not kept:
        return
    names = [name for name, _ in kept]
    gains = [one.gain for _, one in kept]
    errors = [math.nan if one.error is None else one.error for _, one in kept]
    alt = f"Honest {table.metric} {table.honest:.4f}; without each member: " + ", ".join(
        f"{name} {one.score:.4f}" for name, one in sorted(kept, key=lambda one: -one[1].gain)[:8]
    )
    caption = (
        "Honest score of the blend less that of the blend without the member, weights and "
        "decision fitted anew across the folds."
    )
    yield Plot(
        drop_one(names, gains, errors=errors, label=table.metric),
        "drop-one",
        "Without each member",
        alt,
        caption,
        drop_one(names, gains, errors=errors, label=table.metric, width_px=NARROW_PX),
    )


def drop_one(
    names: Sequence[str],
    gains: ArrayLike,
    *,
    label: str,
    errors: ArrayLike | None = None,
    width_px: float = 420,
) -> Figure:
    """Return a bar for what the blend loses without each member, the largest on top.

    Args:
        names: `(M,)`.
        gains: `(M,)`: by how much the honest score is better with the member, in the metric's
            direction; below 0, it is better without.
        label: the metric.
        errors: `(M,)`, standard errors; nan where there is none.
        width_px: of the figure.
    """
    values = np.asarray(gains, dtype=np.float64)
    order = np.argsort(np.where(np.isnan(values), np.inf, -values), kind="stable")
    figure, axes = member_rows(names, order, width_px)
    rows, shown = np.arange(len(order)), values[order]
    for is_here, color, name in (
        (~(shown < 0), ACCENT, "better with it"),
        (shown < 0, SERIES[1], "better without"),
    ):
        if is_here.any():
            axes.barh(
                rows[is_here], shown[is_here], 0.62, color=color, alpha=0.75, lw=0, label=name
            )
    if errors is not None:
        around = np.asarray(errors, dtype=np.float64)[order]
        low, high = shown - around, shown + around
        axes.hlines(rows, low, high, color=INK, lw=1.4, label="standard error")
    axes.axvline(0, color=MUTED, lw=1)
    axes.set_xlabel(plain(f"{label} gained by keeping it", longest=40))
    legend_above(figure, axes, columns=3 if width_px > 400 else 2)
    return figure


def example() -> Figure:
    """Return the figure of six members, one of which harms."""
    gains = np.array([0.0121, 0.0008, 0.0064, -0.0021, 0.0035, 0.0])
    errors = np.array([0.0030, 0.0012, 0.0025, 0.0011, 0.0024, 0.0])
    names = ["resnet50", "vit-s", "convnext", "resnet18", "swin-t", "unet"]
    return drop_one(names, gains, errors=errors, label="macro F1")
