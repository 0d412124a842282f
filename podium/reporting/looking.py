"""Looks at the labels and masks of the best blend, or run; what cannot be shown is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.spec import Competition, TaskName
from podium.errors import PodiumError
from podium.reporting import mask_lens
from podium.reporting.best import look_at
from podium.reporting.data_summary import DataSummary
from podium.reporting.entries import BlendEntry, RunEntry, metric_of
from podium.reporting.label_view import LabelView, view_labels
from podium.reporting.mask_view import MaskView, view_masks
from podium.reporting.subjects import labels_of_run, labels_under
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Best", "look_at_best"]


@dataclass(frozen=True)
class Best:
    """What is shown of the best blend; labels and masks stand in a section each.

    Where no blend says one of them, that is of the best run.
    """

    entry: BlendEntry | None = None
    labels: LabelView | None = None
    masks: MaskView | None = None


def look_at_best(
    workspace: Workspace,
    competition: Competition,
    data: DataSummary,
    blends: list[BlendEntry],
    runs: list[RunEntry],
    problems: list[str],
    *,
    progress: Progress = SILENT,
) -> Best:
    """Return the best blend by the competition's metric whose scored part can be read.

    Where no blend has labels, or masks, those of the best run are shown. `problems` get what cannot
    be.
    """
    if data.samples is None or data.folds is None:
        return Best()
    looking = _Looking(workspace, competition, data, data.samples, data.folds, problems, progress)
    return looking.best(blends, runs)


@dataclass(frozen=True)
class _Looking:
    workspace: Workspace
    competition: Competition
    data: DataSummary
    samples: pd.DataFrame
    folds: NDArray[np.int64]
    problems: list[str]
    progress: Progress

    def best(self, blends: list[BlendEntry], runs: list[RunEntry]) -> Best:
        found = Best()
        for entry in blends:
            if entry.scored_by is not None:
                continue
            labels, masks = self._labels(entry), self._masks(entry)
            if (masks if self.competition.scored_task == "segment" else labels) is not None:
                found = Best(entry, labels, masks)
                break
        if found.labels is None and "classify" in self.competition.tasks:
            found = replace(found, labels=self._labels_of_runs(runs))
        if found.masks is None and "segment" in self.competition.tasks:
            found = replace(found, masks=self._masks_of_runs(runs))
        return found

    def _labels(self, entry: BlendEntry) -> LabelView | None:
        if "classify" not in entry.parts:
            return None
        part = entry.parts["classify"]
        try:
            lens = look_at(self.competition, part.blend, part.sets, self.samples, self.folds)
            return view_labels(
                entry.id,
                part.blend,
                labels_under(lens, self.data),
                self.problems,
                metric=part.blend.metric,
                score=part.blend.honest,
            )
        except PodiumError as error:
            self.problems.append(f"blend {entry.id}: {error}")
            return None

    def _masks(self, entry: BlendEntry) -> MaskView | None:
        if "segment" not in entry.parts:
            return None
        try:
            source = mask_lens.of_blend(entry.id, entry.parts, self.competition, self.samples)
            blend = entry.parts["segment"].blend
            return view_masks(entry.id, blend, self._through(source), self.problems)
        except PodiumError as error:
            self.problems.append(f"blend {entry.id}: {error}")
            return None

    def _labels_of_runs(self, runs: list[RunEntry]) -> LabelView | None:
        for run, metric, score in self._best_of(runs, "classify"):
            try:
                subject = labels_of_run(self.competition, run, self.data)
                return view_labels(run.id, None, subject, self.problems, metric=metric, score=score)
            except PodiumError as error:
                self.problems.append(f"run {run.id}: {error}")
        return None

    def _masks_of_runs(self, runs: list[RunEntry]) -> MaskView | None:
        for run, _, _ in self._best_of(runs, "segment"):
            if run.predictions is None:
                continue
            try:
                source = mask_lens.of_run(run.id, run.predictions, self.samples)
                return view_masks(run.id, None, self._through(source), self.problems)
            except PodiumError as error:
                self.problems.append(f"run {run.id}: {error}")
        return None

    def _best_of(self, runs: list[RunEntry], task: TaskName) -> list[tuple[RunEntry, str, float]]:
        """Return (run, metric, OOF score) of the runs that are scored in `task`, best first."""
        name = metric_of(self.competition, task)
        is_scored = self.competition.scored_task == task
        scored_by = metrics.of(self.competition) if is_scored else metrics.get(name)
        sign = -1 if scored_by.greater_is_better else 1
        of_task = [(run, *run.by_task.get(task, ("", None))) for run in runs]
        same = [(run, name, oof) for run, by, oof in of_task if by == name and oof is not None]
        return sorted(same, key=lambda one: sign * one[2])

    def _through(self, source: mask_lens.MaskSource) -> mask_lens.MaskLens:
        return mask_lens.through(
            self.workspace,
            self.competition,
            source,
            self.samples,
            self.folds,
            progress=self.progress,
        )
