"""Each kind of images shows its answers: as text, and the worst mistakes first."""

import numpy as np
import pytest

from podium.reporting.shown_answers import ShownAnswers, shown_of
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.names import IMAGES

NAMES = ["cat", "cow", "dog"]


@pytest.mark.parametrize("name", kind_names(IMAGES))
def test_every_kind_of_images_has_each_function(name: str) -> None:
    shown = shown_of(image_kind(name))
    for function in (one for one in vars(ShownAnswers) if not one.startswith("_")):
        assert callable(getattr(shown, function)), function


@pytest.mark.parametrize(
    ("kind", "label", "text"),
    [
        ("multiclass", 2, "dog"),
        ("multiclass", -1, "none of them"),
        ("ordinal", np.int64(1), "cow"),
        ("binary", 0, "cat"),
        ("multilabel", np.array([1, 0, 1], np.uint8), "cat, dog"),
        ("multilabel", [0, 0, 0], "none"),
        ("regression", np.float64(0.123456), "0.1235"),
    ],
)
def test_a_label_is_readable(kind: str, label: object, text: str) -> None:
    assert shown_of(image_kind(kind)).text(label, NAMES) == text


def test_a_mistake_is_as_bad_as_the_confidence_in_it() -> None:
    probs = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3]], np.float32)
    size, is_wrong = shown_of(image_kind("multiclass")).mistakes(
        np.array([1, 1]), probs, np.array([0, 1])
    )
    np.testing.assert_allclose(size, [0.7, 0.6])
    assert is_wrong.tolist() == [True, False]
    size, is_wrong = shown_of(image_kind("multilabel")).mistakes(
        np.array([[1, 0, 0], [0, 1, 0]]), probs, np.array([[1, 1, 1], [0, 1, 0]])
    )
    np.testing.assert_allclose(size, [0.2, -1.0])
    assert is_wrong.tolist() == [True, False]


def test_of_numbers_and_ratings_it_is_the_error() -> None:
    values, truth = np.array([[1.5], [0.2]], np.float32), np.array([0, 0])
    size, is_wrong = shown_of(image_kind("ordinal")).mistakes(truth, values, np.array([2, 0]))
    np.testing.assert_allclose(size, [1.5, 0.2])
    assert is_wrong.tolist() == [True, False]
    shown = shown_of(image_kind("regression"))
    size, is_wrong = shown.mistakes(np.array([1.0, 3.0]), values, np.array([1.0, 2.5]))
    assert size.tolist() == [0.0, 0.5]
    assert is_wrong.tolist() == [False, True]
    assert shown.errors(np.array([1.0, 3.0]), np.array([1.5, 2.5])).tolist() == [0.5, -0.5]
