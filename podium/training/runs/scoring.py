"""Scores of a fold: the competition's metric for the scored task, the usual one for the other.

Decisions are the plain ones: the largest probability, or one half; rankings those of probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.file import fewer_folds
from podium.competition.folds.open_set import refuse_open_set_metric
from podium.competition.samples import truth
from podium.competition.scores.combination import check_combination
from podium.competition.scores.sum_scorer import is_of_counts
from podium.competition.sections.tasks import combination_of
from podium.competition.spec import Competition
from podium.competition.truths.labels import class_counts
from podium.competition.truths.masks import Mask
from podium.competition.units import has_label, units_of
from podium.errors import DataError, plural
from podium.predictions.decisions.labels import metric_input
from podium.predictions.top_k import TopK
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName

__all__ = [
    "FoldLabelScorer",
    "FoldMaskScorer",
    "UndefinedFolds",
    "check_metric",
    "refuse_undefined_folds",
    "undefined_folds",
]


def check_metric(competition: Competition) -> None:
    """Raise for a metric that cannot score the competition's task.

    Raises:
        DataError: the metric is unknown, does not fit the task or has no such option.
    """
    for task in competition.scored_tasks:
        _metric_of(competition, task)
    check_combination(competition)
    refuse_open_set_metric(competition)


def _metric_of(competition: Competition, task: TaskName) -> tuple[metrics.Metric, dict[str, Any]]:
    """Return the metric in which `task` is scored, and its options."""
    kind, scored_by = competition.tasks[task], competition.metric_of(task)
    if scored_by is not None:
        metric = metrics.get(scored_by.name, root=competition.root)
        n_classes = len(competition.classes)
        found = metrics.fitting(metric, kind, scored_by.options, task=task, n_classes=n_classes)
        return found, scored_by.options
    return metrics.fitting(metrics.usual(task, kind), kind, task=task), {}


class _FoldScorer:
    """A metric with its options.

    Attributes:
        metric: that scores a fold.
        options: of the metric.
    """

    metric: metrics.Metric
    options: dict[str, Any]

    @property
    def name(self) -> str:
        return self.metric.name

    def is_better(self, score: float, other: float) -> bool:
        """Return whether `score` beats `other` strictly."""
        return self.metric.is_better(score, other)


class FoldLabelScorer(_FoldScorer):
    """Scores the probabilities of the classification task of `competition`.

    Raises:
        DataError: the metric is unknown, does not fit the task or has no such option.
    """

    def __init__(self, competition: Competition) -> None:
        self._kind = competition.kind
        self.metric, options = _metric_of(competition, IMAGES)
        self.options = metrics.with_classes(
            self.metric, options, competition.kind, len(competition.label_names)
        )

    def __call__(
        self, probs: NDArray[np.floating[Any]] | TopK, truth: NDArray[Any], *, where: str
    ) -> float:
        """Return the score of `probs` `(N, C)`, or of the likeliest of them.

        Raises:
            DataError: the score is undefined on these rows.
        """
        prediction = metric_input(probs, None, self._kind, self.metric, self.options)
        return metrics.score(self.metric, truth, prediction, where=where, **self.options)


class FoldMaskScorer(_FoldScorer):
    """Scores the decisions of the segmentation task of `competition`, image by image.

    A metric of objects, volumes or probabilities is no function of decided pixels of single images.
    Where it is the competition's, this is the mean Dice of pixels; a run's score: `mask_outputs`.

    Raises:
        DataError: as `Scorer`.
    """

    def __init__(self, competition: Competition) -> None:
        self._kind = competition.mask_kind
        self._n_outputs = competition.outputs(PIXELS)
        self.metric, self.options = _metric_of(competition, PIXELS)
        if not is_of_counts(self.metric):
            self.metric, self.options = metrics.get("mean_dice"), {}

    def counts(self, truth: Mask, decision: Mask) -> NDArray[np.int64]:
        """Return the pixel counts `(K, 4)` of one image, or of a part: those of parts add up."""
        return metrics.mask_counts(truth, decision, kind=self._kind, n_outputs=self._n_outputs)

    def __call__(self, counts: NDArray[np.int64]) -> float:
        """Return the score of images with these counts `(N, K, 4)`.

        Raises:
            DataError: the score is undefined on these images.
        """
        return metrics.value(self.metric, self.sums(counts), **self.options)

    def sums(self, counts: NDArray[np.int64]) -> NDArray[Any]:
        """Return the metric's sums `(N, S)` of images with these counts `(N, K, 4)`."""
        return metrics.of_counts(self.metric, counts, kind=self._kind, **self.options)


