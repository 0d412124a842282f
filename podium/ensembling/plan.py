"""The plan of a competition's blend: its members, rows and methods, from the samples.

A `BlendRequest` names the members, the methods and the searches. `plan_blend` gathers the rows of
each part, labels and masks, each of the members that predict them; the plan returns what the id of
the blend hashes, and fits it. Where masks are scored, the labels are blended beside them, by the
usual metric of their kind: the gate of the masks takes its probabilities from that part. Where
labels are scored, no mask is needed.

`fitted_by_fold` fits the weights of each fold without its labels. The weights that a blend keeps
were fitted on all out-of-fold rows: their predictions of unlabelled images depend on every fold.
For the teacher of fold k's student they are fitted anew on the rows of the other folds. As
everywhere, that is cross-fitted, not nested: the members that predicted those rows were trained on
fold k.

`curves_of_labels` gives the curves of a blend's decision on labels, one for each threshold, cut
point or class weight.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.open_set import (
    describe_unseen,
    lacks_unseen,
    name_threshold,
    open_set_truth,
)
from podium.competition.samples import truth as truth_of
from podium.competition.sections.tasks import combination_of
from podium.competition.spec import Competition
from podium.competition.truths.masks import mask_digests, n_mask_classes, truth_masks
from podium.competition.truths.objects import truth_instances
from podium.competition.truths.volumes import volumes_of
from podium.competition.units import Units, has_label, units_of
from podium.ensembling.auto import FamilyFits, FitFamilies, blend_by_families
from podium.ensembling.blend import Blend
from podium.ensembling.combined import rows_without_mask
from podium.ensembling.labels import LabelFits
from podium.ensembling.masks.blend import MaskFits
from podium.ensembling.masks.gate import GateClassifier, can_gate, members_of_ids
from podium.ensembling.masks.rows import MaskRows, gather_masks, mask_data_digest
from podium.ensembling.method import Fitted, load_method, method_identity
from podium.ensembling.record import BlendPart, part_inputs
from podium.ensembling.rows import OofRows, gather, in_units, is_lone
from podium.errors import DataError, UsageError, plural
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import PredictionSet
from podium.tasks.protocols.names import (
    IMAGES,
    PIXELS,
    TaskName,
    has_images,
    is_of_images,
    is_of_pixels,
)
from podium.tuning.curves import ParameterCurve
from podium.tuning.labels.decision_curves import label_curves
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
    "plain_decision",
    "plan_blend",
]


LABEL_METHOD, MASK_METHOD = "hill_climb", "mean"
"""The default methods for labels and masks."""


MEDIANS_OF_CLASSES = [1, 3, 5]
"""Edges of the filter of masks without background, in pixels; 1: none."""


def _must_be_of_classes(competition: Competition) -> bool:
    """Return whether each pixel of a decided mask must be of a class."""
    metric = metrics.of(competition)
    is_decided = not (metric.scores_probs or metric.scores_objects)
    return competition.masks_lack_background and not competition.has_objects and is_decided


def plain_decision(competition: Competition, task: TaskName) -> tuple[dict[str, Any], ...]:
    """Return the steps of a task's plain decision; none: it is the default one of its kind."""
    if task != PIXELS or not _must_be_of_classes(competition):
        return ()
    return ({"class_weights": [0, *(1 for _ in competition.classes)]}, {"argmax": None})


