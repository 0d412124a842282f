"""Every figure of one run or blend, one after the other: for files of a paper, for loggers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from podium.competition.spec import Competition
from podium.ensembling.artefact import read_parts
from podium.errors import PodiumError, UsageError
from podium.predictions.reading import PredictionSet
from podium.reporting import mask_lens
from podium.reporting.best import look_at
from podium.reporting.data_summary import DataSummary, summarise
from podium.reporting.entries import blends_of, metric_of, runs_of, tasks_in_order
from podium.reporting.mask_cases import mask_cases
from podium.reporting.plot import Plot
from podium.reporting.plots import blend as of_blend
from podium.reporting.plots import labels as of_labels
from podium.reporting.plots import masks as of_masks
from podium.reporting.plots import plots_of
from podium.reporting.plots import run as of_run
from podium.reporting.subjects import (
    BlendSubject,
    LabelSubject,
    RunSubject,
    labels_of_run,
    labels_under,
    masks_under,
)
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import Record, read_record, scan_all

if TYPE_CHECKING:
    import pandas as pd

    from podium.reporting.mask_lens import MaskSource

__all__ = ["Titled", "figures_of"]

Titled = tuple[str, Plot]
"""A heading, and a plot that stands under it."""


def figures_of(
    workspace: Workspace,
    competition: Competition,
    folder: Path,
    *,
    problems: list[str],
    progress: Progress = SILENT,
) -> Iterator[Titled]:
    """Return the figures of a run or blend, then those of its out-of-fold labels and masks.

    A plot is drawn when it is asked for, so that no more than one is held.

    Args:
        workspace: where it lies.
        competition: what it is about.
        folder: of the run or blend.
        problems: get what cannot be drawn.
        progress: gets a bar while masks are looked at.

    Raises:
        UsageError: it is neither a run nor a blend.
        DataError, RunError: its record, or what the blend says, cannot be read.
    """
    record = read_record(folder)
    if record.kind not in ("run", "blend"):
        raise UsageError(f"{record.id} is no run or blend", fix="name a run or a blend")
    data = summarise(workspace, competition, progress=progress)
    problems += data.problems
    drawing = _Drawing(workspace, competition, record.id, data, problems, progress)
    return drawing.run() if record.kind == "run" else drawing.blend(folder, record)


@dataclass(frozen=True)
class _Drawing:
    workspace: Workspace
    competition: Competition
    id: str
    data: DataSummary
    problems: list[str]
    progress: Progress

    def run(self) -> Iterator[Titled]:
        competition, data = self.competition, self.data
        found = [(at, one) for at, one in scan_all(self.workspace) if isinstance(one, Record)]
        runs = runs_of(found, competition, data.n_answered)
        entry = next(run for run in runs if run.id == self.id)
        metrics = tuple(metric_of(competition, task) for task in tasks_in_order(competition))
        subject = RunSubject(self.workspace, competition, entry, tuple(runs), metrics, data)
        yield from self._plots(of_run, subject)
        if entry.predictions is None:
            return
        said = PredictionSet(entry.predictions).tasks("oof")
        if "classify" in said:
            yield from self._labels(lambda: labels_of_run(competition, entry, data))
        if "segment" in said:
            predictions = entry.predictions
            yield from self._masks(lambda samples: mask_lens.of_run(entry.id, predictions, samples))

    def blend(self, folder: Path, record: Record) -> Iterator[Titled]:
        competition, data = self.competition, self.data
        parts = read_parts(folder)  # one that is damaged is told here: it is what was asked for
        (entry,) = blends_of([(folder, record)], competition, self.problems)
        yield from self._plots(of_blend, BlendSubject(self.workspace, competition, entry, data))
        samples, folds = data.samples, data.folds
        if samples is None or folds is None:
            return
        if "classify" in parts:
            part = parts["classify"]
            yield from self._labels(
                lambda: labels_under(
                    look_at(competition, part.blend, part.sets, samples, folds), data
                )
            )
        if "segment" in parts:
            yield from self._masks(
                lambda samples: mask_lens.of_blend(entry.id, parts, competition, samples)
            )

    def _plots(self, package: ModuleType, subject: Any) -> Iterator[Titled]:
        yield from plots_of(package, subject, problems=self.problems, of=self.id)

    def _labels(self, look: Callable[[], LabelSubject]) -> Iterator[Titled]:
        try:
            subject = look()
        except PodiumError as error:
            self.problems.append(f"{self.id}: labels: {error}")
            return
        yield from self._plots(of_labels, subject)

    def _masks(self, source: Callable[[pd.DataFrame], MaskSource]) -> Iterator[Titled]:
        samples, folds = self.data.samples, self.data.folds
        if samples is None or folds is None:
            return
        try:
            lens = mask_lens.through(
                self.workspace,
                self.competition,
                source(samples),
                samples,
                folds,
                progress=self.progress,
            )
            subject = masks_under(lens)
        except PodiumError as error:
            self.problems.append(f"{self.id}: masks: {error}")
            return
        yield from self._plots(of_masks, subject)
        try:
            yield "Masks", mask_cases(subject)
        except PodiumError as error:
            self.problems.append(f"{self.id}: images with masks: {error}")
