"""What the figures of masks draw is what a plain computation gives."""

import numpy as np
import pytest
from reporting.drawn import axes_of

from podium.reporting.figures.curves import curves
from podium.reporting.plots.masks.class_bars import class_bars
from podium.reporting.plots.masks.size_scores import running_quartiles, size_scores


def test_bars_are_as_long_as_the_scores_and_the_lowest_is_on_top():
    scores, bounds = [0.9, 0.4, np.nan], [[0.8, 0.95], [0.3, 0.6], [np.nan, np.nan]]
    axes = axes_of(class_bars(["cat", "dog", "eel"], scores, bounds, label="Dice"))
    assert [one.get_text() for one in axes.get_yticklabels()] == ["dog", "cat", "eel"]
    assert [bar.get_width() for bar in axes.patches] == [0.4, 0.9, 0]
    segments = axes.collections[0].get_segments()
    np.testing.assert_allclose(segments[0], [[0.3, 0], [0.6, 0]])
    assert [text.get_text() for text in axes.texts] == ["0.400", "0.900", "undefined"]
    assert axes.get_xlim()[0] == 0


def test_of_many_classes_the_lowest_thirty_have_a_bar():
    scores = np.linspace(1, 0, 50)
    axes = axes_of(
        class_bars([f"c{i}" for i in range(50)], scores, np.c_[scores, scores], label="")
    )
    labels = [one.get_text() for one in axes.get_yticklabels()]
    assert labels == [f"c{i}" for i in range(49, 19, -1)]


def test_a_point_stands_at_the_size_and_score_of_its_image():
    axes = axes_of(size_scores([0.01, 0.2, 0.05], [0.3, 0.9, np.nan], label="Dice"))
    (points,) = axes.lines
    np.testing.assert_allclose(points.get_xydata(), [[1, 0.3], [20, 0.9]])
    assert axes.get_xscale() == "log"


def test_images_without_an_object_stand_left_of_the_smallest():
    axes = axes_of(size_scores([0.0, 0.01, 0.5, 0.0], [1.0, 0.3, 0.9, 0.0], label="Dice"))
    filled, empty, divider = axes.lines
    assert filled.get_xdata().tolist() == pytest.approx([1, 50])
    assert empty.get_ydata().tolist() == [1.0, 0.0]
    assert (empty.get_xdata() < divider.get_xdata()[0]).all()
    assert divider.get_xdata()[0] < 1
    assert [text.get_text() for text in axes.texts] == ["empty"]


@pytest.mark.parametrize(("sizes", "scores"), [([0.0, 0.0], [1.0, 0.0]), ([], []), ([0.1], [1.0])])
def test_few_images_can_be_drawn(sizes, scores):
    axes_of(size_scores(sizes, scores, label="Dice"))


def test_running_quartiles_are_those_of_neighbours_in_size():
    rng = np.random.default_rng(0)
    sizes, scores = rng.random(60), rng.random(60)
    middle = running_quartiles(sizes, scores)
    order = np.argsort(sizes)
    for number, (size, *quartiles) in enumerate(middle):
        inside = order[10 * number : 10 * number + 10]
        assert size == np.median(sizes[inside])
        # Of ten sorted values: a quarter of the way from the third to the fourth, and so on.
        each = np.sort(scores[inside])
        by_hand = [
            each[2] + (each[3] - each[2]) / 4,
            np.median(each),
            each[7] - (each[7] - each[6]) / 4,
        ]
        assert quartiles == pytest.approx(by_hand)
    assert len(middle) == 6
    (axes,) = size_scores(sizes, scores, label="Dice").axes
    (band,) = axes.collections
    corners = {tuple(one) for one in np.round(band.get_paths()[0].vertices, 9)}
    assert {tuple(one) for one in np.round(np.c_[100 * middle[:, 0], middle[:, 1]], 9)} <= corners
    assert {tuple(one) for one in np.round(np.c_[100 * middle[:, 0], middle[:, 3]], 9)} <= corners
    assert len(running_quartiles(sizes[:39], scores[:39])) == 0


def test_a_curve_begins_at_epoch_0_where_the_start_was_scored():
    axes = axes_of(curves({"0": [0.5, 0.6], "1": [0.4]}, label="Dice", start={"0": 0.1}))
    by_label = {line.get_label(): line for line in axes.lines}
    np.testing.assert_array_equal(by_label["fold 0"].get_xydata(), [[0, 0.1], [1, 0.5], [2, 0.6]])
    np.testing.assert_array_equal(by_label["fold 1"].get_xydata(), [[1, 0.4]])
