"""The figure of a study draws the seeds that it is given, their mean and their spread."""

import numpy as np

from podium.reporting.figures.seeds import seeds
from podium.reporting.plot import svg_file

NAN = float("nan")
SCORES = [[0.5, 0.7, NAN], [0.25, NAN, NAN], [NAN, NAN, NAN]]


def drawn():
    figure = seeds(["A: random", "b$1$", "C"], SCORES, label="accuracy")
    figure.draw_without_rendering()
    return figure


def test_dots_mean_and_deviation_are_those_of_the_row():
    (axes,) = drawn().axes
    points = {name: [] for name in ("seed", "mean")}
    for line in axes.lines:
        points[line.get_label()] += line.get_xydata().tolist()
    assert points["seed"] == [[0.5, 0], [0.7, 0], [0.25, 1]]
    np.testing.assert_allclose(points["mean"], [[0.6, 0], [0.25, 1]])
    (spread,) = axes.collections
    std = np.std([0.5, 0.7], ddof=1)
    np.testing.assert_allclose(spread.get_segments()[0], [[0.6 - std, 0], [0.6 + std, 0]])
    assert [(one.get_text(), one.xy[1]) for one in axes.texts] == [("no score yet", 2)]
    assert [one.get_text() for one in axes.get_yticklabels()] == ["A: random", r"b\$1\$", "C"]
    bottom, top = axes.get_ylim()
    assert bottom > top, "the first stands on top"


def test_marks_differ_in_shape_and_not_only_in_colour():
    (axes,) = drawn().axes
    marks = {line.get_label(): line.get_marker() for line in axes.lines}
    assert len(set(marks.values())) == len(marks) == 2


def test_equal_figures_are_equal_files_on_white():
    first, second = svg_file(drawn(), name="x"), svg_file(drawn(), name="x")
    assert first == second
    assert first.lstrip().startswith("<?xml")
    assert "<svg" in first
    assert "fill: #ffffff" in first
    assert "<text" not in first, "letters are drawn: no font needs to be there"
