"""Private scores before the end, a joint Gaussian of all submissions; and the expected shake-up.

Of submission k, honest score h, public score p and private score q, the higher the better:

    θ ~ N(μ 1, ω² R)             how good it is; μ is unknown
    h = θ + e_h                  e_h ~ N(0, C(N)): N units out of fold
    p = θ + c 1 + d + e_p        e_p ~ N(0, C(n_public))
    q = θ + c 1 + d + e_q        e_q ~ N(0, C(n_private)), other units than those of p
    d ~ N(0, τ² R)               what a submission gains or loses from OOF to test: leaks, optimism
    c ~ N(0, s²), s large        a shift that is common to all: a test set that is harder

C(n) is the covariance of the scores of paired draws of n out-of-fold units, R the correlation of
e_h: submissions that err alike are alike in θ and d, too. ω and τ are unknown; they are weighed
over a grid by how well they explain the observed scores (empirical Bayes with the weights kept;
Gelman et al., Bayesian Data Analysis, 3rd ed., chapter 5), τ with a half-Cauchy prior whose scale
is the standard error of h. All else is conditioning of Gaussians; a draw of q beyond the score of
the right answer is that score.

The shake-up is how far private scores will lie from today's public ones, and how many pairs of our
submissions will change their order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.honest import OofUnits, aligned, paired_draws
from podium.errors import DataError, UsageError, plural

__all__ = [
    "DRAWS",
    "Evidence",
    "ExpectedPrivateScore",
    "ShakeUp",
    "evidence_of",
    "sample_private",
    "shake_up",
    "split_sizes",
]


Floats = NDArray[np.float64]

DRAWS = 1000
_LEAST_DRAWS = 200
_CELLS = 100_000_000  # rows × draws × submissions that metrics without sums may take
_GRID = 2.0 ** np.arange(-3, 4)  # of ω and τ, in standard errors of h
_JITTER = 1e-6  # of the variance: two files of one blend have one score
_LEAST_PIVOT = 1e-11  # of the largest variance: below it, rounding errors of a 53-bit solver
_LEAST_WIDTH = 1e-9  # of the score: perfect files have no standard error
_LEAST_SHIFT = 5.0  # of s, in standard errors of h


@dataclass(frozen=True)
class Evidence:
    """The scores of K submissions, and their covariances; scores as the metric has them.

    Attributes:
        names: `(K,)`.
        greater_is_better: the metric's direction.
        honest: `(K,)`, over the units that all of them predicted.
        public: `(K,)`, nan where there is none.
        n_units: units out of fold.
        n_public, n_private: units of the two parts of the test set.
        cov_honest, cov_public, cov_private: `(K, K)`, of the scores of so many units.
        moved: `(n, K)`, private minus public score in each draw of a test set.
        perfect: the score of the right answer; None: not known.
        worst: the score that none is worse than; None: not known.
    """

    names: tuple[str, ...]
    greater_is_better: bool
    honest: Floats
    public: Floats
    n_units: int
    n_public: int
    n_private: int
    cov_honest: Floats
    cov_public: Floats
    cov_private: Floats
    moved: Floats
    perfect: float | None = None
    worst: float | None = None

    @property
    def sign(self) -> float:
        """1, or -1 where lower scores are better."""
        return 1.0 if self.greater_is_better else -1.0

    @property
    def correlation(self) -> Floats:
        """`(K, K)`: how far the scores of submissions move together from test set to test set."""
        return _correlation(self.cov_private)


def split_sizes(n_test: int, public_share: float) -> tuple[int, int]:
    """Return how many units of the test set are public, and private.

    Raises:
        UsageError: the share leaves one of them without a unit.
    """
    if not 0 < public_share < 1:
        raise UsageError(
            f"the public share is between 0 and 1, got {public_share:g}",
            fix="0.3 where the leaderboard is calculated with 30 % of the test data",
        )
    n_public = round(n_test * public_share)
    if not 0 < n_public < n_test:
        raise UsageError(
            f"{plural(n_test, 'test unit')} cannot be split at a public share of {public_share}"
        )
    return n_public, n_test - n_public


def evidence_of(
    names: Sequence[str],
    units: Sequence[OofUnits],
    public: Sequence[float | None],
    *,
    n_test: int,
    public_share: float,
    n: int = DRAWS,
    seed: int = 0,
) -> Evidence:
    """Return the evidence from out-of-fold units and public scores of K submissions.

    Args:
        names: `(K,)`.
        units: `(K,)`, of the blend that each was made from, by one metric.
        public: `(K,)`, None where there is none.
        n_test: units of the test set.
        public_share: the part of them that the leaderboard shows, in (0, 1).
        n: draws; fewer where the metric has no sums and units are many.
        seed: of the draws.

    Raises:
        DataError: no unit is in all of them, metrics differ, or the score of most draws is
            undefined.
        UsageError: the share splits no test set.
    """
    n_public, n_private = split_sizes(n_test, public_share)
    if not units:
        raise DataError("no submission has out-of-fold units")
    metric = units[0].metric
    if any(one.metric.identity != metric.identity for one in units):
        raise DataError("these submissions were scored by different metrics")
    same = [one.summed(_CELLS // len(units)) for one in aligned(units)]
    n_units = len(same[0])
    if same[0].sums is None:
        n = max(_LEAST_DRAWS, min(n, _CELLS // (n_units * len(same))))
    different = {id(given): one for given, one in zip(units, same, strict=True)}
    found = paired_draws(list(different.values()), n, (n_units, n_public, n_private), seed)
    # Files of one blend share its units.
    places = {key: place for place, key in enumerate(different)}
    found = found[:, :, [places[id(given)] for given in units]]
    return evidence_of_draws(
        names,
        [one.score() for one in same],
        public,
        found,
        greater_is_better=metric.greater_is_better,
        perfect=metric.perfect,
        worst=metric.worst,
        sizes=(n_units, n_public, n_private),
    )


def evidence_of_draws(
    names: Sequence[str],
    honest: Sequence[float],
    public: Sequence[float | None],
    draws: Floats,
    *,
    greater_is_better: bool,
    sizes: tuple[int, int, int],
    perfect: float | None = None,
    worst: float | None = None,
) -> Evidence:
    """Return the evidence from scores that were drawn already.

    Args:
        names, honest, public: `(K,)`.
        draws: `(n, 3, K)`: paired scores of as many units as are out of fold, public, private.
        greater_is_better: the metric's direction.
        sizes: these three numbers of units.
        perfect, worst: ends of the metric's scale; None: unknown.

    Raises:
        DataError: most of the draws have no score.
    """
    defined = draws[~np.isnan(draws).any(axis=(1, 2))]
    if 2 * len(defined) < len(draws):
        raise DataError(
            "the score is undefined in most draws of a test set",
            fix="too few units, or too few of a class, to estimate how far scores move",
        )
    covs = [np.atleast_2d(np.cov(defined[:, part].T)) for part in range(3)]
    return Evidence(
        tuple(names),
        greater_is_better,
        np.asarray(honest, dtype=np.float64),
        np.array([np.nan if one is None else one for one in public], dtype=np.float64),
        n_units=sizes[0],
        n_public=sizes[1],
        n_private=sizes[2],
        cov_honest=covs[0],
        cov_public=covs[1],
        cov_private=covs[2],
        moved=defined[:, 2] - defined[:, 1],
        perfect=perfect,
        worst=worst,
    )


def sample_private(known: Evidence, *, n: int = 20_000, seed: int = 0) -> Floats:
    """Return samples `(n, K)` of the private scores, given the observed scores."""
    rng = np.random.default_rng(seed)
    parts = _posteriors(known)
    logs = np.array([log for log, _, _ in parts])
    weights = np.exp(logs - logs.max())
    counts = rng.multinomial(n, weights / weights.sum())
    samples = [
        mean + rng.standard_normal((count, len(mean))) @ _root(cov).T
        for count, (_, mean, cov) in zip(counts.tolist(), parts, strict=True)
        if count
    ]
    drawn = np.clip(rng.permutation(np.concatenate(samples)), *_ends(known))
    return np.asarray(known.sign * drawn)


def _ends(known: Evidence) -> tuple[float, float]:
    """Return what no score, the higher the better, can be below and above."""
    scores = known.sign * np.concatenate([known.honest, known.public])
    floor = -math.inf if known.worst is None else known.sign * known.worst
    ceiling = math.inf if known.perfect is None else known.sign * known.perfect
    # A board that has scored beyond them has another scale, as of per cent.
    if np.nanmax(scores) > ceiling or np.nanmin(scores) < floor:
        return -math.inf, math.inf
    return floor, ceiling


def _posteriors(known: Evidence) -> list[tuple[float, Floats, Floats]]:
    """Return log weight, mean and covariance of the private scores, for each ω and τ."""
    k = len(known.names)
    honest, has_public = known.sign * known.honest, np.flatnonzero(~np.isnan(known.public))
    public = known.sign * known.public[has_public]
    width = math.sqrt(float(np.median(np.diag(known.cov_honest))))
    scale = max(width, _LEAST_WIDTH * float(np.abs(honest).max()), 1e-30)
    alike = _correlation(known.cov_honest) + _JITTER * np.eye(k)
    centre = float(honest.mean())
    gaps = public - honest[has_public]
    shift = max(_LEAST_SHIFT * scale, 2 * abs(float(gaps.mean()))) if len(has_public) else 0.0
    level = max(_LEAST_SHIFT * scale, 2 * float(np.ptp(honest)))
    least = max(_JITTER * scale**2, _LEAST_PIVOT * (shift**2 + level**2))
    jitter = least * np.eye(k)
    values = np.concatenate([honest, public]) - centre
    has_taus = len(has_public) >= 2  # differences between submissions show in two gaps at least
    found = []
    for omega in _GRID * scale:
        for tau in _GRID * scale if has_taus else [scale * _GRID[0]]:
            skill = omega**2 * alike + level**2
            moved = skill + shift**2 + tau**2 * alike
            of_public = (moved + known.cov_public)[np.ix_(has_public, has_public)]
            cov = np.block(
                [
                    [skill + known.cov_honest + jitter, skill[:, has_public]],
                    [skill[has_public], of_public + jitter[np.ix_(has_public, has_public)]],
                ]
            )
            cross = np.hstack([skill, moved[:, has_public]])
            solved = np.linalg.solve(cov, np.column_stack([cross.T, values]))
            mean = centre + cross @ solved[:, -1]
            left = moved + known.cov_private - cross @ solved[:, :-1]
            _, log_det = np.linalg.slogdet(cov)
            log = -0.5 * (log_det + values @ solved[:, -1])
            at = tau / scale
            log += math.log(at / (1 + at**2))  # half-Cauchy; the grid is even in log τ
            found.append((float(log), mean, (left + left.T) / 2))
    return found


def _root(cov: Floats) -> Floats:
    """Return a square root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(cov)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _correlation(cov: Floats) -> Floats:
    widths = np.sqrt(np.diag(cov))
    widths = np.where(widths > 0, widths, 1.0)
    found = cov / np.outer(widths, widths)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


