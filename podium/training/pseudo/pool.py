"""The pool PSEUDO of a fold: filled by the method of a phase, restored for an interrupted one.

`selected.csv` lists each sample that a method labelled; the precision of the labels is measured
where the truth is known.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from podium.errors import RecipeError
from podium.training.data.pools import FoldPools
from podium.training.data.rows import SampleRows
from podium.training.data.sampling import UNLABELLED, Pool
from podium.training.fit.phase_run import PhaseRun
from podium.training.method import PredictedSamples, SelectedSamples
from podium.training.pseudo.labelled_by_method import (
    PackedMasks,
    Selection,
    has_label,
    read_selected,
    write_selected,
)
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.history import HistoryRow
from podium.workspace.atomic import write_text

__all__ = ["PseudoPool", "precision_of", "write_table"]


PredictRows = Callable[[nn.Module, SampleRows], Iterator[PredictedSamples]]


class PseudoPool:
    """Keeps the pool PSEUDO of a fold's phases, and restores it for an interrupted one.

    Args:
        files: the fold's folder.
        pools: the samples of the fold's training.
        classes: names of the classes of labels; empty where labels are numbers.
        predict: predicts samples with a network, in their order.
    """

    def __init__(
        self, files: FoldFiles, pools: FoldPools, *, classes: Sequence[str], predict: PredictRows
    ) -> None:
        self._files, self._pools, self._classes, self._predict = files, pools, classes, predict

    def start_epoch(self, run: PhaseRun, epoch: int, network: nn.Module) -> None:
        """Let the method of `run` select; `network` is the one that predicts.

        Raises:
            RecipeError: every unlabelled sample is one of the fold's own; or the method predicts,
                or labels, a pool that its `needs` does not name.
        """

        def predict(pool: Pool) -> Iterator[PredictedSamples]:
            rows = _rows_of(run, pool)
            if pool != UNLABELLED:
                yield from self._predict(network, rows)
                return
            at = self.unanswered()
            for predicted in self._predict(network, rows.subset(at)):
                yield replace(predicted, index=at[predicted.index])

        selected = run.plan.method.start_epoch(epoch, predict)
        if selected is not None:
            _rows_of(run, UNLABELLED)
            if selected.masks is not None:
                selected = replace(selected, masks=PackedMasks.of(selected.masks))
            write_selected(self._files.selected(run.index, epoch), selected)
            run.select(Selection(selected, epoch))

    def unanswered(self) -> NDArray[np.int64]:
        """Return which unlabelled samples have no true label: none of the fold's training images.

        Raises:
            RecipeError: every unlabelled sample is one of these.
        """
        at = np.flatnonzero(np.asarray(self._pools.sources) != "train")
        if not len(at):
            raise RecipeError(
                "every image has a label already, so there is none to pseudo-label",
                where="unlabelled",
                fix="name such images in data.unlabelled, or write unlabelled: [test]",
            )
        return at

    def restore(self, run: PhaseRun, epoch: int) -> None:
        """Give `run` what its method selected at the beginning of `epoch`."""
        run.select(Selection(read_selected(self._files.selected(run.index, epoch)), epoch))

    def forget_others(self, run: PhaseRun | None) -> None:
        """Remove the files that the last checkpoint does not need."""
        if run is None or run.selection is None:
            self._files.forget_selected()
        else:
            self._files.forget_selected(self._files.selected(run.index, run.selection.epoch))

    def facts(self, run: PhaseRun) -> HistoryRow:
        """Return the columns on the selection of an epoch's line: number, confidence, precision."""
        if run.selection is None:
            return {}
        selected = run.selection.selected
        precision = precision_of(selected, self._pools.truth)
        facts: HistoryRow = {"pseudo_n": len(selected)}
        if len(selected):
            facts["pseudo_confidence"] = float(np.mean(selected.confidence, dtype=np.float64))
        return facts if precision is None else {**facts, "pseudo_precision": precision}

    def write_table(self, run: PhaseRun) -> None:
        """Write the table of the selected samples at the end of the phase, and their labels."""
        if run.selection is not None:
            write_table(
                self._files.selected_table,
                run.plan.spec.name,
                run.selection.selected,
                ids=run.plan.pools[UNLABELLED].ids,
                sources=self._pools.sources,
                classes=self._classes,
            )


def _rows_of(run: PhaseRun, pool: Pool) -> SampleRows:
    if pool not in run.plan.pools:
        raise RecipeError(
            f"the method has no pool {pool!r}, which it predicts or labels",
            where=f"phase {run.plan.spec.name}, method {run.plan.spec.method.name}",
            fix=f"name it in the method's `needs`, as {UNLABELLED!r}, or predict another",
        )
    return run.plan.pools[pool]


def precision_of(selected: SelectedSamples, truth: NDArray[np.int64] | None) -> float | None:
    """Return the share of right labels among the selected whose truth is known.

    Args:
        selected: with labels of classes, `(M,)`.
        truth: `(N,)` classes of the unlabelled pool, -1 where unknown; it is never learnt.
    """
    labels = selected.labels
    if truth is None or labels is None or labels.ndim != 1:
        return None
    right = truth[selected.index]
    known = (right >= 0) & has_label(labels)
    return float((labels == right)[known].mean()) if known.any() else None


def write_table(
    path: Path,
    phase: str,
    selected: SelectedSamples,
    *,
    ids: Sequence[str],
    sources: Sequence[str],
    classes: Sequence[str],
) -> None:
    """Write what a phase selected, a line a sample, beside what earlier phases did.

    Columns: phase, source and id of the image, label (a class, or numbers), confidence, round (the
    epoch in which it was labelled, from 1).
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = ["phase", "source", "id", "label", "confidence", "round"]
    writer.writerow(header)
    writer.writerows(line for line in _lines(path)[1:] if line[0] != phase)
    for number, row in enumerate(selected.index.tolist()):
        label = "" if selected.labels is None else _format_label(selected.labels[number], classes)
        confidence = f"{float(selected.confidence[number]):.6g}"
        epoch = int(selected.round[number]) + 1
        writer.writerow([phase, sources[row], ids[row], label, confidence, epoch])
    write_text(path, text.getvalue())


def _lines(path: Path) -> list[list[str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _format_label(label: Any, classes: Sequence[str]) -> str:
    if np.ndim(label):
        return " ".join(f"{float(one):g}" for one in label)
    if not np.isfinite(label) or label < 0:
        return ""
    is_class = float(label).is_integer() and int(label) < len(classes)
    return classes[int(label)] if is_class else f"{float(label):g}"
