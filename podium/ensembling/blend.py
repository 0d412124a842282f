"""Blends: members, weights and a decision, with an honest score and an optimistic one.

`honest` is cross-fitted: weights and decision for the rows of fold k come, together, from the rows
of the other folds. `optimistic` fits and scores on the same rows. What goes to the test set is
fitted on all of them. Cross-fitted is not nested: the members saw the other folds, and a choice
among blends by `honest` has used all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores.perfect import perfect_score_warning
from podium.ensembling.method import BlendMethod, Fitted, load_method
from podium.ensembling.method_choice import FamilyChoice
from podium.ensembling.plain_decision import KeptPlain
from podium.errors import DataError, PodiumError, RunError
from podium.workspace.blend_notes import better_member_note
from podium.workspace.display import html_table, interval_on_train, number, text_table

if TYPE_CHECKING:
    from podium.competition.units import Aggregate
    from podium.tasks.protocols.kind import Kind
    from podium.tasks.protocols.names import TaskName

__all__ = [
    "AS_SENT",
    "Blend",
    "folds_as_text",
    "member_notes",
    "weights_by_fold",
]

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Blend:
    """A blend: its members and how they become one prediction of one task.

    Attributes:
        members: their names.
        method: the name of the method.
        weights: one a member.
        decision: steps of `decide`, fitted on all rows; empty where the metric scores
            probabilities, and where the plain decision is kept.
        honest: the cross-fitted score.
        honest_interval: bounds of 95 % of it, over rows or groups; None where it is undefined.
        optimistic: the score on the rows that everything was fitted on.
        metric: its name.
        n_scored: rows that every member predicted out of fold.
        notes: caveats of the scores.
        kind: the kind of the task.
        options: the metric's options.
        greater_is_better: the metric's direction.
        by_fold: fold → its honest score, where it is defined.
        untuned: the honest score with the plain decision; None where nothing is decided.
        kept_plain: why the plain decision is sent; None where it is not, or nothing is decided.
        seed: of the searches.
        trials: of the search for class weights.
        data: 8 hex of the rows: members' values, truth, folds and groups.
        task: what is predicted.
        metric_source: digest of the metric's code, where it is the user's own.
        aggregate: how members' predictions of the images of a unit become one; None: images are
            scored.
        params: what the method found beside the weights.
        best_member: the member that scores best alone, of labels each decided as it would be sent,
            of masks plainly decided; "" where there is one member only.
        best_alone: its honest score, with the decision that would be sent for it, plain or tuned;
            None where that is unknown.
        beats_best: the share of paired bootstrap draws in which the blend, honestly, scores better
            than the best member, ties counted half; None where that is unknown.
        grid: the decisions that a user listed to try; empty: podium's own.
        choice: the families that it was chosen of; None: its method was named.
        method_source: digest of the method's code, where it is the user's own.
        raw: whether its decision is the raw maximum, and not the robust choice.
        plain: whether the plain decision was asked for.
        fold_weights: fold → the weights that its rows were honestly combined with, fitted on the
            other folds; empty where they are the same for all.
        classes: the classes or outputs of its predictions, in the order of their columns, as
            `podium.blend` found them; empty of a blend of a workspace, whose competition has them.
        root: the workspace in which such a method is looked for; known of a blend that is read from
            one or made in one, and not kept.

    Example:
        >>> import podium
        >>> members = {"a": [0.1, 0.9, 0.2, 0.7], "b": [0.6, 0.4, 0.5, 0.6]}
        >>> podium.blend([0, 1, 0, 1], members, "auc", [0, 0, 1, 1])
        blend of 2 members by hill_climb
        member  weight
        a       1.000
        b       0.000
        honest auc: 1.0000
        optimistic auc: 1.0000
        rows scored: 4
    """

    members: tuple[str, ...]
    method: str
    weights: tuple[float, ...]
    decision: tuple[dict[str, Any], ...]
    honest: float
    honest_interval: tuple[float, float] | None
    optimistic: float
    metric: str
    n_scored: int
    notes: tuple[str, ...]
    kind: Kind
    options: dict[str, Any] = field(default_factory=dict)
    greater_is_better: bool = True
    by_fold: dict[int, float] = field(default_factory=dict)
    untuned: float | None = None
    kept_plain: KeptPlain | None = None
    seed: int = 0
    trials: int = 50
    data: str = ""
    task: TaskName = "classify"
    metric_source: str = ""
    aggregate: Aggregate | None = None
    params: dict[str, Any] = field(default_factory=dict)
    best_member: str = ""
    best_alone: float | None = None
    beats_best: float | None = None
    choice: FamilyChoice | None = None
    grid: tuple[dict[str, Any], ...] = ()
    method_source: str = ""
    raw: bool = False
    plain: bool = False
    fold_weights: dict[int, tuple[float, ...]] = field(default_factory=dict)
    classes: tuple[Any, ...] = field(default=(), compare=False)
    root: Path | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        return "\n".join([self._title, text_table(*self._table), *self._lines])

    def _repr_html_(self) -> str:
        return html_table(*self._table, title=self._title, notes=self._lines)

    @property
    def _title(self) -> str:
        n = len(self.members)
        return f"blend of {n} {'member' if n == 1 else 'members'} by {self.method}"

    @property
    def _table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        rows: list[tuple[str, ...]] = [
            (name, number(weight, 3))
            for name, weight in zip(self.members, self.weights, strict=True)
        ]
        return ("member", "weight"), rows

    @property
    def _lines(self) -> list[str]:
        """Scores, decision and notes, a line each."""
        honest = f"honest {self.metric}: {number(self.honest)}"
        honest += interval_on_train(self.honest_interval)
        decision = [f"{name}: {value}" for step in self.decision for name, value in step.items()]
        return [
            honest,
            f"optimistic {self.metric}: {number(self.optimistic)}",
            f"rows scored: {self.n_scored:,}",
            *decision,
            *(f"note: {one}" for one in (self.doubt, *self.notes) if one),
        ]

    @property
    def doubt(self) -> str:
        """Why its honest score is doubted, which is perfect; "" of any other."""
        try:
            metric = metrics.get(self.metric, root=self.root)
        except DataError:  # the user's own metric is gone
            return ""
        return perfect_score_warning(metric, self.honest, self.n_scored)

    @property
    def optimism(self) -> float:
        """By how much `optimistic` is better than `honest`."""
        gap = self.optimistic - self.honest
        return gap if self.greater_is_better else -gap

    @property
    def only_member(self) -> str:
        """The one of several members that has all the weight; "" where others have some."""
        weighed = [one for one, weight in zip(self.members, self.weights, strict=True) if weight]
        return weighed[0] if len(weighed) == 1 < len(self.members) else ""

    @property
    def is_tuning_better(self) -> str:
        """Whether another decision than the plain one is better, in a sentence; "" of none."""
        if self.untuned is None:
            return ""
        if not self.decision:
            return "" if self.kept_plain is None else self.kept_plain.sentence
        steps = ", ".join(name.replace("_", " ") for step in self.decision for name in step)
        tuned, plain = number(self.honest), number(self.untuned)
        is_better = (self.honest > self.untuned) == self.greater_is_better
        # By what is shown: a gain that was rounded by itself would not be the difference of both.
        verdict = "as good as" if tuned == plain else "better than" if is_better else "worse than"
        return (
            f"The decision was tuned ({steps}). Its honest score {tuned} is {verdict} the {plain} "
            "of the plain decision."
        )

    @property
    def fitted_parts(self) -> tuple[str, ...]:
        """What was fitted on its rows, of weights, calibration and decision; a plain mean has none.

        A method whose code was edited or is gone counts as one that fits weights.
        """
        try:
            n_fitted = self.how.n_fitted(len(self.members), 1)
        except PodiumError:
            n_fitted = 1
        parts = {
            "weights": n_fitted > 0 and len(self.members) > 1,
            "calibration": self.fitted.calibration is not None,
            "decision": bool(self.decision),
        }
        return tuple(name for name, is_fitted in parts.items() if is_fitted)

    @property
    def how(self) -> BlendMethod:
        """Its method.

        Raises:
            RunError: the user's own code was edited since it was fitted.
            UsageError: there is no such method.
        """
        found = load_method(self.method, root=self.root)
        if found.source != self.method_source:
            raise RunError(
                f"the code of {self.method} is not what the blend was fitted with",
                fix="put its file back as it was, or blend again: podium blend",
            )
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the JSON that a record keeps of it, in which folds are text."""
        found = asdict(self)
        del found["root"], found["classes"]
        for one in ("by_fold", "fold_weights"):
            found[one] = folds_as_text(found[one])
        if self.choice is not None and self.choice.nested_by_fold is not None:
            found["choice"]["nested_by_fold"] = folds_as_text(self.choice.nested_by_fold)
        return found

    @property
    def fitted(self) -> Fitted:
        """The fit with which its method combines the members."""
        return Fitted(self.weights, self.params)


