"""The compiled loops of hill climbing, each against plain numpy, in small cases; and in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from compiled_loops import WAYS, run_as

from podium.ensembling.climbing import _kernels

CELLS = _kernels.CELLS


@pytest.fixture(params=WAYS)
def loop(request: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Return a function from a loop's name to the loop."""
    run_as(request.param, _kernels, monkeypatch)
    return lambda name: getattr(_kernels, name)


@pytest.mark.parametrize("seed", range(4))
def test_ratings_are_counted_as_they_are_rounded(loop: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_members, n_rows, n_classes, n = 3, 60, 4, 3
    picks = rng.integers(0, 13, (n - 1, n_rows)) / 4
    # Every half of a mean is there; some rows are such that all members agree.
    values = rng.integers(0, 13, (n_rows, n_members)) / 4
    values[::3] = values[::3, :1]
    total, truth = picks.sum(axis=0), rng.integers(0, n_classes, n_rows)
    found = np.zeros((n_members, n_classes**2), np.int64)
    loop("count_ratings")(
        values, values.min(axis=1), values.max(axis=1), total, float(n), truth, n_classes, found
    )
    for m in range(n_members):
        mean = ((total + values[:, m]) / n).astype(np.float32)
        decided = np.floor(mean.astype(np.float64) + 0.5).astype(int)
        assert_counts(found[m], truth, decided, n_classes)


def test_what_lies_below_zero_is_the_lowest_rating(loop: Any) -> None:
    values, found = np.array([[-2.0, 0.0]]), np.zeros((2, 9), np.int64)
    least, most = values.min(axis=1), values.max(axis=1)
    loop("count_ratings")(values, least, most, np.zeros(1), 1.0, np.array([1]), 3, found)
    assert found.tolist() == [[0, 0, 0, 1, 0, 0, 0, 0, 0]] * 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_halves_are_counted_as_float32_compares_them(loop: Any, n: int, dtype: Any) -> None:
    rng = np.random.default_rng(n)
    n_members, n_rows = 4, 200
    picks = rng.random((n - 1, n_rows))
    total = picks.sum(axis=0)
    values = rng.random((n_rows, n_members))
    values[:40] = rng.uniform(0.4, 0.6, (40, 1))
    # What is needed for a mean of a half, and numbers that float32 tells from it, or does not.
    off = rng.choice([0.0, 1e-9, -1e-9, 3e-8, -3e-8, 1e-7, -1e-7, 3e-6, -3e-6], (80, n_members))
    values[40:120] = 0.5 * n - total[40:120, None] + off * n
    values[120:140], total[120:140] = 1.0, float(n)  # surely above
    values[140:160], total[140:160] = 0.0, 0.0  # and surely not
    values, truth = values.astype(dtype), rng.integers(0, 2, n_rows)
    found = np.full((n_members, 4), 5, np.int64)  # to these is added
    loop("count_halves")(
        values, values.min(axis=1), values.max(axis=1), total, float(n), truth, found
    )
    for m in range(n_members):
        mean = ((total + values[:, m]) / n).astype(np.float32)
        assert_counts(found[m] - 5, truth, mean >= 0.5, 2)


def assert_counts(found: Any, truth: Any, decided: Any, n_classes: int) -> None:
    """Compare counts `(C·C,)` with those of rows that are decided as they are."""
    pairs = truth * n_classes + np.asarray(decided).astype(int)
    assert found.tolist() == np.bincount(pairs, minlength=n_classes**2).tolist()


def test_the_highest_number_of_each_row_is_found(loop: Any) -> None:
    values = np.random.default_rng(0).normal(size=(3, 30, 4))
    found = np.zeros((3, 30))
    loop("highest")(values, found)
    np.testing.assert_array_equal(found, values.max(axis=2))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("steps", [4, 1000])
@pytest.mark.parametrize("n", [1, 2, 6])
def test_classes_are_counted_as_the_first_of_the_largest_means(
    loop: Any, n: int, steps: int, dtype: Any
) -> None:
    """Of quarters many means are equal; of thousandths few are."""
    rng = np.random.default_rng([n, steps])
    n_members, n_rows, n_classes = 5, 80, 4
    values = (rng.integers(0, steps + 1, (n_members, n_rows, n_classes)) / steps).astype(dtype)
    total = values[rng.integers(0, n_members, n - 1)].sum(axis=0, dtype=np.float64)
    if n > 1:
        total[:20, 2] += 3 * n  # no member leads elsewhere here
    truth, allowed = rng.integers(0, n_classes, n_rows), np.array([0, 3, 4])
    top, leader = values.max(axis=2).astype(np.float32), np.full(n_rows, -1)
    gain, most_gain = np.zeros((n_members, n_rows), np.float32), np.zeros(n_rows, np.float32)
    loop("lead")(values, total, top, leader, gain, most_gain)
    np.testing.assert_array_equal(leader, total.argmax(axis=1))
    expected = top - np.take_along_axis(values, leader[None, :, None], axis=2)[..., 0]
    np.testing.assert_allclose(gain, expected, rtol=1e-6)
    np.testing.assert_array_equal(most_gain, gain.max(axis=0))
    found = np.full((3, n_classes**2), 2, np.int64)
    loop("count_classes")(
        values, total, float(n), truth, leader, gain, most_gain, n * 1e-6, allowed, found
    )
    for k, m in enumerate(allowed):
        mean = ((total + values[m]) / n).astype(np.float32)
        assert_counts(found[k] - 2, truth, mean.argmax(axis=1), n_classes)


@pytest.mark.parametrize("n_rows", [3, 6, 5000])
def test_cells_are_as_wide_as_they_have_rows_and_stand_side_by_side(loop: Any, n_rows: int) -> None:
    """The first and the last cell have one bin, another one a bin and its share of the others."""
    rng = np.random.default_rng(n_rows)
    least, top = -1.0, 4.0
    mean = least + 2.0 ** rng.uniform(-20, 1.9, n_rows)
    mean[:3] = least, least + top, least + 20 * top  # in the first cell, and in the last
    bins = np.full((2, CELLS), 77, np.int32)
    loop("divide_cells")(mean, least, top, bins)
    counts = np.bincount(cells_of(mean - least, top)[0], minlength=CELLS)
    assert counts[-1] == 2
    expected = np.minimum(1 + counts * _kernels.FEWEST // n_rows, 4096)
    expected[[0, -1]] = 1
    np.testing.assert_array_equal(bins[1], expected)
    np.testing.assert_array_equal(bins[0], np.cumsum(expected) - expected)


def cells_of(above: np.ndarray, top: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the cell of each number, and how far it is in it, of 4,096.

    A cell is an exponent and 8 bits of the mantissa; the last one is that of `top`.
    """
    mantissa, exponent = np.frexp(np.maximum(above, 1e-300))
    places = exponent * 256 + (2 * mantissa - 1) * 256
    most = np.frexp(top)[1] * 256 + np.floor((2 * np.frexp(top)[0] - 1) * 256)
    cell = np.clip(CELLS - 1 + np.floor(places) - most, 0, CELLS - 1).astype(int)
    return cell, np.floor((places - np.floor(places)) * 4096).astype(int)


@pytest.mark.parametrize("spread", ["octaves", "narrow", "beyond"])
@pytest.mark.parametrize("n_positive", [1, 300, 1500])
def test_pairs_in_bins_of_their_own_are_surely_in_order_or_surely_not(
    loop: Any, n_positive: int, spread: str
) -> None:
    """Blocks are of 1,024 rows: there are positive ones in one, and in several."""
    rng = np.random.default_rng(n_positive)
    n_rows, n = 1800, 2
    if spread == "narrow":  # as many bins in a cell as there can be
        values = 1 + rng.random((3, n_rows)) / 300
        values[:, -1] = 0
    else:
        values = 2 ** rng.uniform(-18, 0, (3, n_rows))
        values[:, ::50] = 0
    values[2] = np.round(values[2] * 64) / 64  # it has ties
    values += 0.125
    total, least = values[1].copy(), float(values.min())
    top = 2 * float(np.ptp(values)) / (8 if spread == "beyond" else 1)
    # The last cells are there, too.
    values[:, 1::9] = n * (least + top * rng.uniform(0.99, 1.01, values[:, 1::9].shape))
    values[:, 1::9] -= total[1::9]
    bins = np.zeros((2, CELLS), np.int32)
    loop("divide_cells")((total + values[0]) / n, least, top, bins)
    allowed, found = np.array([2, 0]), np.full((2, 2), -1, np.int64)
    loop("count_pairs")(values, total, float(n), n_positive, least, top, bins, allowed, found)
    for k, m in enumerate(allowed):
        cell, inside = cells_of((total + values[m]) / n - least, top)
        at = bins[0][cell] + inside * bins[1][cell] // 4096
        positive, negative = at[:n_positive, None], at[None, n_positive:]
        expected = [int((positive > negative).sum()), int((positive >= negative).sum())]
        assert found[k].tolist() == expected


@pytest.mark.parametrize("seed", range(6))
def test_half_pairs_are_those_of_every_pair(loop: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    positive = np.sort(rng.integers(0, 6, rng.integers(1, 12)) / 4)
    negative = np.sort(rng.integers(0, 6, rng.integers(1, 12)) / 4)
    above = (positive[:, None] > negative).sum()
    ties = (positive[:, None] == negative).sum()
    assert loop("half_pairs")(positive, negative) == 2 * above + ties


@pytest.mark.parametrize("is_clipped", [False, True])
@pytest.mark.parametrize("n_rows", [1, 127, 512, 513, 4500])
@pytest.mark.parametrize("n_picks", [1, 40])
def test_logarithms_of_products_are_those_of_each_row(
    loop: Any, n_picks: int, n_rows: int, is_clipped: bool
) -> None:
    rng = np.random.default_rng([n_rows, n_picks])
    least, most = (0.05, 0.9) if is_clipped else (1e-9, 1.0)
    right = rng.random((3, n_rows)) if is_clipped else rng.uniform(0.01, 0.999, (3, n_rows))
    total, n = n_picks * right[0].astype(np.float64), float(n_picks + 1)
    # None is below half the least number: so much is taken for it where none is clipped.
    lowest = least * n if is_clipped else float(total.min()) / 2
    allowed, found = np.array([2, 0]), np.empty(2)
    loop("minus_logs")(right, total, allowed, n, (least, most), lowest, found)
    means = np.clip((total + right[allowed]) / n, least, most)
    np.testing.assert_allclose(found, -np.log(means).mean(axis=1), rtol=1e-12)


@pytest.mark.parametrize("n_classes", [1, 7, 8, 9, 17])
def test_the_true_class_and_the_sums_of_rows_are_those_of_numpy(loop: Any, n_classes: int) -> None:
    rng = np.random.default_rng(n_classes)
    member, truth = rng.random((30, n_classes)), rng.integers(0, n_classes, 30)
    right, apart = np.zeros(30), member.sum(axis=1) - 1
    expected = apart.mean(), np.abs(apart).max(), member.min(), member.max()
    assert loop("of_the_true_class")(member, truth, right) == pytest.approx(expected, rel=1e-12)
    np.testing.assert_array_equal(right, member[np.arange(30), truth])


@pytest.mark.parametrize("n", [1, 5])
def test_what_is_false_is_completed_to_one_for_each_pick(loop: Any, n: int) -> None:
    """What is right of n means is n - Σp where it is false: n - 1 of the picks, 1 of one more."""
    rng = np.random.default_rng(n)
    is_false = rng.random(40) < 0.4
    picks = rng.random((n - 1, 40))
    total = np.where(is_false, -1, 1) * picks.sum(axis=0)
    found, least = np.zeros(40), 0.3 * n
    lowest, highest, inverses = loop("completed")(total, is_false, float(n), least, found)
    left = np.where(is_false, (1 - picks).sum(axis=0), picks.sum(axis=0))
    np.testing.assert_allclose(found, left + is_false, rtol=0, atol=1e-12)
    assert (lowest, highest) == pytest.approx((left.min(), left.max() + 1))
    assert inverses == pytest.approx((is_false / np.maximum(left, least)).mean())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pixels_are_counted_as_the_first_of_the_largest_means(loop: Any, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    n, n_images, n_classes = 3, 4, 3
    total = rng.integers(0, 5, (90, n_classes)) / 2
    member = (rng.integers(0, 3, (90, n_classes)) / 2).astype(dtype)
    truth, image = rng.integers(0, n_classes, 90), rng.integers(0, n_images, 90)
    both, predicted = np.zeros((2, n_images, n_classes), np.int64)
    loop("count_pixel_classes")(total, member, float(n), truth, image, both, predicted)
    winner = ((total + member) / n).astype(np.float32).argmax(axis=1)
    expected = np.zeros((2, n_images, n_classes), np.int64)
    np.add.at(expected[0], (image, winner), winner == truth)
    np.add.at(expected[1], (image, winner), 1)
    assert both.tolist() == expected[0].tolist()
    assert predicted.tolist() == expected[1].tolist()