@dataclass(frozen=True)
class BlendRequest:
    """The request for a blend: its members, methods and rows.

    Attributes:
        workspace, competition: whose.
        samples: the train part.
        folds: `(N,)`, its folds.
        sets: prediction sets of the members.
        method: how labels are blended.
        mask_method: how masks are.
        families: how the scored task may be blended; the method is then chosen of these. Empty: it
            is blended by `method` or `mask_method`.
        grid: steps with values to try for the scored task; none: podium's own search.
        trials, seed: of the searches.
        storage: URL of an Optuna database for the study of a mask decision; None keeps none.
        notes: caveats of the scores.
        raw: whether decisions are the raw maximum, and not the robust choice.
        plain: whether decisions are the plain ones.
        fit_families: as `blend_by_families` has it.
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
    plain: bool = False
    fit_families: FitFamilies | None = None

    @property
    def groups(self) -> NDArray[Any] | None:
        """`(N,)`; None: the competition has no groups."""
        if self.competition.folds.group is None:
            return None
        return np.asarray(self.samples["group"].to_numpy())

    def method_of(self, task: TaskName) -> str:
        """Return how this task is blended."""
        return self.method if is_of_images(task) else self.mask_method

    def identity_of(self, task: TaskName) -> str | list[str]:
        """Return the facts of this task's blend that an id hashes.

        Where the method is chosen of families, they are hashed in its place: which of them it will
        be is found only by fitting.
        """
        families, root = self.families_of(task), self.workspace.root
        if families:
            return [method_identity(one, root=root) for one in families]
        return method_identity(self.method_of(task), root=root)

    def families_of(self, task: TaskName) -> tuple[str, ...]:
        """Return the methods of which one is chosen for this task; none where it is given."""
        return self.families if task == self.competition.scored_task else ()

    def grid_of(self, task: TaskName) -> tuple[dict[str, Any], ...]:
        """Return the decisions that are tried for this task; none: those of podium's search.

        Where masks have no background, none of them makes a pixel of it.
        """
        grid = self.grid if task == self.competition.scored_task else ()
        decided = plain_decision(self.competition, task)
        if grid or not decided:
            return grid
        return decided if self.plain else (*decided, {"median": {"try": MEDIANS_OF_CLASSES}})

    def how(self, task: TaskName) -> str:
        """Return in words how members of this task are blended."""
        families = self.families_of(task)
        if families:
            return f"methods to try: {len(families)}"
        return f"blended by {self.method_of(task)}"

    def having(self, task: TaskName) -> list[Path]:
        """Return the sets of the members that predict `task`."""
        return [one for one in self.sets if task in PredictionSet(one).tasks("oof")]


@dataclass(frozen=True)
class LabelPlan:
    """The classification part: its rows, and the metric that it is fitted for."""

    request: BlendRequest
    sets: tuple[Path, ...]
    rows: OofRows
    metric: metrics.Metric
    options: dict[str, Any]

    @classmethod
    def of(cls, request: BlendRequest) -> LabelPlan:
        """Return the rows, or units, with a label that every member with labels predicted.

        Raises:
            DataError: there is none, or a member has other folds.
            UsageError: no member predicts labels.
        """
        competition, sets = request.competition, request.having(IMAGES)
        truth = truth_of(request.samples, competition)
        units = units_of(request.samples, competition)
        # An image without a label counts for its unit, too.
        labelled = has_label(truth if units is None else units.truth(truth))
        notes: tuple[str, ...] = ()
        if competition.open_set is not None:
            labelled = np.ones(len(truth), dtype=bool)  # "none of the classes" is a label, too
            known_truth = open_set_truth(truth, request.folds, scheme=competition.folds.scheme)
            notes, truth = (describe_unseen(competition, truth, known_truth),), known_truth
            if lacks_unseen(known_truth):
                without = f"no row tunes a threshold for {competition.open_set}"
                notes = (*notes, f"{without}: {name_threshold(competition)}")
        kept = np.flatnonzero(labelled if units is None else labelled[units.of_row])
        scored_by = competition.metric_of(IMAGES)
        rows = gather(
            [PredictionSet(one) for one in sets],
            truth[kept],
            request.folds[kept],
            groups=None if request.groups is None else request.groups[kept],
            ids=list(request.samples["id"].iloc[kept]),
            names=None,
        )
        rows = replace(rows, notes=(*rows.notes, *notes))
        return cls(
            request,
            tuple(sets),
            rows if units is None else _whole_units(rows, request.samples, units),
            metrics.get(metrics.usual(IMAGES, competition.kind))
            if scored_by is None
            else metrics.get(scored_by.name, root=competition.root),
            {} if scored_by is None else scored_by.options,
        )

    def inputs(self) -> dict[str, Any]:
        """Return the facts that the blend's id hashes."""
        return part_inputs(
            self.request.workspace,
            self.sets,
            data=self.rows.digest(),
            method=self.request.identity_of(IMAGES),
            metric=self.metric.identity,
            metric_options=self.options,
            kind=self.request.competition.kind,
            seed=self.request.seed,
            trials=self.request.trials,
            aggregate=self.aggregate,
            grid=self.request.grid_of(IMAGES),
            raw=self.request.raw,
            plain=self.request.plain,
        )

    @property
    def aggregate(self) -> Aggregate | None:
        """The aggregation of images to units; None where images are scored."""
        competition = self.request.competition
        return competition.units.aggregate if competition.scores_units else None

    @property
    def is_lone(self) -> bool:
        """Whether the rows are of one fold and one group."""
        return is_lone(self.rows.folds, self.rows.units())

    def fits(self) -> LabelFits:
        """Return the object that fits the part by any method."""
        request = self.request
        return LabelFits(
            self.rows,
            self.metric,
            request.competition.kind,
            trials=request.trials,
            seed=request.seed,
            metric_options=self.options,
            notes=request.notes,
            n_classes=len(request.competition.classes) or None,
            classes=tuple(request.competition.classes),
            aggregate=self.aggregate,
            grid=request.grid_of(IMAGES),
            root=request.workspace.root,
            raw=request.raw,
            plain=request.plain,
        )

    def fit(self, progress: Progress) -> BlendPart:
        """Return the part, fitted and scored."""
        return _fitted_part(self, IMAGES, self.fits(), self.rows.members.shape[2], progress)

    def classifier(self, fitted: Blend, images: MaskRows) -> GateClassifier | None:
        """Return the classifier for the gate of these images' masks; None if none has them all."""
        competition = self.request.competition
        if not can_gate(competition.kind, competition.mask_kind):
            return None
        # Preparation depends on all rows there are, and a gate needs each image by itself.
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
            self.request.seed,
        )


