"""What the figures of labels draw is what a plain computation gives."""

import importlib

import numpy as np
import pytest
from reporting.drawn import texts, ticks

from podium.reporting.figures.confusion import confusion
from podium.reporting.figures.predicted_counts import predicted_counts
from podium.reporting.figures.predicted_shares import predicted_shares
from podium.reporting.figures.predicted_surplus import predicted_surplus
from podium.reporting.plots.labels.class_scores import SHOWN, class_scores
from podium.reporting.plots.labels.confused_pairs import confused_pairs

RNG = np.random.default_rng(0)
HOSTILE = ["<b>$x$</b>", "a\nb\0c", "שלום 😀", "x" * 300]


def drawn(figure):
    figure.draw_without_rendering()
    return figure.axes


def legend(figure):
    return [one.get_text() for one in figure.legends[0].get_texts()]


def counts_of(n, rate=1.0):
    return RNG.poisson(rate, (n, n)) + 20 * np.eye(n, dtype=int)


@pytest.mark.parametrize("normalise", [False, True])
def test_confusion_in_an_order_has_a_tile_where_a_count_is(normalise):
    n, order = 20, RNG.permutation(20)
    counts = counts_of(n, 0.3)
    figure = confusion(counts, [f"c{i}" for i in range(n)], order=order, normalise=normalise)
    (axes,) = drawn(figure)
    assert ticks(axes) == [f"c{i}" for i in order]
    tiles = axes.collections[0]
    found = {}
    for path, color in zip(tiles.get_paths(), tiles.get_facecolors(), strict=True):
        column, row = path.vertices[:-1].mean(axis=0)
        found[round(row), round(column)] = color[3]
    values = counts[np.ix_(order, order)]
    assert set(found) == set(zip(*np.nonzero(values), strict=True))
    each = values / values.sum(axis=1, keepdims=True) if normalise else values
    order_of_strength = sorted(found, key=found.get)
    assert all(np.diff([each[at] for at in order_of_strength]) >= -1e-12), "stronger is more"
    assert legend(figure)[-1] == ("100 % of the class" if normalise else f"{counts.max()} rows")


def test_confusion_outlines_its_blocks_unless_they_are_too_small_to_see():
    names = [str(i) for i in range(100)]
    (axes,) = drawn(confusion(counts_of(100), names, blocks=[(3, 8), (20, 21)]))
    (box,) = axes.patches
    assert (box.get_xy(), box.get_width(), box.get_height()) == ((2.5, 2.5), 5, 5)


