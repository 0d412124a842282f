"""The parts of a competition's blend: labels and masks, each by the members that predict them.

Where masks are scored, the labels are blended beside them, by the usual metric of their kind: the
gate of the masks asks that part. Where labels are scored, no mask is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.masks import mask_digests, n_mask_classes, truth_masks
from podium.competition.objects import truth_instances
from podium.competition.open_set import describe_new, seen_truth
from podium.competition.samples import truth as truth_of
from podium.competition.spec import Competition, TaskName
from podium.competition.units import Units, is_known, units_of
from podium.competition.volumes import volumes_of
from podium.ensembling.artefact import Part, part_inputs
from podium.ensembling.blend import Blend, fit_rows, load_method
from podium.ensembling.mask_blend import fit_masks
from podium.ensembling.mask_rows import MaskRows, gather_masks, mask_data_digest
from podium.ensembling.presence import Classifier, can_gate, members_on
from podium.ensembling.rows import Rows, gather, in_units
from podium.errors import DataError, UsageError
from podium.predictions.reading import PredictionSet, positions
from podium.tuning.scoring import Scorer
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.unit_spec import Aggregate

__all__ = ["Question", "Questions", "prepare"]


@dataclass(frozen=True)
class Question:
    """Which members are blended, how, and on which rows.

    Attributes:
        workspace, competition: whose.
        samples: the train part.
        folds: `(N,)`, its folds.
        sets: prediction sets of the members.
        method: how labels are blended; masks are averaged.
        trials, seed: of the searches.
        storage: URL of an Optuna database for the study of a mask decision; None keeps none.
        notes: for who reads the scores.
    """

    workspace: Workspace
    competition: Competition
    samples: pd.DataFrame
    folds: NDArray[np.int64]
    sets: Sequence[Path]
    method: str = "hill_climb"
    trials: int = 50
    seed: int = 0
    storage: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def groups(self) -> NDArray[Any] | None:
        """`(N,)`; None: the competition has no groups."""
        if self.competition.folds.group is None:
            return None
        return np.asarray(self.samples["group"].to_numpy())

    def having(self, task: TaskName) -> list[Path]:
        """Return the sets of the members that predict `task`."""
        return [one for one in self.sets if task in PredictionSet(one).tasks("oof")]


@dataclass(frozen=True)
class Labels:
    """The classification part: its rows, and the metric that it is fitted for."""

    asked: Question
    sets: tuple[Path, ...]
    rows: Rows
    metric: metrics.Metric
    options: dict[str, Any]

    @classmethod
    def of(cls, asked: Question) -> Labels:
        """Return the rows, or units, with a label that every member with labels predicted.

        Raises:
            DataError: there is none, or a member has other folds.
            UsageError: no member predicts labels.
        """
        competition, sets = asked.competition, asked.having("classify")
        truth = truth_of(asked.samples, competition)
        units = units_of(asked.samples, competition)
        # An image without a label says something of its unit, too.
        labelled = is_known(truth if units is None else units.truth(truth))
        notes: tuple[str, ...] = ()
        if competition.open_set is not None:
            labelled = np.ones(len(truth), dtype=bool)  # "none of the classes" is an answer, too
            seen = seen_truth(truth, asked.folds, scheme=competition.folds.scheme)
            notes, truth = (describe_new(competition, truth, seen),), seen
        kept = np.flatnonzero(labelled if units is None else labelled[units.of_row])
        scored = competition.scored_task == "classify"
        rows = gather(
            [PredictionSet(one) for one in sets],
            truth[kept],
            asked.folds[kept],
            groups=None if asked.groups is None else asked.groups[kept],
            ids=list(asked.samples["id"].iloc[kept]),
            names=None,
        )
        rows = replace(rows, notes=(*rows.notes, *notes))
        return cls(
            asked,
            tuple(sets),
            rows if units is None else _whole_units(rows, asked.samples, units),
            metrics.of(competition)
            if scored
            else metrics.get(metrics.usual("classify", competition.kind)),
            competition.metric.options if scored else {},
        )

    def inputs(self) -> dict[str, Any]:
        """Return what the id of the blend hashes."""
        return part_inputs(
            self.asked.workspace,
            self.sets,
            data=self.rows.digest(),
            method=self.asked.method,
            metric=self.metric.identity,
            metric_options=self.options,
            kind=self.asked.competition.kind,
            seed=self.asked.seed,
            trials=self.asked.trials,
            aggregate=self.aggregate,
        )

    @property
    def aggregate(self) -> Aggregate | None:
        """How images became units; None where images are scored."""
        competition = self.asked.competition
        return competition.units.aggregate if competition.scores_units else None

    def fit(self) -> Part:
        """Return the part, fitted and scored."""
        asked = self.asked
        made, units = fit_rows(
            self.rows,
            self.metric,
            asked.competition.kind,
            method=asked.method,
            trials=asked.trials,
            seed=asked.seed,
            metric_options=self.options,
            notes=asked.notes,
            n_classes=len(asked.competition.classes) or None,
            aggregate=self.aggregate,
        )
        return Part(made, self.sets, units)

    def classifier(self, fitted: Blend, images: MaskRows) -> Classifier | None:
        """Return who the gate of these images' masks asks; None where nobody knows them all."""
        competition = self.asked.competition
        if not can_gate(competition.kind, competition.mask_kind):
            return None
        members = members_on([PredictionSet(one) for one in self.sets], images.ids)
        if members is None:
            return None
        scorer = Scorer.of(
            self.metric,
            self.rows.truth,
            n_outputs=members.shape[2],
            kind=competition.kind,
            options=self.options,
        )
        return Classifier(
            self.rows,
            scorer,
            load_method(self.asked.method),
            fitted.weights,
            members,
            n_mask_classes(competition),
            self.asked.seed,
        )


