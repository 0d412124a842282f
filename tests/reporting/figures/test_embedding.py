"""The figure of features draws every row where it lies, in the sign and colour of its group."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba

from podium.reporting.figures._panel import ACCENT, MUTED
from podium.reporting.plots.run.features import embedding, example

RNG = np.random.default_rng(1)
CODES = np.array([0, 1, 1, -1, 2, 0, -1, 2])
CLOUDS = [RNG.normal(size=(8, 2)), 10 * RNG.normal(size=(8, 2)) + 5]
TITLES = ["epoch 1", "epoch $2$"]


def drawn(**keys):
    names = keys.pop("names", ["cat", "a$b$", "eel"])
    figure = embedding(CLOUDS, keys.pop("codes", CODES), names, titles=TITLES, **keys)
    figure.draw_without_rendering()
    return figure


def dots(axes):
    """Return (colour, place of each stroke's middle) of each group that is drawn."""
    found = []
    for patch in axes.patches:
        ends = patch.get_path().vertices.reshape(-1, 2, 2)
        assert np.abs(ends[:, 0] - ends[:, 1]).max() < 0.1 * np.ptp(axes.get_xlim())
        found.append((patch.get_edgecolor(), ends.mean(axis=1)))
    return found


@pytest.mark.parametrize("narrow", [False, True])
def test_each_row_is_a_dot_where_it_lies_in_the_panel_of_its_epoch(narrow):
    figure = drawn(narrow=narrow)
    assert [axes.get_title() for axes in figure.axes] == ["epoch 1", r"epoch \$2\$"]
    for axes, cloud in zip(figure.axes, CLOUDS, strict=True):
        for code, (_, at) in zip((-1, 0, 1, 2), dots(axes), strict=True):
            np.testing.assert_allclose(at, cloud[code == CODES], atol=1e-9)
        (low, high), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        assert ((cloud > [low, bottom]) & (cloud < [high, top])).all(), "nothing is cut off"
    first, second = figure.axes[:2]
    is_below = first.get_position().y0 > second.get_position().y1
    assert is_below == narrow


def test_rows_that_move_are_visible_and_t_sne_fills_its_panels():
    shared, free = drawn(), drawn(shared=False)
    limits = [[axes.get_xlim() for axes in one.axes] for one in (shared, free)]
    assert limits[0][0] == limits[0][1]
    assert np.ptp(limits[1][0]) < np.ptp(limits[1][1]) / 3
    for axes in (*shared.axes, *free.axes):
        assert axes.get_aspect() == 1


def test_each_group_has_its_colour_and_marker_and_one_legend_entry():
    figure = drawn(rest="5 other classes")
    (legend,) = figure.legends
    assert [one.get_text() for one in legend.texts] == ["cat", r"a\$b\$", "eel", "5 other classes"]
    for axes in figure.axes:
        colors = [color for color, _ in dots(axes)]
        assert colors[0] == to_rgba(MUTED, 0.35), "the rest is drawn first: below the others"
        assert len(set(colors)) == 4
    many = drawn(codes=np.arange(8) * 3, names=[f"c{i}" for i in range(24)])
    looks = {
        (patch.get_edgecolor(), patch.get_capstyle(), patch.get_linewidth())
        for patch in many.axes[0].patches
    }
    assert len(looks) == 6, "c0 and c12, c6 and c18 differ by the way of their strokes alone"
    handles = many.legends[0].legend_handles
    assert len({(one.get_color(), one.get_marker()) for one in handles}) == 8


def test_steps_of_a_quantity_are_tints_from_weak_to_strong():
    colors = [color for color, _ in dots(drawn(codes=CODES.clip(min=0), ordered=True).axes[0])]
    assert [color[:3] for color in colors] == [to_rgba(ACCENT)[:3]] * 3
    assert [color[3] for color in colors] == pytest.approx([0.2, 0.6, 1])


@pytest.mark.parametrize("codes", [np.full(8, -1), np.zeros(8, int)])
def test_one_group_or_none_can_be_drawn(codes):
    figure = drawn(codes=codes, names=["cat"])
    assert len(figure.legends[0].texts) == 1
    flat = embedding([np.zeros((3, 2))], [0, 0, 0], ["cat"], titles=["epoch 1"])
    flat.draw_without_rendering()


def test_no_dot_is_lost_in_a_picture():
    """Every stroke has next to no length: renderers that snap or simplify would drop it."""
    figure = embedding([np.array([[0.0, 0], [1, 1]])], [0, 1], ["a", "b"], titles=[""])
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    axes = figure.axes[0]
    pixels = np.asarray(canvas.buffer_rgba())
    for color, at in dots(axes):
        x, y = axes.transData.transform(at[0])
        seen = pixels[int(pixels.shape[0] - y), int(x)]
        np.testing.assert_allclose(seen / 255, color, atol=0.02)


def test_the_example_is_drawn():
    example().draw_without_rendering()
