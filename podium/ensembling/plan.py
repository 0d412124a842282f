"""From a competition's samples to its blend: which members, on which rows, blended how.

A `BlendRequest` names the members, the methods and the searches. `plan_blend` gathers the rows of
each part, labels and masks, each of the members that predict them; the plan tells what the id of
the blend hashes, and fits it. Where masks are scored, the labels are blended beside them, by the
usual metric of their kind: the gate of the masks takes its probabilities from that part. Where
labels are scored, no mask is needed.

`fitted_by_fold` fits the weights of each fold without its labels. The weights that a blend keeps
were fitted on all out-of-fold rows: what they make of unlabelled images has seen every fold. For
the teacher of fold k's student they are fitted anew on the rows of the other folds. As everywhere,
that is cross-fitted, not nested: the members that predicted those rows were trained on fold k.

`curves_of_labels` gives the curves of a blend's decision on labels, one for each threshold, cut
point or class weight.
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
from podium.competition.open_set import describe_unseen, open_set_truth
from podium.competition.samples import truth as truth_of
from podium.competition.spec import Competition, TaskName
from podium.competition.units import Units, has_label, units_of
from podium.competition.volumes import volumes_of
from podium.ensembling.auto import blend_by_families
from podium.ensembling.blend import Blend
from podium.ensembling.labels import LabelFits
from podium.ensembling.masks.blend import MaskFits
from podium.ensembling.masks.gate import GateClassifier, can_gate, members_of_ids
from podium.ensembling.masks.rows import MaskRows, gather_masks, mask_data_digest
from podium.ensembling.method import Fitted, load_method, method_identity
from podium.ensembling.record import BlendPart, part_inputs
from podium.ensembling.rows import OofRows, gather, in_units, parts_of
from podium.errors import DataError, UsageError
from podium.predictions.store.reading import PredictionSet, positions
from podium.tuning.curves import ParameterCurve
from podium.tuning.labels.curves import label_curves
from podium.tuning.scoring import LabelScorer
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.units import Aggregate

__all__ = [
    "LABEL_METHOD",
    "MASK_METHOD",
    "BlendPlan",
    "BlendRequest",
    "LabelPlan",
    "MaskPlan",
    "curves_of_labels",
    "fitted_by_fold",
    "plan_blend",
]


LABEL_METHOD, MASK_METHOD = "hill_climb", "mean"
"""How labels and masks are blended where nobody says it."""


@dataclass(frozen=True)
class BlendRequest:
    """Which members are blended, how, and on which rows.

    Attributes:
        workspace, competition: whose.
        samples: the train part.
        folds: `(N,)`, its folds.
        sets: prediction sets of the members.
        method: how labels are blended.
        mask_method: how masks are.
        families: how the scored task may be blended; the method is then chosen of these. Empty: it
            is blended as `method` or `mask_method` says.
        grid: steps with values to try for the scored task; none: podium's own search.
        trials, seed: of the searches.
        storage: URL of an Optuna database for the study of a mask decision; None keeps none.
        notes: for who reads the scores.
        raw: whether decisions are the raw maximum, and not the robust choice.
    """

    workspace: Workspace
    competition: Competition
    samples: pd.DataFrame
    folds: NDArray[np.int64]
    sets: Sequence[Path]
    method: str = LABEL_METHOD
    mask_method: str = MASK_METHOD
    families: tuple[str, ...] = ()
    trials: int = 50
    seed: int = 0
    storage: str | None = None
    notes: tuple[str, ...] = ()
    grid: tuple[dict[str, Any], ...] = ()
    raw: bool = False

    @property
    def groups(self) -> NDArray[Any] | None:
        """`(N,)`; None: the competition has no groups."""
        if self.competition.folds.group is None:
            return None
        return np.asarray(self.samples["group"].to_numpy())

    def method_of(self, task: TaskName) -> str:
        """Return how this task is blended."""
        return self.method if task == "classify" else self.mask_method

    def identity_of(self, task: TaskName) -> str | list[str]:
        """Return what an id hashes of how this task is blended.

        Where the method is chosen of families, they are hashed in its place: which of them it will
        be is known only after fitting.
        """
        families, root = self.families_of(task), self.workspace.root
        if families:
            return [method_identity(one, root=root) for one in families]
        return method_identity(self.method_of(task), root=root)

    def families_of(self, task: TaskName) -> tuple[str, ...]:
        """Return the methods of which one is chosen for this task; none where it is given."""
        return self.families if task == self.competition.scored_task else ()

    def grid_of(self, task: TaskName) -> tuple[dict[str, Any], ...]:
        """Return the decisions that are tried for this task; none: those of podium's search."""
        return self.grid if task == self.competition.scored_task else ()

    def how(self, task: TaskName) -> str:
        """Return in words how this task is blended."""
        families = self.families_of(task)
        return f"methods to try: {len(families)}" if families else self.method_of(task)

    def having(self, task: TaskName) -> list[Path]:
        """Return the sets of the members that predict `task`."""
        return [one for one in self.sets if task in PredictionSet(one).tasks("oof")]


