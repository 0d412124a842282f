"""Scores of a fold: the competition's metric for the scored task, the usual one for the other.

Decisions are the plain ones: the largest probability, or one half; rankings those of probabilities.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.open_set import refuse_open_set_metric
from podium.competition.scores.combination import check_combination
from podium.competition.scores.sum_scorer import is_of_counts
from podium.competition.spec import Competition
from podium.competition.truths.masks import Mask
from podium.predictions.decisions.labels import metric_input
from podium.predictions.top_k import TopK
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName

__all__ = ["FoldLabelScorer", "FoldMaskScorer", "check_metric"]


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