@dataclass(frozen=True)
class MaskPlan:
    """The segmentation part: its images, and the digest of all that it is fitted on."""

    request: BlendRequest
    sets: tuple[Path, ...]
    rows: MaskRows
    data: str

    @classmethod
    def of(cls, request: BlendRequest, *, without: Set[str] = frozenset()) -> MaskPlan:
        """Return the images with a mask that every member with masks predicted.

        Args:
            request: has the members and the samples.
            without: ids of images that are left out.

        Raises:
            DataError: there is none, or a member has other folds.
            UsageError: no member predicts masks.
        """
        competition, samples, sets = request.competition, request.samples, request.having(PIXELS)
        metric = metrics.of(competition)
        of_truth = truth_instances if metric.scores_objects else truth_masks
        rows = gather_masks(
            [PredictionSet(one) for one in sets],
            of_truth(competition, samples),
            request.folds,
            ids=list(samples["id"]),
            groups=request.groups,
            has_mask=(samples["mask"].notna() & ~samples["id"].isin(without)).to_numpy(),
        )
        scored = samples.set_index("id").loc[rows.ids].reset_index()
        digests = mask_digests(request.workspace, competition, scored)
        facts = [*digests, str(competition.frame)]
        if metric.scores_volumes:
            rows = replace(rows, volumes=tuple(volumes_of(scored)))
            facts += [f"{one.name} {one.rows.tolist()}" for one in rows.volumes]
        data = mask_data_digest(request.workspace, sets, rows, facts)
        return cls(request, tuple(sets), rows, data)

    def inputs(self) -> dict[str, Any]:
        """Return the facts that the blend's id hashes."""
        metric = self.request.competition.metric
        return part_inputs(
            self.request.workspace,
            self.sets,
            data=self.data,
            method=self.request.identity_of(PIXELS),
            metric=metrics.of(self.request.competition).identity,
            metric_options=metric.options,
            kind=self.request.competition.mask_kind,
            seed=self.request.seed,
            trials=self.request.trials,
            task=PIXELS,
            grid=self.request.grid_of(PIXELS),
            raw=self.request.raw,
            plain=self.request.plain,
        )

    @property
    def is_lone(self) -> bool:
        """Whether the scored images or volumes are of one fold and one group."""
        scored = self.rows.scored
        return is_lone(scored.folds, scored.units())

    def fits(
        self, classifier: GateClassifier | None = None, progress: Progress = SILENT
    ) -> MaskFits:
        """Return the object that fits the part by any method."""
        request, competition = self.request, self.request.competition
        return MaskFits(
            self.rows,
            metrics.of(competition),
            competition.mask_kind,
            competition.outputs(PIXELS),
            classifier=classifier,
            trials=request.trials,
            seed=request.seed,
            metric_options=dict(competition.metric.options),
            storage=request.storage,
            data=self.data,
            notes=request.notes,
            grid=request.grid_of(PIXELS),
            progress=progress,
            root=request.workspace.root,
            raw=request.raw,
            plain=request.plain,
        )

    def fit(self, classifier: GateClassifier | None, progress: Progress) -> BlendPart:
        """Return the part, fitted and scored."""
        request = self.request
        # Of several methods the bar of the families is shown, and none of the passes of each.
        fits = self.fits(classifier, SILENT if request.families_of(PIXELS) else progress)
        return _fitted_part(self, PIXELS, fits, request.competition.outputs(PIXELS), progress)


