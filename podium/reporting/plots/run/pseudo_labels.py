"""How many pseudo-labels the run used in each epoch, and how many of them were right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from podium.reporting.entries import column_by_fold, longest_history
from podium.reporting.figures.pseudo_labels import pseudo_labels
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import RunSubject

TITLE, PLACE = "Training", 12

_SHARES = ("kept", "pseudo_kept")
"""What methods that label at every step call the share of answers that counts, maybe of a task."""
_SAID = {"classify": "labels", "segment": "pixels of masks"}
_JOINED = (
    "Samples that the network labelled itself and learnt from as if people had; nothing where the "
    "phase asks for none. "
)
_JUDGED = "Below: of those whose true label is known, and never learnt, the share that is right. "
_BESIDE = "Dashed: their mean confidence; above the share, the network believes itself too much."
_SURE = "Below: their mean confidence."
_COUNTED = (
    "Of the network's own answers in the epoch's steps, the share that was learnt from; where "
    "answers have weights, their mean weight."
)
_PRECISION = "classify/precision"
_JUDGED_IN_STEPS = (
    "Below: of those that count and whose true label is known, and never learnt, the share that is "
    "right."
)

Folds = dict[str, NDArray[np.float64]]


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield the count and the precision of what joined, and the share of what counted in steps."""
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
        words = _JOINED + (_JUDGED if right else "No true label of theirs is known. ")
        if sure := column_by_fold(histories, "pseudo_confidence"):
            words += _BESIDE if right else _SURE
        yield drawn(joined, "pseudo-labels", "pseudo-labels used", words.strip(), right, sure)
    columns = list(dict.fromkeys(name for one in histories.values() for name in one.columns))
    shares = [name for name in columns if name.split("/")[-1] in _SHARES]
    # Without its task it is the mean over tasks.
    for name in [one for one in shares if "/" in one] or shares:
        if share := column_by_fold(histories, name):
            task = name.rpartition("/")[0]
            what = _SAID.get(task, task) or "answers"
            right = {} if task == "segment" else column_by_fold(histories, _PRECISION)
            words = f"{_COUNTED} {_JUDGED_IN_STEPS}" if right else _COUNTED
            yield drawn(share, f"share-{what}", f"share of {what} that counts", words, right)


def _last(of: Mapping[str, NDArray[np.float64]]) -> str:
    return ", ".join(f"fold {fold} {one[np.isfinite(one)][-1]:.4g}" for fold, one in of.items())
