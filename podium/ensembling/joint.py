"""The parts of a competition's blend: labels and masks, each by the members that predict them.

Where masks are scored, the labels are blended beside them, by the usual metric of their kind: the
gate of the masks asks that part. Where labels are scored, no mask is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from podium.competition import metrics
from podium.competition.masks import mask_digests, n_mask_classes, truth_masks
from podium.competition.objects import truth_instances
from podium.competition.open_set import describe_new, seen_truth
from podium.competition.samples import truth as truth_of
from podium.competition.units import Units, is_known, units_of
from podium.competition.volumes import volumes_of
from podium.ensembling.artefact import Part, part_inputs
from podium.ensembling.auto import blend_by_families
from podium.ensembling.blend import Blend
from podium.ensembling.label_blend import LabelFits
from podium.ensembling.mask_blend import MaskFits
from podium.ensembling.mask_rows import MaskRows, gather_masks, mask_data_digest
from podium.ensembling.presence import Classifier, can_gate, members_on
from podium.ensembling.question import LABEL_METHOD, MASK_METHOD, Question
from podium.ensembling.rows import Rows, gather, in_units, parts_of
from podium.errors import DataError, UsageError
from podium.predictions.reading import PredictionSet, positions
from podium.tuning.scoring import Scorer
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.spec import TaskName
    from podium.competition.unit_spec import Aggregate

__all__ = [
    "LABEL_METHOD",
    "MASK_METHOD",
    "Labels",
    "Masks",
    "Question",
    "Questions",
    "prepare",
]


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
            method=self.asked.identity_of("classify"),
            metric=self.metric.identity,
            metric_options=self.options,
            kind=self.asked.competition.kind,
            seed=self.asked.seed,
            trials=self.asked.trials,
            aggregate=self.aggregate,
            grid=self.asked.grid_of("classify"),
            raw=self.asked.raw,
        )

    @property
    def aggregate(self) -> Aggregate | None:
        """How images became units; None where images are scored."""
        competition = self.asked.competition
        return competition.units.aggregate if competition.scores_units else None

    def fits(self) -> LabelFits:
        """Return what fits the part by any method."""
        asked = self.asked
        return LabelFits(
            self.rows,
            self.metric,
            asked.competition.kind,
            trials=asked.trials,
            seed=asked.seed,
            metric_options=self.options,
            notes=asked.notes,
            n_classes=len(asked.competition.classes) or None,
            aggregate=self.aggregate,
            grid=asked.grid_of("classify"),
            root=asked.workspace.root,
            raw=asked.raw,
        )

    def fit(self, progress: Progress) -> Part:
        """Return the part, fitted and scored."""
        fits, families = self.fits(), self.asked.families_of("classify")
        if not families:
            made, units = fits.by(self.asked.method)
            return Part(made, self.sets, units)
        chosen, said = blend_by_families(
            fits.by,
            families,
            folds=fits.parts[0],
            n_outputs=self.rows.members.shape[2],
            seed=self.asked.seed,
            progress=progress,
        )
        return Part(chosen, self.sets, said)

    def classifier(self, fitted: Blend, images: MaskRows) -> Classifier | None:
        """Return who the gate of these images' masks asks; None where nobody knows them all."""
        competition = self.asked.competition
        if not can_gate(competition.kind, competition.mask_kind):
            return None
        # What is prepared follows from all rows there are, and a gate asks about each image.
        if not fitted.how.gives_probs or fitted.how.prepare is not None:
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
            fitted.how,
            fitted.fitted,
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
            method=self.asked.identity_of("segment"),
            metric=metrics.of(self.asked.competition).identity,
            metric_options=metric.options,
            kind=self.asked.competition.mask_kind,
            seed=self.asked.seed,
            trials=self.asked.trials,
            task="segment",
            grid=self.asked.grid_of("segment"),
            raw=self.asked.raw,
        )

    def fits(self, classifier: Classifier | None = None, progress: Progress = SILENT) -> MaskFits:
        """Return who fits the part by any method."""
        asked, competition = self.asked, self.asked.competition
        return MaskFits(
            self.rows,
            metrics.of(competition),
            competition.mask_kind,
            competition.outputs("segment"),
            classifier=classifier,
            trials=asked.trials,
            seed=asked.seed,
            metric_options=dict(competition.metric.options),
            storage=asked.storage,
            data=self.data,
            notes=asked.notes,
            grid=asked.grid_of("segment"),
            progress=progress,
            root=asked.workspace.root,
            raw=asked.raw,
        )

    def fit(self, classifier: Classifier | None, progress: Progress) -> Part:
        """Return the part, fitted and scored."""
        asked = self.asked
        families = asked.families_of("segment")
        if not families:
            made, units = self.fits(classifier, progress).by(asked.mask_method)
            return Part(made, self.sets, units)
        scored = self.rows.scored
        chosen, said = blend_by_families(
            self.fits(classifier).by,
            families,
            folds=parts_of(scored.folds, scored.units(), asked.seed)[0],
            n_outputs=asked.competition.outputs("segment"),
            seed=asked.seed,
            progress=progress,
        )
        return Part(chosen, self.sets, said)


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
        beside = [] if self.labels is None else [self.labels.fit(progress)]
        if self.masks is None:
            return beside
        classifier = None
        if self.labels is not None:
            classifier = self.labels.classifier(beside[0].blend, self.masks.rows)
        return [self.masks.fit(classifier, progress), *beside]

    def __str__(self) -> str:
        parts = []
        if self.labels is not None:
            parts.append(f"labels of {_how(self.labels.asked, 'classify', self.labels.sets)}")
        if self.masks is not None:
            parts.append(f"masks of {_how(self.masks.asked, 'segment', self.masks.sets)}")
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


def _how(asked: Question, task: TaskName, sets: tuple[Path, ...]) -> str:
    return f"{len(sets)} member{'s' * (len(sets) > 1)}, {asked.how(task)}"


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
