"""The score to expect of a test set that the mean of K fold models predicts.

An out-of-fold score is that of single models: each row is predicted by one of them. A test row gets
the mean of K, which errs less. By how much follows from the predictions of the test rows. Where the
models agree the mean changes nothing. Where they do not, the mean is right as often as it may be
believed, and that is settled by what is known: as single models, one a row, they must score what
they scored out of fold.

So the truth of test row i is drawn from the mean p̄ of its predictions, sharpened or blunted by one
number t for all rows:

    classes:  q_i ∝ p̄_i^(1/t)        yes or no:  logit q_i = logit p̄_i / t
    numbers:  y_i = p̄_i + t · z_i, z normal (of an order: rounded)

t is where the expected score of one model a row, over such truths, is the honest score. The gain is
the expected score of the mean over the same truths, less that of single models. For squared errors
this is an identity, whatever is true (Krogh and Vedelsby 1995, eq. 6): the mean's error is that of
the models less their variance around it.

The interval is of the score that this test set will have, not of an average over all test sets: the
frequencies of the out-of-fold rows are drawn (a Bayesian bootstrap, Rubin 1981), and then as many
rows as the test set has, with these frequencies. Where other out-of-fold rows would have scored
better, the gain would be another one, too; and a third of the gain is taken as its own error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri, softmax, stdtrit

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores.bootstrap import scores_of_counts, unit_codes
from podium.errors import DataError

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "Gain",
    "bounded_slope",
    "can_draw_truth",
    "contradicts",
    "expected_interval",
    "gain_of_mean",
    "groups_of_rows",
    "makes_perfect",
    "possible",
]

N_DRAWS = 400
ERROR_OF_GAIN = 1 / 3  # standard deviations, as a share of the gain
DOUBTFUL = 2.0  # rows
_DRAWS_AT_ONCE = 50
_STEPS = 14  # of the bisection: 8 / 2^14 of log t
_MOST_ERRORS = 3.0
_SLOPES = (-1.0, 3.0)  # beyond, the honest score tells nothing
_WIDEST = 4.0  # log t
_ROWS_A_STEP = 20_000
_LEAST_PROB = 1e-6

Floats = NDArray[np.floating[Any]]
Decide = Callable[[Floats], Any]


def can_draw_truth(kind: Kind) -> bool:
    """Return whether a truth can be drawn for what models predict."""
    return not kind.is_of_pixels and not kind.is_circular and (kind.is_prob or kind.is_single)


@dataclass(frozen=True)
class Gain:
    """What the mean of the models scores, less what single ones do.

    Attributes:
        value: at the honest score.
        slope: by how much it grows as the honest score does.
    """

    value: float = 0.0
    slope: float = 0.0


def gain_of_mean(
    metric: str | Metric,
    models: Floats,
    kind: Kind,
    *,
    honest: float,
    error: float,
    decide: Decide,
    mean: Floats | None = None,
    shares: NDArray[np.float64] | None = None,
    seed: int = 0,
    **options: Any,
) -> Gain | None:
    """Return what the mean of K models scores on test rows, less what single ones do.

    None where they contradict each other more than models of such a score can, whatever is true:
    then these rows are not like those that they were scored on. None also where the mean would be
    perfect: so near to the end of the scale, where the truth that is drawn is what the mean
    predicts, their disagreement shows what single models lack at most, and no gain.

    Args:
        metric: a metric's name, or the metric.
        models: `(K, N, C)`, the predictions of the test rows by each.
        kind: of the task, one that `can_draw_truth`.
        honest: the score of the models out of fold, one a row.
        error: its standard error, between whose ends the slope is.
        decide: from predictions `(N, C)` to what the metric scores.
        mean: `(N, C)`, what the test rows get; None: the mean of the models.
        shares: `(K,)`, of the out-of-fold rows that each model predicted; None: equal.
        seed: of the truths.
        options: of the metric.

    Raises:
        DataError: no truth that is drawn has a score.
    """
    metric = metrics.get(metric)
    k, n = models.shape[:2]
    sent = models.mean(axis=0, dtype=np.float64) if mean is None else np.asarray(mean, np.float64)
    if k < 2:
        return Gain()
    n_truths = int(np.clip(_ROWS_A_STEP // n, 4, 32))
    share = np.full(k, 1 / k) if shares is None else shares / shares.sum()
    singles = [_one_a_row(models, share, seed, r) for r in range(4 * n_truths)]
    decided = [decide(one) for one in singles]
    of_mean = decide(sent.astype(models.dtype))
    last = options["n_classes"] - 1 if options.get("n_classes") else None

    def single_score(x: float) -> float:
        truths = _truths(kind, sent, x, n_truths, seed, last)
        return _mean_score(metric, list(truths), decided[:n_truths], options)

    def gain_at(score: float, n: int) -> tuple[float, float]:
        """Return what single models score where they should score so, and the gain there."""
        x = _matching(single_score, score, greater_is_better=metric.greater_is_better)
        truths = list(_truths(kind, sent, x, n, seed, last))
        single = _mean_score(metric, truths, decided[:n], options)
        return single, _mean_score(metric, truths, [of_mean] * n, options) - single

    single, value = gain_at(honest, len(decided))
    if contradicts(metric, honest, single, error) or makes_perfect(metric, honest, value):
        return None
    low, high = (gain_at(honest + sign * error, len(decided)) for sign in (-1, 1))
    return Gain(value, bounded_slope(low, high, error))


def contradicts(metric: Metric, honest: float, reached: float, error: float) -> bool:
    """Return whether the honest score is better than any truth allows models that differ so."""
    return metric.is_better(honest, reached) and abs(honest - reached) > _MOST_ERRORS * error


def makes_perfect(metric: Metric, honest: float, gain: float) -> bool:
    """Return whether a gain leads an imperfect score to the end of the metric's scale."""
    if metric.perfect is None or not metric.is_better(metric.perfect, honest):
        return False
    return not metric.is_better(metric.perfect, honest + gain)


