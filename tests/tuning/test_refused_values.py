"""What the functions of the room refuse, each beside the nearest value that they take."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from podium.errors import PodiumError, UsageError
from podium.predictions.decisions.masks import pixel_kind
from podium.tuning.batch_size import BatchTrial, search_batches
from podium.tuning.cross_fit import cross_fit, honest_choice
from podium.tuning.curves import ParameterCurve
from podium.tuning.labels.cuts import fit_cuts
from podium.tuning.labels.thresholds import threshold_curve
from podium.tuning.learning_rate import rising_rates
from podium.tuning.masks.curve import Bins
from podium.tuning.masks.sums import SumTable
from podium.tuning.space import CategoricalValues, NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies.samplers import pruner, sampler


def test_a_range_goes_up_between_finite_ends() -> None:
    assert NumberRange(0, 1).holds(1)
    for low, high in ((1, 1), (2, 1), (-math.inf, 1), (0, math.inf), (math.nan, 1)):
        with pytest.raises(UsageError, match="is no range"):
            NumberRange(low, high)


def test_a_logarithmic_range_begins_above_zero_and_has_no_step() -> None:
    assert NumberRange(0.5, 2, log=True).holds(1)
    assert NumberRange(1e-9, 1, log=True).low == 1e-9
    for low in (0, -1):
        with pytest.raises(UsageError, match=f"a logarithmic range cannot begin at {low}"):
            NumberRange(low, 2, log=True)
    with pytest.raises(UsageError, match="a logarithmic range has no step"):
        NumberRange(1, 3, log=True, step=1)


def test_steps_lead_from_one_end_to_the_other() -> None:
    assert NumberRange(0.1, 0.7, step=0.2).step == 0.2  # though 0.6 / 0.2 is not 3 in floats
    assert NumberRange(1, 7, step=2).step == 2
    for step in (0, -1, math.inf, 1.5):
        with pytest.raises(UsageError, match="leads nowhere"):
            NumberRange(1, 7, step=step)
    with pytest.raises(UsageError, match=r"steps of 4 from 1 do not end at 7") as refused:
        NumberRange(1, 7, step=4)
    assert refused.value.fix == "write high: 5"


def test_whole_numbers_are_held_by_whole_ranges_and_truth_is_no_number() -> None:
    whole, real = NumberRange(1, 3), NumberRange(1.0, 3)
    assert [whole.holds(one) for one in (1, 3, 2.0, 2.5, 0, 4)] == [True] * 3 + [False] * 3
    assert real.holds(2.5)
    assert not any(one.holds(True) or one.holds("2") for one in (whole, real))


def test_a_choice_has_values_that_differ() -> None:
    with pytest.raises(UsageError, match="a choice needs a value"):
        CategoricalValues(())
    with pytest.raises(UsageError, match=r"1\.0 is there twice"):
        CategoricalValues((1, 1.0))
    assert CategoricalValues((1, 2)).holds(1)
    assert not CategoricalValues((1, 2)).holds(True)


def test_a_space_has_each_name_once_and_takes_its_own_values_alone() -> None:
    x = SearchParameter("x", NumberRange(0, 1))
    with pytest.raises(UsageError, match="'x' is there twice"):
        SearchSpace((x, x))
    space = SearchSpace((x, SearchParameter("y", CategoricalValues(([1], [2])))))
    assert space.as_params({"x": 1, "y": [2]}) == {"x": 1, "y": "[2]"}
    with pytest.raises(UsageError, match="'z' is no parameter of this space"):
        space.as_params({"z": 1})
    with pytest.raises(UsageError, match="x cannot be 2 in this space"):
        space.as_params({"x": 2})


def test_batches_begin_at_one() -> None:
    def attempt(size: int) -> BatchTrial:
        return BatchTrial(size, 1.0)

    assert [one.size for one in search_batches(attempt, start=1, most=1)] == [1]
    for start, most in ((0, 4), (4, 0), (-1, 4)):
        with pytest.raises(ValueError, match="expected sizes of 1 or more"):
            search_batches(attempt, start=start, most=most)


def test_where_no_batch_fits_each_half_was_tried_down_to_one() -> None:
    found = search_batches(lambda size: BatchTrial(size, None), start=9, most=64)
    assert [one.size for one in found] == [1, 2, 4, 9]


def test_rates_rise_from_above_zero_in_two_steps_at_least() -> None:
    np.testing.assert_allclose(rising_rates(3, 0.01, 1.0), [0.01, 0.1, 1.0])
    assert len(rising_rates(2, 0.5, 1.0)) == 2
    for n, low, high in ((1, 0.1, 1.0), (3, 0.0, 1.0), (3, 1.0, 1.0), (3, 1.0, 0.5)):
        with pytest.raises(ValueError, match="expected two steps or more"):
            rising_rates(n, low, high)


def test_cross_fitting_needs_whole_numbers_of_two_folds_and_an_answer_a_row() -> None:
    def run(folds: object, apply: object = lambda _, rows: np.zeros(len(rows))) -> object:
        return cross_fit(lambda rows: None, apply, folds=folds)  # type: ignore[arg-type]

    assert run(np.array([0, 1])).prediction.tolist() == [0.0, 0.0]  # type: ignore[attr-defined]
    for folds in (np.array([0.0, 1.0]), np.array([[0, 1]]), np.array([True, False])):
        with pytest.raises(UsageError, match=r"folds must be integers \(N,\)"):
            run(folds)
    with pytest.raises(UsageError, match="1 row is in no fold"):
        run(np.array([-1, 0, 1]))
    with pytest.raises(UsageError, match="two folds"):
        run(np.array([0, 0]))
    for answer in (np.float64(1), np.zeros(3)):
        with pytest.raises(UsageError, match="one prediction a row"):
            run(np.array([0, 1]), lambda _, rows, answer=answer: answer)


def test_an_honest_choice_needs_two_folds_and_a_trial_of_all() -> None:
    assert honest_choice([[1.0, 3.0]])[0] == 2.0
    for scores in ([1.0, 2.0], [[1.0], [2.0]]):
        with pytest.raises(UsageError, match="two folds at least"):
            honest_choice(scores)
    with pytest.raises(UsageError, match="no trial was scored on all folds"):
        honest_choice([[math.nan, 1.0], [1.0, math.nan]])


def test_a_curve_that_was_read_has_a_score_and_an_error_a_value() -> None:
    values = np.array([0.1, 0.6, 0.7, 0.8])
    made = threshold_curve(values, np.array([0, 0, 1, 1]), "accuracy")
    assert made.best() == pytest.approx(0.65)
    fields = {one.name for one in dataclasses.fields(ParameterCurve)}
    given = dict.fromkeys(fields, None) | {
        "values": [0.1, 0.2],
        "scores": [None, 0.5],
        "standard_errors": [None, None],
    }
    kept = ParameterCurve.from_json(given)
    assert (kept.values, kept.scores) == ((0.1, 0.2), (None, 0.5))
    for change in ({"scores": [None, None]}, {"scores": [0.5]}, {"standard_errors": [0.1]}):
        with pytest.raises(ValueError, match="a curve needs as many"):
            ParameterCurve.from_json(given | change)


def test_a_threshold_curve_is_of_one_column() -> None:
    two = np.array([[0.1, 0.2], [0.6, 0.7]])
    with pytest.raises(PodiumError):
        threshold_curve(two, np.array([0, 1]), "accuracy")


def test_cut_points_need_a_metric_of_decisions_and_finite_ratings() -> None:
    ratings, truth = np.array([0.1, 0.6, 1.2, 1.3]), np.array([0, 0, 1, 1])
    (cut,) = fit_cuts(ratings, truth, "accuracy", n_classes=2, raw=True)
    assert 0.6 < cut < 1.2
    with pytest.raises(UsageError, match="there is no cut point to tune"):
        fit_cuts(ratings, truth, "rmse", n_classes=2)
    ratings[2] = math.inf
    with pytest.raises(UsageError, match="row 2 is not a finite number"):
        fit_cuts(ratings, truth, "accuracy", n_classes=2)


def test_thresholds_of_masks_are_finite_and_from_zero_on() -> None:
    assert Bins.of([0.5, 0.0, 0.5]).thresholds.tolist() == [0.0, 0.5]
    assert not np.signbit(Bins.of([-0.0]).thresholds[0])
    for thresholds in ([-0.1], [0.5, math.inf], [math.nan]):
        with pytest.raises(UsageError, match="no finite number from 0 on"):
            Bins.of(thresholds)
    with pytest.raises(UsageError, match="there are 0 thresholds"):
        Bins.of([])


def test_a_gate_of_objects_is_one_an_image() -> None:
    table = SumTable(pixel_kind("instance"), (), np.zeros((1, 3, 2)), np.ones((3, 2)))
    assert table.where().tolist() == [0, 1, 2]
    assert table.where(np.array([[True], [False], [True]])).tolist() == [0, -1, 2]
    for keep in (np.ones((3, 2), bool), np.ones((2, 1), bool), np.ones(3, bool)):
        with pytest.raises(UsageError, match="a gate for an image"):
            table.where(keep)


def test_mask_emptied_by_a_gate_is_looked_up_as_empty() -> None:
    sums = np.arange(12.0).reshape(2, 3, 2)
    table = SumTable(pixel_kind("instance"), (), sums, -np.arange(6.0).reshape(3, 2))
    where = table.where(np.array([[True], [False], [True]]))
    found = table.look_up(1, where, np.array([2, 1, 2]))
    assert found.tolist() == [[10.0, 11.0], [-2.0, -3.0], [10.0, 11.0]]


def test_samplers_and_pruners_name_what_they_cannot_begin_with() -> None:
    assert sampler("random", seed=0) is not None
    with pytest.raises(UsageError, match="the seed must be 0 or greater, got -1"):
        sampler("random", seed=-1)
    assert pruner("median", n_steps=1) is not None
    with pytest.raises(UsageError, match="a trial has at least 1 step, got 0"):
        pruner("median", n_steps=0)
