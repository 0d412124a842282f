"""Whether a tuned decision pays on fresh rows: plain, the rule before, and the rule of today.

    python benchmarks/decisions.py [--draws 20] [--slow 5] [--rows 10,1000] [--tasks multilabel:5]
                                   [--truths calibrated] [--lines]

What a network says, and how the truth follows from it, is known exactly. A row of C classes has
logits: normal, of standard deviation 1.5, plus the logarithm of how frequent its class is; its
truth is drawn by their softmax, of several labels by the logistic function of each. A rating is a
place between the classes with an error of .7 of a class, and the network says the rating that is
expected there. An image of 24 x 24 pixels has a disc in each class, whose radius is known up to 1.5
pixels: the probability of a pixel is that of lying inside. Each network is one of three:

- calibrated: what it says is so, of classes that are equally frequent;
- unbalanced: what it says is so. The least frequent class is a tenth as frequent as the most
  frequent one, ratings are mostly low, and two of three discs are not there, though the network has
  a faint idea of one;
- shifted: of equally frequent classes, with logits 1.5 times too large and each class preferred, or
  not, by a normal number of standard deviation 1, as after training on other shares; ratings are
  drawn to the middle and moved.

`--truths` takes three more, which no rule was made on:

- noisy: a network that errs by rows: normal noise of standard deviation 1 is added to the logits;
- bent: a network whose logits are their own powers of 1.6, sign kept;
- wrong: a tenth of the true labels are any class at all.

The decision is fitted on n rows and scored on many others, in points (hundredths). `always tuned`
is the gain of the free search (a weight a class, the robust threshold, the best of all masks) where
it is always kept, and `before` where it gains more than one standard error on the rows that it was
fitted on; both over `--slow` draws. `now` is what podium keeps, `tuned` how often that is no plain
decision, and `of possible` its share of `always tuned` in the same draws, where that is more than
half a point. A line stands for several metrics, `--lines` prints each of them; `worst` is the
metric whose gain is least.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, softmax

from podium.competition.scores import bootstrap
from podium.predictions.store.masks import MaskArrays
from podium.tuning import fit_class_weights, fit_cuts, fit_thresholds
from podium.tuning.labels.decision import choose_decision
from podium.tuning.labels.search import Search
from podium.tuning.masks.counts import count_candidates
from podium.tuning.masks.decision import (
    PLAIN,
    CountScorer,
    GatedTable,
    choose_mask_decision,
    goodness_of_all,
)
from podium.tuning.masks.space import mask_space
from podium.tuning.scoring import LabelScorer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Steps = list[dict[str, Any]]

ROWS = (10, 20, 50, 100, 300, 1_000, 10_000)
TASKS = (
    "binary:2",
    "multiclass:5",
    "multiclass:10",
    "multiclass:20",
    "multiclass:50",
    "multilabel:5",
    "multilabel:20",
    "ordinal:5",
    "masks:1",
    "masks:3",
)
TRUTHS = ("calibrated", "unbalanced", "shifted")
METRICS: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "binary": (("accuracy", {}), ("balanced_accuracy", {}), ("f1", {})),
    "multiclass": (("accuracy", {}), ("balanced_accuracy", {}), ("macro_f1", {})),
    "multilabel": (("macro_f1", {}), ("accuracy", {}), ("f1", {"average": "samples"})),
    "ordinal": (("qwk", {}), ("accuracy", {})),
    "masks": (("mean_dice", {}), ("mean_iou", {})),
}
FRESH = 5_000
SIDE, FRESH_IMAGES, MOST_IMAGES = 24, 200, 300


@dataclass(frozen=True)
class Cell:
    """What is drawn, and how it is scored."""

    task: str
    n_classes: int
    n: int
    truth: str
    metric: str
    options: dict[str, Any]

    @property
    def named(self) -> str:
        return self.metric if not self.options else f"{self.metric} {self.options['average']}"

    def drawn(self, n: int, shift: Floats, rng: np.random.Generator) -> tuple[Floats, Ints]:
        """Return what the network says of n rows, `(n, C)`, or `(n,)` of one number, and truth."""
        if self.task == "ordinal":
            return self._ratings(n, shift, rng)
        c = self.n_classes
        spread = np.linspace(0, np.log(10), c) if self.truth == "unbalanced" else np.zeros(c)
        logits = 1.5 * rng.standard_normal((n, c)) - spread
        if self.task == "multilabel":
            logits -= 0.5
            truth = (rng.random((n, c)) < expit(logits)).astype(np.int64)
        else:
            truth = (logits + rng.gumbel(size=(n, c))).argmax(axis=1)
        if self.truth == "shifted":
            logits = 1.5 * (logits + shift)
        if self.truth == "noisy":
            logits = logits + rng.standard_normal((n, c))
        if self.truth == "bent":
            logits = np.sign(logits) * np.abs(logits) ** 1.6
        if self.truth == "wrong":
            wrong, classes = rng.random(truth.shape) < 0.1, 2 if truth.ndim == 2 else c
            truth = np.where(wrong, rng.integers(0, classes, truth.shape), truth)
        if self.task == "multilabel":
            return expit(logits), truth
        probs = softmax(logits, axis=1)
        return (probs[:, 1] if c == 2 else probs), truth.astype(np.int64)

    def _ratings(self, n: int, shift: Floats, rng: np.random.Generator) -> tuple[Floats, Ints]:
        c, error = self.n_classes, 0.7
        share = rng.beta(1, 3, n) if self.truth == "unbalanced" else rng.random(n)
        place = c * share - 0.5
        truth = np.clip(np.rint(place + error * rng.standard_normal(n)), 0, c - 1)
        if self.truth == "wrong":
            truth = np.where(rng.random(n) < 0.1, rng.integers(0, c, n), truth)
        if self.truth == "noisy":
            place = place + 0.7 * rng.standard_normal(n)
        said = ndtr((place[:, None] - (np.arange(1, c) - 0.5)) / error).sum(axis=1)
        middle = (c - 1) / 2
        if self.truth == "shifted":
            said = middle + 0.6 * (said - middle) + 0.2 * shift[0]
        if self.truth == "bent":
            said = (c - 1) * (said / (c - 1)) ** 1.6
        return np.clip(said, 0, c - 1), truth.astype(np.int64)


def searched(probs: Floats, truth: Ints, cell: Cell, seed: int) -> Steps:
    """Return the best decision on these rows by the free search."""
    if cell.task == "multiclass":
        weights = fit_class_weights(probs, truth, cell.metric, trials=50, seed=seed)
        return [{"class_weights": weights.tolist()}]
    if cell.task == "ordinal":
        cuts = fit_cuts(probs, truth, cell.metric, n_classes=cell.n_classes, seed=seed)
        return [{"cuts": cuts.tolist()}]
    found = fit_thresholds(probs, truth, cell.metric, cell.task, seed=seed, options=cell.options)
    return [{"threshold": float(found[0]) if cell.task == "binary" else found.tolist()}]


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
class Draws:
    """The scores of a cell, `(draws,)` each, in points, nan where not tried; seconds of a fit."""

    cell: Cell
    plain: Floats
    always: Floats
    before: Floats
    now: Floats
    tuned: Floats
    seconds: float

    @property
    def gain(self) -> float:
        return float((self.now - self.plain).mean())

    @property
    def possible(self) -> float:
        return max(0.0, float(np.nanmean(self.always - self.plain)))

    @property
    def kept(self) -> float:
        """The gain in the draws in which `always tuned` was tried, too."""
        return float((self.now - self.plain)[~np.isnan(self.always)].mean())


def of_labels(cell: Cell, draws: int, slow: int) -> Draws:
    """Return the scores of a cell over so many draws; of the free search, over `slow` of them."""
    rng = np.random.default_rng([cell.n, cell.n_classes, len(cell.truth), len(cell.named)])
    found = np.full((5, draws), np.nan)
    seconds = 0.0
    outputs = cell.n_classes if cell.task in ("multiclass", "multilabel") else 1
    for seed in range(draws):
        shift = rng.standard_normal(cell.n_classes)
        probs, truth = cell.drawn(cell.n, shift, rng)
        fresh, its_truth = cell.drawn(FRESH, shift, rng)
        of_order = {"n_classes": cell.n_classes} if cell.task == "ordinal" else {}
        scorer, fresh_scorer = (
            LabelScorer.of(
                cell.metric,
                one,
                n_outputs=outputs,
                kind=cell.task,
                options=cell.options,
                **of_order,
            )
            for one in (truth, its_truth)
        )
        start = time.process_time()
        now = choose_decision(probs, scorer, Search(seed=seed)).decision
        seconds += time.process_time() - start
        each: list[Steps | None] = [[], None, None, now]
        if seed < slow and len(np.unique(truth)) > 1:
            each[1] = always = searched(probs, truth, cell, seed)
            each[2] = kept_before(always, probs, scorer, seed)
        for i, steps in enumerate(each):
            if steps is not None:
                found[i, seed] = 100 * fresh_scorer.of_probs(fresh, steps or None)
        found[4, seed] = bool(now)
    return Draws(cell, *found, seconds=seconds / draws)


def discs(cell: Cell, shift: Floats, rng: np.random.Generator) -> tuple[Floats, NDArray[np.uint8]]:
    """Return probabilities `(H, W, C)` and the truth `(H, W)`, or `(H, W, C)`, of an image."""
    at, planes, truths = np.arange(SIDE), [], []
    for c in range(cell.n_classes):
        y, x = rng.uniform(6, SIDE - 6, 2)
        inside = rng.uniform(3, 8) - np.hypot(at[:, None] - y, at - x)
        truth = inside + 1.5 * rng.standard_normal() > 0
        probs = ndtr(inside / 1.5)
        if cell.truth == "unbalanced":
            is_there = rng.random() < 1 / 3
            truth &= is_there
            probs = probs * (0.9 if is_there else rng.choice([0.1, 0.6]))
        if cell.truth == "shifted":
            odds = np.log((probs + 1e-3) / (1 - probs + 1e-3))
            probs = expit(1.5 * odds + shift[c])
        planes.append(probs)
        truths.append(truth)
    one = cell.n_classes == 1
    mask = truths[0] if one else np.stack(truths, axis=-1)
    return np.stack(planes, axis=-1).round(2), mask.astype(np.uint8)


def of_masks(cell: Cell, draws: int, slow: int) -> Draws:
    """Return what `of_labels` does, of masks."""
    rng = np.random.default_rng([cell.n, cell.n_classes, len(cell.truth), len(cell.named)])
    kind = "binary" if cell.n_classes == 1 else "multilabel"
    scorer = CountScorer.of(cell.metric, kind)
    sign = 100 if scorer.metric.greater_is_better else -100
    found = np.full((5, draws), np.nan)
    seconds = 0.0
    for seed in range(draws):
        shift = rng.standard_normal(cell.n_classes)
        images = [discs(cell, shift, rng) for _ in range(cell.n + FRESH_IMAGES)]
        probs = [one.astype(np.float16) for one, _ in images]
        masks = MaskArrays([str(i) for i in range(len(images))], probs)
        space = mask_space(kind, [(SIDE, SIDE)] * len(images), trials=10, n_classes=cell.n_classes)
        table = count_candidates(
            masks, [one for _, one in images], space, n_outputs=cell.n_classes, workers=1
        )
        gated = GatedTable.of(table, None)
        rows, fresh = np.arange(cell.n), np.arange(cell.n, len(images))
        start = time.process_time()
        kept = choose_mask_decision(gated, scorer, rows, seed=seed)
        seconds += time.process_time() - start
        every = [one.picks[0] for one in gated.common()]
        goodness = goodness_of_all(
            scorer,
            lambda some, rows=rows, g=gated, e=every: g.look_up_each([e[i] for i in some], rows),
            len(every),
        )
        always = next(one for i, one in enumerate(gated.common()) if i == int(np.argmax(goodness)))
        of_plain, of_tuned = (
            bootstrap.scores(
                scorer.metric, sums=scorer.sums(gated.look_up(one, rows)), n=100, seed=seed
            )
            for one in (PLAIN, always)
        )
        gain = scorer.goodness(gated.look_up(always, rows)) - scorer.goodness(
            gated.look_up(PLAIN, rows)
        )
        before = always if gain > np.nanstd(of_tuned - of_plain, ddof=1) else PLAIN
        for i, one in enumerate((PLAIN, always, before, kept.decision)):
            found[i, seed] = abs(sign) * scorer.score(gated.look_up(one, fresh))
        found[4, seed] = kept.is_tuned
    return Draws(cell, *found, seconds=seconds / draws)


def cells(rows: Sequence[int], tasks: Sequence[str], truths: Sequence[str]) -> list[Cell]:
    """Return what is drawn, in the order of the table."""
    found = []
    for one in tasks:
        task, c = one.split(":")
        for truth in truths:
            if task == "masks" and truth not in TRUTHS:
                continue
            for n in rows:
                if task == "masks" and n > MOST_IMAGES:
                    continue
                for name, options in METRICS[task]:
                    found.append(Cell(task, int(c), n, truth, name, options))
    return found


HEAD = (
    "| task | classes | truth | rows | plain | always tuned | before | now | worst | of possible | "
    "tuned | s |\n|" + " --- |" * 12
)


def line(every: Sequence[Draws]) -> str:
    """Return the line of cells that differ in their metric."""
    cell = every[0].cell
    plain, always, before, tuned = (
        np.mean([np.nanmean(one) for one in column])
        for column in (
            [d.plain for d in every],
            [d.always - d.plain for d in every],
            [d.before - d.plain for d in every],
            [d.tuned for d in every],
        )
    )
    gains = np.mean([d.now - d.plain for d in every], axis=0)
    error = gains.std(ddof=1) / np.sqrt(len(gains))
    worst = min(every, key=lambda d: d.gain)
    real = [d for d in every if d.possible > 0.5]
    share = f"{sum(d.kept for d in real) / sum(d.possible for d in real):.0%}" if real else "–"
    return (
        f"| {cell.task} | {cell.n_classes} | {cell.truth} | {cell.n:,} | {plain:.2f} | "
        f"{always:+.2f} | {before:+.2f} | {gains.mean():+.2f} ± {error:.2f} | "
        f"{worst.gain:+.2f} {worst.cell.named} | {share} | {tuned:.0%} | "
        f"{np.mean([d.seconds for d in every]):.2f} |"
    )


def main() -> None:
    """Print the table, and what it comes to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--slow", type=int, default=5, help="draws of the free search")
    parser.add_argument("--rows", default=",".join(map(str, ROWS)))
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--truths", default=",".join(TRUTHS))
    parser.add_argument("--lines", action="store_true", help="a line for each metric")
    asked = parser.parse_args()
    rows = [int(n) for n in asked.rows.split(",")]
    print(HEAD)
    found = []
    every = cells(rows, asked.tasks.split(","), asked.truths.split(","))
    for _, group in groupby(every, key=lambda c: (c.task, c.n_classes, c.truth, c.n)):
        of_group = []
        for cell in group:
            draws = max(4, asked.draws // (5 if cell.n >= 10_000 else 1))
            measured = of_masks if cell.task == "masks" else of_labels
            of_group.append(measured(cell, draws, min(draws, asked.slow)))
            if asked.lines:
                print(line(of_group[-1:]), flush=True)
        if not asked.lines:
            print(line(of_group), flush=True)
        found += of_group
    print("\n| rows | gain | worst | of possible |\n|" + " --- |" * 4)
    for n in rows:
        of_rows = [d for d in found if d.cell.n == n]
        worst = min(of_rows, key=lambda d: d.gain)
        real = [d for d in of_rows if d.possible > 0.5]
        share = sum(d.kept for d in real) / sum(d.possible for d in real) if real else np.nan
        where = f"{worst.cell.task} {worst.cell.n_classes} {worst.cell.truth} {worst.cell.named}"
        gain = np.mean([d.gain for d in of_rows])
        print(f"| {n:,} | {gain:+.2f} | {worst.gain:+.2f} ({where}) | {share:.0%} |")


if __name__ == "__main__":
    main()
