"""Number of pseudo-labels that the run used in each epoch, and their precision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from podium.reporting.entries import column_by_fold, longest_history
from podium.reporting.figures.pseudo_labels import pseudo_labels
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import RunSubject
from podium.tasks.protocols.names import IMAGES, PIXELS, is_of_pixels

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
