"""Simulated competitions: what `podium finals` loses on the private score, and what others lose.

    python benchmarks/finals.py [--competitions 500]

In each, a competitor has members of different skill, in families that err alike. What is seen out
of fold flatters each member by an amount of its own, as choosing its settings by its folds does.
Blends are means of some members; those that look best out of fold, and a few others, are submitted
and get public scores of 30 % of the test units. Then two files are chosen. Regret is how far the
better of the two falls short, on the private units, of the best of all that were submitted, in the
units of the metric. All ways to choose see the same competitions; the difference to `podium finals`
is paired. Below each metric stands the regret that `podium finals` expected of its own choice.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.ensembling.honest import OofUnits
from podium.submissions.board.finals import best_subset, naive_choices
from podium.submissions.board.private_scores import evidence_of, sample_private

Floats = NDArray[np.float64]

METRICS = ("accuracy", "auc", "mean_dice")
SHARE = 0.3
OWN = "podium finals"
EXPECTED = "expected by podium finals"
BESIDE_OOF = "best OOF + the best beside it"


@dataclass(frozen=True)
class Sizes:
    """How large a competition is, and how its members differ.

    Attributes:
        units, tests: out of fold, and of the test set.
        members, families: networks, and kinds of them that err alike.
        submitted: files that are sent.
        optimism: the spread of what folds flatter a member by, in standard deviations of a unit.
        skill: the spread of skill, likewise.
        draws: of test sets, for `evidence_of`.
    """

    units: int = 1000
    tests: int = 1500
    members: int = 20
    families: int = 4
    submitted: int = 20
    optimism: float = 0.05
    skill: float = 0.08
    draws: int = 200


def regrets(metric: str, n: int, sizes: Sizes, seed: int = 0) -> dict[str, Floats]:
    """Return the regret `(n,)` on the private score, at least 0, of each way to choose.

    Under `EXPECTED` is what `podium finals` expected of its own.
    """
    found: dict[str, list[float]] = {}
    for one in range(n):
        for name, regret in _competition(metric, sizes, [seed, one]).items():
            found.setdefault(name, []).append(regret)
    return {name: np.array(values) for name, values in found.items()}


def _competition(metric: str, sizes: Sizes, seed: Sequence[int]) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    weights = _blends(rng, sizes)
    skill = rng.normal(0.8, sizes.skill, sizes.members)
    flattery = np.abs(rng.normal(0, sizes.optimism, sizes.members))
    family = rng.integers(sizes.families, size=sizes.members)
    oof, truth = _said(rng, sizes.units, skill + flattery, family, weights)
    test, test_truth = _said(rng, sizes.tests, skill, family, weights)
    every = [_units(metric, one, truth) for one in oof]
    looks = np.array([one.score() for one in every])
    best = np.argsort(-looks)[: sizes.submitted // 2]
    rest = np.setdiff1d(np.arange(len(weights)), best)
    sent = np.concatenate([best, rng.choice(rest, sizes.submitted - len(best), replace=False)])
    is_public = rng.permutation(sizes.tests) < round(SHARE * sizes.tests)
    hosted = [_units(metric, test[k], test_truth) for k in sent]
    public = [one.score(np.flatnonzero(is_public)) for one in hosted]
    private = np.array([one.score(np.flatnonzero(~is_public)) for one in hosted])
    known = evidence_of(
        [str(k) for k in sent],
        [every[k] for k in sent],
        public,
        n_test=sizes.tests,
        public_share=SHARE,
        n=sizes.draws,
    )
    good = sample_private(known, n=4000)
    is_unreliable = [False] * len(sent)
    picks = {OWN: best_subset(good, n=2, is_unreliable=is_unreliable)}
    picks |= naive_choices(known)
    best = int(np.argmax(known.honest))
    picks[BESIDE_OOF] = best_subset(good, n=2, is_unreliable=is_unreliable, first=best)
    found = {name: float(private.max() - private[one].max()) for name, one in picks.items()}
    own = good[:, picks[OWN]].max(axis=1)
    return {**found, EXPECTED: float((good.max(axis=1) - own).mean())}


def _blends(rng: np.random.Generator, sizes: Sizes) -> Floats:
    """Return weights `(B, M)`: each member alone, and means of two to six."""
    rows = list(np.eye(sizes.members))
    for _ in range(4 * sizes.submitted):
        row = np.zeros(sizes.members)
        row[rng.choice(sizes.members, rng.integers(2, 7), replace=False)] = 1
        rows.append(row / row.sum())
    return np.stack(rows)


def _said(
    rng: np.random.Generator, n: int, skill: Floats, family: NDArray[np.int64], weights: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Return how right blends are `(B, n)`, above 0 where they are, and labels `(n,)` of 0 and 1.

    Of each unit it is the sum of skill, how easy the unit is, what the family finds in it, and what
    the member does.
    """
    easy = rng.normal(0, 0.7, n)
    kinds = rng.normal(0, 0.5, (int(family.max()) + 1, n))
    own = rng.normal(0, 0.5, (len(skill), n))
    return weights @ (skill[:, None] + easy + kinds[family] + own), rng.integers(2, size=n)


def _units(metric: str, right: Floats, truth: NDArray[np.int64]) -> OofUnits:
    ids = np.arange(len(truth)).astype(str)
    if metric == "mean_dice":  # any mean of scores of units: as good as a Dice of images
        dice = 1 / (1 + np.exp(-right))
        sums = np.column_stack([dice, np.ones(len(dice))])
        return OofUnits(ids, None, metrics.get("mean_dice"), sums=sums)
    if metric == "accuracy":
        said = np.where(right > 0, truth, 1 - truth)
        hits = metrics.sums("accuracy", truth, said)
        return OofUnits(ids, None, metrics.get("accuracy"), sums=hits)
    said = 1 / (1 + np.exp(-right * (2 * truth - 1)))
    return OofUnits(ids, None, metrics.get(metric), truth=truth, prediction=said)


def main(argv: Sequence[str] | None = None) -> None:
    """Print a Markdown table of mean regrets with standard errors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--competitions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--optimism", type=float, default=Sizes.optimism)
    args = parser.parse_args(argv)
    print("| metric | chosen by | mean regret × 1000 | more than podium finals |")
    print("| --- | --- | --- | --- |")
    start = time.perf_counter()
    for metric in METRICS:
        sizes = Sizes(optimism=args.optimism)
        found = regrets(metric, args.competitions, sizes, args.seed)
        for name, values in found.items():
            more = values - found[OWN]
            paired = "" if name in (OWN, EXPECTED) else _mean(more)
            print(f"| {metric} | {name} | {_mean(values)} | {paired} |", flush=True)
    print(f"\n{args.competitions} competitions a metric, {time.perf_counter() - start:.0f} s")


def _mean(values: Floats) -> str:
    return f"{1000 * values.mean():.2f} ± {1000 * values.std(ddof=1) / np.sqrt(len(values)):.2f}"


if __name__ == "__main__":
    main()
