"""Whether calibrating probabilities pays where log loss scores them, on rows that were not seen.

    python benchmarks/calibration.py [--draws 12]

Truth is drawn by known probabilities of C classes; what is shown of them is raised to a power
(above 1: too sure, as a network that learnt for long; below: as one that learnt smoothed or mixed
labels) and scaled to sum 1. A calibration is fitted on N rows as a blend does (`podium blend`), and
20,000 fresh rows are scored by log loss with it and without.

    python benchmarks/calibration.py --means [--draws 12]

Means of five fold models: networks of one hidden layer learn scikit-learn's digits under noise, for
few or many epochs, and the other rows are scored by the mean of the five: as it is, calibrated as
single models are, calibrated as means (`TemperatureScaling.of_means`), and by the numbers that fit
these rows best, which nobody knows.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from podium.competition.metrics import score
from podium.ensembling import blend
from podium.tasks.protocols.find import image_kind
from podium.tuning.labels.calibration import fit_calibration

ROWS = (50, 200, 1000, 5000)
CLASSES = (2, 10, 50)
POWERS = (1.0, 0.3, 0.6, 1.5, 2.5)
FRESH = 20_000
NETWORKS = ((300, 20, 32), (300, 300, 64), (700, 20, 32), (700, 80, 32), (700, 300, 64))

Floats = NDArray[np.float64]


def main(argv: Sequence[str] | None = None) -> None:
    """Print the change of log loss in percent, the mean over draws, and that of the worst draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=12)
    parser.add_argument("--means", action="store_true", help="means of fold models")
    given = parser.parse_args(argv)
    if given.means:
        _print_means(given.draws)
        return
    print("| classes | shown as | " + " | ".join(f"{n:,} rows" for n in ROWS) + " |")
    print("| --- | --- |" + " --- |" * len(ROWS))
    for n_classes in CLASSES:
        for power in POWERS:
            cells = []
            for n in ROWS:
                each = [_change(n, n_classes, power, seed) for seed in range(given.draws)]
                cells.append(f"{np.mean(each):+.1f} (worst {np.max(each):+.1f})")
            name = "they are" if power == 1 else f"p^{power}"
            print(f"| {n_classes} | {name} |", " | ".join(cells), "|", flush=True)


def _change(n: int, n_classes: int, power: float, seed: int) -> float:
    """Return by how many percent the log loss of fresh rows changes; below 0 is better."""
    rng = np.random.default_rng(seed)
    probs = softmax(2 * rng.standard_normal((n + FRESH, n_classes)), axis=1)
    truth = (probs.cumsum(axis=1) < rng.random((len(probs), 1))).sum(axis=1).clip(max=n_classes - 1)
    shown = probs**power
    shown = (shown / shown.sum(axis=1, keepdims=True)).astype(np.float32)
    folds = np.arange(n) % 5
    given = {"kind": "multiclass", "n_resamples": 1}
    made = blend(shown[None, :n], truth[:n], "log_loss", folds, **given)
    fresh = made.how.combined(shown[None, n:], made.fitted)
    plain = score("log_loss", truth[n:], shown[n:])
    return 100 * (score("log_loss", truth[n:], fresh) / plain - 1)


def _print_means(draws: int) -> None:
    """Print the log loss of means of fold models by how these are calibrated, over all draws."""
    ways = ("as they are", "as single models", "as means", "best for these rows")
    print(
        "| rows | epochs | hidden |",
        " | ".join(ways),
        "|\n| --- | --- | --- |",
        " --- |" * len(ways),
    )
    for n, epochs, hidden in NETWORKS:
        each = [_losses_of_mean(n, epochs, hidden, seed) for seed in range(draws)]
        cells = [f"{loss:.4f}" for loss in np.mean(each, axis=0)]
        print(f"| {n} | {epochs} | {hidden} |", " | ".join(cells), "|", flush=True)


def _losses_of_mean(n: int, epochs: int, hidden: int, seed: int) -> list[float]:
    rng, kind = np.random.default_rng(seed), image_kind("multiclass")
    pixels, classes = load_digits(return_X_y=True)
    pixels = (pixels + 6 * rng.standard_normal(pixels.shape)) / 8
    order = rng.permutation(len(classes))
    known, hidden_rows = order[:n], order[n:]
    folds = np.arange(n) % 5
    oof, each = np.zeros((n, 10)), []
    for fold in range(5):
        network = MLPClassifier((hidden,), max_iter=epochs, random_state=seed + fold)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(pixels[known][folds != fold], classes[known][folds != fold])
        oof[folds == fold] = network.predict_proba(pixels[known][folds == fold])
        each.append(network.predict_proba(pixels[hidden_rows]))
    mean, truth = np.mean(each, axis=0), classes[hidden_rows]
    single = fit_calibration(oof, classes[known], kind)
    best = fit_calibration(mean, truth, kind)
    made = (
        mean,
        *(one.calibrated(mean) for one in (single, single.of_means(np.stack(each), mean), best)),
    )
    return [score("log_loss", truth, one) for one in made]


if __name__ == "__main__":
    main()
