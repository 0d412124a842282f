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
        return metrics.fitting(metric, kind, scored_by.options, task=task), scored_by.options
    return metrics.fitting(metrics.usual(task, kind), kind, task=task), {}


class FoldLabelScorer:
    """Scores the probabilities of the classification task of `competition`.

    Raises:
        DataError: the metric is unknown, does not fit the task or has no such option.
    """

    def __init__(self, competition: Competition) -> None:
        self._kind = competition.kind
        self._metric, options = _metric_of(competition, IMAGES)
        self._options = metrics.with_classes(
            self._metric, options, competition.kind, len(competition.label_names)
        )

    @property
    def name(self) -> str:
        return self._metric.name

    @property
    def metric(self) -> metrics.Metric:
        return self._metric

    @property
    def options(self) -> dict[str, Any]:
        return dict(self._options)

    def is_better(self, score: float, other: float) -> bool:
        """Return whether `score` beats `other` strictly."""
        return self._metric.is_better(score, other)

    def __call__(
        self, probs: NDArray[np.floating[Any]] | TopK, truth: NDArray[Any], *, where: str
    ) -> float:
        """Return the score of `probs` `(N, C)`, or of the likeliest of them.

        Raises:
            DataError: the score is undefined on these rows.
        """
        prediction = metric_input(probs, None, self._kind, self._metric, self._options)
        return metrics.score(self._metric, truth, prediction, where=where, **self._options)


class FoldMaskScorer:
    """Scores the decisions of the segmentation task of `competition`, image by image.

    A metric of objects, volumes or probabilities is no function of decided pixels of single images.
    Where it is the competition's, this is the mean Dice of pixels; a run's score: `mask_outputs`.

    Raises:
        DataError: as `Scorer`.
    """

    def __init__(self, competition: Competition) -> None:
        self._kind = competition.mask_kind
        self._n_outputs = competition.outputs(PIXELS)
        self._metric, self._options = _metric_of(competition, PIXELS)
        if not is_of_counts(self._metric):
            self._metric, self._options = metrics.get("mean_dice"), {}

    @property
    def name(self) -> str:
        return self._metric.name

    @property
    def metric(self) -> metrics.Metric:
        return self._metric

    @property
    def options(self) -> dict[str, Any]:
        return dict(self._options)

    def is_better(self, score: float, other: float) -> bool:
        """Return whether `score` beats `other` strictly."""
        return self._metric.is_better(score, other)

    def counts(self, truth: Mask, decision: Mask) -> NDArray[np.int64]:
        """Return the pixel counts `(K, 4)` of one image, or of a part: those of parts add up."""
        return metrics.mask_counts(truth, decision, kind=self._kind, n_outputs=self._n_outputs)

    def __call__(self, counts: NDArray[np.int64]) -> float:
        """Return the score of images with these counts `(N, K, 4)`.

        Raises:
            DataError: the score is undefined on these images.
        """
        return metrics.value(self._metric, self.sums(counts), **self._options)

    def sums(self, counts: NDArray[np.int64]) -> NDArray[Any]:
        """Return the metric's sums `(N, S)` of images with these counts `(N, K, 4)`."""
        return metrics.of_counts(self._metric, counts, kind=self._kind, **self._options)
