"""The loops of hill climbing, compiled: numba is loaded when hill climbing starts.

Counts of what means of members decide, pairs of rows in the right order, logarithms of many
products, and counts of pixels by image. A mean is (total + member) / n in float64, and decided as
float32, as `predictions.decide` does; of equal channels the first wins, as argmax has it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from podium.codecs._kernels import compiled, inlined

__all__ = [
    "CELLS",
    "completed",
    "count_classes",
    "count_halves",
    "count_pairs",
    "count_pixel_classes",
    "count_ratings",
    "divide_cells",
    "half_pairs",
    "highest",
    "lead",
    "minus_logs",
    "of_the_true_class",
]


def _rating(total: float, value: float, n: float, is_rounded: bool) -> int:
    mean = np.float32((total + value) / n)
    if is_rounded:
        return max(0, math.floor(np.float64(mean) + 0.5))
    return 1 if mean >= np.float32(0.5) else 0


_one_rating = inlined(_rating)


def _count_ratings(
    values: Any, least: Any, most: Any, total: Any, n: float, truth: Any, n_classes: int, found: Any
) -> None:
    """Add to `found` `(M, C·C)` the counts after rounding."""
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
    """Add to `found` `(M, 4)` the counts at a threshold of 0.5; `truth` is 0 or 1."""
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
        ends[0], ends[1] = needed - slack, needed + slack
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
            n_positive = ones[t, m] + n_sure[t]
            found[m, 2 * t] += n_rows[t] - n_positive
            found[m, 2 * t + 1] += n_positive


def _highest(values: Any, found: Any) -> None:
    """Write the largest number of each row of each member, `(M, N)`."""
    for m in range(len(values)):
        for i in range(values.shape[1]):
            row = values[m, i]
            top = row[0]
            for c in range(1, len(row)):
                top = row[c] if row[c] > top else top
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
    # lead with one, a list behind the other. A class further behind leads with no member.
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
            winner = leader[i]
            if margins[o] <= gains[i]:
                row, theirs, start = total[i], member[i], starts[o]
                winner = rivals[start]
                most = np.float32((row[winner] + theirs[winner]) / n)
                for r in range(start + 1, starts[o + 1]):
                    c = rivals[r]
                    mean = np.float32((row[c] + theirs[c]) / n)
                    if mean > most:
                        winner, most = c, mean
            counts[truth[i] * n_classes + winner] += 1


lead = compiled(_lead)
highest = compiled(_highest)
count_halves = compiled(_count_halves)
count_ratings = compiled(_count_ratings)
count_classes = compiled(_count_classes)


OCTAVES = 16  # below the largest value; whatever is smaller has one bin
CELLS = OCTAVES * 256
FEWEST, MOST = 1 << 15, 1 << 16  # bins, beside the one that each cell has
_LEVELS = 1 << 12  # in a cell


def _divide_cells(mean: Any, least: float, top: float, bins: Any) -> None:
    """Write the first bin of each cell, and how many it has, to `bins` `(2, CELLS)`.

    Args:
        mean: `(N,)`.
        least: the lowest value there can be; the difference from it is what is binned.
        top: more than the largest difference.
        bins: written.
    """
    words = np.empty(1)
    words[0] = top
    base = (words.view(np.int64)[0] >> 44) - CELLS + 1
    first, width = bins[0], bins[1]
    width[:] = 0
    bits = words.view(np.int64)
    for i in range(len(mean)):
        words[0] = max(mean[i] - least, 0.0)
        cell = (bits[0] >> 44) - base
        width[min(max(cell, 0), CELLS - 1)] += 1
    start, n_bins = 0, min(max(len(mean), FEWEST), MOST)
    for cell in range(CELLS):
        width[cell] = min(1 + width[cell] * n_bins // len(mean), _LEVELS)
        if cell == 0 or cell == CELLS - 1:
            width[cell] = 1  # other cells are as wide as they look
        first[cell] = start
        start += width[cell]


def _count_pairs(
    values: Any,
    total: Any,
    n: float,
    n_positive: int,
    least: float,
    top: float,
    bins: Any,
    allowed: Any,
    found: Any,
) -> None:
    """Write how many pairs surely are in the right order, and how many may be: `(K, 2)`."""
    words = np.empty(1)
    words[0] = top
    base = (words.view(np.int64)[0] >> 44) - CELLS + 1
    first, width = bins[0], bins[1]
    n_bins = first[CELLS - 1] + 1
    # How many positive rows have this bin or a higher one.
    reaching = np.empty(n_bins + 1, np.int32)
    block = 1024
    means = np.empty(block)
    bits = means.view(np.int64)
    at = np.empty(block, np.int32)
    for k in range(len(allowed)):
        member = values[allowed[k]]
        reaching[:] = 0
        sure, possible = 0, 0
        start = 0
        is_positive = True
        while start < len(total):
            end = n_positive if is_positive else len(total)
            size = min(block, end - start)
            ours, theirs = total[start : start + size], member[start : start + size]
            for j in range(size):
                x = (ours[j] + theirs[j]) / n - least
                means[j] = x if x > 0.0 else 0.0
            for j in range(size):
                word = np.int32(bits[j] >> 32)
                cell = (word >> 12) - np.int32(base)
                cell = max(np.int32(0), min(cell, np.int32(CELLS - 1)))
                at[j] = first[cell] + (((word & np.int32(_LEVELS - 1)) * width[cell]) >> 12)
            if is_positive:
                for j in range(size):
                    reaching[at[j]] += 1
            else:
                for j in range(size):
                    sure += reaching[at[j] + 1]
                    possible += reaching[at[j]]
            start += size
            if is_positive and start == n_positive:
                is_positive = False
                for b in range(n_bins - 2, -1, -1):  # no row has a bin behind the last
                    reaching[b] += reaching[b + 1]
        found[k, 0], found[k, 1] = sure, possible


def _half_pairs(positive: Any, negative: Any) -> int:
    """Return twice the pairs in the right order and once those that tie; both are sorted."""
    found, below, upto = 0, 0, 0
    for i in range(len(positive)):
        x = positive[i]
        while below < len(negative) and negative[below] < x:
            below += 1
        upto = max(upto, below)
        while upto < len(negative) and negative[upto] == x:
            upto += 1
        found += below + upto
    return found


divide_cells = compiled(_divide_cells)
count_pairs = compiled(_count_pairs)
half_pairs = compiled(_half_pairs)


LANES = 128  # products that are multiplied side by side: 1 KB
FACTORS = 16  # of at least 1e-18 each, which a product has in a block of rows
MOST_LOG = 690.0  # of a product, or of its inverse
_MANTISSA, _ONE, _BIAS = (1 << 52) - 1, 1023 << 52, 1023


def _minus_logs(
    right: Any, total: Any, allowed: Any, n: float, ends: Any, least: float, found: Any
) -> None:
    """Write the mean of -ln clip((total + right[m]) / n, *ends) of each m of `allowed`.

    Either `least` is ends[0] · n, and sums are clipped, or none is below it and none has to be.
    """
    n_rows = len(total)
    low, high = ends[0] * n, ends[1] * n
    is_clipped = least <= low
    products = np.ones((len(allowed), LANES))
    bits, exponents = products.view(np.int64), np.zeros(len(allowed), np.int64)
    factors, most_factors = 0, MOST_LOG / max(-math.log(least), math.log(2 * n))
    # Rows of all members that lie side by side, so that the total stays in the nearest cache.
    for start in range(0, n_rows, FACTORS * LANES):
        stop = min(start + FACTORS * LANES, n_rows)
        fours = start if is_clipped else stop - (stop - start) % (4 * LANES)
        factors += FACTORS
        is_full = factors + FACTORS > most_factors or stop == n_rows
        for k in range(len(allowed)):
            member, lanes, words = right[allowed[k]], products[k], bits[k]
            for first in range(start, fours, 4 * LANES):
                ours, theirs = total[first : first + 4 * LANES], member[first : first + 4 * LANES]
                for j in range(LANES):
                    v = ours[j] + theirs[j]
                    x = ours[j + LANES] + theirs[j + LANES]
                    y = ours[j + 2 * LANES] + theirs[j + 2 * LANES]
                    z = ours[j + 3 * LANES] + theirs[j + 3 * LANES]
                    lanes[j] *= (v * x) * (y * z)
            for first in range(fours, stop, LANES):
                size = min(LANES, stop - first)
                ours, theirs = total[first : first + size], member[first : first + size]
                for j in range(size):
                    lanes[j] *= min(max(ours[j] + theirs[j], low), high)
            if is_full:
                taken = 0
                for j in range(LANES):
                    taken += words[j] >> 52
                    words[j] = (words[j] & _MANTISSA) | _ONE
                exponents[k] += taken - LANES * _BIAS
        if is_full:
            factors = 0
    for k in range(len(allowed)):
        logs = 0.0
        for j in range(LANES):
            logs += math.log(products[k, j])
        found[k] = math.log(n) - (logs + exponents[k] * math.log(2.0)) / n_rows


def _of_the_true_class(member: Any, truth: Any, right: Any) -> Any:
    """Write the probability of each row's class.

    Return the mean distance of the rows' sums from 1, the largest one, and the least and the
    largest number.
    """
    n, n_classes = member.shape
    off, most_off = 0.0, 0.0
    least, most = member[0, 0], member[0, 0]
    lanes = n_classes - n_classes % 8
    for i in range(n):
        row = member[i]
        right[i] = row[truth[i]]
        a = b = c = d = e = f = g = h = 0.0
        for j in range(0, lanes, 8):
            a += row[j]
            b += row[j + 1]
            c += row[j + 2]
            d += row[j + 3]
            e += row[j + 4]
            f += row[j + 5]
            g += row[j + 6]
            h += row[j + 7]
        for j in range(lanes, n_classes):
            a += row[j]
        for j in range(n_classes):
            least = row[j] if row[j] < least else least
            most = row[j] if row[j] > most else most
        apart = ((a + b) + (c + d)) + ((e + f) + (g + h)) - 1.0
        off += apart
        most_off = max(most_off, abs(apart))
    return off / n, most_off, least, most


def _completed(total: Any, is_false: Any, n: float, least: float, found: Any) -> Any:
    """Write n + total where the sum is of minus p, which is false; else the total.

    Return the least and the largest number there can be with one more member, and the sum of
    1 / max(the least, `least`) of what is false, divided by how many rows all are.
    """
    lowest, highest, inverses = np.inf, 0.0, 0.0
    for i in range(len(total)):
        left = total[i] + (n - 1.0) * is_false[i]
        found[i] = left + is_false[i]
        lowest, highest = min(left, lowest), max(left, highest)
        inverses += is_false[i] / max(left, least)
    return lowest, highest + 1.0, inverses / len(total)


completed = compiled(_completed)
minus_logs = compiled(_minus_logs)
of_the_true_class = compiled(_of_the_true_class)


def _count_pixel_classes(
    total: Any, member: Any, n: float, truth: Any, image: Any, both: Any, predicted: Any
) -> None:
    """Count each class per image into `both` (rightly predicted) and `predicted`, `(I, C)`."""
    n_pixels, n_channels = total.shape
    for p in range(n_pixels):
        best, winner = np.float32((total[p, 0] + member[p, 0]) / n), 0
        for c in range(1, n_channels):
            value = np.float32((total[p, c] + member[p, c]) / n)
            if value > best:
                best, winner = value, c
        predicted[image[p], winner] += 1
        both[image[p], winner] += winner == truth[p]


count_pixel_classes = compiled(_count_pixel_classes)