def folds_as_text(by_fold: Mapping[int, T]) -> dict[str, T]:
    """Return what is known by fold as JSON has it."""
    return {str(fold): one for fold, one in by_fold.items()}


def weights_by_fold(by_fold: Mapping[int, Fitted], final: Fitted) -> dict[int, tuple[float, ...]]:
    """Return the weights of each fold, as a blend keeps them; {} where all are those of `final`."""
    if all(one.weights == final.weights for one in by_fold.values()):
        return {}
    return {fold: tuple(one.weights) for fold, one in by_fold.items()}


def member_notes(
    metric: Metric,
    names: Sequence[str],
    alone: Sequence[float],
    score: float,
    sent: tuple[str, float] | None = None,
) -> tuple[str, ...]:
    """Return a note where the best of several members beats the blend.

    Args:
        metric: what is scored.
        names: of the members.
        alone: the score of each, plainly decided.
        score: of the blend with the decision that is sent, plain or tuned.
        sent: the member that is best as it would be sent, and its honest score.
    """
    best, best_score, how = "", score, ""
    for name, plain in zip(names, alone, strict=True):
        if len(names) > 1 and metric.is_better(plain, best_score):
            best, best_score = name, plain
            how = " with the plain decision" if metric.scores_decisions else ""
    if sent is not None and len(names) > 1 and metric.is_better(sent[1], best_score):
        (best, best_score), how = sent, AS_SENT
    return (better_member_note(best, best_score, how),) if best else ()


AS_SENT = ", decided as it would be sent,"
