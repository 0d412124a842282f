"""The history of a training: its state without weights, `metrics.csv`, scores after each phase.

No torch here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podium.errors import RunError
from podium.training.recipe import load_recipe
from podium.training.runs.fold_files import Fold, FoldFiles
from podium.workspace import digests
from podium.workspace.atomic import write_text
from podium.workspace.records import is_label_free_run, is_of_all_labels, read_record

__all__ = [
    "EpochListener",
    "HistoryRow",
    "PhaseScores",
    "Streak",
    "TrainingState",
    "phase_scores",
    "read_metrics",
    "write_metrics",
]


HistoryRow = dict[str, str | int | float]

Streak = tuple[int, float]
"""Epochs in a row in which a task's predictions were all alike, and its validation loss in the
first of them."""

EpochListener = Callable[[Fold, HistoryRow], None]
"""Called with the fold and the line of each epoch of each fold."""


@dataclass
class TrainingState:
    """Progress of a fold's training; plain data, so that a checkpoint can hold it.

    Attributes:
        phase, epoch: what comes next, 0-based.
        step: optimiser steps done of that epoch.
        sums: named losses, summed over the micro-batches of the epoch so far.
        counts: number of steps of the epoch so far in which each of them was there.
        history: a row for every finished epoch.
        epochs_run: epochs that each finished phase had.
        stages: the scores before the first phase ("start") and after each finished one, and facts
            on the samples that its method selected.
        best_score, best_epoch: of the last phase, for `checkpoint: best`.
        seconds: spent on training so far, over all processes that worked on it.
        best_loss, stale: lowest validation loss of the phase, and epochs since, for early stopping.
        has_checkpoint: whether one was written within the epoch, the current or the one just over.
        stuck: the tasks whose predictions are all alike since some epochs, as `collapse` has it.
    """

    phase: int = 0
    epoch: int = 0
    step: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    history: list[HistoryRow] = field(default_factory=list)
    epochs_run: list[int] = field(default_factory=list)
    stages: list[dict[str, Any]] = field(default_factory=list)
    best_score: float | None = None
    best_epoch: int | None = None
    best_loss: float | None = None
    stale: int = 0
    seconds: float = 0.0
    has_checkpoint: bool = False
    stuck: dict[str, Streak] = field(default_factory=dict)

    def note_stage(
        self, phase: str, scores: Mapping[str, float], selected: Mapping[str, Any] | None = None
    ) -> None:
        """Record the scores of the network at the end of `phase`; "start" is before the first.

        Args:
            phase: its name.
            scores: metric → value.
            selected: facts on the samples that the method labelled itself.
        """
        stage: dict[str, Any] = {"phase": phase, "epochs": self.epoch, "scores": dict(scores)}
        self.stages.append({**stage, "selected": dict(selected)} if selected else stage)

    def last(self, names: Iterable[str]) -> dict[str, float]:
        """Return the values of the last epoch's line under `names`, where it has them."""
        row = self.history[-1] if self.history else {}
        return {name: float(row[name]) for name in names if name in row}

    def next_phase(self) -> None:
        """Note the phase as finished and stand at the beginning of the next."""
        self.epochs_run.append(self.epoch)
        self.phase, self.epoch, self.step, self.sums, self.counts = self.phase + 1, 0, 0, {}, {}
        self.best_loss, self.stale, self.stuck = None, 0, {}

    def next_epoch(self, row: HistoryRow) -> None:
        """Note the epoch's row and stand at the beginning of the next."""
        self.history.append(row)
        self.epoch, self.step, self.sums, self.counts = self.epoch + 1, 0, {}, {}

    def note_loss(self, loss: float) -> None:
        """Count the epochs since the validation loss was lowest."""
        if self.best_loss is None or loss < self.best_loss:
            self.best_loss, self.stale = loss, 0
        else:
            self.stale += 1

    def state_dict(self) -> dict[str, Any]:
        return {
            **vars(self),
            "sums": dict(self.sums),
            "counts": dict(self.counts),
            "stuck": dict(self.stuck),
            "history": [dict(row) for row in self.history],
            "stages": [dict(stage) for stage in self.stages],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> TrainingState:
        """Return what `state_dict` described."""
        return cls(**{**state, "history": [dict(row) for row in state["history"]]})


def write_metrics(path: Path, history: list[HistoryRow]) -> None:
    """Write one line an epoch, whole or not at all; columns as they first appear."""
    columns = list(dict.fromkeys(name for row in history for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    write_text(path, text.getvalue())


def read_metrics(path: Path) -> list[HistoryRow]:
    """Return the lines that `write_metrics` wrote, without what an epoch did not have.

    Raises:
        OSError: there is no such file.
    """
    digests.check(path)
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: _cell(text) for name, text in row.items() if text}
            for row in csv.DictReader(file)
        ]


def _cell(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


@dataclass(frozen=True)
class PhaseScores:
    """A run after one phase; "start" is the network before the first.

    Attributes:
        phase: its name.
        epochs: that it had, by fold.
        learnt: the parts of the loss, as `segment.dice`; empty for the start.
        frozen: the parts that stayed as they were.
        scores: metric → its value by fold, on the fold's validation rows, at the size of the
            network's input and with plain decisions.
        method: of the phase; empty for the start.
        selected: number of samples that its method labelled and learnt from in the end, by fold.
        precision: the share of right labels among them, by fold, where truth is known.
    """

    phase: str
    epochs: tuple[int, ...]
    learnt: tuple[str, ...]
    frozen: tuple[str, ...]
    scores: dict[str, tuple[float, ...]]
    method: str = ""
    selected: tuple[int, ...] = ()
    precision: tuple[float, ...] = ()

    def mean(self, metric: str) -> float | None:
        """Return the mean over the folds; None where no fold has the score."""
        values = self.scores.get(metric, ())
        return sum(values) / len(values) if values else None


def phase_scores(run: Path) -> list[PhaseScores]:
    """Return the stages of the run in the folder `run`, over the folds that are trained.

    Of a run without any they are those of its network of all images or labels, without scores.

    Raises:
        RunError: no fold is trained, or all were before stages were kept.
    """
    record = read_record(run)
    phases = {phase.name: phase for phase in load_recipe(run / "recipe.yaml").phases}
    trained_of = record.details.get("folds", {})
    folds = [FoldFiles(run, int(k)) for k in trained_of if k != "full"]
    if is_label_free_run(record) or is_of_all_labels(record):
        folds = [FoldFiles(run, "full")]
    facts = [fold.read_done() for fold in folds if fold.is_done]
    if not facts:
        raise RunError(
            f"no fold of {run.name} is trained", fix=f"podium train runs/{run.name}/recipe.yaml"
        )
    trained = [one["stages"] for one in facts if "stages" in one]
    if not trained:
        raise RunError(
            f"{run.name} was trained by a version of podium that kept no stages",
            fix="train it once more: podium train … --again 1",
        )
    found = []
    for of_folds in zip(*trained, strict=True):
        name = str(of_folds[0]["phase"])
        phase = phases.get(name)
        loss = {} if phase is None or phase.loss is None else phase.loss
        selected = [one.get("selected", {}) for one in of_folds]
        found.append(
            PhaseScores(
                phase=name,
                method="" if phase is None else phase.method.name,
                epochs=tuple(int(one["epochs"]) for one in of_folds),
                learnt=_terms(loss),
                frozen=() if phase is None else tuple(phase.freeze),
                scores=_by_metric([one["scores"] for one in of_folds]),
                selected=tuple(one["pseudo_n"] for one in selected if "pseudo_n" in one),
                precision=tuple(
                    one["pseudo_precision"] for one in selected if "pseudo_precision" in one
                ),
            )
        )
    return found


def _terms(loss: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    # Directly under a task, `weight` is that of its head.
    return tuple(
        f"{task}.{one}" for task, terms in loss.items() for one in terms if one != "weight"
    )


def _by_metric(scores: Sequence[dict[str, float | None]]) -> dict[str, tuple[float, ...]]:
    names = dict.fromkeys(name for one in scores for name in one)
    return {
        name: tuple(value for one in scores if (value := one.get(name)) is not None)
        for name in names
    }
