"""Our submissions over time, and the quota of each day."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from matplotlib.dates import num2date
from reporting.drawn import axes_of

from podium.reporting.figures._panel import INK
from podium.reporting.plots.board import own_scores, quota

NAN = float("nan")
START = datetime(2026, 11, 1, tzinfo=UTC)


def moments(n, hours=24):
    return [START + timedelta(hours=hours * k) for k in range(n)]


@pytest.mark.parametrize("greater", [True, False])
def test_the_best_so_far_never_gets_worse(greater):
    scores = np.random.default_rng(0).random(50)
    scores[[0, 7]] = NAN
    found = own_scores.best_so_far(scores, greater_is_better=greater)
    pick = max if greater else min
    for k in range(50):
        known = [one for one in scores[: k + 1] if not np.isnan(one)]
        assert np.isnan(found[k]) if not known else found[k] == pick(known)


def test_marks_are_the_scores_and_steps_the_best():
    figure = own_scores.own_scores(
        moments(4), [0.5, 0.4, NAN, 0.6], [NAN, 0.7, 0.8, 0.75], label="x", greater_is_better=True
    )
    axes = axes_of(figure)
    lines = {line.get_label(): line for line in axes.lines}
    np.testing.assert_array_equal(lines["honest"].get_ydata(), [0.5, 0.4, NAN, 0.6])
    np.testing.assert_array_equal(lines["public"].get_ydata(), [NAN, 0.7, 0.8, 0.75])
    np.testing.assert_array_equal(lines["best honest"].get_ydata(), [0.5, 0.5, 0.5, 0.6])
    np.testing.assert_array_equal(lines["best public"].get_ydata(), [NAN, 0.7, 0.8, 0.8])
    assert lines["best public"].get_drawstyle() == "steps-post"
    assert lines["honest"].get_linestyle() == "None"
    assert [num2date(day) for day in lines["public"].get_xdata()] == moments(4)


def test_scores_that_nobody_knows_are_not_in_the_legend():
    figure = own_scores.own_scores(moments(2), [0.5, 0.6], [NAN, NAN], label="x")
    assert {line.get_label() for line in axes_of(figure).lines} == {"honest", "best honest"}


def test_a_hundred_submissions_are_all_there():
    scores = np.random.default_rng(1).random(100)
    axes = axes_of(own_scores.own_scores(moments(100, 5), scores, scores, label="x"))
    assert {len(line.get_xdata()) for line in axes.lines} == {100}


def test_bars_of_a_day_stand_side_by_side_below_the_limit():
    days = moments(3)
    axes = axes_of(quota.quota(days, {"Kaggle": [1, 0, 5], "a$b$": [2, 2, 0]}, 5))
    first, second = axes.containers
    assert [bar.get_height() for bar in first] == [1, 0, 5]
    assert [bar.get_height() for bar in second] == [2, 2, 0]
    for one, other, day in zip(first, second, days, strict=True):
        assert one.get_x() + one.get_width() == pytest.approx(other.get_x())
        assert num2date(other.get_x()) == pytest.approx(day, abs=timedelta(minutes=1))
    assert second.get_label() == r"a\$b\$"
    (limit,) = axes.lines
    assert set(limit.get_ydata()) == {5}
    assert limit.get_color() == INK
    assert axes.get_ylim()[1] > 5


@pytest.mark.parametrize("n", [0, 1, 120])
def test_no_day_one_and_many_can_be_drawn(n):
    axes = axes_of(quota.quota(moments(n), {"Kaggle": [4] * n} if n else {}, 5))
    assert len(axes.patches) == n
    if n == 1:
        low, high = axes.get_xlim()
        assert axes.patches[0].get_width() < (high - low) / 5