@dataclass(frozen=True)
class Masks:
    """The segmentation part: its images, and the digest of all that it is fitted on."""

    asked: Question
    sets: tuple[Path, ...]
    rows: MaskRows
    data: str

    @classmethod
    def of(cls, asked: Question) -> Masks:
        """Return the images with a mask that every member with masks predicted.

        Raises:
            DataError: there is none, or a member has other folds.
            UsageError: no member predicts masks.
        """
        competition, samples, sets = asked.competition, asked.samples, asked.having("segment")
        needs = metrics.of(competition).needs
        of_truth = truth_instances if needs == "instances" else truth_masks
        rows = gather_masks(
            [PredictionSet(one) for one in sets],
            of_truth(competition, samples),
            asked.folds,
            ids=list(samples["id"]),
            groups=asked.groups,
            has_mask=samples["mask"].notna().to_numpy(),
        )
        scored = samples.set_index("id").loc[rows.ids].reset_index()
        digests = mask_digests(asked.workspace, competition, scored)
        facts = [*digests, str(competition.frame)]
        if needs == "volumes":
            rows = replace(rows, volumes=tuple(volumes_of(scored)))
            facts += [f"{one.name} {one.rows.tolist()}" for one in rows.volumes]
        data = mask_data_digest(asked.workspace, sets, rows, facts)
        return cls(asked, tuple(sets), rows, data)

    def inputs(self) -> dict[str, Any]:
        """Return what the id of the blend hashes."""
        metric = self.asked.competition.metric
        return part_inputs(
            self.asked.workspace,
            self.sets,
            data=self.data,
            method="mean",
            metric=metrics.of(self.asked.competition).identity,
            metric_options=metric.options,
            kind=self.asked.competition.mask_kind,
            seed=self.asked.seed,
            trials=self.asked.trials,
            task="segment",
        )

    def fit(self, classifier: Classifier | None, progress: Progress) -> Part:
        """Return the part, fitted and scored."""
        asked, competition = self.asked, self.asked.competition
        made, units = fit_masks(
            self.rows,
            metrics.of(competition),
            competition.mask_kind,
            n_outputs=competition.outputs("segment"),
            classifier=classifier,
            trials=asked.trials,
            seed=asked.seed,
            metric_options=competition.metric.options,
            storage=asked.storage,
            data=self.data,
            notes=asked.notes,
            progress=progress,
        )
        return Part(made, self.sets, units)


@dataclass(frozen=True)
class Questions:
    """What is fitted: labels, masks or both."""

    labels: Labels | None
    masks: Masks | None

    @property
    def has_units(self) -> bool:
        """Whether the scored part keeps what it says of each unit; without sums objects do not."""
        scored = self.masks or self.labels
        assert scored is not None
        metric = metrics.of(scored.asked.competition)
        return self.masks is None or metric.needs != "instances" or metric.sums is not None

    def inputs(self) -> list[dict[str, Any]]:
        """Return what the id of the blend hashes of each part, the scored one first."""
        return [one.inputs() for one in (self.masks, self.labels) if one is not None]

    def fit(self, progress: Progress = SILENT) -> list[Part]:
        """Return the parts, the scored one first."""
        beside = [] if self.labels is None else [self.labels.fit()]
        if self.masks is None:
            return beside
        classifier = None
        if self.labels is not None:
            classifier = self.labels.classifier(beside[0].blend, self.masks.rows)
        return [self.masks.fit(classifier, progress), *beside]

    def __str__(self) -> str:
        parts = []
        if self.labels is not None:
            n = len(self.labels.sets)
            parts.append(f"labels of {n} member{'s' * (n > 1)}, {self.labels.asked.method}")
        if self.masks is not None:
            n = len(self.masks.sets)
            parts.append(f"masks of {n} member{'s' * (n > 1)}, mean")
        return "; ".join(parts)


def prepare(asked: Question, progress: Progress = SILENT) -> Questions:
    """Return the rows of the parts that the competition asks for; nothing is fitted yet.

    Labels that are not scored are left out where they cannot be blended, and `progress` is told.

    Raises:
        DataError: the scored task has no row that every member predicted out of fold.
        UsageError: no member predicts the scored task.
    """
    competition = asked.competition
    if competition.scored_task == "classify":
        return Questions(Labels.of(asked), None)
    masks = Masks.of(asked)
    if "classify" not in competition.tasks or not asked.having("classify"):
        return Questions(None, masks)
    try:
        return Questions(Labels.of(asked), masks)
    except (DataError, UsageError) as error:
        progress.say(f"  labels are not blended, and gate no masks: {error.message}")
        return Questions(None, masks)


def _whole_units(rows: Rows, samples: pd.DataFrame, units: Units) -> Rows:
    """Return the units of which every member predicted every image."""
    assert rows.ids is not None
    at = units.of_row[positions(list(samples["id"]), rows.ids)]
    is_whole = np.bincount(at, minlength=len(units)) == np.bincount(units.of_row)
    keep = np.flatnonzero(is_whole[at])
    if not len(keep):
        raise DataError(
            "no unit was predicted whole, out of fold, by every member",
            fix="train the same folds of every run",
        )
    names = [units.names[one] for one in at[keep]]
    found = in_units(rows.take(keep), Units.of(names, units.aggregate, units.truth_rule))
    n_torn = int((~is_whole[np.unique(at)]).sum())
    torn = f"left out {n_torn} units of which some image was not predicted by every member"
    return replace(found, notes=(*found.notes, torn)) if n_torn else found
