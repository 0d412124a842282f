"""Whether the robust threshold beats the raw maximum on fresh rows, and where it does not.

    python benchmarks/robust_thresholds.py [--draws 200]

Rows of a yes-or-no task have a score, normal with standard deviation 1 around -1 and +1; the
network says its probability exactly. Thresholds are tuned on n rows, robustly and raw, and scored
on infinitely many (the four rates at a threshold are known in closed form). Ordinal rows are of
five unequal classes with ratings drawn to the middle; multilabel rows have five classes of 5 to
40 %. Both are scored on 50,000 fresh ones.

Printed are the mean score on fresh rows and its spread over the draws, raw and robust, and the
difference in thousandths with its standard error: above 0 the robust choice is the better one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, ndtr

from podium.competition import metrics
from podium.tuning import fit_cuts, fit_thresholds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROWS = (100, 1_000, 10_000)
SHARES = (0.5, 0.1, 0.02)
FRESH = 50_000


def binary(n: int, share: float, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Return probabilities `(n,)` and the truth."""
    truth = (rng.random(n) < share).astype(np.int64)
    signal = 2 * truth - 1 + rng.standard_normal(n)
    return 1 / (1 + np.exp(-(2 * signal + logit(share)))), truth


def expected(name: str, threshold: float, share: float) -> float:
    """Return the score of a threshold on infinitely many rows."""
    at = (logit(np.clip(threshold, 1e-12, 1 - 1e-12)) - logit(share)) / 2
    hit, false_alarm = share * (1 - ndtr(at - 1)), (1 - share) * (1 - ndtr(at + 1))
    rates = np.array([1 - share - false_alarm, false_alarm, share - hit, hit])
    options = metrics.with_classes(name, {}, "binary", 2)
    each = metrics.sums(name, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), **options)
    assert each is not None
    return float(metrics.values(name, (rates @ each)[None], **options)[0])


def of_binary(name: str, n: int, share: float, draws: int) -> Iterator[list[float]]:
    """Yield the score on fresh rows of the raw and of the robust threshold."""
    for seed in range(draws):
        probs, truth = binary(n, share, np.random.default_rng(seed))
        if not 0 < truth.sum() < n:
            continue
        found = [fit_thresholds(probs, truth, name, "binary", raw=raw)[0] for raw in (True, False)]
        yield [expected(name, one, share) for one in found]


def multilabel(n: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Return probabilities `(n, 5)` and the truth; rows of many labels have more of all."""
    shares = np.array([0.4, 0.3, 0.2, 0.1, 0.05])
    odds = logit(shares) + 0.7 * rng.standard_normal((n, 1))
    truth = (rng.random((n, 5)) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    signal = 2 * truth - 1 + rng.standard_normal((n, 5))
    return 1 / (1 + np.exp(-(2 * signal + logit(shares)))), truth


def of_multilabel(
    name: str, n: int, options: dict[str, object], draws: int
) -> Iterator[list[float]]:
    """Yield what `of_binary` does, of five classes."""
    fresh, answers = multilabel(FRESH, np.random.default_rng(10**6))
    for seed in range(draws):
        probs, truth = multilabel(n, np.random.default_rng(seed))
        yield [
            metrics.score(
                name,
                answers,
                fresh.astype(np.float32)
                >= fit_thresholds(
                    probs, truth, name, "multilabel", raw=raw, options=options
                ).astype(np.float32),
                **options,
            )
            for raw in (True, False)
        ]


def ordinal(n: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Return ratings `(n,)` and the truth."""
    truth = rng.choice(5, n, p=[0.5, 0.1, 0.27, 0.05, 0.08])
    return np.clip(0.55 * truth + 0.5 + 0.35 * rng.standard_normal(n), 0, 4), truth


def of_ordinal(n: int, draws: int) -> Iterator[list[float]]:
    """Yield what `of_binary` does, of cut points under quadratic weighted kappa."""
    fresh, answers = ordinal(FRESH, np.random.default_rng(10**6))
    for seed in range(draws):
        ratings, truth = ordinal(n, np.random.default_rng(seed))
        found = [fit_cuts(ratings, truth, "qwk", n_classes=5, raw=raw) for raw in (True, False)]
        said = [np.searchsorted(one, fresh, side="right") for one in found]
        yield [metrics.score("qwk", answers, one, n_classes=5) for one in said]


def line(what: str, found: Iterator[list[float]]) -> None:
    """Print one row of the table."""
    scores = np.array(list(found))
    raw, robust = scores.T
    gain = 1000 * (robust - raw)
    print(
        f"| {what} | {raw.mean():.4f} ± {raw.std():.4f} | {robust.mean():.4f} ± {robust.std():.4f} "
        f"| {gain.mean():+.1f} ± {gain.std(ddof=1) / np.sqrt(len(gain)):.1f} |",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    draws = parser.parse_args().draws
    print("| metric | rows | positives | raw | robust | robust - raw, 1/1000 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in ("f1", "mcc", "accuracy", "youden"):
        for n in ROWS:
            for share in SHARES:
                line(f"{name} | {n:,} | {share:.0%}", of_binary(name, n, share, draws))
    several: list[tuple[str, dict[str, object]]] = [
        ("macro_f1", {}),
        ("f1", {"average": "micro"}),
        ("f1", {"average": "samples"}),
        ("accuracy", {"over": "row"}),
    ]
    for name, options in several:
        called = ", ".join([name, *(f"{key}: {value}" for key, value in options.items())])
        for n in ROWS[:2]:
            what = f"{called} | {n:,} | 5 classes"
            line(what, of_multilabel(name, n, options, max(10, draws // 4)))
    for n in ROWS:
        line(f"qwk | {n:,} | 5 ratings", of_ordinal(n, draws))


if __name__ == "__main__":
    main()