def bounded_slope(low: tuple[float, float], high: tuple[float, float], error: float) -> float:
    """Return by how much the gain grows as the score does, from two pairs of score and gain."""
    step = high[0] - low[0]
    slope = (high[1] - low[1]) / step if abs(step) > error / 2 > 0 else 0.0
    return float(np.clip(slope, *_SLOPES))


def expected_interval(
    metric: str | Metric,
    truth: Any = None,
    prediction: Any = None,
    *,
    sums: NDArray[Any] | None = None,
    groups: Any = None,
    n_rows: int,
    gain: Gain = Gain(),
    n: int = N_DRAWS,
    seed: int = 0,
    **options: Any,
) -> tuple[float, float] | None:
    """Return bounds of 95 % of the score of `n_rows` fresh rows; None where it is undefined.

    Of rows that are all of one group, too: nothing shows how much groups differ.

    Args:
        metric: a metric's name, or the metric.
        truth, prediction, sums, groups: of the out-of-fold rows, as `bootstrap.interval` takes
            them; a fresh row is as one of these.
        n_rows: of the test set.
        gain: by how much its score is better than that of the rows.
        n: number of draws.
        seed: of the draws.
        options: of the metric.
    """
    metric = metrics.get(metric)
    n_known = len(truth if sums is None else sums)
    codes = unit_codes(groups, n_known)
    n_units, rng = int(codes.max()) + 1, np.random.default_rng(seed)
    if n_units == 1 < n_known:
        return None
    n_drawn = groups_of_rows(n_rows, n_units, n_known)
    is_doubtful = sums is None and metric.greater_is_better
    is_doubtful &= truth is not None and np.asarray(truth).dtype.kind in "bui"
    if is_doubtful:
        truth, prediction, codes = _with_doubtful(truth, prediction, codes, rng)
    try:
        if sums is None and metric.sums is not None and metric.score_draws is None:
            sums = metrics.sums(metric, truth, prediction, **options)
    except DataError:
        return None
    has_groups = n_units < n_known

    def drawn(n_doubtful: int) -> NDArray[np.float64]:
        """Return `n` scores, with `n_doubtful` rows that may be right by chance among the units."""
        found = []
        for first in range(0, n, _DRAWS_AT_ONCE):
            size = min(_DRAWS_AT_ONCE, n - first)
            if has_groups:
                counts = _counts_of_groups(rng, size, n_units, n_drawn, n_rows, n_known, n_doubtful)
            else:
                belief = np.append(np.ones(n_units), np.full(n_doubtful, DOUBTFUL / n_known))
                weights = rng.gamma(belief, size=(size, len(belief)))
                shares = weights / weights.sum(axis=1, keepdims=True)
                counts = rng.multinomial(n_drawn, shares)
            unused = int(codes.max()) + 1 - counts.shape[1]
            counts = np.pad(counts, ((0, 0), (0, unused)))
            found.append(
                scores_of_counts(metric, codes, [counts], truth, prediction, sums=sums, **options)
            )
        return np.concatenate(found)

    def ends(scores: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Return both ends of what was drawn, with the gain and its error; None: undefined."""
        if np.isnan(scores).sum() * 2 > n:
            return None
        if has_groups:
            scores = np.nanmean(scores) + _few(n_units) * (scores - np.nanmean(scores))
        # The deviation of the frequencies has this share of the variance, the test set the rest.
        share, off = n_rows / (n_rows + n_known), scores - np.nanmean(scores)
        known = share * off
        known += np.sqrt(share * (1 - share)) * np.nanstd(scores) * rng.standard_normal(n)
        scores += gain.value * (1 + ERROR_OF_GAIN * rng.standard_normal(n)) + gain.slope * known
        found: NDArray[np.float64] = np.nanquantile(scores, [0.025, 0.975])
        return found

    found = ends(drawn(n_known if is_doubtful else 0))
    if found is None:
        return None
    low, high = found
    if is_doubtful and has_groups:
        # Doubt is a reason for a lower end, and none against a high score.
        sure = ends(drawn(0))
        high = high if sure is None else max(high, sure[1])
    return possible(metric, float(low)), possible(metric, float(high))


def _counts_of_groups(
    rng: np.random.Generator,
    size: int,
    n_groups: int,
    n_drawn: int,
    n_rows: int,
    n_known: int,
    n_doubtful: int,
) -> NDArray[np.int64]:
    """Return how often each group and each of `n_doubtful` rows is drawn, `(size, G + rows)`.

    A doubtful row is a row and no group: drawn as one of two groups, it was half of a test set, and
    an accuracy of 0.98 was expected between 0 and 1. Where a group errs alike its rows tell less
    than as many of their own, and more than one: they count as their geometric mean.
    """
    weights = rng.gamma(1.0, size=(size, n_groups))
    counts = rng.multinomial(n_drawn, weights / weights.sum(axis=1, keepdims=True))
    if not n_doubtful:
        return counts
    share = rng.beta(DOUBTFUL, np.sqrt(n_groups * n_known), size=size)
    doubtful = rng.multinomial(rng.binomial(n_rows, share), np.full(n_doubtful, 1 / n_doubtful))
    return np.concatenate([counts, doubtful], axis=1)


def _few(n_groups: int) -> float:
    """Return by how much wider scores of fresh groups lie than those of draws of so few.

    Draws of G groups have (G - 1) / (G + 1) of the variance of the mean, as none lies outside of
    these, and the ends of 95 % are those of Student's t with G - 1 degrees of freedom.
    """
    n = max(2, n_groups)
    ends = stdtrit(n - 1, 0.975) / ndtri(0.975)
    return float(ends * np.sqrt((n + 1) / (n - 1)))


def groups_of_rows(n_rows: int, n_groups: int, n_known: int) -> int:
    """Return as many groups as have so many rows on average, where `n_known` rows are of N groups.

    Example:
        >>> groups_of_rows(60, 6, 150)
        2
    """
    return max(1, round(n_rows * n_groups / n_known))


def possible(metric: Metric, score: float) -> float:
    """Return the score, or the end of the metric's scale where it would lie beyond.

    A score that was drawn lies on the scale; with a gain and its error added it may not: of an
    accuracy of two rows the interval began at -0.02.
    """
    if metric.perfect is not None and metric.is_better(score, metric.perfect):
        return metric.perfect
    if metric.worst is not None and metric.is_better(metric.worst, score):
        return metric.worst
    return score


def _with_doubtful(
    truth: Any, prediction: Any, codes: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.int64]]:
    """Return the rows, and behind them each again with the truth of another one.

    Of fifty rows that are all right every draw is right, and fifty more need not be. So the draws
    also take rows that are right by chance alone, as often as `DOUBTFUL` rows (Agresti and Coull
    1998 add two of each outcome).
    """
    right, ours = np.asarray(truth), np.asarray(prediction)
    others = rng.permutation(len(right))
    return (
        np.concatenate([right, right[others]]),
        np.concatenate([ours, ours]),
        np.concatenate([codes, int(codes.max()) + 1 + np.arange(len(right))]),
    )


def _one_a_row(models: Floats, share: NDArray[np.float64], seed: int, r: int) -> Floats:
    """Return `(N, C)`: each row as one of the models predicts it, as out of fold."""
    n = models.shape[1]
    which = np.random.default_rng([seed, 1, r]).choice(len(models), n, p=share)
    found: Floats = models[which, np.arange(n)]
    return found


def _truths(
    kind: Kind, mean: Floats, x: float, n: int, seed: int, last: int | None
) -> Iterator[NDArray[Any]]:
    """Yield `n` truths of the rows whose sharpness is exp(x); equal seeds share their noise.

    `last` is the last class of an order; None: the last that the mean reaches.
    """
    t, noise = float(np.exp(x)), [np.random.default_rng([seed, 2, r]) for r in range(n)]
    if kind.is_exclusive:
        ends = softmax(np.log(np.maximum(mean, _LEAST_PROB)) / t, axis=1).cumsum(axis=1)[:, :-1]
        for rng in noise:
            yield (rng.random((len(mean), 1)) > ends).sum(axis=1)
    elif kind.is_prob:
        likely = expit(logit(np.clip(mean, _LEAST_PROB, 1 - _LEAST_PROB)) / t)
        for rng in noise:
            drawn = (rng.random(mean.shape) < likely).astype(np.int64)
            yield drawn if kind.is_by_class else drawn[:, 0]
    else:
        scale = t * max(float(mean.std()), 1e-12)
        highest = np.rint(mean.max()) if last is None else last
        for rng in noise:
            values = mean[:, 0] + scale * rng.standard_normal(len(mean))
            yield np.rint(values).clip(0, highest).astype(int) if kind.is_ordered else values


def _mean_score(
    metric: Metric, truths: list[Any], predictions: list[Any], options: dict[str, Any]
) -> float:
    found = []
    for truth, prediction in zip(truths, predictions, strict=True):
        try:
            found.append(metrics.score(metric, truth, prediction, **options))
        except DataError:  # such as one class alone
            continue
    if not found:
        raise DataError(f"{metric.name} is undefined for these rows")
    return float(np.mean(found))


def _matching(score: Callable[[float], float], honest: float, *, greater_is_better: bool) -> float:
    """Return x at which the score, which worsens as x grows, is the honest one."""
    low, high = -_WIDEST, _WIDEST
    for _ in range(_STEPS):
        middle = (low + high) / 2
        is_better = score(middle) > honest if greater_is_better else score(middle) < honest
        low, high = (middle, high) if is_better else (low, middle)
    return (low + high) / 2
