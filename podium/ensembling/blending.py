"""One blend of any problem: what a method found on it, scored, beside the best member alone.

A problem has rows that members predicted, and fits what combines them together with the decision:
labels (`labels.py`), masks (`masks/blend.py`), objects that a metric ranks (`masks/objects.py`).
What the scores mean stands in `blend.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.blend import AS_SENT, Blend, member_notes, weights_by_fold
from podium.ensembling.honest import BestMember, OofUnits, share_of_better, share_of_wins
from podium.ensembling.method import Fitted
from podium.ensembling.plain_decision import KeptPlain
from podium.workspace.blend_notes import better_member, same_file_note
from podium.workspace.display import number

if TYPE_CHECKING:
    from podium.competition.metrics import Metric
    from podium.competition.units import Aggregate
    from podium.ensembling.masks.rows import MaskRows
    from podium.ensembling.rows import OofRows
    from podium.tasks.protocols.kind import Kind

__all__ = ["BlendOptions", "BlendProblem", "DecidedFit", "blended"]


@dataclass(frozen=True, kw_only=True)
class BlendOptions:
    """How members are blended, whatever they predict.

    Attributes:
        trials: of the search for a decision, in each of the fits.
        seed: of the searches and of the interval.
        metric_options: options of the metric.
        n_resamples: draws for the interval.
        storage: URL of an Optuna database for the study of the final fit; None keeps none.
        notes: added to the blend's notes.
        aggregate: how rows of images became rows of units; None: they are of images.
        grid: steps with values to try where podium's own search is off.
        root: the workspace whose own methods may be named.
        raw: whether the raw maximum takes the place of the robust choice.
        plain: whether the decision is the plain one, and nothing of it is fitted.
    """

    trials: int = 50
    seed: int = 0
    metric_options: dict[str, Any] = field(default_factory=dict)
    n_resamples: int = 1000
    storage: str | None = None
    notes: tuple[str, ...] = ()
    aggregate: Aggregate | None = None
    grid: tuple[dict[str, Any], ...] = ()
    root: Path | None = None
    raw: bool = False
    plain: bool = False


@dataclass(frozen=True)
class DecidedFit:
    """What one method found, with the decision that was fitted together with it.

    Attributes:
        source: digest of the method's code, where it is the user's own.
        final: what combines the members, fitted on all rows.
        by_part: the same without each part.
        decision: steps of `decide`, fitted on all rows; empty: the plain one.
        kept_plain: why the decision is the plain one; None where it is not, or nothing is decided.
        honest: the cross-fitted score.
        interval: its bounds, None where it is undefined, and notes on them.
        optimistic: the score on the rows that everything was fitted on.
        untuned: the honest score with the plain decision; None where nothing is decided.
        by_fold: fold → its honest score.
        n_scored: images, units or volumes.
        notes: on the fit.
        candidate_notes: on decisions that are not tried.
        units: the honest prediction of each scored unit; None: the metric has none.
        drawn: `(n_resamples,)`, scores of resampled images, where there are no units.
        as_sent: `units`, or `drawn`, of the decision that is sent: the plain one throughout, where
            that is it; None: they are those above.
    """

    source: str
    final: Fitted
    by_part: Mapping[int, Fitted]
    decision: Sequence[dict[str, Any]]
    honest: float
    interval: tuple[tuple[float, float] | None, tuple[str, ...]]
    optimistic: float
    untuned: float | None
    by_fold: dict[int, float]
    n_scored: int
    notes: tuple[str, ...] = ()
    candidate_notes: tuple[str, ...] = ()
    units: OofUnits | None = None
    drawn: NDArray[np.float64] | None = None
    kept_plain: KeptPlain | None = None
    as_sent: OofUnits | NDArray[np.float64] | None = None


class BlendProblem(Protocol):
    """Rows that members predicted, of which one blend or several are made."""

    @property
    def rows(self) -> OofRows | MaskRows:
        """The members, and what they predicted."""

    @property
    def metric(self) -> Metric: ...

    @property
    def kind(self) -> Kind:
        """The kind of the predictions."""

    @property
    def data(self) -> str:
        """8 hex of the rows."""

    @property
    def parts(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """The part of each scored row, to fit across, and notes on them."""

    @property
    def alone(self) -> Sequence[float]:
        """The score of each member by itself, plainly decided; asked for where there are two."""

    @property
    def best_member(self) -> BestMember | None:
        """The member that scores best alone, decided as it would be sent; None: there is one."""

    def decided(self, method: str) -> DecidedFit:
        """Return what `method` finds; UsageError: it is none, or refuses these members."""


def blended(problem: BlendProblem, method: str, how: BlendOptions) -> tuple[Blend, OofUnits | None]:
    """Return the blend by `method`, and the honest prediction of each unit, if there are units.

    Raises:
        UsageError: there is no such method, or it refuses these members.
    """
    found, rows, metric = problem.decided(method), problem.rows, problem.metric
    interval, interval_notes = found.interval
    best = problem.best_member
    alone_notes: tuple[str, ...] = ()
    if len(rows.names) > 1:
        sent = None if best is None else (best.name, best.honest)
        alone_notes = member_notes(metric, rows.names, problem.alone, _score_as_sent(found), sent)
    made = Blend(
        members=rows.names,
        method=method,
        method_source=found.source,
        root=how.root,
        weights=found.final.weights,
        params=dict(found.final.params),
        decision=tuple(found.decision),
        honest=found.honest,
        honest_interval=interval,
        optimistic=found.optimistic,
        metric=metric.name,
        metric_source=metric.source,
        n_scored=found.n_scored,
        notes=(
            *rows.notes,
            *problem.parts[1],
            *interval_notes,
            *found.notes,
            *_plain_notes(found),
            *alone_notes,
            *found.candidate_notes,
            *how.notes,
        ),
        kind=problem.kind,
        options=dict(how.metric_options),
        greater_is_better=metric.greater_is_better,
        by_fold=found.by_fold,
        untuned=found.untuned,
        kept_plain=found.kept_plain,
        seed=how.seed,
        trials=how.trials,
        data=problem.data,
        task=problem.kind.task,
        aggregate=how.aggregate,
        grid=how.grid,
        raw=how.raw,
        plain=how.plain,
        fold_weights=weights_by_fold(found.by_part, found.final),
        best_member="" if best is None else best.name,
        best_alone=None if best is None else best.honest,
        beats_best=None if best is None else _beats_best(found, best, metric, how.seed),
    )
    return replace(made, notes=_of_same_file(made, alone_notes)), found.units


def _of_same_file(made: Blend, alone_notes: Sequence[str]) -> tuple[str, ...]:
    """Return the notes of a blend; that on a member whose file is the blend's own states so.

    Where one member has all the weight and the decision is the plain one, the member with the plain
    decision is no other file, though its score is better: nothing was chosen for it.
    """
    is_as_it_is = not (made.decision or made.params) and made.how.prepare is None
    same = [
        one
        for one in alone_notes
        if is_as_it_is and better_member(one, [made.only_member]) and not one.count(AS_SENT)
    ]
    return tuple(
        same_file_note(one, number(made.honest)) if one in same else one for one in made.notes
    )


def _plain_notes(found: DecidedFit) -> tuple[str, ...]:
    """Return the note on a decision that is the plain one."""
    if found.kept_plain is None or found.untuned is None:
        return ()
    return (found.kept_plain.note(found.honest, found.untuned),)


def _score_as_sent(found: DecidedFit) -> float:
    """Return the score of the blend with the decision that is sent: a member's is of such a one.

    Where the plain decision is kept, `honest` may be of what some folds tuned.
    """
    if found.kept_plain is None or found.untuned is None:
        return found.honest
    if isinstance(found.as_sent, OofUnits):
        return found.as_sent.score()
    return found.untuned


def _beats_best(found: DecidedFit, best: BestMember, metric: Metric, seed: int) -> float | None:
    sent = found.as_sent
    if sent is None:
        sent = found.drawn if found.units is None else found.units
    assert sent is not None
    if isinstance(sent, OofUnits):
        return share_of_wins(sent, best, seed=seed)
    return share_of_better(sent, best.drawn, greater_is_better=metric.greater_is_better)
