"""Hill climbing against a plain loop with scikit-learn, as ratios in one run.

    python benchmarks/hill_climbing.py [--quick] [--metric auc] [--rounds 50] [--peer]

Fifty members say what 100,000 rows are, of two classes (one column) or of fifty. The loop keeps the
sum of the picks, makes the mean with each member in turn and scores it with scikit-learn; of equal
scores the first member wins. Both go all rounds, and their weights are compared before a ratio is
printed. Log loss takes rows as they come, as scikit-learn does; classes are decided of float32, as
podium does. One thread, seconds of the processor, of podium the fastest of three calls with all
that `hill_climb` checks; loops of compiled code were compiled before. `--quick` takes a tenth of
the rows and a fifth of the members; `--peer` adds the package `hillclimbers`, if it is installed,
to the rows of one column: it searches other weights, so that its score is printed and not compared.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from podium.ensembling import hill_climb

N_MEMBERS, N_ROWS = 50, 100_000

Probs = NDArray[np.float32]
Truth = NDArray[np.int64]


@dataclass(frozen=True)
class Case:
    """A row of the table: a metric, its columns, and what the loop scores a mean `(N, C)` with."""

    metric: str
    n_columns: int
    score: Callable[[Truth, NDArray[np.float64]], float]
    options: dict[str, Any]


def _auc(truth: Truth, probs: NDArray[np.float64]) -> float:
    return float(roc_auc_score(truth, probs[:, 0]))


def _minus_log_loss(truth: Truth, probs: NDArray[np.float64]) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # sums of float32 are 1 up to 1e-7
        return -float(log_loss(truth, probs if probs.shape[1] > 1 else probs[:, 0]))


def _accuracy(truth: Truth, probs: NDArray[np.float64]) -> float:
    said = probs.astype(np.float32)
    decided = said.argmax(axis=1) if said.shape[1] > 1 else said[:, 0] >= 0.5
    return float(accuracy_score(truth, decided))


CASES = (
    Case("auc", 1, _auc, {}),
    Case("log_loss", 1, _minus_log_loss, {}),
    Case("accuracy", 1, _accuracy, {}),
    Case("accuracy", 50, _accuracy, {}),
    Case("log_loss", 50, _minus_log_loss, {"rescale": False}),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Print seconds and the ratio of each case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer members and rows")
    parser.add_argument("--rounds", type=int, default=50, help="picks")
    parser.add_argument("--peer", action="store_true", help="the package hillclimbers, too")
    parser.add_argument("--metric", choices=sorted({case.metric for case in CASES}), help="alone")
    asked = parser.parse_args(argv)
    m, n = (N_MEMBERS // 5, N_ROWS // 10) if asked.quick else (N_MEMBERS, N_ROWS)
    print(f"{m} members, {n:,} rows, {asked.rounds} rounds")
    for case in CASES:
        if asked.metric not in (None, case.metric):
            continue
        members, truth = made_up(m, n, case.n_columns)
        _compare(case, members, truth, asked.rounds)
        if asked.peer and case.n_columns == 1:
            _against_hillclimbers(case, members, truth)


def made_up(n_members: int, n: int, n_columns: int, *, seed: int = 0) -> tuple[Probs, Truth]:
    """Return what members of unlike strength say `(M, N, C)`, who share half of their errors."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, max(2, n_columns), n)
    shared = rng.normal(0, 1, (n, n_columns)).astype(np.float32)
    if n_columns == 1:
        shared[:, 0] += 1.4 * truth - 0.7
    else:
        shared[np.arange(n), truth] += 1.5
    members = np.empty((n_members, n, n_columns), dtype=np.float32)
    for member in members:
        noise = rng.normal(0, rng.uniform(0.5, 1.5), shared.shape).astype(np.float32)
        odds = np.exp(shared + noise)
        member[:] = odds / (odds.sum(axis=1, keepdims=True) if n_columns > 1 else 1 + odds)
    return members, truth


def plain_loop(
    members: Probs, score: Callable[[NDArray[np.float64]], float], rounds: int
) -> NDArray[np.float64]:
    """Return the weights after the best round, of equal ones the first."""
    total = np.zeros(members.shape[1:])
    picks: list[int] = []
    path: list[float] = []
    for _ in range(rounds):
        tried = [score((total + member) / (len(picks) + 1)) for member in members]
        picks.append(int(np.argmax(tried)))
        path.append(max(tried))
        total += members[picks[-1]]
    length = int(np.argmax(path)) + 1
    return np.bincount(picks[:length], minlength=len(members)) / length


def _compare(case: Case, members: Probs, truth: Truth, rounds: int) -> None:
    def podium(n: int = len(truth)) -> NDArray[np.float64]:
        return hill_climb(
            members[:, :n], truth[:n], case.metric, rounds=rounds, options=case.options
        )

    podium(1000)  # compiles
    runs = [_timed(podium) for _ in range(3)]
    ours, seconds = runs[0][0], min(seconds for _, seconds in runs)
    theirs, loop = _timed(lambda: plain_loop(members, lambda mean: case.score(truth, mean), rounds))
    assert ours.tolist() == theirs.tolist(), f"{case.metric}: other weights"
    print(
        f"{case.metric}, C={case.n_columns}: podium {seconds:.3f} s, plain loop {loop:.1f} s, "
        f"{loop / seconds:.0f}x; the same weights of {np.count_nonzero(ours)} members",
        flush=True,
    )


def _against_hillclimbers(case: Case, members: Probs, truth: Truth) -> None:
    import pandas as pd
    from hillclimbers import climb_hill

    names = [f"member {m}" for m in range(len(members))]
    said = pd.DataFrame(dict(zip(names, members[:, :, 0].astype(np.float64), strict=True)))

    def score(right: Any, mean: Any) -> float:
        return case.score(np.asarray(right), np.asarray(mean)[:, None])

    def theirs() -> Any:
        with contextlib.redirect_stdout(io.StringIO()):
            return climb_hill(
                train=pd.DataFrame({"truth": truth}),
                oof_pred_df=said,
                test_pred_df=said.head(1),
                target="truth",
                objective="maximize",
                eval_metric=functools.partial(score),
                plot_hill=False,
                return_oof_preds=True,
            )

    found, seconds = _timed(theirs)
    ours = hill_climb(members, truth, case.metric, options=case.options)
    mean = np.tensordot(ours, members, 1)
    print(
        f"  hillclimbers {seconds:.1f} s: {abs(score(truth, found[1])):.5f}, "
        f"podium {abs(case.score(truth, mean)):.5f}",
        flush=True,
    )


def _timed(way: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    found = way()
    return found, time.process_time() - start


if __name__ == "__main__":
    main()
