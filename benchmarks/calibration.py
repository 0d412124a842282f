"""Whether calibrating probabilities pays where log loss scores them, on rows that were not seen.

    python benchmarks/calibration.py [--draws 40]

Truth is drawn by known probabilities of C classes; what is shown of them is raised to a power
(above 1: too sure, as a network that learnt for long; below: as one that learnt smoothed or mixed
labels) and scaled to sum 1. A calibration is fitted on N rows as a blend does (`podium blend`), and
20,000 fresh rows are scored by log loss with it and without.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from podium.competition.metrics import score
from podium.ensembling import blend

ROWS = (50, 200, 1000, 5000)
CLASSES = (2, 10, 50)
POWERS = (1.0, 0.6, 1.5, 2.5)
FRESH = 20_000

Floats = NDArray[np.float64]


def main(argv: Sequence[str] | None = None) -> None:
    """Print the change of log loss in percent, the mean over draws, and that of the worst draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=40)
    given = parser.parse_args(argv)
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


if __name__ == "__main__":
    main()
