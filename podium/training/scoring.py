"""A fold's score in the competition's metric, by plain decisions where it needs some."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.predictions.decide import decide, default_steps

__all__ = ["Scorer"]


class Scorer:
    """Scores probabilities in the metric of `competition`.

    Raises:
        DataError: the metric is unknown, does not fit the task or has no such option.
    """

    def __init__(self, competition: Competition) -> None:
        self._kind = competition.kind
        self._options = competition.metric.options
        self._metric = metrics.fitting(competition.metric.name, self._kind, self._options)

    @property
    def name(self) -> str:
        return self._metric.name

    def is_better(self, score: float, other: float) -> bool:
        """Return whether `score` beats `other` strictly."""
        return self._metric.is_better(score, other)

    def __call__(
        self, probs: NDArray[np.floating[Any]], truth: NDArray[Any], *, where: str
    ) -> float:
        """Return the score of `probs` `(N, C)`.

        Raises:
            DataError: the score is undefined on these rows.
        """
        prediction: NDArray[Any] = probs
        if self._metric.needs == "decisions":
            prediction = decide(probs, default_steps(self._kind), self._kind)
        return metrics.score(self._metric, truth, prediction, where=where, **self._options)
