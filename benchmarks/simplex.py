"""The optimum of a loss on the simplex against SLSQP of scipy, as ratios in one run.

    python benchmarks/simplex.py [--members 50] [--rows 100000] [--rounds 3]

Binary members, made up, of unequal skill and sureness, share a part of their errors. SLSQP is what
one writes with care, on float64 columns of what each member gives to what is right, with the
gradient and (one round only) without. With its usual tolerance it stops early; with a tolerance of
1e-11 it comes to the same optimum. `notebook` is SLSQP over the function of sklearn. Each is told
how much higher than podium's its loss is; podium's gap bounds what any weights could still gain.
One thread of BLAS, seconds of the processor, the fastest of several rounds by turns.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import brier_score_loss, log_loss
from threadpoolctl import threadpool_limits

from podium.ensembling.simplex import simplex_weights

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Peer:
    """A loss of weights, with its gradient, as one writes it in numpy."""

    value: Callable[[Vector], float]
    gradient: Callable[[Vector], Vector]
    notebook: Callable[[Vector], float]


def main(argv: Sequence[str] | None = None) -> None:
    """Print seconds, ratios and losses of log loss and the Brier score, and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=50)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3, help="the fastest counts")
    given = parser.parse_args(argv)
    members, truth = drawn(given.members, given.rows)
    print(f"{given.members} members, {given.rows:,} rows")
    with threadpool_limits(1):
        for metric, peer in _peers(members, truth).items():
            _compare(metric, peer, members, truth, given.rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB")


def drawn(
    n_members: int, n: int, *, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return probabilities `(M, N, 1)` and the truth `(N,)`."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n)
    shared = (2 * truth - 1) + rng.normal(0, 1, n)
    members = np.empty((n_members, n, 1), dtype=np.float32)
    for member in members:
        logits = rng.uniform(0.3, 2) * shared + rng.normal(0, rng.uniform(0.5, 2.5), n)
        member[:, 0] = 1 / (1 + np.exp(-logits))
    return members, truth


def _peers(members: NDArray[np.float32], truth: NDArray[np.int64]) -> dict[str, Peer]:
    probs = members[:, :, 0].astype(np.float64)
    right = np.where(truth == 1, probs, 1 - probs)
    n, plain = len(truth), members[:, :, 0]

    def mean(w: Vector) -> Vector:
        return np.asarray(np.clip(np.tensordot(w, plain, 1) / w.sum(), 0, 1))

    return {
        "log_loss": Peer(
            lambda w: float(-np.log(np.clip(w @ right, 1e-15, 1)).mean()),
            lambda w: -right @ (1 / np.clip(w @ right, 1e-15, 1)) / n,
            lambda w: log_loss(truth, mean(w)),
        ),
        "brier": Peer(
            lambda w: float(((w @ probs - truth) ** 2).mean()),
            lambda w: 2 * (probs @ (w @ probs - truth)) / n,
            lambda w: brier_score_loss(truth, mean(w)),
        ),
    }


def _compare(
    metric: str,
    peer: Peer,
    members: NDArray[np.float32],
    truth: NDArray[np.int64],
    rounds: int,
) -> None:
    n = len(members)
    ways: dict[str, Callable[[], Vector]] = {
        "podium": lambda: simplex_weights(members, truth, metric, kind="binary").weights,
        "SLSQP, gradient, usual": lambda: _slsqp(peer.value, peer.gradient, n, 1e-6),
        "SLSQP, gradient, 1e-11": lambda: _slsqp(peer.value, peer.gradient, n, 1e-11),
        "SLSQP, without, usual": lambda: _slsqp(peer.value, None, n, 1e-6),
        "SLSQP, without, 1e-11": lambda: _slsqp(peer.value, None, n, 1e-11),
        "notebook, without": lambda: _slsqp(peer.notebook, None, n, 1e-6),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    weights: dict[str, Vector] = {}
    for number in range(rounds):
        for name, way in ways.items():
            if number and "without" in name:
                continue
            start = time.process_time()
            weights[name] = way()
            seconds[name].append(time.process_time() - start)
    found = simplex_weights(members, truth, metric, kind="binary")
    ours = min(seconds["podium"])
    used = int((found.weights > 0).sum())
    print(f"{metric}: {found.loss:.9f}, gap {found.gap:.1e}, {used} members used")
    for name, each in seconds.items():
        above = peer.value(weights[name]) - found.loss
        far = float(np.abs(weights[name] - found.weights).max())
        print(
            f"  {name:22} {min(each):7.3f} s, {min(each) / ours:6.1f}x, "
            f"loss higher by {above:8.1e}, weights apart by {far:.1e}"
        )


def _slsqp(
    value: Callable[[Vector], float],
    gradient: Callable[[Vector], Vector] | None,
    n_members: int,
    tolerance: float,
) -> Vector:
    done = minimize(
        value,
        np.full(n_members, 1 / n_members),
        jac=gradient,
        method="SLSQP",
        bounds=[(0, 1)] * n_members,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
        options={"maxiter": 1000, "ftol": tolerance},
    )
    weights = np.maximum(done.x, 0)
    return np.asarray(weights / weights.sum())


if __name__ == "__main__":
    main()
