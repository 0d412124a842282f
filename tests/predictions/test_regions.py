"""Steps on regions against flood fill in plain Python, and what must hold of any of them."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from podium.predictions.decisions import regions
from podium.predictions.decisions.regions import close, fill_holes, largest, median, min_area
from podium.predictions.decisions.regions import open as opened

SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))
CORNERS = (*SIDES, (-1, -1), (-1, 1), (1, -1), (1, 1))

masks = st.integers(1, 3).flatmap(
    lambda classes: hnp.arrays(
        np.uint8,
        st.tuples(st.integers(1, 12), st.integers(1, 12)),
        elements=st.integers(0, classes),
    )
)
# Random pixels rarely enclose anything: shapes drawn over each other do.
shapes = st.lists(
    st.tuples(
        *[st.integers(0, 11)] * 2, *[st.integers(1, 9)] * 2, st.integers(0, 2), st.booleans()
    ),
    max_size=6,
)


def drawn(parts):
    mask = np.zeros((12, 14), np.uint8)
    for top, left, height, width, value, is_ring in parts:
        part = mask[top : top + height, left : left + width]
        inside = part[1:-1, 1:-1].copy()
        part[...] = value
        if is_ring:
            part[1:-1, 1:-1] = inside
    return mask


any_mask = st.one_of(masks, shapes.map(drawn))


def components(mask, expected, steps):
    """Return the components of the pixels for which `wanted(value)`, in reading order."""
    seen, found = set(), []
    for start in np.ndindex(*mask.shape):
        if start in seen or not expected(mask[start]):
            continue
        seen.add(start)
        todo, pixels = [start], []
        while todo:
            at = todo.pop()
            pixels.append(at)
            for dy, dx in steps:
                near = (at[0] + dy, at[1] + dx)
                inside = 0 <= near[0] < mask.shape[0] and 0 <= near[1] < mask.shape[1]
                if inside and near not in seen and expected(mask[near]):
                    seen.add(near)
                    todo.append(near)
        found.append(pixels)
    return found


def filled_by_hand(mask, at_most):
    out = mask.copy()
    for pixels in components(mask, lambda value: value == 0, SIDES):
        around, at_border = set(), False
        for y, x in pixels:
            for dy, dx in SIDES:
                if 0 <= y + dy < mask.shape[0] and 0 <= x + dx < mask.shape[1]:
                    around.add(int(mask[y + dy, x + dx]))
                else:
                    at_border = True
        around.discard(0)
        if not at_border and len(around) == 1 and (at_most is None or len(pixels) <= at_most):
            for at in pixels:
                out[at] = next(iter(around))
    return out


def without(mask, drop):
    out = mask.copy()
    for label in range(1, int(mask.max()) + 1):
        for pixels in drop(
            components(mask, lambda value, label=label: value == label, CORNERS), label
        ):
            for at in pixels:
                out[at] = 0
    return out


@settings(deadline=None)
@given(any_mask, st.sampled_from([None, 0, 1, 2, 5]))
@example(drawn([(1, 1, 9, 9, 1, True), (3, 3, 3, 3, 2, True)]), None)
@example(drawn([(1, 1, 5, 5, 1, True), (1, 5, 5, 5, 2, True)]), 9)
def test_holes_are_background_that_one_class_encloses(mask, at_most):
    np.testing.assert_array_equal(fill_holes(mask.copy(), at_most), filled_by_hand(mask, at_most))


@settings(deadline=None)
@given(any_mask)
def test_all_holes_of_one_class_are_scipys(mask):
    binary = (mask > 0).astype(np.uint8)
    np.testing.assert_array_equal(fill_holes(binary.copy()), ndimage.binary_fill_holes(binary))


@settings(deadline=None)
@given(any_mask, st.sampled_from([None, 2]))
def test_filling_holes_twice_is_filling_them_once_and_takes_nothing_away(mask, at_most):
    once = fill_holes(mask.copy(), at_most)
    np.testing.assert_array_equal(fill_holes(once.copy(), at_most), once)
    np.testing.assert_array_equal(once[mask > 0], mask[mask > 0])


def test_a_ring_closed_over_corners_encloses_its_middle():
    ring = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.uint8)
    assert fill_holes(ring.copy())[1, 1] == 1


def test_a_hole_between_two_classes_stays():
    mask = np.array([[1, 1, 2], [1, 0, 2], [1, 1, 2]], np.uint8)
    np.testing.assert_array_equal(fill_holes(mask.copy()), mask)


@settings(deadline=None)
@given(any_mask, st.lists(st.sampled_from([0, 1, 2, 3, 6, 1.5]), min_size=3, max_size=3))
def test_components_of_fewer_pixels_become_background(mask, areas):
    expected = without(mask, lambda parts, label: [p for p in parts if len(p) < areas[label - 1]])
    np.testing.assert_array_equal(min_area(mask.copy(), areas), expected)


@settings(deadline=None)
@given(any_mask)
def test_a_least_area_of_none_or_one_pixel_changes_nothing(mask):
    for area in (0, 1):
        np.testing.assert_array_equal(min_area(mask.copy(), [area] * 3), mask)


@settings(deadline=None)
@given(any_mask, st.integers(1, 4))
@example(np.array([[0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 1, 0]], np.uint8), 1)
@example(np.array([[0, 0, 1, 0, 1], [0, 0, 0, 0, 0], [1, 0, 1, 0, 1]], np.uint8), 3)
@example(np.array([[0, 0, 0, 0, 1], [1, 0, 0, 0, 0]], np.uint8), 1)
def test_the_largest_stay_and_of_equals_the_first_in_reading_order(mask, n):
    # Python's sort is stable, and components come in the reading order of their first pixels.
    expected = without(mask, lambda parts, _: sorted(parts, key=lambda part: -len(part))[n:])
    got = largest(mask.copy(), n)
    np.testing.assert_array_equal(got, expected)
    for label in range(1, 4):
        assert len(components(got, lambda value, label=label: value == label, CORNERS)) <= n


@settings(deadline=None)
@example(np.array([[1, 1, 3], [1, 3, 3], [2, 1, 3]], np.uint8), 3, 40)
@given(any_mask, st.sampled_from([1, 3, 5, 7, 15]), st.sampled_from([1, 40, 10**6]))
def test_each_pixel_becomes_the_most_frequent_of_its_window(mask, side, strip):
    reach = side // 2
    padded = np.pad(mask, reach, mode="edge")
    expected = mask.copy()
    for y, x in np.ndindex(*mask.shape):
        counts = Counter(padded[y : y + side, x : x + side].ravel().tolist())
        most = max(counts.values())
        first = [value for value, count in sorted(counts.items()) if count == most]
        expected[y, x] = mask[y, x] if mask[y, x] in first else first[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regions, "_STRIP_PIXELS", strip)
        np.testing.assert_array_equal(median(mask.copy(), side), expected)


@settings(deadline=None)
@given(any_mask, st.sampled_from([3, 5]))
def test_with_one_class_it_is_the_median_filter(mask, side):
    binary = (mask > 0).astype(np.uint8)
    expected = ndimage.median_filter(binary, size=side, mode="nearest")
    np.testing.assert_array_equal(median(binary.copy(), side), expected)


def test_a_class_does_not_win_because_its_number_lies_between():
    mask = np.array([[1, 1, 3], [1, 1, 3], [2, 3, 3]], np.uint8)
    assert ndimage.median_filter(mask, size=3)[1, 1] == 2, "one pixel of nine"
    assert median(mask, 3)[1, 1] == 1


@settings(deadline=None)
@given(any_mask)
def test_the_highest_class_number_is_a_class_like_any_other(mask):
    high = np.where(mask > 0, mask + 251, 0).astype(np.uint8)
    np.testing.assert_array_equal(
        largest(high.copy(), 1), np.where(largest(mask.copy(), 1) > 0, high, 0)
    )
    np.testing.assert_array_equal(median(high, 3), np.where((m := median(mask, 3)) > 0, m + 251, 0))


def disc_at(y, x, radius, shape):
    """Return the pixels of a disc that lie in an image."""
    return [
        (row, column)
        for row in range(max(0, y - radius), min(shape[0], y + radius + 1))
        for column in range(max(0, x - radius), min(shape[1], x + radius + 1))
        if (row - y) ** 2 + (column - x) ** 2 <= radius**2
    ]


def covered(shape, radius, is_inside):
    """Return the pixels of all discs whose every pixel `is_inside`."""
    found = set()
    for y, x in np.ndindex(*shape):
        disc = disc_at(y, x, radius, shape)
        if all(is_inside(at) for at in disc):
            found.update(disc)
    return found


def opened_by_hand(mask, radii):
    out = np.zeros_like(mask)
    for label in range(1, int(mask.max()) + 1):
        for at in covered(mask.shape, radii[label - 1], lambda at, c=label: mask[at] == c):
            out[at] = label
    return out


def closed_by_hand(mask, radii):
    out, takers = mask.copy(), {}
    for label in range(1, int(mask.max()) + 1):
        if label in mask:
            free = covered(mask.shape, radii[label - 1], lambda at, c=label: mask[at] != c)
            for at in np.ndindex(*mask.shape):
                if mask[at] == 0 and at not in free:
                    takers.setdefault(at, []).append(label)
    for at, labels in takers.items():
        if len(labels) == 1:
            out[at] = labels[0]
    return out


radii = st.one_of(st.integers(0, 4), st.lists(st.integers(0, 3), min_size=3, max_size=3))


def each(radius):
    return radius if isinstance(radius, list) else [radius] * 3


@settings(deadline=None)
@given(any_mask, radii)
def test_what_no_disc_inside_a_class_covers_is_opened_away(mask, radius):
    np.testing.assert_array_equal(opened(mask.copy(), radius), opened_by_hand(mask, each(radius)))


@settings(deadline=None)
@given(any_mask, radii)
@example(drawn([(0, 2, 2, 4, 1, False), (0, 8, 2, 4, 1, False), (6, 0, 2, 9, 2, False)]), 3)
@example(np.array([[1, 0, 2], [1, 0, 2]], np.uint8), 2)
def test_background_that_every_disc_ties_to_one_class_is_closed(mask, radius):
    np.testing.assert_array_equal(close(mask.copy(), radius), closed_by_hand(mask, each(radius)))


@settings(deadline=None)
@given(any_mask, st.integers(0, 4))
def test_opening_and_closing_one_class_twice_is_doing_it_once(mask, radius):
    binary = (mask > 0).astype(np.uint8)
    for step in (opened, close):
        once = step(binary.copy(), radius)
        np.testing.assert_array_equal(step(once.copy(), radius), once)
    assert (opened(binary.copy(), radius) <= binary).all()
    assert (close(binary.copy(), radius) >= binary).all()


def test_a_gap_that_two_classes_would_close_stays():
    mask = np.array([[1, 0, 1], [2, 0, 2]], np.uint8).repeat(3, axis=0)
    got = close(mask.copy(), 2)
    assert (got[mask > 0] == mask[mask > 0]).all()
    assert got[0, 1] == 1
    assert got[5, 1] == 2


def test_the_highest_class_is_opened_and_closed_like_any_other():
    mask = np.zeros((9, 9), np.uint8)
    mask[2:7, 2:7] = 254
    mask[4, 4] = 0
    assert (close(mask.copy(), 1)[2:7, 2:7] == 254).all()
    assert opened(mask.copy(), 1)[2, 2] == 0


@settings(deadline=None)
@given(any_mask, st.lists(st.integers(1, 3), min_size=3, max_size=3))
def test_how_many_stay_may_differ_by_class(mask, n):
    expected = without(
        mask, lambda parts, label: sorted(parts, key=lambda part: -len(part))[n[label - 1] :]
    )
    np.testing.assert_array_equal(largest(mask.copy(), n), expected)


def test_the_holes_that_are_filled_may_differ_by_class():
    mask = drawn([(0, 0, 5, 5, 1, True), (6, 6, 5, 5, 2, True)])
    got = fill_holes(mask.copy(), [None, 8])
    assert got[2, 2] == 1
    assert got[8, 8] == 0
    assert fill_holes(mask.copy(), [8, 9])[8, 8] == 2