@dataclass(frozen=True)
class LabelPlan:
    """The classification part: its rows, and the metric that it is fitted for."""

    asked: BlendRequest
    sets: tuple[Path, ...]
    rows: OofRows
    metric: metrics.Metric
    options: dict[str, Any]

    @classmethod
    def of(cls, asked: BlendRequest) -> LabelPlan:
        """Return the rows, or units, with a label that every member with labels predicted.

        Raises:
            DataError: there is none, or a member has other folds.
            UsageError: no member predicts labels.
        """
        competition, sets = asked.competition, asked.having("classify")
        truth = truth_of(asked.samples, competition)
        units = units_of(asked.samples, competition)
        # An image without a label says something of its unit, too.
        labelled = has_label(truth if units is None else units.truth(truth))
        notes: tuple[str, ...] = ()
        if competition.open_set is not None:
            labelled = np.ones(len(truth), dtype=bool)  # "none of the classes" is an answer, too
            seen = open_set_truth(truth, asked.folds, scheme=competition.folds.scheme)
            notes, truth = (describe_unseen(competition, truth, seen),), seen
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

    def fit(self, progress: Progress) -> BlendPart:
        """Return the part, fitted and scored."""
        fits, families = self.fits(), self.asked.families_of("classify")
        if not families:
            made, units = fits.by(self.asked.method)
            return BlendPart(made, self.sets, units)
        chosen, said = blend_by_families(
            fits.by,
            families,
            folds=fits.parts[0],
            n_outputs=self.rows.members.shape[2],
            seed=self.asked.seed,
            progress=progress,
        )
        return BlendPart(chosen, self.sets, said)

    def classifier(self, fitted: Blend, images: MaskRows) -> GateClassifier | None:
        """Return who the gate of these images' masks asks; None where nobody knows them all."""
        competition = self.asked.competition
        if not can_gate(competition.kind, competition.mask_kind):
            return None
        # What is prepared follows from all rows there are, and a gate asks about each image.
        if not fitted.how.gives_probs or fitted.how.prepare is not None:
            return None
        members = members_of_ids([PredictionSet(one) for one in self.sets], images.ids)
        if members is None:
            return None
        scorer = LabelScorer.of(
            self.metric,
            self.rows.truth,
            n_outputs=members.shape[2],
            kind=competition.kind,
            options=self.options,
        )
        return GateClassifier(
            self.rows,
            scorer,
            fitted.how,
            fitted.fitted,
            members,
            n_mask_classes(competition),
            self.asked.seed,
        )


@dataclass(frozen=True)
class MaskPlan:
    """The segmentation part: its images, and the digest of all that it is fitted on."""

    asked: BlendRequest
    sets: tuple[Path, ...]
    rows: MaskRows
    data: str

    @classmethod
    def of(cls, asked: BlendRequest) -> MaskPlan:
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

    def fits(
        self, classifier: GateClassifier | None = None, progress: Progress = SILENT
    ) -> MaskFits:
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

    def fit(self, classifier: GateClassifier | None, progress: Progress) -> BlendPart:
        """Return the part, fitted and scored."""
        asked = self.asked
        families = asked.families_of("segment")
        if not families:
            made, units = self.fits(classifier, progress).by(asked.mask_method)
            return BlendPart(made, self.sets, units)
        scored = self.rows.scored
        chosen, said = blend_by_families(
            self.fits(classifier).by,
            families,
            folds=parts_of(scored.folds, scored.units(), asked.seed)[0],
            n_outputs=asked.competition.outputs("segment"),
            seed=asked.seed,
            progress=progress,
        )
        return BlendPart(chosen, self.sets, said)


