"""Whether a tuned decision pays on fresh rows: plain, the rule before, and the rule of today.

    python benchmarks/decisions.py [--draws 40] [--slow 10] [--rows 10,1000] [--classes 2,10]

A row of C classes has logits: normal, of standard deviation 1.5, plus the logarithm of how
frequent its class is. Its truth is drawn by their softmax, so that these probabilities are exact.
What the network says is one of three:

- calibrated: just that, of classes that are equally frequent. No decision scores more than argmax;
- unbalanced: just that, where the least frequent class is a tenth as frequent as the most
  frequent one. Argmax is best for accuracy, and bad for metrics that count classes alike;
- shifted: of equally frequent classes, with logits 1.5 times too large and each class preferred,
  or not, by a normal number of standard deviation 1, as after training on other shares.

The decision is fitted on n rows and scored on many others, in points (hundredths). `always tuned`
is the gain of the search as it was (a free weight a class, the robust threshold) where it is always
kept, and `before` where it gains more than one standard error on the rows that it was fitted on;
both over `--slow` draws. `now` is what `fit_decision` returns, `tuned` how often that is no plain
decision, and `of possible` its share of `always tuned` in the same draws, where that is more than
half a point.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import bootstrap
from podium.tuning import fit_class_weights, fit_decision, fit_thresholds
from podium.tuning.scoring import LabelScorer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Steps = list[dict[str, Any]]

ROWS = (10, 20, 50, 100, 300, 1_000, 10_000)
CLASSES = (2, 5, 10, 50)
TRUTHS = ("calibrated", "unbalanced", "shifted")
METRICS = ("accuracy", "balanced_accuracy", "macro_f1")
FRESH = 5_000


@dataclass(frozen=True)
class Cell:
    """A line of the table: what is drawn, and how it is scored."""

    n: int
    n_classes: int
    truth: str
    metric: str

    @property
    def kind(self) -> str:
        return "binary" if self.n_classes == 2 else "multiclass"

    def drawn(self, n: int, shift: Floats, rng: np.random.Generator) -> tuple[Floats, Ints]:
        """Return what the network says of n rows, `(n, C)`, or `(n,)` of two, and the truth."""
        c = self.n_classes
        spread = np.linspace(0, np.log(10), c) if self.truth == "unbalanced" else np.zeros(c)
        logits = 1.5 * rng.standard_normal((n, c)) - spread
        truth = (logits + rng.gumbel(size=(n, c))).argmax(axis=1)
        if self.truth == "shifted":
            logits = 1.5 * (logits + shift)
        probs = np.exp(logits - logits.max(axis=1, keepdims=True))
        probs /= probs.sum(axis=1, keepdims=True)
        return (probs[:, 1] if c == 2 else probs), truth.astype(np.int64)


def searched(probs: Floats, truth: Ints, cell: Cell, seed: int) -> Steps:
    """Return the best decision on these rows, as it was searched before."""
    if cell.n_classes == 2:
        found = fit_thresholds(probs, truth, cell.metric, "binary", seed=seed)
        return [{"threshold": float(found[0])}]
    weights = fit_class_weights(probs, truth, cell.metric, trials=50, seed=seed)
    return [{"class_weights": weights.tolist()}]


def kept_before(steps: Steps, probs: Floats, scorer: LabelScorer, seed: int) -> Steps:
    """Return the steps where they gain more than one standard error on the rows fitted."""
    plain, tuned = scorer.prediction(probs), scorer.prediction(probs, steps)
    of_plain, of_tuned = (
        bootstrap.scores(scorer.metric, scorer.truth, one, n=100, seed=seed, **scorer.options)
        for one in (plain, tuned)
    )
    error = np.nanstd(of_tuned - of_plain, ddof=1)
    return steps if scorer.score(tuned) - scorer.score(plain) > error else []


@dataclass(frozen=True)
class Line:
    """The scores of a cell, `(draws,)` each, in points, and the seconds of a fit."""

    cell: Cell
    plain: Floats
    always: Floats
    before: Floats
    now: Floats
    tuned_now: float
    seconds: float

    @property
    def possible(self) -> float:
        return max(0.0, float(np.nanmean(self.always - self.plain)))

    def __str__(self) -> str:
        cell = self.cell
        lost, gain = self.before - self.plain, self.now - self.plain
        error = np.std(gain, ddof=1) / np.sqrt(len(gain))
        both = gain[~np.isnan(self.always)].mean()
        share = f"{both / self.possible:.0%}" if self.possible > 0.5 else "–"
        return (
            f"| {cell.n:,} | {cell.n_classes} | {cell.truth} | {cell.metric} | "
            f"{self.plain.mean():.2f} | {np.nanmean(self.always - self.plain):+.2f} | "
            f"{np.nanmean(lost):+.2f} | {gain.mean():+.2f} ± {error:.2f} | {share} | "
            f"{self.tuned_now:.0%} | {self.seconds:.2f} |"
        )


def measured(cell: Cell, draws: int, slow: int) -> Line:
    """Return the scores of a cell over so many draws; of the rule before, over `slow` of them."""
    rng = np.random.default_rng([cell.n, cell.n_classes, len(cell.truth), len(cell.metric)])
    found: dict[str, list[float]] = {name: [] for name in ("plain", "always", "before", "now")}
    n_tuned, seconds = 0, 0.0
    for seed in range(draws):
        shift = rng.standard_normal(cell.n_classes)
        probs, truth = cell.drawn(cell.n, shift, rng)
        fresh, its_truth = cell.drawn(FRESH, shift, rng)
        scorer, fresh_scorer = (
            LabelScorer.of(cell.metric, one, n_outputs=n_outputs_of(cell), kind=cell.kind)
            for one in (truth, its_truth)
        )
        start = time.process_time()
        now = fit_decision(probs, truth, cell.metric, cell.kind, seed=seed)
        seconds += time.process_time() - start
        n_tuned += bool(now)
        each = {"plain": [], "now": now}
        if seed < slow and len(np.unique(truth)) > 1:
            each["always"] = searched(probs, truth, cell, seed)
            each["before"] = kept_before(each["always"], probs, scorer, seed)
        for name, scores in found.items():
            known = name in each
            score = fresh_scorer.of_probs(fresh, each[name] or None) if known else np.nan
            scores.append(100 * score)
    arrays = {name: np.array(one) for name, one in found.items()}
    return Line(cell, **arrays, tuned_now=n_tuned / draws, seconds=seconds / draws)


def n_outputs_of(cell: Cell) -> int:
    """Return how many columns the network has."""
    return 1 if cell.n_classes == 2 else cell.n_classes


def cells(rows: Sequence[int], classes: Sequence[int], truths: Sequence[str]) -> list[Cell]:
    """Return the lines of the table."""
    return [
        Cell(n, c, truth, metric)
        for c in classes
        for truth in truths
        for metric in (*METRICS, *(("f1",) if c == 2 else ()))
        # Of classes that are equally frequent macro F1 says what balanced accuracy does.
        if (truth, metric) != ("calibrated", "macro_f1")
        for n in rows
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--slow", type=int, default=10, help="draws of the rule before")
    parser.add_argument("--rows", default=",".join(map(str, ROWS)))
    parser.add_argument("--classes", default=",".join(map(str, CLASSES)))
    parser.add_argument("--truths", default=",".join(TRUTHS))
    asked = parser.parse_args()
    rows, classes = ([int(n) for n in one.split(",")] for one in (asked.rows, asked.classes))
    print(
        "| rows | classes | truth | metric | plain | always tuned | before | now | of possible | "
        "tuned | s |\n|" + " --- |" * 11
    )
    for cell in cells(rows, classes, asked.truths.split(",")):
        draws = max(4, asked.draws // (5 if cell.n >= 10_000 else 1))
        print(measured(cell, draws, min(draws, asked.slow)), flush=True)


if __name__ == "__main__":
    main()
