"""Objects of an image, each kept in its box: as whole masks, one at a time, would have it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from podium.competition.truths.instances import Instances
from podium.errors import DataError

SCORES = st.sampled_from([0.0, 0.25, 0.5, 1.0])


@st.composite
def images_of_objects(draw, size=None, max_objects=5):
    """Return a size, whole masks that may overlap, classes and scores."""
    size = size or (draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    n = draw(st.integers(0, max_objects))
    planes = [draw(hnp.arrays(np.bool_, size)) for _ in range(n)]
    planes = [plane for plane in planes if plane.any()]
    n = len(planes)
    classes = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    scores = draw(st.lists(SCORES, min_size=n, max_size=n))
    return size, planes, classes, scores


@settings(deadline=None)
@given(images_of_objects())
def test_objects_come_back_as_the_whole_masks_that_they_were(problem):
    size, planes, classes, scores = problem
    objects = Instances.from_planes(size, planes, classes, scores)
    assert len(objects) == len(planes)
    np.testing.assert_array_equal(list(objects.planes()), planes)
    assert objects.areas.tolist() == [plane.sum() for plane in planes]
    assert objects.classes.tolist() == classes
    assert objects.scores.tolist() == scores
    for box, crop in zip(objects.boxes, objects.crops, strict=True):
        assert crop.shape == (box[2] - box[0], box[3] - box[1])
        for edge in (crop[0], crop[-1], crop[:, 0], crop[:, -1]):
            assert edge.any()


@settings(deadline=None)
@given(hnp.arrays(st.sampled_from([np.int32, np.uint16]), (5, 6), elements=st.integers(0, 7)))
def test_the_objects_of_a_label_map_are_its_numbers_in_order(labels):
    numbers = [number for number in sorted(set(labels.ravel().tolist())) if number]
    objects = Instances.from_labels(labels, classes=numbers)
    assert objects.classes.tolist() == numbers
    assert len(objects) == len(numbers)
    for plane, number in zip(objects.planes(), numbers, strict=True):
        np.testing.assert_array_equal(plane, labels == number)
    np.testing.assert_array_equal(objects.labels() > 0, labels > 0)


@settings(deadline=None)
@given(images_of_objects())
def test_a_map_gives_shared_pixels_to_the_last_object(problem):
    size, planes, _, _ = problem
    expected = np.zeros(size, int)
    for number, plane in enumerate(planes, start=1):
        expected[plane] = number
    np.testing.assert_array_equal(Instances.from_planes(size, planes).labels(), expected)


@settings(deadline=None)
@given(images_of_objects(size=(5, 6)), images_of_objects(size=(5, 6)))
def test_an_intersection_is_that_of_the_whole_masks(one, other):
    mine, its = Instances.from_planes(*one), Instances.from_planes(*other)
    for i, a in enumerate(one[1]):
        for j, b in enumerate(other[1]):
            assert mine.intersection(i, its, j) == (a & b).sum()


@settings(deadline=None)
@given(images_of_objects())
def test_without_overlap_each_pixel_is_its_surest_objects(problem):
    size, planes, classes, scores = problem
    found = Instances.from_planes(size, planes, classes, scores).without_overlap()
    owner = np.full(size, -1)
    for row, column in np.ndindex(*size):
        here = [k for k, plane in enumerate(planes) if plane[row, column]]
        if here:
            owner[row, column] = max(here, key=lambda k: (scores[k], -k))
    expected = [k for k in range(len(planes)) if (owner == k).any()]
    assert len(found) == len(expected)
    for plane, k in zip(found.planes(), expected, strict=True):
        np.testing.assert_array_equal(plane, owner == k)
    assert found.classes.tolist() == [classes[k] for k in expected]
    assert found.scores.tolist() == [scores[k] for k in expected]
    again = Instances.from_planes(size, list(found.planes()), found.classes, found.scores)
    assert again.boxes == found.boxes  # as tight as they are


@settings(max_examples=30)
@given(images_of_objects(), st.data())
def test_take_returns_the_objects_in_the_order_of_their_numbers(problem, data):
    size, planes, classes, scores = problem
    numbers = data.draw(st.permutations(range(len(planes))))
    found = Instances.from_planes(size, planes, classes, scores).take(numbers)
    np.testing.assert_array_equal(list(found.planes()), [planes[k] for k in numbers])
    assert found.classes.tolist() == [classes[k] for k in numbers]


def test_an_image_without_objects_has_none():
    nothing = Instances.nothing((3, 4))
    assert len(nothing) == 0
    assert nothing.areas.shape == (0,)
    assert not nothing.labels().any()
    assert len(nothing.without_overlap()) == 0
    assert len(nothing.take([])) == 0
    assert len(Instances.from_labels(np.zeros((3, 4), int))) == 0


@pytest.mark.parametrize(
    ("planes", "classes", "message"),
    [
        ([np.ones((2, 3), bool), np.ones((3, 2), bool)], None, r"object 1 has the shape \(3, 2\)"),
        ([np.zeros((2, 3), bool)], None, "object 0 has no pixel"),
        ([np.ones((2, 3), bool)], [0, 1], r"1 object has classes \(2,\)"),
    ],
)
def test_invalid_objects_are_refused(planes, classes, message):
    with pytest.raises(DataError, match=message):
        Instances.from_planes((2, 3), planes, classes)
