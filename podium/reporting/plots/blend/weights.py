"""The weights of a blend's members, and how far they spread over the folds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from podium.errors import plural
from podium.reporting.figures._panel import ACCENT, INK, legend_above, member_rows
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendSubject
from podium.tasks.protocols.names import is_of_pixels
from podium.workspace.blend_notes import format_method

__all__ = ["PLACE", "TITLE", "member_weights", "plots"]

TITLE, PLACE = "What members bring", 20


def plots(subject: BlendSubject) -> Iterator[Plot]:
    """Yield the weights of each task; nothing where all members weigh the same."""
    for task, part in subject.entry.parts.items():
        blend = part.blend
        folds = list(blend.fold_weights.values())
        if len(blend.members) < 2 or (len(set(blend.weights)) < 2 and not folds):
            continue
        what = " of masks" if is_of_pixels(task) else ""
        method = format_method(blend.method).rstrip(",")
        by_fold = folds or None
        each = zip(blend.weights, blend.members, strict=True)
        first = sorted(each, key=lambda one: -one[0])[:6]
        alt = f"Weights{what} by {method} of {plural(len(blend.members), 'member')}: " + ", ".join(
            f"{name} {weight:.3f}" for weight, name in first
        )
        caption = f"By {method}, fitted on all rows."
        if folds:
            caption += " Ticks: fitted for each fold on the others; far apart, they are chance."
        yield Plot(
            member_weights(blend.members, blend.weights, by_fold=by_fold),
            f"weights-{task}",
            f"Weights{what}",
            alt,
            caption,
            member_weights(blend.members, blend.weights, by_fold=by_fold, width_px=NARROW_PX),
        )


def member_weights(
    names: Sequence[str],
    weights: ArrayLike,
    *,
    by_fold: ArrayLike | None = None,
    width_px: float = 420,
) -> Figure:
    """Return a bar for each member's weight, the largest on top, and a tick for each fold's.

    Args:
        names: `(M,)`.
        weights: `(M,)`, what was fitted on all rows.
        by_fold: `(F, M)`, what was fitted on the rows of the other folds.
        width_px: of the figure.
    """
    of_all = np.asarray(weights, dtype=np.float64)
    order = np.argsort(-of_all, kind="stable")
    figure, axes = member_rows(names, order, width_px)
    axes.barh(
        range(len(order)), of_all[order], 0.62, color=ACCENT, alpha=0.6, lw=0, label="all rows"
    )
    if by_fold is not None:
        each = np.asarray(by_fold, dtype=np.float64).reshape(-1, len(of_all))[:, order]
        at = np.broadcast_to(np.arange(len(order)), each.shape)
        axes.plot(each.ravel(), at.ravel(), "|", ms=11, mew=1.8, color=INK, label="a fold")
    axes.set_xlabel("weight")
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    legend_above(figure, axes)
    return figure


def example() -> Figure:
    """Return the weights of six members with those of five folds."""
    rng = np.random.default_rng(0)
    weights = np.array([0.34, 0.05, 0.22, 0.0, 0.27, 0.12])
    folds = np.clip(weights + rng.normal(0, 0.03, (5, 6)), 0, None)
    names = ["resnet50", "vit-s", "convnext", "resnet18", "swin-t", "unet"]
    return member_weights(names, weights, by_fold=folds / folds.sum(axis=1, keepdims=True))
