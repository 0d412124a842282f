"""Blends of masks: a mean of probabilities, and a decision found by looking up counts.

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

from podium.competition.metrics import Metric
from podium.ensembling.blend import Blend, member_notes, tuning_notes
from podium.ensembling.honest import honest_by_fold, honest_interval
from podium.ensembling.mask_rows import MaskRows
from podium.ensembling.presence import Classifier
from podium.ensembling.rows import parts_of
from podium.ensembling.weights import mean_weights
from podium.predictions.mask_probs import MaskProbs
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
from podium.tuning.mask_table import Counts, CountTable, count_candidates
from podium.workspace.ids import short_digest
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["blend_of_masks"]

Floats = NDArray[np.float32]


def blend_of_masks(
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
) -> Blend:
    """Return the mean of the members' masks with its decision, honest and optimistic score.

    Args:
        rows: what `gather_masks` returned.
        metric: one of masks.
        kind: of the task.
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
    scorer = MaskScorer.of(metric, kind, metric_options)
    weights = tuple(mean_weights(len(rows.members)).tolist())
    parts, part_notes = parts_of(rows.folds, rows.units(), seed)
    probs = rows.mixed(weights)
    space = mask_space(kind, probs.sizes, trials=trials)
    presences = _presences(rows, parts, classifier)
    different = {id(one): one for one in presences.values() if one is not None}.values()
    counting = _Counting(rows, n_outputs, workers, progress)
    table = counting.of(probs, space, [gate_keeps(p, gate) for p in different for gate in GATES])
    tables = {id(one): GatedTable.of(table, one) for one in presences.values()}
    gates = {part: tables[id(one)] for part, one in presences.items()}
    fitter = _Fitter(gates, parts, scorer, rows.units(), seed)
    fitted = cross_fit(fitter.fit, _Fitted.counts, folds=parts, groups=rows.groups)
    every = np.arange(len(rows.ids))
    honest = scorer.score(fitted.prediction)
    untuned = scorer.score(gates[None].look_up(PLAIN, every))
    decision = steps_of(gates[None], fitted.final.choice, n_outputs)
    interval, interval_notes = honest_interval(
        scorer, rows, sums=scorer.sums(fitted.prediction), n=n_resamples, seed=seed
    )
    if storage is not None:
        study = _study_name(scorer, data, trials, presences[None])
        keep_mask_study(gates[None], scorer, space, storage, name=study, seed=seed)
    alone = counting.alone(scorer) if len(rows.members) > 1 else []
    score_notes = (
        *tuning_notes(scorer.metric, decision, honest, untuned),
        *(member_notes(scorer.metric, rows.names, alone, honest) if alone else ()),
    )
    return Blend(
        members=rows.names,
        method="mean",
        weights=weights,
        decision=tuple(decision),
        honest=honest,
        honest_interval=interval,
        optimistic=scorer.score(fitted.final.counts(every)),
        metric=scorer.metric.name,
        metric_source=scorer.metric.source,
        n_scored=len(rows.ids),
        notes=(*rows.notes, *part_notes, *interval_notes, *score_notes, *notes),
        kind=kind,
        options=dict(metric_options or {}),
        greater_is_better=scorer.metric.greater_is_better,
        by_fold=honest_by_fold(lambda inside: scorer.score(fitted.prediction[inside]), rows.folds),
        untuned=untuned,
        seed=seed,
        trials=trials,
        data=data,
        task="segment",
    )


@dataclass(frozen=True)
class _Counting:
    """One pass over the images for each question."""

    rows: MaskRows
    n_outputs: int
    workers: int | None
    progress: Progress

    def of(
        self, probs: MaskProbs, space: MaskSpace, keeps: Sequence[NDArray[np.bool_]] = ()
    ) -> CountTable:
        return count_candidates(
            probs,
            self.rows.truths,
            space,
            n_outputs=self.n_outputs,
            keeps=keeps,
            workers=self.workers,
            progress=self.progress,
        )

    def alone(self, scorer: MaskScorer) -> list[float]:
        """Return the score of each member by itself, with the plain decision."""
        found = []
        for m in range(len(self.rows.members)):
            probs = self.rows.mixed([float(m == other) for other in range(len(self.rows.members))])
            plain = mask_space(scorer.kind, probs.sizes, trials=1)
            found.append(scorer.score(self.of(probs, plain).counts[0]))
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
    scorer: MaskScorer
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


def _study_name(scorer: MaskScorer, data: str, trials: int, presence: Floats | None) -> str:
    """Return a name that differs wherever the scores of the study do: a study there is kept."""
    gated_by = None if presence is None else hashlib.sha256(presence.tobytes()).hexdigest()
    facts = [data, trials, scorer.metric.identity, dict(scorer.options), gated_by]
    return f"masks-{short_digest(facts)}"
