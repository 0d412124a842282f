"""Images that show the same thing: equal bytes, or a small distance between perceptual hashes.

The hash is the sign pattern of an image's low frequencies (Zauner 2010, "Implementation and
benchmarking of perceptual image hash functions", chapter 3.2): grey, 32 × 32, DCT-II, the 64 lowest
frequencies but the mean, each bit set where the coefficient is above their median. Other
sizes, JPEG qualities, brightness and contrast change few bits. Pairs within a few bits are found by
bands, not by comparing all with all: two hashes that differ in at most d bits agree in one of d + 1
bands.
"""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = [
    "clusters",
    "distances",
    "is_flat",
    "likeness",
    "near_pairs",
    "perceptual_hash",
    "same_picture",
]

MAX_DISTANCE = 6  # bits of 64; unrelated images differ in 32 on average
SAME_CORRELATION = 0.97  # of colour thumbnails; copies of one image have 0.98 and more
FLAT_BELOW = 2.0  # standard deviation in grey levels: noise alone would choose the bits
_SIDE = 32
_BITS = 64
_ONES = np.array([bin(byte).count("1") for byte in range(256)], dtype=np.uint8)


def _lowest_frequencies() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows, columns = np.indices((_SIDE, _SIDE)).reshape(2, -1)
    order = np.lexsort((rows, rows + columns))[1 : _BITS + 1]
    return rows[order], columns[order]


_FREQUENCIES = _lowest_frequencies()


def perceptual_hash(image: NDArray[np.uint8]) -> np.uint64:
    """Return the 64-bit hash of `image` `(H, W, 3)`, uint8."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    low = scipy.fft.dctn(small, norm="ortho")[_FREQUENCIES]  # (64,)
    return np.uint64(int.from_bytes(np.packbits(low > np.median(low)).tobytes(), "big"))


def is_flat(image: NDArray[np.uint8]) -> bool:
    """Return whether `image` `(H, W, 3)` has too little structure for a hash to mean anything."""
    return bool(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).std() < FLAT_BELOW)


def distances(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the number of bits `(P,)` in which the hashes differ.

    Example:
        >>> distances(np.array([7], dtype=np.uint64), np.array([1], dtype=np.uint64)).tolist()
        [2]
    """
    differing = np.ascontiguousarray(one ^ other).view(np.uint8).reshape(-1, 8)
    return np.asarray(_ONES[differing].sum(axis=1, dtype=np.int64))


def near_pairs(hashes: NDArray[np.uint64], max_distance: int = MAX_DISTANCE) -> NDArray[np.int64]:
    """Return pairs of positions `(P, 2)` whose hashes differ in at most `max_distance` bits.

    Of equal hashes, each is paired with the first only: a thousand copies give 999 pairs, not half
    a million. Every other pair is paired through these first ones.

    Args:
        hashes: `(N,)`.
        max_distance: in bits, 0 to 63.
    """
    values, first, kind = np.unique(hashes, return_index=True, return_inverse=True)
    copies = np.flatnonzero(first[kind] != np.arange(len(hashes)))
    pairs = [np.column_stack([first[kind[copies]], copies])]
    found = [_agreeing(values, band, max_distance) for band in _bands(max_distance + 1)]
    if max_distance > 0 and len(values) > 1:
        pairs.append(first[np.unique(np.concatenate(found), axis=0)])
    return np.sort(np.concatenate(pairs).astype(np.int64).reshape(-1, 2), axis=1)


def _bands(n_bands: int) -> list[tuple[int, int]]:
    """Return the lowest bit and the number of bits of each band."""
    edges = np.linspace(0, _BITS, n_bands + 1).round().astype(int)
    return [(int(a), int(b - a)) for a, b in itertools.pairwise(edges)]


def _agreeing(
    values: NDArray[np.uint64], band: tuple[int, int], max_distance: int
) -> NDArray[np.int64]:
    """Return the pairs of `values` that agree in `band` and are near."""
    low, width = band
    key = (values >> np.uint64(low)) & np.uint64((1 << width) - 1)
    order = np.argsort(key, kind="stable")
    key = key[order]
    pairs = [np.empty((0, 2), dtype=np.int64)]
    # Equal keys stand together: those at a distance of `step` places, until there are none.
    for step in range(1, len(values)):
        starts = np.flatnonzero(key[step:] == key[:-step])
        if len(starts) == 0:
            break
        one, other = order[starts], order[starts + step]
        is_near = distances(values[one], values[other]) <= max_distance
        pairs.append(np.column_stack([one[is_near], other[is_near]]))
    return np.sort(np.concatenate(pairs), axis=1)


def same_picture(thumbnails: NDArray[np.uint8], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those of `pairs` `(P, 2)` whose thumbnails `(N, h, w, 3)` hardly differ.

    A hash depends on grey shapes only; the correlation over the three channels separates a red
    shirt from a blue one of the same cut.
    """
    if len(pairs) == 0:
        return pairs
    return pairs[likeness(thumbnails, pairs) >= SAME_CORRELATION]


def likeness(thumbnails: NDArray[np.uint8], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the correlation of the thumbnails `(N, h, w, 3)` of each pair of `(P, 2)`, P > 0."""
    each = []
    for chunk in np.array_split(pairs, max(1, len(pairs) // 50_000)):
        one, other = (thumbnails[chunk[:, side]].reshape(len(chunk), -1) for side in (0, 1))
        each.append(_correlation(one, other))
    return np.concatenate(each)


def _correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    a = one - one.mean(axis=1, keepdims=True)
    b = other - other.mean(axis=1, keepdims=True)
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.asarray((a * b).sum(axis=1) / np.maximum(scale, 1e-12))


def clusters(pairs: NDArray[np.int64], n: int) -> list[NDArray[np.int64]]:
    """Return the sets of two or more of `n` positions that `pairs` `(P, 2)` link, in order.

    Example:
        >>> [c.tolist() for c in clusters(np.array([[0, 3], [3, 4]]), n=6)]
        [[0, 3, 4]]
    """
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, component = connected_components(links, directed=False)
    members = np.argsort(component, kind="stable")
    ends = np.flatnonzero(np.diff(component[members])) + 1
    return [part for part in np.split(members, ends) if len(part) > 1]
