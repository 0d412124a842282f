"""Objects and pixels of a submission against the hidden ones, some images in memory at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.masks import IGNORE
from podium.errors import UsageError
from podium.hosting.object_solution import UnitSolution
from podium.hosting.spec import HostSpec

__all__ = ["refuse_needs", "score_of_units"]

_AT_LEAST = 0.5  # a pixel of a file of probabilities is foreground from here on


def score_of_units(
    spec: HostSpec,
    solution: UnitSolution,
    said: Sequence[Any],
    rows: NDArray[np.bool_],
    *,
    where: str,
) -> float:
    """Return the score of the images `rows`, a bool `(N,)`.

    Raises:
        DataError: the metric is undefined for them; `where` says which they are.
    """
    chosen = np.flatnonzero(rows).tolist()
    metric = spec.scored_by
    decides = metric.needs == "decisions"
    options = dict(spec.metric.options)
    known = {"kind": spec.format.kind, "n_classes": max(1, len(spec.format.classes))}
    if spec.format.kind != "instance":
        options |= {k: v for k, v in known.items() if k in metric.options and k not in options}
    return metrics.score(
        metric,
        _Some(solution.truth, chosen, decides),
        _Some(said, chosen, decides),
        where=where,
        **options,
    )


def refuse_needs(spec: HostSpec) -> None:
    """Refuse a metric that cannot be read off the cells of the format.

    Raises:
        UsageError: it needs probabilities, and the format has classes.
    """
    form, metric = spec.format, spec.scored_by
    numbers = form.value in ("prob", "scalar", "score")
    if metric.needs == "probs" and form.rows == "pixel" and not numbers:
        raise UsageError(
            f"metric {metric.name} needs probabilities, the format has a {form.value} in each cell",
            fix="set submission.value: prob, or choose a metric of decisions",
        )


@dataclass(frozen=True)
class _Some(Sequence[Any]):
    """Some of many answers, each read when asked for; of numbers, with `decides`, the mask."""

    every: Sequence[Any]
    chosen: Sequence[int]
    decides: bool

    def __len__(self) -> int:
        return len(self.chosen)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        found = self.every[self.chosen[index]]
        if self.decides and isinstance(found, np.ndarray) and found.dtype.kind == "f":
            is_known = np.isfinite(found)
            return np.where(is_known, found >= _AT_LEAST, IGNORE).astype(np.uint8)
        return found
