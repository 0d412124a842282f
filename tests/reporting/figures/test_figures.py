"""What the figures draw is what a plain computation gives."""

import matplotlib.colors
import numpy as np
import pytest
from reporting.drawn import axes_of, texts

from podium.reporting.figures.confusion import confusion
from podium.reporting.figures.curves import curves
from podium.reporting.figures.scores import ScoreRow, scores
from podium.reporting.plots.data.balance import class_balance
from podium.reporting.plots.labels.calibration import calibration
from podium.reporting.plots.labels.class_scores import class_scores
from podium.reporting.plots.labels.predicted import predicted

COUNTS = np.array([[8, 2, 0], [1, 5, 4], [0, 0, 0]])
NAMES = ["cat", "dog", "eel"]


def test_confusion_writes_each_count_that_is_not_zero_in_its_cell():
    axes = axes_of(confusion(COUNTS, NAMES))
    at = {tuple(map(int, text.get_position())): text.get_text() for text in axes.texts}
    assert at == {(0, 0): "8", (1, 0): "2", (0, 1): "1", (1, 1): "5", (2, 1): "4"}
    assert [one.get_text() for one in axes.get_yticklabels()] == NAMES
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the first class stands on top"


def test_confusion_is_as_strong_as_the_share_of_its_row():
    axes = axes_of(confusion(COUNTS, NAMES))
    strength = axes.collections[0].get_facecolors()[:, 3].reshape(3, 3)
    np.testing.assert_allclose(strength, [[0.8, 0.2, 0], [0.1, 0.5, 0.4], [0, 0, 0]])


def test_confusion_normalised_writes_per_cents_of_the_rows():
    assert texts(axes_of(confusion(COUNTS, NAMES, normalise=True))) == [
        "80",
        "20",
        "10",
        "50",
        "40",
    ]


def test_confusion_of_many_classes_is_a_picture_with_a_pixel_a_cell():
    counts = np.eye(61, dtype=int) * 4
    axes = axes_of(confusion(counts, [str(i) for i in range(61)], normalise=True))
    image = axes.images[0].get_array()
    assert image.shape == (61, 61, 4)
    np.testing.assert_allclose(image[..., 3], np.eye(61))


def test_curves_draw_every_fold_on_epochs_from_one():
    valid = {"0": [3.0, 2.0], "10": [3.0, 1.0, 0.5], "2": [1.0]}
    axes = axes_of(
        curves(valid, label="loss", train={"0": [4.0, 3.0]}, phases=[(1, "a"), (2, "b")])
    )
    by_label = {line.get_label(): line for line in axes.lines}
    assert [label for label in by_label if label.startswith("fold")] == [
        "fold 0",
        "fold 2",
        "fold 10",
    ]
    np.testing.assert_array_equal(by_label["fold 10"].get_xydata(), [[1, 3], [2, 1], [3, 0.5]])
    dashed = axes.lines[0]
    np.testing.assert_array_equal(dashed.get_ydata(), [4, 3])
    assert dashed.get_color() == by_label["fold 0"].get_color()
    assert texts(axes) == ["a", "b"]
    assert 1.5 in [line.get_xdata()[0] for line in axes.lines], "a line between the phases"


def test_curves_leave_gaps_where_nothing_was_written():
    axes = axes_of(curves({"0": [1.0, np.nan, 2.0]}, label="x"))
    assert np.isnan(axes.lines[0].get_ydata()[1])


def test_calibration_draws_mean_confidence_against_share_right():
    axes = axes_of(calibration([0.1, 0.1, 0.9, 0.8], [False, True, True, False], n_bins=2))
    container = axes.containers[1]
    np.testing.assert_allclose(container.lines[0].get_xydata(), [[0.1, 0.5], [0.85, 0.5]])
    heights = [bar.get_height() for bar in axes.patches]
    assert heights[0] == heights[1] > 0


def test_class_scores_put_the_lowest_last_score_on_top():
    values = np.array([[0.9, 0.8, 0.7], [0.5, 0.6, 0.2], [np.nan] * 3])
    bounds = np.stack([values - 0.1, values + 0.1], axis=2)
    axes = axes_of(class_scores(NAMES, values, bounds))
    assert [one.get_text() for one in axes.get_yticklabels()] == ["dog", "cat", "eel"]
    recall = next(line for line in axes.lines if line.get_label() == "recall")
    np.testing.assert_array_equal(recall.get_xdata(), [0.5, 0.9, np.nan])
    first = axes.collections[0].get_segments()[0]
    np.testing.assert_allclose(first[:, 0], [0.4, 0.6])


def test_class_balance_draws_bars_as_long_as_the_counts():
    counts = np.array([[3, 4], [10, 2]])
    axes = axes_of(class_balance(counts, ["few", "many"], ["0", "1"]))
    assert [one.get_text() for one in axes.get_yticklabels()] == ["many", "few"]
    widths = [[bar.get_width() for bar in group] for group in axes.containers]
    assert widths == [[10, 3], [2, 4]]
    assert [bar.get_x() for bar in axes.containers[1]] == [10, 3]
    assert texts(axes) == ["12", "7"]


def test_scores_draw_each_number_where_it_is():
    rows = [
        ScoreRow("blend", 0.8, (0.7, 0.9), interval=(0.75, 0.85), optimistic=0.82, public=0.79),
        ScoreRow("begun", None),
    ]
    axes = axes_of(scores(rows, label="accuracy"))
    found = {line.get_label(): line.get_xydata().tolist() for line in axes.lines}
    assert found == {
        "folds": [[0.7, 0], [0.9, 0]],
        "optimistic": [[0.82, 0]],
        "OOF / honest": [[0.8, 0]],
        "public": [[0.79, 0]],
    }
    np.testing.assert_allclose(axes.collections[0].get_segments()[0], [[0.75, 0], [0.85, 0]])
    assert [one.get_text() for one in axes.get_yticklabels()] == ["blend", "begun"]


def test_predicted_draws_each_row_in_the_colour_of_its_fold():
    axes = axes_of(predicted([1.0, 2.0, 3.0], [1.5, 2.5, 2.0], [0, 1, 0]))
    by_label = {line.get_label(): line for line in axes.lines}
    np.testing.assert_array_equal(by_label["fold 0"].get_xydata(), [[1, 1.5], [3, 2]])
    np.testing.assert_array_equal(by_label["fold 1"].get_xydata(), [[2, 2.5]])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_colours_contrast_with_its_background(theme):
    from pathlib import Path

    import podium.reporting

    css = (Path(podium.reporting.__file__).parent / "templates" / "page.css").read_text()
    rules = css.split("prefers-color-scheme: dark")[theme == "dark"].split("}")[0]
    import re

    color = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", rules))

    def contrast(one, other):
        light = sorted(map(_luminance, (color[one], color[other])))
        return (light[1] + 0.05) / (light[0] + 0.05)

    for name in ("ink", "muted", "accent", "good", "warn"):
        assert contrast(name, "surface") >= 4.5, name
        assert contrast(name, "page") >= 4.5, name
    assert contrast("warn", "warn-wash") >= 4.5
    for name in (f"series-{i}" for i in range(7)):
        assert contrast(name, "surface") >= 2.4, name
    assert contrast("on-accent", "accent") >= 4.5


def _luminance(color):
    """WCAG 2.2, relative luminance."""
    rgb = np.array(matplotlib.colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
