"""Estimates of the score of a test set, as commands print them and a run or a blend keeps them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.workspace.display import telling_interval

__all__ = ["ONE_EACH", "ExpectedScore", "OnTestLike", "effective_size", "public_rows"]

ONE_EACH = "one prediction of each row"
"""Of one model, or the mean over several that one file has: such a file does not say which."""
_FEW_GROUPS = 5  # of a test set: fewer make the interval wider than its rows would


@dataclass(frozen=True)
class ExpectedScore:
    """The score to expect of the test set.

    Attributes:
        score: of the mean of the models; None where nothing tells it.
        interval: bounds of 95 % of the score of so many rows; None where it is undefined, and where
            they are the ends of the metric's scale.
        gain: what the mean adds to the honest score of single models; None: that is not known, and
            `score` is the honest one.
        n_models: whose mean a test row gets: those of the folds, and a refit.
        n_rows: what is scored of the test set: images, or units of several.
        n_public: how many of these the public score is of; None: unknown.
        public_interval: bounds of 95 % of that score.
        n_groups: of the out-of-fold rows, where these are drawn in groups; None: they are not.
        n_groups_drawn: how many such groups so many test rows are as many as.
        why_not: why nothing tells the score; None where it is known.
    """

    score: float | None
    interval: tuple[float, float] | None
    gain: float | None
    n_models: int
    n_rows: int
    n_public: int | None = None
    public_interval: tuple[float, float] | None = None
    n_groups: int | None = None
    n_groups_drawn: int | None = None
    why_not: str | None = None

    @property
    def knows_gain(self) -> bool:
        """Whether the score is that of the mean; where not, it is that of single models."""
        return self.gain is not None or self.n_models == 1

    @property
    def is_of_public(self) -> bool:
        """Whether the range that is shown is that of the public score.

        The host shows that score first, and of two ranges for one file one is taken for the other.
        """
        return self.knows_gain and self.n_public is not None and self.public_interval is not None

    @property
    def shown_interval(self) -> tuple[float, float] | None:
        """The one range that commands and pages show; None where there is none.

        So it is where it is that of single models, which their mean may leave, and where its bounds
        are one number.
        """
        if not self.knows_gain:
            return None
        return telling_interval(self.public_interval if self.is_of_public else self.interval)

    def __str__(self) -> str:
        """Return the line that commands print."""
        if self.score is None:
            return f"nothing to expect of the test set: {self.why_not}"
        what = f"{ONE_EACH}, taken to be one model's (docs/importing.md)"
        if self.n_models > 1:
            what = f"mean of {self.n_models} models"
        if not self.knows_gain:
            what = (
                "that of single models, without a range: what the mean of "
                f"{self.n_models} adds is not known"
            )
        of, bounds, rows = "test set", self.shown_interval, f"{self.n_rows:,} test rows"
        if self.is_of_public:
            of, rows = "public score", f"{self.n_public:,} of {rows}"
        line = f"to expect of the {of}: {self.score:.4f}{_bounds(bounds)}: {what}, {rows}"
        if bounds is None and self.knows_gain and self.n_groups != 1:
            why = "so few rows tell none" if self.interval is None else "all rows score the same"
            return f"{line}; no range: {why}"
        return line + self._why_wide()

    def _why_wide(self) -> str:
        """Return that the interval is of few groups, which it cannot be narrow of; "" of many.

        Of one group there is none: nothing shows how groups differ.
        """
        n, drawn = self.n_groups, self.n_groups_drawn
        if n is None or drawn is None:
            return ""
        if n == 1:
            return "; no interval, as all rows that were scored are of one group"
        if self.shown_interval is None or min(n, drawn) >= _FEW_GROUPS:
            return ""
        return (
            "; the interval is wide: rows of one group err alike, so groups count, not rows; "
            f"{n:,} groups were scored, and the test set is as large as {drawn:,} of them"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON that commands print."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> ExpectedScore:
        """Return what `to_json` made JSON of."""
        names = ("interval", "public_interval")
        bounds = {name: None if found[name] is None else tuple(found[name]) for name in names}
        return cls(**{**found, **bounds})


def public_rows(n_rows: int, share: float | None) -> int | None:
    """Return how many of the test rows the public score is of; None where no `share` tells it.

    Example:
        >>> public_rows(120, 0.25), public_rows(120, None)
        (30, None)
    """
    return None if share is None else max(1, round(share * n_rows))


def _bounds(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f" (95 %: {interval[0]:.4f} to {interval[1]:.4f})"


@dataclass(frozen=True)
class OnTestLike:
    """An estimate of the score on this test set.

    Attributes:
        score: of the train rows, weighted to look like the test set; None where they cannot be.
        interval: bounds of 95 % of it; None where it is undefined.
        n_effective: number of rows that it rests on, as Kish counts weighted ones.
        metric: the name of the metric that it is a score of.
        why_not: why there is no score, a sentence; "" where there is one.
        n_rows: the rows that were weighted; None in records of before they were counted.
    """

    score: float | None
    interval: tuple[float, float] | None
    n_effective: float
    metric: str
    why_not: str = ""
    n_rows: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON that commands print."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> OnTestLike:
        """Return what `to_json` made JSON of."""
        bounds = found["interval"]
        return cls(**{**found, "interval": None if bounds is None else (bounds[0], bounds[1])})


def effective_size(weights: NDArray[np.float64]) -> float:
    """Return Kish's effective sample size, (Σ w)² / Σ w².

    Example:
        >>> effective_size(np.array([1.0, 1.0, 0.0])), effective_size(np.array([3.0, 1.0]))
        (2.0, 1.6)
    """
    total = float(weights.sum())
    return total**2 / float((weights**2).sum()) if total > 0 else 0.0
