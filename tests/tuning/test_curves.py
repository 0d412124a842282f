"""Curves in plain loops: centres, errors of draws, and rows that are scored along a parameter."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import DataError
from podium.tuning import curves
from podium.tuning.curves import (
    CURVES_FILE,
    Curve,
    CurveRows,
    ParameterCurve,
    error_of_draws,
    group_codes,
    most_influential,
    plateau_error,
    read_curves,
    thinned,
    write_curves,
)


def test_errors_are_those_of_the_draws_in_which_both_scores_are_known() -> None:
    nan = np.nan
    best = np.array([0.9, 0.8, 0.7, 0.95, nan])
    drawn = np.stack(
        [[0.5, 0.7, 0.2, 0.9, 0.1], best, [nan, 0.1, nan, nan, 0.3], [nan, 0.4, 0.1, nan, nan],
         np.full(5, nan)],
        axis=1,
    )  # fmt: skip
    found = error_of_draws(drawn, 1)
    losses = [best[:4] - drawn[:4, 0], np.zeros(4), [0.7], [0.4, 0.6], []]
    expected = [np.std(one, ddof=1) if len(one) > 1 else 0.0 for one in losses]
    np.testing.assert_allclose(found, expected)


def test_groups_are_numbered_as_they_ascend_and_none_is_missed() -> None:
    codes, n = group_codes(np.array([10, 9, 10, -3]), 4)
    assert (codes.tolist(), n) == ([2, 1, 2, 0], 3)
    codes, n = group_codes(np.array(["b", None, "a", None, "b"], dtype=object), 5)
    assert (len(set(codes.tolist())), n) == (4, 4)
    assert codes[0] == codes[4]
    assert group_codes(None, 3)[0].tolist() == [0, 1, 2]
    assert (group_codes(None, 3)[1], group_codes(None, 0)[1]) == (3, 0)
    with pytest.raises(DataError, match="4 groups for 5 rows"):
        group_codes(np.array([1, 1, 2, 2]), 5)


def test_the_error_of_a_falling_metric_belongs_to_its_lowest_score() -> None:
    rng = np.random.default_rng(0)
    sums = np.stack([rng.random((4, 20)), np.ones((4, 20))], axis=2)
    errors = plateau_error(metrics.get("log_loss"), sums)
    assert errors.argmin() == sums[..., 0].mean(axis=1).argmin()
    assert (errors > 0).sum() == 3


places = st.lists(
    st.sampled_from([-0.5, 0.0, 0.125, 0.25, 0.5, 0.75, 0.875, 1.0, 1.5]), min_size=1, unique=True
).map(sorted)


def middle(left: float, right: float) -> float:
    centre = float(np.float32((left + right) / 2))
    return centre if centre > left else right


def middle_of_odds(values: list[float], left: float, right: float) -> float:
    """Halfway by log odds; 0 and 1 have none, and stand halfway to the outermost value instead."""
    if not values or min(values) < 0 or max(values) > 1 or right > 1.0001:
        return middle(left, right)
    if right >= 1:
        right = (1 + max((one for one in values if one < 1), default=0.0)) / 2
    if left <= 0:
        left = min(min((one for one in values if one > 0), default=1.0) / 2, right)
    found = float(np.float32(expit((logit(left) + logit(right)) / 2))) if left < 1 else right
    return found if left < found <= right else middle(left, right)


def drawn_curve(values: list[float], data: st.DataObject, greater: bool) -> tuple[Curve, list]:
    """A curve over distinct values and one above, and the loss of each of its thresholds."""
    above = float(np.nextafter(np.float32(values[-1]), np.float32(np.inf)))
    n = len(values) + 1
    levels = st.sampled_from([0.0, 0.25, 0.5, 1.0, None])
    scores = data.draw(st.lists(levels, min_size=n, max_size=n).filter(any_known))
    known = [one for one in scores if one is not None]
    best = max(known) if greater else min(known)
    losses = [np.inf if one is None else abs(best - one) for one in scores]
    given = np.array([np.nan if one is None else one for one in scores])
    return Curve(np.array([*values, above], np.float32), given, greater), losses


def any_known(scores: list[float | None]) -> bool:
    return any(one is not None for one in scores)


@settings(max_examples=150)
@given(places, st.booleans(), st.sampled_from([0.0, 0.25]), st.data())
def test_the_centre_of_the_widest_run_of_good_thresholds(values, greater, within, data) -> None:
    curve, losses = drawn_curve(values, data, greater)
    edges = curve.thresholds.astype(float).tolist()
    runs: list[tuple[float, float]] = []
    for i, loss in enumerate(losses):
        left = edges[i - 1] if i else min(0.0, edges[0])
        right = max(1.0, edges[i]) if i == len(losses) - 1 else edges[i]
        if loss <= within:
            goes_on = i > 0 and losses[i - 1] <= within
            runs.append((runs.pop()[0] if goes_on else left, right))
    widest = max(right - left for left, right in runs)
    left, right = next(one for one in runs if one[1] - one[0] == widest)
    assert curve.best(within=within) == middle(left, right)


@settings(max_examples=250)
@given(places, st.booleans(), st.booleans(), st.data())
def test_the_centre_from_the_first_to_the_last_that_is_within_its_error(
    values, greater, by_odds, data
) -> None:
    curve, losses = drawn_curve(values, data, greater)
    n = len(losses)
    sizes = st.sampled_from([0.0, 0.125, 0.25, 0.5])
    errors = data.draw(st.lists(sizes, min_size=n, max_size=n))
    edges = curve.thresholds.astype(float).tolist()
    good = [i for i in range(n) if losses[i] <= errors[i]]
    left = edges[good[0] - 1] if good[0] else min(0.0, edges[0])
    right = max(1.0, edges[-1]) if good[-1] == n - 1 else edges[good[-1]]
    centre = middle_of_odds(values, left, right) if by_odds else middle(left, right)
    at = next((i for i, edge in enumerate(edges) if edge >= centre), n - 1)
    expected = curve.best() if losses[at] > 2 * errors[at] else centre
    found = curve.robust(np.array(errors), by_odds=by_odds)
    assert found == pytest.approx(expected, rel=1e-6)
    again = Curve(curve.thresholds, curve.scores, greater, np.array(errors))
    assert again.robust(by_odds=by_odds) == found
    assert curve.robust(by_odds=by_odds) == curve.best()


def test_centres_are_plain_where_a_value_is_no_probability_and_above_one_where_only_that_is() -> (
    None
):
    beyond = Curve(np.array([0.25, 0.5, 1.5, 1.6], np.float32), np.array([0.0, 1.0, 0.0, 0.0]))
    assert beyond.robust(np.zeros(4)) == 0.375
    never = Curve(np.array([0.5, 1.0, 1.0000001], np.float32), np.array([0.0, 0.0, 1.0]))
    assert never.robust(np.zeros(3)) == never.best() > 1


def made(scores: list[float], *, greater: bool = True, **given) -> ParameterCurve | None:
    given = {"drawn": None, "chosen": 2.0, "plain": None, **given}
    values = np.arange(len(scores), dtype=np.float64)
    return ParameterCurve.of(
        "threshold", "", values, np.array(scores), greater_is_better=greater, **given
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_the_best_point_is_the_middle_one_of_those_with_the_best_score(sign: int) -> None:
    scores = [sign * one for one in (0.1, 0.9, 0.9, np.nan, 0.9, 0.9, 0.9, 0.2)]
    rng = np.random.default_rng(0)
    drawn = rng.random((30, 8))
    curve = made(scores, greater=sign > 0, drawn=drawn, plain=7.0)
    assert curve is not None
    assert curve.best == 4.0
    np.testing.assert_allclose(
        np.array(curve.standard_errors), (drawn[:, 4:5] - drawn).std(axis=0, ddof=1)
    )
    assert curve.scores == (*scores[:3], None, *scores[4:])
    assert curve.losses == pytest.approx((0.8, 0, 0, None, 0, 0, 0, 0.7))
    assert curve.gain == pytest.approx(0.7)
    assert (curve.chosen, curve.plain) == (2.0, 7.0)
    assert curve.plateau[0] <= 1.0 <= 6.0 <= curve.plateau[1]
    bare = made(scores, greater=sign > 0, best=0.3)
    assert bare is not None
    assert (bare.best, bare.plain, bare.gain, bare.plateau) == (0.3, None, 0.0, (1.0, 6.0))
    assert bare.standard_errors == (None,) * 8
    assert made([np.nan, np.nan]) is None


def test_a_plateau_ends_where_a_loss_exceeds_its_own_error() -> None:
    errors = (0.3, 0.5, 0.0, 0.2, None, 0.1)
    curve = ParameterCurve(
        "threshold",
        "",
        tuple(np.arange(6.0)),
        (0.5, 0.5, 1.0, 0.8, None, 0.7),
        errors,
        2.0,
        None,
        2.0,
    )
    assert curve.plateau == (1.0, 3.0)
    assert curve.score_at(2.6) == 0.8


def test_a_file_of_curves_is_read_as_it_was_written_or_not_at_all(tmp_path: Path) -> None:
    assert read_curves(tmp_path) is None
    curve = made([0.5, np.nan, 0.75], plain=0.0)
    assert curve is not None
    write_curves(tmp_path, [curve, curve], metric="f1", n_scored=9)
    assert read_curves(tmp_path) == (curve, curve)
    stored = json.loads((tmp_path / CURVES_FILE).read_text())
    assert (stored["metric"], stored["n_scored"]) == ("f1", 9)
    assert stored["curves"][0]["plateau"] == [2.0, 2.0]
    other = tmp_path / "other"
    other.mkdir()
    for wrong in (
        {**stored, "format": 2},
        {**stored, "curves": [{**stored["curves"][0], "scores": [0.5, 0.75]}]},
        {**stored, "curves": [{**stored["curves"][0], "standard_errors": [None]}]},
        {**stored, "curves": [{**stored["curves"][0], "scores": [None] * 3}]},
    ):
        (other / CURVES_FILE).write_text(json.dumps(wrong))
        assert read_curves(other) is None
    (other / CURVES_FILE).write_text(json.dumps(stored))
    assert read_curves(other) == (curve, curve)


def test_the_most_influential_curves_stand_in_their_own_order() -> None:
    several = [made([0.5, 0.5, 0.5 + gain], plain=0.0) for gain in (0.1, 0.0, -0.4, 0.2, 0.2)]
    found = most_influential([one for one in several if one is not None], 3)
    assert found == (several[2], several[3], several[4])
    assert most_influential([one for one in several if one is not None], 2) == tuple(several[2:4])


@pytest.mark.parametrize(("n_values", "n", "required"), [(50, 20, [0.3, 0.7]), (50, 4, []),
                         (20, 20, []), (19, 20, [0.3]), (20, 20, [0.3])])  # fmt: skip
def test_half_of_thinned_values_are_even_by_rank_and_half_by_range(n_values, n, required) -> None:
    values = (np.random.default_rng(0).random(n_values) ** 3).astype(np.float32)
    values.sort()
    found = thinned(values, required, n)
    half = max(2, (n - len(required)) // 2)
    expected = set(values.tolist())
    if n_values > n - len(required):
        ranks = [round(i * (n_values - 1) / (half - 1)) for i in range(half)]
        levels = np.linspace(float(values[0]), float(values[-1]), half)
        expected = {values[i] for i in ranks} | {values[values >= one][0] for one in levels}
    assert found.tolist() == sorted({*map(float, expected), *map(float, np.float32(required))})


def rows_of(n: int, *, groups: np.ndarray | None = None) -> CurveRows:
    return CurveRows.of(metrics.get("accuracy"), {}, n, groups=groups, seed=1)


@pytest.mark.parametrize("cells", [1, 7, 1 << 20])
def test_rows_that_change_at_a_place_are_scored_as_if_each_point_were_summed(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves, "_CELLS_AT_ONCE", cells)
    rng = np.random.default_rng(0)
    n, n_points = 30, 6
    before, after = rng.integers(0, 2, (2, n, 2))
    before[:, 1] = after[:, 1] = 1  # of these columns the second does not change
    rows = rows_of(n, groups=np.arange(n) // 2)
    for place in (rng.integers(0, n_points + 1, n), np.zeros(n, np.int64), np.full(n, n_points)):
        each = [np.where((place <= g)[:, None], after, before) for g in range(n_points)]
        totals = rows.totals(before, after, place, n_points)
        np.testing.assert_array_equal(totals, [one.sum(axis=0) for one in each])
        drawn = rows.drawn_along(before, after, place, n_points)
        weighted = [rows.weights.astype(float) @ one for one in each]
        np.testing.assert_allclose(drawn, np.stack([w[:, 0] / w[:, 1] for w in weighted], axis=1))
        scores, again = rows.by_point(each)
        np.testing.assert_allclose(scores, [one[:, 0].mean() for one in each])
        np.testing.assert_allclose(again, drawn)


def test_rows_are_drawn_by_groups_and_the_more_there_are_the_fewer_draws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = rows_of(40, groups=np.arange(40) // 4)
    assert rows.weights.shape == (curves.DRAWS, 40)
    assert (rows.weights[:, ::4] == rows.weights[:, 3::4]).all()
    assert (rows.weights.sum(axis=1) == 40).all()
    for cells, n_draws in ((40 * 30, 30), (40, curves.LEAST_DRAWS)):
        monkeypatch.setattr(curves, "_CELLS_DRAWN", cells)
        assert len(rows_of(40).weights) == n_draws


@pytest.mark.parametrize("most", [29, 30])
def test_a_metric_without_sums_is_drawn_up_to_so_many_rows(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves, "MOST_ROWS_DRAWN", most)
    rng = np.random.default_rng(0)
    truth, decided = rng.integers(0, 2, 30), rng.integers(0, 2, (4, 30))

    def share(truth, predicted, **_):
        if not predicted.any():
            raise DataError("nothing is predicted")
        return float((truth == predicted).mean())

    own = Metric("mine:share", "decisions", True, frozenset({"binary"}), share)
    decided[3] = 0
    rows = CurveRows.of(own, {}, 30, truth=truth)
    scores, drawn = rows.by_prediction(decided)
    np.testing.assert_allclose(scores[:3], (decided == truth).mean(axis=1)[:3])
    assert np.isnan(scores[3])
    assert (drawn is None) == (most < 30)
    if drawn is not None:
        assert drawn.shape == (curves.DRAWS, 4)
        np.testing.assert_allclose(drawn[:, :3].mean(axis=0), scores[:3], atol=0.06)
    summed = CurveRows.of(metrics.get("accuracy"), {}, 30, truth=truth)
    np.testing.assert_allclose(summed.by_prediction(decided)[0][:3], scores[:3])
