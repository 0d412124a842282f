"""Curves of a blend's decision: what other thresholds would have scored.

They are drawn of the rows that the decision was fitted on, with the blend's final weights: at the
chosen value each has the blend's optimistic score. `blends/<id>/curves.json` keeps them beside the
record, which does not change; a file that is missing or of another format is made again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import n_mask_classes
from podium.ensembling.masks.candidates import CandidateCounter, mask_scorer_of
from podium.ensembling.plan import BlendRequest, LabelPlan, MaskPlan, curves_of_labels
from podium.ensembling.predicting import blend_presence, mixed_masks
from podium.ensembling.record import BlendPart
from podium.errors import UsageError
from podium.predictions.decisions.masks import default_mask_steps
from podium.tasks.protocols.find import pixel_kind
from podium.tasks.protocols.names import PIXELS, is_of_pixels
from podium.tuning.curves import CurveRows, ParameterCurve, read_curves, write_curves
from podium.tuning.masks.decision import CountScorer
from podium.tuning.masks.level_images import level_decisions
from podium.tuning.masks.space import WIDEST, step_space
from podium.workflows.blends.files import blend_parts
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.scores.sum_scorer import SumScorer
    from podium.ensembling.blend import Blend
    from podium.tasks.protocols.kind import Kind
    from podium.tasks.protocols.names import TaskName
    from podium.tuning.masks.counts import CountTable
    from podium.tuning.masks.sums import SumTable

__all__ = ["decision_curves"]

_logger = logging.getLogger(__name__)


def decision_curves(
    workspace: Workspace,
    competition: Competition,
    blend: Path,
    *,
    progress: Progress = SILENT,
) -> tuple[ParameterCurve, ...]:
    """Return the curves of the scored task, from `curves.json` in the folder `blend` if it exists.

    For labels there is one for each threshold, cut point or class weight, or for the position of
    "none of the classes". For masks, one for the pixel threshold, or the weight of the background,
    and one for the gate. There are none if nothing is decided, if regions by hysteresis decide, or
    if only a ranking of all objects has a score.

    Args:
        workspace, competition: of the blend.
        blend: its folder.
        progress: shows a bar for the pass over masks.

    Raises:
        UsageError: the rows, or the metric, are no longer those that the blend was made with.
        DataError: a member's predictions are no longer complete.
        RunError: the record cannot be read, or is not of a blend.
    """
    parts = blend_parts(blend, competition)
    kept = read_curves(blend)
    if kept is not None:
        return kept
    task = competition.scored_task
    part = parts[task]
    request = _scored_request(workspace, competition, part)
    if is_of_pixels(task):
        found = mask_curves(request, parts, blend.name, progress=progress)
    else:
        found = _label_curves(request, part, blend.name)
    # Curves can be computed again: they are returned even if they cannot be written.
    try:
        write_curves(blend, found, metric=part.blend.metric, n_scored=part.blend.n_scored)
    except OSError as error:
        _logger.warning("the curves of the decision are not kept: %s", error)
    return found


def _scored_request(
    workspace: Workspace, competition: Competition, part: BlendPart
) -> BlendRequest:
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples)
    return BlendRequest(
        workspace,
        competition,
        samples,
        folds,
        part.sets,
        trials=part.blend.trials,
        seed=part.blend.seed,
    )


def _label_curves(request: BlendRequest, part: BlendPart, name: str) -> tuple[ParameterCurve, ...]:
    labels = LabelPlan.of(request)
    refuse_other_rows(part, labels.rows.digest(), request.competition, name)
    return curves_of_labels(labels, part.blend)


N_LEVELS = 99  # thresholds 0.01 apart, where one pass counts them all
N_SLOW_LEVELS = 19  # where each is decided anew: of several classes, of objects, of volumes
GATES = tuple(round(float(one), 3) for one in np.linspace(0.05, 0.95, 19))

Steps = list[dict[str, Any]]


def refuse_other_rows(part: BlendPart, data: str, competition: Competition, name: str) -> None:
    """Raise UsageError where a blend was made of other rows than `data`, or by another metric."""
    blend = part.blend
    metric = metrics.of(competition)
    is_same = (blend.metric, blend.metric_source) == (metric.name, metric.source)
    if not is_same or blend.options != dict(competition.metric.options):
        raise UsageError(
            f"{name} was tuned for another metric, {blend.metric}: it has no curves of this one",
            fix=f"podium tune thresholds {name}",
        )
    if blend.data != data:
        raise UsageError(
            f"{name} was made of other rows: labels, folds or predictions changed since",
            fix=f"podium tune thresholds {name}",
        )


def mask_curves(
    request: BlendRequest, parts: Mapping[TaskName, BlendPart], name: str, *, progress: Progress
) -> tuple[ParameterCurve, ...]:
    """Return the curves of the decision on masks; none if no threshold decides.

    Args:
        request: the source, with the members of the blend's masks.
        parts: of the blend.
        name: of the blend.
        progress: gets a bar.

    Raises:
        UsageError: the rows, or the metric, are no longer those of the blend.
    """
    competition, blend = request.competition, parts[PIXELS].blend
    metric = metrics.of(competition)
    has_no_sums = metric.scores_objects and metric.sums is None
    steps = [dict(one) for one in blend.decision] or default_mask_steps(blend.kind)
    if metric.scores_probs or has_no_sums or any("hysteresis" in one for one in steps):
        return ()
    masks = MaskPlan.of(request)
    refuse_other_rows(parts[PIXELS], masks.data, competition, name)
    if len(masks.rows.scored.ids) != blend.n_scored:
        return ()  # fitted on the rows that an expression of several answers counts
    gate = next((step["gate"] for step in steps if "gate" in step), None)
    # Two passes: levels with the chosen gate alone, and gates with the chosen levels alone.
    found = [*_LevelTable.of(masks, blend, steps, parts, [], progress).levels()]
    if gate is not None:
        found += _LevelTable.of(masks, blend, steps, parts, GATES, progress).gates()
    return tuple(found)


@dataclass(frozen=True)
class _LevelTable:
    """Lookup table of the decision for every pixel threshold and every gate.

    Attributes:
        rows: the scored rows, with bootstrap draws.
        scorer: of counts of pixels, or of sums of units.
        table: a candidate a level.
        wheres: indices with the chosen gate, then with each of the other gates, then without one;
            without a gate in the decision there is the last alone.
        values: `(A,)`, the levels; if gates are tried one number, for the chosen ones.
        chosen: the level of each class.
        gate: the chosen one, or one a class.
        names: of the mask classes.
    """

    rows: CurveRows
    scorer: CountScorer | SumScorer
    table: CountTable | SumTable
    wheres: tuple[NDArray[np.int64], ...]
    values: list[float]
    chosen: list[float]
    gate: Any
    names: list[str]

    @property
    def is_by_class(self) -> bool:
        """Whether the counts of a class depend on its own level and gate alone."""
        is_of_counts = isinstance(self.scorer, CountScorer)
        return is_of_counts and self.scorer.kind.is_by_class and len(self.names) > 1

    @property
    def every(self) -> NDArray[np.int64]:
        return np.arange(self.table.n_images)

    @classmethod
    def of(
        cls,
        masks: MaskPlan,
        blend: Blend,
        steps: Steps,
        parts: Mapping[TaskName, BlendPart],
        gates: Sequence[float],
        progress: Progress,
    ) -> _LevelTable:
        """Return all levels with the chosen gate, or, with `gates`, the chosen levels alone."""
        competition, rows = masks.request.competition, masks.rows
        n_outputs, kind = competition.outputs(PIXELS), pixel_kind(blend.kind)
        metric = metrics.of(competition)
        scorer = mask_scorer_of(metric, kind, blend.options, n_outputs)
        gate = next((step["gate"] for step in steps if "gate" in step), 0.0)
        pixels = [step for step in steps if "gate" not in step]
        is_one_pass = (
            isinstance(scorer, CountScorer)
            and not kind.is_exclusive
            and level_decisions(pixels, kind, n_outputs) is not None
        )
        n_levels = N_LEVELS if is_one_pass else N_SLOW_LEVELS
        if gates:  # pixels are decided as they are: classes may have levels of their own
            values, chosen, tried = [0.0], [0.0] * n_outputs, pixels
        else:
            values, chosen, tried = _levels(pixels, kind, n_outputs, n_levels)
        space = step_space(
            tried,
            competition.tasks[PIXELS] if metric.scores_objects else kind,
            kind,
            n_outputs=n_outputs,
            trials=len(values),
        )
        probs = mixed_masks(blend.how, blend.fitted, rows.members, rows.ids)
        n_classes = n_mask_classes(competition)
        presence = blend_presence(parts, "oof", rows.ids, n_classes=n_classes)
        keeps = [] if presence is None else [_keep(presence, one) for one in (gate, *gates)]
        counting = CandidateCounter(rows, scorer, n_outputs, None, progress)
        table = counting.of(probs, space, keeps)
        wheres = (*(table.where(one) for one in keeps), table.where())
        scored = rows.scored
        drawn = CurveRows.of(
            scorer.metric,
            scorer.options,
            len(scored.ids),
            groups=None if scored.groups is None else scored.units(),
            seed=blend.seed,
        )
        names = competition.classes_of(PIXELS) if kind.is_by_class else [""]
        return cls(drawn, scorer, table, wheres, values, chosen, gate, names)

    def levels(self) -> Iterator[ParameterCurve]:
        """Yield the curve of the threshold of each class, or of all; or of the background.

        None if classes have their own thresholds, and the metric cannot separate the classes.
        """
        if not self.is_by_class and len(set(self.chosen)) > 1:
            return
        is_weight = self.scorer.kind.is_exclusive
        parameter = "class_weights" if is_weight else "threshold"
        held = self._held()
        for c, name in enumerate(self.names if self.is_by_class else [""]):
            chosen = self.chosen[c if self.is_by_class else 0]
            each = (self._with(held, self._counts(a, 0), c) for a in range(len(self.values)))
            found = self._curve(
                parameter,
                "background" if is_weight else name,
                self.values,
                each,
                chosen,
                1.0 if is_weight else 0.5,
            )
            if found is not None:
                yield found

    def gates(self) -> Iterator[ParameterCurve]:
        """Give the curve of the gate of each class, or of all; none where there is no gate."""
        if isinstance(self.gate, list) and not self.is_by_class:
            return
        held = self._held()
        for c, name in enumerate(self.names if self.is_by_class else [""]):
            chosen = self.gate[c] if isinstance(self.gate, list) else self.gate
            # No gate, then each of them; the chosen one is first in the table.
            places = {0.0: len(GATES) + 1} | {gate: g + 1 for g, gate in enumerate(GATES)}
            places[float(chosen)] = 0
            values = sorted(places)
            level = self.values.index(self.chosen[c if self.is_by_class else 0])
            each = (self._with(held, self._counts(level, places[value]), c) for value in values)
            found = self._curve("gate", name, values, each, float(chosen), 0.0)
            if found is not None:
                yield found

    def _curve(
        self,
        parameter: str,
        name: str,
        values: Sequence[float],
        counts: Iterator[NDArray[Any]],
        chosen: float,
        plain: float,
    ) -> ParameterCurve | None:
        scores, drawn = self.rows.by_point(self.scorer.sums(one) for one in counts)
        return ParameterCurve.of(
            parameter,
            name,
            np.asarray(values),
            scores,
            drawn,
            chosen=chosen,
            plain=plain,
            greater_is_better=self.rows.metric.greater_is_better,
        )

    def _held(self) -> NDArray[Any]:
        """Return the counts, or sums, of the decision as it is."""
        found = self._counts(self.values.index(self.chosen[0]), 0)
        if not self.is_by_class:
            return found
        found = found.copy()
        for c, level in enumerate(self.chosen):
            found[:, c] = self._counts(self.values.index(level), 0)[:, c]
        return found

    def _counts(self, level: int, gate: int) -> NDArray[Any]:
        return self.table.look_up(level, self.wheres[gate], self.every)

    def _with(self, held: NDArray[Any], other: NDArray[Any], c: int) -> NDArray[Any]:
        """Return `held` with what `other` has of class c; of all where classes are not apart."""
        if not self.is_by_class:
            return other
        found = held.copy()
        found[:, c] = other[:, c]
        return found


def _levels(
    steps: Steps, kind: Kind, n_outputs: int, n: int
) -> tuple[list[float], list[float], Steps]:
    """Return the levels of a curve, those that are chosen, and the steps with all to try."""
    rest = [one for one in steps if not one.keys() & {"threshold", "class_weights"}]
    if kind.is_exclusive:
        weights = next((one["class_weights"] for one in steps if "class_weights" in one), None)
        weights = [1.0] * n_outputs if weights is None else [float(one) for one in weights]
        start = weights[0] if weights[0] > 0 else 1.0
        even = {float(f"{start * one:.4g}") for one in WIDEST ** np.linspace(-1, 1, n)}
        values = sorted({*even, weights[0], 1.0})
        return values, weights[:1], [{"class_weights": [{"try": values}, *weights[1:]]}, *rest]
    given = next((one["threshold"] for one in steps if "threshold" in one), 0.5)
    chosen = [float(one) for one in (given if isinstance(given, list) else [given] * n_outputs)]
    even = {round(float(one), 4) for one in np.linspace(0, 1, n + 2)[1:-1]}
    values = sorted({*even, *chosen, 0.5})
    return values, chosen, [{"threshold": {"try": values}}, *rest]


def _keep(presence: NDArray[np.float32], gate: Any) -> NDArray[np.bool_]:
    """Return bool `(N, C)`: which classes a gate leaves; it may be one a class."""
    return presence >= np.asarray(gate, dtype=np.float32)
