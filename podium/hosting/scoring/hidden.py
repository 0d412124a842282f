"""What every kind of hidden answers of a host can do: score a file of a submission."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.competition.scores.combination import RowSums
from podium.hosting.spec import HostSpec

__all__ = ["HiddenAnswers"]


class HiddenAnswers(Protocol):
    """The right answers: labels, masks, objects, or values of pixels.

    Attributes:
        ids: of the samples, `(N,)`.
        public, private: bool `(N,)`; a sample in neither is not scored.
        labels: the truth as one array `(N, …)`, where labels or numbers are scored; else None.
    """

    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def public(self) -> NDArray[np.bool_]: ...
    @property
    def private(self) -> NDArray[np.bool_]: ...
    @property
    def labels(self) -> NDArray[Any] | None: ...

    def is_light(self, spec: HostSpec) -> bool:
        """Return whether a file of moderate size is scored in a moment, in little memory."""

    def refuse_metric(self, spec: HostSpec) -> None:
        """Raise UsageError where the cells of the format do not hold what the metric needs."""

    def measured(self, path: Path, spec: HostSpec) -> Any:
        """Return what the metric scores of a submission: its values, or counts of its pixels.

        Of volumes it is their sums; of objects and of pixels the prediction of each image, read on
        demand.

        Raises:
            SubmissionError: the file does not fit the format; one error with all problems.
        """

    def perfect(self, spec: HostSpec) -> Any:
        """Return `measured` of a submission that is right everywhere."""

    def with_every_row(self) -> tuple[HiddenAnswers, NDArray[np.bool_]]:
        """Return answers for the rows without one too, and which rows can be scored, `(N,)`."""

    def row_sums(self, spec: HostSpec, measured: Any, rows: NDArray[np.bool_]) -> RowSums:
        """Return the metric's sums of each of the samples `rows`, one by one.

        Raises:
            DataError: the metric has none of single rows.
        """

    def score(self, spec: HostSpec, measured: Any, rows: NDArray[np.bool_], *, where: str) -> float:
        """Return the score of the samples `rows`, a bool `(N,)`.

        Raises:
            DataError: the metric is undefined for them; `where` names them.
        """
