"""Which score to believe where tuning over-fits: the honest one, or the optimistic one.

Many weak members, few rows: weights and thresholds fit the noise of the rows. Each seed makes such
members, blends them, and scores the blend on fresh rows of the same kind; then the honest and the
optimistic score are compared with what these say. Printed are, for each case, in how many seeds the
honest score is nearer, and by how much each score misses, on average and as a bias.

    python benchmarks/honest.py [--seeds 100]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.ensembling.labels import LabelFits
from podium.ensembling.method import load_method
from podium.ensembling.rows import gather
from podium.predictions import decide
from podium.tasks.protocols.find import image_kind

Floats = NDArray[np.float64]
FRESH = 5000


@dataclass(frozen=True)
class Case:
    """Weak members of few rows.

    Attributes:
        what: it in words.
        method: how they are blended.
        metric: what is scored; the threshold, or one a class, is tuned for it.
        rows, members, classes: how many; one class is a binary task.
        strength: of a member's logit for what is true, in standard deviations of its noise.
    """

    what: str
    method: str
    metric: str
    rows: int
    members: int
    classes: int
    strength: float


CASES = (
    Case("30 weights, a threshold", "hill_climb", "accuracy", 100, 30, 1, 0.1),
    Case("40 weights, a threshold a class", "hill_climb", "macro_f1", 100, 40, 3, 0.1),
    Case("60 coefficients, a threshold", "stack_logistic", "accuracy", 200, 60, 1, 0.1),
)


def weak(case: Case, n: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Return probabilities `(M, n, C)` of members that each know little, and the truth."""
    truth = rng.integers(0, 2, (n, case.classes))
    noise = rng.standard_normal((case.members, n, case.classes))
    logits = case.strength * (2 * truth - 1) + noise
    probs = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return probs, truth if case.classes > 1 else truth[:, 0]


def scores(case: Case, seeds: int) -> Iterator[tuple[float, float, float]]:
    """Yield the honest, the optimistic and the held-out score of each seed."""
    kind = "multilabel" if case.classes > 1 else "binary"
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        members, truth = weak(case, case.rows, rng)
        folds = np.arange(case.rows) % 5
        rows = gather(members, truth, folds, groups=None, ids=None, names=None)
        # Not `blend`, which fits each member alone, too.
        made = LabelFits(rows, metrics.get(case.metric), image_kind(kind), n_resamples=20).decided(
            case.method
        )
        fresh, answers = weak(case, FRESH, rng)
        said = load_method(case.method).combined(fresh, made.final)
        held = metrics.score(case.metric, answers, decide(said, made.decision, kind))
        yield made.honest, made.optimistic, held


def nearer(found: Floats) -> int:
    """Return in how many rows of `(seeds, 3)` the first number is nearer to the last."""
    honest, optimistic = np.abs(found[:, :2] - found[:, 2:]).T
    return int((honest < optimistic).sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100)
    seeds = parser.parse_args().seeds
    print("| case | honest is nearer | held-out | honest misses | optimistic misses |")
    print("| --- | --- | --- | --- | --- |")
    for case in CASES:
        found = np.array(list(scores(case, seeds)))
        off = found[:, :2] - found[:, 2:]
        miss, bias = np.abs(off).mean(0), off.mean(0)
        print(
            f"| {case.method}, {case.metric}: {case.what} | {nearer(found)} of {seeds} "
            f"| {found[:, 2].mean():.3f} | {miss[0]:.3f} (bias {bias[0]:+.3f}) "
            f"| {miss[1]:.3f} (bias {bias[1]:+.3f}) |",
            flush=True,
        )


if __name__ == "__main__":
    main()
