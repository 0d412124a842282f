"""Looks at the best blend: its labels, its masks; what cannot be shown is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.reporting import mask_lens
from podium.reporting.best import look_at
from podium.reporting.data_summary import DataSummary
from podium.reporting.entries import BlendEntry, RunEntry, metric_of
from podium.reporting.label_view import LabelView, view_labels
from podium.reporting.mask_view import MaskView, view_masks
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Best", "look_at_best"]


@dataclass(frozen=True)
class Best:
    """What is shown of the best blend; labels and masks stand in a section each."""

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

    Where no blend has masks, those of the best run are shown. `problems` get what cannot be.
    """
    if data.samples is None or data.folds is None:
        return Best()
    looking = _Looking(workspace, competition, data.samples, data.folds, problems, progress)
    return looking.best(blends, runs)


@dataclass(frozen=True)
class _Looking:
    workspace: Workspace
    competition: Competition
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
        if found.masks is None and "segment" in self.competition.tasks:
            return replace(found, masks=self._masks_of_runs(runs))
        return found

    def _labels(self, entry: BlendEntry) -> LabelView | None:
        if "classify" not in entry.parts:
            return None
        part = entry.parts["classify"]
        try:
            lens = look_at(self.competition, part.blend, part.sets, self.samples, self.folds)
            return view_labels(entry.id, part.blend, lens, self.problems)
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

    def _masks_of_runs(self, runs: list[RunEntry]) -> MaskView | None:
        scored = [(run, run.by_task.get("segment", ("", None))) for run in runs]
        known = [(run, name, oof) for run, (name, oof) in scored if oof is not None]
        if not known:
            return None
        name = metric_of(self.competition, "segment")
        is_scored = self.competition.scored_task == "segment"
        scored_by = metrics.of(self.competition) if is_scored else metrics.get(name)
        sign = -1 if scored_by.greater_is_better else 1
        same = [(sign * oof, run) for run, metric, oof in known if metric == name]
        for _, run in sorted(same, key=lambda one: one[0]):
            if run.predictions is None:
                continue
            try:
                source = mask_lens.of_run(run.id, run.predictions, self.samples)
                return view_masks(run.id, None, self._through(source), self.problems)
            except PodiumError as error:
                self.problems.append(f"run {run.id}: {error}")
        return None

    def _through(self, source: mask_lens.MaskSource) -> mask_lens.MaskLens:
        return mask_lens.through(
            self.workspace,
            self.competition,
            source,
            self.samples,
            self.folds,
            progress=self.progress,
        )
