"""Where a network looks, and what its channels make of an image: what is drawn, by plain loops."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from podium.reporting.figures import feature_maps as of_maps
from podium.reporting.figures import heat_overlay as of_heat
from podium.reporting.figures.feature_maps import LayerMaps, feature_maps, in_colors
from podium.reporting.figures.heat_overlay import HeatOver, HeatRow, heat_overlay, overlay

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 256, (6, 6, 3), dtype=np.uint8)
CIVIDIS = matplotlib.colormaps["cividis"]


def pictures(figure):
    figure.draw_without_rendering()
    return [axes for axes in figure.axes if axes.get_visible() and axes.get_label() != "bar"]


def test_a_map_of_the_images_size_lies_over_it_in_grey():
    heat = RNG.random((6, 6))
    drawn = overlay(IMAGE, heat)
    for row in range(6):
        for column in range(6):
            red, green, blue = (float(one) for one in IMAGE[row, column])
            grey = 0.299 * red + 0.587 * green + 0.114 * blue
            color = CIVIDIS(np.float32(heat[row, column]) / np.float32(heat.max()))
            for channel in range(3):
                expected = 0.4 * grey + 0.6 * 255 * color[channel]
                assert abs(int(drawn[row, column, channel]) - expected) <= 1.0


def test_only_where_counts_not_how_much():
    heat = RNG.random((3, 3))
    np.testing.assert_array_equal(overlay(IMAGE, heat), overlay(IMAGE, 8 * heat))


def test_a_map_of_zeros_is_drawn_as_the_grey_image_and_labelled_so():
    grey = np.rint(IMAGE @ np.array([0.299, 0.587, 0.114]))
    np.testing.assert_array_equal(overlay(IMAGE, np.zeros((2, 2)))[..., 1], grey)
    heats = [HeatOver(np.zeros((2, 2)), "none"), HeatOver(np.eye(2), "some")]
    _, none, some = pictures(heat_overlay([HeatRow(IMAGE, "", heats)]))
    assert none.get_xlabel() == "no evidence"
    assert some.get_xlabel() == ""


@pytest.mark.parametrize("narrow", [False, True])
def test_every_image_and_map_is_drawn_with_what_it_is(narrow):
    heats = [HeatOver(RNG.random((2, 2)), f"map ${number}\n{number} %") for number in range(3)]
    rows = [HeatRow(IMAGE, "a_1\nfold 1", heats), HeatRow(IMAGE[::-1], "a_2", heats[:1])]
    drawn = pictures(heat_overlay(rows, narrow=narrow))
    expected = [
        *((IMAGE, "a_1\nfold 1"), *((overlay(IMAGE, one.map), one.above) for one in heats)),
        *((IMAGE[::-1], "a_2"), (overlay(IMAGE[::-1], heats[0].map), heats[0].above)),
    ]
    for axes, (picture, above) in zip(drawn, expected, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), picture)
        assert axes.get_title() == above.replace("$", r"\$")


def test_the_bar_holds_the_colours_of_the_maps():
    figure = heat_overlay([HeatRow(IMAGE, "", [HeatOver(np.eye(2), "")])])
    (bar,) = [axes for axes in figure.axes if axes.get_label() == "bar"]
    ramp = np.asarray(bar.images[0].get_array())[0]
    for at in (0, len(ramp) // 2, len(ramp) - 1):
        expected = 255 * np.array(CIVIDIS(at / (len(ramp) - 1))[:3])
        np.testing.assert_allclose(ramp[at], expected, atol=1)


def test_each_channel_is_a_picture_from_its_lowest_to_its_highest_number():
    maps = RNG.normal(size=(3, 4, 5))
    layers = [
        LayerMaps("stage 1\n9 channels", maps, [7, 0, 4]),
        LayerMaps("<b>$", maps[:1, :2, :2], [3]),
    ]
    image, *drawn = pictures(feature_maps(IMAGE, layers))
    np.testing.assert_array_equal(image.images[0].get_array(), IMAGE)
    assert [axes.get_title() for axes in drawn] == ["7", "0", "4", "3"]
    assert drawn[0].get_ylabel() == "stage 1\n9 channels"
    assert drawn[3].get_ylabel() == r"<b>\$"
    for axes, one in zip(drawn, [*maps, maps[0, :2, :2]], strict=True):
        share = (one - one.min()) / (one.max() - one.min())
        expected = 255 * CIVIDIS(share)[..., :3]
        np.testing.assert_allclose(axes.images[0].get_array(), expected, atol=0.51)


def test_a_phone_gets_the_first_four_channels():
    maps = RNG.normal(size=(6, 2, 2))
    layer = LayerMaps("stage 1\n6 channels", maps, range(6))
    _, *drawn = pictures(feature_maps(IMAGE, [layer], narrow=True))
    assert len(drawn) == 4
    for axes, one in zip(drawn, maps, strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), in_colors(one))


def test_a_map_of_equal_numbers_has_the_lowest_colour():
    lowest = np.rint(255 * np.array(CIVIDIS(0.0)[:3]))
    assert (in_colors(np.full((2, 3), 4.0)) == lowest).all()


@pytest.mark.slow
def test_the_examples_draw():
    assert len(pictures(of_heat.example())) == 4
    assert len(pictures(of_maps.example())) == 25
