"""What the functions of the room refuse, each beside the nearest thing that they take."""

import dataclasses
import math

import numpy as np
import pytest

from podium.competition import metrics
from podium.competition.truths.instances import Instances
from podium.ensembling.combined import _row_sums
from podium.ensembling.hill_climbing import check_members, mean_weights
from podium.ensembling.honest import OofUnits, aligned, units_from
from podium.ensembling.masks.combining import _flat_truth, refuse_preparation
from podium.ensembling.method import Fitted, _check_combined, _check_fitted, load_method
from podium.ensembling.method_choice import mixed_units
from podium.ensembling.rows import check_lengths, names_of_members
from podium.ensembling.simplex import simplex_weights
from podium.errors import DataError, RunError, UsageError

ACCURACY = metrics.get("accuracy")
TRUTH, SAID = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0])
IDS = ["a", "b", "c", "d"]


def test_equal_weights_are_of_one_member_at_least():
    assert mean_weights(1).tolist() == [1.0]
    assert Fitted.equal(2).weights == (0.5, 0.5)
    for make in (mean_weights, Fitted.equal):
        with pytest.raises(UsageError, match="there is no member to blend"):
            make(0)


def test_members_have_rows_and_columns_and_finite_values():
    assert check_members(np.ones((1, 2))).shape == (1, 2, 1)
    for shape in ((0, 2, 1), (1, 0, 1), (1, 2, 0), (2,), (1, 1, 1, 1)):
        with pytest.raises(DataError, match=r"members must have shape \(M, N, C\)"):
            check_members(np.ones(shape))
    bad = np.ones((2, 3, 1))
    bad[1, 2] = np.inf
    with pytest.raises(DataError, match=r"b .*(row|rows).*2|b has values"):
        check_members(bad, names=("a", "b"))


def test_names_and_arrays_are_as_many_as_members_and_rows():
    assert names_of_members(None, ["x"]) == ("x",)
    with pytest.raises(UsageError, match="1 name for 2 members"):
        names_of_members(["x"], ["x", "y"])
    check_lengths(2, folds=[0, 1], groups=None)
    with pytest.raises(DataError, match="3 folds for 2 rows"):
        check_lengths(2, folds=[0, 1, 2])


def test_weights_of_least_loss_need_a_truth_a_row():
    members = np.array([[0.1, 0.9], [0.2, 0.8]])
    assert sum(simplex_weights(members, [0, 1], "log_loss").weights) == pytest.approx(1)
    with pytest.raises(DataError, match="members have 2 rows, the truth has 3"):
        simplex_weights(members, [0, 1, 1], "log_loss")


@pytest.mark.parametrize(
    "weights", [(0.5,), (0.5, 0.25, 0.25), (1.5, -0.5), (0.5, 0.4), (math.nan, 1.0)]
)
def test_weights_of_a_method_of_ones_own_are_shares_of_its_members(weights):
    _check_fitted(Fitted((1.0, 0.0)), 2)
    with pytest.raises(ValueError, match=r"2 are needed, >= 0 with sum 1"):
        _check_fitted(Fitted(weights), 2)


def test_a_method_of_ones_own_returns_what_a_blend_can_keep():
    with pytest.raises(TypeError, match="fit returns a list, not a Fitted"):
        _check_fitted([0.5, 0.5], 2)
    with pytest.raises(TypeError, match="params that JSON cannot keep"):
        _check_fitted(Fitted((1.0,), {"a": np.ones(2)}), 1)
    _check_combined(np.ones((2, 3)), (2, 3))
    with pytest.raises(ValueError, match=r"the shape \(3, 2\), and members have \(2, 3\)"):
        _check_combined(np.ones((3, 2)), (2, 3))
    with pytest.raises(ValueError, match="not finite"):
        _check_combined(np.array([[1.0, math.nan]]), (1, 2))
    fitted = Fitted((0.5, 0.5), {"a": 1})
    mine = {"name": "mine", "combine": lambda members, fitted: np.ones((1, 2))}
    mine = dataclasses.replace(load_method("power"), source="00000000", **mine)
    assert mine.combined(np.ones((2, 1, 2)), fitted).tolist() == [[1, 1]]
    with pytest.raises(RunError, match=r"the blending method mine fails: .*\(1, 2\), and members"):
        mine.combined(np.ones((2, 4, 2)), fitted)


def test_a_method_that_needs_whole_members_takes_a_lone_mask_and_no_two():
    rank, mean = load_method("rank"), load_method("mean")
    refuse_preparation("rank", rank, 1)
    refuse_preparation("mean", mean, 2)
    with pytest.raises(UsageError, match="members cannot be blended by rank"):
        refuse_preparation("rank", rank, 2)


