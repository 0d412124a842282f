"""Whether rows are in an order that somebody claims: differences paired by seed, as tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import stats

__all__ = [
    "PRINTED",
    "Difference",
    "chain",
    "difference",
    "printed_rows",
    "tables",
    "verdicts",
]

CONFIDENCE = 0.95
SEED = re.compile(r"(?:seed )?(\d+)")
NAMING = 3  # columns at most that name a row
SHOWN, NOT_SHOWN, OTHER_WAY = "shown", "not shown", "the other way"


def chain(*rows: str) -> tuple[tuple[str, str], ...]:
    """Return each row with the next: what an order of rows, best first, claims."""
    return tuple(pairwise(rows))


PRINTED = {
    "examples/s1/README.md": (
        *(("classical 0.95", f"classical {one}") for one in ("0", "0.9", "0.90 + 0.02 e")),
        ("classical 0.95", "local 0.95"),
        ("classical 0.95", "permanent 0.95"),
        ("warm-up", "permanent 0.95"),
        ("local 0.90 + 0.02 e", "local 0.95"),
    ),
    "examples/s4/README.md": (
        *chain(
            *(
                f"{start} {how}"
                for start, how in (
                    ("C BYOL", "trained"),
                    ("B supervised", "trained"),
                    ("E BYOL", "frozen"),
                    ("D supervised", "frozen"),
                    ("A random", "trained"),
                )
            )
        ),
        ("C BYOL trained", "A random trained"),
        ("E BYOL frozen", "F random frozen"),
    ),
    "docs/benchmarks.md": (
        *chain("barlow_twins", "simsiam", "simclr", "autoencoder"),
        ("barlow_twins", "simclr"),
        ("barlow_twins", "autoencoder"),
        ("C SimCLR trained", "A random trained"),
        ("C BYOL trained", "A random trained"),
        ("C BYOL trained", "E BYOL frozen"),
        ("comatch", "fixmatch"),
        ("fixmatch", "supervised, weak and strong"),
    ),
}
"""Page whose tables have a column for each seed, and what a study claims of their rows."""


@dataclass(frozen=True)
class Difference:
    """How much one row is above another, over the seeds that both have.

    Attributes:
        mean: of the differences by seed.
        low, high: ends of the interval of the mean.
        n: how many seeds.
        n_above: in how many of them it is above.
    """

    mean: float
    low: float
    high: float
    n: int
    n_above: int

    @property
    def verdict(self) -> str:
        """What the interval says of "above"."""
        if self.low > 0:
            return SHOWN
        return OTHER_WAY if self.high < 0 else NOT_SHOWN


def difference(above: Mapping[int, float], below: Mapping[int, float]) -> Difference:
    """Return how much `above` is above `below`, paired by seed: scores by seed of each."""
    each = [above[seed] - below[seed] for seed in sorted(set(above) & set(below))]
    mean = float(np.mean(each)) if each else float("nan")
    n, n_above = len(each), sum(one > 0 for one in each)
    if n < 2:
        return Difference(mean, float("-inf"), float("inf"), n, n_above)
    wide = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * stats.sem(each))
    return Difference(mean, mean - wide, mean + wide, n, n_above)


def tables(
    noted: Mapping[str, Mapping[str, Any]],
    claims: Sequence[tuple[str, str]],
    seeds: Sequence[int],
) -> list[str]:
    """Return the lines of two tables: the rows, best first, and what is claimed of them.

    Args:
        noted: training → seed → its "scores", row → score, and "seconds" of a processor.
        claims: pairs of rows, the first claimed to be above the second.
        seeds: that count.
    """
    found: dict[str, dict[int, float]] = {}
    seconds: dict[str, list[float]] = {}
    for by_seed in noted.values():
        for seed in seeds:
            one = by_seed.get(str(seed), {"scores": {}})
            for row, score in one["scores"].items():
                found.setdefault(row, {})[seed] = score
                seconds.setdefault(row, []).append(one["seconds"])
    lines = [
        f"| row | {' | '.join(f'seed {k}' for k in seeds)} | mean ± se | CPU s |",
        "| --- |" + " --- |" * (len(seeds) + 2),
    ]
    for row, scores in sorted(found.items(), key=lambda one: -np.mean(list(one[1].values()))):
        each = list(scores.values())
        told = " | ".join(f"{scores[k]:.3f}" if k in scores else "" for k in seeds)
        error = f" ± {stats.sem(each):.3f}" if len(each) > 1 else ""
        took = np.mean(seconds[row])
        lines.append(f"| {row} | {told} | {np.mean(each):.3f}{error} | {took:.0f} |")
    return [*lines, "", *verdicts(found, claims)]


def verdicts(
    rows: Mapping[str, Mapping[int, float]], claims: Sequence[tuple[str, str]]
) -> list[str]:
    """Return the lines of a table of claims: of scores by seed, row → seed → score."""
    lines = [
        "| the study has | difference | 95 % interval | above | here |",
        "| --- |" + " --- |" * 4,
    ]
    for above, below in claims:
        if above in rows and below in rows:
            of = difference(rows[above], rows[below])
            interval = f"{of.low:+.3f} to {of.high:+.3f}" if of.n > 1 else ""
            told = f"{of.mean:+.3f} | {interval} | {of.n_above} of {of.n} | {of.verdict}"
            lines.append(f"| {above} > {below} | {told} |")
    return lines


def printed_rows(text: str) -> dict[str, dict[int, float]]:
    """Return the scores by seed of the tables in a page that have a column for each seed.

    A row's name is what stands before these columns; of two rows of one name the first counts.
    """
    found: dict[str, dict[int, float]] = {}
    seeds: dict[int, int] = {}
    is_head = True
    for line in text.splitlines():
        cells = [one.strip() for one in line.split("|")[1:-1]]
        if is_head:
            named = [(at, SEED.fullmatch(one)) for at, one in enumerate(cells)]
            seeds = {at: int(match[1]) for at, match in named if match}
        elif seeds and cells and not line.startswith("| ---"):
            name = " ".join(one for one in cells[: min(NAMING, *seeds)] if one)
            found.setdefault(name, {seed: float(cells[at]) for at, seed in seeds.items()})
        is_head = not line.startswith("|")
    return found
