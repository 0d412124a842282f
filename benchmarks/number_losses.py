"""Which loss a task of numbers learns by where its recipe names none, by its metric.

    python benchmarks/number_losses.py [--seeds 8] [--epochs 30]

Twenty inputs a row and a score of them that is not linear, from which three kinds of truth are
drawn: counts (Poisson, the mean is the exponential of the score), amounts (the square of that
exponential, times noise that is normal in the logarithm) and measures (the score plus noise with
long tails, Student's t with 2 degrees of freedom). A small network learns 800 rows by each loss,
around their mean and in units of their deviation, as podium's networks do. It is scored on 4,000
fresh rows, with nothing below the least number of train.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from podium.competition import metrics
from podium.training.objective import build_objective

Floats = NDArray[np.float64]
Rng = np.random.Generator

LOSSES: dict[str, dict[str, Any]] = {
    "mse": {"mse": 1},
    "msle": {"msle": 1},
    "huber, delta 1": {"huber": {"delta": 1.0}},
    "huber, delta 0.1": {"huber": {"delta": 0.1}},
}
METRICS = ("rmse", "mae", "rmsle")
LEARNT, SCORED = slice(0, 800), slice(800, None)


def _counts(score: Floats, rng: Rng) -> Floats:
    return rng.poisson(np.exp(1 + score)).astype(np.float64)


def _amounts(score: Floats, rng: Rng) -> Floats:
    return np.exp(1 + 2 * score + 0.5 * rng.standard_normal(len(score)))


def _measures(score: Floats, rng: Rng) -> Floats:
    return (30 + score + 0.5 * rng.standard_t(2, len(score))).clip(min=0)


TRUTHS: dict[str, Callable[[Floats, Rng], Floats]] = {
    "counts": _counts,
    "amounts": _amounts,
    "measures": _measures,
}


def main(argv: Sequence[str] | None = None) -> None:
    """Print each score as its ratio to that of the squared error, the mean over seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=30)
    given = parser.parse_args(argv)
    torch.set_num_threads(1)
    print("| truth | loss |", " | ".join(METRICS), "|\n| --- | --- |", " --- |" * len(METRICS))
    for truth in TRUTHS:
        found = {
            loss: np.array(
                [_scores(truth, loss, seed, given.epochs) for seed in range(given.seeds)]
            )
            for loss in LOSSES
        }
        for loss, scores in found.items():
            ratios = scores / found["mse"]
            mean, error = ratios.mean(axis=0), ratios.std(axis=0, ddof=1) / len(ratios) ** 0.5
            cells = (f"{m:.3f} ± {e:.3f}" for m, e in zip(mean, error, strict=True))
            print(f"| {truth} | {loss} |", " | ".join(cells), "|", flush=True)


def _scores(truth: str, loss: str, seed: int, epochs: int) -> list[float]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((4800, 20))
    score = np.tanh(x @ np.linspace(1, 0, 20) / 3) + 0.4 * np.sin(2 * x[:, 0])
    numbers = TRUTHS[truth](score + 0.3 * x[:, 1] * x[:, 2], rng)
    found = _learnt(torch.from_numpy(x).float(), numbers[LEARNT], LOSSES[loss], seed, epochs)
    values = found.clip(min=numbers[LEARNT].min())[SCORED]
    return [metrics.score(one, numbers[SCORED], values) for one in METRICS]


def _learnt(
    rows: torch.Tensor, truth: Floats, loss: dict[str, Any], seed: int, epochs: int
) -> Floats:
    torch.manual_seed(seed)
    network = nn.Sequential(
        *(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32), nn.ReLU()),
        nn.Linear(32, 1),
    )
    mean, unit = truth.mean(), truth.std()
    objective = build_objective(
        {"classify": loss}, kinds={"classify": "regression"}, column_units=[unit]
    )
    target = torch.from_numpy(truth).float()[:, None]
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    for _ in range(epochs):
        for batch in torch.randperm(len(target)).split(32):
            logits = {"classify": network(rows[LEARNT][batch]) * unit + mean}
            optimizer.zero_grad()
            objective(logits, {"classify": target[batch]})["total"].backward()
            optimizer.step()
    with torch.no_grad():
        return (network.eval()(rows) * unit + mean).double().numpy()[:, 0]


if __name__ == "__main__":
    main()