_BOUNDS = (0.025, 0.975)


@dataclass(frozen=True)
class ExpectedPrivateScore:
    """The expected change of one submission's score.

    Attributes:
        id: its name.
        public: its score today, None where there is none.
        moved: bounds of 95 % of private − public score, in draws of test sets from the OOF.
        moved_sd: the standard deviation of these.
        private: the expected private score, given the observed scores.
        private_interval: bounds that hold it with 95 %.
        best: the probability that it has the best private score of ours; equal ones share it.
    """

    id: str
    public: float | None
    moved: tuple[float, float]
    moved_sd: float
    private: float
    private_interval: tuple[float, float]
    best: float


@dataclass(frozen=True)
class ShakeUp:
    """The expected changes in the order of our own submissions on the private part.

    Attributes:
        n_public, n_private: assumed units of the two parts.
        submissions: in the order of the arguments.
        turned: the expected share of pairs whose private order is not their public order; None
            with fewer than two public scores.
        keeps_best: the probability that the best public one today is also our best private one.
        expected_best: the expected private score of the best of ours, which nobody can choose.
        best_public: id of today's best public one; None where there is none.
    """

    n_public: int
    n_private: int
    submissions: tuple[ExpectedPrivateScore, ...]
    turned: float | None
    keeps_best: float | None
    expected_best: float
    best_public: str | None


