"""Sets of images that choices between decisions of objects are made on, against plain counting."""

from __future__ import annotations

import numpy as np

from podium.competition import metrics
from podium.tuning.masks.objects import choose_candidate, draws_of, sets_of_fits

UNITS = np.array([0, 0, 1, 2, 3, 1])


def test_a_draw_has_as_many_units_as_are_inside_each_with_its_images_inside() -> None:
    inside = np.array([1, 1, 1, 0, 1, 0])  # of unit 1 one image of two, of unit 2 none
    found = draws_of(UNITS, inside, n=400, seed=0)
    assert found.shape == (400, 6)
    assert not found[:, inside == 0].any()
    assert (found[:, 0] == found[:, 1]).all()
    times = found[:, [0, 2, 4]]  # an image of each unit that is inside
    assert (times.sum(axis=1) == 3).all()
    # Of three draws with replacement each unit has one on average, with a variance of 2/3.
    assert np.abs(times.mean(axis=0) - 1).max() < 4 * np.sqrt(2 / 3 / 400)
    assert (found == draws_of(UNITS, inside, n=400, seed=0)).all()
    assert (found != draws_of(UNITS, inside, n=400, seed=1)).any()


def test_the_sets_of_a_fit_are_its_images_then_draws_of_them_and_what_these_lack() -> None:
    fits = [np.array([0, 1, 2]), np.array([3, 4])]
    found = sets_of_fits(fits, UNITS, n=5, seed=2)
    assert found.shape == (2 * 11, 6)
    for k, images in enumerate(fits):
        whole = np.isin(np.arange(6), images).astype(int)
        own, drawn, lacking = np.split(found[11 * k : 11 * k + 11], [1, 6])
        np.testing.assert_array_equal(own, whole[None])
        np.testing.assert_array_equal(drawn, draws_of(UNITS, whole, n=5, seed=2))
        assert not found[11 * k : 11 * k + 11, whole == 0].any()
        # What a draw lacks is scored by what was chosen on it.
        np.testing.assert_array_equal((drawn > 0) + lacking, np.broadcast_to(whole, (5, 6)))
    assert sets_of_fits(fits, UNITS, n=0, seed=2).shape == (2, 6)


def test_the_best_candidate_is_taken_where_its_gain_is_more_than_its_error() -> None:
    metric = metrics.get("mask_map")
    whole, inside = [[0.5], [0.6]], np.array([[0.4, 0.5, 0.6], [0.5, 0.6, 0.8]])  # error 0.058

    def chosen(gain: float, **options: bool) -> int:
        outside = np.array([[0.5, 0.5, 0.5], [0.5 + gain] * 3])
        return choose_candidate(np.hstack([whole, inside, outside]), metric, **options)

    assert chosen(0.06) == 1
    assert chosen(0.05) == 0
    assert chosen(0.05, raw=True) == 1
    for values in ([[np.nan], [0.6]], [[np.nan], [np.nan]]):  # the plain score is undefined
        outside = np.array([[0.5, 0.5, 0.5], [0.9, 0.9, 0.9]])
        undefined = np.hstack([values, inside, outside])
        assert choose_candidate(undefined, metric) == 0
        assert choose_candidate(undefined, metric, raw=True) == 0
    of_a_draw = np.array([[0.5, 0.4, 0.5], [0.6, 0.5, 0.9]])
    assert choose_candidate(of_a_draw, metric) == 0  # one draw has no error
    unknown = np.array([[0.5, 0.4, np.nan, 0.5, 0.5], [0.6, 0.5, 0.6, 0.9, 0.9]])
    assert choose_candidate(unknown, metric) == 0
