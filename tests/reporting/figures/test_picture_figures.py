"""Figures of pictures and sizes: what they hold is what they were given."""

import numpy as np
import pytest

from podium.reporting.figures.picture_grid import picture_grid
from podium.reporting.plots.data.sizes import MOST_DOTS, image_sizes, merged
from podium.reporting.plots.run.views import views


def some_pictures(n, seed=0):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(4, 9, (n, 2))
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]


def shown(axes):
    return [np.asarray(image.get_array()) for image in axes.images]


def test_views_stand_in_rows_of_samples_and_columns_of_views():
    rows = [some_pictures(3, seed) for seed in range(4)]
    names = ["<b>0001</b>\ncat", "a$x$", "ש", "n" * 40]
    figure = views(rows, columns=["weak", "strong", "strong2"], rows=names)
    figure.draw_without_rendering()
    grid = np.array(figure.axes).reshape(4, 3)
    for row, line in enumerate(grid):
        for column, axes in enumerate(line):
            (picture,) = shown(axes)
            np.testing.assert_array_equal(picture, rows[row][column])
    assert [axes.get_title() for axes in grid[0]] == ["weak", "strong", "strong2"]
    labels = [axes.get_ylabel() for axes in grid[:, 0]]
    assert labels[:3] == ["<b>0001</b>\ncat", r"a\$x\$", "ש"]
    assert labels[3].endswith("…")
    assert not any(axes.get_ylabel() for axes in grid[:, 1:].flat)


def test_names_beside_one_column_of_views_are_not_cut():
    """Pictures in the middle of their room push names that hang on them out of the figure."""
    rows = [some_pictures(1, seed) for seed in range(6)]
    figure = views(rows, columns=["train"], rows=["tr_5ea0e7\nperson"] * 6)
    figure.draw_without_rendering()
    for axes in figure.axes:
        assert axes.yaxis.label.get_window_extent().x0 >= 0


def test_views_need_no_names():
    figure = views([some_pictures(2)], columns=["a", "b"])
    wide = views([some_pictures(2)], columns=["a", "b"], rows=["a name"])
    assert figure.get_figwidth() < wide.get_figwidth()


@pytest.mark.parametrize("n", [1, 4, 7])
def test_image_grid_has_each_image_once_with_its_caption(n):
    pictures = some_pictures(n)
    below = [f"id {i}\nfold {i % 3}" for i in range(n)]
    above = [f"${i}" for i in range(n)]
    figure = picture_grid(pictures, below=below, above=above, columns=3, colors={"a_b": "#009e73"})
    figure.draw_without_rendering()
    used = [axes for axes in figure.axes if axes.images]
    assert len(used) == n
    assert not any(axes.get_visible() for axes in figure.axes[n:])
    for i, axes in enumerate(used):
        np.testing.assert_array_equal(shown(axes)[0], pictures[i])
        assert axes.get_xlabel() == below[i]
        assert axes.get_title() == rf"\${i}"
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["a_b"]


def test_sizes_have_a_dot_for_each_size_of_a_part():
    train = [(480, 640)] * 5 + [(640, 480)] * 2 + [(100, 900)]
    test = [(480, 640)] * 3
    figure = image_sizes({"train": train, "test": test})
    figure.draw_without_rendering()
    (axes,) = figure.axes
    found = [
        {
            tuple(map(float, place)): size
            for place, size in zip(one.get_offsets(), one.get_sizes(), strict=True)
        }
        for one in axes.collections
    ]
    assert set(found[0]) == {(640, 480), (480, 640), (900, 100)}  # width, height
    assert set(found[1]) == {(640, 480)}
    least, slope = 20, 400 / 5
    assert found[0][(640, 480)] == pytest.approx(least + slope * 5)
    assert found[0][(900, 100)] == pytest.approx(least + slope)
    assert found[1][(640, 480)] == pytest.approx(least + slope * 3)
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["train", "test"]
    assert image_sizes({"a": [(100, 200), (300, 150)]}).axes[0].get_xscale() == "linear"


def test_of_many_sizes_near_ones_are_one_dot_and_none_is_lost():
    sizes = np.random.default_rng(0).integers(50, 4000, (5000, 2)).astype(float)
    places, counts = merged(sizes)
    assert len(places) <= MOST_DOTS
    assert counts.sum() == len(sizes)
    np.testing.assert_allclose((places * counts[:, None]).sum(axis=0), sizes.sum(axis=0))