@dataclass(frozen=True)
class UndefinedFolds:
    """Folds whose rows the metric has no score of, as those of one class have no AUC.

    Attributes:
        metric: its name.
        folds: their numbers.
        lacking: the classes that one of them has no row of, each with its rows in train.
        reason: the message of the metric on the first.
        mend: one command, or several, behind which each fold has a score; "": there is none.
        effect: what `mend` changes.
    """

    metric: str
    folds: tuple[int, ...]
    lacking: Mapping[str, int]
    reason: str
    mend: str
    effect: str

    @property
    def detail(self) -> str:
        """Which folds have no score, and which classes they lack, in a sentence."""
        of = f"fold{'s' * (len(self.folds) > 1)} {', '.join(map(str, self.folds))}"
        if not self.lacking:
            return f"{of}: {self.reason}"
        each = [f"{name!r} ({plural(n, 'row')} in all)" for name, n in self.lacking.items()]
        shown = ", ".join(each[:_SHOWN])
        more = f" and {len(each) - _SHOWN:,} more" if len(each) > _SHOWN else ""
        have = "have" if len(self.folds) > 1 else "has"
        return f"{self.metric} is undefined in {of}, which {have} no row of {shown}{more}"

    @property
    def fix(self) -> str:
        """What to do, without the command."""
        if self.effect or not self.lacking:
            return self.effect or "add rows, or write another metric"
        return (
            "add rows, leave the rows of such a class out and take it out of classes, or write "
            "another metric"
        )


_SHOWN = 5
_MOST_CELLS = 20_000_000  # of one fold's probabilities: more are scored when it is trained
_OF_UNDEFINED = ("skip", "zero", "one")
"""Values of the option `undefined` that give a score, by the metrics that have it."""


def undefined_folds(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    *,
    among: Sequence[int] | None = None,
) -> UndefinedFolds | None:
    """Return the folds that the metric of labels cannot score; None where it can score all.

    Whatever a network predicts, such a fold fails when its training begins.

    Args:
        competition: whose metric it is; one of masks is not looked at.
        samples: the rows of the train part.
        folds: `(N,)`, -1 for rows that are never validated.
        among: the folds to look at; None: all.
    """
    if competition.scored_task != IMAGES or competition.open_set is not None:
        return None
    numbers = np.unique(folds[folds >= 0]).tolist() if among is None else among
    reasons = _reasons(competition, samples, folds, numbers)
    if not reasons:
        return None
    mend, effect = _mended(competition, samples, folds, numbers)
    return UndefinedFolds(
        FoldLabelScorer(competition).metric.name,
        tuple(reasons),
        _lacking_classes(competition, samples, folds, list(reasons)),
        next(iter(reasons.values())),
        mend,
        effect,
    )


def refuse_undefined_folds(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    among: Sequence[int] | None = None,
) -> None:
    """Raise where the metric has no score of one fold of `among` (None: of all).

    So none is trained before another one fails.

    Raises:
        DataError: with the command that mends it.
    """
    found = undefined_folds(competition, samples, folds, among=among)
    if found is not None:
        fix = f"{found.mend}: {found.fix}" if found.mend else found.fix
        raise DataError(found.detail, where="folds.csv", fix=fix)


def _reasons(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    numbers: Sequence[int],
) -> dict[int, str]:
    """Return why folds have no score, of those that have none; {}: labels cannot be scored yet."""
    try:
        labels, scorer = truth(samples, competition), FoldLabelScorer(competition)
    except DataError:
        return {}  # reported where they are read
    n_outputs = competition.n_outputs
    found = {}
    for fold in numbers:
        valid = np.flatnonzero(folds == fold)
        if len(valid) * n_outputs > _MOST_CELLS:
            continue
        right, units = labels[valid], units_of(samples.iloc[valid], competition)
        right = right if units is None else units.truth(right)
        right = right[has_label(right)]
        if not len(right):
            continue  # labels that come from masks, or rows without one
        try:
            scorer(_guesses(competition, len(right)), right, where=f"fold {fold}")
        except DataError as error:
            found[fold] = error.message
    return found


def _guesses(competition: Competition, n: int) -> NDArray[np.float64]:
    """Return `(n, n_outputs)` outputs that tell nothing of the images.

    Classes are equally likely. Numbers differ, since a correlation with equal ones is undefined
    whatever the rows of a fold are.
    """
    n_outputs = competition.n_outputs
    if not competition.kind.is_continuous:
        return np.full((n, n_outputs), 1 / n_outputs)
    return np.repeat(np.linspace(0.5, 1, n)[:, None], n_outputs, axis=1)


def _lacking_classes(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    undefined: Sequence[int],
) -> dict[str, int]:
    """Return the classes that an undefined fold lacks, the rarest first, with all their rows."""
    if competition.kind.is_continuous:
        return {}
    names, total = class_counts(competition, samples["label"])
    held = [class_counts(competition, samples["label"][folds == one])[1] for one in undefined]
    lacking = np.flatnonzero((np.array(held) == 0).any(axis=0))
    return {names[c]: int(total[c]) for c in sorted(lacking, key=lambda c: int(total[c]))}


def _mended(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    numbers: Sequence[int],
) -> tuple[str, str]:
    """Return the command behind which each fold has a score, and what it changes; "" for none."""
    spec = competition.metric
    metric = FoldLabelScorer(competition).metric
    if combination_of(spec) is None and "undefined" in metric.options:
        for value in _OF_UNDEFINED:
            options = spec.model_copy(update={"undefined": value})
            other = competition.model_copy(update={"metric": options}).at(competition.root)
            if not _reasons(other, samples, folds, numbers):
                how = "without what they lack" if value == "skip" else "as " + value
                return (
                    f"podium choose metric.undefined={value}",
                    f"these folds are scored {how}, and all rows together as before",
                )
    for n, planned, _ in fewer_folds(competition, samples):
        if not _reasons(competition, samples, planned, range(n)):
            return f"podium choose folds.n={n}", "make fewer folds, so that each has a score"
    return "", ""