def test_a_mask_of_another_size_than_its_prediction_is_refused():
    mask = np.arange(6).reshape(2, 3)
    assert _flat_truth(mask, (2, 3), 0).tolist() == [0, 1, 2, 3, 4, 5]
    assert _flat_truth(np.ones((2, 3, 4)), (2, 3), 0).shape == (6, 4)
    for size in ((3, 2), (2, 2), (3, 3)):
        with pytest.raises(DataError, match="its mask is 2 × 3, its prediction"):
            _flat_truth(mask, size, 0)


def test_the_pixels_of_objects_are_those_of_any_or_of_each_class():
    planes = [np.array([[1, 1, 0], [0, 0, 0]], bool), np.array([[0, 0, 0], [0, 1, 0]], bool)]
    objects = Instances.from_planes((2, 3), planes, [1, 0], [1.0, 1.0])
    assert _flat_truth(objects, (2, 3), 0).tolist() == [True, True, False, False, True, False]
    by_class = _flat_truth(objects, (2, 3), 2)
    np.testing.assert_array_equal(by_class[:, 1], planes[0].reshape(-1))
    np.testing.assert_array_equal(by_class[:, 0], planes[1].reshape(-1))


def units(ids=IDS, truth=TRUTH, said=SAID, **given):
    return OofUnits(np.array(ids), None, ACCURACY, truth=truth, prediction=said, **given)


def test_units_have_sums_or_rows_and_one_of_each():
    assert units().score() == 0.75
    sums = np.ones((4, 2))
    with pytest.raises(DataError, match="either sums, or a truth and a prediction"):
        units(sums=sums)
    with pytest.raises(DataError, match="either sums, or a truth and a prediction"):
        OofUnits(np.array(IDS), None, ACCURACY)
    for given in ({"truth": TRUTH[:3]}, {"said": SAID[:3]}, {"ids": IDS[:3]}):
        with pytest.raises(DataError, match=r"\d rows for \d units"):
            units(**given)
    with pytest.raises(DataError, match="auc is no function of sums"):
        OofUnits(np.array(IDS), None, metrics.get("auc"), sums=sums)
    with pytest.raises(DataError, match="3 rows for 4 units"):
        dataclasses.replace(units(), groups=np.zeros(3, np.int64))


def test_rows_of_a_metric_without_sums_have_no_scores_of_their_own():
    assert _row_sums(units()).alone().tolist() == [1, 1, 0, 1]
    area = OofUnits(np.array(IDS), None, metrics.get("auc"), truth=TRUTH, prediction=SAID * 0.5)
    with pytest.raises(DataError, match="auc is no function of sums of single rows"):
        _row_sums(area)


def test_units_without_ids_are_not_kept():
    assert units_from(None, None, ACCURACY, {}, truth=TRUTH, prediction=SAID) is None
    kept = units_from(IDS, None, ACCURACY, {}, truth=TRUTH, prediction=SAID)
    assert kept.score() == 0.75
    assert kept.score(np.array([2, 2, 0])) == pytest.approx(1 / 3)


def test_draws_are_of_one_unit_at_least():
    assert units().draws(2, [1]).shape == (2, 1)
    for n, sizes in ((0, [1]), (1, []), (1, [0]), (1, [3, 0])):
        with pytest.raises(DataError, match="draws need n and sizes of at least 1"):
            units().draws(n, sizes)


def test_units_of_several_blends_are_those_that_all_have():
    other = units(["d", "x", "b", "a"], np.array([0, 1, 1, 0]), np.array([1, 1, 1, 0]))
    first, second = aligned([units(), other])
    assert first.ids.tolist() == second.ids.tolist() == ["a", "b", "d"]
    assert (first.score(), second.score()) == (1.0, pytest.approx(2 / 3))
    grouped = dataclasses.replace(units(), groups=np.array([0, 0, 1, 1]))
    assert [one.groups.tolist() for one in aligned([grouped, other])] == [[0, 0, 1]] * 2
    assert aligned([]) == []
    with pytest.raises(DataError, match="no unit was predicted out of fold by all"):
        aligned([units(), units(["w", "x", "y", "z"])])


def test_units_of_the_chosen_blends_are_put_together_row_by_row():
    taken = np.array([0, 1, 1, 0])
    wrong = units(said=1 - SAID)
    assert mixed_units([units(), wrong], taken).prediction.tolist() == [0, 0, 1, 0]
    sums = [OofUnits(np.array(IDS), None, ACCURACY, sums=np.full((4, 2), k)) for k in (1, 2)]
    assert mixed_units(sums, taken).sums[:, 0].tolist() == [1, 2, 2, 1]
    with pytest.raises(DataError, match="some of these blends have sums, and some have not"):
        mixed_units([sums[0], units()], taken)