def test_confusion_where_a_class_is_under_a_pixel_shows_what_several_have_together():
    counts = counts_of(700, 0.01)
    (axes,) = drawn(confusion(counts, [""] * 700, normalise=True, width_px=330))
    picture = np.asarray(axes.images[0].get_array())[..., 3]
    each = -(-700 // len(picture))
    assert 1 < each < 10
    pad = -700 % each
    padded = np.pad(counts, (0, pad)).reshape(len(picture), each, len(picture), each)
    together = padded.sum(axis=(1, 3))
    expected = np.sqrt(together / together.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(picture, np.where(together > 0, 0.25 + 0.75 * expected, 0))
    assert axes.get_xlim() == (-0.5, 699.5)


@pytest.mark.parametrize("n", [30, 61])
def test_confusion_for_a_phone_has_no_names(n):
    (axes,) = drawn(confusion(counts_of(n), ["a"] * n, width_px=330))
    assert ticks(axes) == []


def test_pairs_have_truth_on_the_left_and_prediction_on_the_right():
    pairs = [("cat", "dog", 1200, 0.25), ("eel", "cat", 3, 0.5)]
    left, right = drawn(confused_pairs(pairs))
    assert (ticks(left), ticks(right)) == (["cat", "eel"], ["dog", "cat"])
    assert [bar.get_width() for bar in left.patches] == [1200, 3]
    assert texts(left) == ["1,200 · 25 %", "3 · 50 %"]
    assert left.get_ylim() == right.get_ylim()
    assert len(drawn(confused_pairs(pairs * 40))[0].patches) == 20


def test_predicted_counts_draw_each_class_once_and_name_the_strangest():
    truth, predicted = np.array([100, 40, 40, 7, 0]), np.array([100, 80, 38, 0, 9])
    error = np.array([5, 10, 10, 3, 3])
    (axes,) = drawn(predicted_counts(truth, predicted, ["a", "b", "c", "d", "e"], error=error))
    points = {line.get_label(): line.get_xydata().tolist() for line in axes.lines[1:]}
    assert points == {
        "within its interval": [[100, 100], [40, 38]],
        "off by more": [[40, 80], [7, 0], [0, 9]],
    }
    assert set(texts(axes)) >= {"b", "d", "e"}
    assert "a" not in texts(axes), "predicted exactly as often as it is true"
    assert axes.get_xlim() == axes.get_ylim()


def test_classes_of_one_point_are_named_together():
    truth, predicted = np.array([100, 40, 40, 9, 9, 9, 9]), np.array([100, 80, 80, 30, 30, 30, 30])
    (axes,) = drawn(predicted_counts(truth, predicted, list("abcdefg"), error=np.full(7, 3)))
    assert set(texts(axes)) >= {"b, c", "d, e, 2 more"}


@pytest.mark.parametrize("n", [2, 800])
def test_names_beside_the_points_do_not_cover_one_another(n):
    truth = RNG.integers(1, 300, n)
    figure = predicted_counts(truth, RNG.poisson(truth * 1.3), [f"class {i}" for i in range(n)])
    (axes,) = drawn(figure)
    boxes = [one.get_window_extent() for one in axes.texts]
    assert len(boxes) <= 8
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_surplus_is_sorted_with_its_intervals_and_names_classes_without_a_ratio():
    truth, predicted = [100, 5, 0, 20, 2], [94, 5, 3, 16, 0]
    (axes,) = drawn(predicted_surplus(truth, predicted, "abcde", error=[2, 1, 1.5, 4, 0]))
    assert ticks(axes) == ["c", "b", "e", "d", "a"]
    assert [bar.get_width() for bar in axes.patches] == [3, 0, -2, -4, -6]
    assert texts(axes) == ["none there", "×1.00", "never predicted", "×0.80", "×0.94"]
    segments = [one[:, 0].tolist() for one in axes.collections[0].get_segments()]
    assert segments == [[1.5, 4.5], [-1, 1], [-2, -2], [-8, 0], [-8, -4]]


def test_surplus_of_many_classes_shows_both_ends_and_counts_the_rest():
    truth = np.full(100, 50)
    predicted = truth + np.arange(100) - 50
    (axes,) = drawn(predicted_surplus(truth, predicted, [str(i) for i in range(100)]))
    assert ticks(axes) == [*map(str, range(99, 87, -1)), *map(str, range(11, -1, -1))]
    assert "76 classes between" in texts(axes)


def test_shares_are_of_each_parts_own_sum_and_those_that_differ_most_are_shown():
    counts = {"train": [50, 30, 20], "test": [1, 1, 8]}
    figure = predicted_shares(counts, ["a", "b", "c"])
    (axes,) = drawn(figure)
    found = {line.get_label(): line.get_xdata().tolist() for line in axes.lines}
    assert found == {"train": [50, 30, 20], "test": [10, 10, 80]}
    assert legend(figure) == ["train", "test"]
    many = np.full((2, 100), 10)
    many[1, 40] = 90
    assert "40" in ticks(drawn(predicted_shares({"a": many[0], "b": many[1]}, range(100)))[0])


@pytest.mark.parametrize("highest", [False, True])
def test_scores_of_many_classes_are_those_of_one_end(highest):
    values = RNG.random((800, 3))
    bounds = np.stack([values, values], axis=2)
    (axes,) = drawn(class_scores([str(i) for i in range(800)], values, bounds, highest=highest))
    order = sorted(range(800), key=lambda i: -values[i, 0] if highest else values[i, 0])
    assert ticks(axes) == [str(i) for i in order[:SHOWN]]


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("n", [1, 4, 20])
def test_names_and_counts_of_any_kind_can_be_drawn(n):
    names = [HOSTILE[i % 4] for i in range(n)]
    nothing = np.zeros(n, dtype=int)
    some = np.arange(n)
    for figure in (
        confusion(np.zeros((n, n), dtype=int), names),
        predicted_counts(nothing, nothing, names),
        predicted_counts(some, some[::-1], names),
        predicted_surplus(nothing, nothing, names),
        predicted_surplus(some, nothing, names),
        predicted_shares({"a": nothing, "b": some}, names),
        confused_pairs([(one, one, 3, 0.1) for one in names]),
        class_scores(names, np.full((n, 3), np.nan), np.full((n, 3, 2), np.nan)),
    ):
        drawn(figure)
    assert confused_pairs([])


@pytest.mark.parametrize(
    "name",
    [
        "plots.labels.confused_pairs",
        "figures.confusion",
        "figures.predicted_counts",
        "figures.predicted_shares",
        "figures.predicted_surplus",
    ],
)
def test_each_has_an_example_that_can_be_drawn(name):
    drawn(importlib.import_module(f"podium.reporting.{name}").example())
