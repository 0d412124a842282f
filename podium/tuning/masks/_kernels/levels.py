"""Level images made and flooded, and their components at every threshold at once: compiled.

The package imports this file, and numba, on first use. Pixels join from the highest level to the
lowest, each with its neighbours that are there already: a union-find forest (Tarjan 1975) holds the
components of the mask at every threshold in turn, as it does for the component tree of grey-level
images (Najman & Couprie 2006). A component counts how many of the least areas it has passed; what
is true below it is kept in one sum for each such number, so that a pixel that joins and two
components that meet cost the same however many areas there are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from podium.codecs._kernels import compiled
from podium.competition.truths.masks import IGNORE

__all__ = ["APART", "BEYOND", "CELLS", "count_components", "count_reached", "flood"]


CELLS = 1024  # of [0, 1], each with the first threshold in it
BEYOND = 255  # in the border around a level image: no level


def _count_reached(values: Any, thresholds: Any, starts: Any, found: Any) -> None:
    """Write to `found` `(n,)` how many of the ascending thresholds each value reaches.

    Args:
        values, thresholds: float32 `(n,)` and `(T,)`; nan reaches none.
        starts: `(CELLS + 1,)`: the thresholds in lower cells than this one.
    """
    n_thresholds = len(thresholds)
    for i in range(len(values)):
        value = values[i]
        n_reached = 0
        if value >= thresholds[0]:
            cell = min(max(value, np.float32(0)), np.float32(1)) * np.float32(CELLS)
            n_reached = starts[int(cell)]
            while n_reached < n_thresholds and value >= thresholds[n_reached]:
                n_reached += 1
        found[i] = n_reached


def _flood(levels: Any, most: int, has_corners: bool, is_open_beyond: bool, found: Any) -> None:
    """Write to `found` `(H, W)` the level from which water no longer stays in a basin of `most`.

    The pixels at most as high as a level are its basins. A pixel becomes as high as the lowest
    level at which its basin has more than `most` pixels, or reaches the edge of the image if that
    is open: an area closing, by a union-find forest (Meijster & Wilkinson 2002). `BEYOND` where
    there is no such level.

    Args:
        levels: uint8 `(H + 2, W + 2)`, below `BEYOND`, which is the border.
        most: pixels.
        has_corners: whether pixels that share a corner touch.
        is_open_beyond: whether water runs over the edge.
        found: uint8.
    """
    wide, flat = levels.shape[1], levels.ravel()
    around = np.array([-wide, -1, 1, wide, -wide - 1, 1 - wide, wide - 1, wide + 1])
    n_around = 8 if has_corners else 4
    # As in `_area_kernels`; of the pixel that stands for a basin: the basin's pixels, negative.
    parents = np.empty(len(flat), np.int32)
    first = np.full(256, -1, np.int32)
    for pixel in range(len(flat) - 1, -1, -1):
        parents[pixel] = first[flat[pixel]]
        first[flat[pixel]] = pixel
    for level in range(BEYOND):
        following = first[level]
        while following >= 0:
            pixel = following
            following = parents[pixel]
            parents[pixel] = -1
            area = 1
            for number in range(n_around):
                other = pixel + around[number]
                its_level = flat[other]
                if its_level == BEYOND:
                    if is_open_beyond:
                        area = most + 1
                elif its_level < level or (its_level == level and other < pixel):
                    root, above = other, parents[other]
                    while above >= 0:
                        beyond = parents[above]
                        if beyond >= 0:
                            parents[root] = beyond
                        root, above = above, beyond
                    its_area = int(-above)
                    if root == pixel:
                        continue
                    if its_area <= most or flat[root] == level:
                        area = min(area + its_area, most + 1)
                        parents[root] = pixel
                    else:  # it flows into what is open already
                        area = most + 1
            parents[pixel] = -area
    for row in range(len(found)):
        for column in range(found.shape[1]):
            root = (row + 1) * wide + column + 1
            while parents[root] >= 0:
                root = parents[root]
            found[row, column] = flat[root] if -parents[root] > most else BEYOND


count_reached = compiled(_count_reached)
flood = compiled(_flood)


N_AROUND = 8
MOST_APART = 4  # groups of neighbours that do not touch: one at each corner
LARGE, SMALL = -1, -2  # the root of a component that has passed all areas, or not
SIZE, HITS, KNOWN, PASSED = range(4)  # of a component: pixels, true, with a truth


def _apart(there: int) -> list[int]:
    """Return one of each group of touching neighbours among those `there`, bits 0 to 7; then -1.

    The neighbours are numbered around a pixel from the one above it. Those that follow each other
    touch, and so do the four at its sides, over a corner, if two numbers apart.
    """
    left, found = {i for i in range(N_AROUND) if there >> i & 1}, []
    while left:
        first = min(left, key=lambda i: (i % 2, i))
        found.append(first)
        reached = {first}
        while reached:
            left -= reached
            reached = {
                other
                for i in reached
                for other in left
                if (gap := min((i - other) % N_AROUND, (other - i) % N_AROUND)) == 1
                or (gap == 2 and i % 2 == 0)
            }
    return [*found, *[-1] * (MOST_APART + 1 - len(found))]


APART = np.array([_apart(there) for there in range(1 << N_AROUND)], np.int8)


def _count_components(
    levels: Any, truth: Any, areas: Any, apart: Any, n_slots: int, found: Any
) -> bool:
    """Write to `found` `(T, A, 2)` true and labelled pixels in components of at least `areas`.

    False if there are more components at a time than slots, those that have passed all areas not
    counted: `found` is then not whole.

    Args:
        levels: uint8 `(H, W)`, at most T, of at most 254: a pixel is there at the threshold t, from
            0, if it is above t.
        truth: uint8 `(H, W)`: 0, 1 or IGNORE.
        areas: `(A,)`, ascending.
        apart: `APART`.
        n_slots: components at a time.
    """
    n_areas, (height, width) = len(areas), levels.shape
    wide = width + 2
    # Of each pixel, in a border of nothing: 4 times its level, 2 if it has a truth, 1 if it is
    # true.
    pixels = np.zeros((height + 2) * wide, np.uint16)
    # Of a pixel that is not there yet: the next of its level, in reading order. Of one that is:
    # another of its component; of the one that stands for it, LARGE or SMALL less its slot.
    parents = np.empty(len(pixels), np.int32)
    first = np.full(256, -1, np.int32)
    for row in range(height - 1, -1, -1):
        for column in range(width - 1, -1, -1):
            pixel, level = (row + 1) * wide + column + 1, levels[row, column]
            right = truth[row, column]
            pixels[pixel] = 4 * level + 2 * (right != IGNORE) + (right == 1)
            parents[pixel] = first[level]
            first[level] = pixel
    around = np.array([-wide, 1 - wide, 1, 1 + wide, wide, wide - 1, -1, -wide - 1])
    parts = np.empty((n_slots, 4), np.int32)  # one array: a component is in one cache line
    n_used, free = 0, -1
    sums = np.zeros((n_areas + 1, 2), np.int64)  # by how many areas the component has passed
    for level in range(len(found), 0, -1):
        # Of its own level, those before a pixel in reading order are there.
        before, after = 4 * level, 4 * level + 4
        following, large_hits, large_known = first[level], 0, 0
        while following >= 0:
            pixel = following
            following = parents[pixel]
            there = (
                (pixels[pixel - wide] >= before)
                | (pixels[pixel - wide + 1] >= before) << 1
                | (pixels[pixel + 1] >= after) << 2
                | (pixels[pixel + wide + 1] >= after) << 3
                | (pixels[pixel + wide] >= after) << 4
                | (pixels[pixel + wide - 1] >= after) << 5
                | (pixels[pixel - 1] >= before) << 6
                | (pixels[pixel - wide - 1] >= before) << 7
            )
            size, hit, known = 1, pixels[pixel] & 1, pixels[pixel] >> 1 & 1
            slot, root, group, is_large = -1, -1, 0, False
            while apart[there, group] >= 0:
                other_root = pixel + around[apart[there, group]]
                group += 1
                # To the root of its component; the paths there become shorter. No function: each
                # call of one with an array would count a reference.
                above = parents[other_root]
                while above >= 0:
                    beyond = parents[above]
                    if beyond >= 0:
                        parents[other_root] = beyond
                    other_root, above = above, beyond
                if other_root == root:
                    continue
                other = SMALL - parents[other_root]
                if root < 0:
                    root, slot, is_large = other_root, other, other < 0
                    continue
                if other < 0 and is_large:
                    parents[other_root] = root
                    continue
                # What is smaller becomes a part of the other.
                if other < 0 or (not is_large and parts[other, SIZE] > parts[slot, SIZE]):
                    slot, other, root, other_root = other, slot, other_root, root
                    is_large = slot < 0
                parents[other_root] = root
                size += parts[other, SIZE]
                sums[parts[other, PASSED], 0] -= parts[other, HITS]
                sums[parts[other, PASSED], 1] -= parts[other, KNOWN]
                hit += parts[other, HITS]
                known += parts[other, KNOWN]
                parts[other, SIZE] = free
                free = other
            if is_large:  # by far most pixels
                parents[pixel] = root
                large_hits += hit
                large_known += known
                continue
            if root < 0:
                root = pixel
                if free >= 0:
                    slot, free = free, parts[free, SIZE]
                else:
                    if n_used == n_slots:
                        return False
                    slot = n_used
                    n_used += 1
                parts[slot] = 0
            parents[pixel] = root
            parents[root] = SMALL - slot
            parts[slot, SIZE] += size
            passed = parts[slot, PASSED]
            sums[passed, 0] -= parts[slot, HITS]
            sums[passed, 1] -= parts[slot, KNOWN]
            while passed < n_areas and parts[slot, SIZE] >= areas[passed]:
                passed += 1
            parts[slot, PASSED] = passed
            parts[slot, HITS] += hit
            parts[slot, KNOWN] += known
            sums[passed, 0] += parts[slot, HITS]
            sums[passed, 1] += parts[slot, KNOWN]
            if passed == n_areas:
                parents[root] = LARGE
                parts[slot, SIZE] = free
                free = slot
        sums[n_areas, 0] += large_hits
        sums[n_areas, 1] += large_known
        of_true, of_known = 0, 0
        for area in range(n_areas - 1, -1, -1):
            of_true += sums[area + 1, 0]
            of_known += sums[area + 1, 1]
            found[level - 1, area, 0] = of_true
            found[level - 1, area, 1] = of_known
    return True


count_components = compiled(_count_components)