@dataclass(frozen=True)
class BlendPlan:
    """What is fitted: labels, masks or both."""

    labels: LabelPlan | None
    masks: MaskPlan | None

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

    def fit(self, progress: Progress = SILENT) -> list[BlendPart]:
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


def plan_blend(asked: BlendRequest, progress: Progress = SILENT) -> BlendPlan:
    """Return the rows of the parts that the competition asks for; nothing is fitted yet.

    Labels that are not scored are left out where they cannot be blended, and `progress` is told.

    Raises:
        DataError: the scored task has no row that every member predicted out of fold.
        UsageError: no member predicts the scored task.
    """
    competition = asked.competition
    if competition.scored_task == "classify":
        return BlendPlan(LabelPlan.of(asked), None)
    masks = MaskPlan.of(asked)
    if "classify" not in competition.tasks or not asked.having("classify"):
        return BlendPlan(None, masks)
    try:
        return BlendPlan(LabelPlan.of(asked), masks)
    except (DataError, UsageError) as error:
        progress.say(f"  labels are not blended, and gate no masks: {error.message}")
        return BlendPlan(None, masks)


def _how(asked: BlendRequest, task: TaskName, sets: tuple[Path, ...]) -> str:
    return f"{len(sets)} member{'s' * (len(sets) > 1)}, {asked.how(task)}"


def _whole_units(rows: OofRows, samples: pd.DataFrame, units: Units) -> OofRows:
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


def fitted_by_fold(asked: BlendRequest, task: TaskName) -> dict[int, Fitted]:
    """Return, for each fold, what combines the members, from other folds' rows only.

    Args:
        asked: the members' sets, the methods, the seed, and the folds. Where folds are of time,
            only earlier ones are asked; where no other fold is there, all members weigh the same.
        task: of the part whose members they are.

    Raises:
        DataError: no row was predicted out of fold by every member, or the metric is undefined on
            the rows of the other folds.
        UsageError: the method refuses these members.
    """
    every = [int(fold) for fold in np.unique(asked.folds) if fold >= 0]
    name, n_members = asked.method_of(task), len(asked.sets)
    if n_members == 1 or name == "mean":
        return dict.fromkeys(every, Fitted.equal(n_members))
    if task == "segment":
        return _of_masks(asked, every)
    method, labels = load_method(name, root=asked.workspace.root), LabelPlan.of(asked)
    rows, is_time = labels.rows, asked.competition.folds.scheme == "time"
    scorer = LabelScorer.of(
        labels.metric,
        rows.truth,
        n_outputs=rows.members.shape[2],
        kind=asked.competition.kind,
        options=labels.options,
        n_classes=len(asked.competition.classes) or None,
    )
    members = method.prepared(rows.members, rows.folds)
    found = {}
    for fold in every:
        others = np.flatnonzero(rows.folds < fold if is_time else rows.folds != fold)
        found[fold] = (
            method.fitted(members[:, others], scorer.take(others), seed=asked.seed)
            if len(others)
            else Fitted.equal(n_members)
        )
    return found


def _of_masks(asked: BlendRequest, folds: list[int]) -> dict[int, Fitted]:
    """Return what combines members' masks, from drawn pixels of other folds' images only."""
    masks = MaskPlan.of(asked)
    method = load_method(asked.mask_method, root=asked.workspace.root)
    pixels, is_time = masks.fits().pixels, asked.competition.folds.scheme == "time"
    pixels.check(asked.mask_method)
    of_image = masks.rows.folds
    return {
        fold: pixels.sample.fitted(
            method, of_image < fold if is_time else of_image != fold, seed=asked.seed
        )
        for fold in folds
    }


def curves_of_labels(labels: LabelPlan, blend: Blend) -> tuple[ParameterCurve, ...]:
    """Return the curves of `blend` on the rows that it was fitted on, with its final weights.

    Args:
        labels: its members' rows, the ones that `blend.data` is the digest of.
        blend: of labels.
    """
    rows, how = labels.rows, blend.how
    return label_curves(
        how.combined(how.prepared(rows.members, rows.folds), blend.fitted),
        labels.fits().scorer,
        blend.decision,
        labels.asked.competition.classes_of("classify"),
        groups=None if rows.groups is None else rows.units(),
        seed=blend.seed,
    )
