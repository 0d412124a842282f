"""Whether the honest score of a tuned threshold says what a test set will, and the optimistic one.

    python benchmarks/honest_thresholds.py [--draws 500] [--mask-draws 200]

Each draw has n rows with out-of-fold probabilities, from one known distribution (that of
`robust_thresholds.py`). A threshold is tuned on all of them: it goes to the test set, and what it
scores there on average is known in closed form. The honest score is that of five thresholds, each
tuned without one fold and applied to it; the optimistic one is that of the final threshold on the
rows that it was tuned on. Ten classes of their own thresholds under macro F1 have more to overfit.
Images of 24 x 24 pixels have a disc each; the network is too careful, in some images more than in
others. Their expected test score is that of 40,000 other images, known to 0.0006 or so.

Printed are, over the draws, the mean expected test score, the mean honest and optimistic scores
less it, with their standard errors, and in how many draws the 95 % bootstrap interval of the honest
score holds the expected test score.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, ndtr

from podium.competition import metrics
from podium.competition.scores import bootstrap
from podium.predictions import decide
from podium.predictions.store.masks import MaskArrays
from podium.tuning import (
    Curve,
    cross_fit,
    fit_mask_threshold,
    fit_thresholds,
    mask_threshold_curve,
)
from podium.tuning.masks.curve import mask_unit_sums

Floats = NDArray[np.float64]
Draw = tuple[float, float, float, bool]
N_FOLDS = 5
SIDE, FRESH_IMAGES = 24, 40_000
MASKS = (("mean_dice", 30), ("mean_dice", 200), ("global_dice", 30))


@dataclass(frozen=True)
class Case:
    """Rows of one kind.

    Attributes:
        metric: what the thresholds are tuned for.
        rows, classes: how many; one class is a binary task.
        share: of rows that are of a class.
    """

    metric: str
    rows: int
    classes: int
    share: float

    @property
    def kind(self) -> str:
        """The kind of the task."""
        return "binary" if self.classes == 1 else "multilabel"


CASES = (
    Case("f1", 200, 1, 0.3),
    Case("f1", 2000, 1, 0.3),
    Case("mcc", 200, 1, 0.3),
    Case("mcc", 2000, 1, 0.3),
    Case("macro_f1", 200, 10, 0.1),
    Case("macro_f1", 2000, 10, 0.1),
)


def drawn(case: Case, rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
    """Return probabilities `(N, C)` and the truth, `(N,)` of one class."""
    truth = (rng.random((case.rows, case.classes)) < case.share).astype(np.int64)
    signal = 2 * truth - 1 + rng.standard_normal(truth.shape)
    probs = 1 / (1 + np.exp(-(2 * signal + logit(case.share))))
    return probs, truth[:, 0] if case.classes == 1 else truth


def expected(case: Case, thresholds: Floats) -> float:
    """Return the score of thresholds on infinitely many rows."""
    name = "f1" if case.metric == "macro_f1" else case.metric
    at = (logit(thresholds) - logit(case.share)) / 2
    hit, false_alarm = case.share * (1 - ndtr(at - 1)), (1 - case.share) * (1 - ndtr(at + 1))
    rates = np.stack([1 - case.share - false_alarm, false_alarm, case.share - hit, hit], axis=1)
    options = metrics.with_classes(name, {}, "binary", 2)
    each = metrics.sums(name, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), **options)
    assert each is not None
    return float(metrics.values(name, rates @ each, **options).mean())


def one_draw(case: Case, seed: int) -> Draw:
    """Return the expected test score, the honest, the optimistic one, and whether it is inside."""
    probs, truth = drawn(case, np.random.default_rng(seed))
    tune = partial(fit_thresholds, metric=case.metric, kind=case.kind)
    fitted = cross_fit(
        lambda rows: tune(probs[rows], truth[rows]),
        lambda found, rows: decide(probs[rows], [step_of(case, found)], case.kind),
        folds=np.arange(case.rows) % N_FOLDS,
    )
    said = decide(probs, [step_of(case, fitted.final)], case.kind)
    of_test = expected(case, fitted.final)
    low, high = bootstrap.interval(case.metric, truth, fitted.prediction, n=300, seed=seed)
    return (
        of_test,
        metrics.score(case.metric, truth, fitted.prediction),
        metrics.score(case.metric, truth, said),
        low <= of_test <= high,
    )


def step_of(case: Case, thresholds: Floats) -> dict[str, object]:
    """Return the step of `decide`."""
    return {"threshold": float(thresholds[0]) if case.classes == 1 else thresholds.tolist()}


def images(n: int, seed: int) -> tuple[list[NDArray[np.float16]], list[NDArray[np.uint8]]]:
    """Return probabilities `(H, W, 1)` and true masks of n images."""
    rng, at = np.random.default_rng(seed), np.arange(SIDE)
    probs, truths = [], []
    for _ in range(n):
        y, x = rng.uniform(6, SIDE - 6, 2)
        inside = rng.uniform(3, 8) - np.hypot(at[:, None] - y, at - x)
        odds = 0.8 * inside - 1 + rng.standard_normal() + rng.standard_normal(inside.shape)
        truths.append((inside > 0).astype(np.uint8))
        probs.append((1 / (1 + np.exp(-odds))).round(2).astype(np.float16)[..., None])
    return probs, truths


def named(probs: list[NDArray[np.float16]]) -> MaskArrays:
    """Return images as podium reads them."""
    return MaskArrays([str(i) for i in range(len(probs))], probs)


@cache
def fresh_curve(metric: str) -> Curve:
    """Return what each threshold scores on many images that no threshold was tuned on."""
    probs, truths = images(FRESH_IMAGES, 10**6)
    return mask_threshold_curve(named(probs), truths, metric)


def one_draw_of_masks(metric: str, n: int, seed: int) -> Draw:
    """Return what `one_draw` does, of n images."""
    probs, truths = images(n, seed)

    def some(rows: NDArray[np.int64]) -> tuple[MaskArrays, list[NDArray[np.uint8]]]:
        return named([probs[i] for i in rows]), [truths[i] for i in rows]

    def sums(threshold: float, rows: NDArray[np.int64]) -> Floats:
        return mask_unit_sums(*some(rows), metric, [threshold], workers=1)[0]

    fitted = cross_fit(
        lambda rows: fit_mask_threshold(*some(rows), metric, workers=1),
        sums,
        folds=np.arange(n) % N_FOLDS,
    )
    of_test = fresh_curve(metric).score_at(fitted.final)
    low, high = bootstrap.interval(metric, sums=fitted.prediction, n=300, seed=seed)
    return (
        of_test,
        metrics.value(metric, fitted.prediction),
        metrics.value(metric, sums(fitted.final, np.arange(n))),
        low <= of_test <= high,
    )


def biases(draw: Callable[[int], Draw], draws: int) -> tuple[float, Floats, Floats, float]:
    """Return the mean expected test score, two biases, their standard errors, the coverage."""
    found = np.array([draw(seed) for seed in range(draws)], dtype=np.float64)
    off = found[:, 1:3] - found[:, :1]
    errors = off.std(axis=0, ddof=1) / np.sqrt(draws)
    return float(found[:, 0].mean()), off.mean(axis=0), errors, float(found[:, 3].mean())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--mask-draws", type=int, default=200)
    given = parser.parse_args()
    print("| metric | rows | thresholds | test | honest - test | optimistic - test | 95 % holds |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for case in CASES:
        what = f"{case.metric} | {case.rows:,} | {case.classes}"
        line(what, partial(one_draw, case), given.draws)
    for metric, n in MASKS:
        what = f"{metric} | {n} images | 1"
        line(what, partial(one_draw_of_masks, metric, n), given.mask_draws)


def line(what: str, draw: Callable[[int], Draw], draws: int) -> None:
    """Print one row of the table."""
    test, off, errors, covered = biases(draw, draws)
    shown = " | ".join(f"{b:+.4f} ± {e:.4f}" for b, e in zip(off, errors, strict=True))
    print(f"| {what} | {test:.4f} | {shown} | {covered:.1%} |", flush=True)


if __name__ == "__main__":
    main()
