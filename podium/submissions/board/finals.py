"""Choice of the two final submissions: the best one, and the one that complements it best.

The best is the one with the best expected private score, from honest and public scores together:
the highest of many honest scores is the most optimistic, and so is the highest public one. Private
scores of a competitor's submissions move together. A second file that repeats the first adds
nothing, nor does one that is far worse. The criterion is the expected score of the better of the
two, over the possible private scores (`private_scores.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.errors import UsageError
from podium.submissions.board.private_scores import Evidence, sample_private

__all__ = ["Candidate", "Finals", "best_subset", "choose_finals", "naive_choices"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """A submission that may be chosen.

    Attributes:
        id: of the submission.
        honest: its honest score, over the units that all candidates predicted.
        public: its public score; None where there is none.
        private: its expected private score, given all honest and public scores.
        private_interval: bounds that hold it with 95 %.
        correlation: of its score with that of the first choice, over draws of test sets.
        beside_first: the expected private score of the better of it and the first choice.
        doubt: why its honest score is not reliable; else "".
    """

    id: str
    honest: float
    public: float | None
    private: float
    private_interval: tuple[float, float]
    correlation: float
    beside_first: float
    doubt: str = ""


@dataclass(frozen=True)
class FinalsChoice:
    """Some submissions, as a choice.

    Attributes:
        name: how they were chosen.
        ids: which they are.
        expected: the expected private score of the best of them.
        regret: how far that lies below the expected score of the best of all, in the metric's
            units, at least 0.
    """

    name: str
    ids: tuple[str, ...]
    expected: float
    regret: float


@dataclass(frozen=True)
class Finals:
    """The proposed submissions, and the reasons.

    Attributes:
        chosen: ids, the one that is expected to be the best first.
        reasons: one for each, as text.
        choice: the expected score and regret of these.
        naive: those of the usual choices, for comparison.
        candidates: all, the expected best first.
        expected_best: the expected private score of the best of all, known in hindsight only.
        unknown: what remains unknown, in sentences.
    """

    chosen: tuple[str, ...]
    reasons: tuple[str, ...]
    choice: FinalsChoice
    naive: tuple[FinalsChoice, ...]
    candidates: tuple[Candidate, ...]
    expected_best: float
    unknown: tuple[str, ...] = ()


def choose_finals(
    known: Evidence,
    *,
    n: int = 2,
    unreliable: Sequence[str] | None = None,
    samples: Floats | None = None,
    unknown: Sequence[str] = (),
    seed: int = 0,
) -> Finals:
    """Return the `n` submissions to choose.

    The first has the best expected score of those with a reliable honest score; where public scores
    add nothing, it has the best honest score. Each further one is that with which the
    expected best private score of the chosen is highest.

    Args:
        known: what `evidence_of` returned.
        n: how many may be chosen.
        unreliable: `(K,)`, why an honest score is not reliable; "" where it is.
        samples: `(m, K)`, what `sample_private` returned; None: drawn here.
        unknown: sentences for the reader of the result.
        seed: of the samples.

    Raises:
        UsageError: there are fewer than two candidates, or `n` is not possible.
    """
    names = known.names
    if len(names) < 2:
        raise UsageError(
            f"{len(names)} submission{'s' * (len(names) != 1)} to choose from, and a choice needs "
            "two",
            fix="submit another blend: podium submit BLEND",
        )
    if n < 1:
        raise UsageError(f"how many to choose must be at least 1, got {n}")
    reasons = [""] * len(names) if unreliable is None else list(unreliable)
    drawn = sample_private(known, seed=seed) if samples is None else samples
    good = known.sign * drawn
    chosen = best_subset(good, n=n, is_unreliable=[bool(one) for one in reasons])
    best = float(good.max(axis=1).mean())
    first = chosen[0]
    beside = np.maximum(good, good[:, [first]]).mean(axis=0)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    order = np.argsort(-good.mean(axis=0), kind="stable")
    return Finals(
        tuple(names[k] for k in chosen),
        tuple(_reasons(known, good, chosen, reasons)),
        _choice("podium finals", chosen, known, good, best),
        tuple(
            _choice(name, picks, known, good, best)
            for name, picks in naive_choices(known, n=n).items()
        ),
        tuple(
            Candidate(
                names[k],
                float(known.honest[k]),
                None if np.isnan(known.public[k]) else float(known.public[k]),
                float(drawn[:, k].mean()),
                (float(low[k]), float(high[k])),
                float(known.correlation[first, k]),
                float(known.sign * beside[k]),
                reasons[k],
            )
            for k in order.tolist()
        ),
        known.sign * best,
        tuple(unknown),
    )


def best_subset(
    good: Floats, *, n: int, is_unreliable: Sequence[bool], first: int | None = None
) -> list[int]:
    """Return the positions of `n` submissions, or of all if there are fewer.

    Args:
        good: samples `(m, K)` of private scores, the higher the better.
        n: how many.
        is_unreliable: `(K,)`; such a one comes first only where all are.
        first: which comes first; None: the one that is expected to be the best.
    """
    k = good.shape[1]
    reliable = [one for one in range(k) if not is_unreliable[one]] or list(range(k))
    means = good.mean(axis=0)
    chosen = [max(reliable, key=lambda one: float(means[one])) if first is None else first]
    reached = good[:, chosen[0]]
    while len(chosen) < min(n, k):
        gains = np.maximum(good, reached[:, None]).mean(axis=0)
        gains[chosen] = -np.inf
        chosen.append(int(np.argmax(gains)))
        reached = np.maximum(reached, good[:, chosen[-1]])
    return chosen


def naive_choices(known: Evidence, *, n: int = 2) -> dict[str, list[int]]:
    """Return what is chosen usually, by name: the best by public score, by honest score alone.

    "best OOF twice" is one submission: the best honest file, and another of the same.
    """
    honest = known.sign * known.honest
    public = np.where(np.isnan(known.public), -np.inf, known.sign * known.public)
    by_public = np.argsort(-public, kind="stable").tolist()
    by_honest = np.argsort(-honest, kind="stable").tolist()
    several = "two" if n == 2 else str(n)
    found = {f"{several} best public": by_public[:n], "best OOF twice": by_honest[:1]}
    if n == 2:
        found["best OOF + best public"] = list(dict.fromkeys([by_honest[0], by_public[0]]))
    return found


def _choice(
    name: str, picks: Sequence[int], known: Evidence, good: Floats, best: float
) -> FinalsChoice:
    reached = float(good[:, list(picks)].max(axis=1).mean())
    ids = tuple(known.names[k] for k in picks)
    return FinalsChoice(name, ids, known.sign * reached, max(0.0, best - reached))


def _reasons(
    known: Evidence, good: Floats, chosen: Sequence[int], unreliable: Sequence[str]
) -> list[str]:
    """Return why each is chosen, in plain words."""
    first, *others = chosen
    found = [_reason_of_first(known, good, first, unreliable)]
    reached = good[:, first]
    for k in others:
        gain = float((np.maximum(reached, good[:, k]) - reached).mean())
        wins = float((good[:, k] > reached).mean())
        found.append(
            f"better than what is chosen with a probability of {wins:.0%}, its score moves with "
            f"the first by a correlation of {known.correlation[first, k]:.2f}: beside it, it adds "
            f"{gain:.4f} to the expected private score, more than any other"
        )
        reached = np.maximum(reached, good[:, k])
    return found


def _reason_of_first(known: Evidence, good: Floats, first: int, unreliable: Sequence[str]) -> str:
    """Return why the first is chosen, and why no other where another has the best honest score."""
    reliable = [k for k in range(len(unreliable)) if not unreliable[k]] or list(
        range(len(unreliable))
    )
    honest = known.sign * known.honest
    best = max(reliable, key=lambda k: float(honest[k]))
    whom = " of those whose honest score can be reliable" if any(unreliable) else ""
    if honest[first] >= honest[best]:
        return f"the best honest score{whom}, {known.honest[first]:.4f}"
    expected = known.sign * good.mean(axis=0)
    return (
        f"the best expected private score{whom}, {expected[first]:.4f}: {known.names[best]} has "
        f"the best honest one, {known.honest[best]:.4f} against {known.honest[first]:.4f}, but "
        f"with the public scores weighed in {expected[best]:.4f} is expected of it"
    )
