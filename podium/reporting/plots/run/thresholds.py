"""Scalars that a method reports, by epoch: several side by side.

Known scalars share a panel; any other value that a method returns beside its loss, also a method
of the user's own, has a panel of its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from podium.reporting.entries import column_by_fold, longest_history
from podium.reporting.figures._panel import INK, LEGEND, band_of, plain, quiet_panels, series
from podium.reporting.figures.curves import mark_phases
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import RunSubject
from podium.tasks.protocols.names import ANSWERS
from podium.training import losses
from podium.workspace import extensions

__all__ = ["MOST_PANELS", "PLACE", "TITLE", "example", "plots", "scalars"]

TITLE, PLACE = "Training", 14

_TERMS = "Terms of the loss"
_THRESHOLD = "Threshold and confidence"
_PROBE = "Accuracy of the probe"
_PANELS = {
    "threshold": _THRESHOLD,
    "confidence": _THRESHOLD,
    "spread": "Spread of the vectors",
    "dimensions": "Dimensions of the vectors",
    "knn": _PROBE,
    "linear": _PROBE,
    "labelled": _TERMS,
    "unlabelled": _TERMS,
    "pseudo": _TERMS,
    "graph": _TERMS,
    "fairness": _TERMS,
}
_NAMES = {"knn": "nearest neighbours", "linear": "linear layer"}
_WORDS = {
    _THRESHOLD: "Threshold: the confidence from which a prediction is used, of several the mean. "
    "Confidence: of the likeliest answer, the mean over the unlabelled samples of an epoch.",
    "Spread of the vectors": "Spread: about 1 where vectors point everywhere, 0 where all are "
    "alike.",
    "Dimensions of the vectors": "Dimensions: 1 where all vectors lie on one line.",
    _PROBE: "Probe: frozen features, evaluated on labels that were not trained on.",
}
# They have figures of their own: the curves, and the pseudo-labels.
_ELSEWHERE = {"lr", "train_loss", "valid_loss", "pseudo_n", "pseudo_precision", "pseudo_confidence"}
_SHARES = {"kept", "pseudo_kept", "precision"}

Folds = dict[str, NDArray[np.float64]]


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield at most four panels at a time, until every scalar of `metrics.csv` is drawn once."""
    histories = subject.entry.histories
    if not histories:
        return
    phases = longest_history(histories).phases
    panels = _panels(subject)
    known = list(dict.fromkeys(_PANELS.values()))
    titles = sorted(panels, key=lambda one: known.index(one) if one in known else len(known))
    for first in range(0, len(titles), MOST_PANELS):
        some = {title: panels[title] for title in titles[first : first + MOST_PANELS]}
        wide, narrow = (scalars(some, phases=phases, width_px=px) for px in (720, NARROW_PX))
        texts = [f"{name} {_last(of)}" for named in some.values() for name, of in named.items()]
        alt = f"{', '.join(some)} by epoch of run {subject.entry.id}; last: {'; '.join(texts)}"
        folds = ["Lines: mean over folds. Bands: from the lowest to the highest."]
        words = [_WORDS[one] for one in some if one in _WORDS]
        caption = " ".join((folds if len(histories) > 1 else []) + words)
        title = "Scalars of the method" if len(some) > 1 else next(iter(some))
        yield Plot(wide, f"scalars-{first // MOST_PANELS}", title, alt, caption, narrow)


def _panels(subject: RunSubject) -> dict[str, dict[str, Folds]]:
    """Return title → name → fold → `(epochs,)` of what has no figure of its own."""
    histories, terms = subject.entry.histories, set(extensions.names(losses))
    panels: dict[str, dict[str, Folds]] = {}
    for whole in dict.fromkeys(name for one in histories.values() for name in one.columns):
        task, _, name = whole.rpartition("/")
        if whole in _ELSEWHERE or whole in subject.metrics or name in _SHARES:
            continue
        of = column_by_fold(histories, whole)
        if not of:
            continue
        # Of the user's own losses, module:object, a term has its colon.
        is_term = bool(task) and (name in terms or ":" in name)
        readable = _NAMES.get(name, name.replace("_", " "))
        title = _TERMS if is_term else _PANELS.get(name, readable)
        line = f"{readable} of {ANSWERS.get(task, task)}" if task else readable
        panels.setdefault(title, {})[line] = of
    terms_of = _each_once(panels.pop(_TERMS, {}))
    return panels if _is_the_loss(subject, terms_of) else {**panels, _TERMS: terms_of}


