"""Number of pseudo-labels that a training used, and their precision, by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike, NDArray

from podium.reporting.entries import column_by_fold, longest_history
from podium.reporting.figures._panel import fold_color, legend_above, plain, quiet_panels
from podium.reporting.figures.curves import mark_phases
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import RunSubject
from podium.tasks.protocols.names import IMAGES, PIXELS, is_of_pixels

__all__ = ["PLACE", "TITLE", "example", "plots", "pseudo_labels"]

TITLE, PLACE = "Training", 12

_SHARES = ("kept", "pseudo_kept")
"""Column, maybe of a task, of the share of predictions used as labels in each step."""
_TARGETS: dict[str, str] = {IMAGES: "labels", PIXELS: "pixels of masks"}
_JOINED = (
    "Samples that the network labelled itself and was trained on; nothing in phases without "
    "pseudo-labels. "
)
_PRECISION_NOTE = "Below: precision, on samples with a true label that was not trained on. "
_BESIDE = "Dashed: their mean confidence; above the precision, the network is overconfident."
_SURE = "Below: their mean confidence."
_COUNTED = (
    "Share of the network's own predictions in the epoch's steps that were used as labels; if "
    "they have weights, their mean weight."
)
_PRECISION = "classify/precision"
_PRECISION_IN_STEPS = (
    "Below: precision of the used ones, on samples with a true label that was not trained on."
)

Folds = dict[str, NDArray[np.float64]]


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield number and precision of added pseudo-labels, and the share used in steps."""
    histories = subject.entry.histories
    if not histories:
        return
    phases = longest_history(histories).phases

    def drawn(
        used: Folds, name: str, label: str, words: str, right: Folds, sure: Folds | None = None
    ) -> Plot:
        sure = sure or {}
        wide, narrow = (
            pseudo_labels(used, right, sure, label=label, phases=phases, width_px=width)
            for width in (360, NARROW_PX)
        )
        alt = f"{label.capitalize()} by epoch of run {subject.entry.id}; in the last epoch with "
        alt += f"any: {_last(used)}"
        alt += f"; share of right ones: {_last(right)}" if right else ""
        alt += f"; mean confidence: {_last(sure)}" if sure else ""
        return Plot(wide, name, "Pseudo-labels", alt, words, narrow)

    if joined := column_by_fold(histories, "pseudo_n"):
        right = column_by_fold(histories, "pseudo_precision")
        words = _JOINED + (_PRECISION_NOTE if right else "None of them has a known true label. ")
        if sure := column_by_fold(histories, "pseudo_confidence"):
            words += _BESIDE if right else _SURE
        yield drawn(joined, "pseudo-labels", "pseudo-labels used", words.strip(), right, sure)
    columns = list(dict.fromkeys(name for one in histories.values() for name in one.columns))
    shares = [name for name in columns if name.split("/")[-1] in _SHARES]
    # Without its task it is the mean over tasks.
    for name in [one for one in shares if "/" in one] or shares:
        if share := column_by_fold(histories, name):
            task = name.rpartition("/")[0]
            what = _TARGETS.get(task, task) or "predictions"
            right = {} if is_of_pixels(task) else column_by_fold(histories, _PRECISION)
            words = f"{_COUNTED} {_PRECISION_IN_STEPS}" if right else _COUNTED
            yield drawn(share, f"share-{what}", f"share of {what} used", words, right)


def _last(of: Mapping[str, NDArray[np.float64]]) -> str:
    return ", ".join(f"fold {fold} {one[np.isfinite(one)][-1]:.4g}" for fold, one in of.items())


def pseudo_labels(
    used: Mapping[str, ArrayLike],
    precision: Mapping[str, ArrayLike] | None = None,
    confidence: Mapping[str, ArrayLike] | None = None,
    *,
    label: str = "pseudo-labels",
    phases: Sequence[tuple[int, str]] = (),
    width_px: float = 360,
) -> Figure:
    """Return a line for each fold; below, precision, and dashed the network's mean confidence.

    Where the dashed line is above the other, the network is overconfident.

    Args:
        used: fold → `(epochs,)`, number of pseudo-labels used, or their share of the candidates;
            nan in phases that use none.
        precision: fold → `(epochs,)` in [0, 1]: the share of correct ones, where truth is known.
        confidence: fold → `(epochs,)` in [0, 1]: their mean confidence.
        label: name of `used`.
        phases: (first epoch, name) of each phase; epochs count from 1, over all phases.
        width_px: of the figure.
    """
    right, sure = _known(precision), _known(confidence)
    n_rows = 2 if right or sure else 1
    figure, grid = quiet_panels(n_rows, 1, width_px, 60 + 165 * n_rows, sharex=True)
    above: Axes = grid[0, 0]
    folds = sorted({*used, *right, *sure}, key=lambda one: (not one.isdigit(), one.zfill(9)))
    color = {fold: fold_color(number, len(folds)) for number, fold in enumerate(folds)}
    _lines(above, used, color)
    longest = max((len(np.asarray(one)) for one in used.values()), default=1)
    above.set(xlim=(0.5, longest + 0.5), ylim=(0, None))
    above.set_ylabel(plain(label, longest=40))
    mark_phases(above, phases)
    if n_rows > 1:
        above.set_xlabel("")
        below: Axes = grid[1, 0]
        _lines(below, right, color)
        _lines(below, sure, color, lw=1.2, ls=(0, (3, 2)), marker="")
        mark_phases(below, [(first, "") for first, _ in phases])
        label_below = (
            "right (confidence dashed)" if right and sure else "right" if right else "confidence"
        )
        below.set(ylabel=label_below, ylim=(None, min(1.02, below.get_ylim()[1])))
        below.yaxis.set_major_formatter(PercentFormatter(xmax=1))
    if 1 < len(folds) <= 7:
        legend_above(figure, above, columns=3 if width_px < 400 else 6)
    return figure


def _known(of: Mapping[str, ArrayLike] | None) -> dict[str, ArrayLike]:
    return {fold: one for fold, one in (of or {}).items() if np.isfinite(one).any()}


def _lines(axes: Axes, of: Mapping[str, ArrayLike], color: Mapping[str, Any], **look: Any) -> None:
    for fold, given in of.items():
        values = np.asarray(given, dtype=float)
        # A phase of a single epoch would be invisible without its dot.
        marker = "o" if np.isfinite(values).sum() < 16 else ""
        name = f"fold {fold}" if fold.isdigit() else plain(fold)
        epochs = np.arange(1, len(values) + 1)
        style = {"lw": 1.8, "marker": marker, "ms": 3.5, **look}
        axes.plot(epochs, values, color=color[fold], label=name, **style)


def example() -> Figure:
    """Return pseudo-labels of three folds that grow in number and lose some precision."""
    draw = np.random.default_rng(0)
    epochs = np.arange(1, 21)
    wait = np.where(epochs > 5, 1.0, np.nan)
    grown = {str(k): wait * (150 + 40 * epochs + draw.normal(0, 9, 20)).round() for k in range(3)}
    right = {str(k): wait * (0.97 - 0.006 * epochs + draw.normal(0, 0.004, 20)) for k in range(3)}
    sure = {fold: 0.2 * one + 0.77 for fold, one in right.items()}
    return pseudo_labels(grown, right, sure, phases=[(1, "warm-up"), (6, "pseudo")])