def shake_up(
    known: Evidence, samples: NDArray[np.float64] | None = None, *, seed: int = 0
) -> ShakeUp:
    """Return the expected shake-up of the submissions in `known`.

    Args:
        known: what `evidence_of` returned.
        samples: `(n, K)`, the result of `sample_private`; None: drawn here.
        seed: of the samples.
    """
    drawn = sample_private(known, seed=seed) if samples is None else samples
    good = known.sign * drawn
    best = _shares_of_best(good)
    low, high = np.quantile(drawn, _BOUNDS, axis=0)
    moved_low, moved_high = np.quantile(known.moved, _BOUNDS, axis=0)
    each = tuple(
        ExpectedPrivateScore(
            name,
            None if np.isnan(known.public[k]) else float(known.public[k]),
            (float(moved_low[k]), float(moved_high[k])),
            float(known.moved[:, k].std(ddof=1)),
            float(drawn[:, k].mean()),
            (float(low[k]), float(high[k])),
            float(best[k]),
        )
        for k, name in enumerate(known.names)
    )
    public = known.sign * known.public
    has_public = np.flatnonzero(~np.isnan(public))
    first = int(has_public[np.argmax(public[has_public])]) if len(has_public) else None
    return ShakeUp(
        known.n_public,
        known.n_private,
        each,
        _share_of_swapped_pairs(good[:, has_public], public[has_public]),
        None if first is None else each[first].best,
        float(known.sign * good.max(axis=1).mean()),
        None if first is None else known.names[first],
    )


def _shares_of_best(good: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how often each column is the greatest; equal ones share."""
    is_best = good == good.max(axis=1, keepdims=True)
    return np.asarray((is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=0))


def _share_of_swapped_pairs(good: NDArray[np.float64], public: NDArray[np.float64]) -> float | None:
    """Return the mean share of pairs with a public order that the private scores reverse."""
    shares = []
    for a in range(len(public)):
        for b in range(a):
            if public[a] != public[b]:
                better, worse = (a, b) if public[a] > public[b] else (b, a)
                shares.append((good[:, better] < good[:, worse]).mean())
    return float(np.mean(shares)) if shares else None