def _each_once(terms: Mapping[str, Folds]) -> dict[str, Folds]:
    """Return `terms` without those equal to an earlier one, as the sum of a single term is."""
    kept: dict[str, Folds] = {}
    for name, of in terms.items():
        if not any(_is_contained(of, other) for other in kept.values()):
            kept[name] = of
    return kept


def _is_contained(of: Folds, other: Folds) -> bool:
    """Return whether all values of `of` are in `other`, too."""
    return of.keys() <= other.keys() and all(
        one.shape == other[fold].shape
        and np.allclose(one[np.isfinite(one)], other[fold][np.isfinite(one)])
        for fold, one in of.items()
    )


def _is_the_loss(subject: RunSubject, terms: Mapping[str, Folds]) -> bool:
    """Return whether the loss has a single term, which is drawn already."""
    if len(terms) > 1:
        return False
    histories = subject.entry.histories
    whole = {fold: one.columns.get("train_loss", np.empty(0)) for fold, one in histories.items()}
    return all(_is_contained(of, whole) for of in terms.values())


def _last(of: Mapping[str, NDArray[np.float64]]) -> str:
    """Return the mean over folds of each fold's last value."""
    return f"{np.mean([one[np.isfinite(one)][-1] for one in of.values()]):.4g}"


MOST_PANELS = 4
FEW, KEY = 3, 18  # lines with their names between them; px of a row of names below

_STYLES = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (4, 1.5, 1, 1.5)))


def scalars(
    panels: Mapping[str, Mapping[str, Mapping[str, ArrayLike]]],
    *,
    phases: Sequence[tuple[int, str]] = (),
    width_px: float = 720,
) -> Figure:
    """Return a panel for each group of scalars: the mean over folds, from their lowest to highest.

    Args:
        panels: title → name of a scalar → fold → `(epochs,)`; nan where nothing was written.
        phases: (first epoch, name) of each phase; epochs count from 1, over all phases.
        width_px: of the figure; below 500 the panels stand in one column. One panel alone has no
            title, and takes half of it.
    """
    n_columns = 1 if width_px < 500 or len(panels) == 1 else 2
    n_rows = -(-len(panels) // n_columns)
    width = width_px if width_px < 500 else width_px * n_columns / 2
    most = max(len(named) for named in panels.values())
    below = KEY * -(-most // 2) if most > FEW else 0
    figure, grid = quiet_panels(n_rows, n_columns, width, 30 + (205 + below) * n_rows)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, (title, named) in zip(grid.flat, panels.items(), strict=False):
        for number, (name, folds) in enumerate(named.items()):
            _curve(axes, list(folds.values()), name, number)
        longest = max(len(np.asarray(one)) for of in named.values() for one in of.values())
        axes.set_xlim(0.5, longest + 0.5)
        mark_phases(axes, phases)
        if len(panels) > 1:
            axes.set_title(plain(title, longest=40), loc="left", fontsize=11.5, color=INK, pad=18)
        if len(named) > FEW:  # they would hide what they name
            at = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2), "ncols": 2}
            axes.legend(**at, **LEGEND)
        elif len(named) > 1:
            axes.legend(loc="best", **LEGEND)
        elif (name := next(iter(named))).lower() not in title.lower():
            axes.set_ylabel(plain(name, longest=30))
    return figure


def _curve(axes: Axes, folds: Sequence[ArrayLike], name: str, number: int) -> None:
    low, mean, high, _ = band_of(folds)
    epochs = np.arange(1, len(mean) + 1)
    style: dict[str, Any] = {
        "color": series(number),
        "ls": _STYLES[number % len(_STYLES)],
        "marker": "o" if np.isfinite(mean).sum() < 16 else "",
    }
    axes.plot(epochs, mean, lw=1.8, ms=3.5, label=plain(name, longest=30), **style)
    if len(folds) > 1:
        axes.fill_between(epochs, low, high, color=series(number), alpha=0.16, lw=0)


def example() -> Figure:
    """Return a FlexMatch-like training: thresholds, spread and probe of three folds."""
    draw, epochs = np.random.default_rng(1), np.arange(1, 25)

    def rising(to: float, speed: float) -> dict[str, Any]:
        curve = to * (1 - np.exp(-epochs / speed))
        return {str(k): curve + draw.normal(0, 0.02, 24) for k in range(3)}

    return scalars(
        {
            "Threshold": {"of labels": rising(0.9, 6), "of masks": rising(0.8, 9)},
            "Spread of vectors": {"spread": rising(0.95, 3)},
            "Probe: accuracy": {"neighbours": rising(0.7, 8), "linear": rising(0.8, 8)},
        },
        phases=[(1, "warm-up"), (5, "flexmatch")],
    )
