"""The three ways to learn a rating, on synthetic data: which one is the default, and why.

    python benchmarks/links.py [--seeds 8] [--epochs 20]

Twenty numbers a row; a score of them, not linear, plus noise, is cut into five classes as skewed as
those of APTOS 2019 (half of the rows are of the lowest). A small network learns 800 rows by each
link, with the losses that recipes have; cut points are tuned on 1,000 other rows, and kappa is of
3,200 more, once by rounding and once by these cut points.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from podium.competition import metrics
from podium.models.heads.classify import CumulativeLinks
from podium.models.spec import LinkName
from podium.predictions.decisions.labels import decide
from podium.training.inference.images import activate
from podium.training.objective import build_objective
from podium.training.ordinal_links import Link
from podium.tuning import fit_cuts

LINKS: tuple[LinkName, ...] = ("classes", "regression", "cumulative")
SHARES = (0.5, 0.1, 0.27, 0.05, 0.08)
NOISES = (0.3, 1.0)
LEARNT, TUNED, SCORED = slice(0, 800), slice(800, 1800), slice(1800, 5000)


def main(argv: Sequence[str] | None = None) -> None:
    """Print kappa, rounded and by tuned cut points, as means over seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=20)
    given = parser.parse_args(argv)
    torch.set_num_threads(1)
    print("| noise | link | kappa, rounded | kappa, cut points |\n| --- | --- | --- | --- |")
    for noise in NOISES:
        for name in LINKS:
            each = [_kappas(Link(name, 5), noise, s, given.epochs) for s in range(given.seeds)]
            rounded, tuned = np.mean(each, axis=0)
            print(f"| {noise} | {name} | {rounded:.3f} | {tuned:.3f} |", flush=True)


def _kappas(link: Link, noise: float, seed: int, epochs: int) -> tuple[float, float]:
    rows, truth = _data(noise, np.random.default_rng(seed))
    said = _learnt(link, torch.from_numpy(rows), truth, seed, epochs)
    cuts = fit_cuts(said[TUNED], truth[TUNED], "qwk", n_classes=5)
    rounded, tuned = (
        metrics.score("qwk", truth[SCORED], decide(said[SCORED], steps, "ordinal"))
        for steps in (None, [{"cuts": cuts.tolist()}])
    )
    return rounded, tuned


def _data(noise: float, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    x = rng.standard_normal((5000, 20)).astype(np.float32)
    score = 2 * np.tanh(x @ np.linspace(1, 0, 20) / 3) + 0.8 * np.sin(2 * x[:, 0])
    score = score + 0.6 * x[:, 1] * x[:, 2] + noise * rng.standard_normal(len(x))
    return x, np.searchsorted(np.quantile(score, np.cumsum(SHARES)[:-1]), score)


def _learnt(
    link: Link, rows: torch.Tensor, truth: NDArray[np.int64], seed: int, epochs: int
) -> NDArray[np.float32]:
    torch.manual_seed(seed)
    last = CumulativeLinks if link.name == "cumulative" else nn.Linear
    network = nn.Sequential(
        *(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32), nn.ReLU()),
        last(32, link.n_outputs),
    )
    objective = build_objective(None, kinds={"classify": link.kind}, link=link)
    target = torch.from_numpy(link.targets(truth[LEARNT]))
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    for _ in range(epochs):
        for batch in torch.randperm(len(target)).split(32):
            logits = {"classify": network(rows[LEARNT][batch])}
            optimizer.zero_grad()
            objective(logits, {"classify": target[batch]})["total"].backward()
            optimizer.step()
    with torch.no_grad():
        return link.ratings(activate(network.eval()(rows), link.kind)).numpy()


if __name__ == "__main__":
    main()