def _fitted_part(
    plan: LabelPlan | MaskPlan,
    task: TaskName,
    fits: FamilyFits,
    n_outputs: int,
    progress: Progress,
) -> BlendPart:
    """Return the part of a task by its method, or by the one that is chosen of its families."""
    request = plan.request
    families = request.families_of(task)
    if families:
        made, units = blend_by_families(
            fits,
            families,
            n_outputs=n_outputs,
            seed=request.seed,
            fit_families=request.fit_families,
            progress=progress,
        )
    else:
        made, units = fits.by(request.method_of(task))
    return BlendPart(made, plan.sets, units)


@dataclass(frozen=True)
class BlendPlan:
    """The parts of a blend to fit: labels, masks or both."""

    labels: LabelPlan | None
    masks: MaskPlan | None

    @property
    def has_units(self) -> bool:
        """Whether the scored part keeps each unit's prediction; without sums objects do not."""
        if self.masks is None:
            return True
        metric = metrics.of(self.masks.request.competition)
        return not metric.scores_objects or metric.sums is not None

    @property
    def is_lone(self) -> bool:
        """Whether a part is of one fold and one group: nothing that is fitted on it is honest."""
        return any(one is not None and one.is_lone for one in (self.masks, self.labels))

    def plainly(self) -> BlendPlan:
        """Return the plan of the same rows with equal weights and the plain decision."""
        labels, masks = self.labels, self.masks
        how: dict[str, Any] = {"method": "mean", "mask_method": "mean", "plain": True}
        return BlendPlan(
            None if labels is None else replace(labels, request=replace(labels.request, **how)),
            None if masks is None else replace(masks, request=replace(masks.request, **how)),
        )

    def inputs(self) -> list[dict[str, Any]]:
        """Return the facts of each part that the blend's id hashes, the scored one first."""
        return [one.inputs() for one in (self.masks, self.labels) if one is not None]

    def fit(self, progress: Progress = SILENT) -> list[BlendPart]:
        """Return the parts, the scored one first.

        Where an expression scores rows, masks are fitted on the rows alone that they change.
        """
        beside = [] if self.labels is None else [self.labels.fit(progress)]
        if self.masks is None:
            return beside
        masks, classifier = self.masks, None
        if self.labels is not None:
            masks = _where_they_count(masks, beside[0], progress)
            classifier = self.labels.classifier(beside[0].blend, masks.rows)
        return [masks.fit(classifier, progress), *beside]

    def __str__(self) -> str:
        parts = []
        if self.labels is not None:
            parts.append(f"labels of {_how(self.labels.request, IMAGES, self.labels.sets)}")
        if self.masks is not None:
            parts.append(f"masks of {_how(self.masks.request, PIXELS, self.masks.sets)}")
        return "; ".join(parts)


def plan_blend(request: BlendRequest, progress: Progress = SILENT) -> BlendPlan:
    """Return the rows of the parts that the competition needs; nothing is fitted yet.

    Labels that are not scored are left out where they cannot be blended, which is reported to
    `progress`.

    Raises:
        DataError: the scored task has no row that every member predicted out of fold.
        UsageError: no member predicts the scored task.
    """
    competition = request.competition
    if not competition.scores_masks:
        return BlendPlan(LabelPlan.of(request), None)
    masks = MaskPlan.of(request)
    if has_images(competition.answered_tasks) or has_images(competition.scored_tasks):
        return BlendPlan(LabelPlan.of(request), masks)
    if not competition.has_labels or not request.having(IMAGES):
        return BlendPlan(None, masks)
    try:
        return BlendPlan(LabelPlan.of(request), masks)
    except (DataError, UsageError) as error:
        progress.say(f"  labels are not blended, and gate no masks: {error.message}")
        return BlendPlan(None, masks)


