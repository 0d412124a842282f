"""Scores of units from the metric's sums of each: objects or probabilities of images, volumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.truths.masks import n_mask_classes
from podium.errors import DataError
from podium.tasks.protocols.find import pixel_kind
from podium.tasks.protocols.names import PIXELS

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.tasks.protocols.kind import Kind

__all__ = ["SumScorer", "is_of_counts"]

Sums = NDArray[Any]


def is_of_counts(metric: Metric) -> bool:
    """Return whether counts of the pixels of decided masks answer a metric of masks."""
    return not (metric.scores_objects or metric.scores_volumes or metric.scores_probs)


@dataclass(frozen=True)
class SumScorer:
    """A metric of objects, of volumes, or of the probabilities of pixels, with its options.

    Attributes:
        metric: one that has sums of units.
        kind: of the prediction for a pixel.
        options: of the metric; `kind` and `n_classes` are added where it has them.
    """

    metric: Metric
    kind: Kind
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        metric: str | Metric,
        kind: Kind,
        options: Mapping[str, Any] | None = None,
        *,
        n_classes: int,
    ) -> SumScorer:
        """Return the scorer of a metric that needs instances, volumes or probabilities of masks.

        Raises:
            DataError: the metric cannot score such masks, has no such option, or no sums.
        """
        given, kind = dict(options or {}), pixel_kind(kind)
        scored = pixel_kind("instance") if metrics.get(metric).scores_objects else kind
        fitted = metrics.fitting(metric, scored, given, task=PIXELS)
        if fitted.sums is None:
            raise DataError(f"{fitted.name} is no function of sums of single images")
        known = {"n_classes": n_classes, "kind": kind}
        # Sums of different units must agree in their length, also where a class is absent.
        return cls(fitted, kind, metrics.with_known(fitted, given, known))

    @classmethod
    def of_competition(cls, competition: Competition) -> SumScorer:
        """Return the scorer of the metric of `competition`, which is one of these.

        Raises:
            DataError: as `of`.
        """
        return cls.of(
            metrics.of(competition),
            competition.mask_kind,
            competition.metric.options,
            n_classes=n_mask_classes(competition),
        )

    def measure(self, truths: Sequence[Any], predictions: Sequence[Any]) -> Sums:
        """Return the metric's sums `(n, S)` of units."""
        found = metrics.sums(self.metric, truths, predictions, **self.options)
        assert found is not None
        return found

    def sums(self, table: Sums) -> Sums:
        """Return the sums: they are what such a table has."""
        return table

    def score(self, sums: Sums) -> float:
        """Return the score of the units with these sums `(n, S)`."""
        return metrics.value(self.metric, sums, **self.options)
