"""What `podium blend --auto` prints as honest where nothing can be known: five members of noise.

Each seed makes members and a truth that have nothing to do with each other, and blends them by all
families. Printed are the mean over the seeds, and its standard error, of the best family's own
honest score, of the chosen one's own, and of the honest score of the blend, which must be at
chance, and what the second fits cost.

    python benchmarks/auto_noise.py [--seeds 30] [--rows 200] [--members 5]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.ensembling.auto import blend_by_families
from podium.ensembling.labels import LabelFits
from podium.ensembling.method import method_names
from podium.ensembling.rows import gather
from podium.tasks.protocols.find import image_kind

CASES = (
    ("binary", "auc", 1, 0.5),
    ("binary", "balanced_accuracy", 1, 0.5),
)


def noise(
    rows: int, members: int, n_outputs: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Return probabilities `(M, N, C)` of members, and the truth that they know nothing of."""
    rng = np.random.default_rng(seed)
    raw = rng.standard_normal((members, rows, n_outputs))
    if n_outputs == 1:
        return (1 / (1 + np.exp(-raw))).astype(np.float32), rng.permutation(rows) % 2
    exp = np.exp(raw)
    probs = (exp / exp.sum(2, keepdims=True)).astype(np.float32)
    return probs, rng.permutation(rows) % n_outputs


def scores_of(
    kind: str, metric: str, n_outputs: int, *, rows: int, members: int, seed: int
) -> tuple[float, float, float, float]:
    """Return the best family's honest score, the chosen one's, the blend's, and the CPU seconds."""
    probs, truth = noise(rows, members, n_outputs, seed)
    gathered = gather(probs, truth, np.arange(rows) % 5, groups=None, ids=None, names=None)
    of = LabelFits(gathered, metrics.get(metric), image_kind(kind), seed=seed, n_resamples=20)
    started = process_time()
    made, _ = blend_by_families(of, method_names(), n_outputs=n_outputs, seed=seed)
    seconds = process_time() - started
    assert made.choice is not None
    own = {one.method: one.honest for one in made.choice.families}
    return own[made.choice.best], own[made.choice.chosen], made.honest, seconds


def shown(values: Sequence[float] | NDArray[np.float64]) -> str:
    """Return the mean and its standard error."""
    found = np.asarray(values)
    return f"{found.mean():.3f} ± {found.std(ddof=1) / np.sqrt(len(found)):.3f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--members", type=int, default=5)
    given = parser.parse_args()
    print("| metric | chance | best family | chosen family | honest of the blend | CPU s a blend |")
    print("| --- | --- | --- | --- | --- | --- |")
    for kind, metric, n_outputs, chance in CASES:
        found = np.array(
            [
                scores_of(
                    kind, metric, n_outputs, rows=given.rows, members=given.members, seed=seed
                )
                for seed in range(given.seeds)
            ]
        )
        best, chosen, honest, seconds = found.T
        print(
            f"| {metric} | {chance} | {shown(best)} | {shown(chosen)} | {shown(honest)} "
            f"| {seconds.mean():.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
