"""Whether a tuned decision pays, found by an inner cross-fit on the very rows that it is fitted on.

The gain on the rows that a decision was fitted on is no evidence: of k rows it wins those that it
was bent around, and loses none. So the rows are split once more, or several times where they are
few. Every part is decided by what the other parts fit, and what was fitted is kept where these
decisions gain more over the plain ones than the standard error of the gain, by a paired bootstrap
(the one-standard-error rule, Breiman et al. 1984, §3.4.3, which prefers the simpler model).

Few rows give few different gains. A bootstrap of one row that was won, and none that was lost, is
1/n ± 1/n; of two it is 2/n ± 1.4/n. So the error is that of two more rows, one won and one lost
(Agresti and Coull 1998, The American Statistician 52, add them to a share for the same reason), and
fewer than `MIN_CHANGED` rows that are decided otherwise are no evidence at all.

Where probabilities give how likely each row's answer is, the gain is also expected by them, on rows
decided by the same inner cross-fit (`labels/believed.py`): that has next to no noise, and an error
of its own. Both count, each by how exact it is, so that luck alone, or a wrong model, is outvoted.

The search calls this inside each of its fits, so that the honest score has the rule in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores import bootstrap
from podium.errors import DataError
from podium.tuning.curves import group_codes

__all__ = [
    "ASKED",
    "DRAWS",
    "MIN_UNITS",
    "GainEvidence",
    "Kept",
    "evidence_of",
    "inner_parts",
    "keep_what_pays",
]


INNER_FOLDS = 5
ROWS_IN_ALL = 2_000  # over the repeats: few rows are split several times
MOST_REPEATS = 4
DRAWS = 100
MIN_CHANGED = 4  # rows that are decided otherwise, on average over the repeats
ASKED = "nothing is tuned, as was asked for"
BELIEVED_ROWS = 1_000  # that an expected gain is worth
DOUBT = 0.5  # standard error of an expected gain, as a share of it
MIN_UNITS = 10  # fewer rows, or groups, say nothing about a decision


P = TypeVar("P")
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GainEvidence:
    """The evidence that a tuned decision pays.

    Attributes:
        n_units: rows, or groups of rows, that were split.
        gain: of the inner cross-fit over the plain decision, above 0 where it is better.
        error: its standard error, that of two more rows, one won and one lost.
        n_changed: units that are decided otherwise, on average over the repeats.
        lacking: which rows there are too few of; "" where there are enough.
        are_groups: whether the units are groups of several rows.
        is_expected: whether the gain is in part what the rows' probabilities lead to expect.
        n_rows: the rows of all units; None: not counted.
    """

    n_units: int
    gain: float = 0.0
    error: float = float("inf")
    n_changed: float = 0.0
    lacking: str = ""
    are_groups: bool = False
    is_expected: bool = False
    n_rows: int | None = None

    def scaled(self, factor: float) -> GainEvidence:
        """Return the evidence by a score of which this one is a term with the weight `factor`."""
        return replace(self, gain=factor * self.gain, error=factor * self.error)

    @property
    def pays(self) -> bool:
        """Whether the tuned decision is kept."""
        return not self.lacking and self.n_changed >= MIN_CHANGED and self.gain > self.error

    def __str__(self) -> str:
        """Return the reason in words."""
        if self.lacking:
            return self.lacking
        units = f"{self.n_units:,} {'groups' if self.are_groups else 'rows'}"
        if not self.n_changed:
            of_rows = f" ({self.n_rows:,} rows)" if self.are_groups and self.n_rows else ""
            return f"tuning changes no decision in {units}{of_rows}"
        gains = f"gains {self.gain:+.4f}" if self.gain >= 0 else f"loses {-self.gain:.4f}"
        also = " (in part estimated from probabilities)" if self.is_expected else ""
        changes = "decisions in" if self.are_groups else "the decision of"
        n_changed = round(self.n_changed)
        changed = f"{n_changed or 'fewer than 1'} of {units}"
        return (
            f"tuning {gains} ± {self.error:.4f} on rows it was not fitted on{also}, and changes "
            f"{changes} {changed}{'' if n_changed else ' on average'}"
        )


@dataclass(frozen=True)
class Kept(Generic[P]):
    """The decision that is kept, and why.

    Attributes:
        decision: the tuned one, or the plain one.
        plain: the plain one.
        is_tuned: whether it is the tuned one.
        evidence: of the best candidate.
    """

    decision: P
    plain: P
    is_tuned: bool
    evidence: GainEvidence

    @classmethod
    def untuned(cls, plain: P, n_units: int, why: str) -> Kept[P]:
        """Return the plain decision of so many units, and why it is not tuned."""
        return cls(plain, plain, False, GainEvidence(n_units, lacking=why))

    def plainly(self) -> Kept[P]:
        """Return the plain decision in its place."""
        return replace(self, decision=self.plain, is_tuned=False)


def inner_parts(
    n_rows: int,
    *,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    rows_in_all: int = ROWS_IN_ALL,
) -> list[Rows]:
    """Return the part `(N,)` of each row, for every repeat of the inner split.

    Classes are not spread evenly over the parts. How frequent they are is a part of what is fitted,
    and in a part that has the same shares by construction it would seem to hold.

    Args:
        n_rows: N.
        groups: `(N,)`: rows that stay together; None: each by itself.
        seed: of the splits.
        rows_in_all: so many rows, or groups, are split in all repeats together, more or less.

    Example:
        >>> (parts, *_) = inner_parts(10)
        >>> np.bincount(parts).tolist()
        [2, 2, 2, 2, 2]
    """
    codes, n_units = group_codes(groups, n_rows)
    n_folds = min(INNER_FOLDS, n_units)
    found = []
    for repeat in range(int(np.clip(rows_in_all // max(1, n_units), 1, MOST_REPEATS))):
        part = np.random.default_rng([seed, repeat]).permutation(n_units) % n_folds
        found.append(part[codes].astype(np.int64))
    return found


def evidence_of(
    plain: Scored, tuned: Sequence[Scored], *, groups: NDArray[Any] | None = None, seed: int = 0
) -> GainEvidence:
    """Return the evidence of decisions that were cross-fitted once a repeat.

    Args:
        plain: the rows, decided plainly.
        tuned: the same rows, decided by what other rows fitted, for each repeat.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        seed: of the draws.
    """
    codes, n_units = group_codes(groups, len(plain))
    changed = [np.unique(codes[one.differs(plain)]).size for one in tuned]
    n_changed = float(np.mean(changed))
    are_groups = n_units < len(plain)
    if not n_changed:
        return GainEvidence(n_units, are_groups=are_groups, n_rows=len(plain))
    gain = float(np.mean([one.goodness() for one in tuned])) - plain.goodness()
    # One seed for all: each draw takes the same rows, so that differences are paired.
    of_plain = plain.drawn(codes, seed)
    gains = np.mean([one.drawn(codes, seed) for one in tuned], axis=0) - of_plain
    gains = gains[~np.isnan(gains)]
    spread = float(np.std(gains, ddof=1)) if len(gains) > DRAWS // 2 else float("inf")
    error = spread * float(np.sqrt(1 + 2 / n_changed))
    return GainEvidence(n_units, gain, error, n_changed, are_groups=are_groups)


@dataclass(frozen=True)
class Scored:
    """Rows that were decided, as a metric scores them: by sums, or by truth and prediction."""

    metric: Metric
    options: Mapping[str, Any]
    prediction: NDArray[Any]
    truth: NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.prediction)

    def take(self, rows: Rows) -> Scored:
        """Return some of the rows."""
        truth = None if self.truth is None else self.truth[rows]
        return replace(self, prediction=self.prediction[rows], truth=truth)

    def differs(self, other: Scored) -> NDArray[np.bool_]:
        """Return `(N,)`: which rows are decided otherwise."""
        found = self.prediction != other.prediction
        return np.asarray(found.reshape(len(found), -1).any(axis=1))

    def goodness(self) -> float:
        """Return the score, greater for better; -inf where it is undefined."""
        return self.metric.goodness_of(self._score)

    def _score(self) -> float:
        if self.truth is None:
            return metrics.value(self.metric, self.prediction, **self.options)
        return metrics.score(self.metric, self.truth, self.prediction, **self.options)

    def drawn(self, codes: NDArray[np.int64], seed: int) -> Floats:
        """Return the goodness `(DRAWS,)` of resampled units, nan where it is undefined."""
        given: dict[str, Any] = {"n": DRAWS, "seed": seed, "groups": codes, **self.options}
        if self.truth is None:
            found = bootstrap.scores(self.metric, sums=self.prediction, **given)
        else:
            found = bootstrap.scores(self.metric, self.truth, self.prediction, **given)
        return found if self.metric.greater_is_better else -found


def keep_what_pays(
    fit: Callable[[Rows], Sequence[P]],
    apply: Callable[[P, Rows], NDArray[Any]],
    scored: Callable[[NDArray[Any], Rows], Scored],
    plain: P,
    *,
    parts: Sequence[Rows],
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    expected: Callable[[NDArray[Any]], NDArray[Any]] | None = None,
) -> Kept[P]:
    """Return the candidate that scores best in an inner cross-fit if it pays, else `plain`.

    Args:
        fit: from row numbers to candidates, the plainest first; as many, and of the same meaning,
            for any rows. DataError: nothing can be fitted on these; the part that is decided by
            them is then decided plainly.
        apply: from a candidate and row numbers to what is scored, one a row.
        scored: from that of some rows, and the rows, to their score.
        plain: the decision that needs no evidence.
        parts: what `inner_parts` returned.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        seed: of the draws.
        expected: from what is scored of all rows to the sums `(N, S)` that are expected of it, by
            what is believed of the rows; None: only what is observed counts.

    Raises:
        DataError: nothing can be fitted on all rows.
    """
    rows = np.arange(len(parts[0]))
    of_plain = apply(plain, rows)
    n_units = group_codes(groups, len(rows))[1]
    final = fit(rows)
    if not final:
        return Kept.untuned(plain, n_units, "no other decision is tried")
    found = np.stack([np.stack([of_plain] * len(final))] * len(parts))  # (R, A, N, …)
    for r, part_of in enumerate(parts):
        for part in np.unique(part_of):
            inside, outside = (np.flatnonzero(one) for one in (part_of == part, part_of != part))
            try:
                each = fit(outside)
            except DataError:
                continue
            for a, candidate in enumerate(each):
                found[r, a, inside] = apply(candidate, inside)
    observed = scored(of_plain, rows)
    # The ways to score all rows: as they were observed and, where it is given, as is expected.
    ways: list[Callable[[NDArray[Any]], Scored]] = [lambda one: scored(one, rows)]
    weights = np.ones(1)
    if expected is not None:
        ways.append(lambda one: Scored(observed.metric, observed.options, expected(one)))
        weights = np.array([n_units, BELIEVED_ROWS]) / (n_units + BELIEVED_ROWS)
    plains = [way(of_plain) for way in ways]
    each_way = [[[way(one) for one in each] for each in found] for way in ways]  # (ways, R, A)
    goodness = [
        weights @ [np.mean([of_part[a].goodness() for of_part in way]) for way in each_way]
        for a in range(len(final))
    ]
    best = int(np.argmax(goodness))
    if len(final) == 1:
        tuned = [[each[0] for each in way] for way in each_way]
    else:
        picks = [
            _chosen_by_others(plains, [way[r] for way in each_way], part_of, weights)
            for r, part_of in enumerate(parts)
        ]
        tuned = [
            [_picked(one, each, of) for each, of in zip(way, picks, strict=True)]
            for one, way in zip(plains, each_way, strict=True)
        ]
    evidence, *of_expected = (
        evidence_of(one, way, groups=groups, seed=seed)
        for one, way in zip(plains, tuned, strict=True)
    )
    for one in of_expected:
        evidence = _together(evidence, one)
    return Kept(final[best] if evidence.pays else plain, plain, evidence.pays, evidence)


def _together(observed: GainEvidence, expected: GainEvidence) -> GainEvidence:
    """Return the evidence of both, each weighted by how exact it is.

    What is expected follows from a model of the rows: it is worth no more than `BELIEVED_ROWS` rows
    that are observed, and may be off by a share of itself.
    """
    doubt = observed.error**2 * observed.n_units / BELIEVED_ROWS + (DOUBT * expected.gain) ** 2
    variances = np.array([observed.error**2, expected.error**2 + doubt])
    if not np.isfinite(variances).all() or not variances.all():
        return observed
    weights = 1 / variances
    gain = float(weights @ [observed.gain, expected.gain] / weights.sum())
    return replace(observed, gain=gain, error=float(weights.sum() ** -0.5), is_expected=True)


def _chosen_by_others(
    plains: Sequence[Scored],
    each: Sequence[Sequence[Scored]],
    part_of: Rows,
    weights: Floats,
) -> NDArray[np.int64]:
    """Return for each row which candidate is best on the other parts; -1: the plain decision.

    The best of several candidates is partly luck: on the rows that chose it, too.

    Args:
        plains: the rows, decided plainly, as they are and as they are believed to be.
        each: of both the candidates, cross-fitted.
        part_of: `(N,)`.
        weights: of both.
    """
    found = np.full(len(part_of), -1)
    for part in np.unique(part_of):
        inside, outside = (np.flatnonzero(one) for one in (part_of == part, part_of != part))
        # Of equal ones the plain one.
        goodness = [
            weights @ [one.take(outside).goodness() for one in tried]
            for tried in [plains, *zip(*each, strict=True)]
        ]
        found[inside] = int(np.argmax(goodness)) - 1
    return found


def _picked(plain: Scored, each: Sequence[Scored], picks: NDArray[np.int64]) -> Scored:
    """Return the rows, each decided by the candidate that was picked for it."""
    prediction = plain.prediction.copy()
    for a, one in enumerate(each):
        prediction[picks == a] = one.prediction[picks == a]
    return replace(plain, prediction=prediction)
