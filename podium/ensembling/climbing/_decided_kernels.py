"""What means of members decide, counted and compiled: numba is loaded when somebody climbs.

A mean is (total + member) / n in float64, and decided as float32, as `predictions.decide` does.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from podium.codecs._kernels import compiled, inlined

__all__ = ["count_classes", "count_halves", "count_ratings", "highest", "lead"]


def _rating(total: float, value: float, n: float, is_rounded: bool) -> int:
    mean = np.float32((total + value) / n)
    if is_rounded:
        return max(0, math.floor(np.float64(mean) + 0.5))
    return 1 if mean >= np.float32(0.5) else 0


_one_rating = inlined(_rating)


def _count_ratings(
    values: Any, least: Any, most: Any, total: Any, n: float, truth: Any, n_classes: int, found: Any
) -> None:
    """Add to `found` `(M, C·C)` what rounding says."""
    sure = np.zeros(found.shape[1], np.int64)
    for i in range(len(truth)):
        base = truth[i] * n_classes
        low = _one_rating(total[i], least[i], n, True)
        if low == _one_rating(total[i], most[i], n, True):
            sure[base + low] += 1  # whatever lies between is decided so, too
            continue
        for m in range(values.shape[1]):
            found[m, base + _one_rating(total[i], values[i, m], n, True)] += 1
    for m in range(len(found)):
        found[m] += sure


def _count_halves(
    values: Any, least: Any, most: Any, total: Any, n: float, truth: Any, found: Any
) -> None:
    """Add to `found` `(M, 4)` what a threshold of 0.5 says; `truth` is 0 or 1."""
    n_members, half = values.shape[1], 0.5 * n
    # In float32 a mean below a half may be one, but none that is this far below.
    slack = 1e-6 * n
    open_rows, n_open = np.empty(len(truth), np.int64), 0
    n_true, sure, sure_true = 0, 0, 0
    for i in range(len(truth)):
        is_sure = total[i] + least[i] > half + slack
        n_true += truth[i]
        sure += is_sure
        sure_true += is_sure & truth[i]
        open_rows[n_open] = i
        n_open += (total[i] + most[i] >= half - slack) & (not is_sure)
    ones = np.zeros((2, n_members), np.int32)
    ends = np.empty(2, values.dtype)  # of what a member may need, compared as it is stored
    for o in range(n_open):
        i = open_rows[o]
        row, counts, needed = values[i], ones[truth[i]], half - total[i]
        off = slack + 1e-6 * abs(needed)
        ends[0], ends[1] = needed - off, needed + off
        low, high = ends[0], ends[1]
        n_near = np.int32(0)
        for m in range(n_members):
            counts[m] += row[m] > high
            n_near += (row[m] >= low) & (row[m] <= high)
        if n_near > 0:
            for m in range(n_members):
                if low <= row[m] <= high:
                    counts[m] += _one_rating(total[i], row[m], n, False)
    n_rows = (len(truth) - n_true, n_true)
    n_sure = (sure - sure_true, sure_true)
    for m in range(n_members):
        for t in range(2):
            said = ones[t, m] + n_sure[t]
            found[m, 2 * t] += n_rows[t] - said
            found[m, 2 * t + 1] += said


def _highest(values: Any, found: Any) -> None:
    """Write the largest number of each row of each member, `(M, N)`."""
    for m in range(len(values)):
        for i in range(values.shape[1]):
            said = values[m, i]
            top = said[0]
            for c in range(1, len(said)):
                top = said[c] if said[c] > top else top
            found[m, i] = top


def _lead(values: Any, total: Any, highest: Any, leader: Any, gain: Any, most_gain: Any) -> None:
    """Find the class that leads in `total`; where it is new, write `gain` and `most_gain`."""
    changed = np.empty(len(total), np.int64)
    n_changed = 0
    for i in range(len(total)):
        row, at = total[i], 0
        for c in range(1, len(row)):
            at = c if row[c] > row[at] else at
        if leader[i] != at:
            leader[i], most_gain[i] = at, 0
            changed[n_changed] = i
            n_changed += 1
    for m in range(len(values)):
        for i in changed[:n_changed]:
            gain[m, i] = highest[m, i] - values[m, i, leader[i]]
            most_gain[i] = max(most_gain[i], gain[m, i])


def _count_classes(
    values: Any,
    total: Any,
    n: float,
    truth: Any,
    leader: Any,
    gain: Any,
    most_gain: Any,
    slack: float,
    allowed: Any,
    found: Any,
) -> None:
    """Add to `found` what the total and one more of `allowed` decide."""
    n_rows, n_classes = total.shape
    # Of the rows that a member can flip: each, what it needs for that, and the classes that can
    # lead with one, a list behind the other. Whoever is further behind leads with no member.
    open_rows, margins = np.empty(n_rows, np.int64), np.empty(n_rows)
    starts, rivals = np.zeros(n_rows + 1, np.int64), np.empty(n_rows * n_classes, np.int8)
    n_open, n_rivals = 0, 0
    sure = np.zeros(found.shape[1], np.int64)
    for i in range(n_rows):
        row, at = total[i], leader[i]
        second, least = -np.inf, row[at] - slack - most_gain[i]
        stop = n_rivals
        for c in range(n_classes):
            if row[c] >= least:
                rivals[stop] = c
                stop += 1
                second = row[c] if c != at and row[c] > second else second
        if stop == n_rivals + 1:
            sure[truth[i] * n_classes + at] += 1
            continue
        open_rows[n_open], margins[n_open] = i, row[at] - second - slack
        n_open += 1
        starts[n_open] = n_rivals = stop
    for k in range(len(allowed)):
        member, gains, counts = values[allowed[k]], gain[allowed[k]], found[k]
        counts += sure
        for o in range(n_open):
            i = open_rows[o]
            said = leader[i]
            if margins[o] <= gains[i]:
                row, theirs, start = total[i], member[i], starts[o]
                said = rivals[start]
                most = np.float32((row[said] + theirs[said]) / n)
                for r in range(start + 1, starts[o + 1]):
                    c = rivals[r]
                    mean = np.float32((row[c] + theirs[c]) / n)
                    if mean > most:
                        said, most = c, mean
            counts[truth[i] * n_classes + said] += 1


lead = compiled(_lead)
highest = compiled(_highest)
count_halves = compiled(_count_halves)
count_ratings = compiled(_count_ratings)
count_classes = compiled(_count_classes)
