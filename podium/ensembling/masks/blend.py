"""Blends of masks: members combined, and a decision found by looking up counts or sums.

`honest` and `optimistic` are what they are for blends of labels (see `ensembling/blend.py`): the
weights and the decision for the images of fold k, and the weights of the classifier of their gate,
come from the other folds. The images are read once for every different mix of the members. The mean
weighs every member alike, so that this is once for all candidates and folds; what fits weights
finds others without each fold, on drawn pixels (see `masks/combining.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.competition.scores.sum_scorer import SumScorer
from podium.ensembling.blend import Blend
from podium.ensembling.blending import BlendOptions, DecidedFit, blended
from podium.ensembling.honest import (
    BestMember,
    OofUnits,
    best_alone,
    honest_by_fold,
    honest_interval,
    units_from,
)
from podium.ensembling.masks.candidates import (
    CandidateCounter,
    candidates_for,
    gate_classifier,
    mask_scorer_of,
    presences_of,
)
from podium.ensembling.masks.combining import MemberMixture, PixelFits, alike, parts_of_images
from podium.ensembling.masks.gate import GateClassifier
from podium.ensembling.masks.objects import ObjectFits
from podium.ensembling.masks.rows import MaskRows
from podium.ensembling.nested import inner_folds, inner_predictions
from podium.ensembling.plain_decision import KeptPlain, notes_on_parts, why_plain
from podium.ensembling.rows import parts_of, refuse_lone_group
from podium.tuning.cross_fit import CrossFit, cross_fit
from podium.tuning.masks.counts import Counts
from podium.tuning.masks.decision import (
    PLAIN,
    CountScorer,
    GatedTable,
    MaskChoice,
    choose_mask_decision,
    gate_keeps,
    keep_mask_study,
    steps_of,
)
from podium.tuning.paying import Kept
from podium.workspace.ids import short_digest
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind
    from podium.tuning.masks.space import MaskSpace, StepSpace

__all__ = ["MaskFits"]

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class MaskFits(BlendOptions):
    """Images whose masks are blended by one method or several; what is common is made once.

    Attributes, beside those of `BlendOptions`:
        rows: what `gather_masks` returned.
        metric: one of masks, of objects or of volumes.
        kind: of the pixel predictions.
        n_outputs: channels of the network.
        classifier: its probabilities go to the gate; None: no gate is tried.
        data: digest of what is fitted on, kept in the blend.
        workers: threads; None: one a core.
        progress: gets a bar for every pass over the images.
    """

    rows: MaskRows
    metric: Metric
    kind: Kind
    n_outputs: int
    classifier: GateClassifier | None = None
    data: str = ""
    workers: int | None = None
    progress: Progress = SILENT

    def by(self, method: str) -> tuple[Blend, OofUnits | None]:
        """Return the blend by `method` and the sums of each image or volume, honestly decided.

        The sums are None where the metric has none: it ranks the objects of all images together.

        Raises:
            DataError: the metric scores no such masks or is undefined on them, an image's mask has
                another size than its prediction, or a group crosses folds.
            UsageError: there is no such method, or it refuses these members; a step of the grid
                cannot be meant, or its gate has no classifier.
        """
        return blended(self.ranked_objects if self._ranks_objects else self, method, self)

    def decided(self, method: str) -> DecidedFit:
        """Return what `method` finds on drawn pixels, and the decision of all of the mixed ones."""
        scorer, scored = self.scorer, self.rows.scored
        refuse_lone_group(scored.folds, scored.units(), len(scored.names), method)
        mixing = self.pixels.by(method)
        found = self._decided(mixing)
        final, honest = found.fitted.final, scorer.score(found.fitted.prediction)
        sums = scorer.sums(found.fitted.prediction)
        if self.storage is not None and self._is_decided:
            name = self._study_name(method, mixing)
            gated = found.gates[None]
            keep_mask_study(gated, scorer, self.space, self.storage, name=name, seed=self.seed)
        kept_plain = found.kept_plain(scorer) if self._is_decided else None
        choice = PLAIN if kept_plain else final.choice
        plain = scorer.sums(found.plain()) if kept_plain else None
        return DecidedFit(
            source=mixing.how.source,
            final=mixing.final,
            by_part=mixing.by_part,
            decision=steps_of(found.gates[None], choice, self.n_outputs),
            kept_plain=kept_plain,
            honest=honest,
            untuned=scorer.score(found.plain()) if self._is_decided else None,
            interval=honest_interval(scorer, scored, sums=sums, n=self.n_resamples, seed=self.seed),
            optimistic=scorer.score(found.gates[None].look_up(choice, np.arange(len(scored.ids)))),
            by_fold=honest_by_fold(
                lambda inside: scorer.score(found.fitted.prediction[inside]), scored.folds
            ),
            n_scored=len(scored.ids),
            notes=(
                *mixing.notes,
                *(() if kept_plain else notes_on_parts(final.kept, found.of_parts)),
            ),
            candidate_notes=self.space.notes,
            units=self._units(sums),
            as_sent=None if plain is None else self._units(plain),
        )

    def within(self, method: str, parts: NDArray[np.int64]) -> dict[int, OofUnits] | None:
        """Return for each part what `method` honestly predicts of the others, not seeing it.

        None of a metric without sums: it ranks the objects of all images together.
        """
        if self._ranks_objects:
            return None
        folds = inner_folds(parts, self.rows.scored.units(), self.seed)
        places: dict[bytes, int] = {}
        fitted_on: list[NDArray[np.int64]] = []
        for inside in (one for pairs in folds.values() for one, _ in pairs):
            if places.setdefault(inside.tobytes(), len(fitted_on)) == len(fitted_on):
                fitted_on.append(inside)
        counts = self._counts_of_fits(method, fitted_on)
        found = inner_predictions(
            lambda rows: counts[places[rows.tobytes()]], lambda made, rows: made[rows], folds
        )
        return {
            part: self._units(self.scorer.sums(one), np.flatnonzero(parts != part))
            for part, one in found.items()
        }

    def _counts_of_fits(self, method: str, fitted_on: Sequence[NDArray[np.int64]]) -> list[Counts]:
        """Return the counts of all units, mixed and decided by what is fitted on some of them."""
        scored = self.rows.scored
        images = [parts_of_images(self.rows, _flags(one, len(scored.ids))) for one in fitted_on]
        mixing = self.pixels.of_images(method, images)
        found: list[Counts | None] = [None] * len(fitted_on)
        # One different mix at a time: the tables of all may be what memory does not hold.
        for alike_fits in alike(mixing.fits):
            group = [one for one in alike_fits if one is not None]
            presences: dict[bytes, Floats | None] = {}
            key_of = {}
            for one in group:
                presence = self._presence_without(np.flatnonzero(images[one] == 0))
                key_of[one] = b"" if presence is None else presence.tobytes()
                presences.setdefault(key_of[one], presence)
            gates = self.space.gates
            keeps = [
                gate_keeps(one, gate)
                for one in presences.values()
                if one is not None
                for gate in gates
            ]
            table = self._counting.of(mixing.masks(group[0]), self.space, keeps)
            for one in group:
                gated = GatedTable.of(table, presences[key_of[one]], gates)
                kept = choose_mask_decision(
                    gated,
                    self.scorer,
                    fitted_on[one],
                    groups=scored.units(),
                    seed=self.seed,
                    raw=self.raw,
                    plain=self.plain,
                )
                found[one] = gated.look_up(kept.decision, np.arange(len(scored.ids)))
        return [one for one in found if one is not None]

    def _presence_without(self, held: NDArray[np.int64]) -> Floats | None:
        """Return the classifier's predictions of all images, fitted without those of `held`."""
        classifier = self._gating
        return None if classifier is None else classifier.presence(self.rows, held)

    @cached_property
    def ranked_objects(self) -> ObjectFits:
        """The same problem for a metric that ranks the objects of all images together."""
        return ObjectFits(
            self.rows,
            self.metric,
            self.kind,
            self.pixels,
            self,
            self.data,
            self.workers,
            self.progress,
        )

    @cached_property
    def scorer(self) -> CountScorer | SumScorer:
        """The metric, of counts of pixels or of sums of units."""
        return mask_scorer_of(self.metric, self.kind, self.metric_options, self.n_outputs)

    @cached_property
    def parts(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """The part of each scored unit, and notes on them."""
        scored = self.rows.scored
        return parts_of(scored.folds, scored.units(), self.seed, plain=self.plain)

    @cached_property
    def pixels(self) -> PixelFits:
        """The fits of the methods on pixels."""
        is_of_objects = self._ranks_objects
        return PixelFits(
            self.rows,
            self.metric if is_of_objects else self.scorer.metric,
            self.kind,
            parts_of_images(self.rows, self.parts[0]),
            self.metric_options if is_of_objects else self.scorer.options,
            self.seed,
            self.workers,
            self.progress,
            self.root,
        )

    @cached_property
    def space(self) -> MaskSpace | StepSpace:
        """The decisions that are tried."""
        return candidates_for(
            self.scorer.metric,
            self.kind,
            self.pixels.alone(0).masks(None),
            n_outputs=self.n_outputs,
            trials=1 if self.plain else self.trials,
            grid=self.grid,
        )

    @property
    def _gating(self) -> GateClassifier | None:
        """The classifier of the gates that are tried; None where none is."""
        classifier = self.classifier
        if self.plain and not self.grid:  # no gate is tried
            return None
        is_of_pixels = isinstance(self.scorer, CountScorer)
        if not is_of_pixels and (self.rows.volumes or self.n_outputs > 1 or not self._is_decided):
            classifier = None  # an image, or a class of it, is not a scored unit
        return gate_classifier(self.space, classifier)

    @cached_property
    def presences(self) -> dict[int | None, Floats | None]:
        """The classifier's predictions, fitted without each part, and on all."""
        return presences_of(self.rows, self.parts[0], self._gating)

    @cached_property
    def alone(self) -> list[float]:
        """The score of each member by itself, plainly decided; none where there is but one."""
        return self._counting.alone() if len(self.rows.members) > 1 else []

    @cached_property
    def best_member(self) -> BestMember | None:
        """The member that scores best alone, decided as it would be sent; None: there is one."""
        if not self.alone:
            return None
        best = best_alone(self.alone, self.scorer.metric.is_better)
        found = self._decided(self.pixels.alone(best))
        is_plain = self._is_decided and found.kept_plain(self.scorer)
        counts = found.plain() if is_plain else found.fitted.prediction
        units = self._units(self.scorer.sums(counts))
        return BestMember.of(self.rows.names[best], units, n=self.n_resamples, seed=self.seed)

    @property
    def _ranks_objects(self) -> bool:
        return self.metric.scores_objects and self.metric.sums is None

    @property
    def _is_decided(self) -> bool:
        return not self.metric.scores_probs

    @property
    def _counting(self) -> CandidateCounter:
        return CandidateCounter(self.rows, self.scorer, self.n_outputs, self.workers, self.progress)

    def _decided(self, mixing: MemberMixture) -> _Decided:
        """Return the decisions for one mixing, each from what was mixed without its part."""
        scored, parts = self.rows.scored, self.parts[0]
        gates: dict[int | None, GatedTable] = {}
        for group in alike(mixing.fits):
            of_group = [self.presences[part] for part in group]
            different = {id(one): one for one in of_group if one is not None}.values()
            keeps = [gate_keeps(one, gate) for one in different for gate in self.space.gates]
            table = self._counting.of(mixing.masks(group[0]), self.space, keeps)
            gated = {id(one): GatedTable.of(table, one, self.space.gates) for one in of_group}
            gates |= {part: gated[id(self.presences[part])] for part in group}
        fitter = _Fitter(gates, parts, self.scorer, scored.units(), self.seed, self.raw, self.plain)
        fitted = cross_fit(
            fitter.fit,
            _Fitted.counts,
            folds=parts,
            groups=scored.groups,
            is_fixed=self.plain,
        )
        return _Decided(gates, parts, fitted)

    def _units(self, sums: NDArray[Any], inside: NDArray[np.int64] | None = None) -> OofUnits:
        """Return the units of these sums; `inside`: which ones they are, None: all."""
        scored, scorer = self.rows.scored, self.scorer
        every = np.arange(len(scored.ids)) if inside is None else inside
        groups = None if scored.groups is None else scored.units()[every]
        names = [scored.ids[row] for row in every.tolist()]
        found = units_from(names, groups, scorer.metric, dict(scorer.options), sums=sums)
        assert found is not None
        return found

    def _study_name(self, method: str, mixing: MemberMixture) -> str:
        """Return a name that differs wherever the scores of the study do: one there is kept."""
        presence, scorer = self.presences[None], self.scorer
        gated_by = None if presence is None else hashlib.sha256(presence.tobytes()).hexdigest()
        facts = [self.data, self.trials, scorer.metric.identity, dict(scorer.options), gated_by]
        facts += [list(self.grid)] if self.grid else []
        facts += [method, mixing.final.facts] if method != "mean" else []
        return f"masks-{short_digest(facts)}"


@dataclass(frozen=True)
class _Decided:
    """The decisions for one mixing; `gates` as `_Fitter` has them."""

    gates: Mapping[int | None, GatedTable]
    parts: NDArray[np.int64]
    fitted: CrossFit[_Fitted]

    def kept_plain(self, scorer: CountScorer | SumScorer) -> KeptPlain | None:
        """Return why the plain decision is sent; None where the tuned one is."""
        honest, plain = (scorer.score(one) for one in (self.fitted.prediction, self.plain()))
        return why_plain(scorer.metric, self.fitted.final.kept, self.of_parts, honest, plain)

    @property
    def of_parts(self) -> list[Kept[MaskChoice]]:
        """The decisions that were fitted without each part."""
        return [one.kept for one in self.fitted.by_fold.values()]

    def plain(self) -> Counts:
        """Return the counts of the units with the plain decision, each mixed without its part."""
        found = np.empty_like(self.fitted.prediction)
        for part in np.unique(self.parts).tolist():
            inside = np.flatnonzero(self.parts == part)
            found[inside] = self.gates[part].look_up(PLAIN, inside)
        return found


@dataclass(frozen=True)
class _Fitted:
    """A decision, and the table as the classifier of the same fit gates it."""

    kept: Kept[MaskChoice]
    gated: GatedTable

    @property
    def choice(self) -> MaskChoice:
        return self.kept.decision

    def counts(self, rows: NDArray[np.int64]) -> Counts:
        return self.gated.look_up(self.choice, rows)


@dataclass(frozen=True)
class _Fitter:
    """Finds decisions; `gates` has the table for each part left out, and for none."""

    gates: Mapping[int | None, GatedTable]
    parts: NDArray[np.int64]
    scorer: CountScorer | SumScorer
    units: NDArray[np.int64]
    seed: int
    raw: bool = False
    plain: bool = False

    def fit(self, rows: NDArray[np.int64]) -> _Fitted:
        left_out = set(self.parts.tolist()) - set(self.parts[rows].tolist())
        gated = self.gates[next(iter(left_out), None)]
        kept = choose_mask_decision(
            gated,
            self.scorer,
            rows,
            groups=self.units,
            seed=self.seed,
            raw=self.raw,
            plain=self.plain,
        )
        return _Fitted(kept, gated)


def _flags(inside: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return `(n,)`: 1 at the positions `inside`, else 0."""
    found = np.zeros(n, dtype=np.int64)
    found[inside] = 1
    return found
