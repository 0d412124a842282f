"""Where a training is: what its progress shows, and the time that is left (no torch here).

The time left of a fold is that of its steps and evaluations at the speed of this process so far, of
a phase that has not begun at the speed it had in an earlier fold, else at that of the current
phase; and of predicting, once a fold has been predicted. Later folds, and later runs of the same
command, count as folds that were done, or as this one. With early stopping it is the longest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from podium.training.runs.fold_files import Fold
from podium.workspace.progress import format_duration, format_rate

__all__ = ["FoldWork", "RunOutlook", "StepTimes", "TrainingStatus"]


@dataclass(frozen=True)
class TrainingStatus:
    """Where the training of a fold is.

    Attributes:
        run: its id.
        fold: the fold that is trained.
        position, n_folds: which of the requested folds it is, from 1, and how many there are.
        phase: its name.
        phase_position, n_phases: which phase it is, from 1, and how many there are.
        epoch, epochs: the epoch under way, from 1, and those of the phase.
        step, steps: steps done of the fold, over all phases, and all of them.
        loss: mean of the epoch under way; None before its first step.
        metric, score: the last epoch's score of the first metric; None before the first evaluation.
        images_per_s: that steps take, of all streams; None before the second step.
        fold_left_s: expected seconds until the fold is trained and predicted; None: not known yet.
        all_left_s: the same, until all folds and runs of the command are.
        runs_after: runs of the command that follow this one, as of another recipe or seed.
    """

    run: str
    fold: Fold
    position: int
    n_folds: int
    phase: str
    phase_position: int
    n_phases: int
    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float | None = None
    metric: str | None = None
    score: float | None = None
    images_per_s: float | None = None
    fold_left_s: float | None = None
    all_left_s: float | None = None
    runs_after: int = 0

    def line(self) -> str:
        """Return the status in a line for a person.

        Example:
            >>> TrainingStatus("b-1", 0, 1, 5, "head", 1, 2, 4, 10, 33, 400, 0.4, "accuracy",
            ...                0.87, 812.0, 190.0, 960.0).line()  # doctest: +NORMALIZE_WHITESPACE
            'b-1: fold 0 (1 of 5), head (phase 1 of 2), epoch 4 of 10, loss 0.4000,
             accuracy 0.8700, 812 images/s, 3 min 10 s left of the fold, 16 min 0 s left of all
             folds'
        """
        phases = f" (phase {self.phase_position} of {self.n_phases})" if self.n_phases > 1 else ""
        parts = [
            *self._fold(),
            f"{self.phase}{phases}",
            f"epoch {self.epoch} of {self.epochs}",
            "" if self.loss is None else f"loss {self.loss:.4f}",
            "" if self.score is None else f"{self.metric} {self.score:.4f}",
            "" if self.images_per_s is None else f"{format_rate(self.images_per_s)} images/s",
            *self._left(),
        ]
        return f"{self.run}: {', '.join(part for part in parts if part)}"

    def to_json(self) -> Mapping[str, Any]:
        """Return the status as an object of JSON."""
        return {"event": "training", **vars(self)}

    def _fold(self) -> list[str]:
        of = f" ({self.position} of {self.n_folds})" if self.n_folds > 1 else ""
        return [f"{'all rows' if self.fold == 'full' else f'fold {self.fold}'}{of}"]

    def _left(self) -> list[str]:
        if self.fold_left_s is None or self.all_left_s is None:
            return []
        fold, every = format_duration(self.fold_left_s), format_duration(self.all_left_s)
        if self.all_left_s == self.fold_left_s:
            return [f"{fold} left"]
        runs = ("this run and the next", f"this run and the {self.runs_after} after it")
        of = "all folds" if not self.runs_after else runs[self.runs_after > 1]
        return [f"{fold} left of the fold", f"{every} left of {of}"]


class StepTimes:
    """Seconds and images of the steps of each phase, in this process."""

    def __init__(self) -> None:
        self._seconds: dict[int, list[float]] = {}  # phase → sum of seconds, steps, images

    def note(self, phase: int, seconds: float, images: int) -> None:
        """Count a step; the first of a phase only makes ready, and is not counted."""
        if phase not in self._seconds:
            self._seconds[phase] = [0.0, 0.0, 0.0]
            return
        sums = self._seconds[phase]
        sums[0], sums[1], sums[2] = sums[0] + seconds, sums[1] + 1, sums[2] + images

    def step_s(self, phase: int) -> float | None:
        """Return the mean seconds of a step; None before the second."""
        seconds, steps, _ = self._seconds.get(phase, (0.0, 0.0, 0.0))
        return seconds / steps if steps else None

    def images_per_s(self, phase: int) -> float | None:
        """Return the images a second of the steps; None before the second."""
        seconds, _, images = self._seconds.get(phase, (0.0, 0.0, 0.0))
        return images / seconds if seconds else None


@dataclass(frozen=True)
class FoldWork:
    """What a fold has, or has left, to do.

    Attributes:
        steps: optimiser steps of each phase, `(phases,)`.
        evaluations: that end an epoch.
        predicts: whether the fold's predictions are among it.
    """

    steps: Sequence[int]
    evaluations: int = 0
    predicts: bool = True

    def seconds(
        self, times: StepTimes, current: int, *, evaluation_s: float, predict_s: float
    ) -> float | None:
        """Return the seconds that it is expected to take; None before the second step.

        Args:
            times: of steps so far.
            current: the phase under way, by whose speed phases that no step was done of are taken.
            evaluation_s: of one evaluation.
            predict_s: of predicting a fold.
        """
        here = times.step_s(current)
        if here is None:
            return None
        found = self.evaluations * evaluation_s + (predict_s if self.predicts else 0.0)
        for phase, steps in enumerate(self.steps):
            of_phase = times.step_s(phase)
            found += steps * (here if of_phase is None else of_phase)
        return found


@dataclass
class RunOutlook:
    """The folds of a command around the one that is trained.

    Attributes:
        position, n_folds: which of the run's requested folds it is, from 1, and how many there are.
        folds_after: how many of them are still to do after it.
        runs_after: runs of the same command after this one, taken to be as long.
        times: of steps, over all folds of this process.
        fold_s: seconds of each fold that was trained and predicted by this process, from its start.
        predict_s: seconds of predicting each of them.
    """

    position: int = 1
    n_folds: int = 1
    folds_after: int = 0
    runs_after: int = 0
    times: StepTimes = field(default_factory=StepTimes)
    fold_s: list[float] = field(default_factory=list)
    predict_s: list[float] = field(default_factory=list)

    def seconds_left(
        self, left: FoldWork, whole: FoldWork, phase: int, evaluation_s: float
    ) -> tuple[float | None, float | None]:
        """Return the seconds left of the fold, and of the command; None before they are known.

        Args:
            left: what the fold has left to do.
            whole: all that it has to do.
            phase: the one under way.
            evaluation_s: of one evaluation.
        """
        predict_s = fmean(self.predict_s) if self.predict_s else 0.0
        of_fold, of_whole = (
            work.seconds(self.times, phase, evaluation_s=evaluation_s, predict_s=predict_s)
            for work in (left, whole)
        )
        if of_fold is None or of_whole is None:
            return None, None
        each = fmean(self.fold_s) if self.fold_s else of_whole
        return of_fold, of_fold + each * (self.folds_after + self.runs_after * self.n_folds)