def _where_they_count(masks: MaskPlan, labels: BlendPart, progress: Progress) -> MaskPlan:
    """Return the rows that a decision on masks changes, given the honest labels; else all."""
    combination = combination_of(masks.request.competition.metric)
    if combination is None or combination.expression is None or labels.units is None:
        return masks
    without = rows_without_mask(combination, labels.units) & set(masks.rows.ids)
    if not without or len(without) == len(masks.rows.ids):
        return masks
    progress.say(
        f"  {combination.name}: {len(without):,} of {plural(len(masks.rows.ids), 'row')} score "
        "the same with any mask: masks are fitted on the others"
    )
    found = MaskPlan.of(masks.request, without=without)
    note = (
        f"fitted and scored on the {plural(len(found.rows.ids), 'row')} whose score a mask changes"
    )
    # The rows follow from the labels, which the blend's id has: the digest is that of all.
    return replace(
        found, rows=replace(found.rows, notes=(*found.rows.notes, note)), data=masks.data
    )


def _how(request: BlendRequest, task: TaskName, sets: tuple[Path, ...]) -> str:
    return "1 member" if len(sets) == 1 else f"{plural(len(sets), 'member')}, {request.how(task)}"


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
    torn = (
        f"left out {plural(n_torn, 'unit')} of which some image was not predicted by every member"
    )
    return replace(found, notes=(*found.notes, torn)) if n_torn else found


def fitted_by_fold(request: BlendRequest, task: TaskName) -> dict[int, Fitted]:
    """Return, for each fold, what combines the members, from other folds' rows only.

    Args:
        request: the members' sets, the methods, the seed, and the folds. Where folds are of time,
            only earlier ones are used; where no other fold is there, all members weigh the same.
        task: of the part whose members they are.

    Raises:
        DataError: no row was predicted out of fold by every member, or the metric is undefined on
            the rows of the other folds.
        UsageError: the method refuses these members.
    """
    every = [int(fold) for fold in np.unique(request.folds) if fold >= 0]
    name, n_members = request.method_of(task), len(request.sets)
    if n_members == 1 or name == "mean":
        return dict.fromkeys(every, Fitted.equal(n_members))
    if is_of_pixels(task):
        return _fitted_masks_by_fold(request, every)
    method, labels = load_method(name, root=request.workspace.root), LabelPlan.of(request)
    rows, is_time = labels.rows, request.competition.folds.scheme == "time"
    scorer = LabelScorer.of(
        labels.metric,
        rows.truth,
        n_outputs=rows.members.shape[2],
        kind=request.competition.kind,
        options=labels.options,
        n_classes=len(request.competition.classes) or None,
    )
    members = method.prepared(rows.members, rows.folds)
    found = {}
    for fold in every:
        others = np.flatnonzero(rows.folds < fold if is_time else rows.folds != fold)
        found[fold] = (
            method.fitted(members[:, others], scorer.take(others), seed=request.seed)
            if len(others)
            else Fitted.equal(n_members)
        )
    return found


def _fitted_masks_by_fold(request: BlendRequest, folds: list[int]) -> dict[int, Fitted]:
    """Return the fits that combine members' masks, from drawn pixels of other folds' images."""
    masks = MaskPlan.of(request)
    method = load_method(request.mask_method, root=request.workspace.root)
    pixels, is_time = masks.fits().pixels, request.competition.folds.scheme == "time"
    pixels.check(request.mask_method)
    of_image = masks.rows.folds
    return {
        fold: pixels.sample.fitted(
            method, of_image < fold if is_time else of_image != fold, seed=request.seed
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
        labels.request.competition.classes_of(IMAGES),
        groups=None if rows.groups is None else rows.units(),
        seed=blend.seed,
    )
