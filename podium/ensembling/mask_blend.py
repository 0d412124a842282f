"""Blends of masks: a mean of probabilities, and a decision found by looking up counts or sums.

`honest` and `optimistic` are what they are for blends of labels (see `blend.py`): the decision for
the images of fold k, and the weights of the classifier that its gate asks, come from the other
folds. The mean weighs every member alike, so nothing else is fitted, and the probabilities are read
once for all candidates and folds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.sum_scorer import SumScorer, is_of_counts
from podium.ensembling.blend import Blend, member_notes, tuning_notes
from podium.ensembling.honest import honest_by_fold, honest_interval
from podium.ensembling.mask_rows import MaskRows
from podium.ensembling.object_blend import blend_of_objects
from podium.ensembling.presence import Classifier
from podium.ensembling.rows import parts_of
from podium.ensembling.units import Units, units_from
from podium.ensembling.weights import mean_weights
from podium.predictions.mask_probs import MaskProbs
from podium.predictions.mask_steps import mask_classes
from podium.tuning.cross_fit import cross_fit
from podium.tuning.mask_decision import (
    PLAIN,
    GatedTable,
    MaskChoice,
    MaskScorer,
    fit_mask_choice,
    gate_keeps,
    steps_of,
)
from podium.tuning.mask_space import GATES, MaskSpace, mask_space
from podium.tuning.mask_study import keep_mask_study
from podium.tuning.mask_sums import SumTable, sum_objects, sum_probs, sum_volumes
from podium.tuning.mask_table import Counts, CountTable, count_candidates
from podium.workspace.ids import short_digest
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["fit_masks"]

Floats = NDArray[np.float32]


def fit_masks(
    rows: MaskRows,
    metric: str | Metric,
    kind: TaskKind,
    *,
    n_outputs: int,
    classifier: Classifier | None = None,
    trials: int = 50,
    seed: int = 0,
    metric_options: Mapping[str, Any] | None = None,
    n_resamples: int = 1000,
    storage: str | None = None,
    data: str = "",
    notes: Sequence[str] = (),
    workers: int | None = None,
    progress: Progress = SILENT,
) -> tuple[Blend, Units | None]:
    """Return the mean of the members' masks with its decision and scores, and each unit's sums.

    The sums are those of each image or volume, honestly decided; None where the metric has none: it
    ranks the objects of all images together.

    Args:
        rows: what `gather_masks` returned.
        metric: one of masks, of objects or of volumes.
        kind: of what a network says of a pixel.
        n_outputs: channels of the network.
        classifier: asked by the gate; None: no gate is tried.
        trials: candidates of the grid, the gates not counted.
        seed: of the interval, and of the cut of a lone fold.
        metric_options: options of the metric.
        n_resamples: draws for the interval.
        storage: URL of an Optuna database that keeps the study of the final fit.
        data: digest of what is fitted on, kept in the blend.
        notes: added to the blend's notes.
        workers: threads; None: one a core.
        progress: gets a bar for every pass over the images.

    Raises:
        DataError: the metric scores no such masks or is undefined on them, an image's mask has
            another size than its prediction, or a group crosses folds.
    """
    by_name = metrics.get(metric)
    if by_name.needs == "instances" and by_name.sums is None:
        made = blend_of_objects(
            rows,
            by_name,
            kind,
            trials=trials,
            seed=seed,
            metric_options=metric_options,
            n_resamples=n_resamples,
            data=data,
            notes=notes,
            workers=workers,
            progress=progress,
        )
        return made, None
    scorer = _scorer_of(metric, kind, metric_options, n_outputs)
    is_decided = scorer.metric.needs != "probs"
    if isinstance(scorer, SumScorer) and (rows.volumes or n_outputs > 1 or not is_decided):
        classifier = None  # what it says of an image, or a class of it, is no unit that is scored
    weights = tuple(mean_weights(len(rows.members)).tolist())
    scored = rows.scored
    parts, part_notes = parts_of(scored.folds, scored.units(), seed)
    probs = rows.mixed(weights)
    trials_done = trials if is_decided else 1
    space = mask_space(_space_kind(scorer), probs.sizes, trials=trials_done)
    presences = _presences(rows, parts, classifier)
    different = {id(one): one for one in presences.values() if one is not None}.values()
    counting = _Counting(rows, scorer, n_outputs, workers, progress)
    table = counting.of(probs, space, [gate_keeps(p, gate) for p in different for gate in GATES])
    tables = {id(one): GatedTable.of(table, one) for one in presences.values()}
    gates = {part: tables[id(one)] for part, one in presences.items()}
    fitter = _Fitter(gates, parts, scorer, scored.units(), seed)
    fitted = cross_fit(fitter.fit, _Fitted.counts, folds=parts, groups=scored.groups)
    every = np.arange(len(scored.ids))
    honest = scorer.score(fitted.prediction)
    untuned = scorer.score(gates[None].look_up(PLAIN, every)) if is_decided else None
    decision = steps_of(gates[None], fitted.final.choice, n_outputs)
    sums = scorer.sums(fitted.prediction)
    interval, interval_notes = honest_interval(scorer, scored, sums=sums, n=n_resamples, seed=seed)
    units = units_from(
        scored.ids,
        None if scored.groups is None else scored.units(),
        scorer.metric,
        dict(scorer.options),
        sums=sums,
    )
    if storage is not None and is_decided:
        study = _study_name(scorer, data, trials, presences[None])
        keep_mask_study(gates[None], scorer, space, storage, name=study, seed=seed)
    alone = counting.alone() if len(rows.members) > 1 else []
    score_notes = (
        *tuning_notes(scorer.metric, decision, honest, untuned),
        *(member_notes(scorer.metric, rows.names, alone, honest) if alone else ()),
    )
    made = Blend(
        members=rows.names,
        method="mean",
        weights=weights,
        decision=tuple(decision),
        honest=honest,
        honest_interval=interval,
        optimistic=scorer.score(fitted.final.counts(every)),
        metric=scorer.metric.name,
        metric_source=scorer.metric.source,
        n_scored=len(scored.ids),
        notes=(*rows.notes, *part_notes, *interval_notes, *score_notes, *notes),
        kind=kind,
        options=dict(metric_options or {}),
        greater_is_better=scorer.metric.greater_is_better,
        by_fold=honest_by_fold(
            lambda inside: scorer.score(fitted.prediction[inside]), scored.folds
        ),
        untuned=untuned,
        seed=seed,
        trials=trials,
        data=data,
        task="segment",
    )
    return made, units


def _scorer_of(
    metric: str | Metric, kind: TaskKind, options: Mapping[str, Any] | None, n_outputs: int
) -> MaskScorer | SumScorer:
    """Return who scores counts of pixels, or sums of units that pixels alone do not say."""
    if not is_of_counts(metrics.get(metric)):
        return SumScorer.of(metric, kind, options, n_classes=mask_classes(kind, n_outputs))
    return MaskScorer.of(metric, kind, options)


def _space_kind(scorer: MaskScorer | SumScorer) -> TaskKind:
    return "instance" if scorer.metric.needs == "instances" else scorer.kind


@dataclass(frozen=True)
class _Counting:
    """One pass over the images for each question."""

    rows: MaskRows
    scorer: MaskScorer | SumScorer
    n_outputs: int
    workers: int | None
    progress: Progress

    def of(
        self, probs: MaskProbs, space: MaskSpace, keeps: Sequence[NDArray[np.bool_]] = ()
    ) -> CountTable | SumTable:
        truths: Any = self.rows.truths
        at_work: dict[str, Any] = {"progress": self.progress}
        if isinstance(self.scorer, MaskScorer):
            at_work |= {"n_outputs": self.n_outputs, "keeps": keeps, "workers": self.workers}
            return count_candidates(probs, truths, space, **at_work)
        if self.scorer.metric.needs == "probs":
            return sum_probs(probs, truths, self.scorer, **at_work)
        if self.rows.volumes:
            return sum_volumes(probs, truths, self.rows.volumes, space, self.scorer, **at_work)
        return sum_objects(probs, truths, space, self.scorer, workers=self.workers, **at_work)

    def alone(self) -> list[float]:
        """Return the score of each member by itself, with the plain decision."""
        found = []
        for m in range(len(self.rows.members)):
            probs = self.rows.mixed([float(m == other) for other in range(len(self.rows.members))])
            plain = mask_space(_space_kind(self.scorer), probs.sizes, trials=1)
            gated = GatedTable.of(self.of(probs, plain), None)
            every = np.arange(gated.table.n_images)
            found.append(self.scorer.score(gated.look_up(PLAIN, every)))
        return found


@dataclass(frozen=True)
class _Fitted:
    """A decision, and the table as the classifier of the same fit gates it."""

    choice: MaskChoice
    gated: GatedTable

    def counts(self, rows: NDArray[np.int64]) -> Counts:
        return self.gated.look_up(self.choice, rows)


@dataclass(frozen=True)
class _Fitter:
    """Finds decisions; `gates` has the table for each part left out, and for none."""

    gates: Mapping[int | None, GatedTable]
    parts: NDArray[np.int64]
    scorer: MaskScorer | SumScorer
    units: NDArray[np.int64]
    seed: int

    def fit(self, rows: NDArray[np.int64]) -> _Fitted:
        left_out = set(self.parts.tolist()) - set(self.parts[rows].tolist())
        gated = self.gates[next(iter(left_out), None)]
        choice = fit_mask_choice(gated, self.scorer, rows, groups=self.units, seed=self.seed)
        return _Fitted(choice, gated)


def _presences(
    rows: MaskRows, parts: NDArray[np.int64], classifier: Classifier | None
) -> dict[int | None, Floats | None]:
    """Return what the classifier says without each part, and, under None, with all of them.

    Equal answers are one array, so that they are looked up as one.
    """
    held = {int(part): np.flatnonzero(parts == part) for part in np.unique(parts)}
    if classifier is None:
        return dict.fromkeys([*held, None])
    found: dict[int | None, Floats | None] = {}
    different: dict[bytes, Floats] = {}
    for part, images in (*held.items(), (None, np.zeros(0, np.int64))):
        presence = classifier.presence(rows, images)
        found[part] = different.setdefault(presence.tobytes(), presence)
    return found


def _study_name(
    scorer: MaskScorer | SumScorer, data: str, trials: int, presence: Floats | None
) -> str:
    """Return a name that differs wherever the scores of the study do: a study there is kept."""
    gated_by = None if presence is None else hashlib.sha256(presence.tobytes()).hexdigest()
    facts = [data, trials, scorer.metric.identity, dict(scorer.options), gated_by]
    return f"masks-{short_digest(facts)}"
