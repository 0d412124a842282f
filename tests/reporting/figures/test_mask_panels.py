"""Masks over images: pixel colours match a brute-force comparison of the masks."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.colors import to_rgb

from podium.competition.truths.masks import IGNORE
from podium.reporting.figures.mask_overlays import mask_overlays
from podium.reporting.masks.painting import (
    FALSE_ALARM,
    MISSED,
    OUTCOMES,
    RIGHT,
    UNKNOWN,
    WRONG_CLASS,
    class_colors,
    outcomes,
    paint_classes,
    paint_outcomes,
)

SHAPE = (3, 4)


def by_hand(truth, predicted, kind):
    """Return what became of each pixel, pixel by pixel, from sets of classes."""
    codes = np.zeros(truth.shape[:2], int)
    for at in np.ndindex(*truth.shape[:2]):
        right, found = np.atleast_1d(truth[at]), np.atleast_1d(predicted[at])
        if (right == IGNORE).all():
            codes[at] = UNKNOWN
            continue
        if kind == "multilabel":
            known = np.flatnonzero(right != IGNORE)
            true, decided = ({int(c) for c in known if one[c] == 1} for one in (right, found))
        else:
            true, decided = ({int(one[0])} - {0} for one in (right, found))
        missed, false = true - decided, decided - true
        if missed and false:
            codes[at] = WRONG_CLASS
        elif missed:
            codes[at] = MISSED
        elif false:
            codes[at] = FALSE_ALARM
        elif true:
            codes[at] = RIGHT
    return codes


def pairs(kind, n):
    shape = (*SHAPE, n) if kind == "multilabel" else SHAPE
    values = list(range((n if kind == "multiclass" else 1) + 1))
    predicted = arrays(np.uint8, shape, elements=st.sampled_from(values))
    truth = arrays(np.uint8, shape, elements=st.sampled_from([*values, IGNORE]))
    return st.tuples(st.just(kind), st.just(n), truth, predicted)


@given(pairs("binary", 1) | pairs("multiclass", 3) | pairs("multilabel", 2))
def test_every_pixel_becomes_what_sets_of_classes_give(drawn):
    kind, n, truth, predicted = drawn
    np.testing.assert_array_equal(
        outcomes(truth, predicted, kind, n), by_hand(truth, predicted, kind)
    )


def test_known_pixels_get_the_colours_of_what_became_of_them():
    truth = np.array([[0, 1, 1, 0, 1, IGNORE]], np.uint8)
    predicted = np.array([[0, 1, 0, 2, 2, 1]], np.uint8)
    codes = outcomes(truth, predicted, "multiclass", 2)
    assert codes.tolist() == [[0, RIGHT, MISSED, FALSE_ALARM, WRONG_CLASS, UNKNOWN]]
    picture = paint_outcomes(np.full((1, 6, 3), 128, np.uint8), codes)
    palette = np.array([to_rgb(one.color) for one in OUTCOMES.values()]) * 255
    for pixel, code in zip(picture[0, 1:].astype(float), codes[0, 1:], strict=True):
        distances = np.linalg.norm(palette - pixel, axis=1)
        assert list(OUTCOMES)[int(distances.argmin())] == code
        assert distances.min() < 30
    assert len(set(picture[0, 0].tolist())) == 1, "background stays grey"


def test_a_class_is_filled_and_outlined_in_its_colour_and_the_rest_is_grey():
    image = np.full((9, 9, 3), 90, np.uint8)
    mask = np.zeros((9, 9), np.uint8)
    mask[1:8, 1:8] = 2
    picture = paint_classes(image, mask, ["#ff0000", "#0000ff"], "multiclass", 2)
    assert picture[1, 1].tolist() == picture[2, 2].tolist() == [0, 0, 255]
    np.testing.assert_allclose(picture[4, 4], 0.55 * 90 + 0.45 * np.array([0, 0, 255]), atol=1)
    assert picture[0, 0].tolist() == [90, 90, 90]
    assert not (picture[mask == 0] != 90).any()


def test_overlapping_classes_mix_their_colours_and_unknown_pixels_are_none_of_them():
    image = np.zeros((7, 7, 3), np.uint8)
    mask = np.zeros((7, 7, 2), np.uint8)
    mask[...] = 1
    both = paint_classes(image, mask, ["#ff0000", "#0000ff"], "multilabel", 2)[3, 3]
    assert both[0] == both[2] > 0 == both[1]
    mask[...] = IGNORE
    unknown = paint_classes(image, mask, ["#ff0000", "#0000ff"], "multilabel", 2)[3, 3]
    assert unknown[0] == pytest.approx(unknown[2], abs=12)


def test_an_empty_mask_leaves_the_image_as_grey_as_its_luma():
    image = np.random.default_rng(0).integers(0, 255, (4, 5, 3), dtype=np.uint8)
    mask = np.zeros((4, 5), np.uint8)
    picture = paint_classes(image, mask, ["#ff0000"], "binary", 1)
    luma = np.rint(image @ np.array([0.299, 0.587, 0.114]))
    np.testing.assert_array_equal(picture, np.repeat(luma[..., None], 3, axis=-1))


# What three kinds of colour-blindness make of linear sRGB: Machado, Oliveira & Fernandes 2009,
# "A physiologically-based model for simulation of color vision deficiency", severity 1.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(color, blindness):
    """Return CIELAB (D65) of an sRGB colour as seen with a deficiency."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(BLINDNESS[blindness]) @ linear, 0, 1)
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(matrix) @ seen / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_outcome_colours_are_distinct_for_every_colour_vision(blindness):
    colors = [one.color for one in OUTCOMES.values()]
    for one, other in itertools.combinations(colors, 2):
        difference = np.linalg.norm(lab(one, blindness) - lab(other, blindness))
        assert difference > 15, (one, other)


def test_fourteen_classes_have_colours_of_their_own():
    assert len(set(class_colors(14))) == 14
    assert class_colors(16)[14:] == class_colors(2)


def test_overlays_show_image_truth_prediction_and_errors_in_this_order():
    rng = np.random.default_rng(1)
    images = [rng.integers(0, 255, (6, 8, 3), dtype=np.uint8) for _ in range(2)]
    truth, predicted = np.zeros((2, 6, 8), np.uint8)
    truth[1:4, 1:4], predicted[2:5, 2:5] = 1, 1
    figure = mask_overlays(
        images,
        [truth, truth],
        [predicted, truth],
        kind="binary",
        classes=["$tumour$"],
        titles=["a", "b"],
    )
    figure.draw_without_rendering()
    shown = np.array([axes.images[0].get_array() for axes in figure.axes]).reshape(2, 4, 6, 8, 3)
    colors = class_colors(1)
    np.testing.assert_array_equal(shown[0, 0], images[0])
    np.testing.assert_array_equal(shown[0, 1], paint_classes(images[0], truth, colors, "binary", 1))
    np.testing.assert_array_equal(
        shown[0, 2], paint_classes(images[0], predicted, colors, "binary", 1)
    )
    codes = outcomes(truth, predicted, "binary", 1)
    np.testing.assert_array_equal(shown[0, 3], paint_outcomes(images[0], codes))
    np.testing.assert_array_equal(shown[1, 1, ..., 0], shown[1, 2, ..., 0])
    names = [[text.get_text() for text in legend.get_texts()] for legend in figure.legends]
    assert names == [["right", "missed", "false alarm"], [r"\$tumour\$"]]
    assert [axes.get_ylabel() for axes in figure.axes[::4]] == ["a", "b"]
