"""Logarithms of many products, compiled: numba is loaded when somebody climbs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from podium.codecs._kernels import compiled

__all__ = ["completed", "minus_logs", "of_the_true_class"]

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
