"""The score of each of several outputs: which of them is predicted worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from podium.competition import metrics
from podium.errors import DataError
from podium.predictions.top_k import require_dense
from podium.reporting.labels.evaluation import LabelEvaluation
from podium.tasks.protocols.names import IMAGES
from podium.tasks.protocols.outputs import blocks, by_output

__all__ = ["OutputScore", "ScoreByOutput", "score_by_output"]


@dataclass(frozen=True)
class OutputScore:
    """The score of one output.

    Attributes:
        name: of the output.
        n_classes: that it has.
        n_rows: of which its class is known.
        weight: of it in the score of all.
        score: over these rows; nan where undefined.
    """

    name: str
    n_classes: int
    n_rows: int
    weight: float
    score: float


@dataclass(frozen=True)
class ScoreByOutput:
    """Scores of outputs by the metric of a competition.

    Attributes:
        metric: its name.
        outputs: their scores, in order.
        whole: the score of all; nan where undefined.
    """

    metric: str
    outputs: list[OutputScore]
    whole: float


def score_by_output(lens: LabelEvaluation) -> ScoreByOutput | None:
    """Return the score of each output; None of other kinds, and of a metric without weights.

    Args:
        lens: the rows.
    """
    competition = lens.competition
    spec = competition.metric_of(IMAGES)
    if not competition.kind.is_by_output or spec is None:
        return None
    metric, classes = metrics.of(competition), by_output(competition.classes)
    if "weights" not in metric.options:  # of a user's own metric nothing is known of one output
        return None
    options = metrics.with_classes(metric, spec.options, competition.kind, len(competition.classes))
    prediction = lens.decisions
    if metric.scores_probs:
        prediction = require_dense(lens.probs, who="a score of an output")

    def scored(weights: list[float]) -> float:
        try:
            given = {**options, "weights": weights}
            return metrics.score(metric, lens.truth, prediction, **given)
        except DataError:
            return np.nan  # no row of it is known, or all of these are of one class

    weights = [float(one) for one in options.get("weights") or [1.0] * len(classes)]
    outputs = [
        OutputScore(
            name,
            len(own),
            int((lens.truth[:, block] == 1).any(axis=1).sum()),
            weights[at],
            scored([float(other == at) for other in range(len(classes))]),
        )
        for at, ((name, own), block) in enumerate(
            zip(classes.items(), blocks(competition.kind.sizes), strict=True)
        )
    ]
    return ScoreByOutput(metric.name, outputs, scored(weights))
