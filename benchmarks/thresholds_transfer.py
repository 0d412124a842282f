"""Tuned thresholds against rate-matched ones, on a test set that several fold models predict.

    python benchmarks/thresholds_transfer.py [--seeds 100] [--classes 5]

A threshold is tuned for F1 on out-of-fold predictions of one fold model a row, and decides a test
set whose predictions are means of five. Each model's logit is the truth, noise that all models
share, and noise of its own; `own` is the latter's share of the variance. The test set has as many
positives as the training rows, or half, or twice as many.

Printed are, of 2,000 rows each, the mean rates of positives and the mean F1 over the seeds with the
tuned threshold, with the rate-matched one, and with the best one, which nobody knows; and of the
difference of the first two its standard error.

With `--classes` a row is one class of several, and class weights match the shares in which out-of-
fold rows are decided as each (`match_shares`); plain is the most probable class. The logits that
all models share are normal, of standard deviation `clear`, and the truth is drawn by their softmax;
each model adds noise of its own of 0.6. The first class is three times as frequent as the last, in
the test set, too, or the other way round. On the test set every model prefers some classes: a
normal number of standard deviation `shift` is added to each. Scored is accuracy.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from podium.competition import metrics
from podium.tuning import fit_thresholds
from podium.workflows.blends.matched_rates import match_rate, match_shares

N, N_MODELS, SIGNAL = 2000, 5, 2.0


def predictions(
    truth: NDArray[np.int64], own: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return what each model says of each row, `(models, N)`."""
    shared = rng.standard_normal(len(truth))
    noise = rng.standard_normal((N_MODELS, len(truth)))
    logits = SIGNAL * (truth - 0.5) + np.sqrt(1 - own) * shared + np.sqrt(own) * noise
    prior = np.log(0.1 / 0.9) / 2
    return np.asarray(1 / (1 + np.exp(-logits - prior)), dtype=np.float32)


def one(own: float, times: float, seed: int) -> list[float]:
    """Return rates (out of fold, tuned, matched) and F1 (tuned, matched, best) of one seed."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(N) < 0.1).astype(np.int64)
    oof = predictions(truth, own, rng)[np.arange(N) % N_MODELS, np.arange(N)]
    test_truth = (rng.random(N) < 0.1 * times).astype(np.int64)
    test = predictions(test_truth, own, rng).mean(axis=0)
    tuned = fit_thresholds(oof, truth, "f1", "binary")[0]
    n_positive = int((oof >= np.float32(tuned)).sum())
    matched, _ = match_rate(test, n_positive, N)
    best = fit_thresholds(test, test_truth, "f1", "binary")[0]
    said = [(test >= np.float32(t)).astype(np.int64) for t in (tuned, matched, best)]
    scores = [metrics.score("f1", test_truth, decided) for decided in said]
    return [n_positive / N, float(said[0].mean()), float(said[1].mean()), *scores]


def one_of_classes(
    n_classes: int, clear: float, shift: float, *, is_same: bool, seed: int
) -> list[float]:
    """Return the accuracy of the plain decision and with matched weights, of one seed."""
    rng = np.random.default_rng(seed)
    prior = np.linspace(3, 1, n_classes) / (2 * n_classes)

    def drawn(of_test: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        evidence = clear * rng.standard_normal((N, n_classes))
        truth = (evidence + np.log(of_test) + rng.gumbel(size=evidence.shape)).argmax(axis=1)
        return evidence + np.log(prior), truth  # a network knows the frequencies of train

    def predicted(logits: NDArray[np.float64]) -> NDArray[np.float64]:
        own = 0.6 * rng.standard_normal((N_MODELS, *logits.shape))
        return np.asarray(softmax(logits + own, axis=2))

    logits, _ = drawn(prior)
    oof = predicted(logits)[np.arange(N) % N_MODELS, np.arange(N)]
    logits, truth = drawn(prior if is_same else prior[::-1])
    test = predicted(logits + shift * rng.standard_normal(n_classes)).mean(axis=0)
    weights = match_shares(test, np.bincount(oof.argmax(axis=1), minlength=n_classes))
    return [float(np.mean(one.argmax(axis=1) == truth)) for one in (test, test * weights)]


def print_classes(n_classes: int, seeds: int) -> None:
    """Print a table of clear and unclear classes, of their frequencies and of shifts."""
    print("| clear | classes in the test set | shift | plain | matched | matched - plain |")
    print("| --- " * 6 + "|")
    for clear in (1.5, 4.0, 15.0):
        for is_same in (True, False):
            for shift in (0.0, 0.5, 1.0):
                found = np.array(
                    [
                        one_of_classes(n_classes, clear, shift, is_same=is_same, seed=seed)
                        for seed in range(seeds)
                    ]
                )
                gain = found[:, 1] - found[:, 0]
                error = gain.std(ddof=1) / np.sqrt(seeds)
                classes = "as frequent" if is_same else "the other way round"
                plain, matched = found.mean(axis=0)
                print(
                    f"| {clear:g} | {classes} | {shift:g} | {plain:.3f} | {matched:.3f} | "
                    f"{gain.mean():+.3f} ± {error:.3f} |"
                )


def main() -> None:
    """Print a table of own noise and of positives in the test set, or of several classes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--classes", type=int)
    args = parser.parse_args()
    seeds = args.seeds
    if args.classes is not None:
        print_classes(args.classes, seeds)
        return
    head = ["own", "positives", "oof rate", "tuned", "matched", "F1 tuned", "matched", "best"]
    print("| " + " | ".join([*head, "matched - tuned"]) + " |")
    print("| --- " * (len(head) + 1) + "|")
    for own in (0.2, 0.5, 0.8):
        for times in (1.0, 0.5, 2.0):
            found = np.array([one(own, times, seed) for seed in range(seeds)])
            gain = found[:, 4] - found[:, 3]
            error = gain.std(ddof=1) / np.sqrt(seeds)
            rates = " | ".join(f"{value:.1%}" for value in found.mean(axis=0)[:3])
            scores = " | ".join(f"{value:.3f}" for value in found.mean(axis=0)[3:])
            print(
                f"| {own} | × {times:g} | {rates} | {scores} | {gain.mean():+.3f} ± {error:.3f} |"
            )


if __name__ == "__main__":
    main()
