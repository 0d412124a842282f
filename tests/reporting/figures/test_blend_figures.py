"""What the figures of blends draw is what they are given."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from reporting.drawn import axes_of, named, ticks

from podium.reporting.figures._panel import ACCENT, SERIES
from podium.reporting.plots.blend import correlation, drop_one
from podium.reporting.plots.blend import threshold as threshold_curve
from podium.reporting.plots.blend import weights as member_weights
from podium.reporting.plots.blends import optimism
from podium.tuning.curves import ParameterCurve

NAN = float("nan")
HOSTILE = ["<b>x</b> $a$ $b", "שלום 😀\n", "a" * 80]


def table_of(n, seed=0):
    return np.corrcoef(np.random.default_rng(seed).normal(size=(n, 40)))


def test_each_correlation_stands_at_its_two_members():
    table, names = table_of(5), list("abcde")
    axes = axes_of(correlation.correlation_map(table, names))
    order = correlation.clustered(table)
    assert ticks(axes) == [f"{k + 1}  {names[m]}" for k, m in enumerate(order)]
    written = {tuple(map(int, one.get_position())): one.get_text() for one in axes.texts}
    for row, column in itertools.product(range(5), repeat=2):
        assert written[column, row] == f"{table[order[row], order[column]]:.2f}"
    strength = axes.collections[0].get_facecolors()[:, 3].reshape(5, 5)
    by_value = np.argsort(table[np.ix_(order, order)], axis=None)
    assert (np.diff(strength.ravel()[by_value]) >= 0).all(), "the higher, the stronger"
    np.testing.assert_allclose(np.diag(strength), 1)


def test_neighbours_are_the_alikest_of_all_orders():
    # Two families, given alternately: in the best of all 720 orders each stands together.
    family = np.arange(6) % 2
    table = np.where(family[:, None] == family, 0.9, 0.3) + 0.01 * table_of(6)
    np.fill_diagonal(table, 1)

    def alike(order):
        return sum(table[a, b] for a, b in itertools.pairwise(order))

    found = correlation.clustered(table)
    assert sorted(found) == list(range(6))
    assert len(set(family[found[:3]])) == len(set(family[found[3:]])) == 1
    best = max(alike(one) for one in itertools.permutations(range(6)))
    assert alike(found) == pytest.approx(best, abs=0.01)


def test_undefined_values_are_empty_and_noted():
    table = table_of(4)
    table[1, :] = table[:, 1] = NAN  # the second never varies
    table[1, 1] = 1
    axes = axes_of(correlation.correlation_map(table, list("abcd")))
    order = correlation.clustered(table).tolist()
    strength = axes.collections[0].get_facecolors()[:, 3].reshape(4, 4)
    at = order.index(1)
    others = [k for k in range(4) if k != at]
    assert strength[at, others].tolist() == strength[others, at].tolist() == [0, 0, 0]
    assert [one.get_text() for one in axes.texts].count("–") == 6


@pytest.mark.parametrize("table", [np.ones((2, 2)), np.eye(1), np.ones((6, 6)), np.zeros((0, 0))])
def test_equal_members_one_and_none_can_be_drawn(table):
    figure = correlation.correlation_map(table, [f"m{k}" for k in range(len(table))])
    assert len(ticks(axes_of(figure))) == len(table)
    member_weights.member_weights([], []).draw_without_rendering()
    drop_one.drop_one([], [], label="x").draw_without_rendering()


def test_fifty_members_are_a_picture_with_every_name():
    table = table_of(50)
    axes = axes_of(correlation.correlation_map(table, [f"m{k}" for k in range(50)], width_px=560))
    order = correlation.clustered(table)
    image = axes.images[0].get_array()[..., 3]
    others = table[~np.eye(50, dtype=bool)]
    low = np.floor(10 * others.min()) / 10
    expected = (table[np.ix_(order, order)] - low) / (1 - low)
    np.testing.assert_allclose(image, expected, atol=1e-6)
    assert ticks(axes) == [f"{k + 1}  m{m}" for k, m in enumerate(order)]
    assert not axes.texts


def test_names_from_data_are_text():
    axes = axes_of(correlation.correlation_map(np.ones((3, 3)), HOSTILE))
    shown = {one.split("  ", 1)[1] for one in ticks(axes)}
    expected = {r"<b>x</b> \$a\$ \$b", "שלום 😀", "a" * 21 + "…"}
    assert shown == expected
    of_weights = ticks(axes_of(member_weights.member_weights(HOSTILE, [3, 2, 1])))
    assert of_weights == [r"<b>x</b> \$a\$ \$b", "שלום 😀", "a" * 20 + "…"]


def test_names_that_are_cut_keep_the_digits_of_their_id():
    names = [f"the-same-long-recipe-{k:08x}" for k in range(3)]
    shown = ticks(axes_of(member_weights.member_weights(names, [3, 2, 1], width_px=330)))
    assert shown == [f"the-sa…-{k:08x}" for k in range(3)]


def test_the_largest_weight_stands_on_top_with_those_of_its_folds():
    folds = [[0.1, 0.6, 0.3], [0.3, 0.5, 0.2]]
    figure = member_weights.member_weights(list("abc"), [0.2, 0.55, 0.25], by_fold=folds)
    axes = axes_of(figure)
    assert ticks(axes) == ["b", "c", "a"]
    assert [bar.get_width() for bar in axes.patches] == [0.55, 0.25, 0.2]
    found = sorted(map(tuple, named(axes)["a fold"].get_xydata().tolist()))
    assert found == sorted([(0.6, 0), (0.3, 1), (0.1, 2), (0.5, 0), (0.2, 1), (0.3, 2)])


def test_a_member_that_harms_has_another_colour_and_errors_stand_around():
    figure = drop_one.drop_one(
        list("abc"), [0.01, -0.02, 0.03], errors=[0.005, 0.001, NAN], label="f1"
    )
    axes = axes_of(figure)
    assert ticks(axes) == ["c", "a", "b"]
    drawn = {round(bar.get_y() + bar.get_height() / 2): bar for bar in axes.patches}
    assert [drawn[k].get_width() for k in range(3)] == [0.03, 0.01, -0.02]
    assert [drawn[k].get_facecolor()[:3] for k in range(3)] == [
        to_rgb(ACCENT),
        to_rgb(ACCENT),
        to_rgb(SERIES[1]),
    ]
    segments = [one for one in axes.collections[0].get_segments() if np.isfinite(one).all()]
    ends = [(one[:, 1].tolist(), one[:, 0].tolist()) for one in segments if len(one)]
    assert [rows for rows, _ in ends] == [[1, 1], [2, 2]]
    np.testing.assert_allclose([at for _, at in ends], [[0.005, 0.015], [-0.021, -0.019]])


def test_both_scores_of_a_blend_stand_in_its_row_with_the_gap():
    figure = optimism.optimism(
        ["one", "two"], [0.8, 0.7], [0.81, 0.69], label="f1", intervals=[(0.75, 0.85), (NAN, NAN)]
    )
    axes = axes_of(figure)
    lines = named(axes)
    assert lines["honest"].get_xydata().tolist() == [[0.8, 0], [0.7, 1]]
    assert lines["optimistic"].get_xydata().tolist() == [[0.81, 0], [0.69, 1]]
    assert [(one.get_text(), one.xy[1]) for one in axes.texts] == [("+0.0100", 0), ("−0.0100", 1)]
    assert ticks(axes) == ["one", "two"]


def test_of_many_blends_the_first_are_drawn():
    n = optimism.SHOWN + 9
    figure = optimism.optimism([f"b{k}" for k in range(n)], np.arange(n), np.arange(n), label="x")
    assert len(ticks(axes_of(figure))) == optimism.SHOWN


def curve(name="cat", chosen=0.4, **changes):
    given = {
        "parameter": "threshold", "name": name, "values": (0.1, 0.3, 0.4, 0.6, 0.9),
        "scores": (0.5, 0.78, 0.8, 0.81, None), "standard_errors": (0.01, 0.04, 0.02, 0.0, None),
        "chosen": chosen, "plain": 0.3, "best": 0.6,
    }  # fmt: skip
    return ParameterCurve(**given | changes)


def test_a_curve_has_its_points_band_plateau_and_choice():
    axes = axes_of(threshold_curve.threshold_curves([curve()], label="f1"))
    lines = named(axes)
    drawn = next(line for line in axes.lines if len(line.get_xdata()) == 5)
    np.testing.assert_array_equal(drawn.get_xdata(), [0.1, 0.3, 0.4, 0.6, 0.9])
    np.testing.assert_array_equal(drawn.get_ydata(), [0.5, 0.78, 0.8, 0.81, NAN])
    assert lines["chosen"].get_xydata().tolist() == [[0.4, 0.8]]
    assert lines["highest"].get_xydata().tolist() == [[0.6, 0.81]]
    assert lines["plain"].get_xdata() == [0.3, 0.3]
    # 0.1 loses 0.31 with an error of 0.01; 0.3 loses 0.03 with one of 0.04.
    (shaded,) = axes.patches
    assert (shaded.get_x(), shaded.get_x() + shaded.get_width()) == pytest.approx((0.3, 0.6))
    (band,) = axes.collections
    corners = band.get_paths()[0].vertices
    for value, score, error in ((0.1, 0.5, 0.01), (0.3, 0.78, 0.04), (0.4, 0.8, 0.02)):
        ends = corners[np.isclose(corners[:, 0], value), 1]
        assert ends.min() == pytest.approx(score - error)
        assert ends.max() == pytest.approx(score + error)


def test_without_standard_errors_nothing_is_shaded():
    axes = axes_of(
        threshold_curve.threshold_curves([curve(standard_errors=(None,) * 5)], label="x")
    )
    assert not axes.patches
    assert not axes.collections


@pytest.mark.slow
def test_each_class_has_small_axes_with_the_same_scores():
    curves = [curve(f"c{k}$", scores=(0.5, 0.7, 0.7 + k / 100, 0.8, 0.6)) for k in range(14)]
    figure = threshold_curve.threshold_curves(curves, label="f1")
    figure.draw_without_rendering()
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in shown] == [rf"c{k}\$" for k in range(12)]
    assert len({axes.get_ylim() for axes in shown}) == 1
    for k, axes in enumerate(shown):
        low, high = axes.get_ylim()
        assert low <= named(axes)["chosen"].get_ydata()[0] == 0.7 + k / 100 <= high
        assert low < 0.8 < high


def test_where_lower_is_better_the_lowest_scores_are_in_sight():
    losses = curve(scores=(9.0, 0.5, 0.4, 0.3, 0.6), greater_is_better=False)
    low, high = axes_of(threshold_curve.threshold_curves([losses], label="rmse")).get_ylim()
    assert low < 0.3 < 0.6 < high < 9


def test_weights_are_drawn_by_factors():
    weights = curve(
        parameter="class_weights",
        values=(0.25, 0.5, 1.0, 2.0, 4.0),
        chosen=2.0,
        plain=1.0,
        best=2.0,
    )
    axes = axes_of(threshold_curve.threshold_curves([weights], label="x"))
    assert axes.get_xscale() == "log"
    assert named(axes)["chosen"].get_xdata().tolist() == [2.0]
