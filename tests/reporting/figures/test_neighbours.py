"""The figure of neighbours shows who is near whom, and by sign and colour who is of the class."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from podium.reporting.plots.run.neighbours import RIGHT, WRONG, example, neighbours

RNG = np.random.default_rng(0)
PICTURES = [[RNG.integers(0, 255, (6, 8, 3), dtype=np.uint8) for _ in range(n)] for n in (6, 6, 3)]
NAMES = [["cat", "cat", "d$o$g", "cat", "", "eel"], ["eel"] * 6, ["", "cat", "eel"]]
COSINES = np.linspace(0.99, 0.1, 15).reshape(3, 5)
SAME = [[1, 0, 1, -1, 0], [1] * 5, [-1] * 5]


def grid_of(figure, n_columns):
    figure.draw_without_rendering()
    return np.array(figure.axes).reshape(3, n_columns)


def test_pictures_names_cosines_and_signs_stand_in_the_order_of_nearness():
    grid = grid_of(neighbours(PICTURES, NAMES, COSINES, SAME), 6)
    for row, pictures in zip(grid, PICTURES, strict=True):
        shown = [axes for axes in row if axes.get_visible()]
        for axes, picture in zip(shown, pictures, strict=True):
            np.testing.assert_array_equal(axes.images[0].get_array(), picture)
    words = [axes.get_xlabel() for axes in grid[0]]
    assert words == [
        "cat",
        "✓ cat\n0.99",
        "✗ d\\$o\\$g\n0.93",
        "✓ cat\n0.86",
        "\n0.80",
        "✗ eel\n0.74",
    ]
    frames = [axes.spines["left"] for axes in grid[0]]
    expected = [None, RIGHT, WRONG, RIGHT, None, WRONG]
    for frame, color in zip(frames, expected, strict=True):
        assert frame.get_visible() == (color is not None)
        if color is not None:
            assert frame.get_edgecolor() == to_rgba(color)
    assert [axes.get_title() for axes in grid[0]] == [
        "image",
        "nearest",
        "2nd",
        "3rd",
        "4th",
        "5th",
    ]


def test_a_phone_shows_the_nearest_three():
    grid = grid_of(neighbours(PICTURES, NAMES, COSINES, SAME, narrow=True), 4)
    assert [axes.get_xlabel().partition("\n")[2] for axes in grid[0]] == [
        "",
        "0.99",
        "0.93",
        "0.86",
    ]
    assert [axes.get_visible() for axes in grid[2]] == [True, True, True, False]


@pytest.mark.slow
def test_neighbours_without_classes_get_no_mark_of_right_or_wrong():
    grid = grid_of(neighbours(PICTURES, [[""] * 6] * 3, COSINES), 6)
    assert [axes.get_xlabel() for axes in grid[0]][:3] == ["", "\n0.99", "\n0.93"]
    assert not any(axes.spines["top"].get_visible() for axes in grid.flat)


def test_the_example_is_drawn():
    example().draw_without_rendering()
