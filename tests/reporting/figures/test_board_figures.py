"""What the figures of the board draw is what they are given."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from matplotlib.dates import num2date
from reporting.drawn import axes_of, named

from podium.reporting.plots.board.cv_lb import cv_lb
from podium.reporting.plots.board.leaderboard import SHOWN, leaderboard_ranks, leaderboard_scores
from podium.reporting.plots.board.shake_up import ShakeUpRow, shake_up

NAN = float("nan")
START = datetime(2026, 11, 1, tzinfo=UTC)


def days(n):
    return [START + timedelta(days=day) for day in range(n)]


@pytest.mark.slow
def test_scores_stand_at_their_moment_and_hold_until_the_next():
    figure = leaderboard_scores(
        days(3), [0.8, 0.9, 0.9], [NAN, 0.5, 0.6], [NAN, NAN, NAN], label="x"
    )
    lines = named(axes_of(figure))
    assert set(lines) == {"best team", "our team"}, "of the middle nothing is known"
    np.testing.assert_array_equal(lines["our team"].get_ydata(), [NAN, 0.5, 0.6])
    assert [num2date(day) for day in lines["best team"].get_xdata()] == days(3)
    assert {line.get_drawstyle() for line in lines.values()} == {"steps-post"}


def test_the_first_rank_stands_on_top_and_no_rank_below_one_is_written():
    axes = axes_of(leaderboard_ranks(days(3), [1, 3, 2], [3, 4, 4]))
    bottom, top = axes.get_ylim()
    assert bottom >= 4 > 1 >= top
    assert min(axes.get_yticks()) >= 1
    np.testing.assert_array_equal(named(axes)["our team"].get_ydata(), [1, 3, 2])
    np.testing.assert_array_equal(named(axes)["last place"].get_ydata(), [3, 4, 4])


def test_of_thousands_of_moments_the_first_and_the_last_are_drawn():
    n = 5000
    axes = axes_of(leaderboard_scores(days(n), np.arange(n), [NAN] * n, [NAN] * n, label="x"))
    (line,) = axes.lines
    assert len(line.get_xdata()) == SHOWN
    assert line.get_ydata()[[0, -1]].tolist() == [0, n - 1]


def test_a_submission_stands_at_its_scores_and_odd_ones_are_named():
    figure = cv_lb(
        [0.5, 0.6, 0.9], [0.52, 0.61, 0.3], label="x", line=(-0.5, 0.9), gap=0.02,
        intervals=[(0.45, 0.55), (NAN, NAN), (0.85, 0.95)], odd=["", "", "blend$1"],
    )  # fmt: skip
    axes = axes_of(figure)
    lines = named(axes)
    assert lines["submission"].get_xydata().tolist() == [[0.5, 0.52], [0.6, 0.61]]
    assert lines["odd one"].get_xydata().tolist() == [[0.9, 0.3]]
    (name,) = axes.texts
    assert (name.get_text(), tuple(name.xy)) == (r"blend\$1", (0.9, 0.3))
    assert lines["fitted"].get_slope() == -0.5
    assert lines["fitted"].get_xy1() == (0, 0.9)
    assert lines["promised"].get_slope() == 1
    assert lines["promised"].get_xy1() == (0, 0.02)
    (bounds,) = axes.collections
    drawn = [one for one in bounds.get_segments() if len(one) == 2]
    np.testing.assert_allclose(drawn, [[[0.45, 0.52], [0.55, 0.52]], [[0.85, 0.3], [0.95, 0.3]]])


@pytest.mark.parametrize("wide", [(0.1, 0.9), (NAN, NAN)])
def test_wide_intervals_do_not_squeeze_the_points(wide):
    axes = axes_of(cv_lb([0.50, 0.51], [0.5, 0.6], label="x", intervals=[wide, wide]))
    low, high = axes.get_xlim()
    assert low < 0.5 < 0.51 < high
    assert high - low <= 0.06


def test_without_intervals_the_axis_is_as_wide_as_the_points():
    axes = axes_of(cv_lb([0.70, 0.75, 0.8], [0.7, 0.7, 0.8], label="x", line=(1, 0.0), gap=0.0))
    low, high = axes.get_xlim()
    assert 0.65 < low < 0.70 < 0.8 < high < 0.85


def test_equal_scores_can_be_drawn():
    axes_of(cv_lb([0.5, 0.5, 0.5], [0.4, 0.4, 0.4], label="x", gap=-0.1))
    axes_of(cv_lb([0.5], [0.4], label="x", intervals=[(0.4, 0.6)]))


def test_a_row_has_its_interval_its_scores_and_what_becomes_of_its_place():
    rows = [
        ShakeUpRow("a", 0.7, (0.6, 0.8), public=0.71, private=0.69, place=2, expected_place=1),
        ShakeUpRow("b", 0.6, (0.5, 0.7), public=0.75, place=1, expected_place=2),
        ShakeUpRow("c", 0.5, (0.4, 0.6), place=3, expected_place=3),
        ShakeUpRow("d", 0.4, (0.3, 0.5)),
    ]
    axes = axes_of(shake_up(rows, label="x"))
    assert [one.get_text() for one in axes.get_yticklabels()] == ["a", "b", "c", "d"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the first stands on top"
    assert [(one.get_text(), one.xy[1]) for one in axes.texts] == [
        ("2 → 1", 0),
        ("1 → 2", 1),
        ("3", 2),
    ]
    at = {name: [] for name in ("private, expected", "public", "private")}
    for line in axes.lines:
        at[line.get_label()].append((*line.get_xdata(), *line.get_ydata()))
    assert at["private, expected"] == [(0.7, 0), (0.6, 1), (0.5, 2), (0.4, 3)]
    assert at["public"] == [(0.71, 0), (0.75, 1)]
    assert at["private"] == [(0.69, 0)]
    segments = [one.get_segments()[0].tolist() for one in axes.collections]
    assert segments[0] == [[0.6, 0], [0.8, 0]]


def test_of_a_hundred_submissions_the_marks_are_small_and_odd_names_stand_off_the_others():
    rng = np.random.default_rng(0)
    honest = rng.random(100)
    public = honest + 0.01 * rng.normal(size=100)
    public[3], public[4] = honest[3] - 0.5, honest[4] + 0.5
    odd = ["" if k not in (3, 4) else f"odd {k}" for k in range(100)]
    for width in (420, 330):
        axes = axes_of(cv_lb(honest, public, label="x", odd=odd, width_px=width))
        lines = named(axes)
        assert len(lines["submission"].get_xdata()) == 98
        assert lines["submission"].get_markersize() < lines["odd one"].get_markersize()
        where = {one.get_text(): one.get_verticalalignment() for one in axes.texts}
        assert where == {"odd 3": "top", "odd 4": "bottom"}, "below the cloud, and above it"


@pytest.mark.parametrize("width", [420, 330])
def test_phone_version_draws_the_same_data(width):
    figure = leaderboard_scores(days(3), [3, 3, 4], [1, 2, 2], [NAN] * 3, label="x", width_px=width)
    assert named(axes_of(figure))["our team"].get_ydata().tolist() == [1, 2, 2]
    figure = leaderboard_ranks(days(2), [2, 1], [9, 9], width_px=width)
    assert named(axes_of(figure))["our team"].get_ydata().tolist() == [2, 1]
    assert figure.get_figwidth() * 72 == width
